--- What doctor checks, one thing after the other; none of them ends it.

local curl = require "aliyun.sas.curl"
local failure = require "aliyun.sas.failure"
local json = require "aliyun.sas.cli.json"
local system = require "aliyun.sas.system"

local doctor = {}

---@class aliyun.sas.cli.finding
---@field check string what was looked at
---@field state "good"|"bad"|"unsure"|"skipped"
---@field found string
---@field fix? string what to do; there where the state is bad

local PARTS = { "versions", "endpoint", "connection", "clock", "keys", "calls", "edition", "state" }

local SECONDS = 60 -- after which no further call is begun

---@class aliyun.sas.cli.patient what the checks know of each other
local Patient = {}
Patient.__index = Patient

--- Notes a finding.
function Patient:note(check, state, found, fix)
  self.findings[#self.findings + 1] = { check = check, state = state, found = found, fix = fix }
end

--- An error on one line.
function Patient.text(err)
  return ("%s: %s%s"):format(err.code, err.message, err.requestId and " (RequestId " .. err.requestId .. ")" or "")
end

function Patient:is_late()
  return self.monotonic() > self.ends
end

-- The transport of the settings, or libcurl's where there is one.
local function transport_of(given)
  if given.transport then
    return given.transport
  end
  local good, made = pcall(curl.new, { caFile = given.caFile, proxy = "env" })
  return good and made or nil, good
end

local function new(run, given)
  local transport, own = transport_of(given)
  local clocks = given.transport or system
  local patient = setmetatable({
    run = run, given = given, findings = json.list {}, transport = transport, own = own,
    now = given.now or clocks.now or system.now, monotonic = clocks.monotonic or system.monotonic,
    sleep = clocks.sleep or system.sleep, timeout = run.args.timeout or 10,
  }, Patient)
  patient.connectTimeout = math.min(patient.timeout, 5)
  patient.ends = patient.monotonic() + SECONDS
  return patient
end

local function close(patient)
  if patient.client then
    patient.client:close()
  end
  if patient.provider and patient.provider.close then
    patient.provider:close()
  end
  if patient.own then
    patient.transport.close()
  end
end

--- Checks everything. A check that fails by a mistake of its own is a finding too.
---@return aliyun.sas.cli.finding[]
function doctor.examine(run, given)
  local patient = new(run, given)
  for _, name in ipairs(PARTS) do
    local good, why = pcall(require("aliyun.sas.cli.doctor." .. name), patient)
    if not good then
      patient:note(name, "bad", "this check failed: " .. failure.text(why), "report it, with the text")
    end
  end
  close(patient)
  return patient.findings
end

return doctor
