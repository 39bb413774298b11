--- sas-dingtalk apply

local check = require "aliyun.sas.apply.check"
local console = require "aliyun.sas.cli.console"
local declared = require "aliyun.sas.cli.declared"
local json = require "aliyun.sas.cli.json"
local lanes = require "aliyun.sas.lanes"
local number = require "aliyun.sas.cli.number"
local runs = require "aliyun.sas.cli.run"
local status = require "aliyun.sas.cli.status"
local view = require "aliyun.sas.cli.view"
local words = require "aliyun.sas.cli.words"

local STYLES = { failed = "31", unknown = "31", conflict = "35", skipped = "2", unchanged = "2" }

local function note_of(result)
  local err = result.error and words.error(result.error, words.file)
  if err then
    return ("%s: %s%s"):format(err.code, err.message, err.hint and " (" .. err.hint .. ")" or "")
  elseif type(result.tested) == "table" then
    return "the test message was not sent: " .. tostring(result.tested.message)
  end
  return result.verified == false and "not verified" or result.tested and "test message sent" or ""
end

-- Unchanged chatbots are counted only.
local function rows_of(report)
  local rows = {}
  for _, result in ipairs(report.results) do
    if result.action ~= "unchanged" or result.error then
      rows[#rows + 1] = {
        { result.action, style = STYLES[result.action] or "32" }, tostring(result.id or ""), result.name,
        note_of(result),
      }
    end
  end
  return rows
end

local function summary_of(report)
  local names, parts = {}, {}
  for name in pairs(report.summary) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local count = report.summary[name]
    parts[#parts + 1] = count > 0 and ("%d %s"):format(count, name) or nil
  end
  return (#parts > 0 and table.concat(parts, ", ") or "nothing to do") .. "."
end

local function plain_report(report)
  local results = json.list {}
  for i, result in ipairs(report.results) do
    results[i] = {}
    for name, value in pairs(result) do
      results[i][name] = value
    end
    results[i].error = result.error and console.plain(words.error(result.error, words.file))
    results[i].tested = type(result.tested) == "table" and console.plain(result.tested) or result.tested
    results[i].warnings = json.list(words.list(result.warnings or {}, words.file))
  end
  return {
    ok = report.ok, results = results, summary = report.summary, resolveAfter = report.resolveAfter,
  }
end

local function tell(run, report)
  local out = run.console
  for _, result in ipairs(report.results) do
    view.warn(out, words.list(result.warnings or {}, words.file), result.name)
  end
  view.warn(out, words.list(report.warnings or {}, words.file))
  if out.json then
    return out:value(plain_report(report))
  end
  out:table({
    { title = "Action" }, { title = "Id" }, { title = "Name", shrink = true }, { title = "Note", shrink = true },
  }, rows_of(report), "")
  out:text(summary_of(report) .. "\n")
  if report.resolveAfter then
    out:say("What is unknown can be settled after " .. console.until_text(report.resolveAfter)
      .. ": apply the file again then.")
  end
end

local function progress(out)
  return function(event)
    out:progress(("%d/%d  %s %s"):format(event.done, event.total, event.result.action, event.result.name))
  end
end

local function apply(run, client, plan, prints)
  local args = run.args
  local report, err = client:apply(plan, {
    concurrency = args.concurrency, rate = args.rate, test = args.test or false, fingerprints = prints,
    onProgress = progress(run.console),
  })
  run.console:progress(nil)
  runs.must(report, err)
  local good, why = pcall(tell, run, report)
  if not good then -- the account is changed all the same
    run.console:warn(nil, "the report could not be written; what was done: " .. summary_of(report))
    error(why, 0)
  end
  return report.ok and status.ok or status.error
end

return {
  name = "apply", summary = "Make the chatbots those of a file.",
  description = "Show the plan, ask, and make the chatbots those of a file. Killed, it is simply started again.",
  operations = { "DescribeDingTalk", "DescribeGroupStruct", "CreateOrUpdateDingTalk", "ModifyDingTalkStatus" },
  with = { prune = { "DeleteDingTalk" }, test = { "DingTalkOnlineTest" } },
  examples = { "sas-dingtalk apply chatbots.lua", "sas-dingtalk apply chatbots.lua --prune --yes" },
  define = function(parser)
    declared.define(parser)
    parser:flag("--yes", "Do not ask.")
    parser:option("--concurrency", "How many chatbots at a time, up to 64 (4)."):argname "N"
      :convert(number.from(1, lanes.MOST))
    parser:option("--rate", "Requests a second for each operation (10)."):argname "N":convert(number.from(1))
    parser:option("--fence", "Seconds after which no copy of a request can arrive (1950)."):argname "SECONDS"
      :convert(number.from(0))
    parser:flag("--test",
      "Send a test message where a chatbot is new, newly enabled or has a new webhook; people see it.")
  end,
  run = function(run)
    local set, prints = declared.load(run)
    local store = run:shared_store(declared.folder(run.args.file))
    local client = run:client { store = store, fence = run.args.fence }
    local plan = declared.plan(run, client, set, prints)
    if not run.console.json then
      declared.show(run.console, plan)
    end
    local lacking = check.needs(plan)
    if lacking then
      error(lacking, 0) -- before anybody is asked
    end
    if declared.has_changes(plan) then
      run:confirm(run.args.test and "Apply this? Test messages will be sent, which people see." or "Apply this?")
    end
    return apply(run, run:writer { store = store, fence = run.args.fence }, plan, prints)
  end,
}
