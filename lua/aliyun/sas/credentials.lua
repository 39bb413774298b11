--- Credentials providers.
--
-- A provider is a table with `fetch(self, context)`, which answers credentials and, where they end, their expiry
-- (seconds since the epoch), or nil and an error object. Credentials are what `core.credentials` makes: a userdata
-- without getters that prints as `<credentials LTAI…x9>` and is wiped. A provider of your own may also answer a table
-- `{ accessKeyId =, accessKeySecret =, securityToken = }`.

local ask = require "aliyun.sas.credentials.ask"
local chain = require "aliyun.sas.credentials.chain"
local cloudsso = require "aliyun.sas.credentials.cloudsso"
local ecs = require "aliyun.sas.credentials.ecs"
local environment = require "aliyun.sas.credentials.environment"
local external = require "aliyun.sas.credentials.external"
local ini = require "aliyun.sas.credentials.ini"
local oauth = require "aliyun.sas.credentials.oauth"
local oidc = require "aliyun.sas.credentials.oidc"
local profile = require "aliyun.sas.credentials.profile"
local role = require "aliyun.sas.credentials.role"
local static = require "aliyun.sas.credentials.static"
local uri = require "aliyun.sas.credentials.uri"

---@class aliyun.sas.context what a provider is asked with: the client's own
---@field transport table
---@field now fun(): number seconds since the epoch
---@field monotonic fun(): number
---@field sleep fun(seconds: number)
---@field deadline? number when, by monotonic, the call is over
---@field refresh? boolean the service has just refused the token as expired
---@field refused? userdata the credentials with that token
---@field warn? fun(message: string, hint: string?)

---@class aliyun.sas.provider
---@field fetch fun(self: table, context: aliyun.sas.context): userdata|table|nil, number|aliyun.sas.error|nil
---@field close? fun(self: table)
---@field regionId? fun(self: table): string?, aliyun.sas.error?, string? for a client that is given none: the region,
--- why there is none, and the file that it is from

return {
  static = static.new,
  environment = environment.new,
  oidc = oidc.new,
  profile = profile.new,
  ini = ini.new,
  ecs = ecs.new,
  uri = uri.new,
  role = role.new,
  external = external.new,
  cloudsso = cloudsso.new,
  oauth = oauth.new,
  chain = chain.new,
  default = chain.default,
  fetch = ask,
}
