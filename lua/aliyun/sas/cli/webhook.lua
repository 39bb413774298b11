--- The webhook of a command: from the environment, a file or the standard input, never from an argument.

local path_of = require "aliyun.sas.cli.path"
local runs = require "aliyun.sas.cli.run"
local system = require "aliyun.sas.system"
local webhooks = require "aliyun.sas.load.webhook"

local webhook = {}

--- The options of a command that takes a webhook.
function webhook.define(parser)
  parser:mutex(
    parser:option("--send-url-env", "Variable of the environment with the robot's webhook."):argname "NAME",
    parser:option("--send-url-file", "File with it, which only you can read."):argname "PATH"
      :convert(path_of),
    parser:flag("--send-url-stdin", "Read it from the standard input.")
  )
end

local function fail(message, hint)
  runs.fail("argument", "INVALID_ARGUMENT", message, hint)
end

local function from_environment(run, name)
  local value = run.host.getenv(name)
  if not value or value == "" then
    -- the name may be the webhook itself, by mistake: it is not shown unless it is one
    local shown = name:match "^[%a_][%w_]*$" and #name <= 64 and "the variable " .. name or "this variable"
    fail("--send-url-env: " .. shown .. " is not set, or is empty")
  end
  return value, "--send-url-env: the variable"
end

local function from_file(_, path)
  return runs.must(system.readprivate(path, webhooks.LONGEST)), "--send-url-file: the file"
end

local function from_input(run)
  return run.host.readall() or "", "--send-url-stdin: the input"
end

local SOURCES = { send_url_env = from_environment, send_url_file = from_file, send_url_stdin = from_input }

--- The webhook, or nil where none is given.
---@return string?
function webhook.read(run)
  for name, source in pairs(SOURCES) do
    if run.args[name] then
      local text, what = source(run, run.args[name])
      local url, why = webhooks.of_text(text:gsub("^%s+", ""), what)
      return url or fail(why.message, why.hint)
    end
  end
end

return webhook
