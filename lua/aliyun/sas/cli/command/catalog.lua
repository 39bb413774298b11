--- sas-dingtalk catalog

local json = require "aliyun.sas.cli.json"
local runs = require "aliyun.sas.cli.run"
local sas = require "aliyun.sas"

local COLUMNS = {
  { title = "Type" }, { title = "Key" }, { title = "Value" }, { title = "Meaning", shrink = true },
}

local function documented()
  local rows = {}
  for _, kind in ipairs(sas.catalog()) do
    for _, key in ipairs(kind.keys) do
      for _, value in ipairs(key.values) do
        rows[#rows + 1] = { kind.name, key.key, value.value, value.meaning or "" }
      end
    end
  end
  return rows
end

-- A Sample is "value:label;value:label".
local function of_account(answer)
  local rows = {}
  for _, source in ipairs(answer.MetaDatas or {}) do
    for _, field in ipairs(source.MetaDataFields or {}) do
      for value, label in tostring(field.Sample or ""):gmatch "([^:;]+):?([^;]*)" do
        rows[#rows + 1] = { source.DataSourceName, field.Filed, value, label }
      end
    end
  end
  return rows
end

local function plain(rows)
  local list = json.list {}
  for i, row in ipairs(rows) do
    list[i] = { type = row[1], key = row[2], value = row[3], meaning = row[4] }
  end
  return list
end

return {
  name = "catalog", summary = "List what a ConfigList may hold.", operations = { "DescribeDataSource" },
  description = "List what a ConfigList may hold, as it is documented; with --live, as the account says.",
  examples = { "sas-dingtalk catalog", "sas-dingtalk catalog --live" },
  define = function(parser)
    parser:flag("--live", "Ask the service.")
  end,
  run = function(run)
    local rows = run.args.live and of_account(runs.must(run:client():describeDataSource { ConfigType = "DingTalk" }))
      or documented()
    if run.console.json then
      return run.console:value(plain(rows))
    end
    run.console:table(COLUMNS, rows, "The catalog is empty.")
  end,
}
