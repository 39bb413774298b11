--- sas-dingtalk show

local select = require "aliyun.sas.cli.select"
local view = require "aliyun.sas.cli.view"

return {
  name = "show", summary = "Show one chatbot.", operations = { "DescribeDingTalk" },
  examples = { 'sas-dingtalk show "night watch"', "sas-dingtalk show 1001 --output json" },
  define = function(parser)
    parser:argument("chatbot", "Its name or its Id; digits are an Id where no chatbot has them for a name.")
      :argname "NAME|ID"
  end,
  run = function(run)
    local chatbot = select.of(select.all(run:client()), { run.args.chatbot })[1]
    if run.console.json then
      return run.console:value(view.plain(chatbot))
    end
    view.one(run.console, chatbot)
  end,
}
