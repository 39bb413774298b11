--- sas-dingtalk doctor

local doctor = require "aliyun.sas.cli.doctor"
local path_of = require "aliyun.sas.cli.path"
local show = require "aliyun.sas.cli.doctor.show"
local status = require "aliyun.sas.cli.status"

return {
  name = "doctor", summary = "Check versions, endpoint, clock, keys and permissions.",
  description = "Check what a call needs, and say what to do where something is wrong. It changes nothing there.",
  operations = { "DescribeDingTalk", "DescribeDataSource", "DescribeGroupStruct", "DescribeVersionConfig" },
  examples = { "sas-dingtalk doctor --region cn-hangzhou", "sas-dingtalk doctor --file chatbots.lua --output json" },
  define = function(parser)
    parser:option("--file", "Chatbots file: it and its folder of state are checked too."):argname "FILE"
      :convert(path_of)
  end,
  run = function(run)
    local findings, ended = doctor.examine(run, run:settings()), status.ok
    for _, finding in ipairs(findings) do
      ended = finding.state == "bad" and status.error or ended
    end
    if run.console.json then
      run.console:value(findings)
    else
      show(run.console, findings)
    end
    return ended
  end,
}
