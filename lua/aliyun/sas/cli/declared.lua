--- What `plan` and `apply` share: the file, the folder of state beside it, and the plan.

local fingerprints = require "aliyun.sas.fingerprints"
local path_of = require "aliyun.sas.cli.path"
local runs = require "aliyun.sas.cli.run"
local sas = require "aliyun.sas"
local text = require "aliyun.sas.plan.text"
local words = require "aliyun.sas.cli.words"

local declared = {}

--- The arguments of both.
function declared.define(parser)
  parser:argument("file", "The file with the chatbots, Lua or JSON (.json)."):argname "FILE"
    :convert(path_of)
  parser:flag("--prune", "Delete the chatbots that the file lacks.")
  parser:flag("--allow-empty", "With --prune: also where the file has none, which deletes all.")
  parser:flag("--resend-webhooks", "Send the webhooks that cannot be compared.")
end

--- The folder beside the file with locks, what was sent, and fingerprints of webhooks.
function declared.folder(path)
  return path .. ".state"
end

--- The file's chatbots, and the fingerprints beside it. A folder of state that is not there is not made.
function declared.load(run)
  local path = run.args.file
  local set = runs.must(sas.load(path))
  return set, runs.must(fingerprints.open(declared.folder(path) .. "/fingerprints.json"))
end

--- The plan, in the words of the command line.
function declared.plan(run, client, set, prints)
  local args = run.args
  return words.plan(runs.must(client:plan(set, {
    prune = args.prune or false, allowEmpty = args.allow_empty or false,
    resendWebhooks = args.resend_webhooks or false, fingerprints = prints,
  })))
end

--- The plan for people.
function declared.show(console, plan)
  console:text(text.render(plan, { colour = console.colour, width = console.width }))
end

declared.has_changes = text.has_changes

return declared
