--- An update of one chatbot, by its Id: sends all fields, since what becomes of one that is left out is not documented.

local calls = require "aliyun.sas.calls"
local chatbots = require "aliyun.sas.chatbots"
local compare = require "aliyun.sas.compare"
local create = require "aliyun.sas.create"
local ids = require "aliyun.sas.ids"
local intent = require "aliyun.sas.intent"
local verdict = require "aliyun.sas.verdict"

local update = {}

local function is_empty(value)
  return value == nil or value == "" or compare.same_config(value, "[]")
end

local function is_empty_list(value)
  return value == nil or value == "" or type(value) == "table" and #value == 0
end

-- A number that was read means the same on writing only where the unit on reading is known.
local function interval(read, unit, warnings)
  local value = read.IntervalTime
  if unit == nil or type(value) ~= "number" then
    if value ~= nil and value ~= 0 then
      warnings[#warnings + 1] = {
        path = "IntervalTime",
        message = "was left out of the update, since the unit in which it was read is not settled",
        hint = "give it, or the setting intervalUnit",
      }
    end
    return nil
  end
  return unit == "minutes" and value * 60 or value
end

-- What an update sends: what is wished for, and the rest as it was read. Lists that are empty stay out: nothing is lost
-- with them, and the service may refuse them.
local function parameters(wish, read, unit, warnings)
  local params = {
    Id = read.Id, RuleActionName = wish.RuleActionName or read.RuleActionName,
    SendUrl = wish.SendUrl or compare.shows_token(read.SendUrl) and read.SendUrl or nil,
    IntervalTime = wish.IntervalTime, ConfigList = wish.ConfigList, GroupIdList = wish.GroupIdList,
    DingTalkLang = wish.DingTalkLang or read.DingTalkLang,
  }
  if not params.SendUrl then
    return verdict.argument("SendUrl", "is missing, and the service does not show the webhook's token, so that an "
      .. "update cannot send what it reads", "give SendUrl")
  end
  if params.IntervalTime == nil then
    params.IntervalTime = interval(read, unit, warnings)
  end
  if params.ConfigList == nil and not is_empty(read.ConfigList) then
    params.ConfigList = read.ConfigList
  end
  if params.GroupIdList == nil and not is_empty_list(read.GroupIdList) then
    params.GroupIdList = read.GroupIdList
  end
  return params
end

local function id_values(list)
  local values = {}
  for i, text in ipairs(list) do
    values[i] = ids.value(text)
  end
  return values
end

-- The chatbot as it is behind an update.
local function updated(read, params, wish)
  local chatbot = {}
  for name, value in pairs(read) do
    chatbot[name] = value
  end
  for name, value in pairs(params) do
    chatbot[name] = value
  end
  chatbot.Id = read.Id
  chatbot.GroupIdList = wish.GroupIdList and id_values(wish.GroupIdList) or read.GroupIdList
  return chatbot
end

local function result(chatbot, warnings)
  return { action = "updated", chatbot = chatbot, notCompared = {}, warnings = warnings }
end

local function is_changed(before, read)
  local now = ids.text(read.state.GmtModified)
  return before ~= nil and now ~= nil and before ~= now
end

--- Whether a chatbot shows that an update was executed. One that changes nothing that can be seen shows it by the time
-- of its last change.
---@param made aliyun.sas.handle
---@param read aliyun.sas.readChatbot
function update.is_applied(made, read, wish, unit)
  local different = compare.fields(wish or made.wanted, read, unit)
  return #different == 0 and (made.changes or is_changed(made.modified, read))
end

-- Looks until the update shows or the deadline is over.
local function confirm(try, cause)
  for number = 1, math.huge do
    if number > 1 and not try.bound:pause(create.pause_before(number)) then
      return verdict.unknown(try.intent, cause, {
        code = "NOT_VISIBLE", skew = try.skew, sent = true, message = "it is not known whether the chatbot was updated",
      })
    end
    local list = chatbots.read(try.state, try.bound)
    local read = list and chatbots.with_id(list.list, try.intent.chatbot)
    if read and update.is_applied(try.intent, read, try.params, try.state.intervalUnit) then
      return result(read, try.warnings)
    elseif list and not read then
      return verdict.not_found("the Id " .. try.intent.chatbot .. " any more")
    elseif list and intent.is_past(try.intent, list) then
      return verdict.failed(try.intent)
    end
    try.skew = list and list.skew or try.skew
  end
end

local function send(try, wish, read)
  local trace = {}
  local answer, err = calls.run(try.state, try.bound, "createOrUpdateDingTalk", try.params, trace)
  if answer then
    return result(updated(read, try.params, wish), try.warnings)
  elseif err.kind ~= "unknown" then
    return nil, err
  end
  try.intent.signedAt = trace.signedAt
  return confirm(try, err)
end

--- Makes a chatbot that was found what it is wished to be: leaves it alone where it is, updates it otherwise.
---@param state table of a client
---@param wish table
---@param read aliyun.sas.readChatbot
---@param list aliyun.sas.chatbotList where it was found
---@param options {resend: boolean?}
---@param warnings table[]
---@return table? result, aliyun.sas.error? err
function update.run(state, bound, wish, read, list, options, warnings)
  local different, unseen = compare.fields(wish, read, state.intervalUnit)
  if #different == 0 and not (options.resend and #unseen > 0) then
    return { action = "unchanged", chatbot = read, notCompared = unseen, warnings = warnings }
  end
  local params, err = parameters(wish, read, state.intervalUnit, warnings)
  if not params then
    return nil, err
  end
  local made
  made, err = intent.of_update(state, params, read, #different > 0, list.list)
  if not made then
    return nil, err
  end
  return send({
    state = state, bound = bound, params = params, intent = made, warnings = warnings, skew = list.skew,
  }, wish, read)
end

return update
