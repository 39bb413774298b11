--- AssumeRole: the credentials of a RAM role, for which other credentials are given.

local ask = require "aliyun.sas.credentials.ask"
local core = require "aliyun.sas.core"
local dates = require "aliyun.sas.dates"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local shared = require "aliyun.sas.credentials.shared"
local static = require "aliyun.sas.credentials.static"
local sts = require "aliyun.sas.credentials.sts"
local variables = require "aliyun.sas.credentials.variables"

local role = {}

local LEGAL = {
  source = "provider", accessKeyId = "string", accessKeySecret = "string", securityToken = "string",
  roleArn = "string", roleSessionName = "string", roleSessionExpiration = "number", policy = "string",
  externalId = "string", stsRegionId = "string", enableVpc = "boolean", endpoint = "endpoint",
  share = "string",
}

local Source = {}
Source.__index = Source

local function form_of(given, read, now)
  return {
    RoleArn = given.roleArn or read "ALIBABA_CLOUD_ROLE_ARN", RoleSessionName = sts.session(given, read, now),
    DurationSeconds = sts.duration(given), Policy = given.policy, ExternalId = given.externalId,
  }
end

function Source:fetch(context)
  local given, read = self.given, self.read
  local form = form_of(given, read, context.now())
  if not form.RoleArn then
    return failure.answer("credentials", "NO_CREDENTIALS", "roleArn and ALIBABA_CLOUD_ROLE_ARN are not set",
      variables.hint({ "ALIBABA_CLOUD_ROLE_ARN" }, "give roleArn"))
  end
  local at, err = sts.place(given, read)
  if not at then
    return nil, err
  end
  local held
  held, err = ask(given.source, context)
  if not held then
    return nil, err
  end
  local signed
  signed, err = core.sign {
    version = "v1", method = "POST", host = exchange.authority(at.host, at.port), path = "/", action = "AssumeRole",
    apiVersion = sts.VERSION, format = "JSON", date = dates.text(context.now()), nonce = core.nonce(), form = form,
    credentials = held,
  }
  if not signed then
    return failure.answer("credentials", err.code, "AssumeRole: " .. tostring(err))
  end
  local secrets = { held, signed.signature }
  secrets[#secrets + 1] = signed.query:match "SecurityToken=([^&]*)" -- also where `held` is closed meanwhile
  secrets[#secrets + 1] = given.externalId
  return sts.call(context, "AssumeRole", at, signed, secrets)
end

function Source:close()
  if self.owned and self.given.source.close then
    self.given.source:close()
  end
end

--- One that asks each time.
---@param given table with `source`
---@param owned? boolean whether closing it closes the source
function role.source(given, owned)
  return setmetatable({ given = given, owned = owned, read = variables.reader(sts.variables) }, Source)
end

--- The same for a profile, with the keys that stand in it; nil and the error where it has none.
---@param said table of core.cliprofile or core.iniprofile
---@param what string the profile, for errors
function role.of_keys(said, what)
  local keys, err = static.of(said.credentials, what)
  if not keys then
    return nil, err
  end
  said.source = keys
  return role.source(said)
end

--- The role's credentials, renewed before they end.
---@param given {source: aliyun.sas.provider?, accessKeyId: string?, accessKeySecret: string?, securityToken: string?, roleArn: string?, roleSessionName: string?, roleSessionExpiration: number?, policy: string?, externalId: string?, stsRegionId: string?, enableVpc: boolean?, endpoint: string?, share: string?}
---@return aliyun.sas.provider
function role.new(given)
  given = options.check("role", given, LEGAL, 2)
  local owned = given.source == nil
  if owned then
    given.source = static.new {
      accessKeyId = given.accessKeyId, accessKeySecret = given.accessKeySecret, securityToken = given.securityToken,
    }
  elseif given.accessKeyId or given.accessKeySecret or given.securityToken then
    error("role: source stands beside accessKeyId", 2)
  end
  given.accessKeyId, given.accessKeySecret, given.securityToken = nil, nil, nil
  local share = shared.new("role", given, 2)
  return refresh.new("a RAM role", role.source(given, owned), nil, share)
end

return role
