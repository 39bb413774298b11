-- coverage_spec.lua - which alerts reach nobody: holes are found and shown first, and nothing open is heard
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local coverage = require "aliyun.sas.coverage"
local sas = require "aliyun.sas"
local watched = require "spec.support.watched"
local width = require "aliyun.sas.terminal.width"
local words = require "aliyun.sas.coverage.words"

local function of(chatbots, groups, catalog)
  return assert(coverage.of(chatbots, groups or watched.groups(), catalog or sas.catalog()))
end

local function names(list)
  local texts = {}
  for i, row in ipairs(list) do
    texts[i] = row.name
  end
  return table.concat(texts, ", ")
end

-- A hole in one line.
local function told(hole)
  return ("%s %s in %s"):format(hole.state, words.what(hole), hole.everyGroup and "every group" or names(hole.groups))
end

local function all_told(data)
  local lines = {}
  for i, hole in ipairs(data.holes) do
    lines[i] = told(hole)
  end
  return table.concat(lines, "\n")
end

local function row_of(data, type_name, value)
  for place, row in ipairs(data.values) do
    if row.type == type_name and row.value == value then
      return row, place
    end
  end
end

describe("the coverage of fifty chatbots", function()
  local chatbots

  before_each(function()
    chatbots = watched.chatbots()
    assert.equal(50, #chatbots)
  end)

  it("has no hole where everything is heard", function()
    local data = of(chatbots)
    assert.equal("", all_told(data))
    assert.equal("No holes: an enabled chatbot hears every alert of the catalog in every asset group.", data.sentence)
    assert.equal(data.summary.values, data.summary.coveredValues)
    assert.equal(10, data.summary.coveredGroups)
    assert.equal(0, #data.words)
  end)

  it("shows a planted hole first, everywhere", function()
    watched.of(chatbots, "suspicious", 3).ConfigList = sas.config {
      suspicious = { item_level = { "suspicious", "remind" }, event_type = "all" },
    }
    local data = of(chatbots)
    assert.equal("uncovered suspicious: item_level serious in 生产", all_told(data))
    assert.equal("1 hole: alerts that no enabled chatbot hears.", data.sentence)
    assert.equal("serious", data.values[1].value)
    assert.equal("partly", data.values[1].state)
    assert.equal("生产", names(data.values[1].missing))
    assert.equal("生产", data.groups[1].name)
    assert.equal("partly", data.groups[1].types[3])
    local text = coverage.text(data, { width = 80 })
    assert.is_true(text:find(data.sentence, 1, true) == 1)
    assert.is_true(text:find("1. suspicious: item_level serious\n   heard by: nobody\n   in: 生产\n", 1, true) < 200)
  end)

  it("finds a hole that only a combination has", function()
    watched.of(chatbots, "vul", 2).ConfigList = sas.config {
      vul = { type = { "cms", "oval", "sys" }, necessity = "all" },
    }
    chatbots[#chatbots + 1] = watched.chatbot(60, "urgent", { vul = { type = "emg", necessity = "later" } }, { 102 })
    local data = of(chatbots)
    assert.equal("uncovered vul: type emg with necessity asap, nntf in group 2", all_told(data))
    for _, value in ipairs { "emg", "asap", "nntf" } do
      local row = row_of(data, "vul", value)
      assert.equal("partly", row.state)
      assert.equal("group 2", names(row.missing))
    end
    assert.equal("covered", row_of(data, "vul", "later").state)
  end)

  it("counts no chatbot that is disabled, but names it", function()
    watched.of(chatbots, "hc", 5).state.Status = 0
    local data = of(chatbots)
    assert.equal("uncovered hc: all of it in group 5", all_told(data))
    assert.equal("hc of group 5", names(data.holes[1].disabled))
    assert.equal("", names(data.holes[1].perhaps))
    assert.equal(49, data.summary.enabled)
    assert.is_not_nil(coverage.text(data):find("disabled: hc of group 5", 1, true))
  end)

  it("counts no chatbot of which it is not told whether it is enabled", function()
    watched.of(chatbots, "hc", 5).state = nil
    local data = of(chatbots)
    assert.equal("unclear hc: all of it in group 5", all_told(data))
    assert.equal("hc of group 5", names(data.holes[1].perhaps))
    assert.equal("1 hole: alerts that no enabled chatbot is certain to hear.", data.sentence)
  end)

  it("makes one hole of a group in which nothing is heard, and of the same hole in several groups", function()
    local kept = {}
    for _, chatbot in ipairs(chatbots) do
      local g = chatbot.GroupIdList[1]
      if g ~= 104 and g ~= 107 and not (chatbot.RuleActionName:find "^honeypot" and g > 108) then
        kept[#kept + 1] = chatbot
      end
    end
    local data = of(kept)
    assert.equal("uncovered every alert in group 4, group 7\nuncovered honeypot: all of it in group 9, group 10",
      all_told(data))
    assert.equal("group 4", data.groups[1].name)
    assert.equal("uncovered", data.groups[1].state)
    assert.equal("2 holes: alerts that no enabled chatbot hears.", data.sentence)
  end)

  it("stays plain data without a webhook, the same in JSON", function()
    for _, chatbot in ipairs(chatbots) do
      chatbot.SendUrl = account.webhook
    end
    chatbots[1].state.Status = 0
    local data = of(chatbots)
    local text = core.encode(data)
    assert.same(data.holes[1].conditions, {})
    assert.equal(data.sentence, core.json(text).sentence)
    for _, form in ipairs { text, coverage.text(data), coverage.html(data) } do
      assert.is_nil(form:find(canary.accessToken, 1, true))
      assert.is_nil(form:find("oapi.dingtalk", 1, true))
    end
  end)
end)

describe("what the documentation leaves open", function()
  local one = { { id = 1, name = "root", level = 0 }, { id = 2, name = "below", parent = 1, level = 1 } }

  local function with(config, groups)
    return of({ watched.chatbot(7, "only", config, groups) }, one)
  end

  it("is never called heard", function()
    for text, data in pairs {
      ["no ConfigList"] = with(nil, { 1, 2 }), ["an empty one"] = with({}, { 1, 2 }),
      ["no GroupIdList"] = with({ vul = "all", hc = "all", suspicious = "all", honeypot = "all", rasp = "all",
        ["ak-leakage"] = "all" }), ["an empty list"] = with({ vul = "all" }, {}),
    } do
      for _, row in ipairs(data.values) do
        assert.is_true(row.state == "unclear" or row.state == "uncovered", text .. ": " .. row.value)
      end
      assert.is_true(data.summary.unclear > 0, text)
      assert.equal(1, #data.chatbots[1].doubts)
    end
  end)

  it("is what a ConfigList that does not read well hears", function()
    local broken = watched.chatbot(7, "broken", nil, { 1, 2 })
    broken.ConfigList = "[{"
    local data = of({ broken }, one)
    assert.equal("unclear every alert in every group", all_told(data))
    assert.equal("No alert is certain to reach anybody.", data.sentence)
    assert.same({ "has a ConfigList that does not read well" }, data.chatbots[1].doubts)
  end)

  it("is a key that a type leaves out", function()
    local data = with({ vul = { type = "emg" } }, { 1, 2 })
    local row = row_of(data, "vul", "emg")
    assert.equal("unclear", row.state)
    assert.equal("only", names(row.perhaps))
    assert.equal("uncovered", row_of(data, "vul", "cms").state)
    assert.same({ "leaves out necessity of vul" }, data.chatbots[1].doubts)
  end)

  it("is a group below one that is listed, but not the one above it", function()
    local below = with({ hc = "all" }, { 1 })
    assert.equal("unclear hc: all of it in below", told(below.holes[#below.holes]))
    local above = with({ hc = "all" }, { 2 })
    local found = all_told(above)
    assert.is_not_nil(found:find("uncovered every alert in root", 1, true))
    assert.equal(0, above.summary.unclear)
  end)

  it("ends where parents go round in a circle", function()
    local circle = { { id = 1, name = "a", parent = 2 }, { id = 2, name = "b", parent = 1 }, { id = 3, name = "c" } }
    local data = of({ watched.chatbot(7, "only", { hc = "all" }, { 3 }) }, circle)
    assert.equal(0, data.summary.unclear)
  end)
end)

describe("words", function()
  local one = { { id = 1, name = "root", level = 0 } }

  local function noted(config, groups)
    local data = of({ watched.chatbot(7, "only", config, groups or { 1 }) }, one)
    local lines = {}
    for i, word in ipairs(data.words) do
      lines[i] = word.word .. ": " .. words.note(word)
    end
    return table.concat(lines, "\n"), data
  end

  it("that the catalog lacks are listed and not counted", function()
    local lines, data = noted {
      ["new-type"] = { level = { "x" } }, hc = { item_level = { "higher" }, extra = { "y" } },
    }
    assert.equal("new-type: unknown type\nextra: unknown key of hc\nhigher: unknown value of hc.item_level", lines)
    assert.equal("No alert reaches anybody: no enabled chatbot hears any of them.", data.sentence)
  end)

  it("are a group that is gone", function()
    assert.equal("999: no such group in this account", (noted({ hc = "all" }, { 1, "999" })))
  end)

  it("count as one where the catalog says so, and only there", function()
    local lines, data = noted {
      suspicious = { item_level = "all", event_type = { "网站后门", "恶意脚本", "Unusual Logon" } },
    }
    for _, word in ipairs { "恶意脚本", "Unusual Logon" } do
      assert.is_not_nil(lines:find(word .. ": spelling of suspicious.event_type that is tied to no value", 1, true))
    end
    assert.is_nil(lines:find("网站后门", 1, true))
    assert.equal("covered", row_of(data, "suspicious", "Webshell").state)
    assert.equal("unclear", row_of(data, "suspicious", "Unusual logon").state)
    assert.equal("uncovered", row_of(data, "suspicious", "Exception").state)
  end)
end)

describe("an emulated account", function()
  it("without chatbots has one hole, which is everything", function()
    local client = account.new().client
    local data = of({}, assert(client:groups()))
    assert.equal("uncovered every alert in every group", all_told(data))
    assert.equal("No alert reaches anybody: no enabled chatbot hears any of them.", data.sentence)
    assert.equal("uncovered", data.values[#data.values].state)
  end)

  for _, prefix in ipairs { "pre", "online" } do
    it("is read as the service shows it, against its own catalog, with types of prefix " .. prefix, function()
      local emulated = account.new { typePrefix = prefix }
      local groups = assert(emulated.client:groups())
      local list = {}
      for i, group in ipairs(groups) do
        list[i] = group.id
      end
      emulated.add { GroupIdList = list, ConfigList = { hc = { item_level = { "high" } } } }
      local chatbots = {}
      for chatbot in emulated.client:chatbots() do
        chatbots[#chatbots + 1] = chatbot
      end
      assert.equal(1, #chatbots)
      local live = assert(emulated.client:describeDataSource { ConfigType = "DingTalk" })
      for _, catalog in ipairs { sas.catalog(), live } do
        local data = of(chatbots, groups, catalog)
        assert.equal("covered", row_of(data, "hc", "high").state)
        assert.equal("uncovered", row_of(data, "hc", "low").state)
        assert.equal(6, data.summary.types)
        assert.same({}, data.words)
      end
    end)
  end
end)

describe("arguments that are wrong", function()
  it("raise where they are no tables", function()
    assert.has_error(function() coverage.of(nil, {}, {}) end, "coverage.of: argument 1 must be a table")
    assert.has_error(function() coverage.of({}, {}, "catalog") end, "coverage.of: argument 3 must be a table")
  end)

  it("are reported together", function()
    local data, err = coverage.of({ {}, 5 }, { { id = "x", name = "x" } }, {})
    assert.is_nil(data)
    assert.equal("argument", err.kind)
    local paths = {}
    for i, problem in ipairs(err.problems) do
      paths[i] = problem.path
    end
    assert.equal("chatbots[1] chatbots[2] groups[1] catalog", table.concat(paths, " "))
    local _, empty = coverage.of({}, {}, sas.catalog())
    assert.equal("groups", empty.problems[1].path)
  end)

  it("include a catalog of more combinations than anybody could read", function()
    local keys = {}
    for k = 1, 4 do
      keys[k] = { key = "k" .. k, meaning = "", values = {} }
      for v = 1, 10 do
        keys[k].values[v] = { value = "v" .. v, meaning = "" }
      end
    end
    local _, err = coverage.of({}, watched.groups(), { { name = "huge", meaning = "", keys = keys } })
    assert.equal("catalog", err.problems[1].path)
    assert.is_not_nil(err.problems[1].message:find("5000", 1, true))
  end)
end)

describe("the text", function()
  it("is never wider than the terminal, nor can a name escape in it", function()
    local chatbots = watched.chatbots()
    watched.of(chatbots, "hc", 3).RuleActionName = "evil\27[2J\n\226\128\174name 夜间值班夜间值班夜间值班"
    watched.of(chatbots, "rasp", 3).state.Status = 0
    watched.of(chatbots, "vul", 3).ConfigList = nil
    local data = of(chatbots)
    for _, limit in ipairs { 20, 41, 60, 80, 200 } do
      local text = coverage.text(data, { width = limit })
      assert.is_nil(text:find "[%z\1-\9\11-\31\127]")
      for line in text:gmatch "[^\n]+" do
        assert.is_true(width.of(line) <= limit, limit .. ": " .. line)
        assert.is_nil(line:find " $")
      end
    end
    assert.is_nil(coverage.text(data):find("\27", 1, true))
    assert.is_not_nil(coverage.text(data, { colour = true }):find("\27[33m", 1, true))
  end)
end)
