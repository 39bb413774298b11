-- plan_spec.lua - client:plan: what differs between a declared set of chatbots and an account
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local files = require "spec.support.files"
local fingerprints = require "aliyun.sas.fingerprints"
local text = require "aliyun.sas.plan.text"

local chatbot = account.chatbot

local function actions(plan)
  local list = {}
  for i, entry in ipairs(plan.entries) do
    list[i] = entry.action .. " " .. entry.name
  end
  return table.concat(list, ", ")
end

local function fields(entry)
  local list = {}
  for i, change in ipairs(entry.changes) do
    list[i] = ("%s: %s -> %s"):format(change.field, tostring(change.old), tostring(change.new))
  end
  return list
end

local function paths(err)
  local list = {}
  for i, problem in ipairs(err.problems) do
    list[i] = problem.path .. ": " .. problem.message
  end
  return list
end

-- Neither the plan nor its text nor its JSON tells a secret.
local function assert_clean(plan)
  for _, shown in ipairs { core.encode(plan), text.render(plan), text.render(plan, { colour = true }) } do
    assert.is_nil(shown:find(canary.accessToken, 1, true))
    assert.is_nil(shown:find("CanarySecret", 1, true))
  end
end

local function plan_of(a, list, options)
  local plan, err = a.client:plan(list, options)
  assert(plan, tostring(err))
  assert_clean(plan)
  return plan
end

describe("client:plan", function()
  for _, token in ipairs { "hidden", "shown" } do
    for _, ids in ipairs { "numbers", "strings" } do
      it(("finds what is the same: token %s, prefix pre, Ids as %s"):format(token, ids), function()
        local a = account.new({ token = token, typePrefix = "pre", idsAs = ids, groupsAs = "objects" })
        a.add()
        local plan = plan_of(a, { chatbot { GroupIdList = { { group = "Default" }, { group = "Production" } } } })
        assert.equal("unchanged night watch", actions(plan))
        assert.same(token == "hidden" and { "SendUrl" } or {}, plan.entries[1].notCompared)
        assert.is_false(text.has_changes(plan))
        assert.matches("No changes: 1 as declared", text.render(plan))
        assert.equal("1 0", a.counts():gsub(" %d+$", " 0"))
      end)
    end
  end

  it("answers each field with its old and new value", function()
    local a = account.new()
    a.add()
    local plan = plan_of(a, {
      chatbot {
        IntervalTime = 60, ConfigList = { vul = { type = { "cms" } }, hc = "all" }, GroupIdList = { { group = "Web" } },
        DingTalkLang = "en", Status = "off", SendUrl = "https://example.com/hook?key=x",
      },
    })
    assert.equal("update night watch", actions(plan))
    assert.same({
      "SendUrl: https://oapi.dingtalk.com/robot/send -> https://example.com/***", "IntervalTime: 120 -> 60",
      "ConfigList: vul(type=cms,emg) suspicious(item_level=all event_type=all) -> vul(type=cms) hc(item_level=all)",
      "GroupIdList: 10417151 (Default), 10417152 (Production) -> 10417153 (Web)", "DingTalkLang: zh -> en",
      "Status: on -> off",
    }, fields(plan.entries[1]))
    assert.same({ "hc.item_level=all" }, plan.entries[1].changes[3].added)
    assert.same({ "vul.type=emg", "suspicious.item_level=all", "suspicious.event_type=all" },
      plan.entries[1].changes[3].removed)
    local shown = text.render(plan)
    assert.is_nil(shown:find("key=x", 1, true))
    assert.matches('~ update "night watch" %(Id 1001%)', shown)
    assert.matches("Plan: 0 to create, 1 to update, 0 to delete%.", shown)
  end)

  it("tells a status alone from an update", function()
    local a = account.new()
    a.add()
    local plan = plan_of(a, { chatbot { Status = "off" } })
    assert.equal("status night watch", actions(plan))
    assert.same({ "Status: on -> off" }, fields(plan.entries[1]))
    assert.equal(1, plan.summary.status)
  end)

  it("deletes what is not declared only where it is told to", function()
    local a = account.new()
    a.add()
    a.add { RuleActionName = "old", IntervalTime = 5 }
    local plan = plan_of(a, { chatbot() })
    assert.equal("unchanged night watch", actions(plan))
    assert.same({ { id = "1002", name = "old" } }, plan.unmanaged)
    assert.matches('left alone %(1%): "old"', text.render(plan))
    plan = plan_of(a, { chatbot() }, { prune = true })
    assert.equal("unchanged night watch, delete old", actions(plan))
    assert.same({}, plan.unmanaged)
    assert.matches('%- delete "old" %(Id 1002%)', text.render(plan))
  end)

  it("does not let an empty set delete all", function()
    local a = account.new()
    a.add()
    local plan, err = a.client:plan({}, { prune = true })
    assert.is_nil(plan)
    assert.matches("would delete all chatbots", tostring(err))
    assert.equal("delete night watch", actions(plan_of(a, {}, { prune = true, allowEmpty = true })))
  end)

  describe("answers a conflict where it would have to guess:", function()
    local function conflict(plan, place)
      local entry = plan.entries[place or 1]
      assert.equal("conflict", entry.action)
      assert.matches("! conflict", text.render(plan))
      return entry.conflict.code .. " " .. account.join(entry.conflict.ids)
    end

    it("a name that two have", function()
      local a = account.new()
      a.add()
      a.add()
      local plan = plan_of(a, { chatbot() }, { prune = true })
      assert.equal("DUPLICATE 1001 1002", conflict(plan))
      assert.equal(0, plan.summary.delete)
    end)

    it("an Id that is not there", function()
      local a = account.new()
      a.add()
      local plan = plan_of(a, { chatbot { Id = 999 } }, { prune = true })
      assert.equal("NOT_FOUND ", conflict(plan))
      assert.equal(0, plan.summary.delete) -- it has the entry's name, and may be what is meant
    end)

    it("a rename to a name that another has", function()
      local a = account.new()
      a.add()
      a.add { RuleActionName = "day watch" }
      local plan = plan_of(a, { chatbot { Id = 1001, RuleActionName = "day watch" } }, { prune = true })
      assert.equal("DUPLICATE 1002", conflict(plan))
      assert.equal("conflict day watch", actions(plan)) -- 1001 is declared by its Id, though it is in conflict
      assert.same({}, plan_of(a, { chatbot { Id = 1001, RuleActionName = "day watch" } }).unmanaged)
    end)

    it("two entries for one chatbot", function()
      local a = account.new()
      a.add()
      local plan = plan_of(a, { chatbot(), chatbot { Id = 1001, RuleActionName = "day watch" } }, { prune = true })
      assert.equal("CLAIMED 1001", conflict(plan, 1))
      assert.equal("CLAIMED 1001", conflict(plan, 2))
      assert.equal(0, plan.summary.delete)
    end)
  end)

  it("renames by Id, and leaves two of a name alone that both have their Ids", function()
    local a = account.new()
    a.add()
    a.add()
    local plan = plan_of(a, { chatbot { Id = 1001 }, chatbot { Id = 1002, RuleActionName = "day watch" } })
    assert.equal("unchanged night watch, update day watch", actions(plan))
    assert.same({ "RuleActionName: night watch -> day watch" }, fields(plan.entries[2]))
  end)

  it("says where a new chatbot looks like one that was renamed", function()
    local a = account.new { typePrefix = "pre" }
    a.add()
    local plan = plan_of(a, { chatbot { RuleActionName = "day watch" } }, { prune = true })
    assert.equal("create day watch, delete night watch", actions(plan))
    assert.matches("give the entry Id = 1001", plan.entries[1].warnings[1].hint)
    plan = plan_of(a, { chatbot { RuleActionName = "day watch", ConfigList = { hc = "all" } } }, { prune = true })
    assert.same({}, plan.entries[1].warnings)
  end)

  describe("says where a new name differs little from that of a chatbot that no entry stands for:", function()
    -- what there is; what is declared; whether it is said
    for name, row in pairs {
      ["letters"] = { "Night Watch", "night watch", true },
      ["spaces in it"] = { "night watch", "nightwatch", true },
      ["spaces around it"] = { "night watch", "  night watch ", true },
      ["a space without a break"] = { "night\194\160watch", "night watch", true },
      ["a wide space"] = { "night\227\128\128watch", "night watch", true },
      ["a space without a width"] = { "night watch", "night watch\226\128\139", true },
      ["a letter that is composed"] = { "caf\195\169", "cafe\204\129", true },
      ["an accent"] = { "caf\195\137", "cafe", true },
      ["another tilde"] = { "se\195\177or", "sen\205\130or", true },
      ["a letter more"] = { "night watch", "night watch 2", false },
      ["letters that are no accents"] = { "stra\195\159e", "strasse", false },
      ["other Chinese"] = { "\229\164\169\229\164\169", "\229\164\169\229\164\170", false },
    } do
      it(name, function()
        local a = account.new { token = "shown" }
        a.add { RuleActionName = row[1], ConfigList = { hc = "all" } }
        local plan = plan_of(a, { chatbot { RuleActionName = row[2] } })
        assert.equal("create", plan.entries[1].action)
        local warnings = plan.entries[1].warnings
        assert.equal(row[3] and 1 or 0, #warnings)
        if row[3] then
          assert.equal("RuleActionName", warnings[1].path)
          assert.matches("with the Id 1001", warnings[1].message)
          assert.matches("Id = 1001", warnings[1].hint)
        end
      end)
    end

    it("once where the content is the same too", function()
      local a = account.new()
      a.add { RuleActionName = "Night watch" }
      local plan = plan_of(a, { chatbot() })
      assert.equal(1, #plan.entries[1].warnings)
      assert.matches("name", plan.entries[1].warnings[1].message)
    end)

    it("but not where an entry stands for it, or nothing is created", function()
      local a = account.new()
      a.add { RuleActionName = "Night watch" }
      a.add { RuleActionName = "NIGHT WATCH", ConfigList = { hc = "all" } }
      local plan = plan_of(a, { chatbot { RuleActionName = "Night watch" } })
      assert.same({}, plan.entries[1].warnings)
      plan = plan_of(a, { chatbot { Id = 1001, RuleActionName = "Night watch" },
        chatbot { Id = 1002, RuleActionName = "NIGHT WATCH" }, chatbot { DingTalkLang = "en" } })
      assert.same({}, plan.entries[3].warnings)
    end)
  end)

  it("answers all mistakes of a set at once", function()
    local a = account.new()
    local plan, err = a.client:plan {
      chatbot { RuleActionName = "x" }, chatbot { Statuss = "on" }, chatbot { SendUrl = "ftp://c0ffee" },
      chatbot { ConfigList = { vull = "all" } }, chatbot { Status = "of" }, "no chatbot",
      chatbot { GroupIdList = { { group = "Defualt" } } }, chatbot { Id = 5 }, chatbot { Id = 5 },
      chatbot { SendUrl = { env = "A", file = "b" } },
    }
    assert.is_nil(plan)
    assert.equal("argument", err.kind)
    local list = paths(err)
    local expected = {
      "^chatbots%[1%]%.RuleActionName: must have 2", "^chatbots%[2%]%.Statuss: is no parameter",
      "^chatbots%[3%]%.SendUrl: does not start", "^chatbots%[3%]%.RuleActionName: stands twice",
      "^chatbots%[4%]%.ConfigList%.vull: ", "^chatbots%[5%]%.Status: is neither", "^chatbots%[6%]: is no table",
      "^chatbots%[7%]%.GroupIdList%[1%]: no asset group", "^chatbots%[9%]%.Id: stands twice: chatbots%[8%]",
      "^chatbots%[10%]%.SendUrl: is neither",
    }
    local all = "\n" .. table.concat(list, "\n")
    for _, pattern in ipairs(expected) do
      assert.matches("\n" .. pattern:sub(2), all)
    end
    assert.is_nil(all:find("c0ffee", 1, true))
    assert.matches('did you mean "Default"', tostring(err))
    assert.matches("did you mean Status", tostring(err))
    assert.equal("0 0", a.counts())
  end)

  it("names the Ids where two groups have a name", function()
    local a = account.new { groups = { { id = 5, name = "prod" }, { id = 6, name = "prod" } } }
    local _, err = a.client:plan { chatbot { GroupIdList = { { group = "prod" } } } }
    assert.matches("2 asset groups have the name, with the Ids 5, 6", tostring(err))
  end)

  it("names the position in the file where the line is not known", function()
    local a = account.new()
    local plan = plan_of(a, {
      chatbots = { chatbot(), chatbot { RuleActionName = "day watch" } },
      origin = { path = "chatbots.lua", folder = ".", nodes = { { line = 3 } } },
    })
    assert.equal("chatbots.lua:3", plan.entries[1].place)
    assert.equal("chatbots.lua [2]", plan.entries[2].place)
    assert.matches('create "day watch"  chatbots%.lua %[2%]', text.render(plan))
  end)

  it("warns of Ids that no group has where it reads the groups anyway", function()
    local a = account.new()
    local list = { chatbot { GroupIdList = { 5, "10417151", 6 } }, chatbot { RuleActionName = "day watch" } }
    assert.same({}, plan_of(a, list).entries[1].warnings)
    list[2].GroupIdList = { { group = "Web" } }
    local plan = plan_of(a, list)
    assert.equal("no asset group of the account has the Ids 5, 6", plan.entries[1].warnings[1].message)
    assert.same({}, plan.entries[2].warnings)
  end)

  it("passes on that the account cannot be read", function()
    local a = account.new()
    a.service:fault("refusal", { action = "DescribeGroupStruct" })
    local _, err = a.client:plan { chatbot { GroupIdList = { { group = "Default" } } } }
    assert.equal("service NoPermission", err.kind .. " " .. err.code)
    a.service:fault("refusal", { action = "DescribeDingTalk" })
    _, err = a.client:plan { chatbot() }
    assert.equal("service NoPermission", err.kind .. " " .. err.code)
    assert.has_error(function() a.client:plan() end)
    assert.has_error(function() a.client:plan({}, { prun = true }) end)
    assert.has_error(function() a.client:plan({}, { fingerprints = {} }) end)
    _, err = a.client:plan { a = chatbot() }
    assert.matches("is no list", tostring(err))
    a.client:close()
    _, err = a.client:plan {}
    assert.equal("CLOSED", err.code)
  end)

  describe("with a webhook that stands elsewhere", function()
    local UNSET = { env = "SAS_SPEC_NOT_SET_ANYWHERE" }

    it("sees drift without it", function()
      local a = account.new()
      a.add()
      local plan = plan_of(a, { chatbot { SendUrl = UNSET } })
      assert.equal("unchanged night watch", actions(plan))
      assert.same({ "SendUrl" }, plan.entries[1].notCompared)
      assert.same({}, plan.entries[1].needs)
      assert.same(UNSET, plan.entries[1].wish.SendUrl)
    end)

    it("says that it is needed where it has to be sent", function()
      local a = account.new()
      a.add()
      local plan = plan_of(a, {
        chatbot { SendUrl = UNSET, DingTalkLang = "en" }, chatbot { RuleActionName = "new", SendUrl = UNSET },
        chatbot { RuleActionName = "none", SendUrl = "(none)" },
      })
      for i, pattern in ipairs { "SAS_SPEC_NOT_SET", "SAS_SPEC_NOT_SET", "is missing" } do
        assert.matches(pattern, plan.entries[i].needs[1].message)
        assert.equal(("chatbots[%d].SendUrl"):format(i), plan.entries[i].needs[1].path)
      end
      assert.matches("needs: chatbots%[2%]%.SendUrl", text.render(plan))
    end)

    it("names each that is none, goes on, and has apply refuse with all of them", function()
      local a = account.new()
      local folder = os.tmpname()
      os.remove(folder)
      assert.is_true(os.execute("mkdir -m 700 " .. folder) ~= nil)
      local texts = {
        { "nonsense c0ffee", "holds a blank" }, { "c0ffee", "does not start with https://" }, { "", "is empty" },
        { "https://a\nhttps://b", "more than one line" }, { "http://a/c0ffee", "does not start with https://" },
        { "https://oapi.dingtalk.com/robot/send", "without its token" },
        { "https://me:c0ffee@a/", "holds a user name" },
      }
      local list = {}
      for i, row in ipairs(texts) do
        files.write(folder .. "/hook" .. i, row[1])
        list[i] = chatbot { RuleActionName = "watch " .. i, SendUrl = { file = "hook" .. i } }
      end
      os.execute("chmod 600 " .. folder .. "/hook*")
      local plan = plan_of(a, { chatbots = list, origin = { path = folder .. "/chatbots.lua", folder = folder } })
      local report, err = a.client:apply(plan)
      os.execute("rm -r " .. folder)
      assert.is_nil(report)
      assert.equal("WEBHOOK_UNKNOWN", err.code)
      assert.equal(#texts, #err.problems)
      for i, row in ipairs(texts) do
        assert.matches("hook" .. i .. " .*" .. row[2]:gsub("%p", "%%%0"), plan.entries[i].needs[1].message)
        assert.equal(plan.entries[i].needs[1].message, err.problems[i].message)
      end
      assert.is_nil((core.encode(plan) .. tostring(err)):find("c0ffee", 1, true))
    end)

    it("needs none for an update where the service shows the token", function()
      local a = account.new { token = "shown" }
      a.add()
      local plan = plan_of(a, { chatbot { SendUrl = UNSET, DingTalkLang = "en" } })
      assert.same({}, plan.entries[1].needs)
    end)

    it("sends it again only where that is asked for", function()
      local a = account.new()
      a.add()
      local plan = plan_of(a, { chatbot(), }, { resendWebhooks = true })
      assert.equal("update night watch", actions(plan))
      assert.same({}, plan.entries[1].notCompared)
      plan = plan_of(a, { chatbot { SendUrl = UNSET } }, { resendWebhooks = true })
      assert.equal(1, #plan.entries[1].needs)
    end)
  end)

  describe("with fingerprints", function()
    local path = os.tmpname()
    os.remove(path)

    local function compared(a, known, list)
      local plan = plan_of(a, list or { chatbot() }, { fingerprints = known })
      return plan.entries[1].action, plan.entries[1]
    end

    it("notices a token that was changed, one that was not, and one that may have been", function()
      local a = account.new()
      local id = a.add()
      local known = assert(fingerprints.open(path))
      local modified = a.service:chatbots()[1].GmtModified
      known:set("tds.cn-shanghai.aliyuncs.com", id, account.webhook, modified)
      local action, entry = compared(a, known)
      assert.equal("unchanged", action)
      assert.same({}, entry.notCompared)

      action, entry = compared(a, known, { chatbot { SendUrl = account.webhook .. "2" } })
      assert.equal("update", action)
      assert.is_true(entry.resend)
      assert.matches("another token", entry.changes[1].note)

      a.service:advance(10)
      assert(a.stranger:modifyDingTalkStatus { Ids = id, Status = 1 })
      action, entry = compared(a, known)
      assert.equal("unchanged", action)
      assert.same({ "SendUrl" }, entry.notCompared)
      assert.matches("was changed since", entry.warnings[1].message)
    end)

    it("of another site knows nothing", function()
      local a = account.new()
      local id = a.add()
      local known = assert(fingerprints.open(path))
      known:set("tds.ap-southeast-1.aliyuncs.com", id, account.webhook .. "2", 1)
      local action, entry = compared(a, known)
      assert.equal("unchanged", action)
      assert.same({ "SendUrl" }, entry.notCompared)
    end)
  end)

  it("shows which variable or file a webhook is of that is sent, or not compared", function()
    local path = os.tmpname()
    os.remove(path)
    local a, known = account.new(), assert(fingerprints.open(path))
    local hook = { env = os.getenv "HOME" and "HOME" or "PATH" }
    for i, name in ipairs { "one", "two", "three", "four" } do
      a.add { RuleActionName = name }
      known:set("tds.cn-shanghai.aliyuncs.com", 1000 + i, account.webhook, a.service:chatbots()[i].GmtModified)
    end
    local plan = plan_of(a, {
      chatbot { RuleActionName = "one", SendUrl = { env = "SAS_SPEC_UNSET" }, DingTalkLang = "en" },
      chatbot { RuleActionName = "two", SendUrl = { file = "hooks/two" } },
      chatbot { RuleActionName = "three", DingTalkLang = "en" },
      chatbot { RuleActionName = "new", SendUrl = hook },
      chatbot { RuleActionName = "four", DingTalkLang = "en", SendUrl = hook },
    }, { fingerprints = known })
    plan.entries[5].notCompared = {} -- as where the fingerprint is equal
    local shown = text.render(plan, { width = 200 })
    assert.matches('not compared: SendUrl %(env "SAS_SPEC_UNSET"%)', shown)
    assert.matches('Not compared %(1%): "two": SendUrl %(file "hooks/two"%)\n', shown)
    assert.matches('\n      SendUrl: env "' .. hook.env .. '"\n', shown)
    assert.matches('\n      SendUrl: sent along, env "' .. hook.env .. '"\n', shown)
    assert.is_nil(shown:match('update "three"[^\n]*\n[^\n]*\n[^\n]*SendUrl'))
  end)

  it("shows an IntervalTime that may be in minutes", function()
    local a = account.new()
    a.add { IntervalTime = 2 }
    local shown = text.render(plan_of(a, { chatbot { DingTalkLang = "en" } }))
    assert.matches("not compared: SendUrl, IntervalTime %(120%)", shown:gsub("IntervalTime %(120%), SendUrl",
      "SendUrl, IntervalTime (120)"))
  end)

  it("does not print what is no plan", function()
    local a = account.new()
    a.add()
    local function changed(change)
      local plan = plan_of(a, { chatbot { DingTalkLang = "en" } })
      change(plan)
      return text.render(plan)
    end
    for path, change in pairs {
      ["plan.asOf"] = function(plan) plan.asOf = "now" end, ["plan.summary.create"] = function(plan)
        plan.summary.create = 1.5
      end,
      ["plan.entries[1].needs"] = function(plan) plan.entries[1].needs = "none" end,
      ["plan.entries[1].needs[1]"] = function(plan) plan.entries[1].needs = { 5 } end,
      ["plan.entries[1].changes[1].new"] = function(plan) plan.entries[1].changes[1].new = {} end,
      ["plan.entries[1].changes[1].added[1]"] = function(plan) plan.entries[1].changes[1].added = { {} } end,
      ["plan.entries[1].notCompared"] = function(plan) plan.entries[1].notCompared = { a = 1 } end,
      ["plan.entries[1]"] = function(plan) plan.entries[1].action = {} end,
      ["plan.entries"] = function(plan) plan.entries = nil end, ["plan.unmanaged"] = function(plan)
        plan.unmanaged = 5
      end,
      ["plan.origin.path"] = function(plan) plan.origin = { path = {} } end,
      ["plan.entries[1].wish.SendUrl"] = function(plan) plan.entries[1].wish.SendUrl = { env = 5 } end,
      ["plan.account"] = function(plan) plan.account = {} end, ["plan"] = function(plan) plan.version = nil end,
    } do
      local shown, err = changed(change)
      assert.is_nil(shown, path)
      assert.equal("argument", err.kind)
      assert.equal(path, err.problems[1].path)
    end
    local shown, err = text.render(5)
    assert.is_nil(shown)
    assert.equal("is no plan", err.problems[1].message)
  end)

  it("prints no control characters of names", function()
    local a = account.new()
    a.add()
    a.service.state.chatbots[1].RuleActionName = "evil\27[31m\226\128\174name"
    local shown = text.render(plan_of(a, {}))
    assert.is_nil(shown:find "\27")
    assert.is_nil(shown:find "\226\128\174")
    assert.matches("evil\239\191\189%[31m\239\191\189name", shown)
  end)

  it("keeps to the width", function()
    local a = account.new()
    for i = 1, 30 do
      a.add { RuleActionName = ("watch %d"):format(i) }
    end
    for row in text.render(plan_of(a, {}), { width = 60 }):gmatch "[^\n]+" do
      assert.is_true(#row <= 60 or row:find "^tds" ~= nil, row)
    end
  end)

  it("tells with the plan that an interval whose unit is open will not be sent back", function()
    local a = account.new()
    a.add { IntervalTime = 60 }
    local plan = assert(a.client:plan { account.chatbot { IntervalTime = "(none)", DingTalkLang = "en" } })
    assert.equal("update", plan.entries[1].action)
    assert.equal("IntervalTime", plan.entries[1].warnings[1].path)
    local settled = a.open { intervalUnit = "seconds" }
    plan = assert(settled:plan { account.chatbot { IntervalTime = "(none)", DingTalkLang = "en" } })
    assert.same({}, plan.entries[1].warnings)
  end)

  it("warns of a webhook that stands in a file", function()
    local a = account.new()
    local set = { chatbots = { account.chatbot() }, origin = { path = "chatbots.lua", folder = "." } }
    local entry = assert(a.client:plan(set)).entries[1]
    assert.equal("create", entry.action)
    assert.matches("stands in the file", entry.warnings[1].message)
    assert.same({}, assert(a.client:plan(set.chatbots)).entries[1].warnings)
  end)

  it("deletes nothing that has the name of an entry in conflict, also where another entry has the name", function()
    local a = account.new()
    local id = a.add()
    a.add()
    local plan = assert(a.client:plan({
      account.chatbot { Id = 999999 }, account.chatbot { Id = id },
    }, { prune = true }))
    assert.equal("conflict", plan.entries[1].action)
    assert.equal(0, plan.summary.delete)
  end)

  it("shows all that goes with a chatbot that is deleted", function()
    local a = account.new()
    a.add { RuleActionName = "old watch" }
    local plan = plan_of(a, { chatbot() }, { prune = true })
    assert.equal("delete", plan.entries[2].action)
    local old = {}
    for _, change in ipairs(plan.entries[2].changes) do
      assert.is_nil(change.new)
      old[change.field] = change.old
    end
    assert.equal("vul(type=cms,emg) suspicious(item_level=all event_type=all)", old.ConfigList)
    assert.equal("on", old.Status)
  end)

  it("says what to do where a webhook is not known", function()
    local a = account.new()
    local plan = plan_of(a, { chatbot { SendUrl = { env = "NO_SUCH_WEBHOOK" } } })
    assert.equal("the environment variable NO_SUCH_WEBHOOK is not set", plan.entries[1].needs[1].message)
    assert.equal("set it to the webhook", plan.entries[1].needs[1].hint)
  end)

  it("shows an empty list as none", function()
    local a = account.new()
    local shown = text.render(plan_of(a, { chatbot { GroupIdList = {}, ConfigList = {} } }))
    assert.matches("\n +GroupIdList: %(none%)\n", shown)
    assert.matches("\n +ConfigList: %(none%)\n", shown)
  end)

  it("breaks long lines between their parts, and only there", function()
    local a = account.new()
    for i = 1, 12 do
      a.add { RuleActionName = "stranger " .. i }
    end
    local shown = text.render(plan_of(a, { chatbot() }), { width = 80 })
    local with_two = 0
    for line in shown:match "Not declared.-\n\n":gmatch "[^\n]+" do
      assert.is_true(#line <= 80, line)
      with_two = with_two + (line:find 'stranger %d+", "stranger' and 1 or 0)
    end
    assert.is_true(with_two >= 3, shown)
  end)
end)
