--- What `ensure` is asked for: checked in C before anything is sent, and taken as it is at that moment.
--
-- The caller's tables may change while a coroutine waits, so nothing of them is looked at later.

local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"

local wish = {}

-- What an update may fill from what it reads; any legal value passes the check in its place.
local FILLED = {
  SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=0",
  RuleActionName = "of the chatbot",
}

-- The parameters, read raw, with what may be filled.
local function filled(given)
  local params = {}
  for name, value in next, given do
    params[name] = value
  end
  if params.SendUrl == nil then
    params.SendUrl = FILLED.SendUrl
  end
  if params.RuleActionName == nil and params.Id ~= nil then
    params.RuleActionName = FILLED.RuleActionName
  end
  return params
end

-- A config of our own: the caller's can be changed.
local function config_of(value)
  if type(value) == "table" then
    return core.config(value)
  end
  return value ~= nil and core.parse(tostring(value)) or nil
end

--- Checks a chatbot as `ensure` takes it.
---@param settings table of core
---@param given table
---@return table? wish, aliyun.sas.error? err, {path: string, message: string, hint: string?}[]? warnings
function wish.read(settings, given)
  local params = filled(given)
  -- whether a table with a metatable is taken is for the check to say
  local call, err = calls.make(settings, "createOrUpdateDingTalk", getmetatable(given) == nil and params or given)
  if not call then
    return nil, err
  end
  return {
    Id = params.Id ~= nil and ids.text(params.Id) or nil, RuleActionName = rawget(given, "RuleActionName"),
    SendUrl = rawget(given, "SendUrl"), IntervalTime = params.IntervalTime, ConfigList = config_of(params.ConfigList),
    GroupIdList = params.GroupIdList ~= nil and ids.list(params.GroupIdList) or nil,
    DingTalkLang = params.DingTalkLang,
  }, nil, call:warnings()
end

return wish
