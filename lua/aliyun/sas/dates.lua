--- Dates as signatures have them, and messages too; and as HTTP has them.

local dates = {}

--- UTC, to the second: yyyy-MM-ddTHH:mm:ssZ. Plans, errors and the command line show dates so, for people too: no zone
--- is to be guessed.
---@param seconds number since the epoch
---@return string
function dates.text(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds)) --[[@as string]]
end

--- True for a number that `dates.text` can write: a time from 1970 up to the year 9999.
---@param seconds number
function dates.is(seconds)
  return seconds >= 0 and seconds < 253402300800
end

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Days from 1970 to the first of a month, by a year that begins in March, so that a leap day is its last.
local function days_to(year, month)
  local y = month <= 2 and year - 1 or year
  local leap = math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
  return 365 * y + leap + math.floor((153 * ((month + 9) % 12) + 2) / 5) - 719468
end

--- Seconds since the epoch of the header Date of an answer, "Tue, 24 Nov 2026 11:06:05 GMT"; nil for anything else.
---@param date? string
---@return number?
function dates.of_header(date)
  local day, name, year, hour, minute, second =
    tostring(date):match "(%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT"
  local month = MONTHS[name]
  return month and (days_to(tonumber(year), month) + day - 1) * 86400 + hour * 3600 + minute * 60 + second
end

return dates
