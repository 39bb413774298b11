--- Texts from elsewhere made safe to print, on one line.

local core = require "aliyun.sas.core"

local printable = {}

--- The text on one line, with U+FFFD for what could move a cursor, recolour a terminal, turn the direction of what
--- follows, or not be seen.
---@param value any
---@return string
function printable.line(value)
  return core.printable(tostring(value))
end

--- The same between quotes.
---@param value any
---@return string
function printable.quoted(value)
  return '"' .. printable.line(value) .. '"'
end

return printable
