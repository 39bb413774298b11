--- What doctor says of this machine's clock, by the Date of the service's answer.

local BAD, UNSURE = 900, 60 -- the service takes a date of 15 minutes to either side

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Days from 1970 to the first of a month, by a year that begins in March, so that a leap day is its last.
local function days_to(year, month)
  local y = month <= 2 and year - 1 or year
  local leap = math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
  return 365 * y + leap + math.floor((153 * ((month + 9) % 12) + 2) / 5) - 719468
end

-- Seconds since 1970 of "Tue, 24 Nov 2026 11:06:05 GMT".
local function seconds_of(date)
  local day, name, year, hour, minute, second =
    tostring(date):match "(%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT"
  local month = MONTHS[name]
  return month and (days_to(tonumber(year), month) + day - 1) * 86400 + hour * 3600 + minute * 60 + second
end

local function told(seconds)
  local size = math.abs(seconds)
  if size < 2 then
    return "as the service's, to the second" -- a Date has no parts of a second
  end
  return ("%d seconds %s the service's"):format(math.floor(size), seconds > 0 and "ahead of" or "behind")
end

--- Notes the difference of the clocks.
return function(patient)
  local theirs = patient.answer and seconds_of(patient.answer.headers and patient.answer.headers.date)
  if not theirs then
    return patient:note("clock", "skipped", patient.answer and "the answer has no Date" or "there is no answer")
  end
  local off = patient.now() - patient.answer.seconds / 2 - theirs
  if math.abs(off) > BAD then
    patient:note("clock", "bad", told(off), "set this machine's clock (NTP): the service refuses a request whose date "
      .. "is more than 15 minutes off")
  elseif math.abs(off) > UNSURE then
    patient:note("clock", "unsure", told(off), "set this machine's clock (NTP) before it is 15 minutes off")
  else
    patient:note("clock", "good", told(off))
  end
end
