-- chatbots_spec.lua - client:chatbots, client:chatbot and client:groups: whole lists, or errors
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local dkjson = require "dkjson"
local sas = require "aliyun.sas"

local function summary(result, err)
  if result then
    return "good"
  end
  return err.kind .. " " .. err.code
end

-- The names of an iterator's chatbots, as one text.
local function names(iterator, err)
  if not iterator then
    return err.kind .. " " .. err.code
  end
  local list = {}
  for chatbot in iterator do
    list[#list + 1] = chatbot.RuleActionName
  end
  return table.concat(list, " ")
end

local function filled(options, count)
  local a = account.new(options)
  for i = 1, count do
    a.add { RuleActionName = "b" .. ("%02d"):format(i) }
  end
  return a
end

local function all(count)
  local list = {}
  for i = 1, count do
    list[i] = "b" .. ("%02d"):format(i)
  end
  return table.concat(list, " ")
end

-- A client over a service that answers what `answer(page)` says: TotalCount, PageSize and rows, or a body.
local function scripted(answer)
  local pages = {}
  local client = sas.new {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret", retries = 0,
    transport = {
      send = function(request)
        local page = tonumber(request.query:match "CurrentPage=(%d+)")
        pages[#pages + 1] = page
        local given = answer(page, #pages)
        if given.refused then
          return { sent = true, status = 400, headers = {}, body = '{"RequestId":"R","Code":"InvalidParameter"}' }
        end
        local body = type(given) == "string" and given or dkjson.encode {
          RequestId = "R", PageInfo = { CurrentPage = page, PageSize = given.size or 100, TotalCount = given.total },
          ActionList = setmetatable(given.rows, { __jsontype = "array" }),
        }
        return { sent = true, status = 200, headers = {}, body = body }
      end,
      sleep = function() end,
    },
  }
  return client, pages
end

local function row(id, name)
  return { Id = id, ActionName = name or "b" .. id, Url = "https://oapi.dingtalk.com/robot/send", Status = 1 }
end

local function rows(from, to)
  local list = {}
  for id = from, to do
    list[#list + 1] = row(id)
  end
  return list
end

describe("client:chatbots", function()
  it("answers an iterator over none", function()
    local a = account.new()
    assert.equal("", names(a.client:chatbots()))
    assert.equal("1 0", a.counts())
  end)

  -- chatbots; the largest page of the service; requests
  for _, case in ipairs { { 1, 100, 1 }, { 3, 3, 2 }, { 7, 3, 6 }, { 6, 3, 6 }, { 25, 20, 4 }, { 40, 1, 82 } } do
    it(("reads %d chatbots in pages of %d"):format(case[1], case[2]), function()
      local a = filled({ maxPageSize = case[2] }, case[1])
      assert.equal(all(case[1]), names(a.client:chatbots()))
      assert.equal(tostring(case[3]), a.counts():match "%d+")
    end)
  end

  it("is content with the documented page where a larger one is refused", function()
    for _, codes in ipairs { "general", "named" } do
      local a = filled({ maxPageSize = 20, overPageSize = "error", parameterCodes = codes }, 25)
      assert.equal(all(25), names(a.client:chatbots()))
      assert.equal("5 25", a.counts())
      assert.equal(all(25), names(a.client:chatbots()))
      assert.equal("9 25", a.counts())
    end
  end)

  it("does not change the size of pages on the way", function()
    local client, pages = scripted(function(page)
      return page == 1 and { total = 150, rows = rows(1, 100) } or { refused = true }
    end)
    assert.equal("service InvalidParameter", summary(client:chatbots()))
    assert.same({ 1, 2 }, pages)
  end)

  it("has all under the names of a write", function()
    for _, options in ipairs { {}, require "aliyun.sas.emulator".documented, { token = "shown", idsAs = "strings" } } do
      local a = account.new(options)
      a.add()
      local chatbot = assert(a.client:chatbots())()
      assert.equal("1001", tostring(chatbot.Id))
      assert.equal("night watch", chatbot.RuleActionName)
      assert.equal(options.token == "shown" and account.webhook or "https://oapi.dingtalk.com/robot/send",
        chatbot.SendUrl)
      assert.equal(options.intervalUnit == "minutes" and 2 or 120, chatbot.IntervalTime)
      assert.equal("zh", chatbot.DingTalkLang)
      assert.equal("10417151 10417152", account.join(chatbot.GroupIdList))
      assert.equal("userdata", type(chatbot.ConfigList))
      assert.same({ "all" }, sas.config.parse((tostring(chatbot.ConfigList):gsub("_pre", "_online"))):table()
        .suspicious.event_type)
      assert.equal(1, chatbot.state.Status)
      assert.equal("1234567890123456", ("%s"):format(tostring(chatbot.state.AliUid):gsub("%.0$", "")))
      assert.is_truthy(chatbot.state.GmtCreate)
      assert.is_truthy(chatbot.state.GmtModified)
      assert.is_nil(chatbot.ActionName)
      assert.is_truthy(a.client:createOrUpdateDingTalk(chatbot))
    end
  end)

  it("keeps texts that do not read well", function()
    local client = scripted(function()
      local odd = row(1)
      odd.ConfigList, odd.GroupIdList, odd.IntervalTime = "[broken", "all of them", "7"
      return { total = 1, rows = { odd } }
    end)
    local chatbot = assert(client:chatbots())()
    assert.equal("[broken", chatbot.ConfigList)
    assert.equal("all of them", chatbot.GroupIdList)
    assert.equal(7, chatbot.IntervalTime)
  end)

  it("keeps Ids that are too large for a double", function()
    local client = scripted(function()
      return { total = 2, rows = { row("9223372036854775807", "large"), row(7, "small") } }
    end)
    assert.equal("9223372036854775807", tostring(assert(client:chatbot("large")).Id))
    assert.equal("large", client:chatbot("9223372036854775807").RuleActionName)
    assert.equal("small", client:chatbot(7).RuleActionName)
  end)

  it("answers those of exactly the name", function()
    for _, filter in ipairs { "exact", "part" } do
      local a = account.new { nameFilter = filter }
      a.add { RuleActionName = "watch" }
      a.add { RuleActionName = "night watch" }
      a.add { RuleActionName = "watch" }
      assert.equal("watch watch", names(a.client:chatbots("watch")))
      assert.equal("", names(a.client:chatbots("wat")))
    end
  end)

  describe("bears a list that changes while it is read:", function()
    -- what happens before the second request
    for _, case in ipairs {
      { "it grows at its end", { maxPageSize = 3 }, function(a) a.add { RuleActionName = "b08" } end, all(8) },
      { "it grows at its beginning", { maxPageSize = 3, order = "newest" },
        function(a) a.add { RuleActionName = "b08" } end, "b08 b07 b06 b05 b04 b03 b02 b01" },
      { "it shrinks", { maxPageSize = 3 }, function(a) assert(a.stranger:deleteDingTalk { Ids = "1001" }) end,
        "b02 b03 b04 b05 b06 b07" },
      { "it shrinks to one page", { maxPageSize = 3 },
        function(a) assert(a.stranger:deleteDingTalk { Ids = "1001,1002,1003,1004" }) end, "b05 b06 b07" },
    } do
      it(case[1], function()
        local a = filled(case[2], 7)
        local count = 0
        function a.before()
          count = count + 1
          if count == 2 then
            case[3](a)
          end
        end
        assert.equal(case[4], names(a.client:chatbots()))
      end)
    end

    it("again and again", function()
      local client, pages = scripted(function(_, count)
        return { total = 200 + count, rows = rows((count - 1) * 100 + 1, count * 100) }
      end)
      local result, err = client:chatbots()
      assert.equal("reply INCOMPLETE_LIST", summary(result, err))
      assert.is_true(err.retryable)
      assert.is_true(#pages < 80)
    end)

    it("behind what was read, while as many come as go", function()
      local a = filled({ maxPageSize = 2 }, 5)
      local count = 0
      function a.before()
        count = count + 1
        if count == 2 then
          assert(a.stranger:deleteDingTalk { Ids = { 1001 } })
          a.add { RuleActionName = "b06" }
        end
      end
      assert.equal("b02 b03 b04 b05 b06", names(a.client:chatbots()))
    end)
  end)

  it("takes null for an empty list", function()
    local a = account.new()
    function a.after(_, outcome)
      outcome.body = outcome.body:gsub('"ActionList":%[%]', '"ActionList":null')
      return outcome
    end
    assert.equal("", names(a.client:chatbots()))
    assert.equal("created", a.client:ensure(account.chatbot()).action)
  end)

  describe("refuses an answer that", function()
    local good = '"PageInfo":{"CurrentPage":1,"PageSize":100,"TotalCount":1}'
    for _, case in ipairs {
      { "has no ActionList", '{"RequestId":"R",' .. good .. "}" },
      { "has null for it", '{"RequestId":"R",' .. good .. ',"ActionList":null}' },
      { "has null for it, and no TotalCount", '{"RequestId":"R","PageInfo":{},"ActionList":null}' },
      { "has an object for it", '{"RequestId":"R",' .. good .. ',"ActionList":{"Id":1,"ActionName":"x"}}' },
      { "has a text for it", '{"RequestId":"R",' .. good .. ',"ActionList":"[]"}' },
      { "has a hole in it", '{"RequestId":"R",' .. good .. ',"ActionList":[null,{"Id":1,"ActionName":"x"}]}' },
      { "has a number in it", '{"RequestId":"R",' .. good .. ',"ActionList":[1]}' },
      { "has a chatbot without an Id", '{"RequestId":"R",' .. good .. ',"ActionList":[{"ActionName":"x"}]}' },
      { "has a chatbot with an Id that is none", '{"RequestId":"R",' .. good
        .. ',"ActionList":[{"Id":1.5,"ActionName":"x"}]}' },
      { "has a chatbot without a name", '{"RequestId":"R",' .. good .. ',"ActionList":[{"Id":1}]}' },
      { "has no PageInfo", '{"RequestId":"R","ActionList":[]}' },
      { "has no TotalCount", '{"RequestId":"R","PageInfo":{},"ActionList":[]}' },
      { "has a TotalCount that is none", '{"RequestId":"R","PageInfo":{"TotalCount":-1},"ActionList":[]}' },
    } do
      it(case[1], function()
        local client = scripted(function() return case[2] end)
        local result, err = client:chatbots()
        assert.equal("reply BAD_REPLY", summary(result, err))
        assert.equal("R", err.requestId)
        assert.equal("reply BAD_REPLY", summary(client:ensure(account.chatbot())))
      end)
    end
  end)

  describe("refuses a list that does not add up:", function()
    for _, case in ipairs {
      { "TotalCount too large", function(page) return { total = 5, rows = page == 1 and rows(1, 3) or {} } end },
      { "TotalCount too small", function() return { total = 2, rows = rows(1, 3) } end },
      { "TotalCount of the page alone", function(page)
        return { total = 3, size = 3, rows = page < 3 and rows(page * 3 - 2, page * 3) or {} }
      end },
      { "TotalCount 0 and chatbots", function() return { total = 0, rows = rows(1, 1) } end },
      { "an empty page before the end", function(page)
        return { total = 9, rows = page == 2 and {} or rows(1, 3) }
      end },
      { "a page that repeats", function() return { total = 9, rows = rows(1, 3) } end },
    } do
      it(case[1], function()
        local client, pages = scripted(case[2])
        assert.equal("reply INCOMPLETE_LIST", summary(client:chatbots()))
        assert.is_true(#pages <= 12)
      end)
    end

    it("pages without an end", function()
      local client, pages = scripted(function(page) return { total = 1e6, rows = { row(page) } } end)
      assert.equal("reply INCOMPLETE_LIST", summary(client:chatbots()))
      assert.is_true(#pages <= 1001)
    end)

    it("1001 pages, of which the last is not full", function()
      local client = scripted(function(page)
        return { total = 2001, size = 2, rows = rows(page * 2 - 1, math.min(page * 2, 2001)) }
      end)
      local result, err = client:chatbots()
      assert.is_nil(result)
      assert.is_truthy(tostring(err):find("more than 1000 pages", 1, true))
    end)
  end)

  for _, total in ipairs { 1999, 2000 } do
    it(("reads exactly 1000 pages, of %d chatbots"):format(total), function()
      local client = scripted(function(page)
        return { total = total, size = 2, rows = rows(page * 2 - 1, math.min(page * 2, total)) }
      end)
      local count = 0
      for _ in assert(client:chatbots()) do
        count = count + 1
      end
      assert.equal(total, count)
    end)
  end

  it("reads one chatbot twice as one", function()
    local client = scripted(function(page)
      return { total = 5, size = 3, rows = page == 1 and rows(1, 3) or page == 2 and rows(3, 5) or {} }
    end)
    assert.equal("b1 b2 b3 b4 b5", names(client:chatbots()))
  end)

  it("is bounded by the deadline as a whole", function()
    local a = account.new({ maxPageSize = 1 }, { deadline = 20 })
    for i = 1, 30 do
      a.add { RuleActionName = "number " .. i }
    end
    a.service:fault("delayed", 3, 100)
    local start = a.service.monotonic()
    local result, err = a.client:chatbots()
    assert.is_nil(result)
    assert.equal("network", err.kind)
    assert.is_true(a.service.monotonic() - start <= 21)
  end)

  it("answers the error of a read", function()
    local a = account.new()
    a.service:fault "refusal"
    assert.equal("service NoPermission", summary(a.client:chatbots()))
    assert.equal("service NoPermission", (function()
      a.service:fault "refusal"
      return summary(a.client:chatbot("night watch"))
    end)())
  end)

  it("refuses a name that is none", function()
    local a = account.new()
    assert.equal("argument INVALID_ARGUMENT", summary(a.client:chatbots("")))
    assert.has_error(function() a.client:chatbots(7) end)
    assert.has_error(function() a.client.chatbots() end)
    a.client:close()
    assert.equal("state CLOSED", summary(a.client:chatbots()))
  end)
end)

describe("client:chatbot", function()
  local a

  before_each(function()
    a = account.new { nameFilter = "part" }
    a.add()
    a.add { RuleActionName = "day watch" }
    a.add { RuleActionName = "twice" }
    a.add { RuleActionName = "twice" }
    a.add { RuleActionName = "1001" }
  end)

  for _, case in ipairs {
    { "an Id", 1002, "1002" }, { "an Id as digits", "1002", "1002" }, { "a name", "night watch", "1001" },
    { "a name of digits before an Id", "1001", "1005" }, { "the Id that is a name too", 1001, "1001" },
  } do
    it("finds " .. case[1], function()
      assert.equal(case[3], tostring(assert(a.client:chatbot(case[2])).Id))
    end)
  end

  for _, case in ipairs {
    { "an Id that is not there", 4711, "conflict NOT_FOUND" }, { "the same as digits", "4711", "conflict NOT_FOUND" },
    { "a name that is not there", "watch", "conflict NOT_FOUND" }, { "a name of two", "twice", "conflict DUPLICATE" },
    { "a fraction", 1.5, "argument INVALID_ARGUMENT" }, { "nought", 0, "argument INVALID_ARGUMENT" },
    { "no number", 0 / 0, "argument INVALID_ARGUMENT" }, { "an empty name", "", "argument INVALID_ARGUMENT" },
  } do
    it("does not find " .. case[1], function()
      local result, err = a.client:chatbot(case[2])
      assert.equal(case[3], summary(result, err))
      assert.equal(case[2] == "twice" and "1003 1004" or "", account.join(err.ids))
    end)
  end

  it("raises for misuse", function()
    for _, wrong in ipairs { {}, true, print } do
      assert.has_error(function() a.client:chatbot(wrong) end)
    end
    assert.has_error(function() a.client:chatbot() end)
  end)
end)

describe("client:groups", function()
  local tree = {
    { id = "11", name = "Web", machines = 3, groups = {
      { id = "12", name = "Front", groups = { { id = 13, name = "Deep" } } },
    } },
    { id = "14", name = "Default", flag = 0 },
  }

  for _, as in ipairs { "strings", "objects" } do
    for _, ids in ipairs { "numbers", "strings" } do
      it(("is flat, from %s with %s"):format(as, ids), function()
        local a = account.new { groups = tree, groupsAs = as, idsAs = ids }
        local flat = {}
        for i, group in ipairs(assert(a.client:groups())) do
          flat[i] = ("%s %s %s %s %s"):format(tostring(group.id), group.name, tostring(group.parent), group.level,
            tostring(group.machines))
        end
        assert.equal("10417150", flat[1]:match "%d+")
        assert.same({ "11 Web 10417150 1 nil", "12 Front 11 2 nil", "13 Deep 12 3 nil", "14 Default 10417150 1 nil" },
          { flat[2], flat[3], flat[4], flat[5] })
        assert.is_truthy(flat[1]:find("nil 0 3$"))
        assert.equal(5, #flat)
      end)
    end
  end

  it("can stand in a GroupIdList", function()
    local a = account.new { groups = tree, unknownGroup = "error" }
    local list = {}
    for _, group in ipairs(assert(a.client:groups())) do
      list[#list + 1] = group.parent and group.id or nil
    end
    assert.equal("created", assert(a.client:ensure(account.chatbot { GroupIdList = list })).action)
  end)

  local root = '{"RequestId":"R","GroupId":1,"GroupName":"All","GroupLevel":0,"GroupFather":0,"MachineNum":2'
  for _, case in ipairs {
    { "no Groups", root .. "}" },
    { "a text that is no JSON", root .. ',"Groups":["[{"]}' },
    { "a text that is a number", root .. ',"Groups":["1"]}' },
    { "a group without an Id", root .. ',"Groups":[{"groupName":"x"}]}' },
    { "a group without a name", root .. ',"Groups":["[{\\"groupId\\":2}]"]}' },
    { "a hole", root .. ',"Groups":[null,{"groupId":2,"groupName":"x"}]}' },
    { "an object for the list", root .. ',"Groups":{"groupId":2,"groupName":"x"}}' },
    { "no root", '{"RequestId":"R","Groups":[]}' },
    { "children that are no list", root .. ',"Groups":[{"groupId":2,"groupName":"x","childGroups":7}]}' },
  } do
    it("refuses " .. case[1], function()
      local client = scripted(function() return case[2] end)
      local result, err = client:groups()
      assert.equal("reply BAD_REPLY", summary(result, err))
      assert.equal("R", err.requestId)
    end)
  end

  it("takes an empty list for the root alone", function()
    local client = scripted(function() return root .. ',"Groups":[]}' end)
    local list = assert(client:groups())
    assert.equal(1, #list)
    assert.equal(2, list[1].machines)
  end)

  it("answers the error of a read", function()
    local a = account.new()
    a.service:fault("refusal")
    assert.equal("service NoPermission", summary(a.client:groups()))
    a.client:close()
    assert.equal("state CLOSED", summary(a.client:groups()))
  end)
end)
