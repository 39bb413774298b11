--- The credentials of an OAuth login of the aliyun command, as long as its access token lasts.
--
-- Read only. Renewing the access token would end the refresh token that stands in the file, and the command, another
-- program, or a crash between the answer and the writing would then be left with none: the command does it itself.

local bearer = require "aliyun.sas.credentials.bearer"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local shared = require "aliyun.sas.credentials.shared"

local oauth = {}

local LEGAL = {
  siteType = "string", accessToken = "secret", accessTokenExpire = "number", endpoint = "endpoint",
  share = "string",
}

local HOSTS = { CN = "oauth.aliyun.com", INTL = "oauth.alibabacloud.com" }
local AGAIN = "run a command of aliyun with this profile, which renews the login, or log in again: "
  .. "aliyun configure --mode OAuth"

local Source = {}
Source.__index = Source

function Source:fetch(context)
  return bearer.ask(context, self.given, {
    name = "OAuth", host = HOSTS[self.given.siteType or "CN"], domains = { "aliyun.com", "alibabacloud.com" },
    again = AGAIN, path = "/v1/exchange", body = "", form = "oauth",
  })
end

--- One that asks each time.
function oauth.source(given)
  return setmetatable({ given = given }, Source)
end

--- The credentials, renewed before they end, as long as the login lasts.
---@param given {siteType: "CN"|"INTL"|nil, accessToken: string|userdata, accessTokenExpire: number?, endpoint: string?, share: string?}
---@return aliyun.sas.provider
function oauth.new(given)
  given = options.check("oauth", given, LEGAL, 2)
  return refresh.new("OAuth", oauth.source(given), nil, shared.new("oauth", given, 2))
end

return oauth
