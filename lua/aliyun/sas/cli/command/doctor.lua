--- sas-dingtalk doctor

local doctor = require "aliyun.sas.cli.doctor"
local runs = require "aliyun.sas.cli.run"
local status = require "aliyun.sas.cli.status"

local STYLES = { good = "32", unsure = "33", bad = "31", skipped = "2" }

local COLUMNS = { { title = "State" }, { title = "Check" }, { title = "Found", shrink = true } }

local function show(console, findings)
  local rows = {}
  for i, finding in ipairs(findings) do
    rows[i] = { { finding.state, style = STYLES[finding.state] }, finding.check, finding.found }
  end
  console:table(COLUMNS, rows, "")
end

-- What the table cuts is whole here.
local function show_fixes(console, findings)
  local said = false
  for _, finding in ipairs(findings) do
    if finding.fix then
      console:text(said and "" or "\nWhat to do:\n")
      console:lines(("- %s: %s"):format(finding.check, finding.found), "  " .. finding.fix)
      said = true
    end
  end
end

-- Settings that cannot even be made, such as an empty name of a profile.
local function settings_of(run)
  local good, given = pcall(run.settings, run)
  if not good then
    runs.fail("argument", "INVALID_ARGUMENT", tostring(given))
  end
  return given
end

return {
  name = "doctor", summary = "Check versions, endpoint, clock, keys and permissions.",
  description = "Check what a call needs, and say what to do where something is wrong. Nothing of the account is changed.",
  operations = { "DescribeDingTalk", "DescribeDataSource", "DescribeGroupStruct" },
  examples = { "sas-dingtalk doctor --region cn-hangzhou", "sas-dingtalk doctor --file chatbots.lua --output json" },
  define = function(parser)
    parser:option("--file", "Chatbots file: it and its folder of state are checked too."):argname "FILE"
  end,
  run = function(run)
    local findings, ended = doctor.examine(run, settings_of(run)), status.ok
    for _, finding in ipairs(findings) do
      ended = finding.state == "bad" and status.error or ended
    end
    if run.console.json then
      run.console:value(findings)
    else
      show(run.console, findings)
      show_fixes(run.console, findings)
    end
    return ended
  end,
}
