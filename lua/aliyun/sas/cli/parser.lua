--- The parser of the command line, made of the table of commands.

local argparse = require "argparse"
local core = require "aliyun.sas.core"
local commands = require "aliyun.sas.cli.commands"

local parser = {}

-- Lines of the help's width: longer ones would be broken, and the next begun anew.
local STATUSES = [[
Exit status: 0 all is well; 1 an error; 2 of plan: something would change;
64 wrong usage; 129, 130, 143 interrupted by SIGHUP, Ctrl-C, SIGTERM; 141 the
reader of the output has gone.

Keys come from the environment, the profiles of the aliyun command and the other
places that the official SDKs look at. Secrets are never arguments. See man
sas-dingtalk.]]

-- Help is raised, not printed, so that the one who runs this decides where it goes.
local function add_help(of)
  of:flag("-h --help", "Show this help."):action(function()
    error({ help = of:get_help() }, 0)
  end)
end

local function add_general(root)
  root:flag("--version", "Show the version."):action(function()
    error({ help = "sas-dingtalk " .. core._VERSION }, 0)
  end)
  root:option("--output", "What the result is written as."):choices { "table", "json" }:default "table"
  root:option("--color", "Colours: on a terminal, or as you say."):choices { "auto", "always", "never" }
    :default "auto"
  root:option("--region", "Region, such as cn-hangzhou (Chinese site) or ap-southeast-1."):argname "ID"
  root:option("--endpoint", "Host in the place of a region: HOST, HOST:PORT or https://HOST:PORT."):argname "HOST"
  root:option("--ca-file", "PEM file with the authorities to trust."):argname "PATH"
  root:option("--profile", "Profile of the aliyun command, for keys and region."):argname "NAME"
  root:option("--timeout", "Seconds for one exchange with the service (10)."):argname "SECONDS":convert(tonumber)
  root:option("--deadline", "Seconds for one act, such as to create a chatbot, with its repetitions and waits (60).")
    :argname "SECONDS":convert(tonumber)
  root:option("--interval-unit", "Unit of an IntervalTime that is read; the vendor leaves it open.")
    :choices { "seconds", "minutes" }
end

local function add_command(root, command)
  local made = root:command(command.name, command.summary):add_help(false)
  made:summary(command.summary):description(command.description or command.summary)
  add_help(made)
  if command.define then
    command.define(made)
  end
  made:epilog("Examples:\n  " .. table.concat(command.examples, "\n  ")
    .. "\n\nOptions of every command: sas-dingtalk --help")
end

--- A parser; its `parse` answers the arguments, or raises `{ help = text }` or `{ usage = text, message = text }`.
function parser.new()
  local root = argparse("sas-dingtalk", "DingTalk chatbots of Alibaba Cloud Security Center.", STATUSES):add_help(false)
  root:command_target "command":help_max_width(80)
  add_help(root)
  add_general(root)
  for _, command in ipairs(commands.list) do
    add_command(root, command)
  end
  root.error = function(at, message)
    if message:find "^unknown option '%-[%d.]" then
      message = "no option takes a number below 0" -- which the parser takes for an option
    end
    error({ usage = at:get_usage(), message = message }, 0)
  end
  return root
end

return parser
