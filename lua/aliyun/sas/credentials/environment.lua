--- The AccessKey of the environment.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local variables = require "aliyun.sas.credentials.variables"

local ID, SECRET, TOKEN =
  "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"

local NAMES = { accessKeyId = ID, accessKeySecret = SECRET, securityToken = TOKEN }

local Environment = { __name = "aliyun.sas.provider" }
Environment.__index = Environment

Environment.__tostring = function()
  return "<credentials of the environment>"
end

local function missing_names()
  local missing = {}
  for _, name in ipairs { ID, SECRET } do
    if not variables.read(name) then
      missing[#missing + 1] = name
    end
  end
  return missing
end

-- What is wrong, by the names of the variables: nobody has written accessKeySecret.
local function named(err)
  for _, problem in ipairs(err.problems or {}) do
    problem.path = NAMES[problem.path] or problem.path
  end
  err.message = "the environment holds what cannot be keys"
  return nil, failure.unsent(err, "credentials")
end

local function read()
  local held, err = core.credentials {
    accessKeyId = variables.read(ID), accessKeySecret = variables.read(SECRET), securityToken = variables.read(TOKEN),
  }
  if not held then
    return named(err)
  end
  return held
end

-- Read at each call, as the official SDKs do: a rotated key is seen without a new client.
function Environment:fetch()
  local missing = missing_names()
  if #missing == 0 then
    return read()
  elseif self.kept or self.wrong then
    return self.kept, self.wrong
  end
  return failure.answer("credentials", "NO_CREDENTIALS",
    "no credentials in the environment: " .. table.concat(missing, " and ") .. " not set",
    variables.hint({ ID, SECRET, TOKEN }, "set the variables, or give accessKeyId and accessKeySecret"))
end

function Environment:close()
  if self.kept then
    self.kept:close()
  end
end

-- While nginx reads its configuration the environment is whole; its workers do not have it.
local function will_be_cleared()
  local ngx = rawget(_G, "ngx")
  return ngx ~= nil and type(ngx.get_phase) == "function" and ngx.get_phase() == "init" and #missing_names() == 0
end

local environment = {}

--- ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, with STS, ALIBABA_CLOUD_SECURITY_TOKEN.
---@return aliyun.sas.provider
function environment.new()
  local kept, wrong
  if will_be_cleared() then
    kept, wrong = read()
  end
  return setmetatable({ kept = kept, wrong = wrong }, Environment)
end

return environment
