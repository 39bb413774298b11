--- The profiles of the aliyun command: ~/.aliyun/config.json.

local cloudsso = require "aliyun.sas.credentials.cloudsso"
local core = require "aliyun.sas.core"
local ecs = require "aliyun.sas.credentials.ecs"
local external = require "aliyun.sas.credentials.external"
local failure = require "aliyun.sas.failure"
local file = require "aliyun.sas.credentials.file"
local oauth = require "aliyun.sas.credentials.oauth"
local oidc = require "aliyun.sas.credentials.oidc"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local role = require "aliyun.sas.credentials.role"
local shared = require "aliyun.sas.credentials.shared"
local static = require "aliyun.sas.credentials.static"
local uri = require "aliyun.sas.credentials.uri"
local variables = require "aliyun.sas.credentials.variables"

local profile = {}

local FILE, NAME = "ALIBABA_CLOUD_CONFIG_FILE", "ALIBABA_CLOUD_PROFILE"
local SWITCHES = { "ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "ALIBABA_CLOUD_IGNORE_PROFILE" }

local LIST = "aliyun configure list shows the profiles, aliyun configure --profile NAME makes one"

local LONGEST_CHAIN = 8

local Source = {}
Source.__index = Source

-- Each mode: a source of what the profile says, or nil and the error. `chain` has the profiles on the way to it.
local modes = {}

function modes.AK(said, what)
  return static.of(said.credentials, what)
end

modes.StsToken = modes.AK

modes.RamRoleArn = role.of_keys

function modes.EcsRamRole(said)
  return ecs.source(said)
end

function modes.OIDC(said)
  said.inProfile = true
  return oidc.source(said)
end

function modes.External(said, what)
  if not said.processCommand then
    return failure.answer("credentials", "BAD_FILE", what .. " has no process_command")
  end
  return external.source(said)
end

function modes.CredentialsURI(said)
  return uri.source(said)
end

function modes.CloudSSO(said)
  return cloudsso.source(said)
end

function modes.OAuth(said)
  said.accessToken, said.accessTokenExpire = said.oauthAccessToken, said.oauthAccessTokenExpire
  return oauth.source(said)
end

-- No longer than this: access keys have 24 to 30 characters.
local function is_plain(name)
  return name ~= nil and #name <= 23 and name:match "^[%w_%.%-]+$" ~= nil
end

-- A name of a profile is shown where it is a plain word.
local function quoted(name)
  return is_plain(name) and '"' .. name .. '"' or "of another name"
end

local source_of -- below: modes call it

function modes.ChainableRamRoleArn(said, what, reading)
  local name = said.sourceProfile
  if not name then
    return failure.answer("credentials", "BAD_FILE", what .. " has no source_profile")
  elseif reading.seen[name] or reading.depth >= LONGEST_CHAIN then
    return failure.answer("credentials", "BAD_FILE", what .. ": its source_profile leads back to itself, or too far",
      "end the chain with a profile that has keys of its own")
  end
  local source, err = source_of(reading, name)
  if not source then
    return nil, err
  end
  said.source = source
  return role.source(said)
end

local function known_modes()
  local names = {}
  for name in pairs(modes) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, ", ")
end

local function mode_problem(what, mode)
  if not mode then
    return what .. " has no mode"
  end
  return ("%s has the mode %s, which is not known here"):format(what,
    #mode <= 24 and mode:match "^%a+$" and '"' .. mode .. '"' or "of a word that is none")
end

local function look_up(reading, name)
  local said, err = core.cliprofile(reading.text, name)
  if said then
    return said
  end
  err.hint = err.hint or err.code == "NO_PROFILE" and LIST or nil
  return file.bad(reading.path, err)
end

function source_of(reading, name)
  local said, err = look_up(reading, name)
  if not said then
    return nil, err
  end
  reading.seen[said.name] = true
  reading.depth = reading.depth + 1
  local what = reading.path .. ": the profile " .. quoted(said.name)
  local make = modes[said.mode]
  if not make then
    return failure.answer("credentials", "BAD_FILE", mode_problem(what, said.mode), "known are " .. known_modes())
  end
  return make(said, what, reading)
end

local function path_of(self)
  if self.given.file then
    return self.given.file
  end
  local path = self.read(FILE)
  if path then
    return path
  end
  return file.at_home(self.read "HOME", ".aliyun/config.json")
end

local function name_of(self)
  return self.given.profileName or self.read(NAME)
end

-- What to do where the file is not there.
local function missing_hint(self)
  local name = name_of(self)
  if self.given.file then
    return nil
  elseif self.read(FILE) then
    return "check " .. FILE
  end
  return ("aliyun configure %smakes it"):format(is_plain(name) and "--profile " .. name .. " " or "")
end

-- The text of the file, as a secret, and its path.
local function open(self, context)
  for _, name in ipairs(SWITCHES) do
    if variables.is_yes(self.read(name)) then
      return failure.answer("credentials", "NO_CREDENTIALS", "the profiles of the aliyun command are switched off by "
        .. name)
    end
  end
  local path, err = path_of(self)
  if not path then
    return nil, err
  end
  local text
  text, err = file.read(context, path, self.warned)
  if not text and err.code == "NO_CREDENTIALS" then
    err.hint = err.hint or missing_hint(self)
  end
  return text, text and path or err
end

function Source:fetch(context)
  local text, path = open(self, context)
  if not text then
    return nil, path
  end
  local source, err = source_of({ text = text, path = path, seen = {}, depth = 0 }, name_of(self))
  text:close()
  if not source then
    return nil, err
  end
  return source:fetch(context)
end

--- The region of the profile; nil where there is none that can be read, and the error where the caller names the
--- profile: else it is for the use of its keys to report.
---@return string? region, aliyun.sas.error? err, string? file that the region is from
function Source:regionId()
  local text, path = open(self, {})
  local said, err = nil, path
  if text then
    said, err = look_up({ text = text, path = path }, name_of(self))
    text:close()
  end
  return said and said.regionId, not said and self.given.profileName and err or nil, said and path
end

--- The credentials of a profile: the one that is named, or of ALIBABA_CLOUD_PROFILE, or the current one.
---@param given? {profileName: string?, file: string?, share: string?}
---@return aliyun.sas.provider
function profile.new(given)
  given = options.check("profile", given, { profileName = "string", file = "string", share = "string" }, 2)
  local names = { FILE, NAME, "HOME", SWITCHES[1], SWITCHES[2] }
  local source = setmetatable({ given = given, warned = {}, read = variables.reader(names) }, Source)
  local share = shared.new("profile", given, 2)
  local provider = refresh.new("a profile of the aliyun command", source, file.RECHECK, share)
  provider.regionId = function()
    return source:regionId()
  end
  return provider
end

return profile
