--- A call from its parameters to its end: made and checked in C, then driven.

local core = require "aliyun.sas.core"
local driver = require "aliyun.sas.driver"

local calls = {}

-- By action and by method name; C has the one table.
local operations = {}
for _, operation in ipairs(core.operations()) do
  operations[operation.action] = operation
  operations[operation.method] = operation
end

--- The operations by action and by method name.
calls.operations = operations

--- Tells of what is legal but suspicious.
function calls.warn(state, action, call)
  if not state.onWarning then
    return
  end
  for _, warning in ipairs(call:warnings()) do
    warning.action = action
    driver.observe(state.onWarning, warning)
  end
end

--- Drives a call that was made, if it was.
---@return table? result, aliyun.sas.error? err
function calls.drive(state, action, call, err, trace)
  if not call then
    return nil, err
  end
  calls.warn(state, action, call)
  return driver.run(state, call, action, trace)
end

local function run(state, bound, method, params, trace)
  local settings, err = bound:settings()
  if not settings then
    return nil, err
  end
  local call
  call, err = core[method](settings, params)
  return calls.drive(state, operations[method].action, call, err, trace)
end

--- Calls an operation within what is left of a bound.
---@param method string
---@param trace? table as driver.run takes it
---@return table? result, aliyun.sas.error? err
function calls.run(state, bound, method, params, trace)
  if state.gate and operations[method].class ~= "read" then
    return state.gate:write(bound, run, state, bound, method, params, trace)
  end
  return run(state, bound, method, params, trace)
end

return calls
