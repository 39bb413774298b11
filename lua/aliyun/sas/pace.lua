--- Spaces the requests of each operation, so that no second sees more of them than the service lets through.

local Pace = {}
Pace.__index = Pace

local pace = {}

--- Places for so many requests a second of each operation; without a rate there is a place at once.
---@param rate? number
function pace.new(rate)
  return setmetatable({ gap = rate and 1 / rate or 0, free = {} }, Pace)
end

--- Takes the next place of an operation, and answers the seconds until then.
---@param action string
---@param now number by a monotonic clock
---@return number seconds
function Pace:book(action, now)
  local at = math.max(now, self.free[action] or now)
  self.free[action] = at + self.gap
  return at - now
end

return pace
