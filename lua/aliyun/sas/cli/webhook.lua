--- The webhook of a command: from the environment, a file or the standard input, never from an argument.

local runs = require "aliyun.sas.cli.run"
local system = require "aliyun.sas.system"

local webhook = {}

local LONGEST = 8192

--- The options of a command that takes a webhook.
function webhook.define(parser)
  parser:mutex(
    parser:option("--send-url-env", "Variable of the environment with the robot's webhook."):argname "NAME",
    parser:option("--send-url-file", "File with it, which only you can read."):argname "PATH",
    parser:flag("--send-url-stdin", "Read it from the standard input.")
  )
end

local function from_environment(run, name)
  local value = run.host.getenv(name)
  if not value or value == "" then
    -- the name may be the webhook itself, by mistake: it is not shown unless it is one
    local shown = name:match "^[%a_][%w_]*$" and #name <= 64 and "the variable " .. name or "this variable"
    runs.fail("argument", "INVALID_ARGUMENT", "--send-url-env: " .. shown .. " is not set, or is empty")
  end
  return value
end

--- The webhook, or nil where none is given.
---@return string?
function webhook.read(run)
  local args, text = run.args
  if args.send_url_env then
    text = from_environment(run, args.send_url_env)
  elseif args.send_url_file then
    text = runs.must(system.readprivate(args.send_url_file, LONGEST))
  elseif args.send_url_stdin then
    text = run.host.readall() or ""
  else
    return nil
  end
  return text:match "^%s*(.-)%s*$"
end

return webhook
