--- The result of an entry where it did not go well.

local outcome = {}

local BAD = { failed = true, unknown = true, conflict = true, skipped = true }

-- What an error makes of a result, by its kind.
local ACTIONS = { unknown = "unknown", conflict = "conflict" }

-- What an error makes of a job. A copy that the network made of a delete or a status may be what was executed.
local function action_of(job, err)
  if err.code == "INTERRUPTED" and not err.sent and not job.did then
    return "skipped"
  elseif err.code == "SignatureNonceUsed" and job.stage then
    return "unknown"
  end
  return ACTIONS[err.kind] or "failed"
end

--- Notes the error of a job, and what had been done before it.
---@param job aliyun.sas.applyJob
---@param err aliyun.sas.error
function outcome.fail(job, err)
  local result = job.result
  result.action, result.error, result.did = action_of(job, err), err, job.did
end

--- True for the action of a result that is not as planned.
function outcome.is_bad(action)
  return BAD[action] == true
end

return outcome
