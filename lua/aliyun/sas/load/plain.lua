--- A fresh copy of what a chatbots file answers, as plain data: texts, numbers, booleans, lists and tables by name.
-- Everything else is a problem.

local paths = require "aliyun.sas.load.paths"

local plain = {}

local DEPTH, VALUES = 16, 200000

local copy

local function add(state, path, message, hint)
  state.problems[#state.problems + 1] = { index = state.index, path = path, message = message, hint = hint }
end

-- The number of items of a list and of other keys, and whether the table can be one or the other.
local function shape_of(value)
  local items, names = 0, 0
  for key in next, value do
    if type(key) == "number" then
      items = items + 1
    elseif type(key) == "string" then
      names = names + 1
    else
      return nil, "has a key that is a " .. type(key)
    end
  end
  if items > 0 and names > 0 then
    return nil, "mixes a list with names"
  elseif items ~= #value then
    return nil, "has a hole", "a value that is nil, or a position given twice?"
  end
  return items
end

local function copy_items(state, value, path, depth)
  local made = {}
  for i = 1, #value do
    made[i] = copy(state, value[i], paths.item(path, i), depth + 1)
    if state.is_full then
      break
    end
  end
  return made
end

local function copy_fields(state, value, path, depth)
  local made = {}
  for name, field in next, value do
    made[name] = copy(state, field, paths.name(path, name), depth + 1)
    if state.is_full then
      break
    end
  end
  return made
end

local function copy_table(state, value, path, depth)
  if state.open[value] then
    return add(state, path, "holds itself")
  elseif depth > DEPTH then
    return add(state, path, "is nested too deeply")
  elseif debug.getmetatable(value) ~= nil then
    return add(state, path, "has a metatable, and a chatbot is plain data")
  end
  local items, wrong, hint = shape_of(value)
  if not items then
    return add(state, path, wrong, hint)
  end
  state.open[value] = true
  local made = (items > 0 and copy_items or copy_fields)(state, value, path, depth)
  state.open[value] = nil
  return made
end

local function copy_number(state, value, path)
  if value ~= value or value == math.huge or value == -math.huge then
    return add(state, path, "is no finite number")
  end
  return value
end

-- A 64-bit integer of LuaJIT is an Id that is exact.
local function copy_other(state, value, path)
  local digits = type(value) == "cdata" and tostring(value):match "^(%-?%d+)U?LL$"
  return digits or add(state, path, ("is a %s, and a chatbot is plain data"):format(type(value)))
end

function copy(state, value, path, depth)
  state.values = state.values + 1
  if state.values > VALUES then
    state.is_full = true
    return nil
  end
  local kind = type(value)
  if kind == "table" then
    return copy_table(state, value, path, depth)
  elseif kind == "number" then
    return copy_number(state, value, path)
  elseif kind == "string" or kind == "boolean" then
    return value
  end
  return copy_other(state, value, path)
end

local function wrong_list(value)
  if type(value) == "table" and (rawget(value, "RuleActionName") or rawget(value, "SendUrl")) then
    return "is one chatbot, and should be a list", "put it into braces once more: return { { ... } }"
  elseif type(value) == "nil" then
    return "returns nothing", "the file ends with: return { ... }"
  end
  return "is no list of chatbots", "the file ends with: return { { RuleActionName = ... }, ... }"
end

--- The list, and what cannot be taken over; an entry of which nothing can be is false.
---@param value any
---@return table? list, {index: integer?, path: string?, message: string, hint: string?}[] problems
function plain.list(value)
  local state = { problems = {}, open = {}, values = 0 }
  local items, wrong, hint = nil, wrong_list(value)
  if type(value) == "table" then
    items = shape_of(value)
    if items == 0 and next(value) ~= nil then
      items = nil
    elseif not items and #value > 0 then
      wrong, hint = select(2, shape_of(value))
    end
  end
  if not items then
    add(state, nil, wrong, hint)
    return nil, state.problems
  end
  local list = {}
  for i = 1, #value do
    state.index = i
    list[i] = copy(state, value[i], "", 1)
    if list[i] == nil then
      list[i] = false
    end
    if state.is_full then
      state.index = nil
      add(state, nil, ("holds more than %d values"):format(VALUES))
      return nil, state.problems
    end
  end
  return list, state.problems
end

return plain
