-- credentials_chain_spec.lua - the chain of providers: which is taken, what it says when there is none, and mistakes
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local providers = require "spec.support.providers"
local sas = require "aliyun.sas"

local function fixed(id)
  return sas.credentials.static { accessKeyId = id, accessKeySecret = "s" }
end

local function failing(code, message)
  return { fetch = function()
    return nil, core.error { kind = "credentials", code = code, message = message or code, hint = "hint of " .. code }
  end }
end

local function id_of(held)
  return held and (providers.shown(held))
end

describe("the default chain", function()
  local home

  before_each(function()
    home = providers.home()
  end)

  after_each(function()
    providers.restore()
    home.remove()
  end)

  local AK = '{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"cli","access_key_secret":"s"}]}'
  local INI = "[default]\ntype = access_key\naccess_key_id = ini\naccess_key_secret = s\n"
  local ENVIRONMENT = { ALIBABA_CLOUD_ACCESS_KEY_ID = "env", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "s" }
  local OIDC = { ALIBABA_CLOUD_ROLE_ARN = "a", ALIBABA_CLOUD_OIDC_PROVIDER_ARN = "b" }
  local URI = { ALIBABA_CLOUD_CREDENTIALS_URI = "http://127.0.0.1:9/c" }
  local START = 1795484954

  -- A network where STS, the metadata service and the URI answer each with an id of its own, unless they are away.
  local function network(away)
    return providers.scripted { function(request)
      local host = request.host
      if away and away[host] then
        return { sent = false, code = "COULDNT_CONNECT", message = "m" }
      elseif host == "100.100.100.200" and request.method == "PUT" then
        return { 200, "token" }
      elseif host == "100.100.100.200" then
        return { 200, request.path:match "/$" and "role" or providers.flat(START, 3600, "ecs") }
      elseif host == "127.0.0.1" then
        return { 200, providers.flat(START, 3600, "uri") }
      end
      return { 200, providers.sts(START, 3600, "oidc") }
    end }
  end

  -- what is there, what is taken
  local rows = {
    { "environment oidc cli ini ecs uri", "env" },
    { "oidc cli ini ecs uri", "oidc" },
    { "cli ini ecs uri", "cli" },
    { "ini ecs uri", "ini" },
    { "ecs uri", "ecs" },
    { "uri", "uri" },
    { "environment uri", "env" },
    { "oidc uri", "oidc" },
    { "", nil },
  }
  for _, row in ipairs(rows) do
    it(("of %q takes %s"):format(row[1], tostring(row[2])), function()
      local variables = { HOME = home.path }
      local function add(more)
        for name, value in pairs(more) do
          variables[name] = value
        end
      end
      local there = {}
      for name in row[1]:gmatch "%a+" do
        there[name] = true
      end
      if there.environment then add(ENVIRONMENT) end
      if there.oidc then
        add(OIDC)
        variables.ALIBABA_CLOUD_OIDC_TOKEN_FILE = home.write("token", "oidctoken")
      end
      if there.cli then home.write(".aliyun/config.json", AK) end
      if there.ini then home.write(".alibabacloud/credentials", INI) end
      if there.uri then add(URI) end
      providers.environment(variables)
      local chain = sas.credentials.default()
      local transport = network { ["100.100.100.200"] = not there.ecs, ["127.0.0.1"] = not there.uri }
      local context = providers.context(transport)
      local held, err = sas.credentials.fetch(chain, context)
      assert.equal(row[2], id_of(held), tostring(err))
      if held then
        local count = #transport.requests
        assert.equal(row[2], id_of((sas.credentials.fetch(chain, context))))
        assert.equal(count, #transport.requests)
      end
      chain:close()
    end)
  end

  it("says of each provider what it misses, where there is nothing", function()
    providers.environment { HOME = home.path }
    local held, err = sas.credentials.fetch(sas.credentials.default(), providers.context(network {
      ["100.100.100.200"] = true }))
    assert.is_nil(held)
    assert.equal("credentials", err.kind)
    assert.equal("NO_CREDENTIALS", err.code)
    local text = tostring(err)
    local wanted = {
      "environment: no credentials in the environment: ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET",
      "oidc: for a role with OIDC, ALIBABA_CLOUD_ROLE_ARN and ALIBABA_CLOUD_OIDC_PROVIDER_ARN and "
        .. "ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set",
      "profile: " .. home.path .. "/.aliyun/config.json", "ini: neither " .. home.path .. "/.alibabacloud/credentials",
      "ecs: the metadata service: ", "uri: ALIBABA_CLOUD_CREDENTIALS_URI is not set",
    }
    for _, part in ipairs(wanted) do
      assert.is_truthy(text:find("\n  " .. part, 1, true), text)
    end
    assert.equal(6, #err.problems)
  end)

  it("obeys what switches providers off", function()
    home.write(".aliyun/config.json", AK)
    providers.environment {
      HOME = home.path, ALIBABA_CLOUD_CLI_PROFILE_DISABLED = "true", ALIBABA_CLOUD_ECS_METADATA_DISABLED = "true",
    }
    local transport = network()
    local held, err = sas.credentials.fetch(sas.credentials.default(), providers.context(transport))
    assert.is_nil(held)
    assert.equal(0, #transport.requests)
    assert.is_truthy(tostring(err):find("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", 1, true))
    assert.is_truthy(tostring(err):find("ALIBABA_CLOUD_ECS_METADATA_DISABLED", 1, true))
  end)

  it("tells of a provider that is set up and was passed over", function()
    home.write(".aliyun/config.json", AK, "666")
    home.write(".alibabacloud/credentials", INI)
    providers.environment { HOME = home.path }
    local events = {}
    local client = sas.new {
      regionId = "cn-hangzhou", transport = providers.scripted { { 200, '{"RequestId":"r"}' } },
      onWarning = function(event) events[#events + 1] = event end,
    }
    assert.is_truthy(client:describeDingTalk())
    assert.is_truthy(client:describeDingTalk())
    assert.equal(1, #events)
    assert.equal("DescribeDingTalk", events[1].action)
    assert.equal("credentials", events[1].path)
    assert.is_truthy(events[1].message:find("profile was passed over: ", 1, true))
    assert.equal("chmod 600 " .. home.path .. "/.aliyun/config.json", events[1].hint)
    client:close()
  end)

  it("goes on where a provider takes too long, and ends with the call", function()
    providers.environment { HOME = home.path }
    local transport = providers.scripted { { sent = true, code = "TIMEOUT", message = "m", seconds = 3 } }
    local held, err = sas.credentials.fetch(sas.credentials.default(), providers.context(transport, { deadline = 2 }))
    assert.is_nil(held)
    assert.equal("NO_CREDENTIALS", err.code)
    assert.is_true(err.retryable)
    assert.equal(1, #transport.requests)
  end)

  describe("inside nginx", function()
    after_each(function()
      rawset(_G, "ngx", nil)
    end)

    it("says which lines its configuration lacks", function()
      rawset(_G, "ngx", { get_phase = function() return "content" end })
      providers.environment {}
      local _, err = sas.credentials.fetch(sas.credentials.default(), providers.context(network {
        ["100.100.100.200"] = true }))
      local text = tostring(err)
      for _, line in ipairs { "env ALIBABA_CLOUD_ACCESS_KEY_ID; env ALIBABA_CLOUD_ACCESS_KEY_SECRET;",
        "env ALIBABA_CLOUD_OIDC_TOKEN_FILE;", "env HOME;", "env ALIBABA_CLOUD_CREDENTIALS_URI;" } do
        assert.is_truthy(text:find(line, 1, true), line .. " not in " .. text)
      end
    end)

    it("keeps what it needs from the time when the environment was whole", function()
      home.write(".aliyun/config.json", AK)
      rawset(_G, "ngx", { get_phase = function() return "init" end })
      providers.environment { HOME = home.path, ALIBABA_CLOUD_ECS_METADATA_DISABLED = "true" }
      local chain, profile = sas.credentials.default(), sas.credentials.profile()
      providers.environment {}
      rawset(_G, "ngx", { get_phase = function() return "content" end })
      assert.equal("cli", id_of((sas.credentials.fetch(profile, providers.context(network())))))
      assert.equal("cli", id_of((sas.credentials.fetch(chain, providers.context(network())))))
    end)

    it("tells, when they are gone, what was wrong with the keys of the environment", function()
      rawset(_G, "ngx", { get_phase = function() return "init" end })
      providers.environment { ALIBABA_CLOUD_ACCESS_KEY_ID = "envid\n", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "s" }
      local provider = sas.credentials.environment()
      providers.environment {}
      local held, err = sas.credentials.fetch(provider, providers.context(network()))
      assert.is_nil(held)
      assert.equal("credentials", err.kind)
      assert.equal("ALIBABA_CLOUD_ACCESS_KEY_ID", err.problems[1].path)
      provider:close()
    end)

    it("keeps the keys of the environment only then", function()
      for phase, id in pairs { init = "env", content = false, init_worker = false } do
        rawset(_G, "ngx", { get_phase = function() return phase end })
        providers.environment(ENVIRONMENT)
        local provider = sas.credentials.environment()
        providers.environment {}
        assert.equal(id or nil, id_of((sas.credentials.fetch(provider, providers.context(network())))))
        provider:close()
      end
    end)
  end)
end)

describe("a chain of one's own", function()
  local transport = providers.scripted { { 200, "" } }

  it("takes the first that has credentials, and that alone from then on", function()
    local works = false
    local first = { fetch = function()
      if works then
        return { accessKeyId = "first", accessKeySecret = "s" }
      end
      return nil, core.error { kind = "credentials", code = "X", message = "x" }
    end }
    local chain = sas.credentials.chain { first, fixed "second", fixed "third" }
    local context = providers.context(transport)
    assert.equal("second", id_of((sas.credentials.fetch(chain, context))))
    assert.equal("provider 1 was passed over: x", context.warnings[1].message)
    works = true
    assert.equal("second", id_of((sas.credentials.fetch(chain, context))))
    chain:close()
    assert.equal("<credentials closed>", tostring((sas.credentials.fetch(chain, context))))
  end)

  it("takes providers of one's own, which may raise and answer tables", function()
    local chain = sas.credentials.chain {
      { fetch = function() error "broken" end }, { fetch = function() return nil end },
      { fetch = function() return { accessKeyId = "mine", accessKeySecret = "s" }, transport.now() + 5 end },
    }
    local held, expiry = sas.credentials.fetch(chain, providers.context(transport))
    assert.equal("mine", id_of(held))
    assert.equal(transport.now() + 5, expiry)
  end)

  it("loses none of the problems of a provider", function()
    local half = { fetch = function() return { accessKeyId = "x y" } end }
    local chain = sas.credentials.chain { failing("A", "a is missing"), half }
    local _, err = sas.credentials.fetch(chain, providers.context(transport))
    assert.equal("accessKeyId: holds a space inside (look for what was copied with it); accessKeySecret: is missing",
      err.problems[2].message)
    assert.is_truthy(err.hint:find("provider 1", 1, true))
  end)

  it("lists what each misses, and begins anew", function()
    local second = failing("B", "b is missing")
    local chain = sas.credentials.chain { failing("A", "a is missing"), second }
    local context = providers.context(transport)
    local held, err = sas.credentials.fetch(chain, context)
    assert.is_nil(held)
    assert.equal("a is missing", err.problems[1].message)
    assert.equal("hint of B", err.problems[2].hint)
    assert.equal(0, #context.warnings)
    second.fetch = function() return fixed("later"):fetch() end
    assert.equal("later", id_of((sas.credentials.fetch(chain, context))))
  end)
end)

describe("a provider is refused", function()
  local c = sas.credentials
  local rows = {
    { "chain without a list", function() c.chain() end },
    { "chain of nothing", function() c.chain {} end },
    { "chain of one provider", function() c.chain(fixed "x") end },
    { "chain of a text", function() c.chain { "environment" } end },
    { "role without keys", function() c.role { roleArn = "a" } end },
    { "role with two sources", function() c.role { source = fixed "x", accessKeyId = "a" } end },
    { "role with a source that is none", function() c.role { source = {} } end },
    { "role with an endpoint that is none", function()
      c.role { source = fixed "x", endpoint = "http://sts.example.com" }
    end, "plain http" },
    { "role with an unknown option", function() c.role { source = fixed "x", roleARN = "a" } end, "roleArn" },
    { "role with a number for a name", function() c.role { source = fixed "x", roleArn = 5 } end, "roleArn must be" },
    { "role with an empty name", function() c.role { source = fixed "x", roleArn = "" } end, "something in it" },
    { "oidc with a text", function() c.oidc "x" end },
    { "oidc with a wrong file", function() c.oidc { oidcTokenFilePath = true } end },
    { "ecs with a strange option", function() c.ecs { [5] = 1 } end },
    { "ecs with http to a stranger", function() c.ecs { endpoint = "http://169.254.169.254" } end, "loopback" },
    { "uri with a number", function() c.uri { credentialsURI = 5 } end },
    { "external without a command", function() c.external {} end, "processCommand is missing" },
    { "cloudsso with a number for a token", function() c.cloudsso { accessToken = 5 } end },
    { "oauth with a table for a token", function() c.oauth { accessToken = {} } end },
    { "profile with a number", function() c.profile { profileName = 5 } end },
    { "default with an unknown option", function() c.default { shared = "x" } end, "did you mean share?" },
    { "role that shares outside of nginx", function() c.role { source = fixed "x", share = "x" } end,
      "no lua_shared_dict x" },
    { "ini with an unknown option", function() c.ini { section = "x" } end, "file, profileName, share exist" },
  }
  for _, row in ipairs(rows) do
    it(row[1], function()
      local good, message = pcall(row[2])
      assert.is_false(good)
      assert.is_truthy(tostring(message):find(row[3] or "", 1, true), tostring(message))
    end)
  end

  it("without showing a secret", function()
    for _, name in ipairs { "role", "oidc", "ecs", "uri", "external", "cloudsso", "oauth", "profile", "ini" } do
      local good, message = pcall(c[name], { [canary.accessKeySecret] = canary.securityToken })
      assert.is_false(good)
      assert.is_nil(tostring(message):find(canary.accessKeySecret, 1, true))
      assert.is_nil(tostring(message):find(canary.securityToken, 1, true))
    end
  end)
end)

describe("a role", function()
  local START = 1795484954

  after_each(providers.restore)

  it("is assumed with the credentials of another provider, at the place that its options say", function()
    local rows = {
      { {}, {}, "sts.aliyuncs.com" },
      { { stsRegionId = "eu-central-1" }, {}, "sts.eu-central-1.aliyuncs.com" },
      { { stsRegionId = "eu-central-1", enableVpc = true }, {}, "sts-vpc.eu-central-1.aliyuncs.com" },
      { {}, { ALIBABA_CLOUD_STS_REGION = "cn-beijing", ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED = "true" },
        "sts-vpc.cn-beijing.aliyuncs.com" },
      { { enableVpc = false }, { ALIBABA_CLOUD_STS_REGION = "cn-beijing", ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED = "true" },
        "sts.cn-beijing.aliyuncs.com" },
      { { endpoint = "https://sts.example.com:8443" }, {}, "sts.example.com" },
    }
    for _, row in ipairs(rows) do
      providers.environment(row[2])
      local transport = providers.scripted { { 200, providers.sts(START, 3600, "assumed") } }
      row[1].source, row[1].roleArn = fixed "source", "acs:ram::1:role/r"
      local held = assert(sas.credentials.fetch(sas.credentials.role(row[1]), providers.context(transport)))
      assert.equal("assumed", id_of(held))
      assert.equal(row[3], transport.requests[1].host)
      assert.is_truthy(transport.requests[1].query:find("AccessKeyId=source", 1, true))
    end
  end)

  local bad_regions = { "evil.com/", "x y", "..", "cn-hangzhou.evil.com", "CN", ("a"):rep(65), "-a" }
  for _, region in ipairs(bad_regions) do
    it(("is not assumed in the region %q"):format(region), function()
      providers.environment { ALIBABA_CLOUD_STS_REGION = region }
      local transport = providers.scripted { { 200, "" } }
      local role = sas.credentials.role { source = fixed "source", roleArn = "a" }
      local held, err = sas.credentials.fetch(role, providers.context(transport))
      assert.is_nil(held)
      assert.equal("BAD_REGION", err.code)
      assert.equal(0, #transport.requests)
    end)
  end

  it("ends with the error of its source", function()
    providers.environment {}
    local role = sas.credentials.role { source = failing "MINE", roleArn = "a" }
    assert.equal("MINE", select(2, sas.credentials.fetch(role, providers.context(providers.scripted {}))).code)
  end)

  it("is of ALIBABA_CLOUD_ROLE_ARN where it is not named", function()
    providers.environment { ALIBABA_CLOUD_ROLE_ARN = "fromenv", ALIBABA_CLOUD_ROLE_SESSION_NAME = "s" }
    local transport = providers.scripted { { 200, providers.sts(START, 3600) } }
    assert(sas.credentials.fetch(sas.credentials.role { source = fixed "x" }, providers.context(transport)))
    assert.is_truthy(transport.requests[1].body:find("RoleArn=fromenv&RoleSessionName=s", 1, true))
  end)

  it("closes the keys that it was given, and not another's provider", function()
    providers.environment {}
    local source = fixed "sourcesource"
    sas.credentials.role({ source = source, roleArn = "a" }):close()
    assert.equal("<credentials sour…ce>", tostring(source))
  end)
end)
