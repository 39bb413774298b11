--- Several providers, of which the first that has credentials is used, and alone from then on.

local ask = require "aliyun.sas.credentials.ask"
local core = require "aliyun.sas.core"
local exchange = require "aliyun.sas.credentials.exchange"
local ecs = require "aliyun.sas.credentials.ecs"
local environment = require "aliyun.sas.credentials.environment"
local ini = require "aliyun.sas.credentials.ini"
local oidc = require "aliyun.sas.credentials.oidc"
local options = require "aliyun.sas.credentials.options"
local profile = require "aliyun.sas.credentials.profile"
local uri = require "aliyun.sas.credentials.uri"

local Chain = { __name = "aliyun.sas.provider" }
Chain.__index = Chain

Chain.__tostring = function(self)
  return self.chosen and tostring(self.chosen.provider) or "<credentials of a chain>"
end

-- An error on one line: the list of all has no lists in it.
local function text_of(err)
  local parts = {}
  for i, problem in ipairs(err.problems or {}) do
    parts[i] = ("%s: %s%s"):format(problem.path, problem.message, problem.hint and " (" .. problem.hint .. ")" or "")
  end
  return #parts > 0 and table.concat(parts, "; ") or err.message
end

-- What is set up and wrong is to be mended first; what is only not reached may not be there at all.
local function hint_of(problems)
  local wrong = {}
  for _, problem in ipairs(problems) do
    wrong[#wrong + 1] = problem.code ~= "NO_CREDENTIALS" and not problem.retryable and problem.path or nil
  end
  return #wrong > 0 and "mend " .. table.concat(wrong, ", ")
    or "give accessKeyId and accessKeySecret, or set up one of these"
end

-- One error of all; nothing of them is remembered, so the next call begins anew.
local function all_failed(problems)
  local texts, retryable, hint = {}, false, hint_of(problems)
  for i, problem in ipairs(problems) do
    texts[i] = problem.path
    retryable = retryable or problem.retryable
    problem.retryable = nil
  end
  return nil, core.error {
    kind = "credentials", code = "NO_CREDENTIALS", problems = problems, retryable = retryable or false, sent = false,
    message = "no credentials: none of " .. table.concat(texts, ", ") .. " has any", hint = hint,
  }
end

-- A provider that is set up and fails is passed over, as the official SDKs do; but not in silence.
local function tell_of_skipped(context, problems)
  for _, problem in ipairs(problems) do
    if context.warn and problem.code ~= "NO_CREDENTIALS" then
      context.warn(("%s was passed over: %s"):format(problem.path, problem.message), problem.hint)
    end
  end
end

function Chain:fetch(context)
  if self.chosen then
    return ask(self.chosen.provider, context)
  end
  local problems = {}
  for _, entry in ipairs(self.entries) do
    local held, more = ask(entry.provider, context)
    if held then
      self.chosen = entry
      tell_of_skipped(context, problems)
      return held, more
    end
    problems[#problems + 1] = {
      path = entry.name, message = text_of(more), hint = more.hint, code = more.code, retryable = more.retryable,
    }
    if exchange.left(context) <= 0 then
      break
    end
  end
  return all_failed(problems)
end

--- Closes every provider of the chain.
function Chain:close()
  for _, entry in ipairs(self.entries) do
    if entry.provider.close then
      entry.provider:close()
    end
  end
end

local chain = {}

local function entry_of(provider, i)
  if type(provider) ~= "table" or type(provider.fetch) ~= "function" then
    error(("chain: number %d is no provider"):format(i), 3)
  end
  return { name = ("provider %d"):format(i), provider = provider }
end

--- Tries providers in their order.
---@param list aliyun.sas.provider[]
---@return aliyun.sas.provider
function chain.new(list)
  if type(list) ~= "table" or list.fetch or #list == 0 then
    error("chain takes a list of providers", 2)
  end
  local entries = {}
  for i, provider in ipairs(list) do
    entries[i] = entry_of(provider, i)
  end
  return setmetatable({ entries = entries }, Chain)
end

--- The chain of the official SDKs, in their order.
---@param given? {share: string?} a lua_shared_dict in which the workers of an nginx share what they get
---@return aliyun.sas.provider
function chain.default(given)
  given = options.check("default", given, { share = "string" }, 2)
  local of_profile = profile.new(given)
  return setmetatable({
    regionId = of_profile.regionId,
    entries = {
      { name = "environment", provider = environment.new() },
      { name = "oidc", provider = oidc.new(given) },
      { name = "profile", provider = of_profile },
      { name = "ini", provider = ini.new(given) },
      { name = "ecs", provider = ecs.new(given) },
      { name = "uri", provider = uri.new(given) },
    },
  }, Chain)
end

return chain
