--- Credentials providers.
--
-- A provider is a table with `fetch(self, context)`, which answers credentials and, where they end, their expiry
-- (seconds since the epoch), or nil and an error object. Credentials are what `core.credentials` makes: a userdata
-- without getters that prints as `<credentials LTAI…x9>` and is wiped. A provider of your own may also answer a table
-- `{ accessKeyId =, accessKeySecret =, securityToken = }`.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local credentials = {}

---@class aliyun.sas.provider
---@field fetch fun(self, context: table): userdata|table|nil, number|aliyun.sas.error|nil
---@field close? fun(self)

local static = {}
static.__index = static
static.__name = "aliyun.sas.provider"

function static:fetch()
  return self.credentials
end

function static:close()
  self.credentials:close()
end

static.__tostring = function(self)
  return tostring(self.credentials)
end

--- Credentials that are known from the start. Raises the error object when a text is missing or cannot be one.
---@param keys {accessKeyId: string, accessKeySecret: string, securityToken: string?}
---@return aliyun.sas.provider
function credentials.static(keys)
  if type(keys) ~= "table" then
    error("static takes a table { accessKeyId =, accessKeySecret =, securityToken = }", 2)
  end
  local held, err = core.credentials(keys)
  if not held then
    error(err, 2)
  end
  return setmetatable({ credentials = held }, static)
end

local environment = {}
environment.__index = environment
environment.__name = "aliyun.sas.provider"
environment.__tostring = function()
  return "<credentials of the environment>"
end

local function set(name)
  local value = os.getenv(name)
  return value and value ~= "" and value or nil
end

-- Read at each call, as the official SDKs do: a rotated key is seen without a new client.
function environment.fetch()
  local id, secret = set "ALIBABA_CLOUD_ACCESS_KEY_ID", set "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
  if not id or not secret then
    local missing = {}
    missing[#missing + 1] = not id and "ALIBABA_CLOUD_ACCESS_KEY_ID" or nil
    missing[#missing + 1] = not secret and "ALIBABA_CLOUD_ACCESS_KEY_SECRET" or nil
    return failure.answer("credentials", "NO_CREDENTIALS",
      "no credentials in the environment: " .. table.concat(missing, " and ") .. " not set",
      "set the variables (under nginx with an env directive), or give accessKeyId and accessKeySecret")
  end
  return core.credentials {
    accessKeyId = id, accessKeySecret = secret, securityToken = set "ALIBABA_CLOUD_SECURITY_TOKEN",
  }
end

--- ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, with STS, ALIBABA_CLOUD_SECURITY_TOKEN.
---@return aliyun.sas.provider
function credentials.environment()
  return setmetatable({}, environment)
end

--- What a client uses that is given none.
---@return aliyun.sas.provider
function credentials.default()
  return credentials.environment()
end

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
---@param context {transport: table, now: function, monotonic: function, sleep: function} of the client
---@return userdata? credentials, aliyun.sas.error? err
function credentials.fetch(provider, context)
  local good, answer, err = protected(provider.fetch, provider, context)
  if not good then
    return failed(answer)
  elseif type(answer) == "table" then
    return core.credentials(answer)
  elseif getmetatable(answer) == "aliyun.sas.credentials" then
    return answer
  elseif answer == nil and failure.is(err) then
    return nil, failure.unsent(err, "credentials")
  end
  return failed(err)
end

return credentials
