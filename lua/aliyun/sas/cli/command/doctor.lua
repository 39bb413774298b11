--- sas-dingtalk doctor

local checks = require "aliyun.sas.cli.checks"
local json = require "aliyun.sas.cli.json"
local status = require "aliyun.sas.cli.status"

local STYLES = { ok = "32", warning = "33", failed = "31", ["not checked"] = "2" }

local function show(console, found)
  local rows = {}
  for i, check in ipairs(found) do
    rows[i] = { { check.state, style = STYLES[check.state] }, check.name, check.says }
  end
  console:table({ { title = "State" }, { title = "Check" }, { title = "Found", shrink = true } }, rows, "")
  for _, check in ipairs(found) do
    if check.fix then
      console:text(("%s: %s\n"):format(check.name, check.fix:gsub("%c", " ")))
    end
  end
end

return {
  name = "doctor", summary = "Check versions, endpoint, clock, credentials and permissions.",
  description = "Check what a call needs, and say what to do where something is wrong. Nothing is written.",
  operations = { "DescribeDingTalk", "DescribeDataSource", "DescribeGroupStruct" },
  examples = { "sas-dingtalk doctor --region cn-hangzhou", "sas-dingtalk doctor --output json" },
  run = function(run)
    local found, ended = checks.run(run), status.ok
    for _, check in ipairs(found) do
      ended = check.state == "failed" and status.error or ended
    end
    if run.console.json then
      run.console:value(json.list(found))
    else
      show(run.console, found)
    end
    return ended
  end,
}
