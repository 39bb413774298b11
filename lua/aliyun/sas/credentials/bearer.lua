--- What CloudSSO and OAuth share: a token of a login, for which credentials are given.

local core = require "aliyun.sas.core"
local endpoint = require "aliyun.sas.endpoint"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"

local bearer = {}

--- Where to ask: an endpoint that code gives, or a host that must lie under one of the domains.
---@param given? string
---@param host? string
---@param domains string[]
function bearer.place(given, host, domains)
  if given then
    return endpoint.parse(given)
  end
  local at = host and endpoint.parse(host)
  for _, domain in ipairs(domains) do
    if at and at.scheme == "https" and at.host:sub(-#domain - 1) == "." .. domain then
      return at
    end
  end
  return failure.answer("credentials", "BAD_URI", "the host of the login is none of " .. table.concat(domains, " and "))
end

--- The token as a header; nil and the error where it is missing or has ended.
---@param token? string|userdata
---@param expire? number seconds since the epoch
---@param now number
---@param hint string how to get another
function bearer.header(token, expire, now, hint)
  if not token then
    return failure.answer("credentials", "NO_CREDENTIALS", "there is no access token", hint)
  elseif expire and expire <= now then
    return failure.answer("credentials", "EXPIRED", "the access token has ended", hint)
  end
  return core.bearer(token)
end

--- Asks for credentials.
---@param context table
---@param what string
---@param at table
---@param path string
---@param header string
---@param body string
---@param form string
function bearer.call(context, what, at, path, header, body, form)
  local answer, err = exchange.send(context, what, {
    method = "POST", scheme = at.scheme, host = at.host, port = at.port, path = path, body = body,
    headers = { accept = "application/json", ["content-type"] = "application/json", authorization = header },
  }, { secrets = { (header:gsub("^Bearer ", "")) } })
  if not answer then
    return nil, err
  end
  return exchange.issued(what, answer, form, context)
end

return bearer
