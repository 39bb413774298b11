--- AssumeRoleWithOIDC: the credentials of a RAM role for a token that a platform puts into a file.

local core = require "aliyun.sas.core"
local dates = require "aliyun.sas.dates"
local failure = require "aliyun.sas.failure"
local file = require "aliyun.sas.credentials.file"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local shared = require "aliyun.sas.credentials.shared"
local sts = require "aliyun.sas.credentials.sts"
local variables = require "aliyun.sas.credentials.variables"

local oidc = {}

local LEGAL = {
  roleArn = "string", oidcProviderArn = "string", oidcTokenFilePath = "string", roleSessionName = "string",
  roleSessionExpiration = "number", policy = "string", stsRegionId = "string", enableVpc = "boolean",
  endpoint = "endpoint", share = "string",
}

local PROVIDER, TOKEN_FILE = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"

local Source = {}
Source.__index = Source

-- What is needed at least: option = variable.
local NEEDED = {
  { "roleArn", "ALIBABA_CLOUD_ROLE_ARN" }, { "oidcProviderArn", PROVIDER }, { "oidcTokenFilePath", TOKEN_FILE },
}

local function find_needed(given, read)
  local found, missing, names = {}, {}, {}
  for _, pair in ipairs(NEEDED) do
    local option, name = pair[1], pair[2]
    found[option] = given[option] or read(name)
    if not found[option] then
      missing[#missing + 1] = given.inProfile and option or name
      names[#names + 1] = name
    end
  end
  if #missing == 0 then
    return found
  end
  return failure.answer("credentials", "NO_CREDENTIALS", "for a role with OIDC, " .. table.concat(missing, " and ")
    .. (#missing == 1 and " is" or " are") .. " not set", variables.hint(names, "set the variables, or give options"))
end

-- The form as the official SDKs send it; nothing of it is signed.
local function form_of(given, found, token, read, now)
  local list = {
    { "OIDCProviderArn", found.oidcProviderArn }, { "OIDCToken", token }, { "RoleArn", found.roleArn },
    { "RoleSessionName", sts.session(given, read, now) }, { "DurationSeconds", sts.duration(given) },
  }
  if given.policy then
    list[#list + 1] = { "Policy", given.policy }
  end
  return core.form(list)
end

-- The platform replaces the token, so its file is read each time; it is commonly readable by all in its container.
local function read_token(context, path)
  local token, err = file.read(context, path)
  if not token and err.code == "NO_CREDENTIALS" then
    err.code = "NOT_FOUND"
  end
  return token, err
end

function Source:fetch(context)
  local given, read = self.given, self.read
  local found, err = find_needed(given, read)
  if not found then
    return nil, err
  end
  local at
  at, err = sts.place(given, read)
  if not at then
    return nil, err
  end
  local token
  token, err = read_token(context, found.oidcTokenFilePath)
  if not token then
    return nil, err
  end
  local now = context.now()
  local form
  form, err = form_of(given, found, token, read, now)
  if not form then
    return nil, (select(2, file.bad(found.oidcTokenFilePath, err)))
  end
  local query = core.form {
    { "Version", sts.VERSION }, { "Action", "AssumeRoleWithOIDC" }, { "Format", "JSON" },
    { "Timestamp", dates.text(now) },
  }
  local headers = { ["content-type"] = "application/x-www-form-urlencoded", accept = "application/json" }
  return sts.call(context, "AssumeRoleWithOIDC", at, { query = query, headers = headers, body = form }, { token })
end

--- One that asks each time.
function oidc.source(given)
  local names = { PROVIDER, TOKEN_FILE }
  for _, name in ipairs(sts.variables) do
    names[#names + 1] = name
  end
  return setmetatable({ given = given, read = variables.reader(names) }, Source)
end

--- The role's credentials, renewed before they end. What is not given is read from the environment.
---@param given? {roleArn: string?, oidcProviderArn: string?, oidcTokenFilePath: string?, roleSessionName: string?, roleSessionExpiration: number?, policy: string?, stsRegionId: string?, enableVpc: boolean?, endpoint: string?, share: string?}
---@return aliyun.sas.provider
function oidc.new(given)
  given = options.check("oidc", given, LEGAL, 2)
  return refresh.new("a role with OIDC", oidc.source(given), nil, shared.new("oidc", given, 2))
end

return oidc
