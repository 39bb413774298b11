--- The credentials of a CloudSSO access configuration, for a login of the aliyun command.

local bearer = require "aliyun.sas.credentials.bearer"
local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local shared = require "aliyun.sas.credentials.shared"

local cloudsso = {}

local LEGAL = {
  signInUrl = "string", accountId = "string", accessConfig = "string", accessToken = "secret",
  accessTokenExpire = "number", endpoint = "endpoint", share = "string",
}

local DOMAINS = { "alibabacloudsso.com", "aliyuncs.com" }
local AGAIN = "log in again with the aliyun command: aliyun configure --mode CloudSSO"

local Source = {}
Source.__index = Source

function Source:fetch(context)
  local given = self.given
  for _, name in ipairs { "accountId", "accessConfig" } do
    if not given[name] then
      return failure.answer("credentials", "NO_CREDENTIALS", "CloudSSO: " .. name .. " is not set")
    end
  end
  return bearer.ask(context, given, {
    name = "CloudSSO", host = (given.signInUrl or ""):match "^(https://[^/?#]+)", domains = DOMAINS, again = AGAIN,
    path = "/cloud-credentials", form = "cloudsso",
    -- the Node SDK builds this body and never sends it
    body = core.encode { AccountId = given.accountId, AccessConfigurationId = given.accessConfig },
  })
end

--- One that asks each time.
function cloudsso.source(given)
  return setmetatable({ given = given }, Source)
end

--- The credentials, renewed before they end, as long as the login lasts.
---@param given {signInUrl: string?, accountId: string, accessConfig: string, accessToken: string|userdata, accessTokenExpire: number?, endpoint: string?, share: string?}
---@return aliyun.sas.provider
function cloudsso.new(given)
  given = options.check("cloudsso", given, LEGAL, 2)
  return refresh.new("CloudSSO", cloudsso.source(given), nil, shared.new("cloudsso", given, 2))
end

return cloudsso
