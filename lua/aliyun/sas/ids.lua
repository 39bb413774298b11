--- Ids as the service and callers give them: integers, or decimal digits where a number would not be exact.
--
-- Two Ids are compared as texts, since one may be read as a number and the other as a string.

local core = require "aliyun.sas.core"

local ids = {}

local LARGEST = "9223372036854775807" -- the API's Long

-- Lua 5.3 and newer hold every Id as an integer; the others, with doubles, those of up to 14 digits.
local type_of_number = rawget(math, "type")

local function digits_of(value)
  if type(value) == "string" then
    return value:match "^%d+$"
  elseif type(value) ~= "number" then
    return tostring(value):match "^(%d+)U?LL$" -- a 64-bit number of LuaJIT
  elseif type_of_number and type_of_number(value) == "integer" then
    return ("%d"):format(value)
  end
  return value % 1 == 0 and value < 2 ^ 53 and ("%.0f"):format(value) or nil
end

--- The decimal text of an Id, without leading zeros; nil where the value is none.
---@param value any
---@return string?
function ids.text(value)
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" and kind ~= "cdata" then
    return nil
  end
  local digits = (digits_of(value) or ""):match "^0*([1-9]%d*)$"
  if not digits or #digits > #LARGEST or #digits == #LARGEST and digits > LARGEST then
    return nil
  end
  return digits
end

--- An Id as results hold it: an integer where this Lua has it exactly, else its digits.
---@param text string
---@return integer|string
function ids.value(text)
  return (type_of_number or #text <= 14) and tonumber(text) or text
end

-- A list without holes; what stands in it is looked at one by one.
local function items_of(list)
  local count = 0
  for key in pairs(list) do
    if type(key) ~= "number" then
      return nil
    end
    count = count + 1
  end
  for i = 1, count do
    if list[i] == nil then
      return nil
    end
  end
  return list
end

local function split(text)
  local items = {}
  for item in (text .. ","):gmatch "([^,]*)," do
    local first = item:find "%S"
    items[#items + 1] = first and item:match(".*%S", first) or ""
  end
  return items
end

local function items_in(value)
  if type(value) == "table" then
    return items_of(value)
  elseif type(value) ~= "string" then
    return nil
  elseif value:match "^%s*$" then
    return {}
  elseif value:match "^%s*%[" then
    local list = core.json(value)
    return type(list) == "table" and items_of(list) or nil
  end
  return split(value)
end

--- The texts of a list of Ids, each once: of a Lua list, the text of a JSON array, or a comma list. Nil for anything
-- else.
---@param value any
---@return string[]?
function ids.list(value)
  local items = items_in(value)
  if not items then
    return nil
  end
  local texts, seen = {}, {}
  for _, item in ipairs(items) do
    local text = ids.text(item)
    if not text then
      return nil
    end
    texts[#texts + 1] = not seen[text] and text or nil
    seen[text] = true
  end
  return texts
end

--- The list as a set.
---@param texts string[]
---@return table<string, true>
function ids.set(texts)
  local set = {}
  for _, text in ipairs(texts) do
    set[text] = true
  end
  return set
end

--- The Ids of chatbots, for an error's `ids`.
function ids.of(chatbots)
  local list = {}
  for i, chatbot in ipairs(chatbots) do
    list[i] = chatbot.Id
  end
  return list
end

return ids
