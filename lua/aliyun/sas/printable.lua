--- Texts from elsewhere made safe to print: a name must not be able to move a cursor, recolour a terminal or turn the
--- direction of what follows.

local printable = {}

-- Characters of several bytes that are no part of a name: C1 controls, marks of direction, ends of lines, and the
-- zero-width ones that make two names look alike.
local HIDDEN = {
  "\194[\128-\159]", "\226\128[\139-\143]", "\226\128[\168-\174]", "\226\129[\160-\175]", "\239\187\191",
}

--- The text with a question mark for each such character.
---@param value any
---@return string
function printable.line(value)
  local text = tostring(value):gsub("%c", "?")
  for _, pattern in ipairs(HIDDEN) do
    text = text:gsub(pattern, "?")
  end
  return text
end

--- The same between quotes.
---@param value any
---@return string
function printable.quoted(value)
  return '"' .. printable.line(value) .. '"'
end

return printable
