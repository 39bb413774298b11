--- What doctor says of the endpoint: which host, and which setting chose it.

local endpoint = require "aliyun.sas.endpoint"
local runs = require "aliyun.sas.cli.run"
local settings = require "aliyun.sas.settings"
local source = require "aliyun.sas.cli.doctor.source"

-- The settings that say where to send; a problem with another one is one with the options.
local PLACES = { ["--region"] = true, ["--endpoint"] = true, ALIBABA_CLOUD_REGION_ID = true }

local SITES = {
  ["tds.cn-shanghai.aliyuncs.com"] = "the Chinese site", ["tds.ap-southeast-1.aliyuncs.com"] = "the international site",
}

local function note_problems(patient, message)
  local err = runs.settings_error(message)
  local problems = type(err) == "table" and err.problems or { { path = "options", message = tostring(err) } }
  for _, problem in ipairs(problems) do
    local place = PLACES[problem.path] or problem.path:find "region"
    if problem.path ~= "credentials" then -- of which the check of the keys tells
      patient:note(place and "endpoint" or "options", "bad", place and "there is none" or "wrong",
        problem.path .. " " .. problem.message)
    end
  end
end

local function described(at)
  local shown = ("%s://%s"):format(at.scheme, at.host) .. (at.port and ":" .. at.port or "")
  local site = SITES[endpoint.site(at)] or "no host of Alibaba Cloud's that is known here"
  return ("%s, %s, from %s"):format(shown, site, source.of(at))
end

--- Notes the endpoint, and keeps it as `patient.at`.
return function(patient)
  local good, chosen = pcall(settings.check, patient.given, 1)
  if not good then
    return note_problems(patient, chosen)
  end
  patient:note("endpoint", "good", described(chosen.endpoint))
  patient.at = chosen.endpoint
end
