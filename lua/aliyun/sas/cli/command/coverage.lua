--- sas-dingtalk coverage

local coverage = require "aliyun.sas.coverage"
local dates = require "aliyun.sas.dates"
local json = require "aliyun.sas.cli.json"
local path_of = require "aliyun.sas.cli.path"
local runs = require "aliyun.sas.cli.run"
local sas = require "aliyun.sas"
local select = require "aliyun.sas.cli.select"
local system = require "aliyun.sas.system"

local function account_of(chatbots)
  local state = chatbots[1] and chatbots[1].state
  return state and state.AliUid and tostring(state.AliUid) or nil
end

local LISTS = {
  chatbots = true, conditions = true, disabled = true, doubts = true, groups = true, holes = true, missing = true,
  perhaps = true, types = true, values = true, words = true,
}

return {
  name = "coverage", summary = "Show which alerts reach nobody.",
  description = "Show which alerts and asset groups no enabled chatbot hears, those first.",
  operations = { "DescribeDingTalk", "DescribeGroupStruct" },
  examples = { "sas-dingtalk coverage", "sas-dingtalk coverage --html coverage.html" },
  define = function(parser)
    parser:option("--html", "Write it as a page into this file, over an older one."):argname "PATH":convert(path_of)
  end,
  run = function(run)
    local client, out = run:client(), run.console
    local chatbots = select.all(client)
    local data = coverage.of(chatbots, runs.must(client:groups()), sas.catalog())
    if run.args.html then
      local page = coverage.html(data, {
        account = account_of(chatbots), site = run.args.region or run.args.endpoint,
        generated = dates.text(system.now()),
      })
      runs.must(system.writefile(run.args.html, page, "umask"))
      out:say("written: " .. run.args.html)
    end
    if out.json then
      return out:value(json.mark(data, LISTS))
    elseif not run.args.html then
      out:text(coverage.text(data, { width = out.width, colour = out.colour }))
    end
  end,
}
