--- sas-dingtalk put

local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"
local number = require "aliyun.sas.cli.number"
local path_of = require "aliyun.sas.cli.path"
local printable = require "aliyun.sas.printable"
local runs = require "aliyun.sas.cli.run"
local view = require "aliyun.sas.cli.view"
local webhook = require "aliyun.sas.cli.webhook"
local words = require "aliyun.sas.cli.words"

local function config_text(value)
  if value:sub(1, 1) ~= "@" then
    return value
  end
  return runs.read_file(value:sub(2))
end

-- "vul=all" and "suspicious.item_level=serious,high", as the table that sas.config takes.
local function config_words(list)
  local config = {}
  for _, word in ipairs(list) do
    local name, key, values = word:match "^([%w%-_]+)%.?([%w_]*)=(.+)$"
    if not name or key == "" and values ~= "all" then
      runs.usage("--config-type takes TYPE=all or TYPE.KEY=VALUE,VALUE", "such as vul=all or hc.item_level=high,medium")
    end
    if key == "" then
      config[name] = "all"
    else
      config[name] = type(config[name]) == "table" and config[name] or {}
      config[name][key] = config[name][key] or {}
      for value in values:gmatch "[^,]+" do
        table.insert(config[name][key], value)
      end
    end
  end
  return config
end

-- A table by type, too, where the text is an object.
local function config_of(args)
  if args.config and #args.config_type > 0 then
    runs.usage("--config and --config-type stand beside each other", "give one of them")
  elseif args.config then
    local text = config_text(args.config)
    if text:match "^%s*{" then
      local read, err = core.json(text)
      return read or runs.wrong { { path = "--config", message = (err.problems or { err })[1].message } }
    end
    return text
  end
  return #args.config_type > 0 and config_words(args.config_type) or nil
end

local function groups_of(text)
  if not text then
    return nil
  end
  local list, good = {}, true
  for word in text:gmatch "[^,%s]+" do
    good = good and ids.text(word) ~= nil
    list[#list + 1] = word
  end
  if not good or #list == 0 then
    runs.wrong { { path = "--groups", message = "takes Ids alone", hint = "sas-dingtalk groups lists them" } }
  end
  return list
end

local function wish_of(run)
  local args = run.args
  if not args.name and not args.id then
    runs.usage("put needs --name or --id", "--name creates or changes the chatbot of this name, --id changes one")
  end
  return {
    Id = args.id, RuleActionName = args.name, SendUrl = webhook.read(run), IntervalTime = args.interval,
    ConfigList = config_of(args), GroupIdList = groups_of(args.groups), DingTalkLang = args.lang,
  }
end

-- What is wrong with options that were given is wrong usage; what is missing shows only once the account is read.
local function fail(run, wish, err)
  local said = words.put_error(err, #run.args.config_type > 0)
  if said.kind == "argument" and words.blames(err, wish, "SendUrl") then
    runs.wrong(said.problems)
  end
  error(said, 0)
end

local function tell(console, result)
  local chatbot = result.chatbot
  console:text(("%s %s %s\n"):format(result.action, tostring(chatbot.Id), printable.quoted(chatbot.RuleActionName)))
  if #result.notCompared > 0 then
    console:say("not compared, since the service does not show it: " .. table.concat(result.notCompared, ", ")
      .. " (--resend sends it)")
  end
end

return {
  name = "put", summary = "Create a chatbot, or change the one of this name; never a second one.",
  description = "Create a chatbot, or change the one of this name; never a second one. What is left out of a change "
    .. "stays as it is, but the webhook has to be given, since the service hides its token.",
  operations = { "DescribeDingTalk", "CreateOrUpdateDingTalk" },
  examples = {
    "export HOOK=... # as the DingTalk group shows it",
    "sas-dingtalk put --name on-call --send-url-env HOOK --config-type vul=all",
    "sas-dingtalk put --name on-call --send-url-env HOOK --groups 10417151",
    "sas-dingtalk put --id 1001 --name on-call-new --send-url-env HOOK",
  },
  define = function(parser)
    parser:option("--name", "Name of the chatbot."):argname "NAME"
    parser:option("--id", "Id of the chatbot to change; --name then renames it."):argname "ID"
    webhook.define(parser)
    parser:option("--config", "ConfigList as JSON, or @FILE with it."):argname "JSON"
    parser:option("--config-type", "TYPE=all or TYPE.KEY=VALUE,VALUE; again for more."):argname "WORDS":count "*"
      :init {}
    parser:option("--groups", "Ids of the asset groups."):argname "ID,ID"
    parser:option("--interval", "IntervalTime, 0 for no limit."):argname "N":convert(number.from(0))
    parser:option("--lang", "Language of the messages."):choices { "zh", "en" }
    parser:flag("--resend", "Send also what cannot be compared, such as a new token.")
    parser:option("--state", "Folder for what was sent (~/.local/state/sas-dingtalk/PROFILE)."):argname "DIR"
      :convert(path_of)
    parser:option("--fence", "Seconds after which no copy of a request can arrive (1950)."):argname "SECONDS"
      :convert(number.from(0))
  end,
  run = function(run)
    local wish = wish_of(run)
    local client = run:writer { store = runs.store(run.args.state or run:state_folder()), fence = run.args.fence }
    local result, err = client:ensure(wish, { resend = run.args.resend or false })
    if not result then
      fail(run, wish, err)
    end
    view.warn(run.console, words.list(result.warnings or {}, words.put))
    if run.console.json then
      return run.console:value {
        action = result.action, chatbot = view.plain(result.chatbot),
        notCompared = require "aliyun.sas.cli.json".list(result.notCompared),
      }
    end
    tell(run.console, result)
  end,
}
