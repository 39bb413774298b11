--- What CloudSSO and OAuth share: a token of a login, for which credentials are given.

local core = require "aliyun.sas.core"
local endpoint = require "aliyun.sas.endpoint"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"

local bearer = {}

-- An endpoint that code gives, or a host that must lie under one of the domains.
local function place_of(endpoint_given, host, domains)
  if endpoint_given then
    return endpoint.parse(endpoint_given)
  end
  local at = host and endpoint.parse(host)
  for _, domain in ipairs(domains) do
    if at and at.scheme == "https" and at.host:sub(-#domain - 1) == "." .. domain then
      return at
    end
  end
  return failure.answer("credentials", "BAD_URI", "the host of the login is none of " .. table.concat(domains, " and "))
end

-- The token as a header; nil and the error where it is missing or has ended.
local function header_of(token, expire, now, hint)
  if not token then
    return failure.answer("credentials", "NO_CREDENTIALS", "there is no access token", hint)
  elseif expire and expire <= now then
    return failure.answer("credentials", "EXPIRED", "the access token has ended", hint)
  end
  return core.bearer(token)
end

--- Asks for credentials with the token of a login.
---@param context table
---@param given {accessToken: string|userdata|nil, accessTokenExpire: number?, endpoint: string?}
---@param how {name: string, host: string?, domains: string[], again: string, path: string, body: string, form: string}
--- `again` is how to log in again, `form` what core.issued calls the answer
---@return userdata? credentials, number|aliyun.sas.error|nil
function bearer.ask(context, given, how)
  local at, err = place_of(given.endpoint, how.host, how.domains)
  if not at then
    return nil, err
  end
  local header
  header, err = header_of(given.accessToken, given.accessTokenExpire, context.now(), how.again)
  if not header then
    return nil, err
  end
  local what = how.name .. " at " .. at.host
  local answer
  answer, err = exchange.send(context, what, {
    method = "POST", scheme = at.scheme, host = at.host, port = at.port, path = how.path, body = how.body,
    headers = { accept = "application/json", ["content-type"] = "application/json", authorization = header },
  }, { secrets = { (header:gsub("^Bearer ", "")) } })
  if not answer then
    return nil, err
  end
  return exchange.issued(what, answer, how.form, context)
end

return bearer
