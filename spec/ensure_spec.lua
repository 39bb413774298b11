-- ensure_spec.lua - client:ensure while the service answers: found, compared, created, updated, left alone
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local compare = require "aliyun.sas.compare"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"

local chatbot = account.chatbot

-- What must be told in the same words whatever the result is.
local function summary(result, err)
  if result then
    return result.action
  end
  return err.kind .. " " .. err.code
end

describe("ensure", function()
  describe("with no fault", function()
    it("creates in three requests, leaves alone in one, updates in two", function()
      local a = account.new()
      local result = assert(a.client:ensure(chatbot()))
      assert.equal("created", result.action)
      assert.equal("1001", tostring(result.chatbot.Id))
      assert.same({}, result.warnings)
      assert.same({}, result.notCompared)
      assert.equal("2 1", a.counts())

      result = assert(a.client:ensure(chatbot()))
      assert.equal("unchanged", result.action)
      assert.equal("1001", tostring(result.chatbot.Id))
      assert.equal("3 1", a.counts())

      result = assert(a.client:ensure(chatbot { DingTalkLang = "en" }))
      assert.equal("updated", result.action)
      assert.equal("1001", tostring(result.chatbot.Id))
      assert.equal("en", result.chatbot.DingTalkLang)
      assert.equal("4 2", a.counts())
      assert.equal("en", a.service:chatbots()[1].DingTalkLang)
      assert.equal(1, #a.service:chatbots())
      assert.same({}, a.slept)
    end)

    it("answers a chatbot that createOrUpdateDingTalk takes", function()
      local a = account.new { token = "shown" }
      local result = assert(a.client:ensure(chatbot()))
      assert.equal("night watch", result.chatbot.RuleActionName)
      assert.equal(1, result.chatbot.state.Status)
      assert.is_truthy(a.client:createOrUpdateDingTalk(result.chatbot))
      assert.equal("unchanged", a.client:ensure(result.chatbot).action)
      assert.equal(1, #a.service:chatbots())
    end)

    it("finds the exact name among those that only look like it", function()
      local a = account.new { nameFilter = "part" }
      a.add { RuleActionName = "night watch 2" }
      a.add { RuleActionName = "Night watch" }
      a.add { RuleActionName = "night watc" }
      assert.equal("created", a.client:ensure(chatbot()).action)
      assert.equal("1004", account.ids(a.service))
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
    end)

    it("finds a name on the last page", function()
      local a = account.new { maxPageSize = 3 }
      for i = 1, 10 do
        a.add { RuleActionName = "number " .. i }
      end
      local id = a.add()
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
      assert.equal("8 11", a.counts()) -- four pages, and again, since they may have moved
      assert.equal("updated", a.client:ensure(chatbot { Id = id, DingTalkLang = "en" }).action)
      assert.equal(11, #a.service:chatbots())
    end)

    it("is not moved by what the caller's tables become meanwhile", function()
      local a = account.new()
      local given = chatbot { ConfigList = sas.config { vul = "all" } }
      function a.before(request)
        if account.action(request) == "DescribeDingTalk" then
          given.RuleActionName, given.SendUrl, given.DingTalkLang = "another", "nonsense", "xx"
          given.ConfigList:remove "vul"
          given.GroupIdList[1] = 0
        end
      end
      local result = assert(a.client:ensure(given))
      assert.equal("created", result.action)
      local stored = a.service:chatbots()[1]
      assert.equal("night watch", stored.RuleActionName)
      assert.equal('["10417151","10417152"]', stored.GroupIdList)
      assert.is_truthy(stored.ConfigList:find("vul", 1, true))
    end)
  end)

  describe("by Id", function()
    it("updates and renames", function()
      local a = account.new()
      local id = a.add()
      assert.equal("unchanged", a.client:ensure(chatbot { Id = id }).action)
      local result = assert(a.client:ensure(chatbot { Id = tonumber(id), RuleActionName = "day watch" }))
      assert.equal("updated", result.action)
      assert.equal("day watch", result.chatbot.RuleActionName)
      assert.equal(id, account.ids(a.service, "day watch"))
      assert.equal("3 2", a.counts()) -- a rename reads again, with the locks of both names
    end)

    it("takes the name from what it reads", function()
      local a = account.new()
      local id = a.add()
      assert.equal("unchanged", a.client:ensure({ Id = id }).action)
      assert.equal("updated", a.client:ensure({ Id = id, SendUrl = account.webhook, DingTalkLang = "en" }).action)
      assert.equal(id, account.ids(a.service))
      assert.equal("en", a.service:chatbots()[1].DingTalkLang)
    end)

    it("is a conflict where the Id is not there, and creates nothing", function()
      local a = account.new()
      a.add()
      local result, err = a.client:ensure(chatbot { Id = 4711 })
      assert.equal("conflict NOT_FOUND", summary(result, err))
      assert.is_false(err.sent)
      assert.equal("1 1", a.counts())
    end)

    it("does not give a name that another has", function()
      local a = account.new()
      local first, second = a.add(), a.add { RuleActionName = "day watch" }
      local result, err = a.client:ensure(chatbot { Id = second })
      assert.equal("conflict DUPLICATE", summary(result, err))
      assert.equal(first, account.join(err.ids))
      assert.equal("2 2", a.counts())
    end)

    it("updates one of two of a name, which is named by its Id", function()
      local a = account.new()
      a.add()
      local second = a.add()
      assert.equal("updated", a.client:ensure(chatbot { Id = second, DingTalkLang = "en" }).action)
      assert.equal("zh", a.service:chatbots()[1].DingTalkLang)
    end)
  end)

  it("touches neither of two of the name", function()
    local a = account.new()
    local first, second = a.add(), a.add()
    local result, err = a.client:ensure(chatbot { DingTalkLang = "en" })
    assert.equal("conflict DUPLICATE", summary(result, err))
    assert.equal(first .. " " .. second, account.join(err.ids))
    assert.is_truthy(tostring(err):find(second, 1, true))
    assert.is_false(err.sent)
    assert.equal("1 2", a.counts())
  end)

  describe("compares", function()
    local full = '[{"type":"sas_analysis_online-sas-operation-log-sas-event-vul",'
      .. '"configItemList":[{"key":"type","valueList":["emg","cms","emg"]}]}]'

    -- what is stored; what is asked for; the emulator's options; the settings; the action, notCompared
    for _, row in ipairs {
      { "the same", {}, {}, {}, {}, "unchanged SendUrl" },
      { "the token where it is shown", {}, {}, { token = "shown" }, {}, "unchanged" },
      { "another token where it is shown", {}, { SendUrl = account.webhook .. "2" }, { token = "shown" }, {},
        "updated" },
      { "another token where it is hidden", {}, { SendUrl = account.webhook .. "2" }, {}, {}, "unchanged SendUrl" },
      { "another host where the token is hidden", {},
        { SendUrl = "https://oapi.dingtalk.io/robot/send?access_token=1" },
        {}, {}, "updated" },
      { "another path where the token is hidden", {},
        { SendUrl = "https://oapi.dingtalk.com/robot/sent?access_token=1" },
        {}, {}, "updated" },
      { "a host in other letters", {}, { SendUrl = (account.webhook:gsub("oapi", "OAPI")) }, { token = "shown" }, {},
        "unchanged" },
      { "no webhook at all", {}, { SendUrl = "(none)" }, {}, {}, "unchanged" },
      { "types with the other prefix", {}, {}, { typePrefix = "pre" }, {}, "unchanged SendUrl" },
      { "values in another order", { ConfigList = { vul = { type = { "cms", "emg" } } } },
        { ConfigList = full }, {}, {},
        "unchanged SendUrl" },
      { "a value more", { ConfigList = { vul = { type = { "cms" } } } }, { ConfigList = full }, {}, {}, "updated" },
      { "a type less", {}, { ConfigList = full }, {}, {}, "updated" },
      { "a list that is left out", {}, { ConfigList = "(none)", GroupIdList = "(none)" }, {}, {}, "unchanged SendUrl" },
      { "a list where there is none", { ConfigList = "(none)" }, {}, {}, {}, "updated" },
      { "an empty list where there is none", { GroupIdList = "(none)" }, { GroupIdList = {} }, {}, {},
        "unchanged SendUrl" },
      { "groups in another order and form", {}, { GroupIdList = '["10417152",10417151,"10417152"]' }, {}, {},
        "unchanged SendUrl" },
      { "groups that are read as a comma list", {}, {}, { groupIdListAs = "comma" }, {}, "unchanged SendUrl" },
      { "a group less", {}, { GroupIdList = { 10417152 } }, { groupIdListAs = "comma" }, {}, "updated" },
      { "another group", {}, { GroupIdList = { 10417152, 10417153 } }, {}, {}, "updated" },
      { "Ids as strings", {}, {}, { idsAs = "strings" }, {}, "unchanged SendUrl" },
      { "another language", {}, { DingTalkLang = "en" }, {}, {}, "updated" },
      { "an equal number", {}, {}, { intervalUnit = "seconds" }, {}, "unchanged SendUrl" },
      { "another number", {}, { IntervalTime = 180 }, { intervalUnit = "seconds" }, {}, "updated" },
      { "a number that is equal as minutes", {}, {}, { intervalUnit = "minutes" }, {},
        "unchanged SendUrl IntervalTime" },
      { "one that was rounded to minutes", { IntervalTime = 90 }, { IntervalTime = 90 },
        { intervalUnit = "minutes" }, {},
        "unchanged SendUrl IntervalTime" },
      { "a number that is equal the other way", { IntervalTime = 120 }, { IntervalTime = 2 }, {}, {},
        "unchanged SendUrl IntervalTime" },
      { "no limit against some", { IntervalTime = 0 }, { IntervalTime = 60 }, {}, {}, "updated" },
      { "no limit against less than a minute", { IntervalTime = 0 }, { IntervalTime = 30 }, {}, {}, "updated" },
      { "some against no limit", {}, { IntervalTime = 0 }, { intervalUnit = "minutes" }, {}, "updated" },
      { "minutes, settled", {}, {}, { intervalUnit = "minutes" }, { intervalUnit = "minutes" }, "unchanged SendUrl" },
      { "minutes, settled and rounded", { IntervalTime = 90 }, { IntervalTime = 90 }, { intervalUnit = "minutes" },
        { intervalUnit = "minutes" }, "unchanged SendUrl" },
      { "other minutes, settled", {}, { IntervalTime = 180 }, { intervalUnit = "minutes" },
        { intervalUnit = "minutes" },
        "updated" },
      { "the raw number of minutes, settled", {}, { IntervalTime = 2 }, { intervalUnit = "minutes" },
        { intervalUnit = "minutes" }, "updated" },
      { "minutes for seconds, settled", {}, { IntervalTime = 2 }, {}, { intervalUnit = "seconds" }, "updated" },
    } do
      it(row[1], function()
        local a = account.new(row[4], row[5])
        a.add(row[2])
        local result = assert(a.client:ensure(chatbot(row[3])))
        local told = result.action
        for _, name in ipairs(result.notCompared) do
          told = told .. " " .. name
        end
        assert.equal(row[6], told)
        assert.equal(result.action == "updated" and "1 2" or "1 1", a.counts())
        assert.equal(1, #a.service:chatbots())
      end)
    end

    it("types that the catalog lacks, with either prefix", function()
      local text = '[{"type":"sas_analysis_%s-sas-operation-log-sas-event-%s",'
        .. '"configItemList":[{"key":"type","valueList":["x"]}]}]'
      assert.is_true(compare.same_config(text:format("pre", "new"), text:format("online", "new")))
      assert.is_true(compare.same_config(sas.config.parse(text:format("pre", "new")), text:format("pre", "new")))
      assert.is_false(compare.same_config(text:format("pre", "new"), text:format("pre", "newer")))
      assert.is_false(compare.same_config(text:format("pre", "new"), nil))
      assert.is_false(compare.same_config("[broken", nil))
      assert.is_true(compare.same_config("[]", nil))
    end)

    it("and keeps to it behind an update", function()
      local clearing = { token = "shown", omitted = "clear" }
      for _, options in ipairs { {}, require "aliyun.sas.emulator".documented, clearing } do
        local a = account.new(options)
        a.add()
        local wanted = chatbot {
          DingTalkLang = "en", IntervalTime = 300, GroupIdList = { 10417153 }, ConfigList = { hc = "all" },
        }
        assert.equal("updated", a.client:ensure(wanted).action)
        assert.equal("unchanged", a.client:ensure(wanted).action)
      end
    end)
  end)

  describe("resend", function()
    it("sends what cannot be compared", function()
      local a = account.new()
      a.add { SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=old" }
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
      local result = assert(a.client:ensure(chatbot(), { resend = true }))
      assert.equal("updated", result.action)
      assert.same({}, result.notCompared)
      assert.equal(account.webhook, a.service:chatbots()[1].SendUrl)
      assert.equal("2 2", a.counts())
    end)

    it("sends nothing where all could be compared", function()
      local a = account.new { token = "shown" }
      a.add()
      assert.equal("unchanged", a.client:ensure(chatbot(), { resend = true }).action)
      assert.equal("1 1", a.counts())
    end)
  end)

  describe("an update sends what is left out as it was read", function()
    local only = { RuleActionName = "night watch", DingTalkLang = "en" }

    local function stored(a)
      return a.service:chatbots()[1]
    end

    it("where the service clears what is missing", function()
      local a = account.new({ token = "shown", omitted = "clear", typePrefix = "pre", groupIdListAs = "comma" },
        { intervalUnit = "seconds" })
      a.add { IntervalTime = 7 }
      local before = stored(a)
      local result = assert(a.client:ensure(only))
      assert.equal("updated", result.action)
      assert.same({}, result.warnings)
      local after = stored(a)
      assert.equal("en", after.DingTalkLang)
      assert.equal(before.SendUrl, after.SendUrl)
      assert.equal(before.GroupIdList, after.GroupIdList)
      assert.equal("7", after.IntervalTime)
      local config = after.ConfigList:gsub("_pre", "_online")
      assert.is_true(sas.config.parse(before.ConfigList) == sas.config.parse(config))
    end)

    it("with minutes turned into seconds where the unit is settled", function()
      local options = { token = "shown", omitted = "clear", intervalUnit = "minutes" }
      local a = account.new(options, { intervalUnit = "minutes" })
      a.add()
      assert(a.client:ensure(only))
      assert.equal("120", stored(a).IntervalTime)
    end)

    it("but not an IntervalTime whose unit is unsettled, and says so", function()
      local a = account.new { token = "shown", intervalUnit = "minutes" }
      a.add()
      local result = assert(a.client:ensure(only))
      assert.equal("120", stored(a).IntervalTime)
      assert.equal(1, #result.warnings)
      assert.equal("IntervalTime", result.warnings[1].path)
      assert.is_nil(a.service:requests()[3].parameters.IntervalTime)
    end)

    it("but not an empty list, which the service may refuse", function()
      local a = account.new { token = "shown", emptyGroupIdList = "error", emptyConfigList = "error" }
      a.add { GroupIdList = "(none)", ConfigList = "(none)", IntervalTime = 0 }
      local result = assert(a.client:ensure(only))
      assert.equal("updated", result.action)
      assert.same({}, result.warnings)
    end)

    it("though such a list may be shown", function()
      local a = account.new { token = "shown" }
      a.add { GroupIdList = {}, ConfigList = {}, IntervalTime = 0 }
      assert.equal("[]", stored(a).GroupIdList)
      assert.equal("[]", stored(a).ConfigList)
      assert.equal("updated", a.client:ensure(only).action)
      local parameters = a.service:requests()[3].parameters
      assert.is_nil(parameters.GroupIdList)
      assert.is_nil(parameters.ConfigList)
      assert.equal("en", parameters.DingTalkLang)
    end)

    it("and asks for a webhook whose token is hidden", function()
      local a = account.new()
      a.add()
      local result, err = a.client:ensure(only)
      assert.equal("argument INVALID_ARGUMENT", summary(result, err))
      assert.equal("SendUrl", err.problems[1].path)
      assert.is_truthy(tostring(err):find("token", 1, true))
      assert.equal("1 1", a.counts())
    end)

    it("or one that is masked", function()
      local a = account.new { token = "shown" }
      a.add()
      function a.after(_, outcome)
        outcome.body = outcome.body:gsub("access_token=%w+", "access_token=c0f***me")
      end
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
      assert.equal("argument INVALID_ARGUMENT", summary(a.client:ensure(only)))
    end)
  end)

  describe("refuses before anything is sent", function()
    for _, row in ipairs {
      { "a short name", { RuleActionName = "x" }, "RuleActionName" },
      { "no name", { RuleActionName = "(none)" }, "RuleActionName" },
      { "an Id that is none", { Id = 1.5 }, "Id" },
      { "an Id that is none, without the rest", { Id = "x", RuleActionName = "(none)", SendUrl = "(none)" }, "Id" },
      { "a bad webhook", { SendUrl = "http://oapi.dingtalk.com" }, "SendUrl" },
      { "an unknown word", { ConfigList = { vul = { type = { "nosuch" } } } }, "ConfigList.vul.type[1]" },
      { "a bad group", { GroupIdList = { 1, -1 } }, "GroupIdList[2]" },
      { "an unknown language", { DingTalkLang = "fr" }, "DingTalkLang" },
      { "an unknown field", { Sendurl = "x" }, "Sendurl" },
      { "a fraction", { IntervalTime = 0.5 }, "IntervalTime" },
    } do
      it(row[1], function()
        local a = account.new()
        local result, err = a.client:ensure(chatbot(row[2]))
        assert.equal("argument INVALID_ARGUMENT", summary(result, err))
        assert.equal(row[3], err.problems[1].path)
        assert.equal(1, #err.problems)
        assert.equal("0 0", a.counts())
        assert.is_nil(tostring(err):find(canary.accessToken, 1, true))
      end)
    end

    if rawget(_G, "jit") then
      it("no 64-bit number of LuaJIT where an Id is", function()
        local a = account.new()
        local id = load("return " .. a.add { RuleActionName = "night watch" } .. "LL")()
        assert.equal("updated", summary(a.client:ensure(chatbot { Id = id, GroupIdList = { id } })))
        assert.equal("conflict NOT_FOUND", summary(a.client:ensure(chatbot { Id = id + 1 })))
        assert.equal("argument INVALID_ARGUMENT", summary(a.client:ensure(chatbot { Id = -id })))
      end)
    end

    it("several at once", function()
      local a = account.new()
      local _, err = a.client:ensure { RuleActionName = "x", DingTalkLang = "fr", IntervalTime = -1 }
      assert.equal(3, #err.problems)
    end)

    it("a create without a webhook, when it turns out to be one", function()
      local a = account.new()
      local result, err = a.client:ensure { RuleActionName = "night watch" }
      assert.equal("argument INVALID_ARGUMENT", summary(result, err))
      assert.equal("SendUrl", err.problems[1].path)
      assert.equal("1 0", a.counts())
    end)
  end)

  describe("raises for misuse", function()
    for _, row in ipairs {
      { "no table", "takes a table", { "x" } },
      { "nothing", "takes a table", {} },
      { "an unknown option", "unknown option; resend exists", { chatbot(), { force = true } } },
      { "an option of another type", "must be a boolean", { chatbot(), { resend = 1 } } },
      { "options that are no table", "must be a table", { chatbot(), true } },
    } do
      it(row[1], function()
        local a = account.new()
        local good, message = pcall(a.client.ensure, a.client, row[3][1], row[3][2])
        assert.is_false(good)
        assert.is_truthy(message:find(row[2], 1, true))
        assert.equal("0 0", a.counts())
      end)
    end

    it("a dot for the colon", function()
      local a = account.new()
      assert.has_error(function() a.client.ensure(chatbot()) end)
      assert.has_error(function() a.client.resolve({}) end)
      assert.has_error(function() a.client:resolve("handle") end)
    end)
  end)

  it("is a state error on a closed client", function()
    local a = account.new()
    a.client:close()
    assert.equal("state CLOSED", summary(a.client:ensure(chatbot())))
    assert.equal("state CLOSED", summary(a.client:resolve {}))
    assert.equal("0 0", a.counts())
  end)

  it("warns once of what is suspicious, when it is sent", function()
    local seen = {}
    local a = account.new({}, { onWarning = function(warning) seen[#seen + 1] = warning.path end })
    local wanted = chatbot { GroupIdList = {} }
    assert.equal("created", a.client:ensure(wanted).action)
    assert.same({ "GroupIdList" }, seen)
    assert.equal("unchanged", a.client:ensure(wanted).action)
    assert.same({ "GroupIdList" }, seen)
  end)

  -- The service refuses, or cannot be reached: what is answered, and how many requests were seen.
  describe("ends as failed, and leaves nothing behind", function()
    for _, row in ipairs {
      { "a read that is refused", "refusal", { action = "DescribeDingTalk" }, "service NoPermission", "1 0" },
      { "a read without an answer", "closed", { action = "DescribeDingTalk" }, "network CONNECTION_LOST", "3 0" },
      { "a create that is refused", "refusal", { action = "CreateOrUpdateDingTalk" }, "service NoPermission", "1 1" },
      { "a create that is throttled to the end", "throttled", { action = "CreateOrUpdateDingTalk" },
        "service Throttling", "1 3" },
      { "a create that never left", "refused", { action = "CreateOrUpdateDingTalk" },
        "network COULDNT_CONNECT", "1 0" },
      { "a create without trust", "badcertificate", { action = "CreateOrUpdateDingTalk" }, "network TLS_CERTIFICATE",
        "1 0" },
    } do
      it(row[1], function()
        local store = sas.store.memory()
        local a = account.new({}, { store = store })
        a.service:fault(row[2], row[3], 3)
        assert.equal(row[4], summary(a.client:ensure(chatbot())))
        assert.equal(row[5], a.counts())
        assert.same({}, store.texts)
        a.service:reset()
        assert.equal("created", a.client:ensure(chatbot()).action)
        assert.equal(1, #a.service:chatbots())
      end)
    end

    it("an update that is refused", function()
      local a = account.new()
      a.add()
      a.service:fault("refusal", { action = "CreateOrUpdateDingTalk" })
      local result, err = a.client:ensure(chatbot { DingTalkLang = "en" })
      assert.equal("service NoPermission", summary(result, err))
      assert.is_nil(err.handle)
      assert.equal("1 2", a.counts())
    end)
  end)

  it("is bounded by the deadline as a whole", function()
    local a = account.new({}, { deadline = 20 })
    local start = a.service.monotonic()
    a.service:fault("closed", { action = "CreateOrUpdateDingTalk" })
    a.service:fault("delayed", { action = "DescribeDingTalk", value = 6 }, 50)
    local result, err = a.client:ensure(chatbot())
    assert.equal("unknown CONNECTION_LOST", summary(result, err))
    local took = a.service.monotonic() - start
    assert.is_true(took > 15 and took <= 20.5)
  end)

  it("gives each call what is left of it", function()
    local a = account.new({}, { deadline = 25, jitter = function() return 1 end })
    local start = a.service.monotonic()
    a.service:fault("closed", { action = "CreateOrUpdateDingTalk" })
    a.service:fault("silent", { action = "DescribeDingTalk", skip = 3 }, 50)
    assert.equal("unknown CONNECTION_LOST", summary(a.client:ensure(chatbot())))
    local took = a.service.monotonic() - start
    assert.is_true(took > 20 and took <= 25.5)
  end)

  it("stops looking when the client is closed", function()
    local a = account.new()
    local looks = 0
    function a.before(request)
      looks = looks + (account.is_write(request) and 0 or 1)
      if looks == 3 then
        a.client:close()
      end
    end
    a.service:fault("closed", { action = "CreateOrUpdateDingTalk" })
    local start = a.service.monotonic()
    assert.equal("unknown CONNECTION_LOST", summary(a.client:ensure(chatbot())))
    assert.is_true(a.service.monotonic() - start < 6)
    assert.equal(3, looks)
  end)

  it("ends where the clock stands still", function()
    local slept = 0
    local client = sas.new {
      regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret",
      jitter = function() return 1 end,
      transport = {
        send = function(request)
          if account.is_write(request) then
            return { sent = true, code = "TIMEOUT", message = "no answer" }
          end
          return recorder.good '"PageInfo":{"TotalCount":0,"PageSize":100,"CurrentPage":1},"ActionList":[]'
        end,
        monotonic = function() return 7 end, now = function() return 1700000000 end,
        sleep = function(seconds) slept = slept + seconds end,
      },
    }
    local result, err = client:ensure(chatbot())
    assert.equal("unknown TIMEOUT", summary(result, err))
    assert.is_true(slept >= 50 and slept <= 60)
  end)
end)
