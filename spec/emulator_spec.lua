local dkjson = require "dkjson"
local emulator = require "aliyun.sas.emulator"

local child = require "spec.support.child"
local client = require "spec.support.emulator_client"
local vectors = require "spec.support.emulator_vectors"

local prefix = "sas_analysis_online-sas-operation-log-sas-event-"

local function refusal(service, action, parameters, with)
  local answer, status = client.call(service, action, parameters, with)
  return answer.Code, status, answer
end

local function create(service, changes)
  local _, status = client.call(service, "CreateOrUpdateDingTalk", client.chatbot(changes))
  assert.equal(200, status)
end

local function list(service, parameters)
  local answer, status = client.call(service, "DescribeDingTalk", parameters)
  assert.equal(200, status)
  return answer.ActionList, answer.PageInfo
end

local function config(type, key, ...)
  return ('[{"type":"%s","configItemList":[{"key":"%s","valueList":["%s"]}]}]'):format(prefix .. type, key,
    table.concat({ ... }, '","'))
end

describe("emulator.new", function()
  it("refuses unknown and wrong options", function()
    for _, bad in ipairs {
      { nosuch = 1 }, { omitted = "perhaps" }, { uniqueNames = "yes" }, { maxPageSize = "20" }, { now = 5 },
      { accessKeys = { { accessKeyId = "only" } } }, { edition = "gold" }, { statusAfterCreate = 2 },
    } do
      assert.has_error(function() emulator.new(bad) end)
    end
  end)

  -- what is given, and what the message says
  for _, row in ipairs {
    { { ommitted = "keep" }, "emulator.new: unknown option ommitted (did you mean omitted?)" },
    { { MaxPageSize = 5 }, "emulator.new: unknown option MaxPageSize (did you mean maxPageSize?)" },
    { { nothinglikeit = 1 }, "emulator.new: unknown option nothinglikeit" },
    { "x", "emulator.new: the options must be a table, not a string" },
    { { accessKeys = { { accessKeyId = "a", accessKeySecret = "b", denny = {} } } },
      "emulator.new: option accessKeys[1]: unknown field denny (did you mean deny?)" },
    { { accessKeys = { { accessKeyId = "a", accessKeySecret = "b", expires = "soon" } } },
      "emulator.new: option accessKeys[1]: expires: expected a number, got a string" },
    { { accessKeys = { accessKeyId = "a", accessKeySecret = "b" } },
      "emulator.new: option accessKeys: expected a list of tables" },
    { { groups = { { id = 1, name = "a", groups = { { id = "2", nam = "b" } } } } },
      "emulator.new: option groups[1].groups[1]: unknown field nam (did you mean name?)" },
    { { groups = { { name = "a" } } }, "emulator.new: option groups[1] needs id and name" },
  } do
    it("says: " .. row[2], function()
      local ok, why = pcall(emulator.new, row[1])
      assert.is_false(ok)
      assert.equal(row[2], why)
    end)
  end

  it("says what it needs where luaossl is missing", function()
    local output = child.run(child.command("-e", [[
      package.preload["openssl.rand"] = function() error("module 'openssl.rand' not found:\n\tno file", 0) end
      print(select(2, pcall(require, "aliyun.sas.emulator")))
    ]]))
    assert.matches("^aliyun.sas.emulator needs luaossl %(LuaRocks: luaossl; Debian: lua%-luaossl%): [^\n]*$", output)
  end)

  it("names the option and the legal values", function()
    local ok, why = pcall(emulator.new, { omitted = "perhaps" })
    assert.is_false(ok)
    assert.matches("omitted.*keep, clear", why)
  end)

  it("takes every documented reading", function()
    assert.is_table(emulator.new(emulator.documented))
  end)
end)

describe("the emulator's signature check", function()
  local function serviceFor(vector)
    return emulator.new {
      now = function() return 1708416000 end,
      accessKeys = { {
        accessKeyId = vector.accessKeyId, accessKeySecret = vector.accessKeySecret,
        securityToken = vector.securityToken,
      } },
    }
  end

  local function requestOf(vector)
    local headers = {}
    for name, value in pairs(vector.headers) do headers[name] = value end
    return { method = vector.method, path = "/", query = vector.query, body = vector.body, headers = headers }
  end

  -- What the service said is read from its log, since a damaged request may also be answered in XML.
  local function codeOf(service, request)
    service:handle(request)
    local log = service:requests()
    return log[#log].code
  end

  local gate = {
    IncompleteSignature = true, InvalidSignatureMethod = true, MissingParameter = true, MissingSecurityToken = true,
    ["InvalidAccessKeyId.NotFound"] = true, ["InvalidSecurityToken.MismatchWithAccessKey"] = true,
    ["InvalidTimeStamp.Format"] = true, ["InvalidTimeStamp.Expired"] = true, SignatureDoesNotMatch = true,
  }

  local function eachChange(value)
    local i = 0
    return function()
      i = i + 1
      if i > #value then return nil end
      return i, value:sub(1, i - 1) .. string.char((value:byte(i) + 1) % 256) .. value:sub(i + 1)
    end
  end

  local function good(vector)
    local service = serviceFor(vector)
    local code = codeOf(service, requestOf(vector))
    -- an update of a chatbot that does not exist went through the gate as well
    return code == nil or code == "InvalidParameter"
  end

  for _, vector in ipairs(vectors) do
    it("accepts " .. vector.name, function()
      assert.is_true(good(vector))
    end)

    it("refuses each change of a byte of " .. vector.name, function()
      local service = serviceFor(vector)
      local function check(field, at, request)
        local code = codeOf(service, request)
        assert(gate[code], ("%s %s[%d]: %s"):format(vector.name, field, at, tostring(code)))
      end
      for _, field in ipairs { "query", "body" } do
        for at, changed in eachChange(vector[field]) do
          local request = requestOf(vector)
          request[field] = changed
          check(field, at, request)
        end
      end
      for name, value in pairs(vector.headers) do
        if vector.headers.authorization then
          for at, changed in eachChange(value) do
            local request = requestOf(vector)
            request.headers[name] = changed
            check(name, at, request)
          end
        end
      end
      assert.same({}, service:chatbots())
      assert.is_true(good(vector))
    end)

    it("refuses a changed secret and method for " .. vector.name, function()
      local spoilt = {}
      for name, value in pairs(vector) do spoilt[name] = value end
      spoilt.accessKeySecret = vector.accessKeySecret .. "x"
      assert.equal("SignatureDoesNotMatch", codeOf(serviceFor(spoilt), requestOf(vector)))
      local request = requestOf(vector)
      request.method = vector.method == "GET" and "POST" or "GET"
      assert.equal("SignatureDoesNotMatch", codeOf(serviceFor(vector), request))
    end)
  end

  it("tells what it signed", function()
    local _, _, answer = refusal(emulator.new(), "DescribeDingTalk", {}, { secret = "other" })
    assert.matches("server string to sign is:ACS3%-HMAC%-SHA256\n%x+$", answer.Message)
    assert.equal(64, #answer.Message:match("%x+$"))
  end)

  it("wants each x-acs header signed", function()
    local request = client.request("DescribeDingTalk")
    request.headers["x-acs-extra"] = "1"
    assert.equal("IncompleteSignature", codeOf(emulator.new(), request))
  end)

  it("wants the content-type of a body signed, and lets one without a body pass", function()
    local request = client.request("DescribeDingTalk", {}, {
      body = { PageSize = 1 }, headers = { ["content-type"] = false },
    })
    request.headers["content-type"] = "application/x-www-form-urlencoded"
    assert.equal("IncompleteSignature", codeOf(emulator.new(), request))
    request = client.request("DescribeDingTalk")
    request.headers["content-type"] = "application/x-www-form-urlencoded"
    assert.is_nil(codeOf(emulator.new(), request))
  end)

  it("wants the content hash to be that of the body", function()
    local request = client.request("DescribeDingTalk", {}, { headers = { ["x-acs-content-sha256"] = ("0"):rep(64) } })
    assert.equal("SignatureDoesNotMatch", codeOf(emulator.new(), request))
  end)

  for name, code in pairs {
    ["x-acs-action"] = "MissingParameter", ["x-acs-version"] = "MissingParameter", ["x-acs-date"] = "MissingParameter",
    ["x-acs-signature-nonce"] = "MissingParameter", ["x-acs-content-sha256"] = "MissingParameter",
    host = "IncompleteSignature", authorization = "IncompleteSignature",
  } do
    it("refuses a request without " .. name, function()
      local request = client.request("DescribeDingTalk", {}, { headers = { [name] = false } })
      request.headers[name] = nil
      if name == "host" then request.host = nil end
      local got = codeOf(emulator.new(), request)
      assert.is_true(got == code or got == "MissingParameter", got)
    end)
  end

  it("can do without a nonce", function()
    local request = client.request("DescribeDingTalk", {}, { headers = { ["x-acs-signature-nonce"] = false } })
    assert.is_nil(codeOf(emulator.new { nonce = "optional" }, request))
  end)

  it("refuses unknown and inactive keys", function()
    local service = emulator.new {
      accessKeys = { { accessKeyId = "old", accessKeySecret = "s", inactive = true } },
    }
    local code, status = refusal(service, "DescribeDingTalk")
    assert.equal("InvalidAccessKeyId.NotFound", code)
    assert.equal(404, status)
    assert.equal("InvalidAccessKeyId.Inactive",
      (refusal(service, "DescribeDingTalk", {}, { id = "old", secret = "s" })))
  end)

  it("checks the security token of a temporary key", function()
    local service = emulator.new { accessKeys = {
      { accessKeyId = "testid", accessKeySecret = "testsecret", securityToken = "token", expires = os.time() + 60 },
    } }
    assert.equal("MissingSecurityToken", (refusal(service, "DescribeDingTalk")))
    assert.equal("InvalidSecurityToken.MismatchWithAccessKey",
      (refusal(service, "DescribeDingTalk", {}, { token = "tokem" })))
    local _, status = client.call(service, "DescribeDingTalk", {}, { token = "token" })
    assert.equal(200, status)
    service:advance(60)
    assert.equal("InvalidSecurityToken.Expired",
      (refusal(service, "DescribeDingTalk", {}, { token = "token", time = os.time() + 60 })))
  end)

  it("refuses a date that is malformed or more than 15 minutes off", function()
    local now = os.time()
    local service = emulator.new { now = function() return now end }
    for _, date in ipairs { "yesterday", "2024-02-30T08:00:00Z", "2024-02-20 08:00:00Z", "2024-02-20T24:00:00Z" } do
      assert.equal("InvalidTimeStamp.Format", (refusal(service, "DescribeDingTalk", {}, { date = date })))
    end
    assert.equal("InvalidTimeStamp.Expired", (refusal(service, "DescribeDingTalk", {}, { time = now - 901 })))
    assert.equal("InvalidTimeStamp.Expired", (refusal(service, "DescribeDingTalk", {}, { time = now + 901 })))
    assert.is_nil((refusal(service, "DescribeDingTalk", {}, { time = now - 900 })))
    assert.is_nil((refusal(service, "DescribeDingTalk", {}, { time = now + 900 })))
  end)

  it("remembers a nonce for 31 minutes, and only of a good request", function()
    local now = 1708416000
    local service = emulator.new { now = function() return now end }
    local with = { time = now, nonce = "once", secret = "wrong" }
    assert.equal("SignatureDoesNotMatch", (refusal(service, "DescribeDingTalk", {}, with)))
    with.secret = nil
    assert.is_nil((refusal(service, "DescribeDingTalk", {}, with)))
    assert.equal("SignatureNonceUsed", (refusal(service, "DescribeDingTalk", {}, with)))
    service:advance(1859)
    with.time = now + 1859
    assert.equal("SignatureNonceUsed", (refusal(service, "DescribeDingTalk", {}, with)))
    service:advance(1)
    assert.is_nil((refusal(service, "DescribeDingTalk", {}, with)))
  end)

  it("can burn the nonce of a bad request too", function()
    local service = emulator.new { nonceBurnt = "seen" }
    refusal(service, "DescribeDingTalk", {}, { nonce = "once", secret = "wrong" })
    assert.equal("SignatureNonceUsed", (refusal(service, "DescribeDingTalk", {}, { nonce = "once" })))
  end)

  it("answers the old signature in XML unless asked otherwise", function()
    local service = emulator.new()
    local _, headers, body = service:handle { method = "GET", query = "AccessKeyId=testid", headers = {} }
    assert.matches("xml", headers["content-type"])
    assert.matches("<Code>IncompleteSignature</Code>", body)
    _, headers, body = service:handle { method = "GET", query = "AccessKeyId=testid&Format=JSON", headers = {} }
    assert.matches("json", headers["content-type"])
    assert.equal("IncompleteSignature", dkjson.decode(body).Code)
  end)
end)

describe("the emulator's gateway", function()
  it("refuses other methods, versions, actions and paths", function()
    local service = emulator.new()
    assert.equal("UnsupportedHTTPMethod", (refusal(service, "DescribeDingTalk", {}, { method = "PUT" })))
    assert.equal("NoSuchVersion", (refusal(service, "DescribeDingTalk", {}, { version = "2018-12-04" })))
    assert.equal("InvalidAction.NotFound", (refusal(service, "DescribeDingTalks")))
    assert.equal("InvalidApi.NotFound", (refusal(service, "DescribeDingTalk", {}, { path = "/v1" })))
  end)

  it("answers errors in the service's form", function()
    local _, status, answer = refusal(emulator.new(), "NoSuch")
    assert.equal(404, status)
    assert.matches("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-9%x%x%x%-%x+$", answer.RequestId)
    assert.equal(answer.RequestId:upper(), answer.RequestId)
    assert.equal("tds.example", answer.HostId)
    assert.matches("q=InvalidAction.NotFound&product=Sas&requestId=", answer.Recommend)
    assert.equal(answer.RequestId, answer.Recommend:match("requestId=(.*)$"))
    assert.is_string(answer.Message)
  end)

  it("keeps lower editions and denied keys out", function()
    local service = emulator.new { edition = "pro" }
    local code, status = refusal(service, "ModifyDingTalkStatus", { Ids = "1001", Status = 0 })
    assert.equal("NoPermission", code)
    assert.equal(403, status)
    assert.is_nil((refusal(service, "DescribeDingTalk")))
    service = emulator.new { edition = "free", editionLimits = "all", editionError = "ServerError" }
    assert.equal("ServerError", (refusal(service, "DescribeDingTalk")))
    service = emulator.new {
      accessKeys = { { accessKeyId = "testid", accessKeySecret = "testsecret", deny = { "DeleteDingTalk" } } },
    }
    assert.equal("NoPermission", (refusal(service, "DeleteDingTalk", { Ids = "1" })))
  end)

  it("refuses a parameter that comes twice", function()
    local with = { body = { PageSize = 20 } }
    assert.equal("InvalidParameter", (refusal(emulator.new(), "DescribeDingTalk", { PageSize = 20 }, with)))
  end)

  it("ignores or refuses unknown parameters", function()
    assert.is_nil((refusal(emulator.new(), "DescribeDingTalk", { Nonsense = 1 })))
    local strict = emulator.new { unknownParameters = "refused" }
    assert.equal("InvalidParameter", (refusal(strict, "DescribeDingTalk", { Nonsense = 1 })))
  end)
end)

describe("the emulator's parameter check", function()
  local service

  before_each(function() service = emulator.new() end)

  local function refused(changes, options)
    local target = options and emulator.new(options) or service
    local code, status = refusal(target, "CreateOrUpdateDingTalk", client.chatbot(changes))
    assert.same({}, target:chatbots())
    return code, status
  end

  it("wants what is required", function()
    assert.same({ "MissingParameter", 400 }, { refused { RuleActionName = false } })
    assert.equal("MissingParameter", (refused { SendUrl = "" }))
    assert.equal("MissingSendUrl", (refused({ SendUrl = false }, { parameterCodes = "named" })))
    for action, parameters in pairs {
      DeleteDingTalk = {}, DingTalkOnlineTest = {}, ModifyDingTalkStatus = { Ids = "1001" },
    } do
      assert.equal("MissingParameter", (refusal(service, action, parameters)))
    end
  end)

  it("counts a name's characters, not its bytes", function()
    assert.equal("InvalidParameter", (refused { RuleActionName = "x" }))
    assert.equal("InvalidParameter", (refused { RuleActionName = "夜" }))
    assert.equal("InvalidParameter", (refused { RuleActionName = ("夜"):rep(65) }))
    assert.equal("InvalidParameter", (refused({ RuleActionName = ("夜"):rep(64) }, { nameLength = "bytes" })))
    assert.equal("InvalidParameter", (refused { RuleActionName = "\255\254" }))
    create(service, { RuleActionName = ("夜"):rep(64) })
    create(service, { RuleActionName = "夜班" })
  end)

  it("wants whole numbers in their range", function()
    for _, value in ipairs { "1.5", "-1", "1e3", "x", "9223372036854775808" } do
      assert.equal("InvalidParameter", (refused { IntervalTime = value }))
      assert.equal("InvalidParameter", (refused { Id = value }))
    end
    create(service, { IntervalTime = "9223372036854775807" })
    assert.equal("9223372036854775807", service:chatbots()[1].IntervalTime)
  end)

  it("wants a known language and a URL", function()
    assert.equal("InvalidParameter", (refused { DingTalkLang = "fr" }))
    for _, url in ipairs { "oapi.dingtalk.com", "ftp://x/", "https://", "https://a b/", "https://a/\n" } do
      assert.equal("InvalidParameter", (refused { SendUrl = url }))
    end
    assert.equal("InvalidParameter", (refused({ SendUrl = "https://notdingtalk.com/" }, { sendUrlCheck = "dingtalk" })))
    create(emulator.new { sendUrlCheck = "none" }, { SendUrl = "anything" })
  end)

  it("wants ids", function()
    for _, ids in ipairs { "a", "1,,2", "1,", "1, 2", "-1", "0" } do
      assert.equal("InvalidParameter", (refusal(service, "DeleteDingTalk", { Ids = ids })))
      assert.equal("InvalidParameter", (refusal(service, "ModifyDingTalkStatus", { Ids = ids, Status = 1 })))
    end
    assert.equal("InvalidParameter", (refusal(service, "ModifyDingTalkStatus", { Ids = "1", Status = 2 })))
  end)

  it("wants GroupIdList to be a JSON array of ids", function()
    for _, groups in ipairs { "10417151", "1,2", "[", '{"a":1}', '["x"]', "[1.5]", "[[1]]", '["1"] x', "[null]" } do
      assert.equal("InvalidParameter", (refused { GroupIdList = groups }))
    end
    assert.equal("InvalidParameter", (refused({ GroupIdList = '["1"]' }, { unknownGroup = "error" })))
    assert.equal("InvalidParameter", (refused({ GroupIdList = "[]" }, { emptyGroupIdList = "error" })))
    create(service, { GroupIdList = '["10417151",10417152]' })
  end)

  it("wants a ConfigList of the documented shape", function()
    for _, text in ipairs {
      "x", "{}", "[1]", "[{}]", '[{"type":"' .. prefix .. 'vul"}]', "[01]", '["a",]', "[] []",
      '[{"type":"' .. prefix .. 'vul","configItemList":[]}]',
      '[{"type":"' .. prefix .. 'vul","configItemList":{}}]',
      '[{"type":"' .. prefix .. 'vul","configItemList":[{"key":"type","valueList":[]}]}]',
      '[{"type":"' .. prefix .. 'vul","configItemList":[{"key":"type","valueList":"all"}]}]',
      '[{"type":"' .. prefix .. 'vul","configItemList":[{"key":"type","valueList":[1]}]}]',
      '[{"type":"' .. prefix .. 'vul","configItemList":[{"key":"type","valueList":["all"],"x":1}]}]',
      '[{"type":"' .. prefix .. 'vul","type":"' .. prefix .. 'vul","configItemList":[]}]',
    } do
      assert.equal("InvalidParameter", (refused { ConfigList = text }), text)
    end
    assert.equal("InvalidParameter", (refused({ ConfigList = "[]" }, { emptyConfigList = "error" })))
  end)

  it("wants the catalog's words", function()
    for _, text in ipairs {
      config("vuls", "type", "all"), config("vul", "typ", "all"), config("vul", "type", "All"),
      config("hc", "item_level", "serious"), config("suspicious", "item_level", "high"),
      config("ak-leakage", "type", "cms"), config("rasp", "type", "all"), config("vul", "necessity", "high"),
      config("suspicious", "event_type", ""),
    } do
      assert.equal("InvalidParameter", (refused { ConfigList = text }), text)
    end
    create(service, { ConfigList = config("vul", "type", "cms", "emg") })
    create(service, { ConfigList = config("suspicious", "event_type", "Whatever comes") })
  end)

  it("can insist on documented event types", function()
    local options = { eventTypes = "documented" }
    local unheard = { ConfigList = config("suspicious", "event_type", "Whatever") }
    assert.equal("InvalidParameter", (refused(unheard, options)))
    create(emulator.new(options), {
      ConfigList = config("suspicious", "event_type", "Unusual logon", "Unusual Logon", "异常登录", "all"),
    })
  end)
end)

describe("the emulator's chatbots", function()
  it("are created without an Id in the answer, and read back under other names", function()
    local service = emulator.new { now = function() return 1708416000 end }
    local list1 = config("vul", "type", "all")
    local answer = client.call(service, "CreateOrUpdateDingTalk", client.chatbot {
      ConfigList = list1, GroupIdList = '["10417151"]', IntervalTime = 10, DingTalkLang = "en",
    }, { time = 1708416000 })
    assert.is_string(answer.RequestId)
    answer.RequestId = nil
    assert.same({}, answer)
    local read = client.call(service, "DescribeDingTalk", {}, { time = 1708416000 })
    assert.same({ CurrentPage = 1, PageSize = 20, TotalCount = 1 }, read.PageInfo)
    assert.same({ {
      Id = 1001, ActionName = "night watch", Url = "https://oapi.dingtalk.com/robot/send", Status = 1,
      ConfigList = list1, GroupIdList = '["10417151"]', DingTalkLang = "en", IntervalTime = 10,
      AliUid = 1234567890123456, GmtCreate = 1708416000000, GmtModified = 1708416000000,
    } }, read.ActionList)
  end)

  it("read back as the options say", function()
    local service = emulator.new {
      token = "shown", typePrefix = "pre", idsAs = "strings", intervalUnit = "minutes", groupIdListAs = "comma",
      statusAfterCreate = 0,
    }
    create(service, { ConfigList = config("vul", "type", "all"), GroupIdList = '["1",23]', IntervalTime = 90 })
    local read = list(service)[1]
    assert.equal("1001", read.Id)
    assert.equal(client.webhook, read.Url)
    assert.equal(0, read.Status)
    assert.equal(2, read.IntervalTime)
    assert.equal("1,23", read.GroupIdList)
    assert.matches("^%[{\"[^}]*sas_analysis_pre%-sas%-operation%-log%-sas%-event%-vul", read.ConfigList)
    create(service, { Id = 1001, ConfigList = read.ConfigList })
  end)

  it("are found by name, exactly or in part", function()
    for filter, expected in pairs { exact = 1, part = 2 } do
      local service = emulator.new { nameFilter = filter }
      create(service, { RuleActionName = "watch" })
      create(service, { RuleActionName = "night watch" })
      create(service, { RuleActionName = "other" })
      assert.equal(expected, #list(service, { RuleActionName = "watch" }))
    end
  end)

  it("come in pages", function()
    local service = emulator.new { maxPageSize = 3 }
    for i = 1, 7 do create(service, { RuleActionName = "bot " .. i }) end
    local page, info = list(service, { CurrentPage = 2, PageSize = 50 })
    assert.same({ CurrentPage = 2, PageSize = 3, TotalCount = 7 }, info)
    assert.equal("bot 4", page[1].ActionName)
    assert.equal(1, #list(service, { CurrentPage = 3, PageSize = 3 }))
    assert.same({}, list(service, { CurrentPage = 4, PageSize = 3 }))
    assert.equal("InvalidParameter", (refusal(service, "DescribeDingTalk", { CurrentPage = 0 })))
    service = emulator.new { maxPageSize = 3, overPageSize = "error" }
    assert.equal("InvalidParameter", (refusal(service, "DescribeDingTalk", { PageSize = 4 })))
  end)

  it("keep or lose what an update leaves out", function()
    for omitted, expected in pairs { keep = "60", clear = "0" } do
      local service = emulator.new { omitted = omitted }
      create(service, { IntervalTime = 60, GroupIdList = '["1"]' })
      create(service, { Id = 1001, RuleActionName = "renamed" })
      local stored = service:chatbots()
      assert.equal(1, #stored)
      assert.equal("renamed", stored[1].RuleActionName)
      assert.equal(expected, stored[1].IntervalTime)
      assert.equal(omitted == "keep" and '["1"]' or nil, stored[1].GroupIdList)
    end
  end)

  it("need not have unique names, but can", function()
    local service = emulator.new()
    create(service)
    create(service)
    assert.equal(2, #service:chatbots())
    service = emulator.new { uniqueNames = true }
    create(service)
    assert.equal("InvalidParameter", (refusal(service, "CreateOrUpdateDingTalk", client.chatbot())))
    create(service, { Id = 1001 })
    assert.equal(1, #service:chatbots())
  end)

  it("are limited in number where that is asked for", function()
    local service = emulator.new { maxChatbots = 1 }
    create(service)
    assert.equal("InvalidParameter", (refusal(service, "CreateOrUpdateDingTalk", client.chatbot())))
  end)

  it("are changed, tested and deleted by id", function()
    local service = emulator.new()
    create(service)
    create(service)
    client.call(service, "ModifyDingTalkStatus", { Ids = "1001,1002", Status = 0 })
    assert.equal(0, service:chatbots()[2].Status)
    assert.is_nil((refusal(service, "DingTalkOnlineTest", { Id = 1002 })))
    assert.equal(1, service:chatbots()[2].tests)
    assert.is_nil((refusal(service, "DeleteDingTalk", { Ids = "1001,77" })))
    assert.equal("1002", service:chatbots()[1].Id)
  end)

  it("that do not exist cannot be updated, tested, or, if asked for, deleted", function()
    local service = emulator.new { missingDelete = "error" }
    create(service)
    assert.equal("InvalidParameter", (refusal(service, "CreateOrUpdateDingTalk", client.chatbot { Id = 5 })))
    assert.equal("InvalidParameter", (refusal(service, "ModifyDingTalkStatus", { Ids = "1001,5", Status = 0 })))
    assert.equal("InvalidParameter", (refusal(service, "DingTalkOnlineTest", { Id = 5 })))
    assert.equal("InvalidParameter", (refusal(service, "DeleteDingTalk", { Ids = "1001,5" })))
    assert.equal(1, service:chatbots()[1].Status)
    service = emulator.new { missingCode = "ServerError" }
    local code, status = refusal(service, "DingTalkOnlineTest", { Id = 5 })
    assert.same({ "ServerError", 500 }, { code, status })
    service = emulator.new { missingUpdate = "ok" }
    assert.is_nil((refusal(service, "CreateOrUpdateDingTalk", client.chatbot { Id = 5 })))
    assert.same({}, service:chatbots())
  end)

  it("take their parameters from a form too", function()
    local service = emulator.new()
    local _, status = client.call(service, "CreateOrUpdateDingTalk", {}, { body = client.chatbot() })
    assert.equal(200, status)
    assert.equal(client.webhook, service:chatbots()[1].SendUrl)
  end)
end)

describe("the emulator's other answers", function()
  it("describe the account's groups as texts of JSON, or as objects", function()
    local answer = client.call(emulator.new(), "DescribeGroupStruct", { Lang = "en" })
    assert.equal(1, #answer.Groups)
    local groups = dkjson.decode(answer.Groups[1])
    assert.equal(10417151, groups[1].groupId)
    assert.equal(answer.GroupId, groups[1].groupFather)
    assert.equal(2, groups[2].childGroups[1].groupLevel)
    assert.equal(groups[2].groupId, groups[2].childGroups[1].groupFather)
    answer = client.call(emulator.new { groupsAs = "objects" }, "DescribeGroupStruct")
    assert.equal(10417151, answer.Groups[1].groupId)
    assert.equal("InvalidParameter", (refusal(emulator.new(), "DescribeGroupStruct", { Lang = "fr" })))
  end)

  it("describe the catalog as a data source", function()
    local service = emulator.new()
    local answer = client.call(service, "DescribeDataSource", { ConfigType = "DingTalk", Lang = "zh" })
    assert.equal(6, #answer.MetaDatas)
    local vul = answer.MetaDatas[1]
    assert.equal(prefix .. "vul", vul.DataSourceName)
    assert.same({
      Filed = "type", FiledName = "dingtalk_vul_type", ValueType = "string",
      Sample = "all:dingtalk_all;cms:dingtalk_vul_cms;oval:dingtalk_vul_cve;sys:dingtalk_vul_sys;emg:dingtalk_vul_emg",
      OperatorList = { { Name = "regex", Description = "dingtalk_vul" } },
    }, vul.MetaDataFields[1])
    assert.matches("异常登录:", answer.MetaDatas[3].MetaDataFields[2].Sample)
    answer = client.call(service, "DescribeDataSource", { Lang = "en" })
    assert.matches("Unusual logon:", answer.MetaDatas[3].MetaDataFields[2].Sample)
    assert.same({}, client.call(service, "DescribeDataSource", { ConfigType = "Mail" }).MetaDatas)
  end)
end)

describe("the emulator as a transport", function()
  local service

  before_each(function() service = emulator.new() end)

  local function send(changes)
    local request = client.request("CreateOrUpdateDingTalk", client.chatbot(), { time = service.now() })
    for name, value in pairs(changes or {}) do request[name] = value end
    return service.send(request)
  end

  it("answers what came back", function()
    local answer = send()
    assert.is_true(answer.sent)
    assert.equal(200, answer.status)
    assert.matches("json", answer.headers["content-type"])
    assert.is_string(dkjson.decode(answer.body).RequestId)
    assert.equal(1, #service:chatbots())
  end)

  -- name = { code, sent, chatbots afterwards }
  for name, expected in pairs {
    lost = { "CONNECTION_LOST", true, 1 }, closed = { "CONNECTION_LOST", true, 0 },
    reset = { "CONNECTION_LOST", true, 1 },
    silent = { "TIMEOUT", true, 0 }, silentafter = { "TIMEOUT", true, 1 }, stalled = { "TIMEOUT", true, 1 },
    truncated = { "TRUNCATED", true, 1 }, late = { "TIMEOUT", true, 0 },
    garbage = { "BAD_RESPONSE", true, 0 }, hugeheaders = { "TOO_LARGE", true, 1 },
    refused = { "COULDNT_CONNECT", false, 0 }, unresolved = { "COULDNT_RESOLVE_HOST", false, 0 },
    badcertificate = { "TLS_CERTIFICATE", false, 0 }, handshake = { "TIMEOUT", false, 0 },
    handshakefailed = { "TLS_HANDSHAKE", false, 0 },
  } do
    it("suffers " .. name .. ", once", function()
      service:fault(name)
      local answer = send()
      assert.same({ expected[1], expected[2], nil }, { answer.code, answer.sent, answer.status })
      assert.equal(expected[3], #service:chatbots())
      assert.equal((expected[2] and name ~= "late") and 1 or 0, #service:requests())
      assert.equal(200, send().status)
    end)
  end

  -- name = { status, chatbots afterwards, Code }
  for name, expected in pairs {
    throttled = { 429, 0, "Throttling" }, throttleduser = { 400, 0, "Throttling.User" },
    error500 = { 500, 0, "ServerError" }, error500after = { 500, 1, "ServerError" },
    unavailable = { 503, 0, "ServiceUnavailable" }, refusal = { 403, 0, "NoPermission" }, html = { 502, 0 },
    badjson = { 200, 1 }, empty = { 200, 1 }, norequestid = { 200, 1 }, huge = { 200, 1 }, redirect = { 302, 0 },
    replayed = { 400, 1, "SignatureNonceUsed" },
  } do
    it("suffers " .. name .. ", once", function()
      service:fault(name)
      local answer = send()
      assert.equal(expected[1], answer.status)
      assert.equal(expected[2], #service:chatbots())
      local body = dkjson.decode(answer.body) or {}
      assert.equal(expected[3], body.Code)
      assert.equal(expected[3] ~= nil or name == "huge", body.RequestId ~= nil)
      assert.equal(200, send().status)
    end)
  end

  it("tells how long to wait when it throttles", function()
    service:fault("throttled", 3500)
    local headers = send().headers
    assert.matches("TimeLeft:3500", headers["x-ratelimit-user-api"])
    assert.equal("3500", headers["x-acs-retry-after"])
    assert.equal("4", headers["retry-after"])
  end)

  it("repeats a fault, skips requests, hits one action only", function()
    service:fault("closed", { action = "DescribeDingTalk" })
    service:fault("lost", { skip = 1 }, 2)
    assert.equal(200, send().status)
    assert.equal("CONNECTION_LOST", send().code)
    assert.equal("CONNECTION_LOST", send().code)
    assert.equal(200, send().status)
    assert.equal("CONNECTION_LOST", service.send(client.request("DescribeDingTalk")).code)
    assert.equal("closed", service:requests()[5].fault)
  end)

  it("closes a reused connection only", function()
    service:fault("closedreused")
    assert.equal(200, send().status)
    assert.equal(200, send({ fresh = true }).status)
    assert.equal("CONNECTION_LOST", send().code)
  end)

  it("executes a late copy when its time has come, if its date still holds", function()
    service:fault("late", 60)
    send { timeout = 10 }
    service:advance(49)
    assert.equal(0, #service:chatbots())
    service:advance(1)
    assert.equal(1, #service:chatbots())
    service:fault("late", 901)
    send()
    service:advance(2000)
    assert.equal(1, #service:chatbots())
    local log = service:requests()
    assert.equal("InvalidTimeStamp.Expired", log[#log].code)
  end)

  it("lets time pass while the client waits", function()
    local before = service.now()
    service:fault("silent")
    send { timeout = 7 }
    service.sleep(5)
    assert.equal(12, service.now() - before)
    service:fault("delayed", 3)
    assert.equal(200, send({ timeout = 7 }).status)
    service:fault("delayed", 8)
    assert.equal("TIMEOUT", send({ timeout = 7 }).code)
    service:fault("dripped", 1)
    assert.equal("TIMEOUT", send({ timeout = 7 }).code)
  end)

  it("keeps to the size that the client takes", function()
    service:fault("huge", 1)
    assert.equal("TOO_LARGE", send({ maxBody = 65536 }).code)
  end)

  it("breaks the contract where asked to", function()
    service:fault("raised")
    assert.has_error(send)
    service:fault("nonsense")
    assert.equal("nonsense", send())
    assert.equal(2, #service:chatbots())
  end)

  it("refuses unknown faults and wrong arguments", function()
    assert.has_error(function() service:fault("nosuch") end)
    assert.has_error(function() service:fault("late", "soon") end)
    assert.has_error(function() service:fault("error500", 500) end)
  end)

  -- the arguments of fault, and the end of the message
  for _, row in ipairs {
    { { "losst" }, "service:fault: unknown fault losst (did you mean lost?)" },
    { { "lost", { skp = 1 } }, "service:fault: fault lost: unknown field skp (did you mean skip?)" },
    { { "lost", { skip = "1" } }, "service:fault: fault lost: skip: expected a number, got a string" },
    { { "lost", { action = "describeDingTalk" } },
      "service:fault: fault lost: unknown action describeDingTalk (did you mean DescribeDingTalk?)" },
    { { "lost", nil, "2" }, "service:fault: fault lost: the count is a number" },
  } do
    it("says: " .. row[2], function()
      local ok, why = pcall(function() service:fault(row[1][1], row[1][2], row[1][3]) end)
      assert.is_false(ok)
      assert.equal(row[2], why:sub(-#row[2]))
      assert.matches("^[^ ]*emulator_spec.lua:%d+: ", why)
    end)
  end

  it("takes a fault for an action that it lacks", function()
    service:fault("lost", { action = "DescribeVersionConfig" })
    assert.equal(200, send().status)
  end)

  it("wants its methods called with a colon", function()
    for _, name in ipairs { "fault", "advance", "chatbots", "requests", "reset" } do
      local ok, why = pcall(service[name], "lost")
      assert.is_false(ok)
      assert.equal(("call it with a colon: service:%s(...)"):format(name), why)
    end
  end)

  it("logs what arrived", function()
    send()
    service:fault("closed")
    send()
    local log = service:requests()
    assert.equal("CreateOrUpdateDingTalk", log[1].action)
    assert.equal("night watch", log[1].parameters.RuleActionName)
    assert.same({ true, 200, "v3", "testid" }, { log[1].executed, log[1].status, log[1].signature, log[1].accessKeyId })
    assert.same({ false, "closed" }, { log[2].executed, log[2].fault })
    service:reset()
    assert.same({}, service:requests())
    assert.same({}, service:chatbots())
  end)
end)
