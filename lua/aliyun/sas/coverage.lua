--- Which alerts reach nobody: for every type, key and value of the catalog, and every asset group, who hears it.
--
-- A chatbot hears an alert when it is enabled, lists the alert's type with each of the alert's values (or "all") under
-- each key, and lists the group of the server. What the documentation leaves open (see coverage/hearing.lua) is never
-- counted as heard: where nothing else is sure, it is "unclear". That a chatbot hears an alert does not prove that its
-- message arrives; that needs a test message.

local catalogs = require "aliyun.sas.coverage.catalog"
local cells = require "aliyun.sas.coverage.cells"
local core = require "aliyun.sas.core"
local hearing = require "aliyun.sas.coverage.hearing"
local holes = require "aliyun.sas.coverage.holes"
local ids = require "aliyun.sas.ids"

local coverage = {}

---@alias aliyun.sas.coverage.state "uncovered"|"unclear"|"partly"|"covered"
---@alias aliyun.sas.coverage.name {id: aliyun.sas.id, name: string}

---@class aliyun.sas.coverage.hole alerts of one kind that no enabled chatbot is sure to hear
---@field state "uncovered"|"unclear"
---@field type? string without it every type
---@field meaning? string of the type
---@field conditions {key: string, values: string[]}[] all of them hold; without any the whole type
---@field groups aliyun.sas.coverage.name[]
---@field everyGroup boolean
---@field perhaps aliyun.sas.coverage.name[] enabled chatbots that may hear it
---@field disabled aliyun.sas.coverage.name[] chatbots that would hear it if they were enabled

---@class aliyun.sas.coverage.value_row
---@field state aliyun.sas.coverage.state
---@field type string
---@field key string
---@field value string
---@field meaning string
---@field chatbots aliyun.sas.coverage.name[] enabled, and sure to hear some of it
---@field perhaps aliyun.sas.coverage.name[]
---@field disabled aliyun.sas.coverage.name[]
---@field missing aliyun.sas.coverage.name[] the groups in which not all of it is heard

---@class aliyun.sas.coverage.group_row
---@field state aliyun.sas.coverage.state
---@field id aliyun.sas.id
---@field name string
---@field level integer
---@field types aliyun.sas.coverage.state[] in the order of data.types

---@class aliyun.sas.coverage.chatbot_row
---@field id aliyun.sas.id
---@field name string
---@field status "enabled"|"disabled"|"unknown"
---@field types aliyun.sas.coverage.state[] whether it hears all of a type, or part of it, in its groups
---@field groups aliyun.sas.coverage.name[] that it is sure to hear
---@field doubts string[] why that is not sure

---@class aliyun.sas.coverage.data plain data
---@field version integer
---@field sentence string how many holes there are
---@field summary table<string, integer>
---@field types {name: string, meaning: string}[]
---@field holes aliyun.sas.coverage.hole[] the broadest first
---@field values aliyun.sas.coverage.value_row[] the uncovered first
---@field groups aliyun.sas.coverage.group_row[] the uncovered first
---@field chatbots aliyun.sas.coverage.chatbot_row[]
---@field words {chatbot: string, id: aliyun.sas.id, path: string, word: string, kind: string}[] words not counted

local ORDER = { uncovered = 1, unclear = 2, partly = 3, covered = 4 }

-- Whether a chatbot hears any of the combinations in any of the groups; "all" of either without a list.
local function reaches(hearer, t, combinations, groups, least)
  local heard, in_group = false, false
  local levels = hearer.types[t]
  for i = 1, combinations and #combinations or #levels do
    heard = heard or levels[combinations and combinations[i] or i] >= least
  end
  for i = 1, groups and #groups or #hearer.groups do
    in_group = in_group or hearer.groups[groups and groups[i] or i] >= least
  end
  return heard and in_group
end

local function reaches_any_type(hearer, t, combinations, groups, least)
  if t then
    return reaches(hearer, t, combinations, groups, least)
  end
  for each = 1, #hearer.types do
    if reaches(hearer, each, nil, groups, least) then
      return true
    end
  end
  return false
end

-- Who hears, may hear, and would hear.
local function audience(facts, t, combinations, groups)
  local sure, perhaps, disabled = {}, {}, {}
  for _, hearer in ipairs(facts.hearers) do
    local list
    if hearer.status == "disabled" then
      list = reaches_any_type(hearer, t, combinations, groups, hearing.PERHAPS) and disabled
    elseif hearer.status == "enabled" and reaches_any_type(hearer, t, combinations, groups, hearing.SURE) then
      list = sure
    else
      list = reaches_any_type(hearer, t, combinations, groups, hearing.PERHAPS) and perhaps
    end
    if list then
      list[#list + 1] = { id = hearer.id, name = hearer.name }
    end
  end
  return sure, perhaps, disabled
end

local function group_names(facts, places)
  local list = {}
  for i, g in ipairs(places) do
    list[i] = { id = facts.groups[g].id, name = facts.groups[g].name }
  end
  return list
end

local function hole_rows(facts)
  local rows = {}
  for i, found in ipairs(holes.find(facts.types, facts.cells, facts.groups)) do
    local row = facts.types[found.type]
    local _, perhaps, disabled = audience(facts, found.type, found.combinations, found.groups)
    rows[i] = {
      state = found.state, type = row and row.name, meaning = row and row.meaning, conditions = found.conditions,
      groups = group_names(facts, found.groups), everyGroup = #found.groups == #facts.groups,
      perhaps = perhaps, disabled = disabled,
    }
  end
  return rows
end

-- The rows by their states, and otherwise as they were.
local function by_state(rows)
  local place = {}
  for i, row in ipairs(rows) do
    place[row] = i
  end
  table.sort(rows, function(a, b)
    local first, second = ORDER[a.state], ORDER[b.state]
    return first < second or first == second and place[a] < place[b]
  end)
  return rows
end

local function value_row(facts, t, k, place)
  local row = facts.types[t]
  local key = row.keys[k]
  local which = cells.with_value(row, k, place)
  local tally, missing = cells.tally(), {}
  for g = 1, #facts.groups do
    local before = tally.sure
    cells.count(tally, facts.cells[t][g], which)
    missing[#missing + 1] = tally.sure - before < #which and g or nil
  end
  local sure, perhaps, disabled = audience(facts, t, which)
  return {
    state = cells.state(tally), type = row.name, key = key.key, value = key.values[place].value,
    meaning = key.values[place].meaning, chatbots = sure, perhaps = perhaps, disabled = disabled,
    missing = group_names(facts, missing),
  }
end

local function value_rows(facts)
  local rows = {}
  for t, row in ipairs(facts.types) do
    for k, key in ipairs(row.keys) do
      for place = 1, #key.values do
        rows[#rows + 1] = value_row(facts, t, k, place)
      end
    end
  end
  return by_state(rows)
end

local function group_rows(facts)
  local rows = {}
  for g, group in ipairs(facts.groups) do
    local all, states = cells.tally(), {}
    for t = 1, #facts.types do
      local tally = cells.tally()
      cells.count(tally, facts.cells[t][g])
      cells.count(all, facts.cells[t][g])
      states[t] = cells.state(tally)
    end
    rows[g] = { state = cells.state(all), id = group.id, name = group.name, level = group.level or 0, types = states }
  end
  return by_state(rows)
end

local function chatbot_row(facts, hearer)
  local states, sure = {}, {}
  for t = 1, #facts.types do
    local tally = cells.tally()
    cells.count(tally, hearer.types[t])
    states[t] = cells.state(tally)
  end
  for g, level in ipairs(hearer.groups) do
    sure[#sure + 1] = level == hearing.SURE and g or nil
  end
  return {
    id = hearer.id, name = hearer.name, status = hearer.status, types = states, groups = group_names(facts, sure),
    doubts = hearer.doubts,
  }
end

local function chatbot_rows(facts)
  local rows, words = {}, {}
  for i, hearer in ipairs(facts.hearers) do
    rows[i] = chatbot_row(facts, hearer)
    for _, word in ipairs(hearer.words) do
      words[#words + 1] = {
        chatbot = hearer.name, id = hearer.id, path = word.path, word = word.word, kind = word.kind,
      }
    end
  end
  return rows, words
end

local function counted(rows, field, names)
  local counts = {}
  for _, name in ipairs(names) do
    counts[name] = 0
  end
  for _, row in ipairs(rows) do
    counts[row[field]] = counts[row[field]] + 1
  end
  return counts
end

local function summary_of(data)
  local by_hole = counted(data.holes, "state", { "uncovered", "unclear" })
  local by_value = counted(data.values, "state", { "uncovered", "unclear", "partly", "covered" })
  local by_group = counted(data.groups, "state", { "uncovered", "unclear", "partly", "covered" })
  local by_status = counted(data.chatbots, "status", { "enabled", "disabled", "unknown" })
  return {
    holes = #data.holes, uncovered = by_hole.uncovered, unclear = by_hole.unclear,
    values = #data.values, coveredValues = by_value.covered, groups = #data.groups, coveredGroups = by_group.covered,
    types = #data.types, chatbots = #data.chatbots, enabled = by_status.enabled, disabled = by_status.disabled,
  }
end

local function plural(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

-- Both kinds are holes: an officer cannot rely on what is not documented.
local function sentence_of(data)
  local sum, first = data.summary, data.holes[1]
  if not first then
    return "No holes: an enabled chatbot hears every alert of the catalog in every asset group."
  elseif not first.type and first.everyGroup then
    return first.state == "uncovered" and "No alert reaches anybody: no enabled chatbot hears any of them."
      or "No alert is certain to reach anybody."
  elseif sum.unclear == 0 then
    return plural(sum.holes, "hole") .. ": alerts that no enabled chatbot hears."
  elseif sum.uncovered == 0 then
    return plural(sum.holes, "hole") .. ": alerts that no enabled chatbot is certain to hear."
  end
  return ("%s: alerts that no enabled chatbot hears (%d) or is certain to hear (%d)."):format(
    plural(sum.holes, "hole"), sum.uncovered, sum.unclear)
end

-- What is wrong with the arguments.
local function problems_of(chatbots, groups)
  local problems = {}
  for i, chatbot in ipairs(chatbots) do
    if type(chatbot) ~= "table" or type(chatbot.RuleActionName) ~= "string" then
      problems[#problems + 1] = { path = ("chatbots[%d]"):format(i), message = "is no chatbot with a RuleActionName" }
    end
  end
  if #groups == 0 then
    problems[1 + #problems] = { path = "groups", message = "is empty; client:groups() has at least the root group" }
  end
  for i, group in ipairs(groups) do
    if type(group) ~= "table" or not ids.text(group.id) or type(group.name) ~= "string" then
      problems[#problems + 1] = { path = ("groups[%d]"):format(i), message = "is no group with an id and a name" }
    end
  end
  return problems
end

local function index_of(groups)
  local index = {}
  for _, group in ipairs(groups) do
    index[ids.text(group.id)] = group
  end
  return index
end

local function read_facts(chatbots, groups, types)
  local index, hearers = index_of(groups), {}
  for i, chatbot in ipairs(chatbots) do
    hearers[i] = hearing.read(chatbot, types, groups, index)
  end
  return { types = types, groups = groups, hearers = hearers, cells = cells.of(types, groups, hearers) }
end

local function data_of(facts)
  local data = { version = 1, types = {}, holes = hole_rows(facts), values = value_rows(facts) }
  for t, row in ipairs(facts.types) do
    data.types[t] = { name = row.name, meaning = row.meaning }
  end
  data.groups = group_rows(facts)
  data.chatbots, data.words = chatbot_rows(facts)
  data.summary = summary_of(data)
  data.sentence = sentence_of(data)
  return data
end

--- Who hears what.
---@param chatbots aliyun.sas.readChatbot[] as a list of what `client:chatbots()` gives
---@param groups aliyun.sas.group[] of `client:groups()`
---@param catalog table `sas.catalog()`, or the result of `client:describeDataSource()`
---@return aliyun.sas.coverage.data? data, aliyun.sas.error? err
function coverage.of(chatbots, groups, catalog)
  for i, argument in ipairs { chatbots or false, groups or false, catalog or false } do
    if type(argument) ~= "table" then
      error(("coverage.of: argument %d must be a table"):format(i), 2)
    end
  end
  local problems = problems_of(chatbots, groups)
  local types, wrong = catalogs.read(catalog)
  if not types then
    problems[#problems + 1] = { path = "catalog", message = wrong }
  end
  if #problems > 0 then
    return nil, core.error {
      kind = "argument", code = "INVALID_ARGUMENT", message = plural(#problems, "problem") .. " in the arguments",
      problems = problems, retryable = false, sent = false,
    }
  end
  return data_of(read_facts(chatbots, groups, types))
end

--- The coverage as tables for a terminal.
---@param data aliyun.sas.coverage.data
---@param options? {width: integer?, colour: boolean?}
---@return string
function coverage.text(data, options)
  return require("aliyun.sas.coverage.text").render(data, options or {})
end

--- The coverage as one page that needs nothing else: no script, no request to anywhere.
---@param data aliyun.sas.coverage.data
---@param options? {title: string?, account: string?, site: string?, generated: string?}
---@return string
function coverage.html(data, options)
  return require("aliyun.sas.coverage.page").render(data, options or {})
end

return coverage
