--- Asks a provider, whoever made it.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local function failed(reason)
  local message = "the credentials provider answered no credentials"
  if reason ~= nil then
    message = "the credentials provider failed: " .. failure.text(reason)
  end
  return failure.answer("credentials", "PROVIDER_FAILED", message,
    "fetch answers credentials, or nil and an error object (aliyun.sas.core.error makes one)")
end

--- Asks a provider; a table that it answers becomes credentials of the C core. A provider that raises has failed.
---@param provider aliyun.sas.provider
---@param context aliyun.sas.context
---@return userdata? credentials, number|aliyun.sas.error|nil expiry_or_err
return function(provider, context)
  local good, answer, more = protected(provider.fetch, provider, context)
  if not good then
    failure.pass_memory(answer)
    return failed(answer)
  elseif type(answer) == "table" then
    local held, err = core.credentials(answer)
    if not held then
      return nil, err
    end
    return held, type(more) == "number" and more or nil
  elseif getmetatable(answer) == "aliyun.sas.credentials" then
    return answer, type(more) == "number" and more or nil
  elseif answer == nil and failure.is(more) then
    return nil, failure.unsent(more, "credentials")
  end
  return failed(more)
end
