--- sas-dingtalk policy

local core = require "aliyun.sas.core"
local json = require "aliyun.sas.cli.json"
local permissions = require "aliyun.sas.cli.permissions"
local runs = require "aliyun.sas.cli.run"

local function commands()
  return require "aliyun.sas.cli.commands" -- here, since it loads this file
end

local function add_all(set, names)
  for _, name in ipairs(names or {}) do
    set[name] = true
  end
end

local function names_of(list)
  local names = {}
  for i, command in ipairs(list) do
    names[i] = command.name
  end
  return names
end

local function guess(name, list)
  local near = core.suggest(name, names_of(list))
  return name .. (near and (" (did you mean %s?)"):format(near) or "")
end

-- The commands of these names, all where there are none. All that are wrong are told at once.
local function chosen(names)
  local all, list, wrong = commands(), {}, {}
  for _, name in ipairs(names) do
    list[#list + 1] = all.named[name]
    wrong[#wrong + 1] = not all.named[name] and guess(name, all.list) or nil
  end
  if #wrong > 0 then
    runs.usage("policy: there is no command of this name: " .. table.concat(wrong, ", "), "see sas-dingtalk --help")
  end
  return #names == 0 and all.list or list
end

local function operations_of(args)
  local set = {}
  for _, command in ipairs(chosen(args.commands)) do
    add_all(set, command.operations)
    for option, more in pairs(command.with or {}) do
      add_all(set, args[option] and more)
    end
  end
  return set
end

-- The RAM actions, in the order of the list of permissions.
local function actions_of(set)
  local actions = json.list {}
  for _, operation in ipairs(permissions.list()) do
    actions[#actions + 1] = set[operation.action] and operation.ramAction or nil
  end
  return actions
end

return {
  name = "policy", summary = "Print the smallest RAM policy for commands.",
  description = "Print the smallest RAM policy, as JSON, with which these commands work; without names, for all.",
  examples = { "sas-dingtalk policy list plan", "sas-dingtalk policy apply --prune --test" },
  define = function(parser)
    parser:argument("commands", "Names of commands."):args "*":argname "COMMAND"
    parser:flag("--prune", "Of apply: also with --prune.")
    parser:flag("--test", "Of apply: also with --test.")
  end,
  run = function(run)
    local actions = actions_of(operations_of(run.args))
    if #actions == 0 then
      runs.usage("policy: these commands call no operation, so they need no policy")
    end
    run.console:value {
      Version = "1", Statement = json.list { { Effect = "Allow", Action = actions, Resource = "*" } },
    }
  end,
}
