-- apply_killed_spec.lua - an apply that is killed at every moment, and run again: never a second chatbot, and in the
-- end exactly what was declared
-- SPDX-License-Identifier: MIT
--
-- The process that dies is a coroutine that is never resumed. What it wrote down stays, and its locks are gone.

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local chance = require "spec.support.chance"
local core = require "aliyun.sas.core"
local sas = require "aliyun.sas"

local chatbot = account.chatbot

local DECLARED = {
  chatbot { RuleActionName = "new off", Status = "off" }, chatbot { RuleActionName = "new on", Status = "on" },
  chatbot { RuleActionName = "worded", DingTalkLang = "en", Status = "off" },
}

local FINAL = "new off 0 zh, new on 1 zh, worded 0 en"

-- The account, a client of it, and the store that outlives the client.
local function new(options)
  local a = account.new(options)
  a.add { RuleActionName = "worded" }
  a.add { RuleActionName = "old" }
  a.service:advance(10) -- so that it shows them
  a.store = sas.store.memory()
  return a
end

local function apply(a)
  local client = a.open { store = a.store, jitter = function() return 0.5 end }
  local plan, err = client:plan(DECLARED, { prune = true })
  if not plan then
    return nil, err
  end
  return client:apply(plan, { rate = 1000 })
end

-- Applies until the n-th request, and dies before it is sent or behind its execution.
local function killed(a, number, is_executed)
  local count = 0
  a.before = function(request)
    count = count + 1
    if count == number then
      if is_executed then
        a.service.send(request)
      end
      coroutine.yield()
    end
  end
  local thread = coroutine.create(apply)
  assert(coroutine.resume(thread, a))
  a.before = nil
  local texts = a.store.texts
  a.store = sas.store.memory() -- whose locks nobody holds
  a.store.texts = texts
  return coroutine.status(thread) == "dead"
end

local function state_of(a)
  local list = {}
  for i, stored in ipairs(a.service:chatbots()) do
    list[i] = ("%s %d %s"):format(stored.RuleActionName, stored.Status, stored.DingTalkLang)
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function assert_no_second(a)
  local seen = {}
  for _, stored in ipairs(a.service:chatbots()) do
    assert.is_nil(seen[stored.RuleActionName], stored.RuleActionName)
    seen[stored.RuleActionName] = true
  end
end

-- Once more inside the fence, and once behind it.
local function assert_resumes(a)
  apply(a)
  assert_no_second(a)
  a.service:advance(2000)
  local report, err = apply(a)
  assert(report, tostring(err))
  assert.is_true(report.ok, core.encode(report.summary))
  assert.equal(FINAL, state_of(a))
  assert.is_nil(core.encode(a.store.texts):find(canary.accessToken, 1, true))
  assert.same({}, a.store.texts)
end

local MOMENTS = 60 -- more than a run has requests

describe("an apply that is killed", function()
  for name, options in pairs {
    ["hidden tokens"] = { token = "hidden" },
    ["shown tokens, made disabled"] = { token = "shown", statusAfterCreate = 0 },
    ["lagging replicas"] = { readLag = 3 },
  } do
    for _, is_executed in ipairs { false, true } do
      it(("%s request, and run again: %s"):format(is_executed and "behind any" or "before any", name), function()
        for number = 1, MOMENTS do
          local a = new(options)
          local is_over = killed(a, number, is_executed)
          assert_no_second(a)
          if is_over then
            assert.is_true(number > 10)
            assert.equal(FINAL, state_of(a))
            break
          end
          assert_resumes(a)
        end
      end)
    end
  end

  it("while answers are lost, one in five, and copies come late", function()
    for seed = 1, 10 do
      local a = new()
      local random = chance(seed)
      a.before = function(request)
        if account.is_write(request) and random.happens(1 / 5) then
          a.service:fault(random.one_of { "lost", "late" }, { action = "CreateOrUpdateDingTalk", value = 300 })
        end
      end
      for _ = 1, 4 do
        apply(a)
        assert_no_second(a)
        a.service:advance(700)
      end
      a.before = nil
      a.service:advance(2000)
      assert_resumes(a)
    end
  end)
end)
