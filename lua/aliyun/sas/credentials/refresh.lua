--- Keeps what a source answers, and gets new credentials before they end.
--
-- A source is a table with fetch(self, context), which asks each time. One asks at a time: the others go on with the
-- credentials that are there, or wait for those that come. A failure does no harm while the old ones live.

local core = require "aliyun.sas.core"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local EARLY = 900     -- seconds before their end that credentials are renewed, as the official SDKs do
local SHORT = 1200    -- those that live no longer than this are renewed when a quarter of their life is left
local LONGEST = 60    -- seconds that one renewal may take where the call has no deadline
local STEP = 0.05     -- seconds between two looks at another's renewal

local Provider = { __name = "aliyun.sas.provider" }
Provider.__index = Provider

Provider.__tostring = function(self)
  return "<credentials of " .. self.name .. ">"
end

local function random()
  local number = core.random()
  return number or 1
end

local function closed(self)
  return failure.answer("credentials", "CLOSED", "the provider of " .. self.name .. " is closed", "make a new one")
end

-- What is held and may still be used: it has not ended, and it is not what the service has just refused.
local function usable(self, context)
  if not self.held or self.expiry and context.now() >= self.expiry then
    return nil
  end
  if context.refresh and (context.refused == nil or context.refused == self.held) then
    return nil
  end
  return self.held
end

local function is_due(self, context)
  if self.expiry then
    return context.now() >= self.due
  end
  return self.recheck ~= nil and context.monotonic() >= self.checked + self.recheck
end

-- A random part earlier, so that processes that began together part.
local function due_of(expiry, now)
  local life = expiry - now
  local early = life > SHORT and EARLY or life / 4
  return expiry - early * (1 + 0.1 * random())
end

local function take(self, context, held, expiry)
  local now = context.now()
  if expiry and expiry <= now then
    return failure.answer("credentials", "EXPIRED", self.name .. ": the credentials have ended already",
      "check this machine's clock")
  end
  self.held, self.expiry, self.due = held, expiry, expiry and due_of(expiry, now)
  self.checked, self.failures, self.rests = context.monotonic(), 0, nil
  return held, expiry
end

-- 1 to 2 seconds, doubled with each further failure up to 10.
local function rest(self, context)
  self.failures = self.failures + 1
  self.rests = context.monotonic() + math.min(10, 2 ^ math.min(self.failures - 1, 4) * (1 + random()))
end

-- What another worker has got, or nothing once this one is to ask for all. `busy` where another asks, and there are old
-- ones meanwhile.
local function wait_for_all(self, context)
  local steps = 0
  while not self.share:lock() do
    if usable(self, context) then
      return nil, nil, true
    elseif exchange.left(context) <= STEP or steps * STEP > LONGEST or not protected(context.sleep, STEP) then
      return exchange.too_late(self.name)
    end
    steps = steps + 1
    local held, expiry = self.share:read(context.now(), self.held ~= nil)
    if held then
      return held, expiry
    end
  end
  return self.share:read(context.now(), self.held ~= nil)
end

local function ask_for_all(self, context)
  local held, more, busy = wait_for_all(self, context)
  if held or more or busy then
    return held, more, busy
  end
  context.share = true
  held, more = self.source:fetch(context)
  if held and more and context.answer then
    self.share:write(context.answer, more - context.now())
  end
  return held, more
end

local function ask(self, context)
  if not self.share then
    return protected(self.source.fetch, self.source, context)
  end
  local good, held, more, busy = protected(ask_for_all, self, context)
  self.share:unlock()
  return good, held, more, busy
end

-- Where there are old ones to go on with, half of the call's time is kept for the call.
local function limited(self, context)
  local now = context.monotonic()
  if not context.deadline then
    return setmetatable({ deadline = now + LONGEST }, { __index = context })
  elseif usable(self, context) then
    return setmetatable({ deadline = (now + context.deadline) / 2 }, { __index = context })
  end
  return context
end

local function fly(self, context)
  local asking = limited(self, context)
  local flight = { ends = asking.deadline }
  self.flight = flight
  local good, held, more, busy = ask(self, asking)
  if self.flight == flight then
    self.flight = nil
  end
  flight.over, flight.late = true, context.monotonic() >= flight.ends - STEP
  return flight, good, held, more, busy
end

local function renew(self, context)
  local flight, good, held, more, busy = fly(self, context)
  if busy then
    self.rests = context.monotonic() + 1
    return self.held, self.expiry
  elseif not good then
    failure.pass_memory(held)
    held, more = failure.answer("credentials", "PROVIDER_FAILED", self.name .. ": " .. failure.text(held))
  end
  if self.closed then
    if held then
      held:close()
    end
    return closed(self)
  end
  if held then
    held, more = take(self, context, held, more)
  end
  if held then
    return held, more
  end
  flight.failure = more
  rest(self, context)
  local old = usable(self, context)
  if not old then
    return nil, more
  end
  if context.warn and self.failures == 1 then
    context.warn("new credentials could not be had, so the old ones are used: " .. more.message, more.hint)
  end
  return old, self.expiry
end

local function copy(err)
  local one = {}
  for name, value in pairs(err) do
    one[name] = value
  end
  return core.error(one)
end

-- One who asks is gone where nobody went on with its coroutine for longer than it may take.
local function is_under_way(flight, context)
  return flight ~= nil and not flight.over and context.monotonic() <= flight.ends
end

-- The system's sleep stops the whole thread, the one who is waited for included.
local function can_wait(context)
  return context.sleep ~= require "aliyun.sas.system".sleep
end

-- Until the flight is over; false where there is no waiting.
local function wait_for(flight, context)
  local steps = 0
  while is_under_way(flight, context) do
    if exchange.left(context) <= STEP or steps * STEP > LONGEST or not protected(context.sleep, STEP) then
      return false
    end
    steps = steps + 1
  end
  return true
end

function Provider:fetch(context)
  while true do
    if self.closed then
      return closed(self)
    end
    local held, flight = usable(self, context), self.flight
    if held and (not is_due(self, context) or is_under_way(flight, context)
        or self.rests and context.monotonic() < self.rests) then
      return held, self.expiry
    end
    if held or not is_under_way(flight, context) or not can_wait(context) then
      return renew(self, context)
    end
    if not wait_for(flight, context) then
      return exchange.too_late(self.name)
    elseif flight.failure and not flight.late then -- for one whose own time was over, others may have more
      return nil, copy(flight.failure)
    end
  end
end

--- Wipes what is held.
function Provider:close()
  self.closed = true
  if self.held then
    self.held:close()
  end
  if self.source.close then
    self.source:close()
  end
end

local refresh = {}

--- Makes a provider of a source.
---@param name string what the credentials are of, for people
---@param source {fetch: function, close: function?}
---@param recheck? number seconds after which credentials without an end are asked for again; none: never
---@param share? table of shared.lua
---@return aliyun.sas.provider
function refresh.new(name, source, recheck, share)
  return setmetatable({ name = name, source = source, recheck = recheck, share = share, failures = 0 }, Provider)
end

return refresh
