--- What `doctor` checks, one thing after the other. A check answers its state, what was found, and what to do.

local core = require "aliyun.sas.core"
local curl = require "aliyun.sas.curl"
local http = require "aliyun.sas.http"
local sas = require "aliyun.sas"
local settings = require "aliyun.sas.settings"
local system = require "aliyun.sas.system"

local checks = {}

-- The service takes a date of 15 minutes to either side.
local CLOCK_FAILS, CLOCK_WARNS = 900, 60
local SECONDS = 15

local function versions()
  local below = core.versions()
  local lua = rawget(_G, "jit") and rawget(_G, "jit").version or _VERSION
  return "ok", ("aliyun-sas %s, %s, %s, %s, cJSON %s"):format(core._VERSION, lua, http.version():match "^%S+",
    below.openssl, below.cjson)
end

local function endpoint(doctor)
  local good, chosen = pcall(settings.check, doctor.given, 1)
  if not good then
    return "failed", "no endpoint", (tostring(chosen):gsub("^.-\n%s*", ""))
  end
  doctor.at, doctor.provider = chosen.endpoint, chosen.provider
  doctor.at.port = doctor.at.port or (doctor.at.scheme == "http" and 80 or 443)
  local source = doctor.at.source == "regionId" and "--region" or doctor.at.source or "--endpoint"
  return "ok", ("%s://%s:%d, by %s"):format(doctor.at.scheme, doctor.at.host, doctor.at.port, source)
end

local function reach(doctor)
  local at = doctor.at
  if not at then
    return "not checked", "there is no endpoint"
  end
  local outcome = doctor.transport.send {
    method = "GET", scheme = at.scheme, host = at.host, port = at.port, path = "/", query = "", body = "",
    headers = { host = at.host, accept = "application/json" }, connectTimeout = SECONDS / 3, timeout = SECONDS,
    maxBody = 1048576, fresh = true,
  }
  if not outcome.status then
    local hint = outcome.hint or (outcome.code == "TLS_CERTIFICATE"
      and "give --ca-file with the authority that signed it, or mend the system's certificates"
      or "check the network, the proxy and the name service of this machine")
    return "failed", ("%s: %s"):format(tostring(outcome.code), tostring(outcome.message)), hint
  end
  doctor.date = outcome.headers and outcome.headers.date
  return "ok", at.scheme == "https" and "answers; the certificate is good" or "answers, without TLS"
end

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Seconds since 1970 of "Tue, 24 Nov 2026 11:06:05 GMT".
local function seconds_of(date)
  local day, name, year, hour, minute, second = (date or ""):match "(%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT"
  local month = MONTHS[name]
  if not month then
    return nil
  end
  local y = tonumber(year) - (month <= 2 and 1 or 0)
  local days = 365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400)
    + math.floor((153 * ((month + 9) % 12) + 2) / 5) + tonumber(day) - 719469
  return days * 86400 + hour * 3600 + minute * 60 + second
end
checks.seconds_of = seconds_of

local function clock(doctor)
  local theirs = seconds_of(doctor.date)
  if not theirs then
    return "not checked", "the service told no date"
  end
  local off = system.now() - theirs
  local says = ("%.0f seconds from the service's"):format(off)
  if math.abs(off) > CLOCK_FAILS then
    return "failed", says, "set this machine's clock (NTP): the service refuses dates more than 15 minutes off"
  elseif math.abs(off) > CLOCK_WARNS then
    return "warning", says, "set this machine's clock (NTP)"
  end
  return "ok", says
end

local function source_of(provider)
  local chosen = type(provider) == "table" and rawget(provider, "chosen")
  return chosen and chosen.name or (tostring(provider):gsub("^<credentials of (.*)>$", "%1"))
end

-- What each provider of a chain missed, on one line.
local function problems_of(err)
  local parts = { err.hint }
  for _, problem in ipairs(err.problems or {}) do
    parts[#parts + 1] = problem.path .. ": " .. problem.message
  end
  return table.concat(parts, "; ")
end

local function credentials(doctor)
  if not doctor.provider then
    return "not checked", "the options are wrong"
  end
  local transport = doctor.transport
  local held, more = sas.credentials.fetch(doctor.provider, {
    transport = transport, now = system.now, monotonic = system.monotonic, sleep = system.sleep,
    deadline = system.monotonic() + SECONDS,
  })
  if not held then
    return "failed", more.message, problems_of(more)
  end
  doctor.held = true
  local ends = type(more) == "number" and ", good until " .. os.date("%Y-%m-%d %H:%M:%S", math.floor(more)) or ""
  return "ok", ("%s, from %s%s"):format(tostring(held):match "<credentials (.-)>" or "found",
    source_of(doctor.provider), ends)
end

local PARAMS = { DescribeDingTalk = { PageSize = 1 }, DescribeDataSource = { ConfigType = "DingTalk" } }

local function advice(err, operation)
  if err.code == "NoPermission" or err.code:find "Forbidden" then
    return ("allow %s (sas-dingtalk policy prints a policy), or check the edition of Security Center"):format(
      operation.ramAction)
  end
  return err.hint or "see the message"
end

local function permission(operation)
  return function(doctor)
    if operation.class ~= "read" then
      return "not checked", operation.ramAction .. ": trying it would change something"
    elseif not (doctor.held and doctor.date) then
      return "not checked", operation.ramAction .. ": needs endpoint and credentials"
    end
    local client = doctor.run:client()
    local answer, err = client[operation.method](client, PARAMS[operation.action] or {})
    if answer then
      return "ok", operation.ramAction
    end
    return "failed", ("%s: %s"):format(err.code, err.message), advice(err, operation)
  end
end

local function list()
  local all = {
    { "versions", versions }, { "endpoint", endpoint }, { "connection", reach }, { "clock", clock },
    { "credentials", credentials },
  }
  for _, operation in ipairs(core.operations()) do
    all[#all + 1] = { operation.action, permission(operation) }
  end
  return all
end

--- Runs all checks.
---@return {name: string, state: "ok"|"warning"|"failed"|"not checked", says: string, fix: string?}[]
function checks.run(run)
  local given = run:settings()
  local doctor = {
    run = run, given = given, transport = given.transport or curl.new { caFile = run.args.ca_file, proxy = "env" },
  }
  local found = {}
  for i, check in ipairs(list()) do
    local state, says, fix = check[2](doctor)
    found[i] = { name = check[1], state = state, says = says, fix = fix }
  end
  return found
end

return checks
