--- The profiles of the SDKs: an ini file.

local core = require "aliyun.sas.core"
local ecs = require "aliyun.sas.credentials.ecs"
local failure = require "aliyun.sas.failure"
local file = require "aliyun.sas.credentials.file"
local oidc = require "aliyun.sas.credentials.oidc"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local role = require "aliyun.sas.credentials.role"
local shared = require "aliyun.sas.credentials.shared"
local static = require "aliyun.sas.credentials.static"
local variables = require "aliyun.sas.credentials.variables"

local ini = {}

local FILE, NAME = "ALIBABA_CLOUD_CREDENTIALS_FILE", "ALIBABA_CLOUD_PROFILE"

-- The Go and the Node SDK read the first, the Java and the Python SDK the second.
local PLACES = { ".alibabacloud/credentials", ".alibabacloud/credentials.ini" }

local Source = {}
Source.__index = Source

local types = {}

function types.access_key(said, what)
  return static.of(said.credentials, what)
end

function types.ecs_ram_role(said)
  return ecs.source(said)
end

types.ram_role_arn = role.of_keys

function types.oidc_role_arn(said)
  said.inProfile = true
  return oidc.source(said)
end

-- The files to look at, in their order.
local function places(self)
  local path = self.given.file or self.read(FILE)
  if path then
    return { path }
  end
  local list = {}
  for i, name in ipairs(PLACES) do
    local err
    list[i], err = file.at_home(self.read "HOME", name)
    if not list[i] then
      return nil, err
    end
  end
  return list
end

-- The first that is there.
local function read_first(context, list, warned)
  for _, path in ipairs(list) do
    local text, err = file.read(context, path, warned)
    if text or err.code ~= "NO_CREDENTIALS" then
      return text, err, path
    end
  end
  local missing = table.concat(list, " nor ")
  return nil, select(2, failure.answer("credentials", "NO_CREDENTIALS",
    #list == 1 and missing .. " is not there" or "neither " .. missing .. " is there"))
end

local function source_of(said, what)
  if variables.is_yes(said.enable or "true") then
    local make = types[said.type]
    if make then
      return make(said, what)
    end
    return failure.answer("credentials", "BAD_FILE", what .. " has no type that is known here",
      "known are access_key, ecs_ram_role, oidc_role_arn and ram_role_arn")
  end
  return failure.answer("credentials", "NO_CREDENTIALS", what .. " is switched off by its key enable")
end

function Source:fetch(context)
  local list, err = places(self)
  if not list then
    return nil, err
  end
  local text, path
  text, err, path = read_first(context, list, self.warned)
  if not text then
    return nil, err
  end
  local said
  said, err = core.iniprofile(text, self.given.profileName or self.read(NAME) or "default")
  text:close()
  if not said then
    return file.bad(path, err)
  end
  local source
  source, err = source_of(said, path .. ": the section")
  if not source then
    return nil, err
  end
  return source:fetch(context)
end

--- The credentials of a section: the one that is named, or of ALIBABA_CLOUD_PROFILE, or `default`.
---@param given? {profileName: string?, file: string?, share: string?}
---@return aliyun.sas.provider
function ini.new(given)
  given = options.check("ini", given, { profileName = "string", file = "string", share = "string" }, 2)
  local source = setmetatable({ given = given, warned = {}, read = variables.reader { FILE, NAME, "HOME" } }, Source)
  return refresh.new("an ini file", source, file.RECHECK, shared.new("ini", given, 2))
end

return ini
