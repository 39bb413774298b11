--- sas-dingtalk groups

local json = require "aliyun.sas.cli.json"
local runs = require "aliyun.sas.cli.run"

return {
  name = "groups", summary = "List the asset groups.", operations = { "DescribeGroupStruct" },
  examples = { "sas-dingtalk groups", "sas-dingtalk groups --output json" },
  run = function(run)
    local list = runs.must(run:client():groups())
    if run.console.json then
      return run.console:value(json.list(list))
    end
    local rows = {}
    for i, group in ipairs(list) do
      rows[i] = {
        tostring(group.id), ("  "):rep(math.min(group.level, 20)) .. group.name, group.machines and
        ("%d"):format(group.machines) or "",
      }
    end
    run.console:table({ { title = "Id" }, { title = "Name", shrink = true }, { title = "Machines", align = "right" } },
      rows, "There are no asset groups.")
  end,
}
