-- Every operation and parameter: what is sent, what is refused, what is warned of.

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"

local HOOK = "https://oapi.dingtalk.com/robot/send?access_token=XXX"
local MAX = "9223372036854775807"
local SETTINGS = { host = "tds.aliyuncs.com" }
local credentials = core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" }
-- Lua 5.3 and newer
local to_integer, smallest = rawget(math, "tointeger"), rawget(math, "mininteger")
local integer = to_integer and function(text) return to_integer(tonumber(text)) end

local function copy(base, changes)
  local t = {}
  for name, value in pairs(base) do
    t[name] = value
  end
  for name, value in pairs(changes or {}) do
    t[name] = value
    if value == "(none)" then
      t[name] = nil
    end
  end
  return t
end

-- The least that each operation takes.
local LEAST = {
  createOrUpdateDingTalk = { RuleActionName = "testNotify", SendUrl = HOOK },
  describeDingTalk = {},
  deleteDingTalk = { Ids = { 2170 } },
  modifyDingTalkStatus = { Ids = { 2259 }, Status = 1 },
  dingTalkOnlineTest = { Id = 2373 },
  describeDataSource = {},
  describeGroupStruct = {},
}

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function parameters_of(query)
  local sent = {}
  for name, value in query:gmatch "([^&=]+)=([^&]*)" do
    sent[decode(name)] = decode(value)
  end
  return sent
end

-- The parameters as they are sent, or nil and the error; and the call.
local function sent(operation, params)
  local call, err = core[operation](SETTINGS, params)
  if not call then
    return nil, err
  end
  assert.equal("credentials", (call:next(0)))
  return parameters_of(call:sign(credentials, "2026-01-01T00:00:00Z", "nonce").query), call
end

-- The only problem, after looking at what every argument error must be.
local function problem_of(operation, params)
  local call, err = core[operation](SETTINGS, params)
  assert.is_nil(call)
  assert.equal("argument", err.kind)
  assert.equal("INVALID_ARGUMENT", err.code)
  assert.is_false(err.sent)
  assert.is_false(err.retryable)
  assert.is_nil(err.status)
  assert.equal(1, #err.problems, tostring(err))
  local problem = err.problems[1]
  assert.is_true(#problem.message <= 200)
  assert.is_truthy(tostring(err):find(problem.message, 1, true))
  return problem
end

local function suggestion(problem)
  return problem.hint and problem.hint:match 'did you mean "([^"]*)"' or nil
end

local function client(changes)
  local transport = recorder.new()
  local settings = copy({
    regionId = "cn-hangzhou", accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret,
    transport = transport,
  }, changes)
  return sas.new(settings), transport
end

describe("the table of operations", function()
  it("has the seven, each callable on its own and as a method", function()
    local count = 0
    local c = client()
    for _, operation in ipairs(core.operations()) do
      count = count + 1
      assert.is_truthy(LEAST[operation.method], operation.method)
      assert.equal(operation.action, operation.method:sub(1, 1):upper() .. operation.method:sub(2))
      assert.equal("yundun-sas:" .. operation.action, operation.ramAction)
      assert.equal("function", type(core[operation.method]))
      assert.equal("function", type(c[operation.method]))
      assert.is_truthy(sent(operation.method, LEAST[operation.method]))
    end
    assert.equal(7, count)
  end)

  local classes = {
    { "createOrUpdateDingTalk", {}, "create" },
    { "createOrUpdateDingTalk", { Id = 1 }, "update" },
    { "createOrUpdateDingTalk", { Id = "1" }, "update" },
    { "describeDingTalk", {}, "read" },
    { "describeDataSource", {}, "read" },
    { "describeGroupStruct", {}, "read" },
    { "deleteDingTalk", {}, "update" },
    { "modifyDingTalkStatus", {}, "update" },
    { "dingTalkOnlineTest", {}, "test" },
  }
  for _, row in ipairs(classes) do
    it(row[1] .. (row[2].Id and " with an Id" or "") .. " is a " .. row[3], function()
      local call = core[row[1]](SETTINGS, copy(LEAST[row[1]], row[2]))
      assert.equal(row[3], call:class())
    end)
  end

  it("says for each required parameter that it is missing", function()
    for _, operation in ipairs(core.operations()) do
      for _, parameter in ipairs(operation.parameters) do
        if parameter.required then
          local problem = problem_of(operation.method, copy(LEAST[operation.method], { [parameter.name] = "(none)" }))
          assert.equal(parameter.name, problem.path)
          assert.equal("is missing", problem.message)
        end
      end
    end
  end)

  it("refuses for each parameter what no parameter takes", function()
    for _, operation in ipairs(core.operations()) do
      for _, parameter in ipairs(operation.parameters) do
        for _, value in ipairs { true, print, coroutine.create(function() end), io.stdout, 0 / 0, 1 / 0, -1 / 0, 1.5,
          -1, "" } do
          local problem = problem_of(operation.method, copy(LEAST[operation.method], { [parameter.name] = value }))
          assert.equal(parameter.name, problem.path:match "^%w+")
        end
      end
    end
  end)

  it("suggests every parameter for its own misspellings", function()
    for _, operation in ipairs(core.operations()) do
      for _, parameter in ipairs(operation.parameters) do
        local name = parameter.name
        local misspelt = { name:lower(), name:upper(), name:sub(1, 1):lower() .. name:sub(2), "_" .. name }
        if #name > 4 then
          misspelt[#misspelt + 1] = name:sub(1, -2)
          misspelt[#misspelt + 1] = name .. "s"
          misspelt[#misspelt + 1] = name:sub(2, 2) .. name:sub(1, 1) .. name:sub(3)
        end
        for _, wrong in ipairs(misspelt) do
          local problem = problem_of(operation.method, copy(LEAST[operation.method], { [wrong] = 1 }))
          assert.equal(wrong, problem.path)
          assert.equal("is no parameter of " .. operation.action, problem.message)
          assert.equal(name, suggestion(problem))
        end
      end
    end
  end)

  it("suggests nothing where nothing is near", function()
    for _, wrong in ipairs { "Foo", "", "x", "ClientToken", ("x"):rep(1000), "\255", "a b", "\0" } do
      assert.is_nil(suggestion(problem_of("createOrUpdateDingTalk",
        copy(LEAST.createOrUpdateDingTalk, { [wrong] = 1 }))))
    end
  end)
end)

-- operation, parameter, value, text that is sent
local SENT = {
  { "createOrUpdateDingTalk", "Id", 1589, "1589" },
  { "createOrUpdateDingTalk", "Id", "1589", "1589" },
  { "createOrUpdateDingTalk", "Id", 1589.0, "1589" },
  { "createOrUpdateDingTalk", "Id", 2147483648, "2147483648" },
  { "createOrUpdateDingTalk", "Id", 2 ^ 53 - 1, "9007199254740991" },
  { "createOrUpdateDingTalk", "Id", "9007199254740993", "9007199254740993" },
  { "createOrUpdateDingTalk", "Id", MAX, MAX },
  { "createOrUpdateDingTalk", "RuleActionName", "ab", "ab" },
  { "createOrUpdateDingTalk", "RuleActionName", ("x"):rep(64), ("x"):rep(64) },
  { "createOrUpdateDingTalk", "RuleActionName", ("告"):rep(64), ("告"):rep(64) },
  { "createOrUpdateDingTalk", "RuleActionName", ("\240\159\152\128"):rep(64), ("\240\159\152\128"):rep(64) },
  { "createOrUpdateDingTalk", "RuleActionName", "e\204\129e\204\129", "e\204\129e\204\129" },
  { "createOrUpdateDingTalk", "RuleActionName", "a %+&=~*'()/?#\"\\", "a %+&=~*'()/?#\"\\" },
  { "createOrUpdateDingTalk", "RuleActionName", " x ", " x " },
  { "createOrUpdateDingTalk", "RuleActionName", "42", "42" },
  { "createOrUpdateDingTalk", "IntervalTime", 0, "0" },
  { "createOrUpdateDingTalk", "IntervalTime", 2147483648, "2147483648" },
  { "createOrUpdateDingTalk", "IntervalTime", 2 ^ 53 - 1, "9007199254740991" },
  { "createOrUpdateDingTalk", "GroupIdList", { "10417151" }, '["10417151"]' },
  { "createOrUpdateDingTalk", "GroupIdList", { 10417151, "9007199254740993" }, '["10417151","9007199254740993"]' },
  { "createOrUpdateDingTalk", "GroupIdList", { 0, 1, 0, "1" }, '["0","1"]' },
  { "createOrUpdateDingTalk", "GroupIdList", {}, "[]" },
  { "createOrUpdateDingTalk", "GroupIdList", '["10417151", 2]', '["10417151","2"]' },
  { "createOrUpdateDingTalk", "GroupIdList", "[9223372036854775807]", '["' .. MAX .. '"]' },
  { "createOrUpdateDingTalk", "DingTalkLang", "zh", "zh" },
  { "createOrUpdateDingTalk", "DingTalkLang", "en", "en" },
  { "createOrUpdateDingTalk", "ConfigList", {}, "[]" },
  { "describeDingTalk", "RuleActionName", "x", "x" },
  { "describeDingTalk", "RuleActionName", ("x"):rep(64), ("x"):rep(64) },
  { "describeDingTalk", "CurrentPage", 1, "1" },
  { "describeDingTalk", "CurrentPage", 2147483647, "2147483647" },
  { "describeDingTalk", "PageSize", 1, "1" },
  { "describeDingTalk", "PageSize", 2000, "2000" },
  { "deleteDingTalk", "Ids", { 2170, 256 }, "2170,256" },
  { "deleteDingTalk", "Ids", { "2170", 256, MAX }, "2170,256," .. MAX },
  { "deleteDingTalk", "Ids", 2170, "2170" },
  { "deleteDingTalk", "Ids", "2170", "2170" },
  { "deleteDingTalk", "Ids", "2170,256", "2170,256" },
  { "deleteDingTalk", "Ids", "2170, 256", "2170,256" },
  { "deleteDingTalk", "Ids", { 7, 7, "7" }, "7" },
  { "deleteDingTalk", "Ids", "7,8,7", "7,8" },
  { "modifyDingTalkStatus", "Ids", { 2259 }, "2259" },
  { "modifyDingTalkStatus", "Status", 0, "0" },
  { "modifyDingTalkStatus", "Status", 1, "1" },
  { "dingTalkOnlineTest", "Id", "2373", "2373" },
  { "describeDataSource", "ConfigType", "DingTalk", "DingTalk" },
  { "describeDataSource", "Lang", "en", "en" },
  { "describeDataSource", "SourceIp", "1.2.3.4", "1.2.3.4" },
  { "describeGroupStruct", "Lang", "zh", "zh" },
}

-- operation, parameter, value, path, part of the message
local REFUSED = {
  { "createOrUpdateDingTalk", "Id", 0, "Id", "1 or more" },
  { "createOrUpdateDingTalk", "Id", "0", "Id", "1 or more" },
  { "createOrUpdateDingTalk", "Id", -1, "Id", "1 or more" },
  { "createOrUpdateDingTalk", "Id", "-1", "Id", "1 or more" },
  { "createOrUpdateDingTalk", "Id", 1.5, "Id", "no exact integer" },
  { "createOrUpdateDingTalk", "Id", 0 / 0, "Id", "no exact integer" },
  { "createOrUpdateDingTalk", "Id", 1 / 0, "Id", "no exact integer" },
  { "createOrUpdateDingTalk", "Id", 2 ^ 53, "Id", "no exact integer" },
  { "createOrUpdateDingTalk", "Id", 2 ^ 63, "Id", "no exact integer" },
  { "createOrUpdateDingTalk", "Id", 1e308, "Id", "no exact integer" },
  { "createOrUpdateDingTalk", "Id", "9223372036854775808", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "18446744073709551617", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "007", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "+7", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", " 7", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "7 ", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "0x7", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "7.0", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "7e3", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "7\0", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "1,2", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "-", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", "٣", "Id", "64 bits" },
  { "createOrUpdateDingTalk", "Id", {}, "Id", "table" },
  { "createOrUpdateDingTalk", "Id", false, "Id", "boolean" },
  { "createOrUpdateDingTalk", "RuleActionName", "", "RuleActionName", "2 to 64" },
  { "createOrUpdateDingTalk", "RuleActionName", "x", "RuleActionName", "2 to 64" },
  { "createOrUpdateDingTalk", "RuleActionName", ("x"):rep(65), "RuleActionName", "2 to 64" },
  { "createOrUpdateDingTalk", "RuleActionName", ("告"):rep(65), "RuleActionName", "2 to 64" },
  { "createOrUpdateDingTalk", "RuleActionName", "告", "RuleActionName", "2 to 64" },
  { "createOrUpdateDingTalk", "RuleActionName", ("x"):rep(1024 * 1024), "RuleActionName", "2 to 64" },
  { "createOrUpdateDingTalk", "RuleActionName", 42, "RuleActionName", "number" },
  { "createOrUpdateDingTalk", "RuleActionName", "ab\255", "RuleActionName", "UTF-8" },
  { "createOrUpdateDingTalk", "RuleActionName", "ab\237\160\128", "RuleActionName", "UTF-8" },
  { "createOrUpdateDingTalk", "RuleActionName", "ab\244\144\128\128", "RuleActionName", "UTF-8" },
  { "createOrUpdateDingTalk", "RuleActionName", "ab\192\128", "RuleActionName", "UTF-8" },
  { "createOrUpdateDingTalk", "RuleActionName", "ab\228\189", "RuleActionName", "UTF-8" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\0b", "RuleActionName", "NUL" },
  { "createOrUpdateDingTalk", "RuleActionName", "ab\0", "RuleActionName", "NUL" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\nb", "RuleActionName", "control" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\r\nb", "RuleActionName", "control" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\tb", "RuleActionName", "control" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\127b", "RuleActionName", "control" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\194\133b", "RuleActionName", "control" },
  { "createOrUpdateDingTalk", "RuleActionName", "a\226\128\168b", "RuleActionName", "line break" },
  { "createOrUpdateDingTalk", "RuleActionName", "\239\187\191ab", "RuleActionName", "byte order mark" },
  { "createOrUpdateDingTalk", "RuleActionName", "   ", "RuleActionName", "only spaces" },
  { "createOrUpdateDingTalk", "RuleActionName", "\227\128\128\227\128\128", "RuleActionName", "only spaces" },
  { "createOrUpdateDingTalk", "IntervalTime", "0", "IntervalTime", "string" },
  { "createOrUpdateDingTalk", "IntervalTime", "abc", "IntervalTime", "string" },
  { "createOrUpdateDingTalk", "IntervalTime", -1, "IntervalTime", "0 or more" },
  { "createOrUpdateDingTalk", "IntervalTime", 0.5, "IntervalTime", "no exact integer" },
  { "createOrUpdateDingTalk", "IntervalTime", 2 ^ 53, "IntervalTime", "no exact integer" },
  { "createOrUpdateDingTalk", "GroupIdList", "1,2", "GroupIdList", "no JSON array" },
  { "createOrUpdateDingTalk", "GroupIdList", "", "GroupIdList", "no JSON array" },
  { "createOrUpdateDingTalk", "GroupIdList", "7", "GroupIdList", "no JSON array" },
  { "createOrUpdateDingTalk", "GroupIdList", '{"a":1}', "GroupIdList", "no JSON array" },
  { "createOrUpdateDingTalk", "GroupIdList", "[1", "GroupIdList", "no JSON array" },
  { "createOrUpdateDingTalk", "GroupIdList", "[1,null]", "GroupIdList[2]", "null" },
  { "createOrUpdateDingTalk", "GroupIdList", "[1.5]", "GroupIdList[1]", "no exact integer" },
  { "createOrUpdateDingTalk", "GroupIdList", "[1e3]", "GroupIdList[1]", "no exact integer" },
  { "createOrUpdateDingTalk", "GroupIdList", "[9223372036854775808]", "GroupIdList[1]", "no exact integer" },
  { "createOrUpdateDingTalk", "GroupIdList", '["1 or 1=1"]', "GroupIdList[1]", "64 bits" },
  { "createOrUpdateDingTalk", "GroupIdList", 7, "GroupIdList", "number" },
  { "createOrUpdateDingTalk", "GroupIdList", { "a" }, "GroupIdList[1]", "64 bits" },
  { "createOrUpdateDingTalk", "GroupIdList", { 1, -1 }, "GroupIdList[2]", "0 or more" },
  { "createOrUpdateDingTalk", "GroupIdList", { 1, {} }, "GroupIdList[2]", "table" },
  { "createOrUpdateDingTalk", "GroupIdList", { id = 1 }, "GroupIdList", "no list" },
  { "createOrUpdateDingTalk", "GroupIdList", { [1] = 1, [3] = 3 }, "GroupIdList", "no list" },
  { "createOrUpdateDingTalk", "DingTalkLang", "ZH", "DingTalkLang", "not legal" },
  { "createOrUpdateDingTalk", "DingTalkLang", "zh-CN", "DingTalkLang", "not legal" },
  { "createOrUpdateDingTalk", "DingTalkLang", "", "DingTalkLang", "not legal" },
  { "createOrUpdateDingTalk", "DingTalkLang", "zh\0", "DingTalkLang", "not legal" },
  { "createOrUpdateDingTalk", "DingTalkLang", 1, "DingTalkLang", "number" },
  { "createOrUpdateDingTalk", "state", "enabled", "state", "no parameter" },
  { "createOrUpdateDingTalk", "PageSize", 1, "PageSize", "no parameter" },
  { "describeDingTalk", "state", {}, "state", "no parameter" },
  { "describeDingTalk", "RuleActionName", "", "RuleActionName", "1 to 64" },
  { "describeDingTalk", "CurrentPage", 0, "CurrentPage", "from 1" },
  { "describeDingTalk", "CurrentPage", 2147483648, "CurrentPage", "from 1" },
  { "describeDingTalk", "CurrentPage", "1", "CurrentPage", "string" },
  { "describeDingTalk", "PageSize", 0, "PageSize", "from 1 to 2000" },
  { "describeDingTalk", "PageSize", 2001, "PageSize", "from 1 to 2000" },
  { "describeDingTalk", "PageSize", 1e9, "PageSize", "from 1 to 2000" },
  { "deleteDingTalk", "Ids", {}, "Ids", "empty list" },
  { "deleteDingTalk", "Ids", "", "Ids[1]", "64 bits" },
  { "deleteDingTalk", "Ids", "1,", "Ids[2]", "64 bits" },
  { "deleteDingTalk", "Ids", ",1", "Ids[1]", "64 bits" },
  { "deleteDingTalk", "Ids", "1;2", "Ids[1]", "64 bits" },
  { "deleteDingTalk", "Ids", "1,two", "Ids[2]", "64 bits" },
  { "deleteDingTalk", "Ids", "[1,2]", "Ids[1]", "64 bits", 2 },
  { "deleteDingTalk", "Ids", "1,0", "Ids[2]", "1 or more" },
  { "deleteDingTalk", "Ids", { 1, 0 }, "Ids[2]", "1 or more" },
  { "deleteDingTalk", "Ids", { 1, 2 ^ 53 }, "Ids[2]", "no exact integer" },
  { "deleteDingTalk", "Ids", { 1, { 2 } }, "Ids[2]", "table" },
  { "deleteDingTalk", "Ids", { Id = 1 }, "Ids", "no list" },
  { "deleteDingTalk", "Ids", 0, "Ids", "1 or more" },
  { "deleteDingTalk", "Ids", 2 ^ 53, "Ids", "no exact integer" },
  { "deleteDingTalk", "Ids", (","):rep(1000), "Ids", "more than 1000" },
  { "deleteDingTalk", "Ids", ("1,"):rep(1000000), "Ids", "more than 1000" },
  { "modifyDingTalkStatus", "Status", 2, "Status", "from 0 to 1" },
  { "modifyDingTalkStatus", "Status", -1, "Status", "from 0 to 1" },
  { "modifyDingTalkStatus", "Status", true, "Status", "boolean" },
  { "modifyDingTalkStatus", "Status", "1", "Status", "string" },
  { "dingTalkOnlineTest", "Id", 0, "Id", "1 or more" },
  { "dingTalkOnlineTest", "Ids", { 1 }, "Ids", "no parameter" },
  { "describeDataSource", "ConfigType", "dingtalk", "ConfigType", "not legal" },
  { "describeDataSource", "Lang", "fr", "Lang", "not legal" },
  { "describeDataSource", "SourceIp", ("1"):rep(65), "SourceIp", "1 to 64" },
  { "describeGroupStruct", "Lang", "", "Lang", "not legal" },
}

describe("a parameter", function()
  for i, row in ipairs(SENT) do
    it(("%d, %s.%s, is sent"):format(i, row[1], row[2]), function()
      local got, err = sent(row[1], copy(LEAST[row[1]], { [row[2]] = row[3] }))
      assert.is_truthy(got, tostring(err))
      assert.equal(row[4], got[row[2]])
    end)
  end

  for i, row in ipairs(REFUSED) do
    it(("%d, %s.%s, is refused"):format(i, row[1], row[2]), function()
      local params = copy(LEAST[row[1]], { [row[2]] = row[3] })
      local problem
      if row[6] then
        local _, err = core[row[1]](SETTINGS, params)
        assert.equal(row[6], #err.problems)
        problem = err.problems[1]
      else
        problem = problem_of(row[1], params)
      end
      assert.equal(row[4], problem.path)
      assert.is_truthy(problem.message:find(row[5], 1, true), problem.message)
    end)
  end

  it("takes 1000 ids and no more", function()
    local ids = {}
    for i = 1, 1000 do
      ids[i] = i
    end
    local _, commas = sent("deleteDingTalk", { Ids = ids }).Ids:gsub(",", "")
    assert.equal(999, commas)
    ids[1001] = 1
    assert.equal("Ids", problem_of("deleteDingTalk", { Ids = ids }).path)
    assert.equal("Ids", problem_of("deleteDingTalk", { Ids = table.concat(ids, ",") }).path)
  end)

  it("counts the problems it does not list", function()
    local ids = {}
    for i = 1, 1000 do
      ids[i] = -i
    end
    local call, err = core.deleteDingTalk(SETTINGS, { Ids = ids })
    assert.is_nil(call)
    assert.is_truthy(err.message:find("1000 problems", 1, true))
    assert.is_true(#err.problems <= 100)
    assert.is_true(#tostring(err) < 20000)
  end)

  if integer then
    it("is exact where Lua has integers", function()
      for _, text in ipairs { "9007199254740992", "9007199254740993", MAX } do
        assert.equal(text, sent("dingTalkOnlineTest", { Id = integer(text) }).Id)
        assert.equal(text, sent("deleteDingTalk", { Ids = { integer(text) } }).Ids)
        assert.equal(text, sent("deleteDingTalk", { Ids = integer(text) }).Ids)
      end
      assert.equal("Id", problem_of("dingTalkOnlineTest", { Id = smallest }).path)
    end)
  else
    it("says how to pass what a double cannot hold", function()
      assert.is_truthy(problem_of("dingTalkOnlineTest", { Id = 9007199254740993 }).hint:find("string", 1, true))
    end)
  end

  it("is left out where it is left out", function()
    assert.same({}, sent("describeDingTalk", {}))
    assert.same({}, sent("describeDingTalk", nil))
    assert.same({ RuleActionName = "testNotify", SendUrl = HOOK },
      sent("createOrUpdateDingTalk", LEAST.createOrUpdateDingTalk))
  end)

  it("may stand beside the state that a read added", function()
    local params = copy(LEAST.createOrUpdateDingTalk, { state = { Status = 1, AliUid = "1" } })
    assert.same(LEAST.createOrUpdateDingTalk, sent("createOrUpdateDingTalk", params))
    local call = core.createOrUpdateDingTalk(SETTINGS, params)
    assert.equal("create", call:class())
  end)
end)

-- { url, kind of finding ("error", "warning", or nil for none), part of the message }
local URLS = {
  { HOOK },
  { HOOK .. "&extra=1" },
  { "HTTPS://OAPI.DINGTALK.COM/robot/send?access_token=XXX" },
  { "https://oapi.dingtalk.com:443/robot/send?access_token=XXX" },
  { "https://oapi.dingtalk.io/robot/send?access_token=XXX" },
  { "https://dingtalk.com/robot/send?access_token=XXX" },
  { "https://api.dingtalk.com:65535/robot/send?access_token=%41" },
  { "http://oapi.dingtalk.com/robot/send?access_token=XXX", "error", "https://" }, -- U01
  { "ftp://oapi.dingtalk.com/robot/send", "error", "https://" }, -- U02
  { "file:///etc/passwd", "error", "https://" },
  { "javascript:alert(1)", "error", "https://" },
  { "oapi.dingtalk.com/robot/send?access_token=XXX", "error", "https://" }, -- U03
  { "//oapi.dingtalk.com/robot/send?access_token=XXX", "error", "https://" },
  { "https:/oapi.dingtalk.com/robot/send", "error", "https://" },
  { "https:oapi.dingtalk.com", "error", "https://" },
  { "https", "error", "https://" },
  { "", "error", "empty string" }, -- U04
  { "https://user@oapi.dingtalk.com/robot/send?access_token=XXX", "error", "user name" }, -- U05
  { "https://user:pw@oapi.dingtalk.com/robot/send?access_token=XXX", "error", "user name" },
  { "https://oapi.dingtalk.com@evil.example/robot/send?access_token=XXX", "error", "user name" },
  { "https://oapi.dingtalk.com.evil/robot/send?access_token=XXX", "warning", "none of DingTalk's" }, -- U06
  { "https://notdingtalk.com/robot/send?access_token=XXX", "warning", "none of DingTalk's" },
  { "https://evil.example/robot/send?access_token=XXX&x=oapi.dingtalk.com", "warning", "none of DingTalk's" },
  { "https://1.2.3.4/robot/send?access_token=XXX", "warning", "none of DingTalk's" },
  { "https://oapi.dingtalk.com./robot/send?access_token=XXX", "warning", "none of DingTalk's" },
  { "https://oapi.dingtalk.com/robot/send?access_token=X X", "error", "space" }, -- U07
  { " https://oapi.dingtalk.com/robot/send?access_token=XXX", "error", "space", 2 },
  { HOOK .. "\n", "error", "control" },
  { HOOK .. "\r\nX: y", "error", "control" },
  { HOOK .. "\t", "error", "control" },
  { HOOK .. "\127", "error", "control" },
  { "https://oapi.dingtalk.com\\robot\\send", "error", "backslash", 2 }, -- U08
  { "https://oapi.dingtalk.com/robot\\send?access_token=XXX", "error", "backslash" },
  { HOOK .. "\0", "error", "NUL" }, -- U09
  { HOOK .. "\255", "error", "UTF-8" },
  { "https://oapi.dingtalk.com:0/robot/send?access_token=XXX", "error", "port" }, -- U10
  { "https://oapi.dingtalk.com:65536/robot/send?access_token=XXX", "error", "port" },
  { "https://oapi.dingtalk.com:/robot/send?access_token=XXX", "error", "port" },
  { "https://oapi.dingtalk.com:4x3/robot/send?access_token=XXX", "error", "port" },
  { "https://oapi.dingtalk.com:-1/robot/send?access_token=XXX", "error", "port" },
  { "https://oapi.dingtalk.com:99999999999999999999/robot/send?access_token=XXX", "error", "port" },
  { "https://", "error", "host" }, -- U11
  { "https:///robot/send?access_token=XXX", "error", "host" },
  { "https://?access_token=XXX", "error", "host" },
  { "https://:443/robot/send?access_token=XXX", "error", "host" },
  { "https://.dingtalk.com/robot/send?access_token=XXX", "error", "host" },
  { "https://oapi..dingtalk.com/robot/send?access_token=XXX", "error", "host" },
  { "https://-a.dingtalk.com/robot/send?access_token=XXX", "error", "host" },
  { "https://oapi_dingtalk.com/robot/send?access_token=XXX", "error", "host" },
  { "https://oapi%2edingtalk.com/robot/send?access_token=XXX", "error", "host" },
  { "https://[::1]/robot/send?access_token=XXX", "error", "host", 2 },
  { "https://" .. ("a."):rep(127) .. "com/robot/send?access_token=XXX", "error", "host" },
  { "https://oapi.dingtalk.com/robot/send", "warning", "no access_token" }, -- U12
  { "https://oapi.dingtalk.com/robot/send?", "warning", "no access_token" },
  { "https://oapi.dingtalk.com/robot/send?access_token", "warning", "no access_token" },
  { "https://oapi.dingtalk.com/robot/send?access_token=", "warning", "no access_token" },
  { "https://oapi.dingtalk.com/robot/send?access_token=&x=1", "warning", "no access_token" },
  { "https://oapi.dingtalk.com/robot/send?Access_Token=XXX", "warning", "no access_token" },
  { "https://oapi.dingtalk.com/robot/send?xaccess_token=XXX", "warning", "no access_token" },
  { "https://oapi.dingtalk.com/robot/send#?access_token=XXX", "warning", "no access_token", 2 },
  { HOOK .. "&access_token=YYY", "warning", "more than one" }, -- U13
  { HOOK .. "#x", "warning", "fragment" }, -- U14
  { HOOK .. "#", "warning", "fragment" },
  { "https://\228\189\160.dingtalk.com/robot/send?access_token=XXX", "error", "ASCII", 2 }, -- U15
  { "https://xn--6qq.dingtalk.com/robot/send?access_token=XXX" },
  { HOOK .. "&timestamp=1&sign=abc", "warning", "signed URL" }, -- U16
  { HOOK .. "&sign=abc", "warning", "signed URL" },
  { HOOK .. "&timestamp=1", "warning", "signed URL" },
  { "https://oapi.dingtalk.com/robot/sent?access_token=XXX", "warning", "path" },
  { "https://oapi.dingtalk.com?access_token=XXX", "warning", "path" },
  { "https://oapi.dingtalk.com/robot/send/?access_token=XXX", "warning", "path" },
  { HOOK .. ("x"):rep(8192 - #HOOK) },
  { HOOK .. ("x"):rep(8193 - #HOOK), "error", "too long" }, -- S17
  { HOOK .. ("x"):rep(1024 * 1024), "error", "too long" },
}

describe("SendUrl", function()
  for i, row in ipairs(URLS) do
    it(i .. (row[2] and " gives a " .. row[2] .. ": " .. row[3] or " is fine"), function()
      local params = copy(LEAST.createOrUpdateDingTalk, { SendUrl = row[1], ConfigList = { hc = "all" } })
      local call, err = core.createOrUpdateDingTalk(SETTINGS, params)
      if row[2] == "error" then
        assert.is_nil(call)
        assert.equal(row[4] or 1, #err.problems, tostring(err))
        assert.equal("SendUrl", err.problems[1].path)
        assert.is_truthy(tostring(err):find(row[3], 1, true), tostring(err))
        return
      end
      assert.is_truthy(call, tostring(err))
      local warnings = call:warnings()
      assert.equal(row[2] and (row[4] or 1) or 0, #warnings, warnings[1] and warnings[1].message)
      for _, warning in ipairs(warnings) do
        assert.equal("SendUrl", warning.path)
      end
      assert.is_true(not row[2] or warnings[1].message:find(row[3], 1, true) ~= nil)
      -- and it is sent byte for byte
      assert.equal(row[1], sent("createOrUpdateDingTalk", params).SendUrl)
    end)
  end

  it("is never repeated in an error", function()
    for _, url in ipairs {
      "http://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken,
      "https://a:" .. canary.accessToken .. "@oapi.dingtalk.com/robot/send",
      "https://oapi.dingtalk.com:" .. canary.accessToken .. "/",
      "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken .. " ",
      canary.accessToken,
    } do
      local _, err = core.createOrUpdateDingTalk(SETTINGS, { RuleActionName = "ab", SendUrl = url })
      assert.is_truthy(err)
      assert.is_nil(tostring(err):find(canary.accessToken, 1, true))
    end
  end)

  it("is masked where the call is shown", function()
    local call = core.createOrUpdateDingTalk(SETTINGS, {
      RuleActionName = "ab", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken,
    })
    call:next(0)
    call:sign(credentials, "2026-01-01T00:00:00Z", "nonce")
    assert.is_nil(tostring(call):find(canary.accessToken, 1, true))
    assert.is_truthy(tostring(call):find("https://oapi.dingtalk.com/robot/send?***", 1, true))
  end)

  it("may have very many parameters", function()
    local more = {}
    for i = 1, 200 do
      more[i] = ("p%d=%%E4%%BD%%A0%d"):format(i, i)
    end
    local url = HOOK .. "&" .. table.concat(more, "&")
    local keys = core.credentials {
      accessKeyId = "testid", accessKeySecret = "testsecret", securityToken = canary.securityToken,
    }
    for _, signature in ipairs { "v3", "v1" } do
      local call = core.createOrUpdateDingTalk({ host = "h", signature = signature }, {
        RuleActionName = "ab", SendUrl = url,
      })
      call:next(0)
      assert.is_truthy(call:sign(keys, "2026-01-01T00:00:00Z", "nonce"))
    end
  end)
end)

describe("a warning", function()
  local rows = {
    { "a create without ConfigList", { ConfigList = "(none)" }, { "ConfigList" } },
    { "a create with an empty ConfigList", { ConfigList = {} }, { "ConfigList" } },
    { "a create with an empty config", { ConfigList = sas.config() }, { "ConfigList" } },
    { "a create with an empty JSON array", { ConfigList = "[]" }, { "ConfigList" } },
    { "a create with no groups", { GroupIdList = {} }, { "GroupIdList" } },
    { "a create with no groups in JSON", { GroupIdList = "[]" }, { "GroupIdList" } },
    { "a create with neither", { ConfigList = {}, GroupIdList = {} }, { "ConfigList", "GroupIdList" } },
    { "a create that leaves groups out", {}, {} },
    { "an update without ConfigList", { Id = 1, ConfigList = "(none)" }, {} },
    { "a complete create", { GroupIdList = { 1 }, DingTalkLang = "en", IntervalTime = 0 }, {} },
  }
  for _, row in ipairs(rows) do
    it((#row[3] > 0 and "goes with " or "does not go with ") .. row[1], function()
      local base = { RuleActionName = "ab", SendUrl = HOOK, ConfigList = { hc = "all" } }
      local params = copy(base, row[2])
      local got = {}
      local c, transport = client { onWarning = function(warning)
        got[#got + 1] = warning.path
        assert.equal("CreateOrUpdateDingTalk", warning.action)
        assert.equal("string", type(warning.message))
      end }
      assert.is_truthy(c:createOrUpdateDingTalk(params))
      table.sort(got)
      assert.same(row[3], got)
      assert.equal(1, #transport.requests)
    end)
  end

  it("does not go with a call that is refused", function()
    local got = 0
    local c = client { onWarning = function() got = got + 1 end }
    assert.is_nil((c:createOrUpdateDingTalk { RuleActionName = "x", SendUrl = HOOK, ConfigList = {} }))
    assert.equal(0, got)
  end)
end)

describe("a client", function()
  it("sends each operation once, with its action", function()
    for _, operation in ipairs(core.operations()) do
      local c, transport = client()
      local result, err = c[operation.method](c, LEAST[operation.method])
      assert.is_truthy(result, tostring(err))
      assert.equal(recorder.RequestId, result.RequestId)
      assert.equal(1, #transport.requests)
      assert.equal(operation.action, transport.requests[1].headers["x-acs-action"])
    end
  end)

  it("answers five problems for five mistakes, and sends nothing", function()
    local c, transport = client()
    local result, err = c:createOrUpdateDingTalk {
      Id = 0, RuleActionName = "x", SendUrl = "http://x", IntervalTime = -1, DingTalkLang = "fr",
    }
    assert.is_nil(result)
    assert.equal("argument", err.kind)
    local paths = {}
    for i, problem in ipairs(err.problems) do
      paths[i] = problem.path
      assert.is_truthy(tostring(err):find("\n  " .. problem.path .. ": ", 1, true))
    end
    table.sort(paths)
    assert.same({ "DingTalkLang", "Id", "IntervalTime", "RuleActionName", "SendUrl" }, paths)
    assert.equal(0, #transport.requests)
  end)

  it("reports the problems of a ConfigList with the others", function()
    local c, transport = client()
    local _, err = c:createOrUpdateDingTalk {
      RuleActionNam = "ab", SendUrl = HOOK, ConfigList = { vull = "all", hc = { item_level = { "hgih" } } },
    }
    local paths = {}
    for i, problem in ipairs(err.problems) do
      paths[i] = problem.path
    end
    table.sort(paths)
    assert.same({ "ConfigList.hc.item_level[1]", "ConfigList.vull", "RuleActionNam", "RuleActionName" }, paths)
    assert.equal(0, #transport.requests)
  end)

  it("sends nothing for any refused value", function()
    local c, transport = client()
    for _, row in ipairs(REFUSED) do
      assert.is_nil((c[row[1]](c, copy(LEAST[row[1]], { [row[2]] = row[3] }))))
      assert.is_nil((c:prepare(row[1], copy(LEAST[row[1]], { [row[2]] = row[3] }))))
    end
    assert.equal(0, #transport.requests)
  end)
end)

describe("call", function()
  -- The parameters as core.call sends them, or nil and the error.
  local function flat(params, action, class)
    local call, err = core.call(SETTINGS, action or "ListGroups", params, class)
    if not call then
      return nil, err
    end
    call:next(0)
    return parameters_of(call:sign(credentials, "2026-01-01T00:00:00Z", "nonce").query)
  end

  local config = sas.config { hc = { item_level = "low" } }
  local rows = {
    { "nothing", nil, {} },
    { "an empty table", {}, {} },
    { "texts", { A = "x", B = "" }, { A = "x", B = "" } },
    { "numbers", { A = 1, B = -1, C = 2 ^ 53 - 1 }, { A = "1", B = "-1", C = "9007199254740991" } },
    { "booleans", { A = true, B = false }, { A = "true", B = "false" } },
    { "a list", { A = { "x", "y" } }, { ["A.1"] = "x", ["A.2"] = "y" } },
    { "a table", { A = { K = "x" } }, { ["A.K"] = "x" } },
    { "a list of tables", { A = { { K = 1, L = { 2, 3 } } } },
      { ["A.1.K"] = "1", ["A.1.L.1"] = "2", ["A.1.L.2"] = "3" } },
    { "a sparse table by its keys", { A = { x = 1, y = 2 } }, { ["A.x"] = "1", ["A.y"] = "2" } },
    { "a config", { A = config }, { A = tostring(config) } },
    { "seven levels", { A = { { { { { { "x" } } } } } } }, { ["A.1.1.1.1.1.1"] = "x" } },
  }
  for _, row in ipairs(rows) do
    it("flattens " .. row[1], function()
      local got, err = flat(row[2])
      assert.is_truthy(got, tostring(err))
      assert.same(row[3], got)
    end)
  end

  local deep = "x"
  for _ = 1, 9 do
    deep = { deep }
  end
  local many = {}
  for i = 1, 257 do
    many["P" .. i] = "x"
  end
  local refused = {
    { "a list", { "x" }, "" },
    { "a name that is made twice", { ["A.1"] = "x", A = { "y" } }, "A.1" },
    { "a function", { A = print }, "A" },
    { "a fraction", { A = 1.5 }, "A" },
    { "NaN", { A = 0 / 0 }, "A" },
    { "2^53 as a double", { A = 2 ^ 53 }, "A" },
    { "a coroutine", { A = { coroutine.create(function() end) } }, "A.1" },
    { "NUL in a text", { A = "a\0b" }, "A" },
    { "NUL in a name", { ["A\0B"] = "x" }, "" },
    { "an empty name", { [""] = "x" }, "" },
    { "a name with a line break", { ["A\n"] = "x" }, "" },
    { "a name that is not UTF-8", { ["A\255"] = "x" }, "" },
    { "a name of 1 MiB", { [("A"):rep(1024 * 1024)] = "x" }, "" },
    { "a text that is not UTF-8", { A = "\255" }, "A" },
    { "a text of 257 KiB", { A = ("x"):rep(257 * 1024) }, "A" },
    { "a numeric key", { [1.5] = "x" }, "" },
    { "a sparse list", { A = { [1] = 1, [3] = 3 } }, "A" },
    { "nine levels", { A = deep }, false },
    { "a proxy", { A = setmetatable({}, { __index = { "x" } }) }, "A" },
  }
  for _, row in ipairs(refused) do
    it("refuses " .. row[1], function()
      local got, err = flat(row[2])
      assert.is_nil(got)
      assert.equal("argument", err.kind)
      if row[3] then
        assert.equal(row[3], err.problems[1].path or "")
      end
    end)
  end

  it("refuses the 257th parameter", function()
    local _, err = flat(many)
    assert.equal("argument", err.kind)
    many.P257 = nil
    assert.is_truthy(flat(many))
  end)

  it("takes a parameter with many webhooks", function()
    local urls = {}
    for i = 1, 100 do
      urls[i] = ("https://h/?access_token=%%E4%%BD%%A0%d&x=secretsecret%d"):format(i, i)
    end
    assert.is_truthy(flat { Urls = urls })
  end)

  for _, action in ipairs { "", "a b", "A&B=C", "A\nB", "A\0B", "../x", ("A"):rep(129), "告" } do
    it(("refuses the action %q"):format(action), function()
      local call, err = core.call(SETTINGS, action, {})
      assert.is_nil(call)
      assert.equal("argument", err.kind)
      assert.equal("action", err.problems[1].path)
    end)
  end

  it("is a create unless told otherwise", function()
    assert.equal("create", core.call(SETTINGS, "X"):class())
    for _, class in ipairs { "read", "update", "create" } do
      assert.equal(class, core.call(SETTINGS, "X", {}, class):class())
    end
    for _, class in ipairs { "Read", "", 1, true, {} } do
      assert.is_false(pcall(core.call, SETTINGS, "X", {}, class))
    end
  end)

  it("of a client sends what it is given, and shows none of its values", function()
    local c, transport = client()
    assert.is_truthy(c:call("ListGroups", { Token = canary.securityToken, List = { 1 } }, { class = "read" }))
    local got = parameters_of(transport.requests[1].query)
    assert.equal(canary.securityToken, got.Token)
    assert.equal("1", got["List.1"])
    local request = c:prepare("ListGroups", { Token = canary.securityToken })
    assert.is_nil(tostring(request):find(canary.securityToken, 1, true))
  end)

  it("of a client raises for a class or an option that does not exist", function()
    local c, transport = client()
    for _, options in ipairs { { class = "rd" }, { clas = "read" }, { class = 1 }, "read", 1 } do
      assert.is_false(pcall(c.call, c, "ListGroups", {}, options))
    end
    assert.is_false(pcall(c.call, c))
    assert.is_false(pcall(c.call, c, {}))
    assert.equal(0, #transport.requests)
  end)
end)
