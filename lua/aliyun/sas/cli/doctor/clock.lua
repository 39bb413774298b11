--- What doctor says of this machine's clock, by the Date of the service's answer.

local dates = require "aliyun.sas.dates"

local BAD, UNSURE = 900, 60 -- the service takes a date of 15 minutes to either side; ensure takes a minute for right

local function told(seconds)
  local size = math.abs(seconds)
  if size < 2 then
    return "as the service's, to the second" -- a Date has no parts of a second
  end
  return ("%d seconds %s the service's"):format(math.floor(size), seconds > 0 and "ahead of" or "behind")
end

--- Notes the difference of the clocks.
return function(patient)
  local theirs = patient.answer and dates.of_header(patient.answer.headers and patient.answer.headers.date)
  if not theirs then
    return patient:note("clock", "skipped", patient.answer and "the answer has no Date" or "there is no answer")
  end
  local off = patient.now() - patient.answer.seconds / 2 - theirs
  if math.abs(off) > BAD then
    patient:note("clock", "bad", told(off), "set this machine's clock (NTP): the service refuses a request whose date "
      .. "is more than 15 minutes off")
  elseif math.abs(off) > UNSURE then
    patient:note("clock", "unsure", told(off), "set this machine's clock (NTP) before it is 15 minutes off; a write "
      .. "without an answer takes a fence (1950 s) longer to settle meanwhile")
  else
    patient:note("clock", "good", told(off))
  end
end
