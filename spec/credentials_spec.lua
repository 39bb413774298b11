-- src/credentials.c and lua/aliyun/sas/credentials.lua: where keys come from, and that they stay there.

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"

local function keys()
  return {
    accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken,
  }
end

describe("credentials", function()
  it("print as the ends of their id and nothing else", function()
    local text = tostring(core.credentials(keys()))
    assert.equal("<credentials LTAI…d0>", text)
  end)

  it("print nothing of a short id", function()
    assert.equal("<credentials ***>", tostring(core.credentials { accessKeyId = "testid", accessKeySecret = "x" }))
  end)

  it("have no getter", function()
    local held = core.credentials(keys())
    for _, name in ipairs { "accessKeyId", "accessKeySecret", "securityToken", "secret", "keySecret" } do
      assert.is_nil(held[name])
    end
    assert.equal("aliyun.sas.credentials", getmetatable(held)) -- a name, not the table
    assert.has_error(function() return held .. "" end)
    assert.has_error(function() held.accessKeySecret = "x" end)
  end)

  it("sign nothing once they are closed", function()
    local held = core.credentials(keys())
    held:close()
    held:close()
    assert.equal("<credentials closed>", tostring(held))
    local call = core.describeDingTalk { host = "localhost" }
    call:next(0)
    local request, err = call:sign(held, "2024-02-20T08:00:00Z", "nonce")
    assert.is_nil(request)
    assert.equal("credentials", err.kind)
  end)

  local refused = {
    { "no id", { accessKeySecret = "x" }, "accessKeyId" },
    { "no secret", { accessKeyId = "x" }, "accessKeySecret" },
    { "an empty secret", { accessKeyId = "x", accessKeySecret = "" }, "accessKeySecret" },
    { "a secret that is a number", { accessKeyId = "x", accessKeySecret = 5 }, "accessKeySecret" },
    { "a line break", { accessKeyId = "x", accessKeySecret = "abc\n" }, "accessKeySecret" },
    { "a space", { accessKeyId = " x", accessKeySecret = "abc" }, "accessKeyId" },
    { "a NUL byte", { accessKeyId = "x\0y", accessKeySecret = "abc" }, "accessKeyId" },
    { "a token with a line break", { accessKeyId = "x", accessKeySecret = "y", securityToken = "a\r\nb" },
      "securityToken" },
    { "a token of a megabyte", { accessKeyId = "x", accessKeySecret = "y", securityToken = ("t"):rep(1048576) },
      "securityToken" },
  }
  for _, row in ipairs(refused) do
    it("refuse " .. row[1], function()
      local held, err = core.credentials(row[2])
      assert.is_nil(held)
      assert.equal("credentials", err.kind)
      assert.equal(row[3], err.problems[1].path)
    end)
  end

  it("refuse without showing what they were given", function()
    local _, err = core.credentials {
      accessKeyId = canary.accessKeyId .. " ", accessKeySecret = canary.accessKeySecret .. "\n",
    }
    assert.is_nil(tostring(err):find(canary.accessKeySecret, 1, true))
    assert.is_nil(tostring(err):find(canary.accessKeyId, 1, true))
  end)
end)

describe("a static provider", function()
  it("raises the error object where a key is missing", function()
    local good, err = pcall(sas.credentials.static, { accessKeyId = "x" })
    assert.is_false(good)
    assert.equal("credentials", err.kind)
  end)

  it("prints as its credentials do", function()
    assert.equal("<credentials LTAI…d0>", tostring(sas.credentials.static(keys())))
  end)
end)

describe("the environment", function()
  local script = [[
    local sas = require "aliyun.sas"
    local sent
    local client = sas.new { transport = { send = function(request)
      sent = request
      return { sent = true, status = 200, headers = {}, body = '{"RequestId":"x"}' }
    end } }
    local result, err = client:describeDingTalk()
    if not result then
      print(err.kind, err.code, tostring(err))
    else
      print(sent.host, sent.headers["x-acs-security-token"], sent.headers.authorization:match "Credential=([^,]*)")
    end
  ]]

  local function run(variables)
    local words = { "env -u ALIBABA_CLOUD_ACCESS_KEY_ID -u ALIBABA_CLOUD_ACCESS_KEY_SECRET"
      .. " -u ALIBABA_CLOUD_SECURITY_TOKEN -u ALIBABA_CLOUD_REGION_ID" }
    for name, value in pairs(variables) do
      words[#words + 1] = name .. "=" .. child.quote(value)
    end
    words[#words + 1] = child.command("-e", script)
    return child.run(table.concat(words, " ") .. " 2>&1")
  end

  it("gives key, token and region", function()
    local output = run {
      ALIBABA_CLOUD_ACCESS_KEY_ID = "envid", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "envsecret",
      ALIBABA_CLOUD_SECURITY_TOKEN = "envtoken", ALIBABA_CLOUD_REGION_ID = "us-east-1",
    }
    assert.is_truthy(output:find("tds.ap-southeast-1.aliyuncs.com\tenvtoken\tenvid", 1, true), output)
  end)

  it("does without a token", function()
    local output = run {
      ALIBABA_CLOUD_ACCESS_KEY_ID = "envid", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "envsecret",
      ALIBABA_CLOUD_SECURITY_TOKEN = "", ALIBABA_CLOUD_REGION_ID = "cn-hangzhou",
    }
    assert.is_truthy(output:find("tds.cn-shanghai.aliyuncs.com\tnil\tenvid", 1, true), output)
  end)

  local missing = {
    { {}, "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET not set" },
    { { ALIBABA_CLOUD_ACCESS_KEY_ID = "x" }, "ALIBABA_CLOUD_ACCESS_KEY_SECRET not set" },
    { { ALIBABA_CLOUD_ACCESS_KEY_SECRET = "x", ALIBABA_CLOUD_ACCESS_KEY_ID = "" },
      "ALIBABA_CLOUD_ACCESS_KEY_ID not set" },
  }
  for i, row in ipairs(missing) do
    it("is a credentials error that names what is missing, " .. i, function()
      row[1].ALIBABA_CLOUD_REGION_ID = "cn-hangzhou"
      local output = run(row[1])
      assert.is_truthy(output:find("credentials\tNO_CREDENTIALS", 1, true), output)
      assert.is_truthy(output:find(row[2], 1, true), output)
    end)
  end

  -- a variable, what it holds, what is said of it
  local copied = {
    { "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "envsecret\r", "a carriage return at its end" },
    { "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "envsecret\r\n", "a carriage return at its end" },
    { "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "envsecret\n", "a line break at its end" },
    { "ALIBABA_CLOUD_ACCESS_KEY_SECRET", " envsecret", "a space at its start" },
    { "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env\tsecret", "a tab inside" },
    { "ALIBABA_CLOUD_ACCESS_KEY_ID", "envid\r", "a carriage return at its end" },
    { "ALIBABA_CLOUD_ACCESS_KEY_ID", "env\1id", "a control character inside" },
    { "ALIBABA_CLOUD_SECURITY_TOKEN", "\226\128\139envtoken", "a byte outside ASCII at its start" },
  }
  for _, row in ipairs(copied) do
    it(("tells of %s in %s"):format(row[3], row[1]), function()
      local variables = {
        ALIBABA_CLOUD_ACCESS_KEY_ID = "envid", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "envsecret",
        ALIBABA_CLOUD_REGION_ID = "cn-hangzhou", ALIBABA_CLOUD_ECS_METADATA_DISABLED = "true", HOME = "/nonexistent",
      }
      variables[row[1]] = row[2]
      local output = run(variables)
      assert.is_truthy(output:find("credentials\tNO_CREDENTIALS", 1, true), output)
      assert.is_truthy(output:find(("\n  environment: %s: holds %s"):format(row[1], row[3]), 1, true), output)
      assert.is_truthy(output:find("mend environment", 1, true), output)
      assert.is_nil(output:find("envsecret", 1, true))
      assert.is_nil(output:find("accessKeySecret:", 1, true))
    end)
  end

  it("refuses a region that is none, by its variable's name", function()
    local output = run { ALIBABA_CLOUD_REGION_ID = "moon" }
    assert.is_truthy(output:find("ALIBABA_CLOUD_REGION_ID: is no region id", 1, true), output)
  end)
end)

describe("a provider of one's own", function()
  local function client_with(fetch)
    local transport = recorder.new()
    return sas.new { regionId = "cn-hangzhou", transport = transport, credentials = { fetch = fetch } }, transport
  end

  it("may answer a table", function()
    local client, transport = client_with(function()
      return { accessKeyId = "mine", accessKeySecret = "secret" }
    end)
    assert.is_truthy(client:describeDingTalk())
    assert.is_truthy(transport.requests[1].headers.authorization:find("Credential=mine,", 1, true))
  end)

  it("may answer credentials", function()
    local client = client_with(function() return core.credentials { accessKeyId = "mine", accessKeySecret = "s" } end)
    assert.is_truthy(client:describeDingTalk())
  end)

  it("may yield", function()
    local client = client_with(function()
      coroutine.yield "fetching"
      return { accessKeyId = "mine", accessKeySecret = "secret" }
    end)
    local thread = coroutine.wrap(function() return client:describeDingTalk() end)
    assert.equal("fetching", thread())
    assert.equal(recorder.RequestId, thread().RequestId)
  end)

  local failing = {
    ["answers nothing"] = { function() return nil end, "PROVIDER_FAILED" },
    ["answers nil and a text"] = { function() return nil, "no keys today" end, "PROVIDER_FAILED", "no keys today" },
    ["raises"] = { function() error("broken", 0) end, "PROVIDER_FAILED", "broken" },
    ["raises what cannot be printed"] = { function()
      error(setmetatable({}, { __tostring = function() error "no" end }))
    end, "PROVIDER_FAILED" },
    ["answers a text"] = { function() return "keys" end, "PROVIDER_FAILED" },
    ["answers another userdata"] = { function() return io.stdout end, "PROVIDER_FAILED" },
    ["answers a plain table for an error"] = { function()
      return nil, { kind = "credentials", code = "MINE", message = "m" }
    end, "MINE" },
    ["answers an error object"] = { function()
      return nil, core.error { kind = "credentials", code = "MINE", message = "m", sent = false }
    end, "MINE" },
    ["answers half a pair"] = { function() return { accessKeyId = "x" } end, "INVALID_ARGUMENT" },
    ["answers a key that is a number"] = { function()
      return { accessKeyId = "x", accessKeySecret = 5 }
    end, "INVALID_ARGUMENT", "accessKeySecret: is a number" },
    ["answers a token that is a table"] = { function()
      return { accessKeyId = "x", accessKeySecret = "y", securityToken = { "t" } }
    end, "INVALID_ARGUMENT", "securityToken: is a table" },
    ["answers a token that is false"] = { function()
      return { accessKeyId = "x", accessKeySecret = "y", securityToken = false }
    end, "INVALID_ARGUMENT", "securityToken: is a boolean" },
    ["answers a token that is a function"] = { function()
      return { accessKeyId = "x", accessKeySecret = "y", securityToken = print }
    end, "INVALID_ARGUMENT", "securityToken: is a function" },
  }
  for name, row in pairs(failing) do
    it("that " .. name .. " is a credentials error, and nothing is sent", function()
      local client, transport = client_with(row[1])
      local result, err = client:describeDingTalk()
      assert.is_nil(result)
      assert.equal("credentials", err.kind)
      assert.equal(row[2], err.code)
      assert.is_truthy(tostring(err):find(row[3] or err.code, 1, true))
      assert.equal(0, #transport.requests)
    end)
  end
end)
