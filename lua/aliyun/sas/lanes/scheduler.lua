--- Lanes over a transport with `start` and `poll`: each is a coroutine, of which one runs at a time.
--
-- A lane stands still while its request is under way and while it sleeps. Whatever the transport answers or raises,
-- each request gets an outcome: one of which nothing certain is known counts as sent.

local failure = require "aliyun.sas.failure"
local lane_state = require "aliyun.sas.lanes.state"
local protected = require "aliyun.sas.protected"

local Scheduler = {}
Scheduler.__index = Scheduler

local scheduler = {}

local PARK = {} -- what a lane yields that stands still; all else is for whoever runs the caller
local GRACE = 10 -- seconds behind its timeout after which a request that is not answered is given up
local LONGEST = 86400 -- seconds, where a request has no timeout

-- The lanes that wait for an outcome, by transport and token: two runs over one transport share what it answers.
local waiting = setmetatable({}, { __mode = "k" })

local function unknown(message)
  return { sent = true, code = "TRANSPORT", message = "the transport " .. message }
end

function Scheduler:now()
  return math.max(self.client.monotonic(), self.awake)
end

-- What a lane calls ------------------------------------------------------------------------------------------------

local function park(lane)
  local outcome, why = coroutine.yield(PARK)
  lane.wakes, lane.lost = nil, nil
  return outcome, why
end

local function send(self, request)
  local lane, flights = self.current, waiting[self.transport]
  local timeout = type(request.timeout) == "number" and request.timeout or LONGEST
  local good, token, outcome = protected(self.transport.start, request)
  if not good then
    return unknown("raised an error: " .. failure.text(token))
  elseif token == nil or token == false then
    return outcome
  elseif token ~= token or flights[token] then
    return unknown "answered no token of its own"
  end
  flights[token] = lane
  lane.token, lane.lost = token, self:now() + timeout + GRACE
  return (park(lane))
end

local function sleep(self, seconds)
  local lane = self.current
  lane.wakes = self:now() + seconds
  local _, why = park(lane)
  if why ~= nil then
    error(why, 0)
  end
end

-- Lanes ------------------------------------------------------------------------------------------------------------

local function finish(self, lane, good, ...)
  for i, other in ipairs(self.lanes) do
    if other == lane then
      table.remove(self.lanes, i)
      break
    end
  end
  local told, why = protected(self.done, lane.job, good, ...)
  if not told then
    self.raised = self.raised or { why }
  end
end

local resume

-- Where nobody runs this, Lua 5.1 would raise past every pcall of ours.
local function yield_out(...)
  if not coroutine.running() then
    return false, "attempt to yield from outside a coroutine"
  end
  return protected(coroutine.yield, ...)
end

-- A yield that is not ours goes on to whoever runs this coroutine, and its answer comes back.
local function pass_on(self, lane, good, ...)
  if not good then
    return finish(self, lane, false, ...)
  end
  return resume(self, lane, ...)
end

local function stopped(self, lane, good, first, ...)
  if not good or coroutine.status(lane.thread) == "dead" then
    return finish(self, lane, good, first, ...)
  elseif first ~= PARK then
    return pass_on(self, lane, yield_out(first, ...))
  end
end

function resume(self, lane, ...)
  self.current = lane
  return stopped(self, lane, coroutine.resume(lane.thread, ...))
end

-- Fills the lanes, unless `done` raised: then what is under way ends, and nothing new begins.
local function fill(self)
  while not self.raised and #self.lanes < self.concurrency and self.place < #self.jobs do
    self.place = self.place + 1
    local job = self.jobs[self.place]
    local lane = { job = job, thread = coroutine.create(function() return self.work(self.state, job) end) }
    self.lanes[#self.lanes + 1] = lane
    resume(self, lane)
  end
end

-- Waiting ----------------------------------------------------------------------------------------------------------

local function settle(flights, lane, outcome)
  flights[lane.token] = nil
  lane.token, lane.outcome, lane.ready = nil, outcome, true
end

-- All that is under way here gets the same outcome.
local function settle_all(self, message)
  for _, lane in ipairs(self.lanes) do
    if lane.token ~= nil then
      settle(waiting[self.transport], lane, unknown(message))
    end
  end
end

-- Takes what poll answered. One that is not understood may have been the outcome of any.
local function take(self, list)
  local flights, bad = waiting[self.transport], false
  for i = 1, #list do
    local ended = rawget(list, i)
    local token = type(ended) == "table" and rawget(ended, "token")
    if not token then
      bad = true
    elseif flights[token] then
      settle(flights, flights[token], rawget(ended, "outcome"))
    end
  end
  if bad then
    settle_all(self, "answered what is no list of outcomes")
  end
end

local function poll(self, seconds)
  local before = self.client.monotonic()
  local good, list = protected(self.transport.poll, seconds)
  if not good then
    return settle_all(self, "raised an error: " .. failure.text(list))
  elseif type(list) ~= "table" then
    return settle_all(self, "answered what is no list of outcomes")
  end
  take(self, list)
  if #list == 0 and self.client.monotonic() == before then
    self.awake = self:now() + seconds -- of a clock that stands still
  end
end

local function rest(self, seconds)
  local wakes = self:now() + seconds
  local good, why = protected(self.client.sleep, seconds)
  self.awake = wakes
  if good then
    return
  end
  for _, lane in ipairs(self.lanes) do
    lane.ready, lane.why = true, why -- there is no waiting any more
  end
end

-- Until when nothing can be done but wait, and whether something is under way. 0: something can be done at once.
local function look(self)
  local due, is_flying = math.huge, false
  for _, lane in ipairs(self.lanes) do
    is_flying = is_flying or lane.token ~= nil
    due = math.min(due, lane.ready and 0 or lane.wakes or lane.lost or due)
  end
  return due, is_flying
end

local function wait(self)
  local due, is_flying = look(self)
  local seconds = math.max(0, due - self:now())
  if is_flying then
    poll(self, seconds)
  elseif seconds > 0 then
    rest(self, seconds)
  end
end

local function wake(self)
  local now, all = self:now(), {}
  for i, lane in ipairs(self.lanes) do
    all[i] = lane
  end
  for _, lane in ipairs(all) do
    if lane.token ~= nil and now >= lane.lost then
      settle(waiting[self.transport], lane, unknown "did not answer in time")
    end
    if lane.ready or lane.wakes and now >= lane.wakes then
      local outcome, why = lane.outcome, lane.why
      lane.ready, lane.outcome, lane.why = nil, nil, nil
      resume(self, lane, outcome, why)
    end
  end
end

--- As lanes.run.
function scheduler.run(state, options, jobs, work, done)
  local self = setmetatable({
    client = state, transport = state.transport, concurrency = options.concurrency, jobs = jobs, work = work,
    done = done, place = 0, lanes = {}, awake = -math.huge,
  }, Scheduler)
  waiting[self.transport] = waiting[self.transport] or {}
  self.state = lane_state(state, options.rate, {
    send = function(request) return send(self, request) end,
    sleep = function(seconds) sleep(self, seconds) end,
  })
  fill(self)
  while #self.lanes > 0 do
    wait(self)
    wake(self)
    fill(self)
  end
  if self.raised then
    error(self.raised[1], 0)
  end
end

return scheduler
