--- Calls of STS: which host, and what they answer.

local endpoint = require "aliyun.sas.endpoint"
local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"
local variables = require "aliyun.sas.credentials.variables"

local sts = {}

sts.variables = {
  "ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_ROLE_SESSION_NAME", "ALIBABA_CLOUD_STS_REGION",
  "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
}

--- The version of the API.
sts.VERSION = "2015-04-01"

local HINTS = {
  NoPermission = "allow the caller sts:AssumeRole on this role, and name it in the role's trust policy",
  ["EntityNotExist.Role"] = "check roleArn: the account has no such role",
  ["AuthenticationFail.NoPermission"] = "name the identity provider in the role's trust policy",
  ["InvalidTimeStamp.Expired"] = "check this machine's clock: STS accepts 15 minutes of difference",
  SignatureDoesNotMatch = "check the AccessKeySecret",
}

-- Only the vendor's own hosts, whatever a file or the environment say.
local function host_of(given, read)
  local region = given.stsRegionId or read "ALIBABA_CLOUD_STS_REGION"
  if not region then
    return "sts.aliyuncs.com"
  elseif #region > 64 or not region:match "^%l[%l%d%-]*[%l%d]$" then
    return nil, "the region of STS is no region id such as cn-hangzhou"
  end
  local vpc = given.enableVpc
  if vpc == nil then
    vpc = variables.is_yes(read "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED")
  end
  return ("%s.%s.aliyuncs.com"):format(vpc and "sts-vpc" or "sts", region)
end

--- Where STS is: `given.endpoint`, which only code gives, or the host of the region.
---@return {scheme: string, host: string, port: integer?}? at, aliyun.sas.error? err
function sts.place(given, read)
  if given.endpoint then
    return endpoint.parse(given.endpoint)
  end
  local host, wrong = host_of(given, read)
  if not host then
    return failure.answer("credentials", "BAD_REGION", wrong)
  end
  return { scheme = "https", host = host }
end

--- Seconds, for the form; 0 and none are the default of an hour.
function sts.duration(given)
  local seconds = given.roleSessionExpiration
  return ("%.0f"):format(seconds and seconds > 0 and seconds or 3600)
end

--- The name of the session.
function sts.session(given, read, now)
  return given.roleSessionName or read "ALIBABA_CLOUD_ROLE_SESSION_NAME" or ("aliyun-sas-%.0f"):format(now)
end

--- Sends a call and reads the credentials of its answer.
---@param context table
---@param action string
---@param at {scheme: string, host: string, port: integer?}
---@param parts {query: string, headers: table, body: string}
---@param secrets (string|userdata)[] of what is sent, which no error may show
---@return userdata? credentials, number|aliyun.sas.error|nil
function sts.call(context, action, at, parts, secrets)
  local what = action .. " at " .. at.host
  local body, err = exchange.send(context, what, {
    method = "POST", scheme = at.scheme, host = at.host, port = at.port, path = "/", query = parts.query,
    headers = parts.headers, body = parts.body,
  }, { secrets = secrets, hints = HINTS })
  if not body then
    return nil, err
  end
  return exchange.issued(what, body, "sts", context)
end

return sts
