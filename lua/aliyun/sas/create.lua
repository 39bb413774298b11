--- A create that can be found again: its intent is written down before each send, and it ends as created, as certainly
-- not created, or as unknown with a handle.

local calls = require "aliyun.sas.calls"
local chatbots = require "aliyun.sas.chatbots"
local core = require "aliyun.sas.core"
local intent = require "aliyun.sas.intent"
local reconcile = require "aliyun.sas.reconcile"
local verdict = require "aliyun.sas.verdict"

local create = {}

-- Seconds between two looks: reading may lag behind writing.
local PAUSES = { 1, 2, 4, 8, 16, 30 }

-- How often one that looks unlike what was sent has to be seen before it counts as the one that was created. The
-- service may spell what it was sent in other words.
local LOOKS = 3

--- The seconds before the n-th look (from 2).
function create.pause_before(look)
  return PAUSES[math.min(look - 1, #PAUSES)]
end

local function result(try, read)
  local made = {
    action = "created", chatbot = read, notCompared = {}, warnings = try.warnings, answered = try.answered or nil,
  }
  if not try.answered then
    made.arrived, made.sameWebhook = true, true
  end
  return made
end

local function settle(try, read)
  intent.forget(try.state, try.key, try.warnings)
  return result(try, read)
end

-- One that is new and alone of its name behind a good answer is ours, even where it does not look like it.
local function accept(try, found)
  try.strange = (try.strange or 0) + 1
  if try.strange < LOOKS then
    return nil
  end
  try.warnings[#try.warnings + 1] = {
    path = "", message = "the service shows other values than were sent",
    hint = "compare the chatbot of the result with what was wanted",
  }
  return settle(try, found[1])
end

-- Looks once; answers whether that ends it, then the result, or nil and the error.
local function look(try, list)
  local made = try.intent
  local judgement, found = reconcile.judge(made, list, try.state.intervalUnit)
  if judgement == "arrived" then
    return true, settle(try, found[1])
  elseif judgement == "gone" then
    intent.forget(try.state, try.key, try.warnings)
    return true, verdict.failed(made)
  elseif judgement == "vanished" then
    return true, verdict.vanished(made)
  elseif judgement == "pending" then
    return false
  elseif judgement == "foreign" and try.answered then
    local accepted = accept(try, found)
    return accepted ~= nil, accepted
  end
  -- Inside the fence our own may still come, unless the service has said that it is done and two are there.
  if intent.is_past(made, list) or judgement == "duplicate" and try.answered then
    intent.forget(try.state, try.key, try.warnings)
  end
  return true, nil, reconcile.conflict(judgement, found, true)
end

local function unknown(try, cause)
  return verdict.unknown(try.state, try.intent, cause, {
    code = "NOT_VISIBLE", list = try.list, sent = true,
    message = try.answered and "the chatbot was created, and the list does not show it yet"
      or "it is not known whether the chatbot was created",
  })
end

-- What the service said is worth knowing to who comes later, where the list does not show it at once.
local function note_answer(try)
  if try.answered and not try.intent.answered then
    try.intent.answered = true
    intent.save(try.state, try.key, try.intent)
  end
end

-- Looks until it is there or the deadline is over. A look that fails says nothing.
local function confirm(try, cause)
  for number = 1, math.huge do
    if number > 1 and not try.bound:pause(create.pause_before(number)) then
      return unknown(try, cause)
    end
    local list, err = chatbots.read(try.state, try.bound)
    if list then
      try.list = list
      local over, answer, conflict = look(try, list)
      if over then
        return answer, conflict
      end
    elseif not cause then
      cause = { code = err.code, status = err.status, requestId = err.requestId }
    end
    note_answer(try)
  end
end

-- Called before each send.
local function write_intent(try, seconds)
  local good, err = intent.sign(try.state, try.intent, seconds, try.list)
  if not good then
    return nil, err
  end
  try.written = true
  return intent.save(try.state, try.key, try.intent)
end

--- Creates the chatbot of a wish. The lock of its name is held, and no chatbot of the list has the name.
---@param state table of a client
---@param bound table
---@param key string of the store
---@param wish table
---@param list aliyun.sas.chatbotList
---@param warnings table[]
---@return table? result, aliyun.sas.error? err
function create.run(state, bound, key, wish, list, warnings)
  local made, err = intent.of_create(state, wish, list.list)
  if not made then
    return nil, err
  end
  local try = { state = state, bound = bound, key = key, intent = made, warnings = warnings, list = list }
  local answer
  answer, err = calls.run(state, bound, "createOrUpdateDingTalk", wish, {
    onSigned = function(seconds)
      return write_intent(try, seconds)
    end,
  })
  if not answer and (err.kind ~= "unknown" or not try.intent.signedAt) then
    if try.written then
      intent.forget(state, key, warnings)
    end
    err.warnings = #warnings > 0 and warnings or nil
    return nil, core.error(err)
  end
  try.answered = answer ~= nil
  return confirm(try, err)
end

return create
