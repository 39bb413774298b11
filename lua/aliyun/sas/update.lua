--- An update of one chatbot, by its Id: sends all fields, since what becomes of one that is left out is not documented.

local calls = require "aliyun.sas.calls"
local chatbots = require "aliyun.sas.chatbots"
local compare = require "aliyun.sas.compare"
local create = require "aliyun.sas.create"
local dates = require "aliyun.sas.dates"
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

--- The IntervalTime that an update sends back. A number that was read means the same on writing only where the unit on
--- reading is known; otherwise it stays out, with a warning.
---@param read aliyun.sas.readChatbot
---@param unit? "seconds"|"minutes"
---@param warnings table[] takes the warning
---@return integer?
function update.interval(read, unit, warnings)
  local value = read.IntervalTime
  if unit == nil or type(value) ~= "number" then
    if value ~= nil and value ~= 0 then
      warnings[#warnings + 1] = {
        path = "IntervalTime",
        message = "was left out of the update, since the unit in which it was read is not settled",
        hint = "give it, or its unit: the setting intervalUnit, --interval-unit",
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
    return verdict.argument("SendUrl", "is missing, or without its token, and the service does not show the token, so "
      .. "that an update cannot send what it reads", "give SendUrl as the DingTalk group shows it")
  end
  if params.IntervalTime == nil then
    params.IntervalTime = update.interval(read, unit, warnings)
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
  return #different == 0 and compare.is_webhook(made.webhook, made.id, read.SendUrl)
    and (made.changes or is_changed(made.modified, read))
end

--- Says where the time of the last change is all that shows: somebody else may have made it.
function update.doubt(made, warnings)
  if not made.changes then
    warnings[#warnings + 1] = {
      path = "SendUrl", message = "that the chatbot was changed is all that the service shows",
      hint = "where others change it too, call ensure again with resend = true",
    }
  end
end

-- Looks until the update shows or the deadline is over.
local function confirm(try, cause)
  for number = 1, math.huge do
    if number > 1 and not try.bound:pause(create.pause_before(number)) then
      return verdict.unknown(try.state, try.intent, cause, {
        code = "NOT_VISIBLE", list = try.list, sent = true, message = "it is not known whether the chatbot was updated",
      })
    end
    local list = chatbots.read(try.state, try.bound)
    local read = list and chatbots.with_id(list.list, try.intent.chatbot)
    if read and update.is_applied(try.intent, read, try.params, try.state.intervalUnit) then
      update.doubt(try.intent, try.warnings)
      return result(read, try.warnings)
    elseif list and not read then
      return verdict.not_found("the Id " .. try.intent.chatbot .. " any more", true)
    elseif list and intent.is_past(try.intent, list) then
      return verdict.failed(try.intent)
    end
    try.list = list or try.list
  end
end

-- Before each send. What an earlier update left open is under the same name, and stays until it is past.
local function write_intent(try, seconds)
  local good, err = intent.sign(try.state, try.intent, seconds, try.list)
  if not good then
    return nil, err
  elseif try.keeps then
    return true
  end
  try.written = true
  return intent.save(try.state, try.key, try.intent)
end

-- Behind the last send. Where a copy may still be executed the intent stays, though the update shows.
local function settle(try, is_open)
  if not try.written or is_open then
    return
  elseif try.prior then
    intent.save(try.state, try.key, try.prior)
  else
    intent.forget(try.state, try.key, try.warnings)
  end
end

local function send(try, wish, read)
  local trace = {
    onSigned = function(seconds)
      return write_intent(try, seconds)
    end,
  }
  local answer, err = calls.run(try.state, try.bound, "createOrUpdateDingTalk", try.params, trace)
  settle(try, trace.open)
  if answer then
    local made = result(updated(read, try.params, wish), try.warnings)
    made.endedAt = try.state.now() + (trace.skew or 0)
    return made
  elseif err.kind ~= "unknown" or not trace.open then
    return nil, err
  end
  return confirm(try, err)
end

-- An earlier update of which a copy may still be executed would undo this one.
local function warn_of(state, prior, list, warnings)
  if prior then
    warnings[#warnings + 1] = {
      path = "", message = "an earlier update of this name may still be executed, and undo this one, until "
        .. dates.text(intent.resolve_after(state, prior, list)),
      hint = "call ensure again then",
    }
  end
end

--- Makes a chatbot that was found what it is wished to be: leaves it alone where it is, updates it otherwise.
---@param run {state: table, bound: table, key: string, wish: table, options: {resend: boolean?}, warnings: table[]} of
--- ensure; the lock of the key is held
---@param read aliyun.sas.readChatbot
---@param list aliyun.sas.chatbotList where it was found
---@param prior? aliyun.sas.handle an intent of the key that is not past
---@return table? result, aliyun.sas.error? err
function update.run(run, read, list, prior)
  local state, wish, warnings = run.state, run.wish, run.warnings
  if compare.lacks_token(wish.SendUrl) then
    wish.SendUrl = nil -- as it was read: the service hid the token
  end
  local different, unseen = compare.fields(wish, read, state.intervalUnit)
  if #different == 0 and not (run.options.resend and #unseen > 0) then
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
  if prior and prior.kind == "update" then
    warn_of(state, prior, list, warnings)
    made.signedAt, made.ahead = prior.signedAt, prior.ahead -- its intent gives way to this one, which lasts as long
  end
  return send({
    state = state, bound = run.bound, key = run.key, params = params, intent = made, warnings = warnings,
    list = list, prior = prior, keeps = prior ~= nil and prior.kind == "create",
  }, wish, read)
end

return update
