--- sas-dingtalk sign

local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local request = require "aliyun.sas.cli.request"
local runs = require "aliyun.sas.cli.run"
local webhook = require "aliyun.sas.cli.webhook"
local width = require "aliyun.sas.terminal.width"

-- Numbers are numbers where the operation says so: a name of digits stays a text.
local function value_of(operation, name, text)
  for _, parameter in ipairs(operation and operation.parameters or {}) do
    if parameter.name == name and parameter.type == "integer" and text:match "^%d+$" and #text <= 14 then
      return tonumber(text)
    end
  end
  return text
end

local function add(params, name, value)
  if params[name] ~= nil then
    runs.usage("sign: " .. width.cut(name, 64) .. " is given twice", "")
  end
  params[name] = value
end

local function add_json(params, text, what)
  local read = runs.must(core.json(text))
  if type(read) ~= "table" or read[1] ~= nil or text:match "^%s*%[" then
    runs.fail("argument", "INVALID_ARGUMENT", what .. " holds no JSON object of parameters")
  end
  for name, value in pairs(read) do
    add(params, name, value)
  end
end

local function add_word(params, run, operation, word, i)
  local name, text = word:match "^([%w_.]+)=(.*)$"
  if name then
    add(params, name, value_of(operation, name, text))
  elseif word == "-" then
    add_json(params, run.host.readall() or "", "the standard input")
  elseif word:sub(1, 1) == "@" then
    add_json(params, runs.read_file(word:sub(2)), word:sub(2))
  else
    runs.usage(("sign: parameter %d is neither NAME=VALUE nor @FILE nor -"):format(i), "")
  end
end

local function params_of(run)
  local params, operation = {}, calls.operations[run.args.action]
  for i, word in ipairs(run.args.parameters) do
    add_word(params, run, operation, word, i)
  end
  local url = webhook.read(run)
  if url then
    add(params, "SendUrl", url)
  end
  return params
end

-- Another operation of the product is not checked, so a misspelt one would be signed as such.
local function check_action(run, action)
  if calls.operations[action] then
    return
  elseif not action:match "^%u%w*$" or #action > 64 then
    runs.usage("sign: an operation begins with a capital, such as DescribeDingTalk", "")
  end
  local names = {}
  for _, operation in ipairs(core.operations()) do
    names[#names + 1] = operation.action
  end
  local near = core.suggest(action, names)
  run.console:warn(nil, ("%s is not known here, and its parameters are not checked"):format(action),
    near and "did you mean " .. near .. "?" or nil)
end

local OPTIONS = { date = "--date", nonce = "--nonce" }

-- What is wrong with --date or --nonce is wrong usage; the parameters are the service's.
local function prepare(client, args, params)
  local made, err = client:prepare(args.action, params, { date = args.date, nonce = args.nonce })
  local problem = err and err.problems and err.problems[1]
  if problem and OPTIONS[problem.path] and params[problem.path] == nil then
    runs.wrong { { path = OPTIONS[problem.path], message = problem.message, hint = problem.hint } }
  end
  return runs.must(made, err)
end

return {
  name = "sign", summary = "Print the signed request of a call, without sending it.", operations = {},
  description = "Print the signed request of a call, without sending it. What is secret in it is masked.",
  examples = {
    "sas-dingtalk sign DescribeDingTalk PageSize=20 CurrentPage=1",
    "sas-dingtalk sign CreateOrUpdateDingTalk @params.json --send-url-env DINGTALK_WEBHOOK --as curl",
  },
  define = function(parser)
    parser:argument("action", "The operation, such as DescribeDingTalk; any other of the product is not checked.")
      :argname "ACTION"
    parser:argument("parameters", "NAME=VALUE; @FILE or - for a JSON object of them."):args "*":argname "PARAM"
    webhook.define(parser)
    parser:option("--as", "What is printed: the request, a command for curl, or JSON.")
      :choices { "http", "curl", "json" }
    parser:flag("--show-secrets", "Mask nothing: whoever reads it can send it, for 15 minutes.")
    parser:option("--signature", "Which one."):choices { "v3", "v1" }:default "v3"
    parser:option("--parameters-in", "Where they travel."):choices { "query", "body" }:default "query"
    parser:option("--date", "Date of the signature, yyyy-MM-ddTHH:mm:ssZ."):argname "DATE"
    parser:option("--nonce", "Text that was never used before."):argname "TEXT"
  end,
  run = function(run)
    local args = run.args
    check_action(run, args.action)
    local params = params_of(run)
    local client = run:client { signature = args.signature, parameters = args.parameters_in }
    local made = prepare(client, args, params)
    if args.show_secrets then
      run.console:say "Whoever reads this can send it, for 15 minutes."
    end
    local form = args.as or (run.console.json and "json" or "http")
    run.console:text(request.text(made, form, calls.operations[args.action], args.show_secrets))
  end,
}
