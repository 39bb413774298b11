--- sas-dingtalk test

local changed = require "aliyun.sas.cli.changed"
local runs = require "aliyun.sas.cli.run"
local select = require "aliyun.sas.cli.select"

return {
  name = "test", summary = "Send a test message; people will see it.",
  operations = { "DescribeDingTalk", "DingTalkOnlineTest" },
  examples = { 'sas-dingtalk test "night watch"', "sas-dingtalk test 1001 --yes" },
  define = changed.define,
  run = function(run)
    run:need_answer()
    local chosen = select.of(select.all(run:client()), run.args.chatbots)
    run:confirm(("The people in the DingTalk groups of %d chatbot%s will see a test message."):format(#chosen,
      #chosen == 1 and "" or "s"))
    local client = run:writer()
    for _, chatbot in ipairs(chosen) do
      runs.must(client:dingTalkOnlineTest { Id = chatbot.Id })
      run.console:say(("sent by %s %s"):format(tostring(chatbot.Id), chatbot.RuleActionName))
    end
    changed.tell(run.console, "tested", chosen)
  end,
}
