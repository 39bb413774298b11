--- Credentials that a URL answers, such as one of a container's platform. Plain http is allowed.

local endpoint = require "aliyun.sas.endpoint"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local shared = require "aliyun.sas.credentials.shared"
local variables = require "aliyun.sas.credentials.variables"

local uri = {}

local NAME = "ALIBABA_CLOUD_CREDENTIALS_URI"
local WHAT = "the credentials URI" -- which is not shown: it may hold a token

local Source = {}
Source.__index = Source

--- Takes a URL apart; nil and what is wrong with it.
---@param text string
function uri.parse(text)
  local scheme, authority, rest = text:match "^(https?)://([^/?#]+)([^#]*)$"
  if not scheme then
    return nil, "is no URL of http or https"
  end
  -- The rules of an endpoint, but that plain http may go anywhere: https is what they allow.
  local at, wrong = endpoint.parse("https://" .. authority)
  if not at then
    return nil, wrong
  end
  local path, query = rest:match "^([^?]*)%??(.*)$"
  if path:sub(1, 1) ~= "/" then
    path = "/" .. path
  end
  if (path .. query):find "[^\33-\126]" then
    return nil, "holds what has to be percent-encoded"
  end
  return { scheme = scheme, host = at.host, port = at.port, path = path, query = query }
end

-- The whole path and query, since each may hold a token; and each value, which may be echoed alone.
local function secrets_of(at)
  local list = { at.path, at.query }
  for pair in at.query:gmatch "[^&;]+" do
    list[#list + 1] = pair:match "=(.*)$" or pair
  end
  return list
end

function Source:fetch(context)
  local text = self.given.credentialsURI or self.read(NAME)
  if not text then
    return failure.answer("credentials", "NO_CREDENTIALS", NAME .. " is not set",
      variables.hint({ NAME }, "set the variable, or give credentialsURI"))
  end
  local at, wrong = uri.parse(text)
  if not at then
    return failure.answer("credentials", "BAD_URI", WHAT .. " " .. wrong)
  end
  local body, err = exchange.send(context, WHAT, {
    method = "GET", scheme = at.scheme, host = at.host, port = at.port, path = at.path, query = at.query, plain = true,
  }, { secrets = secrets_of(at) })
  if not body then
    return nil, err
  end
  return exchange.issued(WHAT, body, "uri", context)
end

--- One that asks each time.
function uri.source(given)
  return setmetatable({ given = given, read = variables.reader { NAME } }, Source)
end

--- Credentials from ALIBABA_CLOUD_CREDENTIALS_URI, or from the URL that is given, renewed before they end.
---@param given? {credentialsURI: string?, share: string?}
---@return aliyun.sas.provider
function uri.new(given)
  given = options.check("uri", given, { credentialsURI = "string", share = "string" }, 2)
  if given.credentialsURI then
    local at, wrong = uri.parse(given.credentialsURI)
    if not at then
      error("uri: credentialsURI " .. wrong, 2)
    end
  end
  return refresh.new("a credentials URI", uri.source(given), nil, shared.new("uri", given, 2))
end

return uri
