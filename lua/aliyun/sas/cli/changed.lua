--- What the commands that change several chatbots share: their arguments, and what they tell.

local json = require "aliyun.sas.cli.json"

local changed = {}

--- The chatbots.
function changed.argument(parser)
  parser:argument("chatbots", "Names or Ids; digits are an Id where no chatbot has them for a name.")
    :args "+":argname "NAME|ID"
end

--- The chatbots, and --yes.
function changed.define(parser)
  changed.argument(parser)
  parser:flag("--yes", "Do not ask.")
end

--- Tells what became of chatbots.
function changed.tell(console, action, chatbots)
  if not console.json then
    return console:text(("%s: %d\n"):format(action, #chatbots))
  end
  local results = json.list {}
  for i, chatbot in ipairs(chatbots) do
    results[i] = { action = action, Id = chatbot.Id, RuleActionName = chatbot.RuleActionName }
  end
  console:value(results)
end

return changed
