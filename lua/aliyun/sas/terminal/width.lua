--- How wide a text is in a terminal, and what of it is safe to print there.
--
-- Names come from people and from the service, so they can hold anything: escape sequences that move the cursor, marks
-- that turn the direction of writing, bytes that are no UTF-8. A cleaned text has none of these and stays on one line.

local ranges = require "aliyun.sas.terminal.ranges"

local width = {}

local UNKNOWN = "\239\191\189" -- U+FFFD
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

-- The least code point that a sequence of so many bytes may stand for.
local LEAST = { 0, 0x80, 0x800, 0x10000 }

local function sequence_length(lead)
  return lead < 0x80 and 1 or lead >= 0xC2 and lead < 0xE0 and 2 or lead >= 0xE0 and lead < 0xF0 and 3
    or lead >= 0xF0 and lead < 0xF5 and 4 or nil
end

-- The code point at `start` and the place of its last byte; nil where the bytes there are no UTF-8.
local function decode(text, start)
  local lead = text:byte(start)
  local length = sequence_length(lead)
  if not length or length == 1 then
    return length and lead, start
  end
  local code = lead % 2 ^ (7 - length)
  for i = start + 1, start + length - 1 do
    local byte = text:byte(i)
    if not byte or byte < 0x80 or byte > 0xBF then
      return nil, start
    end
    code = code * 64 + byte % 64
  end
  if code < LEAST[length] or code > 0x10FFFF or code >= 0xD800 and code <= 0xDFFF then
    return nil, start
  end
  return code, start + length - 1
end

-- C0, DEL and C1; the separators of lines and paragraphs; marks, embeddings, overrides and isolates of
-- direction; and what has no width, with which two names look alike.
local function is_harmful(code)
  return code < 0x20 or code >= 0x7F and code <= 0x9F or code >= 0x200B and code <= 0x200F
    or code >= 0x2028 and code <= 0x202E or code >= 0x2060 and code <= 0x206F or code == 0xFEFF
end

local function columns_of(code)
  if code < 0x300 then
    return code >= 0x20 and 1 or 0
  end
  return within(zero, code) and 0 or within(wide, code) and 2 or 1
end

-- Calls `each(piece, columns)` for each character of a text, cleaned; stops where it answers true.
local function each_character(text, each)
  local place = 1
  while place <= #text do
    local code, last = decode(text, place)
    local piece = text:sub(place, last)
    if not code then
      piece, code = UNKNOWN, 0xFFFD
    elseif code == 9 or code == 10 or code == 13 then
      piece, code = " ", 0x20
    elseif is_harmful(code) then
      piece, code = UNKNOWN, 0xFFFD
    end
    if each(piece, columns_of(code)) then
      return
    end
    place = last + 1
  end
end

--- The text as one line that is safe in a terminal: tabs and ends of lines are spaces, and control characters, marks
--- that turn the direction of writing, and bytes that are no UTF-8 are U+FFFD.
---@param text string
---@return string
function width.clean(text)
  if not text:find "[^ -~]" then
    return text
  end
  local pieces = {}
  each_character(text, function(piece)
    pieces[#pieces + 1] = piece
  end)
  return table.concat(pieces)
end

--- How many columns a text takes, cleaned.
---@param text string
---@return integer
function width.of(text)
  if not text:find "[^ -~]" then
    return #text
  end
  local sum = 0
  each_character(text, function(_, columns)
    sum = sum + columns
  end)
  return sum
end

--- The text, cleaned, in at most so many columns; what does not fit is cut, and "…" ends it.
---@param text string
---@param columns integer
---@return string
function width.cut(text, columns)
  if width.of(text) <= columns then
    return width.clean(text)
  elseif columns < 1 then
    return ""
  end
  local pieces, sum = {}, 0
  each_character(text, function(piece, taken)
    if sum + taken > columns - 1 then
      return true
    end
    sum = sum + taken
    pieces[#pieces + 1] = piece
  end)
  return table.concat(pieces) .. ELLIPSIS
end

--- The text, cleaned, cut or filled with spaces to exactly so many columns.
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
