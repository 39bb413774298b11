-- lua/aliyun/sas/settings.lua and endpoint.lua: what sas.new takes.

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local endpoint = require "aliyun.sas.endpoint"
local providers = require "spec.support.providers"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"
local tables = require "aliyun.sas.emulator.tables"

local function settings(changes)
  local given = {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret", transport = recorder.new(),
  }
  for name, value in pairs(changes) do
    given[name] = value ~= "(none)" and value or nil
  end
  return given
end

local function message_of(given)
  local good, message = pcall(sas.new, given)
  assert.is_false(good)
  return tostring(message)
end

describe("sas.new refuses", function()
  local rows = {
    { "an unknown setting", { foo = 1 }, "foo: unknown setting" },
    { "a setting in another case", { regionID = "cn-hangzhou" }, "did you mean regionId" },
    { "a misspelt setting", { timout = 1 }, "did you mean timeout" },
    { "a misspelt key", { accessKeySecert = "x" }, "did you mean accessKeySecret" },
    { "an empty secret", { accessKeySecret = "" }, "accessKeySecret: is empty" },
    { "a key that is a number", { accessKeyId = 5 }, "accessKeyId: is a number" },
    { "verify", { verify = true }, "always verified" },
    { "insecure", { insecure = true }, "always verified" },
    { "a numeric key", { [1] = "x" }, "unknown setting" },
    { "no region", { regionId = "(none)" }, "the two sites do not share chatbots" },
    { "a region that is none", { regionId = "hangzhou" }, "regionId: is no region id" },
    { "a region with an underscore", { regionId = "cn_hangzhou" }, "regionId: is no region id" },
    { "a region of an unknown area", { regionId = "ch-hangzhou" }, "regionId: is no region id" },
    { "a region with a line break", { regionId = "cn-hangzhou\r\n" }, "regionId" },
    { "a region that is a number", { regionId = 5 }, "regionId" },
    { "a timeout of 0", { timeout = 0 }, "timeout: must be a number of seconds" },
    { "a negative timeout", { connectTimeout = -1 }, "connectTimeout: must be" },
    { "a timeout that is no number", { timeout = 0 / 0 }, "timeout: must be" },
    { "an endless deadline", { deadline = math.huge }, "deadline: must be" },
    { "a timeout that is a string", { timeout = "10" }, "timeout: must be" },
    { "an unknown signature", { signature = "v2" }, "signature: must be" },
    { "an unknown place of parameters", { parameters = "form" }, "parameters: must be" },
    { "a user agent with a line break", { userAgent = "a\r\nX: y" }, "userAgent" },
    { "a proxy without a scheme", { proxy = "proxy:3128", transport = "curl" }, "proxy: must be" },
    { "a proxy that is true", { proxy = true, transport = "curl" }, "proxy: must be" },
    { "a transport without send", { transport = {} }, "transport: is a table without the function send" },
    { "an unknown transport", { transport = "wget" }, "transport: must be" },
    { "a clock that is no function", { now = 5 }, "now: must be a function" },
    { "half a pair", { accessKeySecret = "(none)" }, "accessKeySecret: is missing" },
    { "the other half", { accessKeyId = "(none)" }, "accessKeyId: is missing" },
    { "a token alone", { accessKeyId = "(none)", accessKeySecret = "(none)", securityToken = "t" }, "is missing" },
    { "a provider without fetch", { accessKeyId = "(none)", accessKeySecret = "(none)", credentials = {} },
      "credentials: must be" },
    { "two kinds of credentials", { credentials = sas.credentials.environment() }, "credentials: stands beside" },
    { "a caFile that is too long", { transport = "curl", caFile = ("x"):rep(4097) },
      "caFile: has more than 4096 bytes" },
    { "a proxy that is too long", { transport = "curl", proxy = "http://" .. ("x"):rep(4090) },
      "proxy: has more than 4096 bytes" },
    { "a caFile that the transport cannot honour", { caFile = "/x" }, "caFile: the transport cannot honour it" },
    { "a proxy that the transport cannot honour", { proxy = "http://p:1" }, "proxy: the transport cannot honour it" },
    { "a key with a space", { accessKeySecret = "a b" }, "accessKeySecret" },
  }
  for _, row in ipairs(rows) do
    it(row[1], function()
      assert.is_truthy(message_of(settings(row[2])):find(row[3], 1, true), message_of(settings(row[2])))
    end)
  end

  it("everything at once", function()
    local message = message_of { timeout = -1, signature = "x", foo = 1 }
    assert.is_truthy(message:find("4 problems", 1, true), message)
  end)

  it("what is no table", function()
    for _, given in ipairs { "x", 5, true } do
      assert.has_error(function() sas.new(given) end)
    end
    assert.has_error(function() sas.new() end)
  end)

  it("without showing a value", function()
    local message = message_of(settings {
      accessKeySecret = canary.accessKeySecret .. " ", AccessKeySecert = canary.accessKeySecret,
      proxy = "ftp://user:" .. canary.accessToken .. "@host", transport = "curl",
    })
    assert.is_nil(message:find(canary.accessKeySecret, 1, true))
    assert.is_nil(message:find(canary.accessToken, 1, true))
  end)

  it("and names the place of the caller", function()
    local _, message = pcall(function() sas.new { foo = 1 } end)
    assert.is_truthy(message:find("settings_spec.lua", 1, true))
  end)
end)

describe("settings behind a metatable", function()
  local PAIRS = { __index = function(_, name) return name == "timeout" and 5 or nil end }

  -- Each would be refused, or do something, if it counted.
  local hidden = {
    verify = false, fence = -1, endpoint = 5, timeout = "x", retries = 99, transport = {}, store = {}, now = 5,
    deadline = 0, foo = 1, credentials = {}, onRequest = function() error "asked" end,
  }

  it("are none", function()
    local good = { __index = hidden, __pairs = function() return next, hidden end, __len = function() return 9 end }
    local given = setmetatable(settings {}, good)
    assert.is_truthy(assert(sas.new(given)):describeDingTalk())
    given = setmetatable(settings { endpoint = "localhost:8443" }, { __index = { endpoint = "example.org" } })
    assert.matches("localhost:8443", tostring(sas.new(given)))
  end)

  it("do not stand for those that are missing", function()
    for _, name in ipairs { "regionId", "accessKeyId", "accessKeySecret" } do
      local given = settings {}
      local value = given[name]
      given[name] = nil
      local message = message_of(setmetatable(given, { __index = { [name] = value } }))
      assert.is_truthy(message:find(name .. ": is missing", 1, true), message)
    end
  end)

  it("are not asked for, nor are changes afterwards", function()
    local bomb = function() error "asked" end
    local given = setmetatable(settings { deadline = 5 }, { __index = bomb, __pairs = bomb, __len = bomb,
      __newindex = bomb, __call = bomb, __tostring = bomb, __metatable = false })
    local client = sas.new(given)
    given.deadline, given.regionId, given.transport = 0, "nowhere", nil
    assert.is_truthy(client:describeDingTalk())
  end)

  it("are checked where they are no setting at all", function()
    local given = setmetatable(settings { [{}] = 1, timeot = 1 }, PAIRS)
    local message = message_of(given)
    assert.is_truthy(message:find("2 problems", 1, true), message)
  end)

  it("of credentials are none either", function()
    local good, message = pcall(sas.credentials.role, setmetatable({ roleArn = "a" }, {
      __index = { accessKeyId = "i", accessKeySecret = "s" },
      __pairs = function() return next, { accessKeyId = "i", accessKeySecret = "s" } end,
    }))
    assert.is_false(good)
    assert.matches("accessKeyId: is missing", tostring(message))
    good, message = pcall(sas.credentials.static, setmetatable({}, {
      __index = { accessKeyId = "i", accessKeySecret = "s" },
    }))
    assert.is_false(good)
    assert.matches("accessKeyId: is missing", tostring(message))
  end)

  it("may be methods of a provider, a store or a transport", function()
    local Provider = { fetch = function(self) return { accessKeyId = self.id, accessKeySecret = "s" } end }
    local Store = setmetatable({}, { __index = sas.store.memory() })
    local plain, asked = recorder.new(), 0
    local Transport = { send = function(request)
      asked = asked + 1
      return plain.send(request)
    end }
    local client = sas.new {
      regionId = "cn-hangzhou", credentials = setmetatable({ id = "mine" }, { __index = Provider }), store = Store,
      transport = setmetatable({}, { __index = Transport }),
    }
    assert.is_truthy(client:describeDingTalk())
    assert.equal(1, asked)
  end)

  it("may not be options of a method", function()
    local function behind(options)
      return setmetatable({}, { __index = options, __pairs = function() return next, options end })
    end
    local transport = recorder.new(function() return { sent = true, code = "TIMEOUT" } end)
    local client = sas.new(settings { transport = transport, retries = 1 })
    client:call("ListGroups", {}, behind { class = "read" })
    assert.equal(1, #transport.requests) -- a create, which is not repeated
    local request = assert(client:prepare("DescribeDingTalk", {}, behind { nonce = "mine", foo = 1 }))
    assert.is_nil(request.headers["x-acs-signature-nonce"]:find("mine", 1, true))
    assert.has_error(function() client:call("ListGroups", {}, { class = "nosuch" }) end)
    assert.has_error(function() client:prepare("DescribeDingTalk", {}, setmetatable({ foo = 1 }, { __index = {} })) end)
  end)
end)

describe("a region that is not known today", function()
  local function warned(given)
    local seen = {}
    given = settings(given)
    given.onWarning = function(warning) seen[#seen + 1] = warning end
    local client = sas.new(given)
    return seen, client
  end

  for region, host in pairs {
    ["cn-atlantis"] = "tds.cn-shanghai.aliyuncs.com", ["cn-hangzhuo"] = "tds.cn-shanghai.aliyuncs.com",
    ["ap-southeast-9"] = "tds.ap-southeast-1.aliyuncs.com", ["sa-east-1"] = "tds.ap-southeast-1.aliyuncs.com",
  } do
    it("is a warning: " .. region, function()
      local seen, client = warned { regionId = region }
      assert.equal(1, #seen)
      assert.equal("regionId", seen[1].path)
      assert.equal("sas.new", seen[1].action)
      assert.is_truthy(seen[1].message:find(region, 1, true), seen[1].message)
      assert.is_truthy(seen[1].message:find(host, 1, true), seen[1].message)
      assert.matches(host:gsub("%p", "%%%0"), tostring(client))
      assert.is_truthy(client:describeDingTalk())
      assert.equal(1, #seen) -- and not again with each call
    end)
  end

  it("is told with the one that is meant", function()
    assert.matches("did you mean cn%-hangzhou", warned { regionId = "cn-hangzhuo" }[1].hint)
    assert.is_nil(warned { regionId = "cn-atlantis" }[1].hint:find("did you mean", 1, true))
  end)

  it("is no matter where an endpoint is given", function()
    assert.same({}, (warned { regionId = "cn-atlantis", endpoint = "localhost:8443" }))
  end)

  it("is none of those that the official SDKs know", function()
    for _, regions in pairs(tables.hosts) do
      for _, region in ipairs(regions) do
        assert.same({}, (warned { regionId = region }), region)
      end
    end
  end)

  it("does not end sas.new where onWarning raises", function()
    assert.is_truthy(sas.new(settings { regionId = "cn-atlantis", onWarning = function() error "stop" end }))
  end)
end)

describe("the region", function()
  for host, regions in pairs(tables.hosts) do
    for _, region in ipairs(regions) do
      it(region .. " is served by " .. host, function()
        assert.equal(host, endpoint.of_region(region))
      end)
    end
  end
end)

describe("an endpoint", function()
  local taken = {
    { "tds.cn-shanghai.aliyuncs.com", "https", "tds.cn-shanghai.aliyuncs.com" },
    { "https://tds.cn-shanghai.aliyuncs.com", "https", "tds.cn-shanghai.aliyuncs.com" },
    { "https://tds.cn-shanghai.aliyuncs.com/", "https", "tds.cn-shanghai.aliyuncs.com" },
    { "HTTPS://TDS.example.ORG:8443", "https", "tds.example.org", 8443 },
    { "localhost:443", "https", "localhost", 443 },
    { "http://localhost:8080", "http", "localhost", 8080 },
    { "http://127.0.0.1:8080", "http", "127.0.0.1", 8080 },
    { "http://127.8.9.10", "http", "127.8.9.10" },
    { "http://[::1]:8080", "http", "::1", 8080 },
    { "10.0.0.1:8443", "https", "10.0.0.1", 8443 },
  }
  for _, row in ipairs(taken) do
    it("may be " .. row[1], function()
      local parts = assert(endpoint.parse(row[1]))
      assert.equal(row[2], parts.scheme)
      assert.equal(row[3], parts.host)
      assert.equal(row[4], parts.port)
    end)
  end

  local refused = {
    "", "https://", "ftp://example.org", "http://example.org", "http://127.0.0.1.example.org", "http://10.0.0.1",
    "http://localhost.example.org", "https://user@example.org", "https://user:pw@example.org",
    "https://example.org/path", "https://example.org?x=1", "https://example.org#x", "https://exa mple.org",
    "https://example.org:0", "https://example.org:65536", "https://example.org:", "https://example.org:8a",
    "https://example.org:443:443", "https://-example.org", "https://.example.org", "https://example..org",
    "https://example.org.", "https://exam_ple.org", "https://example.org\\@evil.org", "https://exa%6dple.org",
    "https://2130706433", "https://0x7f000001", "https://127.1", "https://0177.0.0.1.256", "https://例え.jp",
    "https://010.1.2.3", "https://127.0.0.01", "https://0177.0.0.1", "http://0x7f.1",
    "http://2130706433", "http://[::2]", "javascript:alert(1)", "file:///etc/passwd",
    "https://example.org\r\nX: y",
  }
  for _, text in ipairs(refused) do
    it(("may not be %q"):format(text), function()
      local parts, message = endpoint.parse(text)
      assert.is_nil(parts)
      assert.equal("string", type(message))
    end)
  end
end)

describe("the region of a profile", function()
  local FILE = [[{"current":"a","profiles":[
    {"name":"a","mode":"AK","region_id":"ap-southeast-1","access_key_id":"testid","access_key_secret":"testsecret"},
    {"name":"b","mode":"AK","region_id":"cn-beijing","access_key_id":"testid","access_key_secret":"testsecret"},
    {"name":"crlf","mode":"AK","region_id":"cn-hangzhou\r\n","access_key_id":"testid",
      "access_key_secret":"testsecret"},
    {"name":"odd","mode":"AK","region_id":"nowhere","access_key_id":"testid","access_key_secret":"testsecret"},
    {"name":"none","mode":"AK","access_key_id":"testid","access_key_secret":"testsecret"}]}]]
  local home

  before_each(function()
    home = providers.home { [".aliyun/config.json"] = FILE }
  end)
  after_each(function()
    providers.restore()
    home.remove()
  end)

  -- What sas.new makes of an environment and settings: the client's text, or the message.
  local function client_of(variables, given)
    variables.HOME = home.path
    providers.environment(variables)
    given = given or {}
    given.transport = recorder.new()
    local good, made = pcall(sas.new, given)
    providers.restore()
    return tostring(made), good
  end

  it("counts where neither the settings nor the environment name one", function()
    assert.matches("tds.ap%-southeast%-1.aliyuncs.com", (client_of {}))
    assert.matches("tds.cn%-shanghai.aliyuncs.com", (client_of { ALIBABA_CLOUD_PROFILE = "b" }))
    assert.matches("tds.cn%-shanghai.aliyuncs.com",
      (client_of({}, { credentials = sas.credentials.profile { profileName = "b" } })))
  end)

  it("stands behind a setting and the environment", function()
    assert.matches("cn%-shanghai", (client_of({}, { regionId = "cn-hangzhou" })))
    assert.matches("cn%-shanghai", (client_of { ALIBABA_CLOUD_REGION_ID = "cn-hangzhou" }))
    assert.matches("localhost", (client_of({}, { endpoint = "localhost:8443" })))
  end)

  it("is missing where the profile has none, is not there, is switched off, or is no JSON", function()
    for _, variables in ipairs { { ALIBABA_CLOUD_PROFILE = "none" }, { ALIBABA_CLOUD_PROFILE = "gone" },
      { ALIBABA_CLOUD_IGNORE_PROFILE = "true" }, { ALIBABA_CLOUD_CONFIG_FILE = home.path .. "/nosuch" } } do
      local message, good = client_of(variables)
      assert.is_false(good)
      assert.matches("regionId: is missing", message)
    end
    home.write(".aliyun/config.json", "{")
    assert.matches("regionId: is missing", (client_of {}))
  end)

  it("is refused where it is none, by the name of its place", function()
    local message, good = client_of { ALIBABA_CLOUD_PROFILE = "odd" }
    assert.is_false(good)
    assert.matches("region_id of the profile: is no region id", message)
  end)

  it("is refused in words where it holds a control character, by its variable or its file", function()
    for _, region in ipairs { "cn-hangzhou\r", "cn-hangzhou\n", "\27[31mcn-hangzhou", "cn-\127hangzhou" } do
      local message, good = client_of { ALIBABA_CLOUD_REGION_ID = region }
      assert.is_false(good)
      assert.is_truthy(message:find("\n  ALIBABA_CLOUD_REGION_ID: holds a control character", 1, true), message)
      assert.is_nil(message:find(region, 1, true))
      assert.is_truthy(message:find("1 problem in", 1, true), message)
    end
    for _, variables in ipairs { { ALIBABA_CLOUD_PROFILE = "crlf" }, {} } do
      local given = not variables.ALIBABA_CLOUD_PROFILE
        and { credentials = sas.credentials.profile { profileName = "crlf" } } or nil
      local message, good = client_of(variables, given)
      assert.is_false(good)
      assert.is_truthy(message:find("\n  region_id of the profile: holds a control character", 1, true), message)
      assert.is_truthy(message:find(home.path .. "/.aliyun/config.json", 1, true), message)
    end
  end)

  it("is refused in words where a provider's is no text", function()
    for _, region in ipairs { 5, true, {}, "a\0b" } do
      local provider = { fetch = function() end, regionId = function() return region end }
      local message, good = client_of({}, { credentials = provider })
      assert.is_false(good)
      assert.is_truthy(message:find("\n  region_id of the profile: ", 1, true), message)
    end
  end)

  it("warns by the name of its place where it is not known", function()
    local seen = {}
    local function warn(warning) seen[#seen + 1] = warning.path end
    client_of({ ALIBABA_CLOUD_REGION_ID = "cn-atlantis" }, { onWarning = warn })
    home.write(".aliyun/config.json", (FILE:gsub('"ap%-southeast%-1"', '"cn-atlantis"')))
    client_of({}, { onWarning = warn })
    assert.same({ "ALIBABA_CLOUD_REGION_ID", "region_id of the profile" }, seen)
  end)

  it("does not count where the keys are the caller's own", function()
    local message = client_of({}, { accessKeyId = "testid", accessKeySecret = "testsecret" })
    assert.matches("regionId: is missing", message)
    message = client_of({}, { credentials = sas.credentials.environment() })
    assert.matches("regionId: is missing", message)
  end)

  it("is not read where a region is given", function()
    local fifo = home.path .. "/fifo" -- whoever opens it waits for ever, or is refused
    child.run("mkfifo " .. child.quote(fifo))
    assert.matches("cn%-shanghai", (client_of({ ALIBABA_CLOUD_CONFIG_FILE = fifo }, { regionId = "cn-hangzhou" })))
  end)
end)
