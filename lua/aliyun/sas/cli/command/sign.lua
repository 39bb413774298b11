--- sas-dingtalk sign

local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local request = require "aliyun.sas.cli.request"
local runs = require "aliyun.sas.cli.run"
local webhook = require "aliyun.sas.cli.webhook"

-- Numbers are numbers where the operation says so: a name of digits stays a text.
local function value_of(operation, name, text)
  for _, parameter in ipairs(operation and operation.parameters or {}) do
    if parameter.name == name and parameter.type == "integer" and text:match "^%d+$" and #text <= 14 then
      return tonumber(text)
    end
  end
  return text
end

local function add_file(params, path)
  local read = runs.must(core.json(runs.read_file(path)))
  if type(read) ~= "table" then
    runs.fail("argument", "INVALID_ARGUMENT", path .. " holds no JSON object of parameters")
  end
  for name, value in pairs(read) do
    params[name] = value
  end
end

local function params_of(run)
  local params, operation = {}, calls.operations[run.args.action]
  for i, word in ipairs(run.args.parameters) do
    local name, text = word:match "^([%w_.]+)=(.*)$"
    if name then
      params[name] = value_of(operation, name, text)
    elseif word:sub(1, 1) == "@" then
      add_file(params, word:sub(2))
    else
      runs.usage(("sign: parameter %d is neither NAME=VALUE nor @FILE"):format(i), "")
    end
  end
  params.SendUrl = webhook.read(run) or params.SendUrl
  return params
end

return {
  name = "sign", summary = "Print the signed request of a call, without sending it.",
  description = "Print the signed request of a call, without sending it. What is secret in it is masked.",
  examples = {
    "sas-dingtalk sign DescribeDingTalk PageSize=20 CurrentPage=1",
    "sas-dingtalk sign CreateOrUpdateDingTalk @params.json --send-url-env DINGTALK_WEBHOOK --as curl",
  },
  define = function(parser)
    parser:argument("action", "The operation, such as DescribeDingTalk; any other of the product is not checked.")
      :argname "ACTION"
    parser:argument("parameters", "NAME=VALUE, or @FILE with a JSON object."):args "*":argname "PARAM"
    webhook.define(parser)
    parser:option("--as", "What is printed: the request, or a command for curl."):choices { "text", "curl" }
      :default "text"
    parser:flag("--show-secrets", "Mask nothing: whoever reads it can send it, for 15 minutes.")
    parser:option("--signature", "Which one."):choices { "v3", "v1" }:default "v3"
    parser:option("--parameters-in", "Where they travel."):choices { "query", "body" }:default "query"
    parser:option("--date", "Date of the signature, yyyy-MM-ddTHH:mm:ssZ."):argname "DATE"
    parser:option("--nonce", "Text that was never used before."):argname "TEXT"
  end,
  run = function(run)
    local args = run.args
    local action = args.action
    if not calls.operations[action] and not action:match "^%u%w*$" then
      runs.usage("sign: an operation begins with a capital, such as DescribeDingTalk", "")
    end
    local client = run:client { signature = args.signature, parameters = args.parameters_in }
    local made = runs.must(client:prepare(action, params_of(run), { date = args.date, nonce = args.nonce }))
    request.print(run.console, made, { secrets = args.show_secrets, curl = args.as == "curl" })
  end,
}
