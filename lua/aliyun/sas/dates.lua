--- Dates as signatures have them, and messages too.

local dates = {}

--- UTC, to the second: yyyy-MM-ddTHH:mm:ssZ.
---@param seconds number since the epoch
---@return string
function dates.text(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds)) --[[@as string]]
end

return dates
