--- Numbers among the arguments.

local number = {}

--- A converter for the parser: whole numbers from `least`, and to `most` where that is given.
---@param least integer
---@param most? integer
---@return fun(text: string): integer?, string?
function number.from(least, most)
  local range = most and ("from %d to %d"):format(least, most) or ("from %d"):format(least)
  return function(text)
    local value = #text <= 9 and text:match "^%d+$" and tonumber(text)
    if not value or value < least or value > (most or value) then
      return nil, ("%s: must be a whole number %s"):format(#text <= 20 and text or "the argument", range)
    end
    return value
  end
end

return number
