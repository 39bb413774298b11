--- Fields of a chatbot as people read them: what a plan shows as old and new.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"

local words = {}

-- Places of types, and of keys in each, in catalog order.
local TYPES, KEYS = {}, {}
for place, entry in ipairs(core.catalog()) do
  TYPES[entry.name] = place
  KEYS[entry.name] = {}
  for position, key in ipairs(entry.keys) do
    KEYS[entry.name][key.key] = position
  end
end

-- The names of a table: those of the catalog in its order, then the others.
local function names_in(map, places)
  local names = {}
  for name in pairs(map) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    local first, second = places[a] or math.huge, places[b] or math.huge
    return first < second or first == second and a < b
  end)
  return names
end

-- By their tails, whichever of the two prefixes they have; one that the catalog lacks in full.
local function by_tail(config)
  local types = {}
  for name, keys in pairs(config:table()) do
    local tail = name:match "^sas_analysis_%w+%-sas%-operation%-log%-sas%-event%-(.+)$"
    types[TYPES[tail] and tail or name] = keys
  end
  return types
end

--- A ConfigList as a list of `{ type, { { key, values } ... } }` in catalog order; nil where it does not read well.
---@param value any a config or a text
---@return table[]?
function words.config(value)
  local good, config = failure.try(core.parse, tostring(value == nil and "[]" or value))
  if not good then
    return nil
  end
  local list, by_type = {}, by_tail(config)
  for _, name in ipairs(names_in(by_type, TYPES)) do
    local keys = {}
    for _, key in ipairs(names_in(by_type[name], KEYS[name] or {})) do
      keys[#keys + 1] = { key, by_type[name][key] }
    end
    list[#list + 1] = { name, keys }
  end
  return list
end

-- Every single word as `type.key=value`.
local function singles(list)
  local texts = {}
  for _, entry in ipairs(list) do
    for _, key in ipairs(entry[2]) do
      for _, value in ipairs(key[2]) do
        texts[#texts + 1] = ("%s.%s=%s"):format(entry[1], key[1], value)
      end
    end
    texts[#texts + 1] = #entry[2] == 0 and entry[1] or nil
  end
  return texts
end

local function config_text(list)
  local texts = {}
  for _, entry in ipairs(list) do
    local keys = {}
    for _, key in ipairs(entry[2]) do
      keys[#keys + 1] = key[1] .. "=" .. table.concat(key[2], ",")
    end
    texts[#texts + 1] = ("%s(%s)"):format(entry[1], table.concat(keys, " "))
  end
  return table.concat(texts, " ")
end

-- What stands in one list and not in the other.
local function without(list, other)
  local set, rest = ids.set(other), {}
  for _, text in ipairs(list) do
    rest[#rest + 1] = not set[text] and text or nil
  end
  return rest
end

--- What was added to a list of texts and what was removed, as fields of a change.
---@return string[] added, string[] removed
function words.difference(old, new)
  return without(new, old), without(old, new)
end

--- A ConfigList as a text, and its single words; a text that does not read well stands for itself.
---@return string? text, string[] singles
function words.config_text(value)
  local list = words.config(value)
  if value == nil or not list then
    return value ~= nil and tostring(value) or nil, {}
  end
  return config_text(list), singles(list)
end

--- Asset groups by Id, with their names where they are known, as a text and one by one.
---@param value any a list of Ids
---@param names table<string, string> by Id
---@return string? text, string[] singles
function words.groups(value, names)
  local list = ids.list(value)
  if value == nil or not list then
    return value ~= nil and tostring(value) or nil, {}
  end
  local texts = {}
  for i, id in ipairs(list) do
    texts[i] = names[id] and ("%s (%s)"):format(id, names[id]) or id
  end
  return table.concat(texts, ", "), texts
end

return words
