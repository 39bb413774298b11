--- The combinations that nobody hears, put into as few sentences as possible.
--
-- In each group those of a type are all of it, or all that have some value, or single combinations. The same hole in
-- several groups is one, and so are the holes of a group in which nothing is heard at all.

local cells = require "aliyun.sas.coverage.cells"
local hearing = require "aliyun.sas.coverage.hearing"

local holes = {}

local LEVELS = { { state = "uncovered", level = hearing.NOTHING }, { state = "unclear", level = hearing.PERHAPS } }

local function combinations_at(levels, level)
  local list, set = {}, {}
  for c = 1, #levels do
    if levels[c] == level then
      list[#list + 1], set[c] = c, true
    end
  end
  return list, set
end

local function all_in(set, list)
  for _, c in ipairs(list) do
    if not set[c] then
      return false
    end
  end
  return true
end

-- Values of a key with which every combination is in the set: one hole for the key.
local function slice(row, k, set, rest)
  local values, combinations = {}, {}
  for place, value in ipairs(row.keys[k].values) do
    local with = cells.with_value(row, k, place)
    if all_in(set, with) then
      values[#values + 1] = value.value
      for _, c in ipairs(with) do
        combinations[#combinations + 1], rest[c] = c, nil
      end
    end
  end
  return values[1] and { conditions = { { key = row.keys[k].key, values = values } }, combinations = combinations }
end

-- What is left: the values of the last key, for the same values of those before it.
local function remainder(row, rest, add)
  local last, open, prefix = #row.keys, nil, nil
  for c, combination in ipairs(row.combinations) do
    if rest[c] then
      local start = table.concat(combination, " ", 1, last - 1)
      if start ~= prefix then
        open, prefix = { conditions = {}, combinations = {} }, start
        for k = 1, last do
          local value = k < last and row.keys[k].values[combination[k]].value or nil
          open.conditions[k] = { key = row.keys[k].key, values = { value } }
        end
        add(open)
      end
      local values = open.conditions[last].values
      values[#values + 1] = row.keys[last].values[combination[last]].value
      open.combinations[#open.combinations + 1] = c
    end
  end
end

-- The holes of one type in one group.
local function in_group(row, levels, level, add)
  local list, set = combinations_at(levels, level)
  if #list == 0 then
    return
  elseif #list == #row.combinations then
    return add { conditions = {}, combinations = list }
  end
  local rest = {}
  for c in pairs(set) do
    rest[c] = true
  end
  for k = 1, #row.keys do
    local found = slice(row, k, set, rest)
    if found then
      add(found)
    end
  end
  if next(rest) then
    remainder(row, rest, add)
  end
end

local function conditions_text(conditions)
  local parts = {}
  for i, condition in ipairs(conditions) do
    parts[i] = condition.key .. "\0" .. table.concat(condition.values, "\0")
  end
  return table.concat(parts, "\1")
end

local function silent_everywhere(all, g, level)
  for t = 1, #all do
    for c = 1, #all[t][g] do
      if all[t][g][c] ~= level then
        return false
      end
    end
  end
  return true
end

-- Adds a hole, or its group to the same hole of another.
local function collect(found, hole, key, g)
  local known = found.by_key[key]
  if not known then
    known, hole.groups = hole, {}
    found.by_key[key] = hole
    found.list[#found.list + 1] = hole
    hole.place = #found.list
  end
  known.groups[#known.groups + 1] = g
end

local function find_level(found, types, all, groups, entry)
  for g = 1, #groups do
    if silent_everywhere(all, g, entry.level) then
      collect(found, { state = entry.state, conditions = {} }, entry.state, g)
    else
      for t, row in ipairs(types) do
        in_group(row, all[t][g], entry.level, function(hole)
          hole.state, hole.type = entry.state, t
          collect(found, hole, entry.state .. t .. "\1" .. conditions_text(hole.conditions), g)
        end)
      end
    end
  end
end

-- The broadest first: doubtless, of every type, in most groups, of a whole type.
local function before(a, b)
  if a.state ~= b.state then
    return a.state == "uncovered"
  elseif (a.type == nil) ~= (b.type == nil) then
    return a.type == nil
  elseif #a.groups ~= #b.groups then
    return #a.groups > #b.groups
  elseif #a.conditions ~= #b.conditions then
    return #a.conditions < #b.conditions
  elseif a.type ~= b.type then
    return a.type < b.type
  end
  return a.place < b.place
end

---@class aliyun.sas.coverage.found_hole
---@field state "uncovered"|"unclear"
---@field type? integer without it every type
---@field conditions {key: string, values: string[]}[] without any the whole type
---@field combinations? integer[]
---@field groups integer[]

--- All holes, the broadest first.
---@param types aliyun.sas.coverage.type[]
---@param all integer[][][] of aliyun.sas.coverage.cells
---@param groups aliyun.sas.group[]
---@return aliyun.sas.coverage.found_hole[]
function holes.find(types, all, groups)
  local found = { list = {}, by_key = {} }
  for _, entry in ipairs(LEVELS) do
    find_level(found, types, all, groups, entry)
  end
  table.sort(found.list, before)
  return found.list
end

return holes
