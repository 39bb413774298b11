--- JSON for programs, indented, with sorted names: one text for one value. An empty table is an object, unless it was
--- made by `json.list`.

local core = require "aliyun.sas.core"

local json = {}

local List = {}

--- Marks a table as a list, so that it is one also where it is empty.
---@generic T
---@param list T
---@return T
function json.list(list)
  return setmetatable(list, List)
end

--- Marks the tables of these names as lists, wherever they stand in a value.
---@param value table
---@param names table<string, true>
function json.mark(value, names)
  for name, inner in pairs(value) do
    if type(inner) == "table" then
      json.mark(inner, names)
      if names[name] and next(inner) == nil then
        value[name] = json.list {}
      end
    end
  end
  return value
end

local encode

local type_of_number = rawget(math, "type")

-- A whole number that no integer can be, as a service may send one.
local function is_huge(number)
  return math.abs(number) >= 2 ^ 53 and not (type_of_number and type_of_number(number) == "integer")
end

local function scalar(value)
  if type(value) == "number" and value % 1 ~= 0 then
    return ("%.3f"):format(value) -- seconds, which core.encode does not take in parts
  elseif type(value) == "number" and is_huge(value) then
    return ("%.16g"):format(value)
  elseif type(value) == "string" and not core.utf8(value) then
    value = core.printable(value)
  elseif type(value) == "userdata" then
    value = tostring(value)
  end
  return core.encode(value)
end

local function is_list(value)
  return getmetatable(value) == List or value[1] ~= nil
end

local function joined(open, parts, close, indent)
  if #parts == 0 then
    return open .. close
  end
  local inner = indent .. "  "
  return open .. "\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent .. close
end

local function object(value, indent)
  local names, parts = {}, {}
  for name in pairs(value) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = scalar(name) .. ": " .. encode(value[name], indent .. "  ")
  end
  return joined("{", parts, "}", indent)
end

function encode(value, indent)
  if type(value) ~= "table" then
    return scalar(value)
  elseif not is_list(value) then
    return object(value, indent)
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = encode(item, indent .. "  ")
  end
  return joined("[", parts, "]", indent)
end

--- The text of a value, ended by a line feed.
---@param value any
---@return string
function json.text(value)
  return encode(value, "") .. "\n"
end

return json
