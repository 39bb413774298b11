-- The bad-input matrix: hostile values, tables and circumstances. Each is an argument error, or a raise for misuse, at
-- once, with nothing sent, and nothing crashes.

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"

local HOOK = "https://oapi.dingtalk.com/robot/send?access_token=XXX"
local SETTINGS = { host = "tds.aliyuncs.com" }
local unpack = rawget(table, "unpack") or rawget(_G, "unpack")
local set_metatable = debug.setmetatable
local is_jit = rawget(_G, "jit") ~= nil
local ffi = is_jit and require "ffi"
local has_table_gc = _VERSION ~= "Lua 5.1"

local function client(changes)
  local transport = recorder.new()
  local settings = {
    regionId = "cn-hangzhou", accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret,
    transport = transport,
  }
  for name, value in pairs(changes or {}) do
    settings[name] = value
  end
  return sas.new(settings), transport
end

-- A create with one parameter changed.
local function create(name, value)
  local params = { RuleActionName = "testNotify", SendUrl = HOOK, ConfigList = { hc = "all" }, GroupIdList = { 1 } }
  if name then
    params[name] = value
  end
  return params
end

-- Runs the method; whatever the outcome, nothing is sent and it takes no time. Answers the error object.
local function refused(method, ...)
  local c, transport = client()
  local started = os.clock()
  local result, err = c[method](c, ...)
  assert.is_true(os.clock() - started < 30)
  assert.is_nil(result)
  assert.equal("argument", err.kind)
  assert.equal(0, #transport.requests)
  assert.is_false(err.sent)
  assert.is_true(#err.problems > 0)
  for _, problem in ipairs(err.problems) do
    assert.is_true(#problem.message <= 200)
    assert.is_truthy(core.utf8(problem.path))
    assert.is_truthy(core.utf8(problem.message .. (problem.hint or "")))
  end
  assert.is_truthy(core.utf8(tostring(err)))
  return err
end

local function raises(f, ...)
  local arguments = { n = select("#", ...), ... }
  local good, err = pcall(function() return f(unpack(arguments, 1, arguments.n)) end)
  assert.is_false(good)
  return err
end

-- { id, parameter, value, path }: one problem there
local ROWS = {
  { "T02", "RuleActionName", true, "RuleActionName" },
  { "T03", "RuleActionName", 42, "RuleActionName" },
  { "T04", "RuleActionName", 1.5, "RuleActionName" },
  { "T05", "RuleActionName", {}, "RuleActionName" },
  { "T06", "RuleActionName", print, "RuleActionName" },
  { "T07", "RuleActionName", coroutine.create(function() end), "RuleActionName" },
  { "T08", "RuleActionName", io.stdout, "RuleActionName" },
  { "T09", "SendUrl", 42, "SendUrl" },
  { "T10", "SendUrl", {}, "SendUrl" },
  { "T11", "SendUrl", false, "SendUrl" },
  { "T14", "IntervalTime", "0", "IntervalTime" },
  { "T15", "IntervalTime", "abc", "IntervalTime" },
  { "T16", "IntervalTime", true, "IntervalTime" },
  { "T17", "IntervalTime", {}, "IntervalTime" },
  { "T18", "ConfigList", 1, "ConfigList" },
  { "T18", "ConfigList", "[", "ConfigList" },
  { "T19", "GroupIdList", "1,2", "GroupIdList" },
  { "T23 a config elsewhere", "RuleActionName", sas.config(), "RuleActionName" },
  { "T23 a config elsewhere", "GroupIdList", sas.config(), "GroupIdList" },
  { "T23 a config elsewhere", "Id", sas.config(), "Id" },
  { "T24 credentials", "ConfigList", core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" },
    "ConfigList" },
  { "T24 a call", "ConfigList", core.describeDingTalk(SETTINGS), "ConfigList" },

  { "R01", "RuleActionName", "x", "RuleActionName" },
  { "R04", "RuleActionName", ("x"):rep(65), "RuleActionName" },
  { "R06", "RuleActionName", ("告"):rep(65), "RuleActionName" },
  { "R09", "RuleActionName", "", "RuleActionName" },
  { "R10", "IntervalTime", -1, "IntervalTime" },
  { "R13", "IntervalTime", 2 ^ 53, "IntervalTime" },
  { "R14", "IntervalTime", 2 ^ 63, "IntervalTime" },

  { "N01", "Id", 0 / 0, "Id" }, { "N02", "Id", 1 / 0, "Id" }, { "N03", "Id", -1 / 0, "Id" }, { "N05", "Id", 0, "Id" },
  { "N06", "Id", -1, "Id" }, { "N07", "Id", 1.5, "Id" }, { "N08", "Id", 2 ^ 53, "Id" }, { "N12", "Id", 2 ^ 63, "Id" },
  { "N13", "Id", -2 ^ 63, "Id" }, { "N15", "Id", "9223372036854775808", "Id" },
  { "N19 the least positive double", "Id", 2 ^ -1074, "Id" }, { "N20 -0", "Id", -0.0, "Id" },
  { "N21 NaN in a list", "GroupIdList", { 0 / 0 }, "GroupIdList[1]" },

  { "S01", "RuleActionName", "\255\254ab", "RuleActionName" },
  { "S03", "RuleActionName", "a\237\160\128", "RuleActionName" },
  { "S04", "RuleActionName", "a\244\144\128\128", "RuleActionName" },
  { "S05", "RuleActionName", "ab\228", "RuleActionName" },
  { "S06", "RuleActionName", "a\0b", "RuleActionName" },
  { "S07", "RuleActionName", "ab\0", "RuleActionName" },
  { "S08", "RuleActionName", "    ", "RuleActionName" },
  { "S09", "RuleActionName", "a\r\nb", "RuleActionName" },
  { "S10", "RuleActionName", "a\tb", "RuleActionName" },
  { "S11", "RuleActionName", "\239\187\191ab", "RuleActionName" },
  { "S15", "RuleActionName", ("x"):rep(1024 * 1024), "RuleActionName" },
  { "S17", "SendUrl", HOOK .. ("x"):rep(1024 * 1024), "SendUrl" },
  { "S19", "RuleActionName", ('"'):rep(1000000), "RuleActionName" },
  { "S19 in a word", "ConfigList", { hc = { item_level = { ('"'):rep(1000000) } } }, "ConfigList.hc.item_level[1]" },
  { "S19 in JSON", "ConfigList", ('"'):rep(1000000), "ConfigList" },
  { "S21 a long Ids text", "GroupIdList", "[" .. ("1,"):rep(1000000) .. "1]", "GroupIdList" },
  { "S22 a long Id", "Id", ("9"):rep(1000000), "Id" },
  { "S23 brackets", "GroupIdList", ("["):rep(1000000), "GroupIdList" },
  { "S24 a long language", "DingTalkLang", ("z"):rep(1000000), "DingTalkLang" },

  { "K01", "RuleActionNam", "x", "RuleActionNam" },
  { "K02", "ruleActionName", "x", "ruleActionName" },
  { "K03", "Interval_Time", 1, "Interval_Time" },
  { "K04", 1, "x", "" }, { "K04", 1.5, "x", "" }, { "K04", 2 ^ 53, "x", "" }, { "K04", -1, "x", "" },
  { "K05", true, "x", "" }, { "K05", print, "x", "" }, { "K05", io.stdout, "x", "" }, { "K05", {}, "x", "" },
  { "K08", "ConfigList", { suspicous = "all" }, "ConfigList.suspicous" },
  { "K09", "ConfigList", { hc = { necessity = "all" } }, "ConfigList.hc.necessity" },
  { "K10", "ConfigList", { hc = { item_level = { "hgih" } } }, "ConfigList.hc.item_level[1]" },
  { "K12", "ConfigList", { hc = { item_level = {} } }, "ConfigList.hc.item_level" },
  { "K18", "ConfigList", { suspicious = { event_type = { "suspicious  process" } } },
    "ConfigList.suspicious.event_type[1]" },
  { "K21 a name with NUL", "Id\0", 1, false },
  { "K21 a name of 1 MiB", ("Id"):rep(512 * 1024), 1, false },
  { "K21 a name that is not UTF-8", "\255", 1, false },
  { "K21 an empty name", "", 1, false },

  { "A03", "GroupIdList", { [1] = 1, [3] = 3 }, "GroupIdList" },
  { "A04", "GroupIdList", { 1, x = 2 }, "GroupIdList" },
  { "A06", "GroupIdList", { [1] = 1, [1.5] = 2 }, "GroupIdList" },
  { "A07", "GroupIdList", { [2 ^ 31] = 1 }, "GroupIdList" },
  { "A07", "GroupIdList", { [-1] = 1 }, "GroupIdList" },
  { "A07", "GroupIdList", { [0] = 1 }, "GroupIdList" },
  { "A07", "GroupIdList", { [2 ^ 63] = 1 }, "GroupIdList" },
  { "A07", "GroupIdList", { [1 / 0] = 1 }, "GroupIdList" },
  { "A17 a coroutine as a key", "GroupIdList", { [coroutine.create(function() end)] = 1 }, "GroupIdList" },
  { "A17 a config as a key", "ConfigList", { [sas.config()] = 1 }, "ConfigList" },
}

describe("the bad-input matrix,", function()
  for i, row in ipairs(ROWS) do
    it(("%d: %s"):format(i, row[1]), function()
      local err = refused("createOrUpdateDingTalk", create(row[2], row[3]))
      assert.equal(1, #err.problems, tostring(err))
      if row[4] ~= false then
        assert.equal(row[4], err.problems[1].path)
      end
    end)
  end

  it("T01: what is missing", function()
    local err = refused("createOrUpdateDingTalk", {})
    assert.equal(2, #err.problems)
    assert.equal("RuleActionName", err.problems[1].path)
    assert.equal("SendUrl", err.problems[2].path)
  end)

  it("T20: what is no table raises", function()
    local c, transport = client()
    for _, operation in ipairs(core.operations()) do
      local method = c[operation.method]
      for _, other in ipairs { "x", 1, true, print, io.stdout, coroutine.create(function() end), sas.config() } do
        raises(method, c, other)
        raises(core[operation.method], SETTINGS, other)
        raises(core[operation.method], other, {})
      end
      raises(method, c, {}, {})
      raises(core[operation.method])
    end
    raises(c.createOrUpdateDingTalk, c)
    raises(c.createOrUpdateDingTalk, c, nil)
    assert.equal(0, #transport.requests)
  end)

  it("T21: a dot for a colon, and a wrong self, raise and say so", function()
    local c, transport = client()
    for _, name in ipairs { "createOrUpdateDingTalk", "describeDingTalk", "call", "prepare", "close" } do
      for _, self in ipairs { {}, "x", 1, io.stdout, setmetatable({}, debug.getmetatable(c)), sas.config() } do
        local message = raises(c[name], self, {})
        assert.is_truthy(tostring(message):find("colon", 1, true), tostring(message))
      end
      raises(c[name])
      raises(c[name], nil, {})
    end
    assert.equal(0, #transport.requests)
  end)

  it("T22: a closed client is a state error, also when it is closed twice", function()
    local c, transport = client()
    c:close()
    c:close()
    for _, operation in ipairs(core.operations()) do
      local result, err = c[operation.method](c, {})
      assert.is_nil(result)
      assert.equal("state", err.kind)
      assert.equal("CLOSED", err.code)
      assert.is_false(err.sent)
    end
    assert.equal("state", select(2, c:call("ListGroups")).kind)
    assert.equal("state", select(2, c:prepare("describeDingTalk")).kind)
    assert.equal(0, #transport.requests)
    assert.equal("string", type(tostring(c)))
  end)

  it("K13: a duplicate value is no mistake", function()
    local c, transport = client()
    assert.is_truthy(c:createOrUpdateDingTalk(create("ConfigList", { hc = { item_level = { "high", "high" } } })))
    assert.equal(1, #transport.requests)
  end)

  it("K20: a secret in the wrong place is not repeated", function()
    for _, place in ipairs {
      create(canary.accessToken, 1), create("RuleActionName", HOOK .. canary.accessToken),
      create("DingTalkLang", canary.accessToken), create("GroupIdList", { canary.accessToken }),
      create("Id", canary.accessToken), create("ConfigList", HOOK .. canary.accessToken),
      create("ConfigList", { [canary.accessToken] = "all" }), create("AccessKeySecert", canary.accessKeySecret),
      create("ConfigList", { hc = { item_level = canary.accessToken } }), create(HOOK .. canary.accessToken, 1),
      create("ConfigList", { { type = "hc", [canary.accessToken] = 1 } }),
    } do
      local err = refused("createOrUpdateDingTalk", place)
      assert.is_nil(tostring(err):find(canary.accessToken, 1, true))
      assert.is_nil(tostring(err):find(canary.accessKeySecret, 1, true))
    end
    local message = raises(sas.new, { regionId = "cn-hangzhou", accessKeyId = "testid",
      AccessKeySecert = canary.accessKeySecret })
    assert.is_nil(tostring(message):find(canary.accessKeySecret, 1, true))
  end)

  it("K19: verification cannot be turned off", function()
    for _, name in ipairs { "verify", "insecure", "sslVerify", "verifyPeer" } do
      raises(client, { [name] = false })
    end
  end)
end)

-- Tables that are no plain data. Every one of them is refused wherever it stands.
local function bomb()
  error("a metamethod ran")
end

local function cyclic()
  local t = {}
  t.t = t
  return t
end

local function long_cycle()
  local first = {}
  local last = first
  for _ = 1, 10 do
    last[1] = {}
    last = last[1]
  end
  last[1] = first
  return first
end

local function deep(levels, leaf)
  local t = leaf
  for _ = 1, levels do
    t = { t }
  end
  return t
end

local function wide(width)
  local t = {}
  for i = 1, width do
    t[i] = i
  end
  return t
end

-- One big table, many times in another: cheap to hold, dear to walk.
local function shared()
  local big, t = wide(300000), {}
  for i = 1, 20000 do
    t[i] = big
  end
  return t
end

-- 10^10 leaves in ten tables.
local function bushy()
  local t = wide(10)
  for _ = 1, 9 do
    local above = {}
    for i = 1, 10 do
      above[i] = t
    end
    t = above
  end
  return t
end

local HOSTILE = {
  { "A01 a cycle", cyclic() },
  { "A01 a long cycle", long_cycle() },
  { "A09 33 levels", deep(33, 1) },
  { "A10 a hundred thousand levels", deep(100000, 1) },
  { "A18 a million entries", wide(1000000) },
  { "A18 a big table, many times", shared() },
  { "A18 a bush", bushy() },
  { "A16 a proxy", setmetatable({}, { __index = { 1 } }) },
  { "A16 a read-only proxy", setmetatable({}, { __index = { 1 }, __newindex = bomb, __metatable = false }) },
  { "M01 __index throws", setmetatable({}, { __index = bomb }) },
  { "M02 __index yields", setmetatable({}, { __index = coroutine.yield }) },
  { "M03 __pairs throws", setmetatable({}, { __pairs = bomb }) },
  { "M03 __pairs is endless", setmetatable({}, { __pairs = function() return function() return 1, 1 end end }) },
  { "M04 __len throws", setmetatable({}, { __len = bomb }) },
  { "M04 __len lies", setmetatable({ 1 }, { __len = function() return 2 ^ 53 end }) },
  { "A19 the globals", _G },
  { "A19 a client", (client()) },
  { "A19 the module", sas },
}

-- Refused for what they hold, and none of their metamethods runs.
local WITH_METAMETHODS = {}
for _, event in ipairs { "__newindex", "__eq", "__lt", "__le", "__concat", "__call", "__tostring", "__unm", "__gc",
  "__mode", "__name", "__close", "__metatable" } do
  local mt = { [event] = bomb }
  if event == "__gc" then
    mt[event] = function() end
  elseif event == "__mode" then
    mt[event] = "kv"
  elseif event == "__name" then
    mt[event] = "aliyun.sas.config"
  elseif event == "__metatable" then
    mt[event] = false
  end
  WITH_METAMETHODS[#WITH_METAMETHODS + 1] = { event, mt }
end

describe("a hostile table,", function()
  local places = {
    params = function(t) return t end,
    ["ConfigList"] = function(t) return create("ConfigList", t) end,
    ["a type"] = function(t) return create("ConfigList", { hc = t }) end,
    ["a key"] = function(t) return create("ConfigList", { hc = { item_level = t } }) end,
    ["a value"] = function(t) return create("ConfigList", { hc = { item_level = { t } } }) end,
    ["an item"] = function(t) return create("ConfigList", { t }) end,
    ["configItemList"] = function(t) return create("ConfigList", { { type = "hc", configItemList = t } }) end,
    ["valueList"] = function(t)
      return create("ConfigList", { { type = "hc", configItemList = { { key = "item_level", valueList = t } } } })
    end,
    ["GroupIdList"] = function(t) return create("GroupIdList", t) end,
    ["a group"] = function(t) return create("GroupIdList", { t }) end,
    ["Id"] = function(t) return create("Id", t) end,
    ["SendUrl"] = function(t) return create("SendUrl", t) end,
    ["an unknown parameter"] = function(t) return create("Foo", t) end,
  }
  for _, row in ipairs(HOSTILE) do
    for name, place in pairs(places) do
      -- a million ids in params is a list, and so on: all have their own words, all are refused
      it(row[1] .. ", as " .. name, function()
        refused("createOrUpdateDingTalk", place(row[2]))
      end)
    end
    it(row[1] .. ", as Ids", function()
      refused("deleteDingTalk", { Ids = row[2] })
      refused("deleteDingTalk", { Ids = { row[2] } })
    end)
    it(row[1] .. ", in a config", function()
      raises(sas.config, row[2])
      raises(sas.config, { hc = row[2] })
      local config = sas.config()
      raises(config.add, config, "hc", row[2])
      raises(sas.config, {}, row[2])
      raises(sas.config, {}, { catalog = row[2] })
      assert.equal("[]", tostring(config))
    end)
    it(row[1] .. ", in the core", function()
      assert.is_nil((core.call(SETTINGS, "X", { A = row[2] })))
      pcall(core.sign, row[2])
      pcall(core.sign, { query = row[2] })
      pcall(core.credentials, row[2])
      pcall(core.reply, row[2])
      pcall(core.describeDingTalk, row[2], {})
    end)
  end

  for _, row in ipairs(WITH_METAMETHODS) do
    it("with " .. row[1] .. " is read raw", function()
      local config = sas.config(setmetatable({ hc = setmetatable({ item_level = setmetatable({ "low" }, row[2]) },
        row[2]) }, row[2]))
      assert.is_truthy(tostring(config):find('["low"]', 1, true))
      local c, transport = client()
      assert.is_truthy(c:deleteDingTalk(setmetatable({ Ids = setmetatable({ 1 }, row[2]) }, row[2])))
      assert.equal(1, #transport.requests)
      assert.is_nil((c:deleteDingTalk(setmetatable({ Ids = setmetatable({ 0 }, row[2]) }, row[2]))))
      assert.equal(1, #transport.requests)
    end)
  end

  it("A02: the same subtable twice is no mistake", function()
    local levels = { item_level = { "high" } }
    local config = sas.config { hc = levels, rasp = levels, honeypot = levels }
    assert.equal(3, select(2, tostring(config):gsub("item_level", "")))
  end)

  it("A06: 1.0 is 1", function()
    local c, transport = client()
    assert.is_truthy(c:deleteDingTalk { Ids = { [1.0] = 5, [2.0] = 6 } })
    assert.is_truthy(transport.requests[1].query:find("Ids=5%2C6", 1, true))
  end)

  it("A15: an empty-array mark is no proxy", function()
    local mark = setmetatable({}, {})
    local c = client()
    assert.is_truthy(c:createOrUpdateDingTalk(create("GroupIdList", mark)))
  end)

  it("A20: a table of hostile parameters as state is ignored, or refused, and never read into the call", function()
    local c, transport = client()
    assert.is_truthy(c:createOrUpdateDingTalk(create("state", { Status = 1, deep = deep(100, 1), loop = cyclic() })))
    assert.is_nil(transport.requests[1].query:find("tatus", 1, true))
    refused("createOrUpdateDingTalk", create("state", setmetatable({}, { __index = bomb })))
  end)

  it("E: deep tables do not wear the stack out, call after call", function()
    local t = deep(1000, 1)
    for _ = 1, 1000 do
      assert.is_nil((core.deleteDingTalk(SETTINGS, { Ids = t })))
    end
  end)
end)

describe("a value of another kind,", function()
  if ffi then
    ffi.cdef "typedef struct { int type; void *p; } aliyun_sas_spec_struct;"
    local values = {
      int64 = ffi.new("int64_t", -12), uint64 = ffi.new("uint64_t", -1), pointer = ffi.new("char[8]"),
      struct = ffi.new "aliyun_sas_spec_struct", null = ffi.cast("void *", 0), complex = ffi.new "complex",
      ctype = ffi.typeof "int", name = ffi.C,
    }
    for name, value in pairs(values) do
      it("N17, A13: cdata, " .. name, function()
        for _, parameter in ipairs { "Id", "RuleActionName", "SendUrl", "IntervalTime", "ConfigList", "GroupIdList" } do
          local err = refused("createOrUpdateDingTalk", create(parameter, value))
          assert.equal(parameter, err.problems[1].path)
        end
        refused("deleteDingTalk", { Ids = { value } })
        refused("createOrUpdateDingTalk", create(value, 1))
        raises(sas.config, { hc = { item_level = { value } } })
        raises(sas.config, { [value] = "all" })
        raises(sas.config, value)
        raises(sas.config.parse, value)
        raises(core.describeDingTalk, SETTINGS, value)
      end)
    end
    it("N17: 64-bit cdata is an Id wherever one stands, and the caller's tables stay as they are", function()
      local c, transport = client()
      local int64, uint64 = ffi.new("int64_t", 12), load "return 9007199254740993ULL" ()
      local ids, groups = { int64, uint64, "7" }, { uint64, 3 }
      local calls = {
        { "deleteDingTalk", { Ids = ids }, "Ids=12%2C9007199254740993%2C7" },
        { "deleteDingTalk", { Ids = int64 }, "Ids=12" },
        { "modifyDingTalkStatus", { Ids = { int64 }, Status = 1 }, "Ids=12" },
        { "dingTalkOnlineTest", { Id = uint64 }, "Id=9007199254740993" },
        { "createOrUpdateDingTalk", create("Id", int64), "Id=12" },
        { "createOrUpdateDingTalk", create("GroupIdList", groups), "%5B%229007199254740993%22%2C%223%22%5D" },
      }
      for _, row in ipairs(calls) do
        assert(c[row[1]](c, row[2]))
        assert.is_truthy(transport.requests[#transport.requests].query:find(row[3], 1, true),
          transport.requests[#transport.requests].query)
        assert.is_truthy(assert(c:prepare(row[1], row[2])).query:find(row[3], 1, true))
      end
      assert.is_true(rawequal(ids[1], int64) and rawequal(ids[2], uint64) and rawequal(groups[1], uint64))
    end)

    it("N17: cdata that is no Id, or stands where none does, is refused", function()
      for _, value in ipairs { ffi.new("int64_t", 0), ffi.new("int64_t", -1), ffi.new("uint64_t", -1) } do
        local err = refused("deleteDingTalk", { Ids = { 1, value } })
        assert.equal("Ids[2]", err.problems[1].path)
        refused("dingTalkOnlineTest", { Id = value })
        refused("createOrUpdateDingTalk", create("GroupIdList", { value }))
      end
      refused("createOrUpdateDingTalk", create("IntervalTime", ffi.new("int64_t", 60)))
      refused("deleteDingTalk", { Ids = setmetatable({ ffi.new("int64_t", 1) }, { __index = bomb }) })
      refused("deleteDingTalk", setmetatable({ Ids = ffi.new("int64_t", 1) }, { __index = bomb }))
    end)

    it("N17: cdata with a metatable does not run its code", function()
      local made = ffi.metatype("struct { int aliyun_sas_spec_x; }", { __index = bomb, __len = bomb, __eq = bomb,
        __tostring = bomb })
      refused("createOrUpdateDingTalk", create("ConfigList", made()))
    end)
  end

  -- a light userdata without ngx or cjson: upvalueid gives one on 5.2 and newer and on LuaJIT
  local id_of = rawget(debug, "upvalueid")
  if id_of then
    it("A14: a null of a JSON library", function()
      local null = id_of(client, 1)
      assert.equal("userdata", type(null))
      for _, parameter in ipairs { "Id", "RuleActionName", "SendUrl", "IntervalTime", "ConfigList", "GroupIdList",
        "DingTalkLang" } do
        local err = refused("createOrUpdateDingTalk", create(parameter, null))
        assert.equal(parameter, err.problems[1].path)
        assert.is_truthy(err.problems[1].message:find("null", 1, true))
      end
      raises(sas.config, null)
      raises(sas.config, { hc = null })
      raises(core.describeDingTalk, SETTINGS, null)
    end)
  end
end)

describe("a finalizer that runs in the middle of it", function()
  if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
    return -- tables have none
  end

  -- Makes every allocation collect, and a finalizer act now and then while `work` runs.
  local function disturbed(act, work)
    local stop = false
    local function finalizer()
      if not stop then
        act()
        local proxy = rawget(_G, "newproxy") and newproxy(true) -- luacheck: ignore
        if proxy then
          getmetatable(proxy).__gc = finalizer
        else
          setmetatable({}, { __gc = finalizer })
        end
      end
    end
    finalizer()
    collectgarbage("setpause", 0)
    collectgarbage("setstepmul", 10000)
    local results = { pcall(work) }
    collectgarbage("setpause", 200)
    collectgarbage("setstepmul", 200)
    stop = true
    collectgarbage()
    return results
  end

  it("does not change a config under the hands that read it", function()
    for _ = 1, 20 do
      local config = sas.config({ aaa = { k = { "v" } }, bbb = { k = { "w" } }, hc = "all" }, { unchecked = true })
      local results = disturbed(function()
        pcall(config.remove, config, "aaa")
        pcall(config.remove, config, "bbb")
      end, function()
        for _ = 1, 20 do
          assert(type(config:table()) == "table")
          assert(type(tostring(config)) == "string")
        end
      end)
      assert.is_true(results[1], tostring(results[2]))
    end
  end)

  it("does not sign or feed a call twice", function()
    local held = core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" }
    for _ = 1, 20 do
      local call = core.describeDingTalk(SETTINGS)
      call:next(0)
      local requests = {}
      local function sign()
        local good, request = pcall(call.sign, call, held, "2024-02-20T08:00:00Z", "nonce")
        if good and request then
          requests[#requests + 1] = request
        end
      end
      disturbed(sign, sign)
      assert.equal(1, #requests)
      assert.equal("", requests[1].query)
      assert.equal("nonce", requests[1].headers["x-acs-signature-nonce"])
      local fed = 0
      local function feed()
        fed = fed + (pcall(call.feed, call, { sent = true, status = 200, body = '{"RequestId":"r"}' }) and 1 or 0)
      end
      disturbed(feed, feed)
      assert.equal(1, fed)
    end
  end)
end)

describe("our userdata", function()
  local function box()
    return {
      config = sas.config { hc = "all" }, call = core.describeDingTalk(SETTINGS),
      credentials = core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" },
    }
  end

  it("hide their metatables", function()
    for _, value in pairs(box()) do
      assert.equal("string", type(getmetatable(value))) -- a name, not the table
      raises(setmetatable, value, {})
    end
  end)

  it("E12: with another metatable raise or answer, and do not crash", function()
    for name, value in pairs(box()) do
      local real = debug.getmetatable(value)
      set_metatable(value, nil)
      pcall(tostring, value)
      raises(real.__index.add or real.__index.next or real.__index.close, value, 1)
      if name == "config" then
        refused("createOrUpdateDingTalk", create("ConfigList", value))
      end
      set_metatable(value, real)
      assert.equal("string", type(tostring(value)))
    end
  end)

  it("E12: with each other's metatable raise", function()
    local names = { "config", "call", "credentials" }
    for _, from in ipairs(names) do
      for _, to in ipairs(names) do
        if from ~= to then
          local boxes = box()
          local value, own = boxes[from], debug.getmetatable(boxes[from])
          local other = debug.getmetatable(boxes[to])
          set_metatable(value, other)
          raises(tostring, value)
          for _, method in pairs(other.__index) do
            raises(method, value, "hc", "all")
          end
          pcall(function() return value == boxes[to] end)
          refused("createOrUpdateDingTalk", create("ConfigList", value))
          raises(sas.config, value)
          raises(other.__gc, value)
          set_metatable(value, own)
        end
      end
    end
  end)

  it("E12: a foreign userdata with our metatable raises", function()
    local boxes = box()
    for _, file in ipairs { assert(io.tmpfile()) } do
      local own = debug.getmetatable(file)
      for _, value in pairs(boxes) do
        local mt = debug.getmetatable(value)
        set_metatable(file, mt)
        pcall(tostring, file)
        for _, method in pairs(mt.__index) do
          raises(method, file, "hc", "all")
        end
        refused("createOrUpdateDingTalk", create("ConfigList", file))
        set_metatable(file, own)
      end
      file:close()
    end
  end)

  it("survive their finalizer, called by hand, twice", function()
    for _, value in pairs(box()) do
      local mt = debug.getmetatable(value)
      mt.__gc(value)
      mt.__gc(value)
      assert.equal("string", type(tostring(value)))
    end
    local boxes = box()
    debug.getmetatable(boxes.config).__gc(boxes.config)
    assert.equal("[]", tostring(boxes.config))
    assert.is_truthy(boxes.config:add("hc", "all"))
    debug.getmetatable(boxes.call).__gc(boxes.call)
    boxes.call:next(0)
    pcall(boxes.call.sign, boxes.call, boxes.credentials, "2026-01-01T00:00:00Z", "n")
    pcall(boxes.call.feed, boxes.call, {})
    pcall(boxes.call.next, boxes.call, 0)
    boxes.call:warnings()
  end)

  it("raise for a wrong self", function()
    for _, value in pairs(box()) do
      local mt = debug.getmetatable(value)
      for _, self in ipairs { {}, 1, "x", true, io.stdout, print } do
        for _, method in pairs(mt.__index) do
          raises(method, self)
        end
        raises(mt.__tostring, self)
        raises(mt.__gc, self)
      end
      raises(mt.__gc)
      raises(mt.__tostring)
    end
  end)

  it("take no fields", function()
    for _, value in pairs(box()) do
      raises(function() value.x = 1 end)
      assert.is_nil(value.x)
      raises(function() return value.x.y end)
      raises(function() return #value end)
      raises(function() return value < value end)
      raises(function() return value .. "" end)
      raises(value)
    end
  end)

  it("closed credentials do not sign", function()
    local boxes = box()
    boxes.credentials:close()
    boxes.credentials:close()
    boxes.call:next(0)
    local request, err = boxes.call:sign(boxes.credentials, "2026-01-01T00:00:00Z", "n")
    assert.is_nil(request)
    assert.equal("credentials", err.kind)
  end)
end)

describe("circumstances:", function()
  -- Runs `visit` whenever the collector has run, which is as often as it can be made to, until `visit` answers true.
  local function with_collector(visit, work)
    local proxy = rawget(_G, "newproxy")
    local pause, multiplier = collectgarbage("setpause", 1), collectgarbage("setstepmul", 1000000)
    local over = false
    local function stop()
      over = true
      collectgarbage("setpause", pause)
      collectgarbage("setstepmul", multiplier)
    end
    local function arm()
      local function finalized()
        if over then
          return
        elseif visit() then
          stop()
        else
          arm()
        end
      end
      if has_table_gc then
        setmetatable({}, { __gc = finalized })
      else
        getmetatable(proxy(true)).__gc = finalized
      end
    end
    arm()
    collectgarbage() -- the pause counts from the end of a collection
    local good, err = pcall(work)
    stop()
    collectgarbage()
    assert(good, err)
  end

  it("M06: finalizers empty the parameters while they are read", function()
    for round = 1, 24 do
      local params = {
        RuleActionName = "name-" .. ("%05d"):format(round), SendUrl = HOOK .. round,
        ConfigList = setmetatable({ ["type" .. round] = setmetatable({ ["key" .. round] = "x" .. round }, {}) }, {}),
        GroupIdList = setmetatable({ tostring(round), ("9"):rep(10) .. round }, {}),
        ["Unknown" .. round] = setmetatable({}, {}),
      }
      local left
      local function spoil()
        left = left and left - 1
        if left ~= 0 then
          return false
        end
        for name in pairs(params) do
          params[name] = nil
        end
        collectgarbage()
        return true
      end
      with_collector(spoil, function()
        left = round
        core.createOrUpdateDingTalk(SETTINGS, params)
      end)
    end
  end)

  it("M06: finalizers make calls of their own", function()
    local c, transport = client()
    local calls, busy = 0, false
    local function call()
      if not busy and calls < 30 then
        busy = true
        calls = calls + 1
        c:deleteDingTalk { Ids = calls }
        sas.config { hc = "all" }
        busy = false
      end
    end
    with_collector(call, function()
      for _ = 1, 10 do
        assert(c:createOrUpdateDingTalk(create("ConfigList", setmetatable({ hc = "all" }, {}))))
      end
    end)
    assert.is_true(calls > 0)
    assert.equal(calls + 10, #transport.requests)
  end)

  it("E01: a call from a finalizer", function()
    local c, transport = client()
    local function finalized()
      c:describeDingTalk()
      sas.config { hc = "all" }
    end
    if has_table_gc then
      setmetatable({}, { __gc = finalized })
    else
      getmetatable(rawget(_G, "newproxy")(true)).__gc = finalized
    end
    collectgarbage()
    collectgarbage()
    assert.equal(1, #transport.requests)
  end)

  it("E02: a call from a debug hook, and under one", function()
    local c, transport = client()
    local inside = false
    debug.sethook(function()
      if not inside then
        inside = true
        c:describeDingTalk { PageSize = 0 }
        sas.config { hc = "all" }
        inside = false
      end
    end, "", 100)
    for _ = 1, 5 do
      c:describeDingTalk()
    end
    debug.sethook()
    assert.equal(5, #transport.requests)
  end)

  it("E03: coroutines, wrapped, nested and under pcall", function()
    local c, transport = client()
    local thread = coroutine.wrap(function()
      local good, result = pcall(function()
        return coroutine.wrap(function()
          return c:createOrUpdateDingTalk(create())
        end)()
      end)
      return good and result
    end)
    assert.is_truthy(thread())
    assert.equal(1, #transport.requests)
    local left = coroutine.wrap(function()
      local config = sas.config { hc = "all" }
      coroutine.yield(config)
      return tostring(config:add("rasp", "all"))
    end)
    assert.is_truthy(left())
    collectgarbage()
    assert.is_truthy(left():find("rasp", 1, true))
  end)

  it("E03: errors are raised inside coroutines as well", function()
    local good, err = coroutine.resume(coroutine.create(function() return sas.config { vull = "all" } end))
    assert.is_false(good)
    assert.equal("argument", err.kind)
  end)

  it("E05: one client in two coroutines, each yielding in send", function()
    local c
    local seen = {}
    c = client { transport = { send = function(request)
      seen[#seen + 1] = request.query:match "Ids=(%d+)"
      coroutine.yield()
      return recorder.good('"n":' .. request.query:match "Ids=(%d+)")
    end } }
    local threads, results = {}, {}
    for i = 1, 3 do
      threads[i] = coroutine.create(function()
        results[i] = c:deleteDingTalk { Ids = i }
      end)
      assert.is_true(coroutine.resume(threads[i]))
    end
    for i = 3, 1, -1 do
      assert.is_true(coroutine.resume(threads[i]))
      assert.equal(i, results[i].n)
    end
    assert.same({ "1", "2", "3" }, seen)
  end)

  it("E05: a call that is left in the middle of send is collected", function()
    for _ = 1, 100 do
      local c = client { transport = { send = coroutine.yield } }
      coroutine.wrap(function() c:deleteDingTalk { Ids = 1 } end)()
    end
    collectgarbage()
    collectgarbage()
  end)

  it("E06: closing while a request is on its way leaves the call to end", function()
    local c
    c = client { transport = { send = function()
      c:close()
      return recorder.good()
    end } }
    assert.is_truthy(c:deleteDingTalk { Ids = 1 })
    assert.equal("state", select(2, c:deleteDingTalk { Ids = 1 }).kind)
  end)

  it("E10: the module loads again, and old and new values go together", function()
    local before = sas.config { hc = "all" }
    local kept = {}
    for name in pairs(package.loaded) do
      if name:find "^aliyun%.sas" then
        kept[name] = package.loaded[name]
        package.loaded[name] = nil
      end
    end
    local good, again = pcall(require, "aliyun.sas")
    local good_core, core_again = pcall(require, "aliyun.sas.core")
    for name in pairs(package.loaded) do
      if name:find "^aliyun%.sas" then
        package.loaded[name] = nil
      end
    end
    for name, value in pairs(kept) do
      package.loaded[name] = value
    end
    assert.is_true(good)
    assert.is_true(good_core)
    assert.is_true(again.config { hc = "all" } == before)
    assert.equal(tostring(before), tostring(again.config(before)))
    local _, err = core_again.describeDingTalk(SETTINGS, { PageSize = 0 })
    assert.equal(getmetatable(select(2, core.describeDingTalk(SETTINGS, { PageSize = 0 }))), getmetatable(err))
  end)

  it("E21: a transport that raises, answers nonsense or nothing counts as sent", function()
    for _, send in ipairs { bomb, function() end, function() return 1 end, function() error() end,
      function() error { x = 1 } end, function() error(setmetatable({}, { __tostring = bomb })) end,
      function() return { status = 200 } end, function() return cyclic() end,
      function() return setmetatable({}, { __index = bomb }) end } do
      local c = client { transport = { send = send } }
      local good, result, err = pcall(c.createOrUpdateDingTalk, c, create())
      assert.is_true(good, tostring(result))
      assert.is_nil(result)
      assert.equal("unknown", err.kind)
      assert.is_true(err.sent)
    end
  end)

  it("E22: a secret in what a transport raises is masked", function()
    local hook = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken
    local function send(request)
      error(request.query .. request.headers.authorization)
    end
    local c = client { transport = { send = send } }
    local _, err = c:createOrUpdateDingTalk(create("SendUrl", hook))
    assert.equal("unknown", err.kind)
    assert.is_nil(tostring(err):find(canary.accessToken, 1, true))
    assert.is_nil(tostring(err):find("Signature=%x%x%x"))
  end)

  it("E23: the caller's table may change while the request is on its way", function()
    local params = create()
    local query
    local c = client { transport = { send = function(request)
      for name in pairs(params) do
        params[name] = nil
      end
      collectgarbage()
      query = request.query
      return recorder.good()
    end } }
    assert.is_truthy(c:createOrUpdateDingTalk(params))
    assert.is_truthy(query:find("RuleActionName=testNotify", 1, true))
  end)

  it("leaves the caller's tables as they were", function()
    local params = create("ConfigList", { hc = { item_level = { "low", "low" } } })
    local c = client()
    assert.is_truthy(c:createOrUpdateDingTalk(params))
    assert.same(create("ConfigList", { hc = { item_level = { "low", "low" } } }), params)
    local wrong = create("Foo", { 1 })
    c:createOrUpdateDingTalk(wrong)
    assert.same(create("Foo", { 1 }), wrong)
  end)

  it("many refused calls leave no memory behind", function()
    local function work(times)
      for i = 1, times do
        core.createOrUpdateDingTalk(SETTINGS,
          create("ConfigList", { vull = "all", hc = { item_level = { "x" .. i } } }))
        pcall(sas.config, { vull = i })
        core.reply { status = 200, body = "{" }
      end
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local before = work(2000) -- by now Lua's own tables have the size that they need
    assert.is_true(work(2000) - before < 100)
  end)
end)

describe("a very long list", function()
  local function many(count, entry)
    local t = {}
    for i = 1, count do
      entry(t, i)
    end
    return t
  end
  local function value(t, i) t[i] = ("v%05d"):format(100000 - i) end
  local function key(t, i) t["k" .. i] = "v" end
  local function kind(t, i) t["t" .. i] = { k = "v" } end
  local function item(t, i) t[i] = { key = "k" .. i, valueList = { "v" } } end
  local function array(t, i) t[i] = { type = "t" .. i, configItemList = { { key = "k", valueList = { "v" } } } } end
  local rows = {
    { "values", function(count) return { x = { k = many(count, value) } } end, "ConfigList.x.k" },
    { "keys", function(count) return { x = many(count, key) } end, "ConfigList.x" },
    { "types", function(count) return many(count, kind) end, "ConfigList" },
    { "items", function(count) return { { type = "x", configItemList = many(count, item) } } end,
      "ConfigList[1].configItemList" },
    { "types in an array", function(count) return many(count, array) end, "ConfigList" },
  }
  for _, row in ipairs(rows) do
    it("of unchecked " .. row[1] .. " is refused beyond 1000", function()
      assert.is_truthy(sas.config(row[2](1000), { unchecked = true }))
      local started = os.clock()
      for _, count in ipairs { 1001, 20000 } do
        local good, err = pcall(sas.config, row[2](count), { unchecked = true })
        assert.is_false(good)
        assert.equal("argument", err.kind)
        assert.equal(row[3], err.problems[1].path)
      end
      assert.is_true(os.clock() - started < 30)
    end)
  end

  it("of unknown words takes no time", function()
    local started = os.clock()
    raises(sas.config, many(50000, kind))
    raises(sas.config, { hc = { item_level = many(50000, value) } })
    refused("createOrUpdateDingTalk", many(50000, key))
    refused("deleteDingTalk", { Ids = many(50000, value) })
    assert.is_true(os.clock() - started < 30)
  end)
end)

describe("a very long string", function()
  it("S16: is refused before it is copied, wherever it stands", function()
    local long = ("x"):rep(64 * 1024 * 1024)
    local started = os.clock()
    for _, parameter in ipairs { "RuleActionName", "SendUrl", "ConfigList", "GroupIdList", "DingTalkLang", "Id" } do
      local _, err = core.createOrUpdateDingTalk(SETTINGS, create(parameter, long))
      assert.equal(parameter, err.problems[1].path)
    end
    local _, err = core.createOrUpdateDingTalk(SETTINGS, create(long, 1))
    assert.equal("argument", err.kind)
    assert.is_nil((core.deleteDingTalk(SETTINGS, { Ids = long })))
    assert.is_nil((core.call(SETTINGS, long, {})))
    assert.is_nil((core.call(SETTINGS, "X", { A = long })))
    assert.is_false(pcall(sas.config, { [long] = "all" }))
    assert.is_false(pcall(sas.config, { hc = { item_level = long } }))
    assert.is_false(pcall(sas.config.parse, long))
    assert.is_true(os.clock() - started < 60)
    assert.is_true(#tostring(err) < 1000)
  end)
end)
