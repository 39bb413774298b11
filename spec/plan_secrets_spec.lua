-- plan_secrets_spec.lua - no token in anything that plan, apply and export answer, print, tell or write down
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local export = require "aliyun.sas.export"
local files = require "spec.support.files"
local fingerprints = require "aliyun.sas.fingerprints"
local sas = require "aliyun.sas"
local text = require "aliyun.sas.plan.text"

local chatbot = account.chatbot

-- What was told, as one text for a search.
local function recorder()
  local told = {}
  local function tell(value, seen)
    seen = seen or {}
    told[#told + 1] = tostring(value)
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      for key, item in pairs(value) do
        tell(key, seen)
        tell(item, seen)
      end
    end
  end
  return tell, told
end

local function assert_clean(told)
  local all = table.concat(told, "\n")
  assert.is_true(#all > 200)
  for name, secret in pairs(canary) do
    assert.is_nil(all:find(secret, 1, true), name)
  end
  assert.is_nil(all:find("canary0webhook", 1, true))
end

-- One whole round, of which everything is recorded.
local function round(options, fault)
  local tell, told = recorder()
  local store, path = sas.store.memory(), os.tmpname()
  os.remove(path)
  local a = account.new(options, {
    store = store, onWarning = tell, onRequest = tell, onResponse = tell, onRetry = tell,
    accessKeySecret = "testsecret",
  })
  a.add()
  a.add { RuleActionName = "old" }
  local known = assert(fingerprints.open(path))
  local declared = {
    chatbot { SendUrl = account.webhook .. "2&sign=" .. canary.accessToken, Status = "off" },
    chatbot { RuleActionName = "new", ConfigList = {}, GroupIdList = {} },
    chatbot { RuleActionName = "elsewhere", SendUrl = "https://hooks.example.com/" .. canary.accessToken .. "?x=1" },
  }
  local plan, err = a.client:plan(declared, { prune = true, fingerprints = known, resendWebhooks = true })
  assert(plan, tostring(err))
  tell(plan)
  tell(core.encode(plan))
  tell(text.render(plan))
  a.service:fault(fault, { action = "CreateOrUpdateDingTalk" }, 2)
  local report
  report, err = a.client:apply(plan, { fingerprints = known, onProgress = tell, test = true })
  tell(report)
  tell(err)
  tell(store.texts)
  tell(files.read(path) or "")
  local list = {}
  for read in assert(a.client:chatbots()) do
    list[#list + 1] = read
  end
  tell(export.text(list, nil, {}))
  tell(export.text(list, nil, { format = "json" }))
  os.remove(path)
  os.remove(path .. ".lock")
  return told
end

describe("no token is told", function()
  for _, token in ipairs { "hidden", "shown" } do
    for _, fault in ipairs {
      "refusal", "lost", "closed", "late", "error500after", "throttled", "html", "garbage", "raised", "nonsense",
    } do
      it(("by a round with a fault: token %s, %s"):format(token, fault), function()
        assert_clean(round({ token = token }, fault))
      end)
    end
  end

  it("by mistakes in a set", function()
    local tell, told = recorder()
    local a = account.new()
    for _, wrong in ipairs {
      account.webhook .. " ", "http" .. account.webhook:sub(6), account.webhook .. "\n", { url = account.webhook },
      { env = account.webhook }, { file = account.webhook }, { env = canary.accessToken },
      { env = account.webhook, file = account.webhook }, { [account.webhook] = 1 }, "x" .. account.webhook,
      account.webhook:rep(100),
    } do
      local plan, err = a.client:plan {
        chatbot { SendUrl = wrong }, chatbot { RuleActionName = "day watch", SendUrl = wrong },
      }
      assert.is_nil(plan)
      tell(err)
    end
    assert_clean(told)
  end)
end)
