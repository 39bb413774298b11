--- What is written down before a create or an update is sent: whose answer gets lost can be found by it later.
--
-- An intent is plain data without secrets, and is the handle of an unknown `ensure` too. It tells how to see whether
-- the create was executed: a chatbot of the name whose Id was not there before. That of an update is under the name
-- that the chatbot gets: while a copy may be executed, it may bring a chatbot of that name.
--
-- A copy can be executed while the service's true clock is less than a fence after its signed date. No answer is
-- believed alone about that clock, since the Date of one may be hours off either way, and so may our own clock:
--
-- 1. The Date of the reading that decides has to be past the signed date and the fence.
-- 2. As much time has to have passed here since the last send: the fence, and what the signed date was ahead of the
--    service's clock, for which a copy lives longer. Time that passes is told by a clock of this boot that no change
--    of the date moves; under another boot, or on another machine, it counts from the first look there.
--
-- How far ahead a signed date was is known where two witnesses agree, our clock and the Date of the list that was read
-- before. Where they do not, or there is no Date, this much is certain: the service took the signature of that list,
-- so the date of that one was at most a fence ahead, and the date of this one differs from it by what can be counted.

local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local dates = require "aliyun.sas.dates"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local protected = require "aliyun.sas.protected"
local storage = require "aliyun.sas.storage"

local intent = {}

local VERSION = 2
local WEEK = 604800 -- the longest fence that the settings take
local AGREE = 60 -- seconds by which two clocks may differ that are right
local MOST_LOOKS = 16

---@class aliyun.sas.handle plain data without secrets, which may travel as JSON
---@field version integer
---@field kind "create"|"update"
---@field id string of this operation
---@field site string
---@field name string RuleActionName
---@field signedAt number seconds since 1970
---@field fence number seconds
---@field ahead number how many seconds the signed date may be ahead of the service's clock
---@field looks {boot: string, at: number}[] of each boot the moment from which its clock counts: the last send, or the
--- first look at this intent
---@field wanted table what can be compared of the parameters
---@field webhook? {place: string, whole: string} salted hashes of SendUrl; older ones of a create have none
---@field answered? boolean create: the service said that it is done
---@field before? string[] create: all Ids of the account
---@field chatbot? string update: its Id
---@field modified? string update: GmtModified before it
---@field changes? boolean update: it changes what can be compared
---@field aliUid? string the account, where it is known

--- The key of a name in a store.
function intent.key(site, name)
  return site .. "|" .. name
end

local function seconds_of(value)
  return type(value) == "number" and value or tonumber(ids.text(value))
end

-- What can be compared later. No webhook: its token is a secret.
local function wanted(wish)
  return {
    IntervalTime = seconds_of(wish.IntervalTime),
    ConfigList = wish.ConfigList and tostring(wish.ConfigList) or nil, GroupIdList = wish.GroupIdList,
    DingTalkLang = wish.DingTalkLang,
  }
end

--- The account of a list of chatbots, where the service shows it.
---@param list aliyun.sas.readChatbot[]
---@return string?
function intent.account(list)
  for _, read in ipairs(list) do
    local uid = ids.text(read.state.AliUid)
    if uid then
      return uid
    end
  end
end

local function new(state, kind, name, wish, list)
  local id, err = core.nonce()
  if not id then
    return nil, err
  end
  return {
    version = VERSION, kind = kind, id = id, site = state.site, name = name, fence = state.fence,
    wanted = wanted(wish), aliUid = intent.account(list), ahead = 0, looks = {},
  }
end

--- The intent of a create, still without its date.
---@return aliyun.sas.handle? made, aliyun.sas.error? err
function intent.of_create(state, wish, list)
  local made, err = new(state, "create", wish.RuleActionName, wish, list)
  if not made then
    return nil, err
  end
  made.before = {}
  for i, read in ipairs(list) do
    made.before[i] = ids.text(read.Id)
  end
  made.webhook = wish.SendUrl and compare.fingerprint(made.id, wish.SendUrl)
  return made
end

--- The handle of an update, still without its date.
---@return aliyun.sas.handle? made, aliyun.sas.error? err
function intent.of_update(state, params, read, changes, list)
  local made, err = new(state, "update", params.RuleActionName, params, list)
  if not made then
    return nil, err
  end
  made.wanted.RuleActionName = params.RuleActionName
  made.webhook = compare.fingerprint(made.id, params.SendUrl)
  made.chatbot, made.changes, made.modified = ids.text(read.Id), changes, ids.text(read.state.GmtModified)
  return made
end

--- Whether a webhook is the one of an intent; nil where that is not known.
---@param made aliyun.sas.handle
---@param url? string
function intent.is_webhook(made, url)
  if not made.webhook or not url or compare.lacks_token(url) then
    return nil
  end
  return compare.fingerprint(made.id, url).whole == made.webhook.whole
end

-- Reading -----------------------------------------------------------------------------------------------------------

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

local function is_seconds(value)
  return type(value) == "number" and dates.is(value)
end

local function is_fence(value)
  return is_seconds(value) and value <= WEEK
end

local function is_looks(value)
  if type(value) ~= "table" or #value > MOST_LOOKS then
    return false
  end
  for _, look in ipairs(value) do
    if type(look) ~= "table" or not is_text(look.boot) or not is_seconds(look.at) then
      return false
    end
  end
  return true
end

local function is_ids(value)
  return type(value) == "table" and ids.list(value) ~= nil
end

local function optional(check)
  return function(value)
    return value == nil or check(value)
  end
end

local function is_wanted(value)
  return type(value) == "table" and optional(is_text)(value.RuleActionName) and optional(is_text)(value.ConfigList)
    and optional(is_ids)(value.GroupIdList) and optional(is_text)(value.DingTalkLang)
    and optional(is_seconds)(value.IntervalTime)
end

local CHECKS = {
  id = is_text, site = is_text, name = is_text, signedAt = is_seconds, fence = is_fence, ahead = is_seconds,
  looks = is_looks, wanted = is_wanted, aliUid = optional(ids.text),
}

local function is_boolean(value)
  return type(value) == "boolean"
end

local function is_fingerprint(value)
  return type(value) == "table" and is_text(value.place) and is_text(value.whole)
end

local KIND_CHECKS = {
  create = { before = is_ids, answered = optional(is_boolean), webhook = optional(is_fingerprint) },
  update = { chatbot = ids.text, modified = optional(ids.text), changes = is_boolean, webhook = is_fingerprint },
}

-- What stands in a handle, and so what is taken from one that comes from outside.
local FIELDS = {
  "version", "kind", "id", "site", "name", "signedAt", "fence", "ahead", "aliUid", "before", "answered", "chatbot",
  "modified", "changes",
}

local WANTED = { "RuleActionName", "ConfigList", "GroupIdList", "DingTalkLang", "IntervalTime" }

local function copy(from, names)
  local made = {}
  for _, name in ipairs(names) do
    made[name] = from[name]
  end
  return made
end

--- A legal handle of the caller's, with what belongs there and nothing else.
---@param handle aliyun.sas.handle
---@return aliyun.sas.handle
function intent.copy(handle)
  local made = copy(handle, FIELDS)
  made.wanted = copy(handle.wanted, WANTED)
  made.webhook = handle.webhook and copy(handle.webhook, { "place", "whole" })
  made.looks = {}
  for i, look in ipairs(handle.looks) do
    made.looks[i] = copy(look, { "boot", "at" })
  end
  for _, list in ipairs { made, made.wanted } do
    for _, name in ipairs { "before", "GroupIdList" } do
      list[name] = list[name] and ids.list(list[name])
    end
  end
  return made
end

--- What is wrong with a handle or an intent, or nil.
---@param value any
---@return string? wrong
function intent.wrong(value)
  if type(value) ~= "table" then
    return "is no table"
  elseif value.version == nil then
    return "is no handle"
  elseif value.version ~= VERSION then
    return "is of another version than this one writes"
  end
  local of_kind = KIND_CHECKS[value.kind]
  if not of_kind then
    return "has no kind that is known"
  end
  for _, checks in ipairs { CHECKS, of_kind } do
    for name, check in pairs(checks) do
      if not check(value[name]) then
        return "has no legal field " .. name
      end
    end
  end
end

-- The store ---------------------------------------------------------------------------------------------------------

local function unreadable(state, key, what)
  local place = storage.place(state.store, key)
  return failure.answer("state", "BAD_INTENT", ("the intent in %s %s"):format(place, what),
    ("a write of this chatbot may be under way, so nothing was sent; look whether the chatbot is there, and remove "
      .. "the intent when the last write is more than %.0f seconds old"):format(state.fence))
end

--- The intent of a key in the client's store; nil alone where there is none. One that cannot be understood is an error:
-- it says that a create was sent, and not which. It may be read without the lock of the key.
---@return aliyun.sas.handle? found, aliyun.sas.error? err
function intent.read(state, key)
  local text, err = storage.read(state.store, key)
  if not text then
    return nil, err
  end
  local value, broken = core.json(text)
  if broken then
    return unreadable(state, key, "cannot be read: it is torn, or no JSON")
  end
  local wrong = intent.wrong(value) or intent.key(value.site, value.name) ~= key and "is of another name"
  if wrong then
    return unreadable(state, key, wrong)
  end
  return value
end

--- The same under the lock of the key, since the first look of this boot is written down: processes that come later
-- count from it.
---@return aliyun.sas.handle? found, aliyun.sas.error? err
function intent.load(state, key)
  local found, err = intent.read(state, key)
  if found and intent.look(state, found) then
    local good
    good, err = intent.save(state, key, found)
    return good and found or nil, err
  end
  return found, err
end

--- Writes the intent down.
---@return boolean? good, aliyun.sas.error? err
function intent.save(state, key, made)
  return storage.write(state.store, key, core.encode(made))
end

--- Removes the intent of a key; a failure is told by `warn(message)`: an intent too many is never dangerous.
function intent.forget(state, key, warnings)
  local good, err = storage.remove(state.store, key)
  if not good then
    warnings[#warnings + 1] = {
      path = "store", message = "the intent could not be removed: " .. err.message,
      hint = "the next call for this name looks at it again",
    }
  end
end

-- The fence ---------------------------------------------------------------------------------------------------------

local function look_of(made, boot)
  for _, look in ipairs(made.looks) do
    if look.boot == boot then
      return look
    end
  end
end

--- Notes that this boot looks at an intent. Answers true where it is the first time: its clock counts from now.
---@param state table of a client
---@param made aliyun.sas.handle
function intent.look(state, made)
  local at, boot = state.boottime()
  local look = at and look_of(made, boot)
  if not at or look and look.at <= at then
    return false
  elseif look then -- of a clock that went back
    look.at = math.floor(at)
    return true
  elseif #made.looks == MOST_LOOKS then
    table.remove(made.looks, 1)
  end
  made.looks[#made.looks + 1] = { boot = boot, at = math.floor(at) }
  return true
end

local function whole(seconds)
  return seconds > 0 and math.ceil(seconds) or 0
end

-- Whole seconds that a signed date may be ahead of the service's clock.
local function ahead(state, seconds, list, at, boot)
  local ours, service = state.now(), list.byDate and list.boot == boot and at + list.clock
  if service and math.abs(service - ours) <= AGREE then
    return whole(seconds - math.min(service, ours))
  end
  return state.fence + whole(seconds - (at + list.accepted))
end

--- Notes that a copy is signed and about to be sent.
---@param state table of a client
---@param made aliyun.sas.handle
---@param seconds number the latest date of a copy
---@param list aliyun.sas.chatbotList that was read before
---@return boolean? good, aliyun.sas.error? err
function intent.sign(state, made, seconds, list)
  local at, boot = state.boottime()
  if not at or not list.at then
    return failure.answer("state", "NO_CLOCK", "the function boottime answered no time in seconds", "nothing was sent")
  end
  made.signedAt = math.max(made.signedAt or 0, seconds)
  made.ahead = math.max(made.ahead, ahead(state, seconds, list, at, boot))
  made.looks = { { boot = boot, at = math.floor(at) } }
  return true
end

--- True where no copy can be executed any more, by the service's clock and by ours, as a reading began.
---@param made aliyun.sas.handle
---@param list aliyun.sas.chatbotList
function intent.is_past(made, list)
  local look = list.at and look_of(made, list.boot)
  return look ~= nil and list.at > look.at + made.fence + made.ahead and list.asOf > made.signedAt + made.fence
end

--- The time by this machine's clock from which on a reading decides.
---@param state table of a client
---@param made aliyun.sas.handle
---@param list? aliyun.sas.chatbotList the last one that was read
function intent.resolve_after(state, made, list)
  local good, now = protected(state.now)
  local at, boot = state.boottime()
  local wait = made.signedAt + made.fence
  if not good or type(now) ~= "number" or now ~= now or not at then
    return math.ceil(wait) + 1
  end
  local look = look_of(made, boot)
  local by_service = wait - (list and list.clock and at + list.clock or now)
  local by_ours = made.fence + made.ahead - (look and at - look.at or 0)
  return math.ceil(now + math.max(by_service, by_ours)) + 1
end

return intent
