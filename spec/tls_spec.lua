-- The whole way: client, C core, libcurl, TLS, nginx, emulator, and back.

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local http = require "aliyun.sas.http"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

local function new(server, changes)
  local settings = {
    endpoint = server.endpoint, caFile = server.caFile, accessKeyId = canary.accessKeyId,
    accessKeySecret = canary.accessKeySecret, retries = 0,
  }
  for name, value in pairs(changes or {}) do
    settings[name] = value ~= "(none)" and value or nil
  end
  return sas.new(settings)
end

local function serve(settings)
  settings = settings or {}
  settings.options = settings.options or {}
  settings.options.accessKeys = {
    { accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret },
    { accessKeyId = "STS." .. canary.accessKeyId, accessKeySecret = canary.accessKeySecret,
      securityToken = canary.securityToken },
  }
  return emulator.serve(settings)
end

local CREATE = {
  RuleActionName = "安全告警 ~*'()", SendUrl = URL, IntervalTime = 0, ConfigList = { suspicious = "all", vul = "all" },
  GroupIdList = { 10417151 }, DingTalkLang = "zh",
}

describe("over TLS", function()
  local server

  setup(function()
    server = serve()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:reset()
  end)

  for _, signature in ipairs { "v3", "v1" } do
    for _, parameters in ipairs { "query", "body" } do
      it(("a chatbot is created, listed and deleted with %s in the %s"):format(signature, parameters), function()
        local client = new(server, { signature = signature, parameters = parameters })
        assert.is_truthy(assert(client:createOrUpdateDingTalk(CREATE)).RequestId)
        local chatbot = assert(client:describeDingTalk()).ActionList[1]
        assert.equal(CREATE.RuleActionName, chatbot.ActionName)
        assert.equal(tostring(sas.config(CREATE.ConfigList)), chatbot.ConfigList)
        assert.is_true(sas.config.parse(chatbot.ConfigList) == sas.config(CREATE.ConfigList))
        assert.is_truthy(client:deleteDingTalk { Ids = chatbot.Id })
        assert.same({}, client:describeDingTalk().ActionList)
        client:close()
      end)
    end
  end

  it("temporary credentials work with their token", function()
    for _, signature in ipairs { "v3", "v1" } do
      local client = new(server, {
        signature = signature, accessKeyId = "STS." .. canary.accessKeyId, securityToken = canary.securityToken,
      })
      assert.is_truthy(assert(client:describeDingTalk()).RequestId)
    end
  end)

  it("and do not without it", function()
    local _, err = new(server, { accessKeyId = "STS." .. canary.accessKeyId }):describeDingTalk()
    assert.equal("credentials", err.kind)
  end)

  it("calls one after the other reuse the connection, creates do not", function()
    local client = new(server)
    for _ = 1, 3 do
      assert.is_truthy(client:describeDingTalk())
    end
    assert.is_truthy(client:createOrUpdateDingTalk(CREATE))
    local requests = server:requests()
    assert.equal(requests[1].connection, requests[2].connection)
    assert.equal(requests[2].connection, requests[3].connection)
    assert.not_equal(requests[3].connection, requests[4].connection)
  end)
end)

describe("a signed request over TLS", function()
  local server, handle

  setup(function()
    server = serve()
    handle = http.new { caFile = server.caFile }
  end)

  teardown(function()
    handle:close()
    server:stop()
  end)

  local function prepare(changes)
    local client = new(server, changes)
    local request = assert(client:prepare("CreateOrUpdateDingTalk", CREATE))
    return {
      method = request.method, scheme = request.scheme, host = request.host, port = request.port, path = request.path,
      query = request.query, body = request.body, headers = request.headers,
    }
  end

  local function code_of(request)
    local outcome = handle:send(request)
    assert.is_true(outcome.sent, outcome.message)
    return outcome.body:match '"Code":"([^"]*)"' or outcome.body:match "<Code>([^<]*)"
  end

  -- Another letter of the same kind, so that the text stays well-formed.
  local function other(byte)
    if byte:match "%d" then
      return byte == "9" and "8" or "9"
    end
    return byte == "q" and "w" or "q"
  end

  local function change(text, at)
    return text:sub(1, at - 1) .. other(text:sub(at, at)) .. text:sub(at + 1)
  end

  -- Every byte, but of a long text every so many: the whole run stays short.
  local function each_byte(text, most, act)
    local step = math.max(1, math.floor(#text / most))
    for at = 1, #text, step do
      act(change(text, at), at)
    end
  end

  it("is accepted as it is", function()
    assert.is_nil(code_of(prepare()))
    assert.is_nil(code_of(prepare { parameters = "body" }))
  end)

  it("is refused with any byte of the query changed", function()
    local request = prepare()
    each_byte(request.query, 150, function(query, at)
      local changed = prepare()
      changed.query, changed.headers = query, request.headers
      assert.equal("SignatureDoesNotMatch", (code_of(changed)), "byte " .. at)
    end)
  end)

  it("is refused with any byte of the body changed", function()
    local request = prepare { parameters = "body" }
    each_byte(request.body, 60, function(body, at)
      local changed = prepare { parameters = "body" }
      changed.body, changed.headers = body, request.headers
      assert.equal("SignatureDoesNotMatch", (code_of(changed)), "byte " .. at)
    end)
  end)

  it("is refused with any byte of the nonce, of a signed header or of the action changed", function()
    for _, name in ipairs { "x-acs-signature-nonce", "x-acs-content-sha256", "x-acs-action", "x-acs-version" } do
      local request = prepare()
      each_byte(request.headers[name], 12, function(value, at)
        local changed = prepare()
        changed.headers[name] = value
        assert.equal("SignatureDoesNotMatch", (code_of(changed)), name .. " byte " .. at)
      end)
    end
  end)

  it("is refused with another date", function()
    local request = prepare()
    local date = request.headers["x-acs-date"]
    local last = tonumber(date:sub(19, 19))
    request.headers["x-acs-date"] = date:sub(1, 18) .. (last + 1) % 10 .. "Z"
    assert.equal("SignatureDoesNotMatch", (code_of(request)))
  end)

  it("is refused with a header added that would have to be signed", function()
    local request = prepare()
    request.headers["x-acs-extra"] = "1"
    assert.equal("IncompleteSignature", (code_of(request)))
  end)

  it("is refused with a changed secret", function()
    each_byte(canary.accessKeySecret, 30, function(secret)
      local code = code_of(prepare { accessKeySecret = secret })
      assert.equal("SignatureDoesNotMatch", code)
    end)
  end)

  it("is refused with any byte of the signature changed", function()
    local request = prepare()
    local start, signature = request.headers.authorization:match "^(.*Signature=)(%x+)$"
    for at = 1, #signature do
      local digit = signature:sub(at, at) == "0" and "1" or "0"
      request.headers.authorization = start .. signature:sub(1, at - 1) .. digit .. signature:sub(at + 1)
      assert.equal("SignatureDoesNotMatch", (code_of(request)))
    end
  end)

  it("is refused when it comes a second time", function()
    local request = prepare()
    assert.is_nil(code_of(request))
    assert.equal("SignatureNonceUsed", (code_of(request)))
  end)

  it("is refused in version 1.0 with any byte of the query changed", function()
    local request = prepare { signature = "v1" }
    each_byte(request.query, 80, function(query, at)
      local changed = prepare { signature = "v1" }
      changed.query = query
      -- some bytes are looked at before the signature: the key's id, the date, the name of the method
      assert.is_truthy((code_of(changed)), "byte " .. at)
    end)
  end)
end)

describe("an exchange over TLS that fails", function()
  local server

  setup(function()
    server = serve()
  end)

  teardown(function()
    server:stop()
  end)

  local calls = {
    read = function(client) return client:describeDingTalk() end,
    create = function(client) return client:createOrUpdateDingTalk(CREATE) end,
  }

  local rows = {
    { fault = "stalled", timeout = 1.5, read = "network", code = "TIMEOUT" },
    { fault = "dripped", value = 1, timeout = 1.5, read = "network", code = "TIMEOUT" },
    { fault = "closed", read = "network", code = "CONNECTION_LOST" },
    { fault = "lost", read = "network", code = "CONNECTION_LOST" },
    { fault = "reset", read = "network", code = "CONNECTION_LOST" },
    { fault = "truncated", read = "reply", code = "TRUNCATED" },
    { fault = "empty", read = "reply", code = "BAD_REPLY" },
    { fault = "html", read = "reply", code = "BAD_REPLY" },
    { fault = "redirect", read = "reply", code = "BAD_REPLY" },
    { fault = "norequestid", read = "reply", code = "BAD_REPLY" },
    { fault = "huge", read = "reply", code = "TOO_LARGE" },
    { fault = "hugeheaders", read = "reply", code = "TOO_LARGE" },
    { fault = "garbage", read = "reply", code = "BAD_RESPONSE" },
    { fault = "error500", read = "service" },
    { fault = "unavailable", read = "service" },
  }
  for _, row in ipairs(rows) do
    for class, call in pairs(calls) do
      it(("%s: a %s"):format(row.fault, class), function()
        -- Where time is not what ends the call, there is plenty of it; where it is, a busy machine, or valgrind's, may
        -- need more of it before the request has left.
        local timeout = row.timeout or 60
        local client, result, err, took
        repeat
          server:reset()
          client = new(server, { timeout = timeout, connectTimeout = 60 })
          server:fault(row.fault, row.value)
          local start = system.monotonic()
          result, err = call(client)
          took, timeout = system.monotonic() - start, 2 * timeout
        until not err or err.sent or #server:requests() > 0 or timeout > 20
        assert.is_nil(result)
        assert.equal(class == "read" and row.read or "unknown", err.kind, tostring(err))
        assert.is_true(err.sent)
        if row.code then
          assert.equal(row.code, err.code)
        end
        assert.is_true(took < (row.timeout and timeout or 0) + 20, row.fault .. " took " .. took)
        assert.is_true(#server:requests() <= 1)
        assert.is_nil(tostring(err):find(canary.accessToken, 1, true))
        client:close()
      end)
    end
  end

  it("a create whose answer got lost was done all the same, once", function()
    server:reset()
    server:fault "lost"
    local _, err = new(server):createOrUpdateDingTalk(CREATE)
    assert.equal("unknown", err.kind)
    assert.equal(1, #server:chatbots())
    assert.equal(1, #server:requests())
  end)

  it("goes on the connection of the one before, but for creates and test messages: TLS is resumed for those", function()
    server:reset()
    local client = new(server)
    assert.is_truthy(client:describeDingTalk())
    assert.is_truthy(client:createOrUpdateDingTalk(CREATE))
    assert.is_truthy(client:describeDingTalk())
    local id = server:chatbots()[1].Id
    assert.is_truthy(client:modifyDingTalkStatus { Ids = id, Status = 1 })
    assert.is_truthy(client:dingTalkOnlineTest { Id = id })
    assert.is_truthy(client:deleteDingTalk { Ids = id })
    local made, resumed = {}, {}
    for i, request in ipairs(server:requests()) do
      made[i], resumed[i] = request.connection, request.resumed
    end
    assert.same({ made[1], made[2], made[1], made[1], made[5], made[1] }, made)
    assert.is_true(made[2] ~= made[1] and made[5] ~= made[1] and made[5] ~= made[2])
    assert.is_false(resumed[1])
    assert.is_true(resumed[2])
    assert.is_true(resumed[5])
  end)

  it("a reused connection that dies does not make libcurl send again", function()
    server:reset()
    local client = new(server)
    assert.is_truthy(client:describeDingTalk())
    server:fault "lost"
    local _, err = client:modifyDingTalkStatus { Ids = 1, Status = 1 }
    assert.equal("unknown", err.kind)
    assert.equal(2, #server:requests())
  end)
end)

describe("a server that is not to be trusted", function()
  local certificates = { "wronghost", "expired", "selfsigned", "otherca" }
  for _, certificate in ipairs(certificates) do
    it("is refused before a byte is sent: " .. certificate, function()
      local server = serve { certificate = certificate }
      finally(function() server:stop() end)
      for _, act in ipairs { "describeDingTalk", "createOrUpdateDingTalk" } do
        local client = new(server)
        local params = act == "describeDingTalk" and {} or CREATE
        local result, err = client[act](client, params)
        assert.is_nil(result)
        assert.equal("network", err.kind)
        assert.equal("TLS_CERTIFICATE", err.code)
        assert.is_false(err.sent)
        assert.is_false(err.retryable)
        assert.is_truthy(err.hint)
      end
      assert.equal(0, #server:requests())
    end)
  end

  it("is refused without the CA that signed it", function()
    local server = serve()
    finally(function() server:stop() end)
    local _, err = new(server, { caFile = "(none)" }):describeDingTalk()
    assert.equal("TLS_CERTIFICATE", err.code)
    assert.is_false(err.sent)
  end)

  it("is refused when the CA file is none", function()
    local server = serve()
    finally(function() server:stop() end)
    for _, path in ipairs { "/nonexistent/ca.pem", "/dev/null", "/" } do
      local _, err = new(server, { caFile = path }):describeDingTalk()
      assert.equal("network", err.kind)
      assert.is_false(err.sent)
    end
    assert.equal(0, #server:requests())
  end)
end)

describe("no server at all", function()
  it("is a network error, unsent, at once", function()
    local server = serve()
    local client = new(server)
    server:stop()
    local start = system.monotonic()
    local _, err = client:createOrUpdateDingTalk(CREATE)
    assert.equal("network", err.kind)
    assert.equal("COULDNT_CONNECT", err.code)
    assert.is_false(err.sent)
    assert.is_true(err.retryable)
    assert.is_true(system.monotonic() - start < 20)
  end)

  it("is a network error where the name does not exist", function()
    local client = sas.new {
      endpoint = "no-such-host.invalid", accessKeyId = "testid", accessKeySecret = "testsecret", connectTimeout = 2,
      timeout = 3,
    }
    local _, err = client:describeDingTalk()
    assert.equal("network", err.kind)
    assert.is_false(err.sent)
  end)
end)

describe("plain http", function()
  it("goes to a loopback endpoint asked for by name", function()
    local server = serve { tls = false }
    finally(function() server:stop() end)
    assert.is_truthy(server.endpoint:find("^http://"))
    assert.is_truthy(new(server, { caFile = "(none)" }):describeDingTalk())
  end)

  it("goes nowhere else", function()
    assert.has_error(function()
      sas.new { endpoint = "http://tds.cn-shanghai.aliyuncs.com", accessKeyId = "a", accessKeySecret = "b" }
    end)
    local outcome = http.new({}):send { method = "GET", scheme = "http", host = "example.org", path = "/" }
    assert.is_false(outcome.sent)
    assert.equal("FORBIDDEN_ADDRESS", outcome.code)
  end)
end)

describe("the core by itself", function()
  it("drives a call with the transport of one's choice", function()
    local server = serve()
    finally(function() server:stop() end)
    local host, port = server.endpoint:match "^https://([^:]+):(%d+)$"
    local call = assert(core.createOrUpdateDingTalk({ host = host, port = tonumber(port) }, CREATE))
    assert.equal("credentials", (call:next(0)))
    local held = core.credentials { accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret }
    local request = assert(call:sign(held, os.date "!%Y-%m-%dT%H:%M:%SZ", core.nonce()))
    assert.equal("send", (call:next(0)))
    call:feed(http.new({ caFile = server.caFile }):send(request))
    local step, result = call:next(1)
    assert.equal("done", step)
    assert.is_truthy(result.RequestId)
    assert.equal(1, #server:chatbots())
  end)

  it("refuses steps out of order", function()
    local call = core.describeDingTalk({ host = "localhost" }, {})
    local held = core.credentials { accessKeyId = "a", accessKeySecret = "b" }
    assert.has_error(function() call:feed { sent = false, code = "X" } end)
    call:next(0)
    assert.is_truthy(call:sign(held, "2024-02-20T08:00:00Z", "n"))
    assert.has_error(function() call:sign(held, "2024-02-20T08:00:00Z", "n") end)
    call:feed { sent = false, code = "X" }
    assert.has_error(function() call:feed { sent = false, code = "X" } end)
  end)
end)
