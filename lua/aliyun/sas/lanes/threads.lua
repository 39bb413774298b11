--- Lanes inside nginx: light threads, in which sending and waiting yield by themselves.

-- luacheck: globals ngx

local lane_state = require "aliyun.sas.lanes.state"
local protected = require "aliyun.sas.protected"
local system = require "aliyun.sas.system"

local threads = {}

--- Whether they can be had here, with this transport. Below a function of C nothing could wait for them.
function threads.fit(transport)
  return rawget(_G, "ngx") ~= nil and type(ngx.thread) == "table" and not transport.blocking
    and system.yieldable() ~= false
end

local function lane(run)
  while not run.raised and run.place < #run.jobs do
    run.place = run.place + 1
    local job = run.jobs[run.place]
    local good, why = protected(run.done, job, protected(run.work, run.state, job))
    if not good then
      run.raised = run.raised or { why }
    end
  end
end

-- This thread is a lane, too; where nginx makes no other one it is the only one.
local function go(run, count)
  local others = {}
  for i = 1, count - 1 do
    local good, thread = pcall(ngx.thread.spawn, lane, run)
    others[i] = good and thread or nil
    if not good then
      break
    end
  end
  lane(run)
  for _, thread in ipairs(others) do
    local good, why = ngx.thread.wait(thread)
    if not good then
      run.raised = run.raised or { why }
    end
  end
end

--- As lanes.run.
function threads.run(state, options, jobs, work, done)
  local run = { state = lane_state(state, options.rate, {}), jobs = jobs, work = work, done = done, place = 0 }
  go(run, math.min(options.concurrency, #jobs))
  if run.raised then
    error(run.raised[1], 0)
  end
end

return threads
