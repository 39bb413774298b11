--- sas-dingtalk delete

local runs = require "aliyun.sas.cli.run"
local select = require "aliyun.sas.cli.select"
local shown = require "aliyun.sas.cli.changed"
local view = require "aliyun.sas.cli.view"

return {
  name = "delete", summary = "Delete chatbots.", operations = { "DescribeDingTalk", "DeleteDingTalk" },
  examples = { 'sas-dingtalk delete "night watch" 1002', "sas-dingtalk delete 1001 --yes" },
  define = shown.define,
  run = function(run)
    run:need_answer()
    local chosen = select.of(select.all(run:client()), run.args.chatbots)
    if not run.console.json then
      view.list(run.console, chosen, "")
    end
    run:confirm(("Delete %d of them?"):format(#chosen))
    runs.must(run:writer():deleteDingTalk { Ids = select.ids(chosen) })
    shown.tell(run.console, "deleted", chosen)
  end,
}
