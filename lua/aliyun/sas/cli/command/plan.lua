--- sas-dingtalk plan

local declared = require "aliyun.sas.cli.declared"
local json = require "aliyun.sas.cli.json"
local status = require "aliyun.sas.cli.status"

local LISTS = {
  entries = true, changes = true, needs = true, notCompared = true, warnings = true, unmanaged = true, ids = true,
  added = true, removed = true, GroupIdList = true,
}

return {
  name = "plan", summary = "Show what would change, and whether something would.",
  description = "Show what would change to make the chatbots those of a file. Exit status 0: nothing; 2: something.",
  operations = { "DescribeDingTalk", "DescribeGroupStruct" },
  examples = { "sas-dingtalk plan chatbots.lua", "sas-dingtalk plan chatbots.lua --prune --output json" },
  define = declared.define,
  run = function(run)
    local set, prints = declared.load(run)
    local plan = declared.plan(run, run:client(), set, prints)
    if run.console.json then
      run.console:value(json.mark(plan, LISTS))
    else
      declared.show(run.console, plan)
    end
    return declared.has_changes(plan) and status.drift or status.ok
  end,
}
