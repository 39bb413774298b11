--- A call from its parameters to its end: made and checked in C, then driven.

local core = require "aliyun.sas.core"
local driver = require "aliyun.sas.driver"
local ids = require "aliyun.sas.ids"

local calls = {}

-- By action and by method name; C has the one table.
local operations = {}
for _, operation in ipairs(core.operations()) do
  operations[operation.action] = operation
  operations[operation.method] = operation
end

--- The operations by action and by method name.
calls.operations = operations

local ID_TYPES = { id = true, ids = true, groups = true }

-- The value with digits in the place of 64-bit numbers of LuaJIT, which C cannot look into; the value itself where it
-- has none. What has a metatable is for C to judge.
local function with_digits(value)
  if type(value) == "cdata" then
    return ids.text(value) or value
  elseif type(value) ~= "table" or getmetatable(value) ~= nil then
    return value
  end
  local copy, found = {}, false
  for key, item in next, value do
    copy[key] = type(item) == "cdata" and ids.text(item) or item
    found = found or type(item) == "cdata"
  end
  return found and copy or value
end

local function shallow(value)
  local copy = {}
  for key, item in next, value do
    copy[key] = item
  end
  return copy
end

-- The parameters with digits wherever Ids are.
local function with_plain_ids(operation, params)
  if type(params) ~= "table" or getmetatable(params) ~= nil then
    return params
  end
  local copy
  for _, parameter in ipairs(operation.parameters) do
    local value = ID_TYPES[parameter.type] and params[parameter.name]
    local plain = with_digits(value)
    if not rawequal(plain, value) then
      copy = copy or shallow(params)
      copy[parameter.name] = plain
    end
  end
  return copy or params
end

local is_jit = rawget(_G, "jit") ~= nil

--- Makes the call of an operation.
---@param settings table of core
---@param method string
---@param params? table
---@return userdata? call, aliyun.sas.error? err
function calls.make(settings, method, params)
  return core[method](settings, is_jit and with_plain_ids(operations[method], params) or params)
end

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
  call, err = calls.make(settings, method, params)
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
