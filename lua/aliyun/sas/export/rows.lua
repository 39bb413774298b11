--- One chatbot as the fields of a declaration, in their order: each a name, a value, and what is to be said of it.

local chatbot = require "aliyun.sas.chatbot"
local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local statuses = require "aliyun.sas.status"
local words = require "aliyun.sas.plan.words"

local rows = {}

---@class aliyun.sas.exportField
---@field name string
---@field kind "text"|"number"|"env"|"config"|"groups" absent where the field is left out
---@field value any
---@field note? string

-- Stands for the other parameters while one is checked.
local SETTINGS = { host = "localhost" }
local ANY = { RuleActionName = "any name", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=0" }

-- Whether a declaration with the value would be taken.
local function is_taken(name, value)
  local params = { [name] = value }
  for key, any in pairs(ANY) do
    params[key] = params[key] == nil and any or params[key]
  end
  return core.createOrUpdateDingTalk(SETTINGS, params) ~= nil
end

local function add(list, name, kind, value, note)
  list[#list + 1] = { name = name, kind = kind, value = value, note = note }
end

local function left_out(list, name, why)
  add(list, name, nil, nil, "left out: " .. why)
end

local function add_name(list, read, context)
  local name = read.RuleActionName
  local is_good = is_taken("RuleActionName", name)
  if not context.isUnique or not is_good then
    add(list, "Id", "text", ids.text(read.Id), not context.isUnique and "another chatbot has this name too" or nil)
  end
  if is_good then
    add(list, "RuleActionName", "text", name)
  else
    left_out(list, "RuleActionName", "the name would not be taken; the chatbot stands by its Id")
  end
end

-- The unit on reading is in doubt: the number would mean something else if it were sent back.
local function add_interval(list, read, unit)
  local value = read.IntervalTime
  if value == nil then
    return
  elseif type(value) ~= "number" or value < 0 or value % 1 ~= 0 then
    left_out(list, "IntervalTime", "what the service shows is no number")
  elseif value == 0 or unit then
    add(list, "IntervalTime", "number", unit == "minutes" and value * 60 or value, value ~= 0 and "seconds" or nil)
  else
    left_out(list, "IntervalTime", ("the service shows %.0f, and whether these are seconds or minutes is not settled")
      :format(value))
  end
end

local function add_config(list, read)
  local value = read.ConfigList
  local good, config = failure.try(core.parse, tostring(value == nil and "[]" or value))
  if value == nil then
    return
  elseif not good or not is_taken("ConfigList", config) then
    return left_out(list, "ConfigList", "what the service shows cannot be read")
  end
  local tree = words.config(value)
  local named = {}
  for _, entry in ipairs(tree) do
    named[entry[1]] = {}
    for _, key in ipairs(entry[2]) do
      named[entry[1]][key[1]] = key[2]
    end
  end
  -- words that the catalog lacks are taken only in the text as the service writes it
  local checked, same = failure.try(core.config, named)
  if checked and same == config then
    add(list, "ConfigList", "config", tree)
  else
    add(list, "ConfigList", "text", tostring(config), "it has words that are not in the catalog")
  end
end

local function add_groups(list, read, names)
  local value = read.GroupIdList
  local texts = value ~= nil and ids.list(value)
  if texts then
    local groups = {}
    for i, id in ipairs(texts) do
      groups[i] = { id = id, name = names[id] }
    end
    add(list, "GroupIdList", "groups", groups)
  elseif value ~= nil then
    left_out(list, "GroupIdList", "what the service shows is no list of Ids")
  end
end

local function add_language(list, read)
  local value = read.DingTalkLang
  if value ~= nil and is_taken("DingTalkLang", value) then
    add(list, "DingTalkLang", "text", value)
  elseif value ~= nil then
    left_out(list, "DingTalkLang", "what the service shows is no language that it takes")
  end
end

--- The fields of a chatbot.
---@param read aliyun.sas.readChatbot
---@param context {isUnique: boolean, variable: string, unit: string?, groupNames: table<string, string>}
---@return aliyun.sas.exportField[]
function rows.of(read, context)
  local list = {}
  add_name(list, read, context)
  add(list, "SendUrl", "env", context.variable)
  add_interval(list, read, context.unit)
  add_config(list, { ConfigList = chatbot.config(read.ConfigList) })
  add_groups(list, read, context.groupNames)
  add_language(list, read)
  local status = statuses.word(read.state and read.state.Status)
  if status then
    add(list, "Status", "text", status)
  end
  return list
end

return rows
