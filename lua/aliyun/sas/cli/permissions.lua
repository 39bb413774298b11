--- What RAM has to allow: the actions of the operations that the commands call, and what to say of one that is denied.

local core = require "aliyun.sas.core"

local permissions = {}

-- What no method of a client is for: doctor asks by it for the edition.
local FURTHER = { { action = "DescribeVersionConfig", ramAction = "yundun-sas:DescribeVersionConfig" } }

local ALLOW = "allow %s to this user or role (sas-dingtalk policy prints a policy), or see whether the edition of "
  .. "Security Center has it"

--- The operations with their RAM actions: those of the core in their order, and behind them the further ones.
---@return {action: string, ramAction: string}[]
function permissions.list()
  local list = core.operations()
  for _, operation in ipairs(FURTHER) do
    list[#list + 1] = operation
  end
  return list
end

local function ram_action(action)
  for _, operation in ipairs(permissions.list()) do
    if operation.action == action then
      return operation.ramAction
    end
  end
end

--- Whether the service says that the keys may not make a call.
---@param err aliyun.sas.error
function permissions.is_denial(err)
  local forbidden = err.code:find "^Forbidden" ~= nil and err.code ~= "Forbidden.AccessKeyDisabled"
  return forbidden or err.code:find "^NoPermission" ~= nil
end

--- What to do about that.
---@param action string
---@return string
function permissions.fix(action)
  return ALLOW:format(ram_action(action))
end

return permissions
