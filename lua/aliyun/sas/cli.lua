--- The command line `sas-dingtalk`.

local commands = require "aliyun.sas.cli.commands"
local console = require "aliyun.sas.cli.console"
local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local guard = require "aliyun.sas.cli.guard"
local parser = require "aliyun.sas.cli.parser"
local runs = require "aliyun.sas.cli.run"
local status = require "aliyun.sas.cli.status"

local cli = {}

-- Errors of the usage are JSON too where JSON was asked for, so the words are looked at before they are parsed.
local function output_of(words)
  for i, word in ipairs(words) do
    if word == "--output=json" or word == "--output" and words[i + 1] == "json" then
      return "json"
    end
  end
  return "table"
end

local function usage_error(out, message, hint)
  if out.json then
    out:fail(core.error {
      kind = "argument", code = "USAGE", message = message, hint = hint, retryable = false, sent = false,
    })
  else
    out:say(("%s: %s%s"):format(console.program, message, hint and "\n" .. hint or ""))
  end
  return status.usage
end

local function parse(words, out)
  local message, hint = guard.check(words)
  if message then
    return nil, usage_error(out, message, hint)
  end
  local good, args = pcall(function() return parser.new():parse(words) end)
  if good then
    return args
  elseif type(args) == "table" and args.help then
    out:text(args.help .. "\n")
    return nil, status.ok
  elseif type(args) == "table" and args.usage then
    return nil, usage_error(out, args.message, args.usage)
  end
  error(args, 0)
end

-- A mistake in this program is shown with the place where it is.
local function traced(err)
  return type(err) == "table" and err or debug.traceback(failure.text(err), 2)
end

-- What a command raised, told. Answers the status.
local function tell(run, err)
  if type(err) == "table" and err.usage then
    return usage_error(run.console, err.message, err.usage ~= "" and err.usage or nil)
  elseif type(err) == "table" and err.message and not failure.is(err) then
    error(err, 0) -- of the output
  end
  run.console:fail(err)
  if failure.is(err) and err.code == "USAGE" then
    return status.usage
  end
  return run:broken_off() or status.error
end

local function run_command(args, out, host)
  local run = runs.new(args, console.new(host, args), host)
  local good, result = xpcall(function() return commands.named[args.command].run(run) end, traced)
  local shut, why = pcall(run.close, run)
  if not good then
    return tell(run, result)
  elseif not shut then
    out:warn(nil, failure.text(why))
  end
  return run:broken_off() or result or status.ok
end

--- Runs the command line.
---@param words string[]
---@param host? aliyun.sas.cli.host
---@return integer status
function cli.main(words, host)
  host = host or require "aliyun.sas.cli.host"
  local out = console.new(host, { output = output_of(words), color = "never" })
  local good, result = pcall(function()
    local args, ended = parse(words, out)
    return args and run_command(args, out, host) or ended
  end)
  if good then
    return result
  elseif type(result) == "table" and result.closed then
    return status.pipe -- nobody reads any more, so there is nothing to say
  end
  out:fail(type(result) == "table" and result.message or result)
  return status.error
end

--- Runs it for this process, and ends it with the status.
---@param words string[]
---@param streams? file*[] in the places of standard streams that are closed, held open until then
function cli.start(words, streams)
  local code = cli.main(words)
  for _, stream in ipairs(streams or {}) do
    stream:close()
  end
  os.exit(code, true)
end

return cli
