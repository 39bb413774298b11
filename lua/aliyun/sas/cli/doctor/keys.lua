--- What doctor says of the credentials: whether there are any, from where, and until when. Never a secret.

local dates = require "aliyun.sas.dates"
local sas = require "aliyun.sas"
local settings = require "aliyun.sas.settings"

local SECONDS = 15

local PLACES = {
  environment = "the environment (ALIBABA_CLOUD_ACCESS_KEY_ID)", oidc = "a role with OIDC",
  profile = "a profile of the aliyun command", ini = "the credentials file of the SDKs",
  ecs = "the role of this instance", uri = "ALIBABA_CLOUD_CREDENTIALS_URI",
}

local SET_UP = "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or set up a profile by "
  .. "aliyun configure"

local MEND = "mend what is set up: see below"

-- The metadata service is asked everywhere, also where there is none.
local function is_set_up(problems)
  for _, problem in ipairs(problems) do
    if problem.path ~= "ecs" then
      return true
    end
  end
  return false
end

-- The provider that a client would use, also where there is no endpoint.
local function provider_of(patient)
  local given = {}
  for name, value in pairs(patient.given) do
    given[name] = value
  end
  given.regionId, given.endpoint, given.timeout, given.connectTimeout = nil, "localhost", nil, nil
  return settings.check(given, 1).provider
end

local function place_of(patient, provider)
  local chosen = type(provider) == "table" and rawget(provider, "chosen")
  if chosen then
    return PLACES[chosen.name] or chosen.name
  elseif patient.run.args.profile then
    return "the profile of --profile"
  end
  return (tostring(provider):gsub("^<credentials of (.*)>$", "%1"):gsub("^<.*>$", "the settings"))
end

local function ask(patient, provider)
  return sas.credentials.fetch(provider, {
    transport = patient.transport or { send = function() error("there is no libcurl", 0) end },
    now = patient.now, monotonic = patient.monotonic, sleep = patient.sleep, deadline = patient.monotonic() + SECONDS,
    warn = function(message, hint)
      patient:note("credentials", "unsure", message, hint)
    end,
  })
end

-- Places that are set up and fail are what there is to mend; that the others are not set up is no news.
local function note_missing(patient, err)
  local mend = {}
  for _, problem in ipairs(err.problems or {}) do
    if problem.code ~= "NO_CREDENTIALS" then
      mend[#mend + 1] = problem
    end
  end
  patient:note("credentials", "bad", patient.text(err),
    is_set_up(mend) and MEND or not err.problems and err.hint or SET_UP)
  for _, problem in ipairs(mend) do
    patient:note("credentials", "bad", ("%s: %s"):format(PLACES[problem.path] or problem.path, problem.message),
      problem.hint or "mend it, or take it away")
  end
end

local function note_expiry(patient, expires)
  if type(expires) ~= "number" then
    return
  end
  local left, at = expires - patient.now(), dates.text(expires)
  if left <= 0 then
    return patient:note("token", "bad", "the token ended at " .. at, "get new temporary credentials")
  end
  patient:note("token", "good", ("the token ends at %s, in %d minutes"):format(at, math.floor(left / 60)))
end

--- Notes the credentials, and keeps their provider as `patient.provider`.
return function(patient)
  local good, provider = pcall(provider_of, patient)
  if not good then
    return patient:note("credentials", "bad", "the settings are wrong", tostring(provider):match "\n%s*(.*)$")
  end
  local held, more = ask(patient, provider)
  if not held then
    return note_missing(patient, more)
  end
  patient.provider = provider
  local shown = tostring(held):match "<credentials (.-)>" or "found"
  patient:note("credentials", "good", ("%s, from %s"):format(shown, place_of(patient, provider)))
  note_expiry(patient, more)
end
