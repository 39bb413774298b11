--- Goes on with an `ensure` that ended as unknown, from its handle; in another process too, and with another store.

local bound = require "aliyun.sas.bound"
local chatbots = require "aliyun.sas.chatbots"
local intent = require "aliyun.sas.intent"
local reconcile = require "aliyun.sas.reconcile"
local storage = require "aliyun.sas.storage"
local update = require "aliyun.sas.update"
local verdict = require "aliyun.sas.verdict"

local resolve = {}

local function result(run, action, read)
  return { action = action, chatbot = read, notCompared = {}, warnings = run.warnings }
end

-- Removes the intent of this very operation. Another's stays, and so does one that cannot be read: the next create of
-- the name tells of it.
local function forget(run)
  local found = intent.load(run.state, run.key)
  if found and found.id == run.handle.id then
    intent.forget(run.state, run.key, run.warnings)
  end
end

-- Where the store knows of no write of the name, it learns of this one: nobody who shares it creates the name, and the
-- wait goes on from the first look here, whichever error the handle is of. One that cannot be written is in the handle.
local function unknown(run, list, cause)
  if list and run.isFree then
    intent.save(run.state, run.key, run.handle)
  end
  return verdict.unknown(run.state, run.handle, cause, {
    code = "PENDING", list = list, sent = cause ~= nil and cause.sent or false,
    message = cause and "it is not known what became of it, since the chatbots could not be read"
      or "it may still be executed",
  })
end

-- Where the create of the handle made nothing, another of the name that the store knows may still: then this is what is
-- gone on with, and the handle of an error is that one's.
local function judge(run, list)
  local judgement, found = reconcile.judge(run.handle, list, run.state.intervalUnit)
  if (judgement == "gone" or judgement == "vanished") and run.other then
    run.handle = run.other
    return reconcile.judge(run.handle, list, run.state.intervalUnit)
  end
  return judgement, found
end

local function of_create(run, list)
  local judgement, found = judge(run, list)
  local handle = run.handle
  if judgement == "pending" then
    return unknown(run, list)
  end
  if judgement == "arrived" or intent.is_past(handle, list) then
    forget(run)
  end
  if judgement == "vanished" then
    return verdict.vanished(handle)
  end
  if judgement == "arrived" then
    return result(run, "created", found[1])
  elseif judgement == "gone" then
    return verdict.failed(handle)
  end
  return nil, reconcile.conflict(judgement, found, false)
end

local function of_update(run, list)
  local handle = run.handle
  local read = chatbots.with_id(list.list, handle.chatbot)
  if not read then
    return verdict.not_found("the Id " .. handle.chatbot .. " any more")
  end
  local is_past = intent.is_past(handle, list)
  if is_past then
    forget(run)
  end
  if update.is_applied(handle, read, nil, run.state.intervalUnit) then
    update.doubt(handle, run.warnings)
    return result(run, "updated", read)
  elseif is_past then
    return verdict.failed(handle)
  end
  return unknown(run, list)
end

-- The wait of this boot begins with its first look, which the store knows where it has the intent of this operation.
local function look(run)
  local found, err = intent.load(run.state, run.key)
  run.isFree = not found and not err
  if found and found.id == run.handle.id then
    run.handle.looks = found.looks
  elseif found and found.kind == "create" then
    run.other = found
  end
  intent.look(run.state, run.handle)
end

local function go_on(run)
  look(run)
  local list, err = chatbots.read(run.state, run.bound)
  if not list then
    return unknown(run, nil, err)
  elseif reconcile.is_other_account(run.handle, list) then
    return verdict.argument("handle", "is of another account", "resolve it with a client of that account")
  end
  return (run.handle.kind == "create" and of_create or of_update)(run, list)
end

--- Looks what became of the operation of a handle.
---@param state table of a client
---@param given table
---@return aliyun.sas.ensured? result, aliyun.sas.error? err
function resolve.run(state, given)
  local wrong = intent.wrong(given)
  local handle = not wrong and intent.copy(given)
  if wrong then
    return verdict.argument("handle", wrong, "give the field handle of the error that ensure answered, as it was")
  elseif handle.site ~= state.site then
    return verdict.argument("handle", "is of another site", "resolve it with a client of the same regionId or endpoint")
  end
  local run = {
    state = state, handle = handle, bound = bound.new(state), warnings = {},
    key = intent.key(state.site, handle.name),
  }
  return storage.locked(run, { run.key }, go_on, run)
end

return resolve
