--- sas-dingtalk list

local json = require "aliyun.sas.cli.json"
local select = require "aliyun.sas.cli.select"
local view = require "aliyun.sas.cli.view"

return {
  name = "list", summary = "List the chatbots of the account.", operations = { "DescribeDingTalk" },
  examples = { "sas-dingtalk list --region cn-hangzhou", "sas-dingtalk list --output json" },
  run = function(run)
    local list = select.all(run:client())
    if not run.console.json then
      return view.list(run.console, list, "There are no chatbots.")
    end
    local plain = json.list {}
    for i, chatbot in ipairs(list) do
      plain[i] = view.plain(chatbot)
    end
    run.console:value(plain)
  end,
}
