--- What doctor says of the edition of Security Center.

local permissions = require "aliyun.sas.cli.permissions"

local ACTION = "DescribeVersionConfig"

-- Source: DescribeVersionConfig, and the guide to notifications, by which chatbots need Enterprise or Ultimate.
local EDITIONS = {
  ["1"] = "Free", ["3"] = "Enterprise", ["5"] = "Advanced", ["6"] = "Anti-virus", ["7"] = "Ultimate",
  ["8"] = "several editions", ["10"] = "value-added services only",
}

local HAVE = { ["3"] = true, ["7"] = true }
local LACK = { ["1"] = true, ["5"] = true, ["6"] = true, ["10"] = true }

local UPGRADE = "chatbots need the Enterprise or Ultimate edition, by the vendor's guide: change it in the console"
local LOOK = "look into the console: chatbots need the Enterprise or Ultimate edition, by the vendor's guide"

local function number_of(value)
  return (tostring(value):match "^(%d+)")
end

-- One of several editions counts where it is the highest.
local function deciding(answer)
  local highest = number_of(answer.HighestVersion)
  local version = number_of(answer.Version)
  return (highest and (HAVE[highest] or not version)) and highest or version
end

--- Notes the edition.
return function(patient)
  if not patient.client or patient.refused then
    return patient:note("edition", "skipped", "no call can be made")
  elseif patient:is_late() then
    return patient:note("edition", "skipped", "the time is up")
  end
  local answer, err = patient.client:call(ACTION, {}, { class = "read" })
  if not answer then
    return patient:note("edition", "unsure", patient.text(err),
      permissions.is_denial(err) and permissions.fix(ACTION) or LOOK)
  end
  local number = deciding(answer)
  local name = ("%s (DescribeVersionConfig says %s)"):format(EDITIONS[number] or "an edition that is not known here",
    number or "nothing")
  if HAVE[number] then
    return patient:note("edition", "good", name)
  end
  patient:note("edition", LACK[number] and "bad" or "unsure", name, LACK[number] and UPGRADE or LOOK)
end
