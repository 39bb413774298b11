-- chance.lua - numbers by lot, the same for a seed on every Lua
-- SPDX-License-Identifier: MIT

--- The minimal standard generator, exact in doubles.
---@param seed integer
---@return { number: fun(): number, upto: fun(n: integer): integer, one_of: function, happens: function }
return function(seed)
  local at = seed % 2147483646 + 1
  local function number()
    at = at * 16807 % 2147483647
    return at / 2147483647
  end
  for _ = 1, 4 do
    number() -- neighbouring seeds begin alike
  end
  local random = {}
  random.number = number -- from 0 to 1
  function random.upto(n) return math.floor(number() * n) + 1 end
  function random.one_of(list) return list[random.upto(#list)] end
  function random.happens(probability) return number() < probability end
  return random
end
