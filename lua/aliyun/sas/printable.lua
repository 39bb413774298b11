--- Texts from elsewhere made safe to print, on one line.

local width = require "aliyun.sas.terminal.width"

local printable = {}

--- The text without what could move a cursor, recolour a terminal, turn the direction of what follows, or not be seen.
---@param value any
---@return string
function printable.line(value)
  return width.clean(tostring(value))
end

--- The same between quotes.
---@param value any
---@return string
function printable.quoted(value)
  return '"' .. printable.line(value) .. '"'
end

return printable
