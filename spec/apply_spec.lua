-- apply_spec.lua - client:apply: a plan carried out, and what becomes of it where something goes wrong
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local files = require "spec.support.files"
local fingerprints = require "aliyun.sas.fingerprints"
local http_date = require "aliyun.sas.emulator.text".httpDate
local sas = require "aliyun.sas"
local texts_of = require "spec.support.texts"

local chatbot = account.chatbot
local WRITES = { action = "CreateOrUpdateDingTalk" }

local function assert_clean(value)
  local text = texts_of(value)
  for _, secret in pairs(canary) do
    assert.is_nil(text:find(secret, 1, true))
  end
end

local function planned(client, list, options)
  local plan, err = client:plan(list, options)
  assert(plan, tostring(err))
  return plan
end

local function applied(client, plan, options)
  local report, err = client:apply(plan, options)
  assert(report, tostring(err))
  assert_clean(report)
  return report
end

local function actions(report)
  local list = {}
  for i, result in ipairs(report.results) do
    list[i] = result.action .. " " .. result.name
  end
  return table.concat(list, ", ")
end

local function code(report, place)
  local err = report.results[place or 1].error
  return err and err.kind .. " " .. err.code
end

local function count(a, action)
  local number = 0
  for _, request in ipairs(a.service:requests()) do
    number = number + (request.action == action and 1 or 0)
  end
  return number
end

local function watches(number)
  local list = {}
  for i = 1, number do
    list[i] = chatbot { RuleActionName = ("watch %03d"):format(i) }
  end
  return list
end

describe("client:apply", function()
  for name, options in pairs {
    ["as documented"] = { token = "hidden", typePrefix = "pre", idsAs = "numbers", groupIdListAs = "comma" },
    ["the other reading"] = {
      token = "shown", idsAs = "strings", groupsAs = "objects", statusAfterCreate = 0, omitted = "clear",
      order = "newest", nameFilter = "part",
    },
    ["behind lagging replicas"] = { readLag = 5 },
  } do
    it("makes what was declared, and then nothing: " .. name, function()
      local a = account.new(options)
      local list = {
        chatbot { Status = "on" }, chatbot { RuleActionName = "day watch", Status = "off" },
        chatbot { RuleActionName = "夜班", GroupIdList = { { group = "Web" } } },
      }
      local seen = {}
      local report = applied(a.client, planned(a.client, list), {
        onProgress = function(event)
          seen[#seen + 1] = event.done .. "/" .. event.total
          error "is left alone"
        end,
      })
      assert.equal("created night watch, created day watch, created 夜班", actions(report))
      assert.is_true(report.ok)
      assert.same({ created = 3 }, report.summary)
      assert.same({ "1/3", "2/3", "3/3" }, seen)
      for _, result in ipairs(report.results) do
        assert.is_true(result.verified)
        assert.is_string(result.id)
      end
      assert.equal(1, a.service:chatbots()[1].Status)
      assert.equal(0, a.service:chatbots()[2].Status)
      assert.equal("unchanged", planned(a.client, list).entries[1].action)
      report = applied(a.client, planned(a.client, list))
      assert.same({ unchanged = 3 }, report.summary)
      assert.equal(3, count(a, "CreateOrUpdateDingTalk"))
    end)
  end

  it("updates, enables, disables, renames and deletes", function()
    local a = account.new { token = "shown" }
    for _, name in ipairs { "one", "two", "three", "four" } do
      a.add { RuleActionName = name }
    end
    local list = {
      chatbot { RuleActionName = "one", DingTalkLang = "en" }, chatbot { RuleActionName = "two", Status = "off" },
      chatbot { RuleActionName = "drei", Id = 1003 },
    }
    local report = applied(a.client, planned(a.client, list, { prune = true }))
    assert.equal("updated one, disabled two, updated drei, deleted four", actions(report))
    assert.is_true(report.ok)
    local stored = a.service:chatbots()
    assert.equal(3, #stored)
    assert.equal("en", stored[1].DingTalkLang)
    assert.equal(0, stored[2].Status)
    assert.equal("drei", stored[3].RuleActionName)
    list[2].Status = "on"
    assert.equal("enabled two", actions(applied(a.client, planned(a.client, list))):match "enabled two")
  end)

  it("takes a plan that was JSON, whose webhooks stand elsewhere", function()
    local a = account.new()
    local home = os.getenv "HOME" and "HOME" or "PATH"
    local plan = planned(a.client, { chatbot { SendUrl = { env = "SAS_SPEC_UNSET" } } })
    local again = core.json(core.encode(plan))
    local report, err = a.client:apply(again)
    assert.is_nil(report)
    assert.equal("argument WEBHOOK_UNKNOWN", err.kind .. " " .. err.code)
    assert.matches("SAS_SPEC_UNSET", tostring(err))
    again.entries[1].wish.SendUrl = { env = home }
    report, err = a.client:apply(again)
    assert.is_nil(report)
    assert.equal("plan.entries[1].changes", err.problems[1].path) -- it shows the other variable
    assert.equal("SendUrl", again.entries[1].changes[2].field)
    again.entries[1].changes[2].new = ('env "%s"'):format(home)
    report, err = a.client:apply(again) -- what stands there is no webhook
    assert.is_nil(report)
    assert.equal("argument WEBHOOK_UNKNOWN", err.kind .. " " .. err.code)
    assert.matches("the environment variable " .. home .. " does not start with https://", err.problems[1].message)
    assert.equal(0, #a.service:chatbots())
  end)

  it("says that a plan that was JSON carries no webhook of the set itself", function()
    local a = account.new()
    local plan = planned(a.client, { chatbot() })
    local _, err = a.client:apply(core.json(core.encode(plan)))
    assert.equal("WEBHOOK_UNKNOWN", err.code)
    assert.matches("does not carry it", err.problems[1].message)
    assert.is_true(applied(a.client, plan).ok)
  end)

  it("lets a plan from JSON change a status, and delete", function()
    local a = account.new()
    a.add()
    a.add { RuleActionName = "old" }
    local plan = planned(a.client, { chatbot { Status = "off" } }, { prune = true })
    assert.equal("disabled night watch, deleted old", actions(applied(a.client, core.json(core.encode(plan)))))
  end)

  describe("refuses, and changes nothing,", function()
    for what, act in pairs {
      ["where a chatbot is new"] = function(a) a.add { RuleActionName = "stranger" } end,
      ["where one was changed"] = function(a)
        a.service:advance(5)
        assert(a.stranger:modifyDingTalkStatus { Ids = 1001, Status = 0 })
      end,
      ["where one is gone"] = function(a) assert(a.stranger:deleteDingTalk { Ids = 1001 }) end,
    } do
      it(what, function()
        local a = account.new()
        a.add()
        local plan = planned(a.client, { chatbot(), chatbot { RuleActionName = "new" } })
        act(a)
        local writes = count(a, "CreateOrUpdateDingTalk")
        local report, err = a.client:apply(plan)
        assert.is_nil(report)
        assert.equal("conflict MOVED", err.kind .. " " .. err.code)
        assert.equal(1, #err.ids)
        assert.equal(writes, count(a, "CreateOrUpdateDingTalk"))
      end)
    end

    for what, change in pairs {
      ["what is no plan"] = function(plan) plan.version = nil end,
      ["another version"] = function(plan) plan.version = 2 end,
      ["another site"] = function(plan) plan.site = "elsewhere" end,
      ["another unit of intervals"] = function(plan) plan.intervalUnit = "minutes" end,
      ["a unit that is no text"] = function(plan) plan.intervalUnit = 5 end,
      ["another account"] = function(plan) plan.account = "1" end,
      ["an unknown action"] = function(plan) plan.entries[1].action = "destroy" end,
      ["an entry without a wish"] = function(plan) plan.entries[1].wish = nil end,
      ["a list that is none"] = function(plan) plan.entries = "none" end,
      ["an entry that is none"] = function(plan) plan.entries[1] = 1 end,
      ["a missing salt"] = function(plan) plan.salt = nil end,
    } do
      it(what, function()
        local a = account.new()
        a.add { RuleActionName = "other" }
        local plan = planned(a.client, { chatbot() })
        change(plan)
        local report, err = a.client:apply(plan)
        assert.is_nil(report)
        assert.equal("argument", err.kind)
        assert.equal(1, count(a, "CreateOrUpdateDingTalk"))
      end)
    end

    it("where the account cannot be read", function()
      local a = account.new()
      local plan = planned(a.client, { chatbot() })
      a.service:fault("refusal", { action = "DescribeDingTalk" })
      local _, err = a.client:apply(plan)
      assert.equal("service NoPermission", err.kind .. " " .. err.code)
      assert.has_error(function() a.client:apply(plan, { concurrency = 0 }) end)
      assert.has_error(function() a.client:apply(plan, { concurrency = 65 }) end,
        "apply: the option concurrency must be at most 64")
      assert.has_error(function() a.client:apply(plan, { rate = -1 }) end)
      assert.has_error(function() a.client:apply(plan, { rates = 1 }) end)
      a.client:close()
      _, err = a.client:apply(plan)
      assert.equal("CLOSED", err.code)
    end)
  end)

  describe("takes a plan that was read back, and refuses one that shows something else than it does:", function()
    local UNSET = { env = "SAS_SPEC_UNSET" }

    -- An account with one of each action, and the plan.
    local function setting(options, changes)
      local a = account.new(changes or { token = "shown" })
      for i, name in ipairs { "same", "moved", "quiet", "other", "old", "older" } do
        a.add { RuleActionName = name, IntervalTime = i }
      end
      options = options or { prune = true }
      local plan = planned(a.client, {
        chatbot { RuleActionName = "same", IntervalTime = 1 },
        chatbot { RuleActionName = "moved", IntervalTime = 2, DingTalkLang = "en", SendUrl = UNSET,
          GroupIdList = { { group = "Web" } } },
        chatbot { RuleActionName = "quiet", IntervalTime = 3, Status = "off" },
        chatbot { RuleActionName = "other name", Id = 1004, GroupIdList = {}, ConfigList = {}, SendUrl = UNSET },
      }, options)
      return a, plan
    end

    local READERS = { core = { encode = core.encode, decode = core.json } }
    local has_dkjson, dkjson = pcall(require, "dkjson")
    if has_dkjson then
      READERS.dkjson = dkjson
    end

    for _, units in ipairs { { "seconds" }, { nil, "seconds" }, { "minutes", "seconds" } } do
      it(("by a client of another unit says so: %s, %s"):format(tostring(units[1]), tostring(units[2])), function()
        local a = account.new()
        a.add { IntervalTime = 60 }
        local set = { chatbot { IntervalTime = 3600, SendUrl = UNSET } }
        local plan = planned(a.open { intervalUnit = units[1] }, set)
        local report, err = a.open { intervalUnit = units[2] }:apply((core.json(core.encode(plan))))
        assert.is_nil(report)
        assert.equal("plan.intervalUnit", err.problems[1].path)
        assert.matches("intervalUnit is " .. (units[1] or "left out"), err.problems[1].hint)
        assert.equal(1, #err.problems)
        -- with its own it comes as far as the webhook
        _, err = a.open { intervalUnit = units[1] }:apply((core.json(core.encode(plan))))
        assert.is_true(err == nil or err.code == "WEBHOOK_UNKNOWN")
      end)
    end

    for library, json in pairs(READERS) do
      for _, options in ipairs { { token = "shown", idsAs = "strings" }, { token = "shown", idsAs = "numbers" } } do
        it(("by %s, Ids as %s"):format(library, options.idsAs), function()
          local a, plan = setting(nil, options)
          local report, err = a.client:apply((json.decode(json.encode(plan))))
          assert(report, tostring(err))
          assert.equal("unchanged same, updated moved, disabled quiet, updated other name, deleted old, deleted older",
            actions(report))
        end)
      end
    end

    local function sent_to(a)
      return count(a, "CreateOrUpdateDingTalk") + count(a, "ModifyDingTalkStatus") + count(a, "DeleteDingTalk")
    end

    local function swap(list, i, j)
      list[i], list[j] = list[j], list[i]
    end

    for what, row in pairs {
      ["a Status that is not shown"] = { "changes", 2, function(_, entry) entry.wish.Status = "off" end },
      ["a Status that is none"] = { "wish.Status", 2, function(_, entry) entry.wish.Status = "of" end },
      ["another name"] = { "name", 2, function(_, entry) entry.wish.RuleActionName = "else" end, "action" },
      ["a name that is not shown"] = { "name", 2, function(_, entry) entry.name = "else" end },
      ["an emptied ConfigList"] = { "changes", 2, function(_, entry) entry.wish.ConfigList = "[]" end },
      ["a shown value"] = { "changes", 2, function(_, entry) entry.changes[1].new = "10417151 (Web)" end },
      ["a shown group name"] = { "changes", 2, function(_, entry)
        entry.changes[1].new = entry.changes[1].new:gsub("Web", "Default")
      end },
      ["a change that is left out"] = { "changes", 2, function(_, entry) table.remove(entry.changes, 1) end },
      ["a change that is not made"] = { "changes", 1, function(_, entry)
        entry.changes[1] = { field = "DingTalkLang", old = "zh", new = "en" }
      end },
      ["unchanged made a status"] = { "action", 1, function(plan, entry)
        entry.action, entry.wish.Status = "status", "off"
        plan.summary.status, plan.summary.unchanged = 2, 0
      end, "changes" },
      ["unchanged made a create"] = { "action", 1, function(_, entry)
        entry.action, entry.id, entry.wish.SendUrl = "create", nil, UNSET
      end },
      ["an update made unchanged"] = { "action", 2, function(_, entry)
        entry.action, entry.changes = "unchanged", {}
      end },
      ["the Id of another"] = { "id", 3, function(_, entry) entry.id = "1001" end },
      ["an Id in the wish"] = { "action", 3, function(_, entry) entry.wish.Id = "1005" end },
      ["a webhook that is not shown"] = { "resend", 2, function(_, entry) entry.resend = true end },
      ["another webhook in the wish"] = { "changes", 2, function(_, entry)
        entry.changes[3] = { field = "SendUrl", old = entry.changes[2].new, new = 'env "EVIL"' }
      end },
      ["a field that is not compared"] = { "notCompared", 3, function(_, entry) entry.wish.IntervalTime = 180 end },
      ["a parameter that is none"] = { "wish.Statuss", 2, function(_, entry) entry.wish.Statuss = 1 end },
      ["another place"] = { "index", 2, function(_, entry) entry.index = 1 end },
      ["a delete by another name"] = { "name", 5, function(_, entry) entry.name = "older" end },
      ["a delete of one that stays"] = { "action", 5, function(_, entry) entry.id = "1001" end },
      ["a delete that stands twice"] = { "id", 6, function(plan) plan.entries[6] = plan.entries[5] end },
      ["a delete without prune"] = { "action", 5, function(plan) plan.prune = false end },
    } do
      it(what, function()
        local a, plan = setting()
        plan = core.json(core.encode(plan))
        local before = sent_to(a)
        row[3](plan, plan.entries[row[2]])
        local report, err = a.client:apply(plan)
        assert.is_nil(report)
        assert.equal("argument INVALID_ARGUMENT", err.kind .. " " .. err.code)
        local path = ("plan.entries[%d]."):format(row[2])
        local found = err.problems[1].path
        assert.is_true(found == path .. row[1] or found == path .. (row[4] or ""), tostring(err))
        assert.equal("plan again", err.problems[1].hint)
        assert.equal(before, sent_to(a))
      end)
    end

    for path, change in pairs {
      ["plan.summary"] = function(plan) plan.summary.delete = 0 end,
      ["plan.unmanaged"] = function(plan) plan.unmanaged[1] = { id = "1001", name = "same" } end,
      ["plan.entries"] = function(plan) plan.entries[6] = nil end,
      ["plan.origin.folder"] = function(plan) plan.origin = { path = "/a/chatbots.lua", folder = "/b" } end,
    } do
      it(path, function()
        local a, plan = setting()
        plan = core.json(core.encode(plan))
        change(plan)
        local _, err = a.client:apply(plan)
        assert.equal(path, err.problems[1].path)
      end)
    end

    it("entries in another order, and all of it at once", function()
      local a, plan = setting()
      swap(plan.entries, 1, 2)
      local _, err = a.client:apply(plan)
      assert.equal(2, #err.problems)
      swap(plan.entries, 1, 2)
      plan.entries[2].name, plan.entries[3].changes, plan.entries[5].name = "x", {}, "y"
      _, err = a.client:apply(plan)
      assert.equal(3, #err.problems)
      assert.matches("^3 problems in the plan, so nothing was changed", err.message)
    end)

    it("does not take the webhook of one variable for that of another", function()
      local a = account.new()
      local plan = planned(a.client, { chatbot() })
      plan.entries[1].wish.SendUrl = UNSET
      plan.entries[1].changes[2].new = 'env "SAS_SPEC_UNSET"'
      local _, err = a.client:apply(plan)
      assert.equal("WEBHOOK_UNKNOWN", err.code)
    end)

    it("takes one that sends webhooks, whichever are set by now", function()
      for _, token in ipairs { "shown", "hidden" } do
        local a = account.new { token = token }
        a.add()
        local plan = planned(a.client, { chatbot { SendUrl = account.webhook .. "2" } }, { resendWebhooks = true })
        assert.equal("SendUrl", plan.entries[1].changes[1].field)
        assert.same({ updated = 1 }, applied(a.client, plan).summary)
      end
    end)

    it("takes one with the note of a fingerprint, and none with another note", function()
      local a = account.new()
      local prints = assert(fingerprints.open "/nowhere/fingerprints.json")
      applied(a.client, planned(a.client, { chatbot() }), { fingerprints = prints })
      local plan = planned(a.client, { chatbot { SendUrl = account.webhook .. "2" } }, { fingerprints = prints })
      local note = plan.entries[1].changes[1].note
      assert.is_string(note)
      plan.entries[1].changes[1].note = "nothing to see here"
      local _, err = a.client:apply(plan)
      assert.equal("plan.entries[1].changes", err.problems[1].path)
      plan.entries[1].changes[1].note = note
      assert.same({ updated = 1 }, applied(a.client, plan).summary)
    end)
  end)

  describe("goes on behind", function()
    it("a failure, and deletes nothing then", function()
      local a = account.new()
      a.add { RuleActionName = "old" }
      local plan = planned(a.client, watches(3), { prune = true })
      a.service:fault("refusal", { action = "CreateOrUpdateDingTalk", skip = 1 })
      local report = applied(a.client, plan, { concurrency = 1 })
      assert.equal("created watch 001, failed watch 002, created watch 003, skipped old", actions(report))
      assert.equal("service NoPermission", code(report, 2))
      assert.equal("state SKIPPED", code(report, 4))
      assert.is_false(report.ok)
      assert.equal(3, #a.service:chatbots())
      report = applied(a.client, planned(a.client, watches(3), { prune = true }))
      assert.equal("unchanged watch 001, created watch 002, unchanged watch 003, deleted old", actions(report))
    end)

    it("a conflict of the plan", function()
      local a = account.new()
      a.add { RuleActionName = "two" }
      a.add { RuleActionName = "two" }
      local report = applied(a.client, planned(a.client, { chatbot { RuleActionName = "two" }, chatbot() }))
      assert.equal("conflict two, created night watch", actions(report))
      assert.equal("conflict DUPLICATE", code(report))
      assert.is_false(report.ok)
    end)

    it("a status that is refused: the chatbot is there", function()
      local a = account.new()
      a.service:fault("refusal", { action = "ModifyDingTalkStatus" })
      local report = applied(a.client, planned(a.client, { chatbot { Status = "off" } }))
      assert.equal("failed night watch", actions(report))
      assert.equal("created", report.results[1].did)
      assert.equal("1001", report.results[1].id)
      report = applied(a.client, planned(a.client, { chatbot { Status = "off" } }))
      assert.equal("disabled night watch", actions(report))
    end)
  end)

  describe("never makes a second chatbot, and no stranger's:", function()
    it("one that appears between the reading and the create", function()
      local a = account.new()
      local plan = planned(a.client, { chatbot() })
      local reads = 0
      a.before = function(request)
        if account.action(request) == "DescribeDingTalk" then
          reads = reads + 1
          if reads == 2 then
            a.add { DingTalkLang = "en" }
          end
        end
      end
      local report = applied(a.client, plan)
      assert.equal("conflict night watch", actions(report))
      assert.equal("conflict MOVED", code(report))
      assert.equal("1001", account.join(report.results[1].error.ids))
      assert.equal("en", a.service:chatbots()[1].DingTalkLang)
    end)

    it("one that goes before its update", function()
      local a = account.new()
      a.add()
      local plan = planned(a.client, { chatbot { DingTalkLang = "en" } })
      local reads = 0
      a.before = function(request)
        reads = reads + (account.action(request) == "DescribeDingTalk" and 1 or 0)
        if reads == 2 then
          reads = 3
          assert(a.stranger:deleteDingTalk { Ids = 1001 })
        end
      end
      local report = applied(a.client, plan)
      assert.equal("conflict MOVED", code(report))
      assert.equal(0, #a.service:chatbots())
    end)

    it("one that is changed before it is deleted", function()
      local a = account.new()
      a.add { RuleActionName = "old" }
      local plan = planned(a.client, {}, { prune = true, allowEmpty = true })
      local reads = 0
      a.before = function(request)
        reads = reads + (account.action(request) == "DescribeDingTalk" and 1 or 0)
        if reads == 2 then
          reads = 3
          assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = 1001, RuleActionName = "kept" }))
        end
      end
      local report = applied(a.client, plan)
      assert.equal("conflict MOVED", code(report))
      assert.equal(1, #a.service:chatbots())
    end)

    for _, fault in ipairs { "lost", "error500after", "silentafter" } do
      it("an answer that is lost: " .. fault, function()
        local a = account.new()
        a.service:fault(fault, WRITES, 2)
        local report = applied(a.client, planned(a.client, { chatbot { Status = "off" }, watches(1)[1] }))
        assert.equal("created night watch, created watch 001", actions(report))
        assert.equal(0, a.service:chatbots()[1].Status)
        assert.equal(2, #a.service:chatbots())
      end)
    end

    it("a late copy: unknown inside the fence, found behind it, and its status set", function()
      local a = account.new({}, { store = sas.store.memory() })
      a.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      local list = { chatbot { Status = "off" } }
      local report = applied(a.client, planned(a.client, list))
      assert.equal("unknown night watch", actions(report))
      assert.is_false(report.ok)
      assert.is_true(report.resolveAfter > a.service.now())
      assert.equal(report.resolveAfter, report.results[1].error.resolveAfter)
      report = applied(a.client, planned(a.client, list))
      assert.equal("unknown PENDING", code(report))
      a.service:advance(700)
      report = applied(a.client, planned(a.client, list))
      assert.equal("disabled night watch", actions(report))
      assert.equal("1001", account.ids(a.service))
    end)

    it("a late copy that arrives between the reading and the create", function()
      local a = account.new({}, { store = sas.store.memory() })
      a.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      local list = { chatbot { Status = "off" } }
      applied(a.client, planned(a.client, list))
      local plan, reads = planned(a.client, list), 0
      a.before = function(request)
        reads = reads + (account.action(request) == "DescribeDingTalk" and 1 or 0)
        if reads == 2 then
          reads = 3
          a.service:advance(600)
        end
      end
      local report = applied(a.client, plan)
      assert.equal("created night watch", actions(report))
      assert.matches("an earlier run", report.results[1].warnings[1].message)
      assert.equal(0, a.service:chatbots()[1].Status)
      assert.equal("1001", account.ids(a.service))
    end)

    it("writes no intent, nor removes one, without the lock of its name, after a boot either", function()
      local store, held, without = sas.store.memory(), {}, {}
      for _, name in ipairs { "lock", "unlock", "write", "remove" } do
        local act = store[name]
        store[name] = function(self, key, value)
          if name == "unlock" then
            held[key] = nil
          elseif name ~= "lock" and not held[key] then
            without[#without + 1] = name
          end
          local made, err = act(self, key, value)
          held[key] = held[key] or name == "lock" and made
          return made, err
        end
      end
      local a = account.new({}, { store = store })
      a.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      local list = { chatbot() }
      applied(a.client, planned(a.client, list))
      a.service:advance(700)
      a.transport.boottime = function() return a.service.now(), "another boot" end
      local client = a.open { store = store }
      local report = applied(client, planned(client, list))
      assert.equal("unchanged night watch", actions(report))
      assert.same({ {}, {} }, { without, store.texts })
    end)

    it("one that never arrives is made behind the fence", function()
      local a = account.new({}, { store = sas.store.memory() })
      a.service:fault("closed", WRITES)
      assert.same({ unknown = 1 }, applied(a.client, planned(a.client, { chatbot() })).summary)
      a.service:advance(2000)
      assert.same({ created = 1 }, applied(a.client, planned(a.client, { chatbot() })).summary)
      assert.equal(1, #a.service:chatbots())
    end)
  end)

  describe("verifies", function()
    it("what the service makes of it", function()
      local a = account.new { token = "shown" }
      a.add()
      local plan = planned(a.client, { chatbot { DingTalkLang = "en" } })
      a.after = function(request, outcome)
        if account.is_write(request) then
          a.service.state.chatbots[1].DingTalkLang = "zh"
        end
        return outcome
      end
      local report = applied(a.client, plan)
      assert.equal("failed night watch", actions(report))
      assert.equal("conflict NOT_AS_WRITTEN", code(report))
      assert.matches("DingTalkLang", report.results[1].error.message)
      assert.is_false(report.results[1].verified)
      assert.equal("updated", report.results[1].did)
    end)

    it("that a status is what it was to be", function()
      local a = account.new()
      a.add()
      local plan = planned(a.client, { chatbot { Status = "off" } })
      a.before = function(request)
        if account.action(request) == "ModifyDingTalkStatus" then
          return { sent = true, status = 200, headers = {}, body = '{"RequestId":"X"}' }
        end
      end
      local report = applied(a.client, plan)
      assert.equal("conflict NOT_AS_WRITTEN", code(report))
      assert.matches("Status", report.results[1].error.message)
      assert.equal("disabled", report.results[1].did)
    end)

    it("that what was deleted is gone", function()
      local a = account.new()
      a.add()
      local plan = planned(a.client, {}, { prune = true, allowEmpty = true })
      a.before = function(request)
        if account.action(request) == "DeleteDingTalk" then
          return { sent = true, status = 200, headers = {}, body = '{"RequestId":"X"}' }
        end
      end
      local report = applied(a.client, plan)
      assert.equal("conflict NOT_AS_WRITTEN", code(report))
      assert.matches("still there", report.results[1].error.message)
    end)

    it("a status and a delete of which the network makes a second copy, whose refusal is what is answered", function()
      local a = account.new()
      a.add()
      a.add { RuleActionName = "old" }
      local list, options = { chatbot { Status = "off" } }, { prune = true }
      a.service:fault("replayed", { action = "ModifyDingTalkStatus" })
      local report = applied(a.client, planned(a.client, list, options))
      assert.equal("disabled night watch, skipped old", actions(report))
      assert.is_true(report.results[1].verified)
      assert.is_nil(report.results[1].error)
      a.service:fault("replayed", { action = "DeleteDingTalk" })
      report = applied(a.client, planned(a.client, list, options))
      assert.equal("unchanged night watch, deleted old", actions(report))
      assert.is_true(report.ok)
    end)

    it("a status and a delete whose answers are lost", function()
      local a = account.new()
      a.add()
      a.add { RuleActionName = "old" }
      local plan = planned(a.client, { chatbot { Status = "off" } }, { prune = true })
      a.service:fault("lost", { action = "DeleteDingTalk" }, 5)
      a.service:fault("lost", { action = "ModifyDingTalkStatus" }, 5)
      local report = applied(a.client, plan)
      assert.equal("disabled night watch, skipped old", actions(report))
      plan = planned(a.client, { chatbot { Status = "off" } }, { prune = true })
      report = applied(a.client, plan)
      assert.equal("unchanged night watch, deleted old", actions(report))
      assert.is_true(report.ok)
    end)
  end)

  it("tests those that are new, enabled or have another webhook", function()
    local a = account.new { token = "shown" }
    for _, name in ipairs { "same", "moved", "enabled", "worded" } do
      a.add { RuleActionName = name, SendUrl = account.webhook }
    end
    assert(a.stranger:modifyDingTalkStatus { Ids = 1003, Status = 0 })
    local plan = planned(a.client, {
      chatbot { RuleActionName = "same" }, chatbot { RuleActionName = "moved", SendUrl = account.webhook .. "2" },
      chatbot { RuleActionName = "enabled", Status = "on" }, chatbot { RuleActionName = "worded", DingTalkLang = "en" },
      chatbot { RuleActionName = "new" }, chatbot { RuleActionName = "silent", Status = "off" },
    })
    a.service:fault("refusal", { action = "DingTalkOnlineTest", skip = 2 })
    local report = applied(a.client, plan, { test = true, concurrency = 1 })
    local tested = {}
    for i, result in ipairs(report.results) do
      tested[i] = result.tested == true and "yes" or result.tested and result.tested.code or "no"
    end
    assert.same({ "no", "yes", "yes", "no", "NoPermission", "no" }, tested)
    assert.is_false(report.ok)
    assert.equal(3, count(a, "DingTalkOnlineTest"))
  end)

  describe("with fingerprints", function()
    local path
    before_each(function()
      path = os.tmpname()
      os.remove(path)
    end)
    after_each(function()
      os.remove(path)
      os.remove(path .. ".lock")
    end)

    local function run(a, list, options)
      local known = assert(fingerprints.open(path))
      options = options or {}
      options.fingerprints = known
      local plan = planned(a.client, list, options)
      return applied(a.client, plan, { fingerprints = known }), plan
    end

    it("plans to nothing, also behind a status of ours, and notices a changed token alone", function()
      local a = account.new()
      assert.same({ created = 3 }, run(a, watches(3)).summary)
      local report, plan = run(a, watches(3))
      assert.same({ unchanged = 3 }, report.summary)
      assert.same({}, plan.entries[1].notCompared)

      a.service:advance(60)
      local list = watches(3)
      list[1].Status = "off"
      assert.same({ disabled = 1, unchanged = 2 }, run(a, list).summary)
      report, plan = run(a, list)
      assert.same({ unchanged = 3 }, report.summary)
      assert.same({}, plan.entries[1].notCompared)

      list[2].SendUrl = account.webhook .. "2"
      assert.same({ updated = 1, unchanged = 2 }, run(a, list).summary)
      assert.equal(account.webhook .. "2", a.service:chatbots()[2].SendUrl)
      assert.same({ unchanged = 3 }, run(a, list).summary)
    end)

    it("notes those that went well where others failed, and forgets what was deleted", function()
      local a = account.new()
      a.service:fault("refusal", WRITES)
      run(a, watches(2))
      local plan = planned(a.client, watches(2), { fingerprints = assert(fingerprints.open(path)) })
      local done = plan.entries[1].action == "unchanged" and 1 or 2
      assert.same({}, plan.entries[done].notCompared)
      run(a, {}, { prune = true, allowEmpty = true })
      assert.is_nil(files.read(path):find "hash")
    end)

    it("that cannot be saved warns", function()
      local a = account.new()
      path = path .. ".nowhere/file"
      local report = run(a, watches(1))
      assert.same({ created = 1 }, report.summary)
      assert.matches("could not be saved", report.warnings[1].message)
    end)
  end)

  it("makes many, more than a page of them", function()
    local a = account.new { maxPageSize = 20 }
    local report = applied(a.client, planned(a.client, watches(45)))
    assert.same({ created = 45 }, report.summary)
    assert.equal(45, #a.service:chatbots())
    assert.same({ unchanged = 45 }, applied(a.client, planned(a.client, watches(45))).summary)
  end)

  it("reports what was done where every further request raises", function()
    local a = account.new()
    local stops = false
    function a.transport.turn()
      if stops then
        error(core.error {
          kind = "state", code = "INTERRUPTED", message = "interrupted", retryable = false, sent = false,
        }, 0)
      end
    end
    local plan = planned(a.client, { chatbot { RuleActionName = "first" }, chatbot { RuleActionName = "second" } })
    local report = applied(a.client, plan, {
      concurrency = 1,
      onProgress = function()
        stops = true
      end,
    })
    assert.is_false(report.ok)
    assert.equal("created first, skipped second", actions(report))
    assert.is_nil(report.results[1].verified)
    assert.same({}, report.results[1].warnings)
    assert.equal(1, #report.warnings)
    assert.equal("what was written could not be read back: interrupted", report.warnings[1].message)
    assert.equal("state INTERRUPTED false", ("%s %s %s"):format(report.results[2].error.kind,
      report.results[2].error.code, tostring(report.results[2].error.sent)))
    assert.equal(1, #a.service:chatbots())
  end)

  describe("that is interrupted", function()
    -- Raises at each request behind the create of this number: at every one, or at those that write.
    local function interrupt(a, number, is_write_only)
      local creates = 0
      function a.transport.turn(action)
        local is_create = action == "CreateOrUpdateDingTalk"
        if creates >= number and (is_create or not is_write_only) then
          error(core.error {
            kind = "state", code = "INTERRUPTED", message = "interrupted", retryable = false, sent = false,
          }, 0)
        end
        creates = creates + (is_create and 1 or 0)
      end
    end

    it("begins nothing further, and reads back what was written", function()
      local a = account.new()
      interrupt(a, 2, true)
      local report = applied(a.client, planned(a.client, watches(20)), { concurrency = 1 })
      assert.same({ created = 2, skipped = 18 }, report.summary)
      assert.is_true(report.results[2].verified)
      assert.is_nil(report.resolveAfter)
      assert.equal(2, #a.service:chatbots())
      assert.is_true(count(a, "DescribeDingTalk") < 12) -- nobody looks for those that are skipped
    end)

    it("tells of what was sent and may be executed, and of nothing else", function()
      local a = account.new()
      interrupt(a, 1)
      a.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 60 })
      local report = applied(a.client, planned(a.client, watches(5)), { concurrency = 1 })
      assert.same({ unknown = 1, skipped = 4 }, report.summary)
      assert.equal("unknown INTERRUPTED", code(report))
      assert.is_true(report.results[1].error.sent)
      assert.equal(report.resolveAfter, report.results[1].error.resolveAfter)
      assert.is_true(report.resolveAfter > a.service.now() + 1900)
    end)

    it("keeps the fingerprints of what was done", function()
      local a = account.new()
      local prints = assert(fingerprints.open "/nowhere/fingerprints.json") -- it is kept in memory here
      applied(a.client, planned(a.client, watches(3)), { fingerprints = prints })
      local set = watches(3)
      for _, wish in ipairs(set) do
        wish.DingTalkLang = "en"
      end
      a.service:advance(5)
      local plan = planned(a.client, set, { fingerprints = prints })
      interrupt(a, 2, true)
      local report = applied(a.client, plan, { fingerprints = prints, concurrency = 1 })
      assert.same({ updated = 2, skipped = 1 }, report.summary)
      a.transport.turn = nil
      for _, entry in ipairs(planned(a.client, set, { fingerprints = prints }).entries) do
        assert.same({}, entry.notCompared)
      end
    end)
  end)

  it("takes a webhook for another's where the chatbot was changed behind its create", function()
    local a = account.new()
    local prints = assert(fingerprints.open "/nowhere/fingerprints.json") -- it is kept in memory here
    local set = { chatbot() }
    applied(a.client, planned(a.client, set), {
      fingerprints = prints,
      onProgress = function()
        a.service:advance(5)
        assert(a.stranger:createOrUpdateDingTalk(chatbot {
          Id = a.service:chatbots()[1].Id,
          SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=0123456789",
        }))
      end,
    })
    local plan = planned(a.client, set, { fingerprints = prints })
    assert.same({ "SendUrl" }, plan.entries[1].notCompared)
  end)

  -- what is changed by us, and what of it is written
  for name, changes in pairs {
    ["its update"] = { SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=0123456789" },
    ["its status"] = { Status = "off" },
    ["an update of another field"] = { DingTalkLang = "en" },
  } do
    for _, off in ipairs { 0, 4000, -4000 } do
      it(("takes a webhook for another's where the chatbot was changed after %s, by a Date %d s off"):format(name,
        off), function()
        local a = account.new()
        local prints = assert(fingerprints.open "/nowhere/fingerprints.json") -- it is kept in memory here
        applied(a.client, planned(a.client, { chatbot() }), { fingerprints = prints })
        a.service:advance(5)
        local set = { chatbot(changes) }
        function a.after(request, outcome)
          if account.action(request) ~= "DescribeDingTalk" then
            outcome.headers.date = http_date(a.service.now() + off)
          end
        end
        local function change_it()
          a.service:advance(5)
          local now = a.service:chatbots()[1]
          assert(a.stranger:createOrUpdateDingTalk(chatbot {
            Id = now.Id, DingTalkLang = changes.DingTalkLang,
            SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=abcdef",
          }))
        end
        applied(a.client, planned(a.client, set, { fingerprints = prints }), {
          fingerprints = prints, onProgress = change_it,
        })
        assert.same({ "SendUrl" }, planned(a.client, set, { fingerprints = prints }).entries[1].notCompared)
      end)
    end
  end

  it("keeps no fingerprint of a chatbot that was found behind a lost create: it may be another's", function()
    local a = account.new { token = "hidden" }
    local prints = assert(fingerprints.open "/nowhere/fingerprints.json") -- it is kept in memory here
    a.service:fault("lost", WRITES)
    local report = applied(a.client, planned(a.client, { chatbot() }), { fingerprints = prints })
    assert.same({ created = 1 }, report.summary)
    assert.same({ "SendUrl" }, planned(a.client, { chatbot() }, { fingerprints = prints }).entries[1].notCompared)
  end)

  it("knows the webhook of an update until somebody changes the chatbot", function()
    local a = account.new()
    local prints = assert(fingerprints.open "/nowhere/fingerprints.json")
    function a.after(request, outcome)
      outcome.headers.date = http_date(a.service.now() + (account.is_write(request) and 4000 or 0))
    end
    applied(a.client, planned(a.client, { chatbot() }), { fingerprints = prints })
    local set = { chatbot { SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=0123456789" } }
    a.service:advance(5)
    local plan = planned(a.client, set, { fingerprints = prints })
    assert.equal("update", plan.entries[1].action)
    applied(a.client, plan, { fingerprints = prints })
    assert.same({}, planned(a.client, set, { fingerprints = prints }).entries[1].notCompared)
    a.service:advance(5)
    assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = a.service:chatbots()[1].Id }))
    assert.same({ "SendUrl" }, planned(a.client, set, { fingerprints = prints }).entries[1].notCompared)
  end)

  it("reports what ensure warns of", function()
    local a = account.new()
    a.add { IntervalTime = 60 }
    local report = applied(a.client, planned(a.client, { chatbot { IntervalTime = "(none)", DingTalkLang = "en" } }))
    assert.equal("updated night watch", actions(report))
    assert.equal("IntervalTime", report.results[1].warnings[1].path)
  end)
end)
