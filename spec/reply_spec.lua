-- What an answer means: strict JSON, exact integers, the classification of every failure, and no secret in any error.

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"

local ID = "76975B7A-34DC-5CB6-9538-91700D4F112E"
local CLASSES = { "read", "update", "create", "test" }
local number_type = rawget(math, "type") -- Lua 5.3 and newer
local HAS_INTEGERS = number_type ~= nil
local credentials = core.credentials {
  accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken,
}

local function reply(outcome, class, action)
  local given = { class = class, action = action }
  for name, value in pairs(outcome) do
    given[name] = value
  end
  return core.reply(given)
end

-- A good answer with a further member.
local function good(member)
  return { status = 200, body = ('{"RequestId":"%s"%s}'):format(ID, member and "," .. member or "") }
end

-- The value of the member "v".
local function value_of(json)
  local result, err = reply(good('"v":' .. json), "read")
  assert.is_truthy(result, tostring(err))
  return result.v, result
end

local function refused(status, code, message)
  return { status = status,
    body = ('{"RequestId":"%s","HostId":"h","Code":"%s","Message":"%s","Recommend":"u"}'):format(
    ID, code, message or "no") }
end

describe("a JSON answer", function()
  local numbers = {
    { "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-1", -1 }, { "2147483647", 2147483647 }, { "2147483648", 2147483648 },
    { "-2147483649", -2147483649 }, { "99999999999999", 99999999999999 }, { "-99999999999999", -99999999999999 },
    { "1550828400000", 1550828400000 },
    { "1.5", 1.5 }, { "1e3", 1000 }, { "1E+3", 1000 }, { "-2.5e-1", -0.25 }, { "1.0", 1 }, { "1e308", 1e308 },
    { "1e-400", 0 },
  }
  for _, row in ipairs(numbers) do
    it("has the number " .. row[1], function()
      local value = value_of(row[1])
      assert.equal("number", type(value))
      assert.equal(row[2], value)
      if HAS_INTEGERS then
        assert.equal(row[1]:find "[.eE]" and "float" or "integer", number_type(value))
      end
    end)
  end

  for _, text in ipairs {
    "100000000000000", "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807",
    "-9223372036854775808", "-100000000000000",
  } do
    it("has the integer " .. text .. " exactly", function()
      local value = value_of(text)
      assert.equal(HAS_INTEGERS and "number" or "string", type(value))
      assert.equal(text, tostring(value))
      assert.equal("x" .. text, "x" .. value)
    end)
  end

  for _, text in ipairs {
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1234567890123456789012345678901234567890",
  } do
    it("has " .. text .. " as its text: no Lua can hold it", function()
      assert.equal(text, value_of(text))
    end)
  end

  local values = {
    { '"12"', "12" }, { '"9223372036854775807"', "9223372036854775807" }, { '""', "" }, { "true", true },
    { "false", false }, { "[]", {} }, { "{}", {} }, { "[1,[2]]", { 1, { 2 } } }, { '{"a":{"b":1}}', { a = { b = 1 } } },
    { '"\\u00e9\\u4f60"', "\195\169\228\189\160" }, { '"\\ud83d\\ude00"', "\240\159\152\128" },
    { '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t' }, { '"\228\189\160"', "\228\189\160" }, { '"\127"', "\127" },
    { ' \t\r\n1 \t\r\n', 1 }, { '"\\u0001"', "\1" }, { '"[1,2"', "[1,2" }, { '{"":1}', { [""] = 1 } },
  }
  for i, row in ipairs(values) do
    it("has the value " .. i, function()
      assert.same(row[2], (value_of(row[1])))
    end)
  end

  it("has null as absence", function()
    local value, result = value_of "null"
    assert.is_nil(value)
    assert.equal(ID, result.RequestId)
    assert.same({ a = 1 }, (value_of '{"a":1,"b":null}'))
  end)

  it("keeps each number with its place", function()
    assert.same({ 1, "2", { a = 3, b = { 4, "5", -6 } }, 7 }, (value_of '[1,"2",{"a":3,"b":[4,"5",-6]},7]'))
    assert.same({ ["1"] = 2, ["3\"4"] = 5 }, (value_of '{"1":2,"3\\"4":5}'))
  end)

  it("has 32 levels", function()
    local value = value_of(("["):rep(31) .. ("]"):rep(31))
    for _ = 1, 30 do
      value = value[1]
    end
    assert.same({}, value)
  end)

  it("has 256 members and strings of a mebibyte", function()
    local members = {}
    for i = 1, 256 do
      members[i] = ('"m%d":%d'):format(i, i)
    end
    assert.equal(256, value_of("{" .. table.concat(members, ",") .. "}").m256)
    assert.equal(1024 * 1024, #value_of('"' .. ("x"):rep(1024 * 1024) .. '"'))
  end)
end)

-- Bodies that are no answer; RequestId is there wherever it could be.
local function around(json)
  return good('"v":' .. json).body
end

local members = {}
for i = 1, 257 do
  members[i] = ('"m%d":1'):format(i)
end

local BROKEN = {
  { "an empty body", "" },
  { "white space", " \n" },
  { "HTML", "<html><body>502 Bad Gateway</body></html>" },
  { "XML", "<Error><RequestId>x</RequestId></Error>" },
  { "an empty object", "{}" },
  { "an array", '[{"RequestId":"x"}]' },
  { "an empty array", "[]" },
  { "null", "null" },
  { "a string", '"RequestId"' },
  { "a number", "1" },
  { "a list of objects", good().body .. good().body },
  { "an empty RequestId", '{"RequestId":""}' },
  { "a RequestId that is a number", '{"RequestId":1}' },
  { "a RequestId that is null", '{"RequestId":null}' },
  { "a RequestId that is an object", '{"RequestId":{}}' },
  { "a REQUESTID", '{"REQUESTID":"x"}' },
  { "a RequestId of 101 bytes", ('{"RequestId":"%s"}'):format(("x"):rep(101)) },
  { "a RequestId of 10 KB", ('{"requestId":"%s"}'):format(("x"):rep(10240)) },
  { "a RequestId with an end of a line", '{"RequestId":"x\\r\\ny"}' },
  { "a RequestId that recolours", '{"RequestId":"\\u001b[31mx"}' },
  { "a RequestId with a space", '{"RequestId":"x y"}' },
  { "a RequestId with a DEL", '{"requestId":"x\\u007f"}' },
  { "a RequestId that is turned", '{"RequestId":"\\u202ex"}' },
  { "a RequestId beyond ASCII", '{"RequestId":"\195\169"}' },
  { "a Code", '{"RequestId":"x","Code":"NoPermission"}' },
  { "a code", '{"RequestId":"x","code":"NoPermission"}' },
  { "a cut", good().body:sub(1, -2) },
  { "a cut within a string", good().body:sub(1, 20) },
  { "trailing garbage", good().body .. "x" },
  { "a trailing comma", around "[1,]" },
  { "a trailing NUL", good().body .. "\0" },
  { "a NUL before", "\0" .. good().body },
  { "a byte order mark", "\239\187\191" .. good().body },
  { "UTF-16", (good().body:gsub(".", "%0\0")) },
  { "a duplicate name", '{"RequestId":"x","RequestId":"y"}' },
  { "a duplicate name, escaped", '{"RequestId":"x","\\u0052equestId":"y"}' },
  { "a duplicate name, further down", around '[{"a":{"b":1,"c":2,"b":3}}]' },
  { "01", around "01" },
  { "-01", around "-01" },
  { "1.", around "1." },
  { ".5", around ".5" },
  { "+1", around "+1" },
  { "-", around "-" },
  { "1e", around "1e" },
  { "1e+", around "1e+" },
  { "0x10", around "0x10" },
  { "1,5", around "1,5" },
  { "1_000", around "1_000" },
  { "NaN", around "NaN" },
  { "Infinity", around "Infinity" },
  { "-Infinity", around "-Infinity" },
  { "1e400", around "1e400" },
  { "-1e400", around "-1e400" },
  { "a number of 41 digits", around(("1"):rep(41)) },
  { "a number of a million digits", around(("1"):rep(1000000)) },
  { "True", around "True" },
  { "nul", around "nul" },
  { "an unquoted name", "{RequestId:1}" },
  { "single quotes", "{'RequestId':'x'}" },
  { "a comment", "/**/" .. good().body },
  { "a missing colon", '{"RequestId" "x"}' },
  { "a missing comma", around '[1 2]' },
  { "a missing value", '{"RequestId":}' },
  { "a missing bracket", around "[1" },
  { "the wrong bracket", around "[1}" },
  { "\\u0000", around '"a\\u0000b"' },
  { "\\u0000 in a name", around '{"a\\u0000":1}' },
  { "a raw NUL", around '"a\0b"' },
  { "a raw line break", around '"a\nb"' },
  { "a raw control byte", around '"a\31b"' },
  { "\\x41", around '"\\x41"' },
  { "\\u12", around '"\\u12"' },
  { "\\u12g4", around '"\\u12g4"' },
  { "a lone high surrogate", around '"\\ud800"' },
  { "a high surrogate before a letter", around '"\\ud800x"' },
  { "two high surrogates", around '"\\ud800\\ud800"' },
  { "a lone low surrogate", around '"\\udc00"' },
  { "a high surrogate at the end", around '"\\ud83d\\u' },
  { "a byte ff", around '"\255"' },
  { "a lone continuation byte", around '"\128"' },
  { "an overlong slash", around '"\192\175"' },
  { "an encoded surrogate", around '"\237\160\128"' },
  { "a code point over 10ffff", around '"\244\144\128\128"' },
  { "a truncated sequence", around '"\228\189"' },
  { "a backslash at the end", around '"\\' },
  { "33 levels", around(("["):rep(32) .. ("]"):rep(32)) },
  { "33 levels of objects", around(('{"a":'):rep(32) .. "1" .. ("}"):rep(32)) },
  { "1000 levels", around(("["):rep(1000) .. ("]"):rep(1000)) },
  { "a million levels", around(("["):rep(1000000)) },
  { "257 members", around("{" .. table.concat(members, ",") .. "}") },
  { "a million values", around("[" .. ("1,"):rep(1000000) .. "1]") },
}

describe("an answer that cannot be used", function()
  for _, row in ipairs(BROKEN) do
    it("has " .. row[1], function()
      for _, class in ipairs(CLASSES) do
        local result, err = reply({ status = 200, body = row[2] }, class)
        assert.is_nil(result)
        assert.equal(class == "read" and "reply" or "unknown", err.kind)
        assert.equal("BAD_REPLY", err.code)
        assert.equal(200, err.status)
        assert.is_true(err.sent)
        assert.equal(class == "update", err.retryable)
        assert.is_true(#err.message <= 200)
        assert.is_truthy(err.hint)
      end
    end)
  end

  it("is larger than the operation's answers may be", function()
    local big = good('"v":"' .. ("x"):rep(300 * 1024) .. '"')
    assert.is_truthy(reply(big, "read", "DescribeDingTalk"))
    local result, err = reply(big, "update", "DeleteDingTalk")
    assert.is_nil(result)
    assert.equal("unknown", err.kind)
    assert.equal("TOO_LARGE", err.code)
    local huge = { status = 200, body = good('"v":"' .. ("x"):rep(5 * 1024 * 1024) .. '"').body }
    result, err = reply(huge, "read", "DescribeDingTalk")
    assert.is_nil(result)
    assert.equal("reply", err.kind)
    assert.equal("TOO_LARGE", err.code)
  end)
end)

-- The classification: { case, outcome, read, update, create and test }, each { kind, retryable }.
local SAFE, FINAL = { "network", true }, { "network", false }
local READ, AMBIG_UPDATE, AMBIG = { "network", true }, { "unknown", true }, { "unknown", false }
local SERVICE, AGAIN = { "service", false }, { "service", true }
local BAD = { "reply", false }

local FAILURES = {}

local function row(name, outcome, read, update, create)
  FAILURES[#FAILURES + 1] = { name, outcome, read, update or read, create or update or read }
end

local function unsent(code)
  return { sent = false, code = code, message = "m" }
end

local function lost(code)
  return { sent = true, code = code, message = "m" }
end

-- C2 to C7: certainly not sent
for _, code in ipairs { "COULDNT_RESOLVE_HOST", "COULDNT_RESOLVE_PROXY", "COULDNT_CONNECT", "PROXY", "TIMEOUT",
  "TLS_HANDSHAKE", "DEADLINE", "SOMETHING_NEW" } do
  row("not sent, " .. code, unsent(code), SAFE)
end
for _, code in ipairs { "TLS_CERTIFICATE", "CA_FILE", "FORBIDDEN_ADDRESS", "PROXY_REFUSED" } do
  row("not sent, " .. code, unsent(code), FINAL)
end
for _, code in ipairs { "INVALID_REQUEST", "UNSUPPORTED", "CLOSED" } do
  row("not sent, " .. code, unsent(code), { "state", false })
end
row("not sent, OUT_OF_MEMORY", unsent "OUT_OF_MEMORY", { "state", true })

-- C8, C9: sent, and no answer
for _, code in ipairs { "TIMEOUT", "CONNECTION_LOST", "DEADLINE", "COULDNT_CONNECT", "TLS_CERTIFICATE",
  "OUT_OF_MEMORY", "SOMETHING_NEW" } do
  row("sent, then " .. code, lost(code), READ, AMBIG_UPDATE, AMBIG)
end
for _, code in ipairs { "TOO_LARGE", "BAD_RESPONSE" } do
  row("sent, then " .. code, lost(code), BAD, AMBIG_UPDATE, AMBIG)
end

row("sent, then TRUNCATED", lost "TRUNCATED", { "reply", true }, AMBIG_UPDATE, AMBIG)

-- what keeps to no form of the contract counts as sent
for name, outcome in pairs {
  ["nothing"] = {},
  ["no code"] = { sent = false },
  ["a code that is a number"] = { sent = false, code = 7 },
  ["sent = 0"] = { sent = 0, code = "TIMEOUT" },
  ["sent left out"] = { code = "TIMEOUT" },
  ["a status without a body"] = { status = 200 },
  ["a status without a body, and not sent"] = { status = 200, sent = false, code = "TIMEOUT" },
  ["a body without a status"] = { body = good().body },
  ["a body that is a table"] = { status = 200, body = {} },
  ["a status that is a text"] = { status = "200", body = good().body },
  ["a status of 0"] = { status = 0, body = good().body },
  ["a status of 99"] = { status = 99, body = good().body },
  ["a status of 1000"] = { status = 1000, body = good().body },
  ["a status of -200"] = { status = -200, body = good().body },
  ["a status of 2^31"] = { status = 2 ^ 31, body = good().body },
  ["a status that is NaN"] = { status = 0 / 0, body = good().body },
  ["an answer that was not sent"] = { status = 200, body = good().body, sent = false },
} do
  row("an outcome with " .. name, outcome, READ, AMBIG_UPDATE, AMBIG)
end

-- C10
for _, status in ipairs { 100, 101, 301, 302, 304, 307, 399, 600, 999 } do
  local again = status >= 500
  row("HTTP " .. status, { status = status, body = good().body }, { "reply", again }, AMBIG_UPDATE, AMBIG)
end
row("HTTP 302 with a Code", refused(302, "NoPermission"), BAD, AMBIG_UPDATE, AMBIG)

-- C11: refused before it was executed, whatever the status
for _, code in ipairs { "Throttling", "Throttling.User", "Throttling.Api", "Rejected.Throttling" } do
  for _, status in ipairs { 400, 403, 429, 500, 503 } do
    row(status .. " " .. code, refused(status, code), AGAIN)
  end
end
row("429 with another Code", refused(429, "InternalError"), AGAIN)
row("429 with HTML", { status = 429, body = "<html>" }, AGAIN)
row("429 with nothing", { status = 429, body = "" }, AGAIN)
row("429 with a RequestId only", { status = 429, body = good().body }, AGAIN)

-- C12 to C14
row("400 InvalidTimeStamp.Expired", refused(400, "InvalidTimeStamp.Expired"), SERVICE)
row("400 SignatureNonceUsed", refused(400, "SignatureNonceUsed"), SERVICE, SERVICE, AMBIG)
for _, code in ipairs { "InvalidSecurityToken.Expired", "InvalidSecurityToken.MismatchWithAccessKey",
  "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "MissingSecurityToken" } do
  for _, status in ipairs { 400, 403, 404 } do
    row(status .. " " .. code, refused(status, code), { "credentials", false })
  end
end

-- C15
for _, code in ipairs { "NoPermission", "Forbidden", "Forbidden.RAM", "SignatureDoesNotMatch", "IncompleteSignature",
  "InvalidParameter", "MissingSendUrl", "InvalidAction.NotFound", "InvalidRegion.NotFound", "SomethingNew" } do
  for _, status in ipairs { 400, 403, 404, 499 } do
    row(status .. " " .. code, refused(status, code), SERVICE)
  end
end
row("a code in lower case", { status = 403, body = '{"requestId":"x","code":"NoPermission","message":"m"}' }, SERVICE)

-- C16
for _, status in ipairs { 400, 403, 404, 408, 413, 499 } do
  for name, body in pairs { HTML = "<html>", nothing = "", ["a RequestId only"] = good().body,
    ["an empty Code"] = '{"RequestId":"x","Code":""}', ["a Code that is a number"] = '{"RequestId":"x","Code":403}' } do
    row(status .. " with " .. name, { status = status, body = body }, BAD, AMBIG_UPDATE, AMBIG)
  end
end

-- C17
for _, status in ipairs { 500, 502, 503, 504, 599 } do
  for _, code in ipairs { "ServerError", "InternalError", "ServiceUnavailable", "UnknownError", "NoPermission",
    "SomethingNew" } do
    row(status .. " " .. code, refused(status, code), AGAIN, AMBIG_UPDATE, AMBIG)
  end
  row(status .. " with HTML", { status = status, body = "<html>" }, { "reply", true }, AMBIG_UPDATE, AMBIG)
  row(status .. " with nothing", { status = status, body = "" }, { "reply", true }, AMBIG_UPDATE, AMBIG)
end

describe("the classification of", function()
  for _, case in ipairs(FAILURES) do
    it(case[1], function()
      for i, class in ipairs(CLASSES) do
        local want = case[math.min(2 + i, 5)]
        local result, err = reply(case[2], class, "CreateOrUpdateDingTalk")
        assert.is_nil(result)
        assert.equal(class .. " " .. want[1], class .. " " .. tostring(err.kind))
        assert.equal(want[2], err.retryable, class)
        -- what was answered was sent; "unknown" always means that it may have been
        assert.equal(want[1] == "unknown" or case[2].code == nil or case[2].sent ~= false
          or case[2].status ~= nil or type(case[2].code) ~= "string", err.sent, class)
        assert.equal("string", type(err.code))
        assert.is_true(#err.code > 0 and #err.message > 0)
        assert.is_nil(err.problems)
        assert.is_truthy(tostring(err):find(err.code, 1, true))
      end
    end)
  end

  it("success", function()
    for _, class in ipairs(CLASSES) do
      for _, status in ipairs { 200, 201, 204, 299 } do
        assert.same({ RequestId = ID }, reply({ status = status, body = good().body }, class))
      end
      local result = assert(reply({ status = 200, body = '{"requestId":"x"}' }, class))
      assert.equal("x", result.RequestId)
      local longest = ("x"):rep(100)
      result = assert(reply({ status = 200, body = ('{"RequestId":"%s"}'):format(longest) }, class))
      assert.equal(longest, result.RequestId)
    end
  end)

  it("a call without a class, which is a create", function()
    assert.equal("unknown", select(2, core.reply(lost "TIMEOUT")).kind)
  end)

  it("a class that does not exist, which raises", function()
    for _, class in ipairs { "Read", "", 1, true, {} } do
      assert.is_false(pcall(core.reply, { status = 200, body = good().body, class = class }))
    end
    for _, other in ipairs { "x", 1, true, print } do
      assert.is_false(pcall(core.reply, other))
    end
    assert.is_false(pcall(core.reply))
  end)
end)

describe("the error object", function()
  it("has the service's code, message, status and RequestId", function()
    local _, err = reply(refused(403, "NoPermission", "caller has no permission"), "read", "DescribeDingTalk")
    assert.equal("NoPermission", err.code)
    assert.equal("caller has no permission", err.message)
    assert.equal(403, err.status)
    assert.equal(ID, err.requestId)
    assert.is_true(err.sent)
  end)

  it("names the RAM action where permission is missing", function()
    for _, operation in ipairs(core.operations()) do
      for _, code in ipairs { "NoPermission", "Forbidden", "Forbidden.RAM" } do
        local _, err = reply(refused(403, code), operation.class, operation.action)
        assert.equal("service", err.kind)
        assert.is_truthy(err.hint:find(operation.ramAction, 1, true), err.hint)
        assert.is_truthy(err.hint:find("Enterprise", 1, true), err.hint)
      end
    end
  end)

  local hints = {
    { "SignatureDoesNotMatch", "AccessKeySecret" }, { "InvalidTimeStamp.Expired", "clock" },
    { "InvalidAccessKeyId.NotFound", "AccessKeyId" }, { "InvalidSecurityToken.Expired", "temporary" },
    { "Throttling.User", "pause" }, { "InvalidAction.NotFound", "endpoint" }, { "MissingSendUrl", "parameter" },
  }
  for _, case in ipairs(hints) do
    it("says what to do about " .. case[1], function()
      local _, err = reply(refused(400, case[1]), "read", "DescribeDingTalk")
      assert.is_truthy(err.hint:find(case[2], 1, true), err.hint)
    end)
  end

  it("says after a lost create that the chatbot may exist", function()
    local _, err = reply(lost "TIMEOUT", "create", "CreateOrUpdateDingTalk")
    assert.is_truthy(err.hint:find("may exist", 1, true))
    _, err = reply(lost "TIMEOUT", "test", "DingTalkOnlineTest")
    assert.is_truthy(err.hint:find("may have been posted", 1, true))
  end)

  it("is printable and short, whatever the service writes", function()
    for _, text in ipairs { ("x"):rep(100000), "\\u001b[31mred\\u0007", "\\r\\nSet-Cookie: x",
      ("\228\189\160"):rep(9999),
      "\\u0001" } do
      local _, err = reply({ status = 400,
        body = ('{"RequestId":"%s","Code":"%s","Message":"%s"}'):format(text, text, text) }, "read")
      assert.is_true(#tostring(err) < 2000)
      assert.is_nil(err.requestId)
      for _, field in ipairs { err.message, err.code, tostring(err) } do
        assert.is_nil(field:find "[%z\1-\9\11-\31\127]")
        assert.is_truthy(core.utf8(field))
      end
      assert.is_nil(err.message:find "\n")
      assert.is_nil(err.code:find "\n")
    end
  end)

  it("has a message where the service has none", function()
    local _, err = reply({ status = 400, body = '{"Code":"X"}' }, "read")
    assert.equal("X", err.code)
    assert.is_true(#err.message > 0)
    assert.is_nil(err.requestId)
  end)

  it("prints although its fields were spoilt", function()
    local _, err = reply(refused(400, "X"), "read")
    for _, spoilt in ipairs { { kind = 1, code = {}, message = print, hint = true }, { problems = 7 },
      { problems = { 1, 2 } }, { problems = { {} } }, { problems = { { path = {}, message = 1 } } } } do
      for name, value in pairs(spoilt) do
        err[name] = value
      end
      assert.equal("string", type(tostring(err)))
    end
    assert.equal("string", type(tostring(core.error {})))
  end)
end)

-- The forms in which a service or a proxy may echo a secret.
local function percent(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local FORMS = {
  raw = function(text) return text end,
  percent = percent,
  percentLower = function(text) return (percent(text):gsub("%%%x%x", string.lower)) end,
  percentTwice = function(text) return percent(percent(text)) end,
  json = function(text) return (text:gsub('[\\"]', "\\%0")) end,
  jsonSlash = function(text) return (text:gsub("/", "\\/")) end,
}

local function json_text(text)
  return (text:gsub('[\\"]', "\\%0"):gsub("%c", function(c) return ("\\u%04x"):format(c:byte()) end))
end

describe("a write that may have been executed", function()
  local open = {
    { "a nonce that was used, by another name", 400, "SignatureNonceUsed.Repeat", "create" },
    { "a nonce that was used, and a failure", 503, "SignatureNonceUsed", "update" },
    { "a nonce that was used, throttled", 429, "SignatureNonceUsed", "create" },
    { "a failure that only speaks of throttling", 500, "InternalError.NotThrottling", "create" },
    { "a failure with a code of its own", 500, "ServerError", "update" },
  }
  for _, case in ipairs(open) do
    it("is unknown: " .. case[1], function()
      local _, err = core.reply {
        sent = true, status = case[2], class = case[4],
        body = ('{"RequestId":"r","Code":"%s","Message":"m"}'):format(case[3]),
      }
      assert.equal("unknown", err.kind)
    end)
  end

  it("is unknown: a refusal by something before the service", function()
    local body = '{"code":"request_timeout","message":"m"}'
    for class, kind in pairs { create = "unknown", update = "unknown", test = "unknown", read = "service" } do
      local _, err = core.reply { sent = true, status = 408, class = class, body = body }
      assert.equal(kind, err.kind)
    end
  end)

  it("is not: what was throttled", function()
    for _, code in ipairs { "Throttling", "Throttling.User", "Throttling.Api", "Rejected.Throttling" } do
      for _, status in ipairs { 400, 429, 503 } do
        local body = ('{"RequestId":"r","Code":"%s","Message":"m"}'):format(code)
        local _, err = core.reply { sent = true, status = status, class = "create", body = body }
        assert.equal("service", err.kind)
        assert.is_true(err.retryable)
      end
    end
  end)
end)

describe("no secret is in an error:", function()
  local hook = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

  -- A call that is signed, and the secrets that it knows.
  local function signed(settings)
    local call = core.createOrUpdateDingTalk(settings, { RuleActionName = "ab", SendUrl = hook })
    call:next(0)
    local request = call:sign(credentials, "2026-01-01T00:00:00Z", "nonce-of-mine")
    local signature = request.headers.authorization and request.headers.authorization:match "Signature=(%w+)"
      or request.query:match "Signature=([^&]+)":gsub("%%(%x%x)",
        function(hex) return string.char(tonumber(hex, 16)) end)
    return call, {
      accessToken = canary.accessToken, securityToken = canary.securityToken, signature = signature, hook = hook,
      query = "access_token=" .. canary.accessToken,
    }
  end

  local function check(err, secret)
    local texts = { tostring(err), err.code, err.message, err.hint or "", err.requestId or "" }
    for _, text in ipairs(texts) do
      for name, form in pairs(FORMS) do
        assert.is_nil(text:find(form(secret), 1, true), name .. " in " .. text)
      end
    end
  end

  for _, settings in ipairs { { host = "h", retries = 0 }, { host = "h", retries = 0, signature = "v1" },
    { host = "h", retries = 0, parameters = "body" } } do
    local label = (settings.signature or "v3") .. " " .. (settings.parameters or "query") .. ", "
    for name, form in pairs(FORMS) do
      it(label .. name .. " in what the service answers", function()
        local _, secrets = signed(settings)
        for which, secret in pairs(secrets) do
          if which ~= "hook" or name == "raw" or name == "percent" then
            for _, frame in ipairs { "%s", "bad value: %s.", "a=%s&b", '"%s"', "x%sx" } do
              local text = json_text(frame:format((form(secret):gsub("%%", "%%%%"))))
              local call = signed(settings)
              call:feed { status = 400, body = ('{"RequestId":"%s","Code":"%s","Message":"%s"}'):format(text, text,
                text) }
              local _, result, err = call:next(0)
              assert.is_nil(result)
              check(err, which == "hook" and canary.accessToken or secret)
            end
          end
        end
      end)

      it(label .. name .. " in what the transport says", function()
        local _, secrets = signed(settings)
        for _, secret in pairs(secrets) do
          for _, was_sent in ipairs { true, false } do
            local call = signed(settings)
            call:feed { sent = was_sent, code = "X " .. form(secret), message = "could not: " .. form(secret) }
            local _, _, err = call:next(0)
            check(err, secret == hook and canary.accessToken or secret)
          end
        end
      end)
    end
  end

  it("by its name, where the value is not known", function()
    local token = "Unknown" .. "SecretOfSomebody" .. "Else01"
    for _, text in ipairs { "access_token=%s", "access_token=%s&x=1", "access_token%%3D%s%%26x", "access_token%%253D%s",
      "ACCESS_TOKEN: %s", '{"access_token":"%s"}', '{"access_token": "%s"}', '{\\"access_token\\":\\"%s\\"}',
      "Signature=%s", "x&Signature=%s&y", "x-acs-security-token:%s", "SecurityToken=%s", "AccessKeySecret=%s",
      "accessKeySecret = %s", "timestamp=1&sign=%s" } do
      local body = ('{"RequestId":"x","Code":"X","Message":"%s"}'):format(json_text(text:format(token)))
      local _, err = reply({ status = 400, body = body }, "read")
      assert.is_nil(tostring(err):find(token, 1, true), tostring(err))
      assert.is_truthy(tostring(err):find("***", 1, true))
    end
  end)

  it("and innocent texts stay", function()
    for _, text in ipairs { "the design of it", "signature does not match", "sign here", "assign=5 designs",
      "please check access_token", "RuleActionName=ab" } do
      local _, err = reply(refused(400, "X", text), "read")
      assert.equal(text, err.message)
    end
  end)

  it("at the edge of what is kept of a message", function()
    for pad = 440, 520 do
      local call = signed { host = "h", retries = 0 }
      call:feed(refused(400, "X", ("x"):rep(pad) .. " " .. canary.accessToken))
      local _, _, err = call:next(0)
      assert.is_nil(tostring(err):find(canary.accessToken:sub(1, 12), 1, true))
      assert.is_true(#err.message <= 520)
    end
  end)

  for _, lead in ipairs { "Specified signature is not matched with our calculation. server string to sign is:",
    "server string to sign is:", "The request signature does not conform. Server string to sign is " } do
    it("the echo of the string to sign is cut: " .. lead, function()
      local echo = "POST&%2F&AccessKeyId%3D" .. canary.accessKeyId .. "%26SendUrl%3Dsecret-thing"
      local _, err = reply(refused(400, "SignatureDoesNotMatch", lead .. echo), "create")
      assert.equal("service", err.kind)
      assert.is_nil(tostring(err):find("secret-thing", 1, true))
      assert.is_nil(tostring(err):find("SendUrl", 1, true))
      assert.is_nil(tostring(err):find(canary.accessKeyId, 1, true))
      assert.is_nil(err.message:find("string to sign", 1, true)) -- nor is the sentence that announces it left over
      assert.is_true(#err.message > 0)
    end)
  end
end)

describe("a call", function()
  local function ready()
    local call = core.describeDingTalk { host = "h", deadline = 10, retries = 0 }
    assert.equal("credentials", (call:next(0)))
    assert.is_truthy(call:sign(credentials, "2026-01-01T00:00:00Z", "n"))
    assert.equal("send", (call:next(1)))
    return call
  end

  it("is over once it was fed", function()
    local call = ready()
    call:feed(good())
    local step, result = call:next(2)
    assert.equal("done", step)
    assert.same({ RequestId = ID }, result)
    assert.is_false(pcall(call.feed, call, good()))
    assert.is_false(pcall(call.sign, call, credentials, "2026-01-01T00:00:00Z", "n"))
    assert.same({ "done", { RequestId = ID } }, { call:next(1e9) })
  end)

  it("tells the service's clock, its own date, and whether something left", function()
    local call = ready()
    assert.equal(1767225600, call:signed())
    assert.is_nil((call:clock()))
    local answer = good()
    answer.headers = { date = "Thu, 01 Jan 2026 00:00:07 GMT" }
    call:feed(answer)
    assert.same({ 1767225607, false }, { call:clock() })
    assert.is_true(call:sent())
    for _, date in ipairs { "", "yesterday", "Thu, 01 Jan 2026 00:00:07 CET", "Thu, 41 Jan 2026 00:00:07 GMT",
      "Thu, 01 Foo 2026 00:00:07 GMT", "Thu, 01 Jan 2026 24:00:07 GMT", "Thursday, 01-Jan-26 00:00:07 GMT" } do
      call, answer = ready(), good()
      answer.headers = { date = date }
      call:feed(answer)
      assert.is_nil((call:clock()), date)
    end
    call = ready()
    call:feed { sent = false, code = "COULDNT_CONNECT", message = "m" }
    assert.is_false(call:sent())
    assert.is_nil((call:clock()))
  end)

  it("takes any value for an outcome, as sent", function()
    for _, outcome in ipairs { 1, "x", true, print, {}, setmetatable({}, { __index = good() }) } do
      local call = ready()
      call:feed(outcome)
      local step, result, err = call:next(2)
      assert.equal("done", step)
      assert.is_nil(result)
      assert.equal("network", err.kind)
      assert.is_true(err.sent)
    end
    local call = ready()
    call:feed(nil)
    assert.equal("network", select(3, call:next(2)).kind)
  end)

  it("ends with its deadline, and says that nothing was sent", function()
    local call = core.describeDingTalk { host = "h", deadline = 10, retries = 0 }
    call:next(100)
    local step, result, err = call:next(110)
    assert.equal("done", step)
    assert.is_nil(result)
    assert.equal("network", err.kind)
    assert.equal("DEADLINE", err.code)
    assert.is_false(err.sent)
  end)

  it("raises out of order", function()
    local call = core.describeDingTalk { host = "h" }
    assert.is_false(pcall(call.feed, call, good()))
    assert.is_false(pcall(call.next, call))
    assert.is_false(pcall(call.next, call, "x"))
    assert.is_false(pcall(call.sign, call, {}, "d", "n"))
    assert.is_false(pcall(call.sign, call, credentials))
    assert.is_false(pcall(call.next, {}, 1))
    assert.is_false(pcall(call.feed, io.stdout, {}))
  end)
end)
