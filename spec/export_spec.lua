-- export_spec.lua - an account as a file of declared chatbots, which plans to nothing
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local export = require "aliyun.sas.export"

local function read_all(a)
  local list = {}
  for chatbot in assert(a.client:chatbots()) do
    list[#list + 1] = chatbot
  end
  return list
end

-- Runs the file as it would be run: with nothing but its helpers.
local function run(text)
  local helpers = { env = function(name) return { env = name } end }
  local chunk
  if rawget(_G, "setfenv") then
    chunk = assert(loadstring(text)) -- luacheck: ignore
    setfenv(chunk, helpers) -- luacheck: ignore
  else
    chunk = assert(load(text, "=export", "t", helpers))
  end
  return chunk()
end

local function exported(a, options)
  local list = read_all(a)
  local text = export.text(list, assert(a.client:groups()), options)
  assert.is_nil(text:find(canary.accessToken, 1, true))
  assert.is_nil(text:find("access_token", 1, true))
  local declared = options and options.format == "json" and assert(core.json(text)) or run(text)
  assert.equal(#list, #declared)
  return declared, text
end

local function assert_no_changes(a, declared)
  local plan, err = a.client:plan(declared, { prune = true })
  assert(plan, tostring(err))
  for _, entry in ipairs(plan.entries) do
    assert.equal("unchanged", entry.action, core.encode(entry))
  end
  assert.equal(#declared, plan.summary.unchanged)
  return plan
end

local function account_with(options, settings)
  local a = account.new(options, settings)
  a.add()
  a.add { RuleActionName = "夜班", ConfigList = { suspicious = { event_type = { "异常登录" } } } }
  a.add {
    RuleActionName = [[it's "odd" \ ]] .. "]]--", GroupIdList = "(none)", ConfigList = "(none)", IntervalTime = 0,
  }
  a.add {
    RuleActionName = "day-watch", DingTalkLang = "en", IntervalTime = 7200, ConfigList = { ["ak-leakage"] = "all" },
  }
  a.add { RuleActionName = "day watch" }
  assert(a.stranger:modifyDingTalkStatus { Ids = 1002, Status = 0 })
  return a
end

describe("export", function()
  for _, token in ipairs { "hidden", "shown" } do
    for _, prefix in ipairs { "online", "pre" } do
      for _, format in ipairs { "lua", "json" } do
        it(("plans to no changes: token %s, prefix %s, %s"):format(token, prefix, format), function()
          local a = account_with {
            token = token, typePrefix = prefix, groupIdListAs = token == "shown" and "comma" or "json",
            idsAs = prefix == "pre" and "strings" or "numbers",
          }
          assert_no_changes(a, (exported(a, { format = format })))
        end)
      end
    end
  end

  for _, unit in ipairs { "seconds", "minutes" } do
    it("writes intervals in seconds where the service shows " .. unit, function()
      local a = account_with({ intervalUnit = unit }, { intervalUnit = unit })
      local declared = exported(a, { intervalUnit = unit })
      assert.equal(120, declared[1].IntervalTime)
      assert.equal(7200, declared[4].IntervalTime)
      assert_no_changes(a, declared)
    end)
  end

  it("leaves out an interval whose unit is not known, but for none", function()
    local declared, text = exported(account_with())
    assert.is_nil(declared[1].IntervalTime)
    assert.equal(0, declared[3].IntervalTime)
    assert.matches("%-%- IntervalTime is left out: the service shows 120", text)
  end)

  it("says all that the account says", function()
    local declared, text = exported(account_with())
    assert.same({
      RuleActionName = "night watch", SendUrl = { env = "DINGTALK_WEBHOOK_NIGHT_WATCH" },
      ConfigList = {
        vul = { type = { "cms", "emg" } }, suspicious = { item_level = "all", event_type = "all" },
      },
      GroupIdList = { "10417151", "10417152" }, DingTalkLang = "zh", Status = "on",
    }, declared[1])
    assert.equal("off", declared[2].Status)
    assert.matches('"10417152", %-%- Production', text)
  end)

  it("makes a variable for each, each another", function()
    local declared = exported(account_with())
    local names = {}
    for i, chatbot in ipairs(declared) do
      names[i] = chatbot.SendUrl.env:gsub("^DINGTALK_WEBHOOK_", "")
    end
    assert.same({ "NIGHT_WATCH", "1002", "IT_S_ODD", "DAY_WATCH_1004", "DAY_WATCH_1005" }, names)
  end)

  it("tells those of one name by their Ids", function()
    local a = account.new()
    a.add()
    a.add()
    local declared = exported(a)
    assert.equal("1002", declared[2].Id)
    assert_no_changes(a, declared)
  end)

  it("keeps words that the catalog lacks", function()
    local a = account_with()
    a.service.state.chatbots[1].ConfigList = '[{"type":"sas_analysis_online-sas-operation-log-sas-event-new",'
      .. '"configItemList":[{"key":"kind","valueList":["a\\"b"]}]}]'
    local declared = exported(a)
    assert.is_string(declared[1].ConfigList)
    local plan = assert_no_changes(a, declared)
    assert.matches("not in the catalog", plan.entries[1].warnings[1].message)
  end)

  it("leaves out what would not be taken back", function()
    local a = account.new()
    a.add()
    local stored = a.service.state.chatbots[1]
    stored.ConfigList, stored.RuleActionName, stored.DingTalkLang = "{", "x\n]]--\1\127" .. "7", "fr"
    local declared, text = exported(a)
    assert.is_nil(declared[1].ConfigList)
    assert.is_nil(declared[1].RuleActionName)
    assert.is_nil(declared[1].DingTalkLang)
    assert.equal("1001", declared[1].Id)
    for _, name in ipairs { "ConfigList", "RuleActionName", "DingTalkLang" } do
      assert.matches("%-%- " .. name .. " is left out", text)
    end
    assert_no_changes(a, declared)
  end)

  it("does not let the name of a group out of its comment", function()
    local a = account.new { groups = { { id = 10417151, name = "x\nos.exit(1) --[[" } } }
    a.add { GroupIdList = { 10417151 } }
    local _, text = exported(a)
    assert.matches("%-%- x os", text)
  end)

  it("notices what was changed since", function()
    local a = account_with()
    local declared = exported(a)
    assert(a.stranger:createOrUpdateDingTalk(account.chatbot { Id = 1001, ConfigList = { hc = "all" } }))
    assert.equal("update", assert(a.client:plan(declared)).entries[1].action)
  end)

  it("of an empty account is a file too", function()
    local a = account.new()
    assert.same({}, (exported(a)))
    assert.same({}, (exported(a, { format = "json" })))
    assert.has_error(function() export.text({}, nil, { format = "yaml" }) end)
  end)
end)
