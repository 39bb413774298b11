--- Numbers among the arguments.

local number = {}

--- A converter for the parser: whole numbers from `least`.
---@param least integer
---@return fun(text: string): integer?, string?
function number.from(least)
  return function(text)
    local value = #text <= 9 and text:match "^%d+$" and tonumber(text)
    if not value or value < least then
      return nil, ("%s: must be a whole number from %d"):format(#text <= 20 and text or "the argument", least)
    end
    return value
  end
end

return number
