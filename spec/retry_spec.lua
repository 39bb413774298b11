-- retry_spec.lua - what is sent again, when, and how often; over a transport that records, with a clock of its own
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"

local START = 1708416000 -- 2024-02-20T08:00:00Z
local URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

-- A transport that answers one step of the script after the other, the last of them for ever. Its clock moves by its
-- sleeps, and by `seconds` of a step.
local function scripted(script)
  local at, transport = 0, nil
  transport = recorder.new(function()
    local step = script[math.min(#transport.requests, #script)]
    if type(step) == "function" then
      return step(transport)
    end
    at = at + (step.seconds or 0)
    return step
  end)
  transport.monotonic = function() return at end
  transport.now = function() return START + at end
  transport.sleep = function(seconds)
    transport.slept[#transport.slept + 1] = seconds
    at = at + seconds
  end
  transport.advance = function(seconds) at = at + seconds end
  return transport
end

local function new(script, changes)
  local transport = scripted(script)
  local settings = {
    regionId = "cn-hangzhou", accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret,
    transport = transport, jitter = function() return 0.5 end,
  }
  for name, value in pairs(changes or {}) do
    settings[name] = value ~= "(none)" and value or nil
  end
  return sas.new(settings), transport
end

local CLASSES = { "read", "update", "create", "test" }
local calls = {
  read = function(client) return client:describeDingTalk() end,
  update = function(client)
    return client:createOrUpdateDingTalk { Id = 1589, RuleActionName = "name", SendUrl = URL,
      ConfigList = { vul = "all" } }
  end,
  create = function(client)
    return client:createOrUpdateDingTalk { RuleActionName = "name", SendUrl = URL, ConfigList = { vul = "all" },
      GroupIdList = { 1 } }
  end,
  test = function(client) return client:dingTalkOnlineTest { Id = 1589 } end,
}

local function unsent(code) return { sent = false, code = code, message = "m" } end
local function lost(code) return { sent = true, code = code, message = "m" } end

local function refused(status, code, headers)
  return {
    sent = true, status = status, headers = headers or {},
    body = ('{"RequestId":"%s","Code":"%s","Message":"m"}'):format(recorder.RequestId, code),
  }
end

local function page(status, body, headers)
  return { sent = true, status = status, headers = headers or {}, body = body or "<html>Bad Gateway</html>" }
end

local function expired(date)
  return refused(400, "InvalidTimeStamp.Expired", { date = date })
end

local LATE = "Tue, 20 Feb 2024 08:20:00 GMT" -- the client's clock is 20 minutes behind

local good = recorder.good()

-- What each class comes to if it meets the same failure each time: { requests, kind }.
local UNSENT = {
  read = { 3, "network" }, update = { 3, "network" }, create = { 3, "network" }, test = { 3, "network" },
}
local FINAL = { read = { 1, "network" }, update = { 1, "network" }, create = { 1, "network" }, test = { 1, "network" } }
local STATE = { read = { 1, "state" }, update = { 1, "state" }, create = { 1, "state" }, test = { 1, "state" } }
local LOST = { read = { 3, "network" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" } }
local BROKEN = { read = { 2, "reply" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" } }
local THROTTLED = {
  read = { 3, "service" }, update = { 3, "service" }, create = { 3, "service" }, test = { 1, "service" },
}
local REFUSED = {
  read = { 1, "service" }, update = { 1, "service" }, create = { 1, "service" }, test = { 1, "service" },
}
local CORRECTED = {
  read = { 2, "service" }, update = { 2, "service" }, create = { 2, "service" }, test = { 1, "service" },
}
local TOKEN = {
  read = { 1, "credentials" }, update = { 1, "credentials" }, create = { 1, "credentials" },
  test = { 1, "credentials" },
}
local NONCE = { read = { 3, "service" }, update = { 1, "service" }, create = { 1, "unknown" }, test = { 1, "unknown" } }
local FAILED = {
  read = { 3, "service" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" },
}
local PAGE5XX = { read = { 3, "reply" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" } }
local ANONYMOUS = {
  read = { 1, "service" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" },
}

local rows = {
  { "no connection", unsent "COULDNT_CONNECT", UNSENT },
  { "no address", unsent "COULDNT_RESOLVE_HOST", UNSENT },
  { "no connection in time", unsent "TIMEOUT", UNSENT },
  { "a handshake that fails", unsent "TLS_HANDSHAKE", UNSENT },
  { "a proxy that does not connect", unsent "PROXY", UNSENT },
  { "a proxy that refuses", unsent "PROXY_REFUSED", FINAL },
  { "a certificate that is not trusted", unsent "TLS_CERTIFICATE", FINAL },
  { "a CA file that is none", unsent "CA_FILE", FINAL },
  { "plain http to a stranger", unsent "FORBIDDEN_ADDRESS", FINAL },
  { "a request that is none", unsent "INVALID_REQUEST", STATE },
  { "no memory", unsent "OUT_OF_MEMORY", STATE },
  { "a lost connection", lost "CONNECTION_LOST", LOST },
  { "no answer in time", lost "TIMEOUT", LOST },
  { "a failure with a code of its own", lost "WHATEVER", LOST },
  { "a transport that raises", function() error "broken" end, LOST },
  { "a transport that answers nothing", function() end, LOST },
  { "a transport that answers a status only", { sent = true, status = 200 }, LOST },
  { "a cut answer", lost "TRUNCATED", BROKEN },
  { "an answer that is too large", lost "TOO_LARGE", BROKEN },
  { "an answer that is no HTTP", lost "BAD_RESPONSE", BROKEN },
  { "200 and a page", page(200), BROKEN },
  { "200 and nothing", page(200, ""), BROKEN },
  { "200 without a RequestId", page(200, "{}"), BROKEN },
  { "200 with a Code", page(200, '{"RequestId":"r","Code":"ServerError","Message":"m"}'), BROKEN },
  { "a redirect", page(302, ""), BROKEN },
  { "404 and a page", page(404), BROKEN },
  { "429 Throttling", refused(429, "Throttling"), THROTTLED },
  { "429 and a page", page(429), THROTTLED },
  { "400 Throttling.User", refused(400, "Throttling.User"), THROTTLED },
  { "503 Throttling", refused(503, "Throttling"), THROTTLED },
  { "400 Rejected.Throttling", refused(400, "Rejected.Throttling"), THROTTLED },
  { "another clock, without a Date", expired(), REFUSED },
  { "another clock, with a Date that is none", expired "yesterday", REFUSED },
  { "another clock", expired(LATE), CORRECTED },
  { "an expired token, where there is no other", refused(403, "InvalidSecurityToken.Expired"), TOKEN },
  { "a nonce that was used", refused(400, "SignatureNonceUsed"), NONCE },
  { "no permission", refused(403, "NoPermission"), REFUSED },
  { "a wrong signature", refused(403, "SignatureDoesNotMatch"), REFUSED },
  { "a wrong parameter", refused(400, "InvalidParameter"), REFUSED },
  { "an unknown action", refused(404, "InvalidAction.NotFound"), REFUSED },
  { "400 without a RequestId", page(400, '{"Code":"InvalidParameter","Message":"m"}'), ANONYMOUS },
  { "500 ServerError", refused(500, "ServerError"), FAILED },
  { "503 ServiceUnavailable", refused(503, "ServiceUnavailable"), FAILED },
  { "500 SignatureNonceUsed", refused(500, "SignatureNonceUsed"), FAILED },
  { "500 InvalidTimeStamp.Expired", refused(500, "InvalidTimeStamp.Expired", { date = LATE }), FAILED },
  { "502 and a page", page(502), PAGE5XX },
  { "504 and nothing", page(504, ""), PAGE5XX },
}

local function header(transport, i, name)
  return transport.requests[i].headers[name]
end

local function signature(transport, i)
  return header(transport, i, "authorization"):match "Signature=(%x+)"
end

-- Every copy is signed anew, and is otherwise the same.
local function assert_new_each_time(transport)
  local nonces, signatures = {}, {}
  for i, request in ipairs(transport.requests) do
    local nonce, sign = header(transport, i, "x-acs-signature-nonce"), signature(transport, i)
    assert.is_nil(nonces[nonce])
    assert.is_nil(signatures[sign])
    nonces[nonce], signatures[sign] = true, true
    assert.equal(transport.requests[1].query, request.query)
  end
end

local function is_sent(step)
  return type(step) ~= "table" or step.sent
end

describe("a call that meets", function()
  for _, row in ipairs(rows) do
    local name, step, expected = row[1], row[2], row[3]
    for _, class in ipairs(CLASSES) do
      it(("%s each time: a %s"):format(name, class), function()
        local client, transport = new { step }
        local result, err = calls[class](client)
        assert.is_nil(result)
        assert.equal(expected[class][2], err.kind, tostring(err))
        assert.equal(expected[class][1], #transport.requests)
        assert.equal(is_sent(step), err.sent)
        assert_new_each_time(transport)
      end)

      it(("%s once, then an answer: a %s"):format(name, class), function()
        local client, transport = new { step, good }
        local result, err = calls[class](client)
        if expected[class][1] > 1 then
          assert.equal(recorder.RequestId, assert(result, tostring(err)).RequestId)
          assert.equal(2, #transport.requests)
        else
          assert.is_nil(result)
          assert.equal(expected[class][2], err.kind)
          assert.equal(1, #transport.requests)
        end
      end)
    end
    it(name .. ", with retries = 0", function()
      for _, class in ipairs(CLASSES) do
        local client, transport = new({ step }, { retries = 0 })
        local _, err = calls[class](client)
        assert.equal(expected[class][2], err.kind)
        assert.equal(expected == CORRECTED and expected[class][1] or 1, #transport.requests)
      end
    end)
  end
end)

describe("retries", function()
  for count = 0, 10 do
    it("= " .. count .. " means so many requests more", function()
      for _, step in ipairs { unsent "COULDNT_CONNECT", lost "TIMEOUT", refused(429, "Throttling") } do
        local client, transport = new({ step }, { retries = count, deadline = 3600 })
        assert.is_nil((client:describeDingTalk()))
        assert.equal(count + 1, #transport.requests)
        assert.equal(count, #transport.slept)
      end
    end)
  end

  it("is 2 if not given", function()
    local client, transport = new { lost "TIMEOUT" }
    client:describeDingTalk()
    assert.equal(3, #transport.requests)
  end)

  for _, wrong in ipairs { -1, 11, 1.5, 0 / 0, "2", false } do
    it("= " .. tostring(wrong) .. " is refused", function()
      local made, why = pcall(sas.new, { regionId = "cn-hangzhou", accessKeyId = "a", accessKeySecret = "b",
        retries = wrong })
      assert.is_false(made)
      assert.is_truthy(tostring(why):find("retries: must be", 1, true))
    end)
  end

  it("does not count the corrected try", function()
    local client, transport = new({ expired(LATE), lost "TIMEOUT", lost "TIMEOUT", good }, { retries = 1 })
    assert.is_nil((client:describeDingTalk()))
    assert.equal(3, #transport.requests)
    client, transport = new({ lost "TIMEOUT", expired(LATE), good }, { retries = 1 })
    assert.is_truthy(client:describeDingTalk())
    assert.equal(3, #transport.requests)
  end)

  it("leave a read one more try after each kind of thing that may happen once", function()
    local client, transport = new { page(200, ""), expired(LATE), good }
    assert.is_truthy(client:describeDingTalk())
    assert.equal(3, #transport.requests)
    client, transport = new { page(200, ""), page(200), good }
    assert.equal("reply", select(2, client:describeDingTalk()).kind)
    assert.equal(2, #transport.requests)
  end)
end)

describe("the pause", function()
  -- The waits of a call with ten repetitions, where the random number is always the same.
  local function waits(step, jitter)
    local client, transport = new({ step }, {
      retries = 10, deadline = 3600, jitter = function() return jitter end,
    })
    client:describeDingTalk()
    return transport.slept
  end

  local function assert_near(expected, waited)
    assert.equal(#expected, #waited)
    for i, seconds in ipairs(expected) do
      assert.is_true(math.abs(seconds - waited[i]) < 1e-6, ("%d: %s"):format(i, waited[i]))
    end
  end

  local TRANSIENT = { 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20 }
  local SLOW = { 1, 2, 4, 8, 16, 20, 20, 20, 20, 20 }

  it("doubles from 0.05 to 20 seconds where something failed", function()
    for _, step in ipairs { lost "TIMEOUT", unsent "COULDNT_CONNECT", refused(500, "ServerError") } do
      assert_near(TRANSIENT, waits(step, 1))
    end
  end)

  it("doubles from 1 to 20 seconds where the service throttles", function()
    for _, step in ipairs { refused(429, "Throttling"), refused(400, "Throttling.User"),
      refused(503, "Throttling") } do
      assert_near(SLOW, waits(step, 1))
    end
  end)

  it("is any part of that", function()
    for _, jitter in ipairs { 0.25, 0.5, 0.999 } do
      local expected = {}
      for i, seconds in ipairs(TRANSIENT) do
        expected[i] = seconds * jitter
      end
      assert_near(expected, waits(lost "TIMEOUT", jitter))
    end
  end)

  it("may be none", function()
    local client, transport = new({ lost "TIMEOUT" }, { jitter = function() return 0 end })
    client:describeDingTalk()
    assert.equal(3, #transport.requests)
    for _, seconds in ipairs(transport.slept) do
      assert.equal(0, seconds)
    end
  end)

  for name, jitter in pairs {
    ["nothing"] = function() end, ["a text"] = function() return "0.1" end, ["NaN"] = function() return 0 / 0 end,
    ["a number below 0"] = function() return -1 end, ["a number above 1"] = function() return 7 end,
    ["an error"] = function() error "no" end,
  } do
    it("is the whole if jitter answers " .. name, function()
      local client, transport = new({ lost "TIMEOUT" }, { jitter = jitter })
      local _, err = client:describeDingTalk()
      assert.equal("network", err.kind)
      assert_near({ 0.05, 0.1 }, transport.slept)
    end)
  end

  it("is random by default, and within its bounds", function()
    local seen, different = nil, false
    for _ = 1, 20 do
      local client, transport = new({ refused(429, "Throttling") }, { jitter = "(none)" })
      client:describeDingTalk()
      for i, seconds in ipairs(transport.slept) do
        assert.is_true(seconds >= 0 and seconds <= SLOW[i])
      end
      different = different or (seen and seen ~= transport.slept[1])
      seen = transport.slept[1]
    end
    assert.is_true(different)
  end)

  -- headers, seconds at least
  local asked = {
    { { ["x-acs-retry-after"] = "2000" }, 2 },
    { { ["x-acs-retry-after"] = "1500" }, 1.5 },
    { { ["x-acs-retry-after"] = "0" }, 0 },
    { { ["x-acs-retry-after"] = "60000" }, 60 },
    { { ["x-acs-retry-after"] = "60001" }, 60 },
    { { ["x-acs-retry-after"] = "1000000000000" }, 60 },
    { { ["x-acs-retry-after"] = ("9"):rep(400) }, 60 },
    { { ["x-acs-retry-after"] = "-1" }, 0 },
    { { ["x-acs-retry-after"] = "soon" }, 0 },
    { { ["x-acs-retry-after"] = "" }, 0 },
    { { ["x-acs-retry-after"] = 2000 }, 0 }, -- no text
    { { ["retry-after"] = "30" }, 0 }, -- not of this service
    { { ["x-ratelimit-user-api"] = "Limit:1,Remain:0,TimeLeft:2000,Reset:1234" }, 2 },
    { { ["x-ratelimit-user"] = "TimeLeft:2000" }, 2 },
    { { ["x-ratelimit-user"] = "TimeLeft:-1" }, 0 },
    { { ["x-ratelimit-user"] = "TimeLeft:1000000000000" }, 60 },
    { { ["x-ratelimit-user"] = "TimeLeft:" }, 0 },
    { { ["x-ratelimit-user"] = "TimeLeft" }, 0 },
    { { ["x-ratelimit-user"] = "Reset:2000" }, 0 },
    { { ["x-ratelimit-user-api"] = "TimeLeft:1000", ["x-ratelimit-user"] = "TimeLeft:3000",
      ["x-acs-retry-after"] = "2000" }, 3 },
  }
  for i, row in ipairs(asked) do
    it(("is at least what the service asks for (%d)"):format(i), function()
      for _, step in ipairs { refused(429, "Throttling", row[1]), refused(400, "Throttling.User", row[1]),
        page(429, nil, row[1]), refused(503, "ServiceUnavailable", row[1]) } do
        local client, transport = new({ step, good }, { deadline = 300, jitter = function() return 0 end })
        assert.is_truthy(client:describeDingTalk())
        assert.equal(row[2], transport.slept[1] or 0)
      end
    end)
  end

  it("is the longer one of both", function()
    local headers = { ["x-acs-retry-after"] = "300" }
    local client, transport = new({ refused(429, "Throttling", headers), good }, { jitter = function() return 1 end })
    assert.is_truthy(client:describeDingTalk())
    assert.equal(1, transport.slept[1])
  end)

  it("is made once, whatever the clock shows then", function()
    for _, monotonic in ipairs { function() return 5 end, function() error "no clock" end } do
      local client, transport = new { lost "TIMEOUT" }
      transport.monotonic = monotonic
      local other = sas.new { regionId = "cn-hangzhou", accessKeyId = "a", accessKeySecret = "b",
        transport = transport, jitter = function() return 1 end }
      client:close()
      assert.equal("network", select(2, other:describeDingTalk()).kind)
      assert_near({ 0.05, 0.1 }, transport.slept)
      assert.equal(3, #transport.requests)
    end
  end)

  it("that cannot be made ends the call with what it came to", function()
    for class, kind in pairs { read = "network", update = "unknown" } do
      local client, transport = new { lost "TIMEOUT" }
      transport.sleep = function() error "interrupted" end
      local other = sas.new { regionId = "cn-hangzhou", accessKeyId = "a", accessKeySecret = "b",
        transport = transport }
      client:close()
      local result, err = calls[class](other)
      assert.is_nil(result)
      assert.equal(kind, err.kind)
      assert.equal("TIMEOUT", err.code)
      assert.equal(1, #transport.requests)
    end
  end)
end)

describe("the deadline", function()
  it("bounds attempts and pauses together", function()
    local step = refused(429, "Throttling", { ["x-acs-retry-after"] = "2000" })
    local client, transport = new({ step }, { retries = 10, deadline = 10, jitter = function() return 0 end })
    local _, err = client:describeDingTalk()
    assert.equal("service", err.kind)
    assert.equal("Throttling", err.code)
    assert.same({ 2, 2, 2, 2 }, transport.slept) -- the fifth would end with it
    assert.equal(5, #transport.requests)
    assert.equal(8, transport.monotonic())
  end)

  it("shortens the last attempts", function()
    local step = lost "TIMEOUT"
    step.seconds = 4
    local client, transport = new({ step }, {
      retries = 10, deadline = 10, timeout = 4, connectTimeout = 3, jitter = function() return 0 end,
    })
    assert.equal("network", select(2, client:describeDingTalk()).kind)
    local timeouts, connecting = {}, {}
    for i, request in ipairs(transport.requests) do
      timeouts[i], connecting[i] = request.timeout, request.connectTimeout
    end
    assert.same({ 4, 4, 2 }, timeouts)
    assert.same({ 3, 3, 2 }, connecting)
  end)

  it("begins no pause that would pass it", function()
    for _, class in ipairs { "read", "update", "create" } do
      local step = refused(429, "Throttling", { ["x-acs-retry-after"] = "60000" })
      local client, transport = new({ step, good }, { deadline = 60 })
      local _, err = calls[class](client)
      assert.equal("Throttling", err.code)
      assert.equal("service", err.kind)
      assert.is_true(err.retryable)
      assert.same({}, transport.slept)
      assert.equal(1, #transport.requests)
    end
  end)

  it("leaves an update that may have been executed unknown", function()
    local step = lost "TIMEOUT"
    step.seconds = 10
    local client, transport = new({ step, good }, { deadline = 10 })
    local _, err = calls.update(client)
    assert.equal("unknown", err.kind)
    assert.equal("TIMEOUT", err.code)
    assert.is_true(err.sent)
    assert.equal(1, #transport.requests)
  end)

  local function slow_provider(transport, seconds)
    return {
      fetch = function()
        transport().advance(seconds)
        return { accessKeyId = "a", accessKeySecret = "b" }
      end,
    }
  end

  it("counts what the credentials take", function()
    local client, transport
    client, transport = new({ good }, {
      deadline = 10, timeout = 9, connectTimeout = 5, accessKeyId = "(none)", accessKeySecret = "(none)",
      credentials = slow_provider(function() return transport end, 8),
    })
    assert.is_truthy(client:describeDingTalk())
    assert.equal(2, transport.requests[1].timeout)
    assert.equal(2, transport.requests[1].connectTimeout)
  end)

  it("that is over when there are credentials means that nothing is sent", function()
    local client, transport
    client, transport = new({ good }, {
      deadline = 10, accessKeyId = "(none)", accessKeySecret = "(none)",
      credentials = slow_provider(function() return transport end, 11),
    })
    local _, err = calls.create(client)
    assert.equal("DEADLINE", err.code)
    assert.equal("network", err.kind)
    assert.is_false(err.sent)
    assert.is_true(err.retryable)
    assert.equal(0, #transport.requests)
  end)
end)

describe("the budget", function()
  local function sends_of(client, transport, act)
    local before = #transport.requests
    act(client)
    return #transport.requests - before
  end

  local function settings()
    return { retries = 10, deadline = 3600, jitter = function() return 0 end }
  end

  it("lets a client repeat 35 times after failures", function()
    local client, transport = new({ lost "TIMEOUT" }, settings())
    local sends = {}
    for i = 1, 6 do
      sends[i] = sends_of(client, transport, i % 2 == 1 and calls.read or calls.update)
    end
    assert.same({ 11, 11, 11, 6, 1, 1 }, sends) -- 500 / 14
  end)

  it("lets a client repeat 100 times after throttling", function()
    local client, transport = new({ refused(429, "Throttling") }, settings())
    local sends = 0
    for _ = 1, 12 do
      sends = sends + sends_of(client, transport, calls.create)
    end
    assert.equal(112, sends) -- 500 / 5, and each call's own first request
  end)

  it("is empty for nobody else", function()
    local client, transport = new({ lost "TIMEOUT" }, settings())
    for _ = 1, 5 do
      client:describeDingTalk()
    end
    assert.equal(1, sends_of(client, transport, calls.read))
    client, transport = new({ lost "TIMEOUT" }, settings())
    assert.equal(11, sends_of(client, transport, calls.read))
  end)

  -- A client whose budget is down to 10.
  local function spent()
    local step = lost "TIMEOUT"
    local client, transport = new({ function(t) return t.step end }, settings())
    transport.step = step
    for _ = 1, 5 do
      client:describeDingTalk()
    end
    return client, transport
  end

  it("ends a call with what it came to", function()
    local client = spent()
    assert.equal("network", select(2, calls.read(client)).kind)
    local _, err = calls.update(client)
    assert.equal("unknown", err.kind)
    assert.equal("TIMEOUT", err.code)
  end)

  it("has something left for what costs less", function()
    local client, transport = spent()
    transport.step = refused(429, "Throttling")
    assert.equal(3, sends_of(client, transport, calls.read)) -- 10 / 5
  end)

  it("gets 1 back for a success, and never more than there was", function()
    local client, transport = spent()
    for round = 1, 2 do
      transport.step = good
      for _ = 1, round == 1 and 3 or 1 do
        client:describeDingTalk()
      end
      transport.step = lost "TIMEOUT"
      assert.equal(round, sends_of(client, transport, calls.read)) -- 13: none; 14: one
    end
    client, transport = spent()
    transport.step = good
    for _ = 1, 1000 do
      client:describeDingTalk()
    end
    transport.step = lost "TIMEOUT"
    local sends = 0
    for _ = 1, 5 do
      sends = sends + sends_of(client, transport, calls.read)
    end
    assert.equal(35 + 5, sends)
  end)

  it("gets back what the repetition cost that succeeded", function()
    local client, transport = new({ function(t)
      return #t.requests % 2 == 1 and lost "TIMEOUT" or good
    end }, settings())
    for _ = 1, 100 do
      assert.equal(2, sends_of(client, transport, calls.read))
    end
  end)

  it("does not pay for the corrected try", function()
    local client, transport = spent()
    local before = #transport.requests
    transport.step = nil
    transport.send = nil
    client:close()
    -- by the core itself, since there the budget is in hand
    local budget = core.budget()
    local held = core.credentials { accessKeyId = "a", accessKeySecret = "b" }
    for _ = 1, 600 do
      local call = core.describeDingTalk({ host = "h", retries = 0 }, {})
      for _, outcome in ipairs { expired(LATE), refused(403, "NoPermission") } do
        assert.equal("credentials", (call:next(0)))
        assert.is_truthy(call:sign(held, "2024-02-20T08:00:00Z", "n"))
        assert.equal("send", (call:next(0)))
        call:feed(outcome, 0, budget)
      end
      assert.equal("done", (call:next(0)))
    end
    assert.equal(before, #transport.requests)
  end)
end)

describe("a clock that is refused", function()
  it("is corrected by the Date of the answer, once and for the client's later calls", function()
    local client, transport = new { expired(LATE), good }
    for _, class in ipairs { "create", "read", "update", "test" } do
      assert.is_truthy(calls[class](client))
    end
    local dates = {}
    for i = 1, #transport.requests do
      dates[i] = header(transport, i, "x-acs-date")
    end
    assert.same({ "2024-02-20T08:00:00Z", "2024-02-20T08:20:00Z", "2024-02-20T08:20:00Z", "2024-02-20T08:20:00Z",
      "2024-02-20T08:20:00Z" }, dates)
    assert.same({}, transport.slept)
    assert.equal("2024-02-20T08:20:00Z", client:prepare("DescribeDingTalk").headers["x-acs-date"])
    assert_new_each_time { requests = { transport.requests[1], transport.requests[2] } }
  end)

  it("may be ahead as well", function()
    local client, transport = new { expired "Tue, 20 Feb 2024 07:40:00 GMT", good }
    assert.is_truthy(client:describeDingTalk())
    assert.equal("2024-02-20T07:40:00Z", header(transport, 2, "x-acs-date"))
  end)

  it("is corrected again when it is refused in a later call", function()
    local client, transport = new { expired(LATE), good, expired "Tue, 20 Feb 2024 09:00:00 GMT", good }
    assert.is_truthy(client:describeDingTalk())
    assert.is_truthy(client:describeDingTalk())
    assert.equal("2024-02-20T09:00:00Z", header(transport, 4, "x-acs-date"))
  end)

  it("is no other client's", function()
    new { expired(LATE), good }:describeDingTalk()
    local client, transport = new { good }
    client:describeDingTalk()
    assert.equal("2024-02-20T08:00:00Z", header(transport, 1, "x-acs-date"))
  end)

  for date, hint in pairs {
    [LATE] = "1200 seconds behind the service's", ["Tue, 20 Feb 2024 07:40:00 GMT"] = "1200 seconds ahead of",
  } do
    it("is told by how much: " .. hint, function()
      local client, transport = new { expired(date) }
      local _, err = calls.test(client) -- which is not tried again
      assert.equal("InvalidTimeStamp.Expired", err.code)
      assert.is_truthy(err.hint:find(hint, 1, true), err.hint)
      assert.equal(1, #transport.requests)
    end)
  end

  for _, date in ipairs { "", "yesterday", "2024-02-20T08:20:00Z", "Tue, 20 Feb 2024 08:20:00 UTC",
    "Tue, 20 Fex 2024 08:20:00 GMT", "Tue, 32 Feb 2024 08:20:00 GMT", "Tue, 20 Feb 2024 24:20:00 GMT",
    "Tue, 20 Feb 1969 08:20:00 GMT", "Tue, 20 Feb 2024 08:20:00 GMT ", "Tuesday, 20-Feb-24 08:20:00 GMT" } do
    it(("is not corrected by the Date '%s'"):format(date), function()
      local client, transport = new { expired(date), good }
      local _, err = client:describeDingTalk()
      assert.equal("service", err.kind)
      assert.equal(1, #transport.requests)
    end)
  end

  it("loses no outcome when it fails behind the send", function()
    local called = 0
    local client, transport = new({ expired(LATE), good }, { now = function()
      called = called + 1
      if called == 2 then
        error "no clock"
      end
      return START
    end })
    assert.is_truthy(client:describeDingTalk())
    assert.equal(2, #transport.requests)
    assert.equal("2024-02-20T08:00:00Z", header(transport, 2, "x-acs-date")) -- nothing was learned
  end)
end)

describe("an update that may have been executed", function()
  local endings = {
    { "is refused then", refused(403, "NoPermission"), "NoPermission" },
    { "is not sent then", unsent "COULDNT_CONNECT", "COULDNT_CONNECT" },
    { "meets a stranger's certificate then", unsent "TLS_CERTIFICATE", "TLS_CERTIFICATE" },
    { "is throttled then", refused(429, "Throttling"), "Throttling" },
    { "has a used nonce then", refused(400, "SignatureNonceUsed"), "SignatureNonceUsed" },
    { "has another clock then", expired(), "InvalidTimeStamp.Expired" },
    { "has a page then", page(200), "BAD_REPLY" },
  }
  for _, row in ipairs(endings) do
    it("and " .. row[1] .. " is unknown", function()
      for _, first in ipairs { lost "TIMEOUT", lost "TRUNCATED", page(502), refused(500, "ServerError"), page(200) } do
        local result, err = calls.update((new { first, row[2] }))
        assert.is_nil(result)
        assert.equal("unknown", err.kind)
        assert.equal(row[3], err.code)
        assert.is_true(err.sent)
        assert.is_true(err.retryable)
        assert.is_truthy(err.hint:find("may have been executed", 1, true))
      end
    end)
  end

  it("and is answered then is done", function()
    local client, transport = new { lost "TIMEOUT", refused(500, "ServerError"), good }
    assert.is_truthy(calls.update(client))
    assert.equal(3, #transport.requests)
  end)

  for name, act in pairs {
    modify = function(client) return client:modifyDingTalkStatus { Ids = { 1 }, Status = 1 } end,
    delete = function(client) return client:deleteDingTalk { Ids = 1 } end,
    other = function(client) return client:call("SomethingElse", {}, { class = "update" }) end,
  } do
    it("is a " .. name .. " too", function()
      local client, transport = new { lost "TIMEOUT" }
      assert.equal("unknown", select(2, act(client)).kind)
      assert.equal(3, #transport.requests)
    end)
  end

  -- what the second signature meets, and what of it is seen where nothing can have been executed
  local failures = {
    ["credentials that are refused"] = function() return nil, core.error { kind = "credentials", code = "NONE",
      message = "m", retryable = false, sent = false } end,
    ["credentials that raise"] = function() error "no" end,
    ["credentials that are none"] = function() return 42 end,
  }
  for name, fail in pairs(failures) do
    it("is unknown though there are then " .. name, function()
      for first, kind in pairs { [lost "TIMEOUT"] = "unknown", [unsent "COULDNT_CONNECT"] = "credentials" } do
        local fetched = 0
        local client, transport = new({ first }, {
          accessKeyId = "(none)", accessKeySecret = "(none)", credentials = { fetch = function()
            fetched = fetched + 1
            if fetched > 1 then
              return fail()
            end
            return { accessKeyId = "a", accessKeySecret = "b" }
          end },
        })
        local _, err = calls.update(client)
        assert.equal(kind, err.kind)
        assert.equal(1, #transport.requests)
      end
    end)
  end

  it("is unknown though there is no nonce or no clock then", function()
    for _, name in ipairs { "nonce", "now" } do
      for _, fail in ipairs { function() end, function() error "no" end } do
        local count = 0
        local client = new({ lost "TIMEOUT" }, { [name] = function()
          count = count + 1
          if count > 1 then
            return fail()
          end
          return name == "nonce" and "n" or START
        end })
        local _, err = calls.update(client)
        assert.equal("unknown", err.kind)
        assert.equal("TIMEOUT", err.code)
      end
    end
  end)

  it("is unknown though the client is closed then", function()
    local client, transport
    client, transport = new({ function()
      client:close()
      return lost "TIMEOUT"
    end })
    assert.equal("unknown", select(2, calls.update(client)).kind)
    assert.equal(1, #transport.requests)
  end)
end)

describe("a create", function()
  it("that certainly was not executed is sent again until it was", function()
    local client, transport = new({ unsent "TIMEOUT", refused(429, "Throttling"), good })
    assert.is_truthy(calls.create(client))
    assert.equal(3, #transport.requests)
    for _, request in ipairs(transport.requests) do
      assert.is_true(request.fresh)
    end
  end)

  it("is not sent again once a copy may have been executed", function()
    for _, last in ipairs { lost "TIMEOUT", page(502), refused(400, "SignatureNonceUsed"), page(200) } do
      local client, transport = new { unsent "TIMEOUT", last, good }
      local _, err = calls.create(client)
      assert.equal("unknown", err.kind)
      assert.is_false(err.retryable)
      assert.equal(2, #transport.requests)
    end
  end)

  it("is what an unheard-of operation is", function()
    local client, transport = new { lost "TIMEOUT" }
    assert.equal("unknown", select(2, client:call("SomethingElse", {})).kind)
    assert.equal(1, #transport.requests)
    client, transport = new { lost "TIMEOUT" }
    assert.equal("network", select(2, client:call("SomethingElse", {}, { class = "read" })).kind)
    assert.equal(3, #transport.requests)
  end)
end)

describe("observers", function()
  local function watching(script, changes)
    local events = {}
    local settings = changes or {}
    for _, name in ipairs { "onRequest", "onResponse", "onRetry" } do
      settings[name] = function(event)
        events[#events + 1] = { name = name, event = event }
      end
    end
    local client, transport = new(script, settings)
    return client, events, transport
  end

  local function names_of(events)
    local names = {}
    for i, seen in ipairs(events) do
      names[i] = seen.name
    end
    return table.concat(names, " ")
  end

  local FIELDS = {
    onRequest = { action = "string", attempt = "number", class = "string", host = "string", method = "string",
      bytes = "number", fresh = "boolean" },
    onResponse = { action = "string", attempt = "number", seconds = "number", sent = "boolean", status = "number",
      bytes = "number", kind = "string", code = "string", requestId = "string" },
    onRetry = { action = "string", attempt = "number", wait = "number", kind = "string", code = "string",
      status = "number", requestId = "string" },
  }

  it("see each request, answer and repetition in their order", function()
    local slow = refused(429, "Throttling", { ["x-acs-retry-after"] = "2000" })
    slow.seconds = 0.25
    local client, events = watching { slow, lost "TIMEOUT", good }
    assert.is_truthy(calls.update(client))
    assert.equal("onRequest onResponse onRetry onRequest onResponse onRetry onRequest onResponse", names_of(events))
    assert.same({ action = "CreateOrUpdateDingTalk", attempt = 1, class = "update",
      host = "tds.cn-shanghai.aliyuncs.com", method = "POST", bytes = events[1].event.bytes, fresh = false },
      events[1].event)
    assert.is_true(events[1].event.bytes > 100)
    assert.same({ action = "CreateOrUpdateDingTalk", attempt = 1, seconds = 0.25, status = 429, bytes = #slow.body,
      sent = true, kind = "service", code = "Throttling", requestId = recorder.RequestId }, events[2].event)
    assert.same({ action = "CreateOrUpdateDingTalk", attempt = 1, wait = 2, kind = "service", code = "Throttling",
      status = 429, requestId = recorder.RequestId }, events[3].event)
    assert.equal("unknown", events[5].event.kind)
    assert.equal("TIMEOUT", events[5].event.code)
    assert.is_nil(events[5].event.status)
    assert.same({ action = "CreateOrUpdateDingTalk", attempt = 3, seconds = 0, status = 200, bytes = #good.body,
      sent = true }, events[8].event)
  end)

  it("see the corrected try, which has no pause", function()
    local client, events = watching { expired(LATE), good }
    assert.is_truthy(client:describeDingTalk())
    assert.equal("onRequest onResponse onRetry onRequest onResponse", names_of(events))
    assert.equal(0, events[3].event.wait)
    assert.equal("InvalidTimeStamp.Expired", events[3].event.code)
  end)

  it("see no repetition where none follows", function()
    for _, row in ipairs { { lost "TIMEOUT", "create" }, { refused(403, "NoPermission"), "read" },
      { unsent "TLS_CERTIFICATE", "update" }, { refused(429, "Throttling", { ["x-acs-retry-after"] = "60000" }),
      "read" } } do
      local client, events = watching { row[1] }
      assert.is_nil((calls[row[2]](client)))
      assert.equal("onRequest onResponse", names_of(events))
      assert.equal(is_sent(row[1]), events[2].event.sent)
    end
  end)

  it("get names, sizes and timings, and no secret", function()
    local echo = refused(400, "InvalidParameter." .. canary.accessToken, {})
    echo.body = ('{"RequestId":"%s","Code":"Throttling.%s","Message":"%s %s"}'):format(canary.accessToken,
      canary.accessToken, canary.accessToken, canary.accessKeySecret)
    local script = { echo, lost(canary.accessToken), page(502, canary.accessToken), good }
    for _, settings in ipairs { {}, { parameters = "body" }, { signature = "v1" } } do
      settings.retries = 5
      settings.accessKeyId, settings.accessKeySecret = "(none)", "(none)"
      settings.credentials = sas.credentials.static { accessKeyId = canary.accessKeyId,
        accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken }
      local client, events = watching(script, settings)
      assert.is_truthy(calls.update(client))
      assert.equal(11, #events)
      for _, seen in ipairs(events) do
        for field, value in pairs(seen.event) do
          assert.equal(FIELDS[seen.name][field], type(value), seen.name .. "." .. tostring(field))
          for _, secret in ipairs { canary.accessKeySecret, canary.accessToken, canary.securityToken,
            "access_token", "Signature=" } do
            assert.is_nil(tostring(value):find(secret, 1, true))
          end
        end
      end
    end
  end)

  for _, name in ipairs { "onRequest", "onResponse", "onRetry" } do
    it(("that raise lose nothing: %s"):format(name), function()
      for _, value in ipairs { "text", { 1 }, false } do
        local client, transport = new({ lost "TIMEOUT", good }, { [name] = function() error(value) end })
        assert.is_truthy(client:describeDingTalk())
        assert.equal(2, #transport.requests)
        local _, err = calls.create((new({ lost "TIMEOUT" }, { [name] = function() error(value) end })))
        assert.equal("unknown", err.kind)
      end
    end)

    it(("cannot change the call: %s"):format(name), function()
      local client, transport = new({ lost "TIMEOUT", good }, { [name] = function(event)
        for field in pairs(event) do
          event[field] = "changed"
        end
        return nil, "ignored"
      end })
      assert.is_truthy(client:describeDingTalk())
      assert.equal("tds.cn-shanghai.aliyuncs.com", transport.requests[2].host)
    end)

    it(("must be a function: %s"):format(name), function()
      assert.has_error(function() new({ good }, { [name] = "print" }) end)
    end)
  end

  it("may yield, as sleep and send may", function()
    local client, transport
    client, transport = new({ function()
      coroutine.yield "send"
      return #transport.requests < 2 and lost "TIMEOUT" or good
    end }, { onRetry = function() coroutine.yield "observer" end })
    local steps, result = {}, nil
    local thread = coroutine.wrap(function()
      result = client:describeDingTalk()
      return "end"
    end)
    repeat
      steps[#steps + 1] = thread()
    until steps[#steps] == "end"
    assert.same({ "send", "observer", "send", "end" }, steps)
    assert.is_truthy(result.RequestId)
  end)

  it("see two calls at once, each by its own count", function()
    local client, events = watching { function()
      coroutine.yield()
      return lost "TIMEOUT"
    end }
    local threads = {}
    for i = 1, 2 do
      threads[i] = coroutine.wrap(function()
        client:describeDingTalk()
        return true
      end)
    end
    for _ = 1, 4 do
      threads[1]()
      threads[2]()
    end
    local attempts = {}
    for _, seen in ipairs(events) do
      if seen.name == "onRequest" then
        attempts[#attempts + 1] = seen.event.attempt
      end
    end
    assert.same({ 1, 1, 2, 2, 3, 3 }, attempts)
  end)
end)
