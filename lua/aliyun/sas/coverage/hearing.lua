--- What one chatbot hears: of each combination of values, and in each asset group.
--
-- Three levels, because not all is documented. SURE: the service is documented to send it. PERHAPS: the documentation
-- leaves it open. NOTHING: it is documented not to, or nothing says that it does. Left open are: a key that a type
-- leaves out; no ConfigList, or one that does not read well; no GroupIdList; the groups below a group that is listed.

local catalogs = require "aliyun.sas.coverage.catalog"
local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local statuses = require "aliyun.sas.status"

local hearing = {}

local NOTHING, PERHAPS, SURE = 0, 1, 2
hearing.NOTHING, hearing.PERHAPS, hearing.SURE = NOTHING, PERHAPS, SURE

---@class aliyun.sas.coverage.hearer
---@field id? aliyun.sas.id
---@field name string
---@field status "enabled"|"disabled"|"unknown"
---@field doubts string[] why it is not sure what it hears
---@field types integer[][] by type and combination
---@field groups integer[] by group
---@field words aliyun.sas.coverage.word[]

---@class aliyun.sas.coverage.word a word of a chatbot that is not counted
---@field path string
---@field word string
---@field kind "type"|"key"|"value"|"spelling"|"group"

-- The values of a ConfigList by type and key, whichever prefix the types have; nil where it does not read well.
local function config_table(value)
  if value == nil or value == "" then
    return {}
  end
  local good, config = failure.try(core.config, value, { unchecked = true })
  if not good then
    return nil
  end
  local merged = {}
  for name, keys in pairs(config:table()) do
    local tail = catalogs.tail(name)
    merged[tail] = merged[tail] or {}
    for key, values in pairs(keys) do
      local list = merged[tail][key] or {}
      merged[tail][key] = list
      for _, word in ipairs(values) do
        list[#list + 1] = word
      end
    end
  end
  return merged
end

local function add_word(hearer, kind, path, word)
  hearer.words[#hearer.words + 1] = { kind = kind, path = path, word = word }
end

-- The level of each value of a key; the words that are no value are noted.
local function key_levels(hearer, path, key, given)
  local levels = {}
  for place = 1, #key.values do
    levels[place] = given == nil and PERHAPS or NOTHING
  end
  for _, word in ipairs(given or {}) do
    local place = key.words[word]
    if word == "all" then
      for each = 1, #key.values do
        levels[each] = SURE
      end
    elseif place then
      levels[place] = SURE
    else
      local near = key.lowered[word:lower()]
      if near then
        levels[near] = math.max(levels[near], PERHAPS)
      end
      add_word(hearer, (near or key.spellings[word]) and "spelling" or "value", path, word)
    end
  end
  return levels
end

local function note_unknown_keys(hearer, row, given)
  local names = {}
  for name in pairs(given) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local known = false
    for _, key in ipairs(row.keys) do
      known = known or key.key == name
    end
    if not known then
      add_word(hearer, "key", "ConfigList." .. row.name, name)
    end
  end
end

-- An alert is heard as surely as the least sure of its values.
local function type_levels(hearer, row, given)
  note_unknown_keys(hearer, row, given)
  local by_key = {}
  for k, key in ipairs(row.keys) do
    by_key[k] = key_levels(hearer, "ConfigList." .. row.name .. "." .. key.key, key, given[key.key])
    if given[key.key] == nil then
      hearer.doubts[#hearer.doubts + 1] = ("leaves out %s of %s"):format(key.key, row.name)
    end
  end
  local levels = {}
  for c, combination in ipairs(row.combinations) do
    local level = SURE
    for k, place in ipairs(combination) do
      level = math.min(level, by_key[k][place])
    end
    levels[c] = level
  end
  return levels
end

local function same_level(row, level)
  local levels = {}
  for c = 1, #row.combinations do
    levels[c] = level
  end
  return levels
end

local function note_unknown_types(hearer, types, config)
  local known, names = {}, {}
  for _, row in ipairs(types) do
    known[row.name] = true
  end
  for name in pairs(config) do
    names[#names + 1] = not known[name] and name or nil
  end
  table.sort(names)
  for _, name in ipairs(names) do
    add_word(hearer, "type", "ConfigList", name)
  end
end

local function read_types(hearer, chatbot, types)
  local config = config_table(chatbot.ConfigList)
  local open = config == nil or next(config) == nil
  if open then
    hearer.doubts[#hearer.doubts + 1] = config and "has no ConfigList" or "has a ConfigList that does not read well"
  else
    note_unknown_types(hearer, types, config)
  end
  for t, row in ipairs(types) do
    if open then
      hearer.types[t] = same_level(row, PERHAPS)
    elseif config[row.name] then
      hearer.types[t] = type_levels(hearer, row, config[row.name])
    else
      hearer.types[t] = same_level(row, NOTHING)
    end
  end
end

-- Whether a group stands below a listed one. Parents that go round in a circle end at a group that was seen.
local function is_below(index, group, listed)
  local seen, parent = {}, group.parent and ids.text(group.parent)
  while parent and not seen[parent] do
    if listed[parent] then
      return true
    end
    seen[parent] = true
    local above = index[parent]
    parent = above and above.parent and ids.text(above.parent)
  end
  return false
end

local function read_groups(hearer, chatbot, groups, index)
  local list = chatbot.GroupIdList ~= nil and ids.list(chatbot.GroupIdList) or nil
  local open = list == nil or #list == 0
  if open then
    local missing = chatbot.GroupIdList == nil or chatbot.GroupIdList == "" or list ~= nil
    hearer.doubts[#hearer.doubts + 1] = missing and "has no GroupIdList" or "has a GroupIdList that does not read well"
  end
  local listed = ids.set(list or {})
  for g, group in ipairs(groups) do
    local sure = listed[ids.text(group.id)]
    hearer.groups[g] = sure and SURE or (open or is_below(index, group, listed)) and PERHAPS or NOTHING
  end
  for _, id in ipairs(list or {}) do
    if not index[id] then
      add_word(hearer, "group", "GroupIdList", id)
    end
  end
end

local STATUS = { off = "disabled", on = "enabled" }

--- Reads a chatbot as `client:chatbots()` gives it.
---@param chatbot aliyun.sas.readChatbot
---@param types aliyun.sas.coverage.type[]
---@param groups aliyun.sas.group[]
---@param index table<string, aliyun.sas.group> groups by the texts of their Ids
---@return aliyun.sas.coverage.hearer
function hearing.read(chatbot, types, groups, index)
  local state = type(chatbot.state) == "table" and chatbot.state or {}
  local hearer = {
    id = chatbot.Id, name = chatbot.RuleActionName, status = STATUS[statuses.word(state.Status)] or "unknown",
    doubts = {}, types = {}, groups = {}, words = {},
  }
  if hearer.status == "unknown" then
    hearer.doubts[1] = "does not tell whether it is enabled"
  end
  read_types(hearer, chatbot, types)
  read_groups(hearer, chatbot, groups, index)
  return hearer
end

return hearing
