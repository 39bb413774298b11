--- A chatbot as it is wished to be, and never two of its name: finds it by its Id or its name, then creates it, updates
-- it, or leaves it alone.
--
-- All clients that share a store lock the name first, and heed the intent of a create whose outcome is not known.

local bound = require "aliyun.sas.bound"
local chatbots = require "aliyun.sas.chatbots"
local create = require "aliyun.sas.create"
local failure = require "aliyun.sas.failure"
local intent = require "aliyun.sas.intent"
local reconcile = require "aliyun.sas.reconcile"
local storage = require "aliyun.sas.storage"
local update = require "aliyun.sas.update"
local verdict = require "aliyun.sas.verdict"
local wishes = require "aliyun.sas.wish"

local ensure = {}

local ROUNDS = 5 -- how often a chatbot that has got another name under our hands is looked at under the lock of that

---@class aliyun.sas.ensured
---@field action "created"|"updated"|"unchanged"
---@field chatbot aliyun.sas.readChatbot with its Id
---@field notCompared string[] given, and neither compared nor sent: the service does not show it
---@field warnings {path: string, message: string, hint: string?}[]
---@field answered? boolean for `apply`: the service said that it created the chatbot, now or in an earlier call
---@field arrived? boolean for `apply`: the chatbot was found behind a create whose answer was not seen by this call
---@field sameWebhook? boolean for `apply`, of one that arrived: it was created with the webhook that is wished for now;
--- nil where that is not known, or none is wished for
---@field endedAt? number for `apply`, of an update that was answered: when, by the service's clock

local function other_account(state, key)
  return failure.answer("state", "OTHER_ACCOUNT", ("the intent in %s is of another account"):format(
    storage.place(state.store, key)), "nothing was sent; give each account a store of its own")
end

local function pending(run, made, list, message)
  return verdict.unknown(run.state, made, nil, { code = "PENDING", list = list, sent = false, message = message })
end

-- An update that may still be executed may bring a chatbot of this name, where there is none now.
local function settle_update(run, made, list)
  if intent.is_past(made, list) then
    intent.forget(run.state, run.key, run.warnings)
    return true
  elseif #chatbots.named(list.list, made.name) == 0 then
    return pending(run, made, list, "an earlier update may still give a chatbot this name; nothing was sent")
  end
  return true, made
end

local function settle_create(run, made, list)
  local judgement, found = reconcile.judge(made, list, run.state.intervalUnit)
  if judgement == "pending" then
    return pending(run, made, list, "an earlier create of this name may still be executed; nothing was sent")
  elseif judgement == "vanished" then
    return verdict.vanished(made)
  end
  local is_past = intent.is_past(made, list)
  if judgement == "arrived" then
    run.arrived, run.made = found[1], made
  end
  if judgement == "arrived" or judgement == "gone" or is_past then
    intent.forget(run.state, run.key, run.warnings)
    return true
  end
  return nil, reconcile.conflict(judgement, found, false)
end

-- Settles the intent of an earlier write, if there is one. Answers true where the way is free, and an intent that is
-- to be kept; or nil and the error.
local function settle(run, made, list)
  if not made then
    return true
  elseif reconcile.is_other_account(made, list) then
    return other_account(run.state, run.key)
  end
  return (made.kind == "update" and settle_update or settle_create)(run, made, list)
end

-- The intent of the name, and the list of chatbots.
local function look(run)
  local made, err = intent.load(run.state, run.key)
  if err then
    return nil, err
  end
  local list
  list, err = chatbots.read(run.state, run.bound)
  if not list then
    return nil, err
  end
  return list, made
end

-- Whether what was found is what the caller knows of. One that an earlier create of this store brought is: it was asked
-- for, and the caller may not have seen it yet.
local function is_expected(run, read)
  local expected = run.options.isExpected
  return not expected or read ~= nil and read == run.arrived or expected(read)
end

local function moved(read)
  return verdict.conflict("MOVED", read and "somebody changed or made the chatbot meanwhile; it has the Id"
    or "somebody renamed or deleted the chatbot meanwhile", "nothing was sent; look at it anew", { read })
end

-- An update, or none. Says of a chatbot that an earlier create brought how that is known.
local function make_as_wished(run, read, list, kept)
  local made, url = run.made, run.wish.SendUrl
  local result, err = update.run(run, read, list, kept)
  if result and made then
    result.answered, result.arrived, result.sameWebhook = made.answered, true, intent.is_webhook(made, url)
  end
  return result, err
end

local function by_name(run)
  local list, made = look(run)
  if not list then
    return nil, made
  end
  local free, kept = settle(run, made, list)
  if not free then
    return nil, kept
  end
  local found = chatbots.named(list.list, run.wish.RuleActionName)
  if #found > 1 then
    return verdict.duplicate(found)
  elseif not is_expected(run, found[1]) then
    return moved(found[1])
  elseif #found == 1 then
    return make_as_wished(run, found[1], list, kept)
  end
  return create.run(run.state, run.bound, run.key, run.wish, list, run.warnings)
end

-- The name that the chatbot has stays: what is open of it is not for this update to settle, and is kept.
local function keep_name(run, read, list, made)
  return update.run(run, read, list, made and not intent.is_past(made, list) and made or nil)
end

-- A new name must be free, and must not be one that an earlier write may still bring.
local function rename(run, read, list, made)
  local found = chatbots.named(list.list, run.wish.RuleActionName)
  if #found > 0 then
    return verdict.conflict("DUPLICATE", "another chatbot has the new name already, with the Id",
      "nothing was touched", found)
  end
  local free, kept = settle(run, made, list)
  if not free then
    return nil, kept
  end
  return update.run(run, read, list, kept)
end

-- With the locks of the name that is wished for and of one that the chatbot had. Where it has another by now, it is
-- answered in the third place.
local function with_locks(run, name)
  local wish = run.wish
  local list, made = look(run)
  if not list then
    return nil, made
  end
  local read = chatbots.with_id(list.list, wish.Id)
  if not read then
    return verdict.not_found("the Id " .. wish.Id)
  elseif read.RuleActionName ~= name and read.RuleActionName ~= wish.RuleActionName then
    return nil, nil, read
  elseif not is_expected(run, read) then
    return moved(read)
  elseif wish.RuleActionName and wish.RuleActionName ~= read.RuleActionName then
    return rename(run, read, list, made)
  end
  return keep_name(run, read, list, made)
end

-- The name of the chatbot, which tells the lock, as it is without one.
local function read_name(run)
  local list, err = chatbots.read(run.state, run.bound)
  local read = list and chatbots.with_id(list.list, run.wish.Id)
  if list and not read then
    return verdict.not_found("the Id " .. run.wish.Id)
  end
  return read and read.RuleActionName, err
end

-- Others may change or rename the chatbot under any name that it has, so the lock of that is held too. It is known by a
-- reading without that lock only, so what counts is read again under it. As a rule the chatbot has the name already.
local function by_id(run)
  local wished = run.wish.RuleActionName
  local name, err = wished, nil
  if not name then
    name, err = read_name(run)
  end
  if not name then
    return nil, err
  end
  local result, read
  for _ = 1, ROUNDS do
    run.key = intent.key(run.state.site, wished or name)
    result, err, read = storage.locked(run, { run.key, intent.key(run.state.site, name) }, with_locks, run, name)
    if not read then
      return result, err
    end
    name = read.RuleActionName
  end
  return verdict.conflict("MOVED", "somebody renames the chatbot again and again; it has the Id",
    "nothing was sent; look at it anew", { read })
end

--- Makes the chatbot what it is wished to be.
---@param state table of a client
---@param given table the parameters of createOrUpdateDingTalk
---@param options {resend: boolean?, isExpected: (fun(read: aliyun.sas.readChatbot?): boolean)?} isExpected: whether
--- the chatbot that is found, or none, is what the caller knows of; anything else is a conflict, and nothing is sent
---@return aliyun.sas.ensured? result, aliyun.sas.error? err
function ensure.run(state, given, options)
  local wish, err = wishes.read(state.core, given)
  if not wish then
    return nil, err
  end
  local run = { state = state, wish = wish, options = options, bound = bound.new(state), warnings = {} }
  run.bound.secretUrl = wish.SendUrl -- no error of the reads may show it either
  if wish.Id then
    return by_id(run)
  end
  run.key = intent.key(state.site, wish.RuleActionName)
  return storage.locked(run, { run.key }, by_name, run)
end

return ensure
