--- The credentials of the RAM role of an ECS instance, from its metadata service.
--
-- The one place besides a credentials URI where plain http is spoken: to one literal address, never through a proxy,
-- in short times, with small answers.

local core = require "aliyun.sas.core"
local endpoint = require "aliyun.sas.endpoint"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local shared = require "aliyun.sas.credentials.shared"
local variables = require "aliyun.sas.credentials.variables"

local ecs = {}

local LEGAL = { roleName = "string", disableIMDSv1 = "boolean", endpoint = "endpoint", share = "string" }

local ADDRESS = "100.100.100.200"
local TIMEOUT, MAX_BODY = 1, 16384
local ROLES = "/latest/meta-data/ram/security-credentials/"
local LIFE = "21600" -- seconds of a token of the metadata service
local WHAT = "the metadata service"

local ROLE, DISABLED, V1_DISABLED =
  "ALIBABA_CLOUD_ECS_METADATA", "ALIBABA_CLOUD_ECS_METADATA_DISABLED", "ALIBABA_CLOUD_IMDSV1_DISABLED"

local Source = {}
Source.__index = Source

local function request(self, context, method, path, headers, secrets)
  local at = self.at
  return exchange.send(context, WHAT, {
    method = method, scheme = at.scheme, host = at.host, port = at.port, path = path, headers = headers,
    connectTimeout = TIMEOUT, timeout = TIMEOUT, maxBody = MAX_BODY, plain = true,
  }, { secrets = secrets })
end

local function v1_is_disabled(self)
  return self.given.disableIMDSv1 or variables.is_yes(self.read(V1_DISABLED))
end

-- A token, false where the older version without one is to be used, or nil and the error.
local function token_of(self, context)
  local token, err, sent = request(self, context, "PUT", "/latest/api/token", {
    ["x-aliyun-ecs-metadata-token-ttl-seconds"] = LIFE,
  })
  if token and not token:match "^[\33-\126]+$" then
    sent = true
    token, err = failure.answer("credentials", "BAD_REPLY", WHAT .. ": what it answers is no token")
  end
  if token then
    return token
  elseif not sent or v1_is_disabled(self) then -- nobody is there, or nobody else is to be asked
    return nil, err
  end
  return false, err
end

-- The official SDKs get a token for each question.
local function get(self, context, path)
  local token, err
  if not self.without then
    token, err = token_of(self, context)
    if token == nil then
      return nil, err
    end
    self.without = token == false
  end
  local headers = token and { ["x-aliyun-ecs-metadata-token"] = token } or {}
  return request(self, context, "GET", path, headers, token and { token } or nil)
end

local function role_of(self, context)
  local role = self.given.roleName or self.read(ROLE)
  if not role then
    local err
    role, err = get(self, context, ROLES)
    if not role then
      if err.status == 404 then
        err.code, err.hint = "NO_CREDENTIALS", "attach a RAM role to this instance"
      end
      return nil, err
    end
    role = role:match "^%s*(.-)%s*$"
  end
  if #role > 64 or not role:match "^[%w%._%-]*[%w_%-]$" then
    return failure.answer("credentials", "BAD_REPLY", WHAT .. ": the name of the role is none")
  end
  return role
end

function Source:fetch(context)
  if variables.is_yes(self.read(DISABLED)) then
    return failure.answer("credentials", "NO_CREDENTIALS", WHAT .. " is switched off by " .. DISABLED)
  end
  local ask = setmetatable({ without = false }, { __index = self }) -- what this one has learnt
  local role, err = role_of(ask, context)
  if not role then
    return nil, err
  end
  local body
  body, err = get(ask, context, ROLES .. core.percent(role))
  if not body then
    return nil, err
  end
  return exchange.issued(WHAT, body, "ecs", context)
end

--- One that asks each time.
function ecs.source(given)
  local at = given.endpoint and endpoint.parse(given.endpoint) or { scheme = "http", host = ADDRESS }
  return setmetatable({ given = given, at = at, read = variables.reader { ROLE, DISABLED, V1_DISABLED } }, Source)
end

--- The credentials of the instance's role, renewed before they end.
---@param given? {roleName: string?, disableIMDSv1: boolean?, endpoint: string?, share: string?} the endpoint is for tests
---@return aliyun.sas.provider
function ecs.new(given)
  given = options.check("ecs", given, LEGAL, 2)
  return refresh.new("the ECS role", ecs.source(given), nil, shared.new("ecs", given, 2))
end

return ecs
