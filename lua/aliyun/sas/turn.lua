--- Lets the other requests of a worker have their turn when many calls come at once.
--
-- What a call takes of the processor, to be signed and to be read, is little; of 200 calls that come in the same moment
-- it is enough to hold up everybody else for tens of milliseconds. So only so many such pieces of work are done before
-- nginx has looked after the others; the rest wait in a queue, of which a timer lets as many go each time.

-- luacheck: globals ngx

local GROUP = 6 -- pieces of work, each of them a small part of a millisecond
local TICK = 0.001 -- seconds: nginx' timers have no finer steps, and a timer means that all others are looked after
local GIVEN_UP = 1 -- seconds after which nobody waits any longer, whatever became of the timer

local moment, done = 0, 0 -- pieces of work since nginx last looked after the others, when its clock moved on
local queue -- a semaphore of the worker, made where it is first needed
local is_running = false -- whether the timer is

local function waiting()
  return math.max(0, -queue:count())
end

local function let_go()
  while waiting() > 0 do
    ngx.sleep(TICK)
    queue:post(math.min(GROUP, waiting()))
  end
end

local function run()
  local good, why = pcall(let_go)
  is_running = false
  if not good then
    ngx.log(ngx.ERR, "the queue of calls: ", why)
  end
end

local function wait()
  queue = queue or require "ngx.semaphore".new()
  -- a worker that is shutting down starts no timers, and nobody waits there
  is_running = is_running or (ngx.timer.at(0, run)) ~= nil
  if is_running then
    queue:wait(GIVEN_UP)
  end
end

--- Waits until a piece of work may be done. The caller has made sure that it may wait.
return function()
  local now = ngx.now()
  if now ~= moment then
    moment, done = now, 0
  end
  done = done + 1
  if done > GROUP or is_running and waiting() > 0 then
    wait()
  end
end
