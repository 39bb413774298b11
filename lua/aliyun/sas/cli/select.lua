--- The chatbots that the words of a command line name: by name, else by Id. All that is wrong is told at once.

local chatbots = require "aliyun.sas.chatbots"
local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"
local nearest_of = require "aliyun.sas.nearest"
local printable = require "aliyun.sas.printable"
local runs = require "aliyun.sas.cli.run"

local select = {}

local function names_of(list)
  local names = {}
  for i, chatbot in ipairs(list) do
    names[i] = chatbot.RuleActionName
  end
  return names
end

-- One chatbot, or nil, what is wrong, a hint, and a code.
local function find(list, word, nearest)
  local found, id = chatbots.named(list, word), ids.text(word)
  if #found > 1 then
    local texts = {}
    for i, chatbot in ipairs(found) do
      texts[i] = tostring(chatbot.Id)
    end
    return nil, "is the name of several chatbots", "give one of the Ids " .. table.concat(texts, ", "), "DUPLICATE"
  end
  local chatbot = found[1] or id and chatbots.with_id(list, id)
  if chatbot then
    return chatbot
  end
  local near = nearest(word)
  return nil, "is no chatbot of this account", near and 'did you mean "' .. near .. '"?' or "see sas-dingtalk list",
    "NOT_FOUND"
end

local MESSAGES = {
  NOT_FOUND = "%d of the chatbots cannot be found",
  DUPLICATE = "%d of the names may mean several chatbots, which an Id tells apart",
}

--- All chatbots of the account.
function select.all(client)
  local list = {}
  for chatbot in runs.must(client:chatbots()) do
    list[#list + 1] = chatbot
  end
  return list
end

--- Those that the words name, each once.
---@param list aliyun.sas.readChatbot[]
---@param words string[]
---@return aliyun.sas.readChatbot[]
function select.of(list, words)
  local chosen, seen, problems, told = {}, {}, {}, "DUPLICATE"
  local nearest = nearest_of(names_of(list))
  for _, word in ipairs(words) do
    local chatbot, message, hint, code = find(list, word, nearest)
    if not chatbot then
      problems[#problems + 1] = { path = printable.line(word), message = message, hint = hint }
      told = code == "NOT_FOUND" and code or told
    elseif not seen[chatbot] then
      seen[chatbot] = true
      chosen[#chosen + 1] = chatbot
    end
  end
  if #problems > 0 then
    error(core.error {
      kind = "argument", code = told, problems = problems, retryable = false, sent = false,
      message = MESSAGES[told]:format(#problems),
    }, 0)
  end
  return chosen
end

--- Their Ids.
function select.ids(chosen)
  return ids.of(chosen)
end

return select
