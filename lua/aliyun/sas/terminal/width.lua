--- How wide a text is in a terminal, once it is printable.

local printable = require "aliyun.sas.printable"
local ranges = require "aliyun.sas.terminal.ranges"

local width = {}

local ELLIPSIS = "\226\128\166"

local function read_ranges(text)
  local list = {}
  for first, last in text:gmatch "(%x+)%-?(%x*)" do
    list[#list + 1] = { tonumber(first, 16), tonumber(last ~= "" and last or first, 16) }
  end
  return list
end

local wide, zero = read_ranges(ranges.wide), read_ranges(ranges.zero)

local function within(list, code)
  local low, high = 1, #list
  while low <= high do
    local middle = math.floor((low + high) / 2)
    if code < list[middle][1] then
      high = middle - 1
    elseif code > list[middle][2] then
      low = middle + 1
    else
      return true
    end
  end
  return false
end

-- The code point of a character in UTF-8.
local function code_of(character)
  local length = #character
  if length == 1 then
    return character:byte()
  end
  local code = character:byte() % 2 ^ (7 - length)
  for i = 2, length do
    code = code * 64 + character:byte(i) % 64
  end
  return code
end

local function columns_of(character)
  local code = code_of(character)
  if code < 0x300 then
    return 1
  end
  return within(zero, code) and 0 or within(wide, code) and 2 or 1
end

-- The characters of a text, once it is printable.
local function characters(text)
  return printable.line(text):gmatch "[^\128-\191][\128-\191]*"
end

--- How many columns a text takes.
---@param text string
---@return integer
function width.of(text)
  if not text:find "[^ -~]" then
    return #text
  end
  local sum = 0
  for character in characters(text) do
    sum = sum + columns_of(character)
  end
  return sum
end

--- The text, printable, in at most so many columns; what does not fit is cut, and "…" ends it.
---@param text string
---@param columns integer
---@return string
function width.cut(text, columns)
  if width.of(text) <= columns then
    return printable.line(text)
  elseif columns < 1 then
    return ""
  end
  local pieces, sum = {}, 0
  for character in characters(text) do
    sum = sum + columns_of(character)
    if sum > columns - 1 then
      break
    end
    pieces[#pieces + 1] = character
  end
  return table.concat(pieces) .. ELLIPSIS
end

--- The text, printable, cut or filled with spaces to exactly so many columns.
---@param text string
---@param columns integer
---@param align? "left"|"right"
---@return string
function width.fit(text, columns, align)
  local cut = width.cut(text, columns)
  local blanks = (" "):rep(columns - width.of(cut))
  return align == "right" and blanks .. cut or cut .. blanks
end

return width
