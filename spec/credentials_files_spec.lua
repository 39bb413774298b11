-- credentials_files_spec.lua - profiles in files: what is read, what is refused, and that nothing of it is shown
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local providers = require "spec.support.providers"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local SECRETS = { canary.accessKeySecret, canary.securityToken, canary.accessToken }

local function shows_nothing(...)
  for _, value in ipairs { ... } do
    local text = tostring(value)
    for _, secret in ipairs(SECRETS) do
      assert.is_nil(text:find(secret, 1, true))
    end
  end
end

local KEYS = ('"access_key_id":"%s","access_key_secret":"%s"'):format(canary.accessKeyId, canary.accessKeySecret)
local MARK = "\239\187\191"

describe("config.json", function()
  local function profile(fields, current)
    return ('{"current":"%s","profiles":[{"name":"a",%s}]}'):format(current or "a", fields)
  end

  local read = {
    { "an AK", profile('"mode":"AK",' .. KEYS), { mode = "AK" } },
    { "what is empty or null as absent", profile('"mode":"AK","policy":"","region_id":null,' .. KEYS),
      { mode = "AK" } },
    { "a byte order mark and CRLF", MARK .. profile('\r\n"mode":"AK",\r\n' .. KEYS) .. "\r\n", { mode = "AK" } },
    { "numbers and booleans", profile('"mode":"OIDC","expired_seconds":900,"enable_vpc":true'),
      { mode = "OIDC", roleSessionExpiration = 900, enableVpc = true } },
    { "keys that are not ours", profile('"mode":"EcsRamRole","output_format":"json","retry_count":3,"x":{"y":[1]}'),
      { mode = "EcsRamRole" } },
    { "every field", profile('"mode":"X","region_id":"r","ram_role_arn":"b","ram_session_name":"c","sts_region":"d",'
      .. '"policy":"e","external_id":"f","source_profile":"g","ram_role_name":"h","oidc_provider_arn":"i",'
      .. '"oidc_token_file":"j","process_command":"k","credentials_uri":"l","cloud_sso_sign_in_url":"m",'
      .. '"cloud_sso_account_id":"n","cloud_sso_access_config":"o","cloud_sso_access_token_expire":1,'
      .. '"oauth_site_type":"p","oauth_access_token_expire":2'),
      { mode = "X", regionId = "r", roleArn = "b", roleSessionName = "c", stsRegionId = "d", policy = "e",
        externalId = "f", sourceProfile = "g", roleName = "h", oidcProviderArn = "i", oidcTokenFilePath = "j",
        processCommand = "k", credentialsURI = "l", signInUrl = "m", accountId = "n", accessConfig = "o",
        accessTokenExpire = 1, siteType = "p", oauthAccessTokenExpire = 2 } },
  }
  for _, row in ipairs(read) do
    it("is read with " .. row[1], function()
      local said = assert(core.cliprofile(row[2]))
      local held = said.credentials
      said.credentials, said.name = nil, nil
      assert.same(row[3], said)
      if row[2]:find(KEYS, 1, true) then
        assert.equal(canary.accessKeyId, (providers.shown(held)))
      else
        assert.is_nil(held)
      end
    end)
  end

  it("gives a token in the mode that has one, and not what other modes have left", function()
    local token = ('"sts_token":"%s",'):format(canary.securityToken)
    local _, shown = providers.shown(core.cliprofile(profile('"mode":"StsToken",' .. token .. KEYS)).credentials)
    assert.equal(canary.securityToken, shown)
    _, shown = providers.shown(core.cliprofile(profile('"mode":"AK",' .. token .. KEYS)).credentials)
    assert.is_nil(shown)
  end)

  it("gives tokens of logins as secrets", function()
    local said = core.cliprofile(profile(('"mode":"OAuth","access_token":"%s","oauth_access_token":"b"'):format(
      canary.accessToken)))
    assert.equal(("<secret %d bytes>"):format(#canary.accessToken), tostring(said.accessToken))
    assert.equal("<secret 1 bytes>", tostring(said.oauthAccessToken))
    assert.is_nil(said.accessToken.text)
    assert.has_error(function() return said.accessToken .. "" end)
    said.accessToken:close()
    assert.equal("<secret 0 bytes>", tostring(said.accessToken))
  end)

  it("has the profile that is named, else the current one", function()
    local text = '{"current":"b","profiles":[{"name":"a","mode":"AK"},{"name":"b","mode":"OIDC"}]}'
    assert.equal("OIDC", core.cliprofile(text).mode)
    assert.equal("AK", core.cliprofile(text, "a").mode)
    assert.equal("OIDC", core.cliprofile(text, "").mode)
  end)

  it("suggests a profile of a near name, and none that may be a secret", function()
    local function hint(name, wanted)
      local _, err = core.cliprofile(('{"profiles":[{"name":"far"},{"name":"%s"}]}'):format(name), wanted)
      assert.equal("NO_PROFILE", err.code)
      return err.hint
    end
    assert.equal('did you mean "other"?', hint("other", "othr"))
    assert.is_nil(hint("other", "nothing"))
    assert.is_nil(hint(canary.accessKeySecret, canary.accessKeySecret:sub(1, -2)))
  end)

  local refused = {
    { "nothing", "", "line 1" },
    { "broken JSON", '{"current":"a",\n"profiles":[\n{' .. KEYS .. ",}]}", "line 3" },
    { "a cut end", '{"current":"a",\n"profiles":[{' .. KEYS, "line 2" },
    { "a name that is there twice", '{"current":"a",\n"profiles":[{"name":"a",' .. KEYS
      .. ',\n"access_key_secret":"x"}]}', "line 3" },
    { "something behind", profile('"mode":"AK"') .. "\n" .. canary.accessKeySecret, "line 2" },
    { "a text in the place of an object", ('"%s"'):format(canary.accessKeySecret), "no JSON object" },
    { "no profiles", '{"current":"a"}', "no list of profiles" },
    { "a profile that is none", '{"current":"a","profiles":["' .. canary.accessKeySecret .. '"]}', "no object" },
    { "a number for a name", '{"current":"a","profiles":[{"name":5}]}', "name of the profile is no text" },
    { "no current profile", '{"profiles":[{"name":"a"}]}', "no current profile" },
    { "another current profile", profile('"mode":"AK"', "b"), 'no profile "b"', "NO_PROFILE" },
    { "a profile name that may be a secret", profile('"mode":"AK"', canary.accessKeySecret), "no profile",
      "NO_PROFILE" },
    { "the profile twice", '{"current":"a","profiles":[{"name":"a"},{"name":"a"}]}', "twice" },
    { "a key that is a number", profile('"access_key_id":"x","access_key_secret":5'), "access_key_secret" },
    { "half a pair", profile('"access_key_secret":"' .. canary.accessKeySecret .. '"'), "accessKeyId is missing" },
    { "a space in a key", profile('"access_key_id":"x","access_key_secret":" ' .. canary.accessKeySecret .. '"'),
      "holds a space" },
    { "a duration that is none", profile('"expired_seconds":1.5'), "expired_seconds" },
    { "a duration as a text", profile('"expired_seconds":"900"'), "expired_seconds" },
    { "a switch that is none", profile('"enable_vpc":"yes"'), "enable_vpc" },
    { "bytes that are no UTF-8", profile('"policy":"\255"'), "line 1" },
    { "U+0000", profile('"policy":"a\\u0000b"'), "line 1" },
    { "a depth of 40", ("["):rep(40), "line 1" },
  }
  for _, row in ipairs(refused) do
    it("is refused with " .. row[1], function()
      local said, err = core.cliprofile(row[2])
      assert.is_nil(said)
      assert.equal("credentials", err.kind)
      assert.equal(row[4] or "BAD_FILE", err.code)
      assert.is_truthy(tostring(err):find(row[3], 1, true), tostring(err))
      shows_nothing(err)
    end)
  end

  it("is a string or a secret, and nothing else", function()
    for _, wrong in ipairs { 5, true, {}, io.stdout, core.credentials { accessKeyId = "a", accessKeySecret = "b" } } do
      assert.has_error(function() core.cliprofile(wrong) end)
      assert.has_error(function() core.iniprofile(wrong, "a") end)
      assert.has_error(function() core.issued(wrong, "sts") end)
      assert.has_error(function() core.bearer(wrong) end)
    end
    assert.has_error(function() core.cliprofile("{}", 5) end)
  end)
end)

describe("an ini file", function()
  local PAIR = ("access_key_id = %s\naccess_key_secret = %s\n"):format(canary.accessKeyId, canary.accessKeySecret)

  local read = {
    { "a plain section", "[default]\ntype = access_key\n" .. PAIR, { type = "access_key" } },
    { "CRLF and a byte order mark", MARK .. ("[default]\ntype = access_key\n" .. PAIR):gsub("\n", "\r\n"),
      { type = "access_key" } },
    { "no newline at the end", "[default]\n" .. PAIR .. "type = access_key", { type = "access_key" } },
    { "colons, spaces and tabs", "  [ default ]  \n\ttype:access_key\n" .. PAIR, { type = "access_key" } },
    { "comments", "# a\n; b\n[default] # c\ntype = access_key # d\n" .. PAIR, { type = "access_key" } },
    { "# and ; inside a value", "[default]\nrole_name = a#b;c\n" .. PAIR, { roleName = "a#b;c" } },
    { "quotes around a value", "[default]\nrole_name = \"a b # c\"\nrole_arn = 'd'\n" .. PAIR,
      { roleName = "a b # c", roleArn = "d" } },
    { "a value with = in it", "[default]\npolicy = a=b:c\n" .. PAIR, { policy = "a=b:c" } },
    { "an empty value", "[default]\npolicy =\nrole_name = # none\n" .. PAIR, { policy = "", roleName = "" } },
    { "other sections, whatever they hold twice", "[x]\ntype=a\ntype=b\n[x]\n[default]\ntype=c\n" .. PAIR
      .. "[y]\ntype=d", { type = "c" } },
    { "keys that are not ours", "[default]\nregion = x\nregion = y\n" .. PAIR, {} },
    { "every key", "[default]\ntype=a\nenable=b\nrole_name=c\nrole_arn=d\nrole_session_name=e\npolicy=f\n"
      .. "oidc_provider_arn=g\noidc_token_file_path=h\n" .. PAIR,
      { type = "a", enable = "b", roleName = "c", roleArn = "d", roleSessionName = "e", policy = "f",
        oidcProviderArn = "g", oidcTokenFilePath = "h" } },
  }
  for _, row in ipairs(read) do
    it("is read with " .. row[1], function()
      local said = assert(core.iniprofile(row[2], "default"))
      assert.equal(canary.accessKeyId, (providers.shown(said.credentials)))
      said.credentials = nil
      assert.same(row[3], said)
    end)
  end

  it("suggests a section of a near name, and none that may be a secret", function()
    local function hint(name, wanted)
      local _, err = core.iniprofile(("[far]\n[%s]\n%s[x]\n"):format(name, PAIR), wanted)
      assert.equal("NO_PROFILE", err.code)
      return err.hint
    end
    assert.equal('did you mean "other"?', hint("other", "othr"))
    assert.equal('did you mean "other"?', hint(" other ", "Other"))
    assert.is_nil(hint("other", "nothing"))
    assert.is_nil(hint(("x"):rep(70), ("x"):rep(69)))
    assert.is_nil(hint(canary.accessKeySecret, canary.accessKeySecret:sub(1, -2)))
  end)

  local refused = {
    { "no such section", "[x]\n" .. PAIR, 'no profile "default"', "NO_PROFILE" },
    { "nothing", "", "no profile", "NO_PROFILE" },
    { "the section twice", "[default]\n" .. PAIR .. "[default]\n", "line 4: the section is there twice" },
    { "a key twice", "[default]\n" .. PAIR .. "access_key_secret = " .. canary.accessKeySecret, "line 4: the key" },
    { "an empty key twice", "[default]\naccess_key_id =\naccess_key_id = x\n", "line 3: the key" },
    { "another key twice", "[default]\ntype = a\ntype = b\n", "line 3: the key" },
    { "a section that does not end", "[default\n" .. PAIR, "line 1: a section without ]" },
    { "something behind a section", "[default] " .. canary.accessKeySecret, "line 1: something stands behind" },
    { "a line that is none", "[default]\n\n" .. canary.accessKeySecret .. "\n", "line 3: neither" },
    { "a broken line elsewhere", "[default]\n" .. PAIR .. "[x]\nbroken\n", "line 5: neither" },
    { "a value without a key", "[default]\n = " .. canary.accessKeySecret, "line 2: neither" },
    { "a key before a section", "access_key_secret = " .. canary.accessKeySecret .. "\n[default]\n", "line 1: a key" },
    { "a control character", "[default]\ntype = a\1b\n", "line 2: a control character" },
    { "a NUL", "[default]\ntype = a\0b\n", "line 2: a control character" },
    { "a lone CR", "[default]\rtype = a\n", "line 1: a control character" },
    { "half a pair", "[default]\naccess_key_id = x\n", "accessKeySecret is missing" },
    { "a comment that touches a key", "[default]\naccess_key_id = x\naccess_key_secret = a b\n", "holds a space" },
  }
  for _, row in ipairs(refused) do
    it("is refused with " .. row[1], function()
      local said, err = core.iniprofile(row[2], "default")
      assert.is_nil(said)
      assert.equal("credentials", err.kind)
      assert.equal(row[4] or "BAD_FILE", err.code)
      assert.is_truthy(tostring(err):find(row[3], 1, true), tostring(err))
      shows_nothing(err)
    end)
  end
end)

describe("an answer", function()
  local DATE = "2099-01-01T00:00:00Z"
  local function fields(token, expiration)
    return ('"AccessKeyId":"%s","AccessKeySecret":"%s","SecurityToken":%s,"Expiration":%s'):format(canary.accessKeyId,
      canary.accessKeySecret, token or '"' .. canary.securityToken .. '"', expiration or '"' .. DATE .. '"')
  end
  local WHOLE = "{" .. fields() .. "}"

  local good = {
    { "sts", '{"RequestId":"x","Credentials":' .. WHOLE .. "}" },
    { "ecs", '{"Code":"Success",' .. fields() .. "}" },
    { "uri", WHOLE },
    { "uri", '{"Code":"Success",' .. fields() .. "}" },
    { "cloudsso", '{"CloudCredential":' .. WHOLE .. "}" },
    { "oauth", ('{"accessKeyId":"%s","accessKeySecret":"s","securityToken":"%s","expiration":"%s"}'):format(
      canary.accessKeyId, canary.securityToken, DATE) },
    { "external", ('{"mode":"StsToken","access_key_id":"%s","access_key_secret":"s","sts_token":"%s",'
      .. '"expiration":"%s"}'):format(canary.accessKeyId, canary.securityToken, DATE) },
  }
  for i, row in ipairs(good) do
    it(("is read, of the form %s, %d"):format(row[1], i), function()
      local held, expiry = core.issued(row[2], row[1])
      assert.is_truthy(held, tostring(expiry))
      assert.equal(4070908800, expiry)
      local id, token = providers.shown(held)
      assert.equal(canary.accessKeyId, id)
      assert.equal(canary.securityToken, token)
    end)
  end

  it("of a program may have no token and no end", function()
    local held, expiry = core.issued('{"mode":"AK","access_key_id":"a","access_key_secret":"b","sts_token":null}',
      "external")
    assert.is_truthy(held)
    assert.is_nil(expiry)
  end)

  local refused = {
    { "sts", WHOLE, "Credentials is missing" },
    { "sts", '{"Credentials":"' .. canary.accessKeySecret .. '"}', "Credentials is missing" },
    { "sts", '{"Credentials":{}}', "SecurityToken is missing" },
    { "sts", "<html>" .. canary.accessKeySecret, "not JSON: no JSON value in line 1" },
    { "sts", '{"Credentials":{' .. fields("null") .. "}}", "SecurityToken is missing" },
    { "sts", '{"Credentials":{' .. fields("5") .. "}}", "SecurityToken is no text" },
    { "sts", '{"Credentials":{' .. fields(nil, '""') .. "}}", "Expiration is missing" },
    { "sts", '{"Credentials":{' .. fields(nil, '"soon"') .. "}}", "Expiration is no date" },
    { "sts", '{"Credentials":{' .. fields(nil, '"2099-13-01T00:00:00Z"') .. "}}", "Expiration is no date" },
    { "sts", '{"Credentials":{' .. fields(nil, "4070908800") .. "}}", "Expiration is no text" },
    { "sts", '{"Credentials":{' .. fields('"' .. canary.securityToken .. '\\n"') .. "}}", "securityToken holds" },
    { "ecs", WHOLE, "Code: Success" },
    { "ecs", '{"Code":"Failed",' .. fields() .. "}", "Code: Success" },
    { "ecs", '{"Code":"Success",' .. fields():sub(1, -2), "not JSON" },
    { "uri", '{"Code":"Failed",' .. fields() .. "}", "Code: Success" },
    { "uri", "[" .. WHOLE .. "]", "no JSON object" },
    { "uri", WHOLE .. WHOLE, "not JSON" },
    { "uri", "", "not JSON: an early end in line 1" },
    { "uri", '{"a":[1,"2e9999",-1.5e3],\n"b":{"c":0},\n"d":-1e999}', "not JSON: a number out of range in line 3" },
    { "cloudsso", WHOLE, "CloudCredential is missing" },
    { "oauth", WHOLE, "securityToken is missing" },
    { "external", WHOLE, "mode is neither" },
    { "external", '{"mode":"RamRoleArn","access_key_id":"a","access_key_secret":"b"}', "mode is neither" },
    { "external", '{"mode":"AK","access_key_id":"a"}', "accessKeySecret is missing" },
  }
  for i, row in ipairs(refused) do
    it(("is refused, of the form %s: %s (%d)"):format(row[1], row[3], i), function()
      local held, err = core.issued(row[2], row[1])
      assert.is_nil(held)
      assert.equal("credentials", err.kind)
      assert.equal("BAD_REPLY", err.code)
      assert.is_truthy(tostring(err):find(row[3], 1, true), tostring(err))
      shows_nothing(err)
    end)
  end

  it("of another form is a mistake", function()
    assert.has_error(function() core.issued("{}", "xml") end)
    assert.has_error(function() core.issued("{}") end)
  end)
end)

describe("files with credentials", function()
  local home

  before_each(function()
    home = providers.home()
    providers.environment { HOME = home.path }
  end)

  after_each(function()
    providers.restore()
    home.remove()
  end)

  local AK = '{"current":"a","profiles":[{"name":"a","mode":"AK",' .. KEYS .. "}]}"

  local function fetch(provider, transport, changes)
    transport = transport or providers.scripted { { 404, "" } }
    local context = providers.context(transport, changes)
    local held, err = sas.credentials.fetch(provider, context)
    shows_nothing(held, err, provider)
    return held, err, context
  end

  describe("readsecret", function()
    it("reads what is private, and says what others can read", function()
      local secret, readable = system.readsecret(home.write("f", "abc"))
      assert.equal("<secret 3 bytes>", tostring(secret))
      assert.is_false(readable)
      assert.is_true(select(2, system.readsecret(home.write("f", "abc", "644"))))
      assert.is_true(select(2, system.readsecret(home.write("f", "abc", "640"))))
      assert.equal("<secret 0 bytes>", tostring(system.readsecret(home.write("f", ""))))
    end)

    it("reads behind links", function()
      home.write("f", "abc")
      os.execute(("ln -s f %s/l"):format(home.path))
      assert.equal("<secret 3 bytes>", tostring(system.readsecret(home.path .. "/l")))
    end)

    local refused = {
      { "is not there", "rm -f f", "NOT_FOUND" },
      { "is a folder", "rm -f f; mkdir f", "NOT_REGULAR" },
      { "is a FIFO", "rm -f f; mkfifo f", "NOT_REGULAR" },
      { "is a device", "rm -f f; ln -s /dev/zero f", "NOT_REGULAR" },
      { "can be written by the group", "chmod 660 f", "NOT_PRIVATE" },
      { "can be written by all", "chmod 602 f", "NOT_PRIVATE" },
      { "is too large", "head -c 65537 /dev/zero >f", "TOO_LARGE" },
      { "is sparse and a gigabyte", "truncate -s 1G f", "TOO_LARGE" },
    }
    for _, row in ipairs(refused) do
      it("refuses what " .. row[1], function()
        local path = home.write("f", canary.accessKeySecret)
        child.run(("cd %s && { %s; }"):format(child.quote(home.path), row[2]))
        local secret, err = system.readsecret(path)
        assert.is_nil(secret)
        assert.equal("state", err.kind)
        assert.equal(row[3], err.code)
        shows_nothing(err)
        if row[3] == "NOT_PRIVATE" then
          assert.equal("chmod 600 " .. path, err.hint)
        end
        os.execute(("rm -rf %s/f"):format(home.path))
      end)
    end

    it("refuses what belongs to another user", function()
      if child.run("id -u") ~= "0" then
        pending("only root can give files away")
        return
      end
      local path = home.write("f", "abc")
      os.execute("chown 12345 " .. path)
      assert.equal("NOT_PRIVATE", select(2, system.readsecret(path)).code)
    end)
  end)

  describe("of the aliyun command", function()
    local PATH = ".aliyun/config.json"

    it("give the keys of a profile, and warn once where others can read them", function()
      home.write(PATH, AK, "644")
      local provider = sas.credentials.profile()
      local held, _, context = fetch(provider)
      assert.equal(canary.accessKeyId, (providers.shown(held)))
      assert.equal(1, #context.warnings)
      assert.is_truthy(context.warnings[1].message:find("can be read by other users", 1, true))
      assert.is_truthy(context.warnings[1].hint:find("chmod 600 " .. home.path, 1, true))
      local transport = providers.scripted { { 404, "" } }
      transport.at = 100
      _, _, context = fetch(provider, transport)
      assert.equal(0, #context.warnings)
    end)

    it("are found where ALIBABA_CLOUD_CONFIG_FILE says, and the profile that ALIBABA_CLOUD_PROFILE names", function()
      home.write("other.json", '{"current":"x","profiles":[{"name":"b","mode":"AK",' .. KEYS .. "}]}")
      providers.environment {
        HOME = home.path, ALIBABA_CLOUD_CONFIG_FILE = home.path .. "/other.json", ALIBABA_CLOUD_PROFILE = "b",
      }
      assert.is_truthy((fetch(sas.credentials.profile())))
      assert.is_truthy((fetch(sas.credentials.profile { profileName = "b", file = home.path .. "/other.json" })))
      assert.equal("NO_PROFILE", select(2, fetch(sas.credentials.profile { profileName = "c" })).code)
    end)

    it("say what to do where a profile or the file is not there", function()
      local function hint_of(provider)
        return select(2, fetch(provider)).hint or ""
      end
      assert.equal("aliyun configure makes it", hint_of(sas.credentials.profile()))
      assert.equal("aliyun configure --profile nope makes it",
        hint_of(sas.credentials.profile { profileName = "nope" }))
      shows_nothing(hint_of(sas.credentials.profile { profileName = canary.accessKeySecret }))
      home.write(".aliyun/config.json", '{"current":"other","profiles":[{"name":"other","mode":"AK",' .. KEYS .. "}]}")
      assert.equal('did you mean "other"?', hint_of(sas.credentials.profile { profileName = "othr" }))
      assert.matches("aliyun configure list", hint_of(sas.credentials.profile { profileName = "nope" }))
      providers.environment { HOME = home.path, ALIBABA_CLOUD_CONFIG_FILE = home.path .. "/none.json" }
      assert.matches("ALIBABA_CLOUD_CONFIG_FILE", hint_of(sas.credentials.profile()))
    end)

    it("tell the one who names a profile for the region, too, that it is not there", function()
      home.write(".aliyun/config.json", '{"current":"other","profiles":[{"name":"other","mode":"AK",' .. KEYS .. "}]}")
      local function refusal(profileName)
        local provider = sas.credentials.profile { profileName = profileName }
        return tostring(select(2, pcall(sas.new, { transport = { send = print }, credentials = provider })))
      end
      assert.is_truthy(refusal("othr"):find('no profile "othr" (did you mean "other"?)', 1, true))
      assert.is_truthy(refusal("othr"):find("regionId: is missing", 1, true))
      assert.is_nil(refusal("other"):find("credentials", 1, true))
      assert.is_nil(refusal():find("credentials:", 1, true))
    end)

    local function with(fields, more)
      return ('{"current":"a","profiles":[{"name":"a",%s}%s]}'):format(fields, more or "")
    end

    local failing = {
      { "that are not there", nil, "NO_CREDENTIALS", "config.json" },
      { "that are broken", "{", "BAD_FILE", "config.json: line 1" },
      { "in an unknown mode", with '"mode":"RsaKeyPair"', "BAD_FILE", 'the mode "RsaKeyPair", which is not known' },
      { "in a mode of the wrong case", with '"mode":"ak"', "BAD_FILE", 'the mode "ak"' },
      { "in a mode that may be a secret", with('"mode":"' .. canary.accessKeySecret .. '"'), "BAD_FILE", "is none" },
      { "without a mode", with('"x":1,' .. KEYS), "BAD_FILE", "has no mode" },
      { "without keys", with '"mode":"AK"', "BAD_FILE", "has no access_key_id" },
      { "without a command", with '"mode":"External"', "BAD_FILE", "no process_command" },
      { "without a source", with '"mode":"ChainableRamRoleArn"', "BAD_FILE", "no source_profile" },
      { "with a source that is missing", with '"mode":"ChainableRamRoleArn","source_profile":"b"', "NO_PROFILE",
        'no profile "b"' },
      { "that are their own source", with '"mode":"ChainableRamRoleArn","source_profile":"a"', "BAD_FILE",
        "leads back" },
      { "with a circle of sources", with('"mode":"ChainableRamRoleArn","source_profile":"b"',
        ',{"name":"b","mode":"ChainableRamRoleArn","source_profile":"a"}'), "BAD_FILE", "leads back" },
      { "without a role", with('"mode":"RamRoleArn",' .. KEYS), "NO_CREDENTIALS", "roleArn" },
      { "without a token's file", with '"mode":"OIDC","ram_role_arn":"a"', "NO_CREDENTIALS",
        "oidcProviderArn and oidcTokenFilePath are not set" },
      { "with a region that leads elsewhere", with('"mode":"RamRoleArn","ram_role_arn":"a","sts_region":"evil.com/",'
        .. KEYS), "BAD_REGION", "no region id" },
      { "with a login at a stranger", with('"mode":"CloudSSO","cloud_sso_account_id":"a","cloud_sso_access_config":"b",'
        .. '"cloud_sso_sign_in_url":"https://alibabacloudsso.com.evil.com/x","access_token":"' .. canary.accessToken
        .. '"'), "BAD_URI", "alibabacloudsso.com" },
      { "with a login that has ended", with('"mode":"CloudSSO","cloud_sso_account_id":"a",'
        .. '"cloud_sso_access_config":"b","cloud_sso_sign_in_url":"https://signin-x.alibabacloudsso.com/x",'
        .. '"cloud_sso_access_token_expire":1700000000,"access_token":"' .. canary.accessToken .. '"'), "EXPIRED",
        "aliyun configure --mode CloudSSO" },
      { "with an OAuth login that has ended", with('"mode":"OAuth","oauth_access_token":"' .. canary.accessToken
        .. '","oauth_access_token_expire":1700000000'), "EXPIRED", "renews the login" },
      { "with an OAuth login of no site", with('"mode":"OAuth","oauth_site_type":"MOON","oauth_access_token":"x"'),
        "BAD_URI", "aliyun.com and alibabacloud.com" },
      { "with a login without a token", with('"mode":"OAuth","oauth_access_token":""'), "NO_CREDENTIALS",
        "no access token" },
    }
    for _, row in ipairs(failing) do
      it("are an error " .. row[1] .. ", and nothing is sent", function()
        if row[2] then
          home.write(PATH, row[2])
        end
        local transport = providers.scripted { { 200, "{}" } }
        local held, err = fetch(sas.credentials.profile(), transport)
        assert.is_nil(held)
        assert.equal("credentials", err.kind)
        assert.equal(row[3], err.code)
        assert.is_truthy(tostring(err):find(row[4], 1, true), tostring(err))
        assert.equal(0, #transport.requests)
      end)
    end

    for _, name in ipairs { "ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "ALIBABA_CLOUD_IGNORE_PROFILE" } do
      it("are switched off by " .. name, function()
        home.write(PATH, AK)
        for _, value in ipairs { "true", "TRUE", "1" } do
          providers.environment { HOME = home.path, [name] = value }
          local held, err = fetch(sas.credentials.profile())
          assert.is_nil(held)
          assert.is_truthy(tostring(err):find(name, 1, true))
        end
        providers.environment { HOME = home.path, [name] = "false" }
        assert.is_truthy((fetch(sas.credentials.profile())))
      end)
    end

    for _, value in ipairs { "", "relative" } do
      it(("are not looked for with the HOME %q"):format(value), function()
        providers.environment { HOME = value }
        local held, err = fetch(sas.credentials.profile())
        assert.is_nil(held)
        assert.is_truthy(tostring(err):find("HOME is not set", 1, true))
        assert.is_nil((fetch(sas.credentials.ini())))
      end)
    end

    -- The file changes under a program that runs.
    local changes = {
      { "replaced by other keys", function()
        home.write(PATH, (AK:gsub(canary.accessKeyId, "another")))
      end, "another" },
      { "cut", function() home.write(PATH, AK:sub(1, -20)) end, canary.accessKeyId, "line 1" },
      { "emptied", function() home.write(PATH, "") end, canary.accessKeyId, "line 1" },
      { "taken away", function() os.remove(home.path .. "/" .. PATH) end, canary.accessKeyId, "cannot open it" },
      { "opened to others", function() home.write(PATH, AK, "666") end, canary.accessKeyId, "changed by other users" },
    }
    for _, row in ipairs(changes) do
      it(("that are %s: the old keys are used as long as nothing better is there"):format(row[1]), function()
        home.write(PATH, AK)
        local provider, transport = sas.credentials.profile(), providers.scripted { { 404, "" } }
        assert.equal(canary.accessKeyId, (providers.shown(fetch(provider, transport))))
        row[2]()
        transport.at = 59 -- not yet looked at
        local held, _, context = fetch(provider, transport)
        assert.equal(canary.accessKeyId, (providers.shown(held)))
        assert.equal(0, #context.warnings)
        transport.at = 61
        held, _, context = fetch(provider, transport)
        assert.equal(row[3], (providers.shown(held)))
        assert.equal(row[4] and 1 or 0, #context.warnings)
        if row[4] then
          assert.is_truthy(context.warnings[1].message:find(row[4], 1, true), context.warnings[1].message)
          shows_nothing(context.warnings[1].message)
          home.write(PATH, (AK:gsub(canary.accessKeyId, "mended")))
          transport.at = 75
          assert.equal("mended", (providers.shown(fetch(provider, transport))))
        end
      end)
    end
  end)

  describe("of the SDKs", function()
    local SECTION = ("[default]\ntype = access_key\naccess_key_id = %s\naccess_key_secret = %s\n"):format(
      canary.accessKeyId, canary.accessKeySecret)

    for _, name in ipairs { ".alibabacloud/credentials", ".alibabacloud/credentials.ini" } do
      it("are found as " .. name, function()
        home.write(name, SECTION)
        assert.equal(canary.accessKeyId, (providers.shown(fetch(sas.credentials.ini()))))
      end)
    end

    it("are found where ALIBABA_CLOUD_CREDENTIALS_FILE says", function()
      home.write("f", (SECTION:gsub("default", "x")))
      providers.environment {
        HOME = home.path, ALIBABA_CLOUD_CREDENTIALS_FILE = home.path .. "/f", ALIBABA_CLOUD_PROFILE = "x",
      }
      assert.is_truthy((fetch(sas.credentials.ini())))
      assert.is_truthy((fetch(sas.credentials.ini { file = home.path .. "/f", profileName = "x" })))
    end)

    local failing = {
      { "that are not there", nil, "NO_CREDENTIALS", "credentials.ini is there" },
      { "of no type", SECTION:gsub("type = access_key", ""), "BAD_FILE", "no type that is known" },
      { "of another type", SECTION:gsub("type = access_key", "type = rsa_key_pair"), "BAD_FILE", "ram_role_arn" },
      { "without keys", "[default]\ntype = access_key\n", "BAD_FILE", "has no access_key_id" },
      { "that are switched off", SECTION .. "enable = false\n", "NO_CREDENTIALS", "enable" },
      { "that are broken", SECTION .. "x", "BAD_FILE", "line 5" },
      { "without a role", SECTION:gsub("type = access_key", "type = ram_role_arn"), "NO_CREDENTIALS", "roleArn" },
      { "without a token's file", "[default]\ntype = oidc_role_arn\nrole_arn = a\n", "NO_CREDENTIALS",
        "oidcTokenFilePath" },
    }
    for _, row in ipairs(failing) do
      it("are an error " .. row[1], function()
        if row[2] then
          home.write(".alibabacloud/credentials", row[2])
        end
        local held, err = fetch(sas.credentials.ini())
        assert.is_nil(held)
        assert.equal(row[3], err.code)
        assert.is_truthy(tostring(err):find(row[4], 1, true), tostring(err))
      end)
    end
  end)
end)
