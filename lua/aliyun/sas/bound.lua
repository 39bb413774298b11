--- The one deadline of a method that makes several calls, waits included.
--
-- Time is monotonic. Where the clock stands still, as an injected one may, the waits still count: nothing goes on
-- for ever.

local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local Bound = {}
Bound.__index = Bound

local bound = {}

--- The bound of a method that begins now.
---@param context table of the client
function bound.new(context)
  local self = setmetatable({ context = context, awake = -math.huge }, Bound)
  self.ends = self:now() + context.core.deadline
  return self
end

function Bound:now()
  return math.max(self.context.monotonic(), self.awake)
end

--- Seconds that are left; not above 0 where the time is over.
function Bound:left()
  return self.ends - self:now()
end

--- Waits; false where there is no waiting any more.
function Bound:sleep(seconds)
  local until_then = self:now() + seconds
  local good = protected(self.context.sleep, seconds)
  self.awake = until_then
  return good
end

local function random(context)
  local good, number = protected(context.jitter)
  return good and type(number) == "number" and number >= 0 and number <= 1 and number or 0.5
end

--- Waits for so many seconds, more or less by half, so that clients that began together part. Where less is left, one
-- wait up to shortly before the end remains; false where that is over too.
function Bound:pause(seconds)
  local wait, left = seconds * (0.5 + random(self.context)), self:left()
  if wait >= left then
    if self.last or left < 1 then
      return false
    end
    wait, self.last = math.max(left - 2, left / 2), true
  end
  return self:sleep(wait) and not self.context.closed and self:left() > 0
end

--- The settings of a call that gets what is left; nil and the error where nothing is.
---@return table? settings, aliyun.sas.error? err
function Bound:settings()
  local left = math.min(self:left(), self.context.core.deadline) -- a clock may go back
  if self.context.closed then
    return failure.answer("state", "CLOSED", "the client was closed", "make a new one with sas.new")
  elseif left <= 0 or left ~= left then
    local _, err = failure.answer("network", "DEADLINE", "the deadline was over before the request was sent",
      "give more time with the setting deadline")
    err.retryable = true
    return nil, err
  end
  local settings = {}
  for name, value in pairs(self.context.core) do
    settings[name] = value
  end
  settings.deadline = left
  settings.secretUrl = self.secretUrl
  return settings
end

return bound
