--- sas-dingtalk enable, sas-dingtalk disable

local changed = require "aliyun.sas.cli.changed"
local runs = require "aliyun.sas.cli.run"
local select = require "aliyun.sas.cli.select"

local function switch(name, value, told)
  return {
    name = name, summary = (name:gsub("^%l", string.upper)) .. " chatbots.",
    operations = { "DescribeDingTalk", "ModifyDingTalkStatus" },
    examples = { ('sas-dingtalk %s "night watch" 1002'):format(name) },
    define = changed.argument,
    run = function(run)
      local client = run:writer()
      local chosen = select.of(select.all(client), run.args.chatbots)
      runs.must(client:modifyDingTalkStatus { Ids = select.ids(chosen), Status = value })
      changed.tell(run.console, told, chosen)
    end,
  }
end

return { switch("enable", 1, "enabled"), switch("disable", 0, "disabled") }
