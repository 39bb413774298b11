--- Credentials that are known from the start.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"

local Static = { __name = "aliyun.sas.provider" }
Static.__index = Static

function Static:fetch()
  return self.credentials
end

function Static:close()
  self.credentials:close()
end

Static.__tostring = function(self)
  return tostring(self.credentials)
end

local static = {}

--- The same of credentials that stand in a profile; nil and the error where it has none.
---@param held? userdata
---@param what string
function static.of(held, what)
  if not held then
    return failure.answer("credentials", "BAD_FILE", what .. " has no access_key_id and access_key_secret")
  end
  return setmetatable({ credentials = held }, Static)
end

--- Raises the error object when a text is missing or cannot be one.
---@param keys {accessKeyId: string, accessKeySecret: string, securityToken: string?}
---@return aliyun.sas.provider
function static.new(keys)
  if type(keys) ~= "table" then
    error("static takes a table { accessKeyId =, accessKeySecret =, securityToken = }", 2)
  end
  local held, err = core.credentials(keys)
  if not held then
    error(err, 2)
  end
  return setmetatable({ credentials = held }, Static)
end

return static
