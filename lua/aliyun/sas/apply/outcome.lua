--- The result of an entry where it did not go well.

local outcome = {}

local BAD = { failed = true, unknown = true, conflict = true, skipped = true }

-- What an error makes of a result.
local ACTIONS = { unknown = "unknown", conflict = "conflict" }

--- Notes the error of a job, and what had been done before it.
---@param job aliyun.sas.applyJob
---@param err aliyun.sas.error
function outcome.fail(job, err)
  local result = job.result
  result.action, result.error, result.did = ACTIONS[err.kind] or "failed", err, job.did
end

--- True for the action of a result that is not as planned.
function outcome.is_bad(action)
  return BAD[action] == true
end

return outcome
