--- sas-dingtalk export

local export = require "aliyun.sas.export"
local path_of = require "aliyun.sas.cli.path"
local runs = require "aliyun.sas.cli.run"
local select = require "aliyun.sas.cli.select"
local system = require "aliyun.sas.system"

-- Neither opened as Lua does it, which waits at a pipe, nor taken for absent because it cannot be read.
local function exists(path)
  local _, err = system.readsecret(path, 1)
  return not err or err.code ~= "NOT_FOUND"
end

local function write(run, path, text)
  if exists(path) and not run.args.force then
    runs.fail("state", "EXISTS", path .. " is there already", "--force writes over it")
  end
  runs.must(system.writefile(path, text, "umask"))
  run.console:say("written: " .. path)
end

-- By the name of the file where the format is not said.
local function format_of(args)
  return args.format or (args.out and args.out:match "%.json$" or args.output == "json") and "json" or "lua"
end

return {
  name = "export", summary = "Write what exists as a file for plan and apply.",
  description = "Write what exists as a file that plans to no changes. Webhooks become variables of the environment.",
  operations = { "DescribeDingTalk", "DescribeGroupStruct" },
  examples = { "sas-dingtalk export --out chatbots.lua", "sas-dingtalk export --format json" },
  define = function(parser)
    parser:option("--format", "Format of the file (by its name; else lua)."):choices { "lua", "json" }
    parser:option("--out", "The file; without it, the standard output."):argname "PATH":convert(path_of)
    parser:flag("--force", "Write over a file that is there.")
  end,
  run = function(run)
    local args, client = run.args, run:client()
    local text = export.text(select.all(client), runs.must(client:groups()), {
      format = format_of(args), intervalUnit = args.interval_unit,
    })
    if args.out then
      return write(run, args.out, text)
    end
    run.console:text(text)
  end,
}
