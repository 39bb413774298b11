--- What the form of a chatbots file asks for, beyond what the service does: words that stand for something else, and
-- Status. What the service asks for is checked where a set is planned.

local core = require "aliyun.sas.core"
local paths = require "aliyun.sas.load.paths"
local status = require "aliyun.sas.status"
local webhooks = require "aliyun.sas.load.webhook"

local check = {}

local WORDS = { "env", "file", "group" }

local MEANINGS = {
  env = "the name of an environment variable", file = "the path of a file", group = "the name of an asset group",
}

local function add(state, path, message, hint)
  state.problems[#state.problems + 1] = { index = state.index, path = path, message = message, hint = hint }
end

local function names_of(value)
  local names = {}
  for name in next, value do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  return names
end

local function listed(words)
  return #words == 1 and words[1] or table.concat(words, " and ")
end

local function did_you_mean(word, words)
  local near = core.suggest(word, words)
  return near and ("did you mean %s?"):format(near) or nil
end

-- What a word stands for: a text that can be one.
local function check_text(state, path, word, text)
  if type(text) ~= "string" or text == "" or text:find "%z" then
    add(state, path, ("%s takes %s"):format(word, MEANINGS[word]), ('such as %s "..."'):format(word))
  elseif word == "env" and not text:find "^[%a_][%w_]*$" then
    add(state, path, "env takes the name of an environment variable, and this cannot be one",
      text:find("://", 1, true) and "a webhook is secret: set a variable to it and give the variable's name"
      or "letters, digits and _")
  elseif word == "env" and webhooks.may_be_token(text) then
    add(state, path, webhooks.IS_TOKEN, "a webhook is secret: set a variable to it and give the variable's name")
  end
end

-- A table that stands for one of the words.
local function check_marker(state, path, value, words)
  local names = names_of(value)
  local legal = listed(words)
  if #names ~= 1 or type(next(value)) ~= "string" then
    add(state, path, #names == 0 and "is an empty table" or "is a table of several things",
      ("one of the words may stand here: %s"):format(legal))
    return
  end
  local word = names[1]
  for _, known in ipairs(words) do
    if word == known then
      return check_text(state, path, word, value[word])
    end
  end
  add(state, paths.name(path, word), MEANINGS[word] and ("%s does not belong here, but %s"):format(word, legal)
    or "is no word that is known here", did_you_mean(word, words) or ("known is %s"):format(legal))
end

local function check_status(state, value)
  local message, hint = status.wrong(value)
  if message then
    add(state, "Status", message, hint)
  end
end

local function check_webhook(state, value)
  if type(value) == "table" then
    check_marker(state, "SendUrl", value, { "env", "file" })
  elseif value ~= nil and type(value) ~= "string" then
    add(state, "SendUrl", "is no text", 'write a webhook, or env "NAME", or file "path"')
  end
end

local function check_groups(state, value)
  if type(value) ~= "table" then
    return -- a number or a text, which the service's check reads
  end
  if value.group ~= nil then
    add(state, "GroupIdList", "is a group, and should be a list of groups", 'write { group "..." }')
    return
  end
  for i, member in ipairs(value) do
    if type(member) == "table" then
      check_marker(state, paths.item("GroupIdList", i), member, { "group" })
    end
  end
end

-- A word in a field for which nothing may stand.
local function check_others(state, chatbot)
  for name, value in next, chatbot do
    if type(value) == "table" and name ~= "SendUrl" and name ~= "GroupIdList" then
      for _, word in ipairs(WORDS) do
        if value[word] ~= nil and next(value, word) == nil and next(value) == word then
          add(state, paths.name("", name), ("%s does not belong here"):format(word),
            word == "group" and "it stands in GroupIdList" or "it stands for SendUrl")
        end
      end
    end
  end
end

local function check_entry(state, entry)
  if type(entry) ~= "table" then
    add(state, nil, "is no chatbot", "a chatbot is a table: { RuleActionName = ..., ... }")
  elseif #entry > 0 then
    add(state, nil, "is a list, and should be a chatbot", "one pair of braces too many?")
  else
    check_status(state, entry.Status)
    check_webhook(state, entry.SendUrl)
    check_groups(state, entry.GroupIdList)
    check_others(state, entry)
  end
end

--- All that is wrong with the form.
---@param list table plain data
---@param known table<integer, true> the entries of which something is wrong already as a whole
---@return {index: integer, path: string?, message: string, hint: string?}[]
function check.list(list, known)
  local state = { problems = {} }
  for index, entry in ipairs(list) do
    state.index = index
    if not known[index] then
      check_entry(state, entry)
    end
  end
  return state.problems
end

return check
