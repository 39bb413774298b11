--- One chatbot: from the names under which the service shows it to those under which it takes it.
--
-- Source: the API pages of DescribeDingTalk and CreateOrUpdateDingTalk. ActionName is RuleActionName and Url is
-- SendUrl; ConfigList is a JSON text with either prefix of types, GroupIdList a comma list or a JSON array.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"

local chatbot = {}

-- What a write cannot set, and ignores where it stands in `state`.
local STATE = { "Status", "AliUid", "GmtCreate", "GmtModified" }

--- A config where the text reads well, else the text as it was.
function chatbot.config(value)
  if type(value) ~= "string" then
    return value
  end
  local good, config = failure.try(core.parse, value)
  return good and config or value
end

local function groups(value)
  local texts = value ~= nil and ids.list(value)
  if not texts then
    return value
  end
  local list = {}
  for i, text in ipairs(texts) do
    list[i] = ids.value(text)
  end
  return list
end

local function interval(value)
  local digits = type(value) == "string" and #value <= 15 and value:match "^%d+$"
  return digits and tonumber(digits) or value
end

--- Reads a row of DescribeDingTalk; nil and what is wrong where it is none.
---@param row any
---@return aliyun.sas.readChatbot? chatbot, string? wrong
function chatbot.read(row)
  if type(row) ~= "table" then
    return nil, "holds what is no chatbot"
  end
  local id = ids.text(row.Id)
  if not id then
    return nil, "holds a chatbot without an Id"
  elseif type(row.ActionName) ~= "string" then
    return nil, "holds a chatbot without an ActionName"
  end
  local state = {}
  for _, name in ipairs(STATE) do
    state[name] = row[name]
  end
  return {
    Id = ids.value(id), RuleActionName = row.ActionName, SendUrl = row.Url, IntervalTime = interval(row.IntervalTime),
    ConfigList = chatbot.config(row.ConfigList), GroupIdList = groups(row.GroupIdList),
    DingTalkLang = row.DingTalkLang, state = state,
  }
end

return chatbot
