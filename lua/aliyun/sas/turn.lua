--- Lets the other requests of a worker have their turn when many calls come at once.
--
-- What a call takes of the processor, to be signed and to be read, is little; of 200 calls that come in the same moment
-- it is enough to hold up everybody else for tens of milliseconds. So each such piece of work books the time that it
-- may take, and whoever would come much later than now waits until then; in between, nginx looks after the others.

-- luacheck: globals ngx

local system = require "aliyun.sas.system"

local SLOT = 0.0002 -- seconds: about what a piece of work takes
local PATIENCE = 0.001 -- a worker's clock for waiting has no finer steps

local free = 0 -- from when on nothing is booked; of the worker, by the monotonic clock

--- Books a slot, and waits for it. The caller has made sure that it may wait.
return function()
  local now = system.monotonic()
  local wait = free - now
  free = math.max(free, now) + SLOT
  if wait >= PATIENCE then
    ngx.sleep(wait)
  end
end
