--- Several pieces of work over one client, each with its own course, and so many of them at a time.
--
-- They are coroutines over a transport that can have several exchanges in flight, light threads inside nginx, and
-- elsewhere one after another.

local lane_state = require "aliyun.sas.lanes.state"
local protected = require "aliyun.sas.protected"
local scheduler = require "aliyun.sas.lanes.scheduler"
local threads = require "aliyun.sas.lanes.threads"

local lanes = { MOST = 64 } -- at a time: as many exchanges as a handle of libcurl takes

local QUEUE = 5 -- seconds that a lane may wait for its place at a low rate: the wait is of its work's own deadline

local function one_by_one(state, options, jobs, work, done)
  local own = lane_state(state, options.rate, {})
  for _, job in ipairs(jobs) do
    done(job, protected(work, own, job))
  end
end

local function way_of(transport, concurrency)
  if concurrency == 1 then
    return one_by_one
  elseif type(transport.start) == "function" and type(transport.poll) == "function" then
    return scheduler.run
  end
  return threads.fit(transport) and threads.run or one_by_one
end

local function count_of(options)
  local useful = math.min(lanes.MOST, math.floor((options.rate or math.huge) * QUEUE))
  return math.max(1, math.min(math.floor(options.concurrency or 1), useful))
end

--- Does `work(state, job)` for every job of a list, and returns when all have ended.
--
-- `state` is the client's, with a transport and a sleep that let the other lanes go on. Where `done` raises, no job is
-- begun any more, those that were begun end, and what was raised first is raised again.
---@param state table of a client
---@param options {concurrency: integer?, rate: number?} how many at a time, up to 64, and fewer at a low rate; requests
--- a second, each operation
---@param jobs any[]
---@param work fun(state: table, job: any): ...
---@param done fun(job: any, good: boolean, ...) as each ends; `good` is false where `work` raised
function lanes.run(state, options, jobs, work, done)
  local concurrency = count_of(options)
  way_of(state.transport, concurrency)(state, { concurrency = concurrency, rate = options.rate }, jobs, work, done)
end

return lanes
