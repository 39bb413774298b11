--- What would change of one chatbot, field by field: old and new as texts, never a token.

local compare = require "aliyun.sas.compare"
local ids = require "aliyun.sas.ids"
local statuses = require "aliyun.sas.status"
local webhook = require "aliyun.sas.webhook"
local words = require "aliyun.sas.plan.words"

local changes = {}

---@class aliyun.sas.change
---@field field string
---@field old? string absent for a create
---@field new? string absent for a delete
---@field added? string[] of a list
---@field removed? string[] of a list
---@field note? string

local function number(value)
  return value ~= nil and (ids.text(value) or tostring(value):gsub("%.0$", "")) or nil
end

local function text(value)
  return value ~= nil and tostring(value) or nil
end

-- How each field reads: the text, and the parts where it is a list.
local READERS = {
  RuleActionName = text,
  SendUrl = webhook.text,
  IntervalTime = number,
  ConfigList = words.config_text,
  GroupIdList = words.groups,
  DingTalkLang = text,
  Status = statuses.word,
}

local ORDER = { "RuleActionName", "SendUrl", "IntervalTime", "ConfigList", "GroupIdList", "DingTalkLang", "Status" }

local function one(field, old, new, names)
  local read = READERS[field]
  local made = { field = field }
  local old_parts, new_parts
  made.old, old_parts = read(old, names)
  made.new, new_parts = read(new, names)
  if old ~= nil and new ~= nil and old_parts and new_parts then
    made.added, made.removed = words.difference(old_parts, new_parts)
  end
  return made
end

-- The value of a field as the item declares it.
local function declared(item, field)
  if field == "SendUrl" then
    return item.declared
  elseif field == "Status" then
    return item.status
  end
  return item.wish[field]
end

local function shown(read, field)
  if field == "Status" then
    return read.state.Status
  end
  return read[field]
end

--- All that a new chatbot would have.
function changes.of_create(item, names)
  local list = {}
  for _, field in ipairs(ORDER) do
    local value = declared(item, field)
    list[#list + 1] = value ~= nil and one(field, nil, value, names) or nil
  end
  return list
end

--- All that would go with a chatbot.
function changes.of_delete(read, names)
  local list = {}
  for _, field in ipairs(ORDER) do
    local value = shown(read, field)
    list[#list + 1] = value ~= nil and one(field, value, nil, names) or nil
  end
  return list
end

--- The fields of a list, old and new.
---@param item aliyun.sas.declaredItem
---@param read aliyun.sas.readChatbot
---@param fields table<string, string|true> the fields that change, each with a note or true
function changes.of_update(item, read, fields, names)
  local list = {}
  for _, field in ipairs(ORDER) do
    local note = fields[field]
    if note then
      local made = one(field, shown(read, field), declared(item, field), names)
      made.note = note ~= true and note or nil
      list[#list + 1] = made
    end
  end
  return list
end

-- What a hidden token and the fingerprints say of a webhook that cannot be compared with what is read.
local NOTES = {
  different = "another token than the one that was last sent",
  moved = "the chatbot was changed since its webhook was last sent, so that its token is not known",
}

local AGAIN, TOKEN = "sent again, since the service does not show the token", "another token"

--- The note of a webhook that is sent because that is asked for.
changes.AGAIN = AGAIN

local IS_NOTE = { [AGAIN] = true, [TOKEN] = true, [NOTES.different] = true }

--- True for what may stand beside a webhook that is sent.
---@param note any
---@return boolean
function changes.is_note(note)
  return note ~= nil and IS_NOTE[note] == true
end

-- Sorts the webhook among what differs and what cannot be compared.
local function judge_webhook(result, item, read, context)
  local said = "unknown"
  if item.wish.SendUrl and context.fingerprints then
    said = context.fingerprints:compare(context.site, read.Id, item.wish.SendUrl, read.state.GmtModified)
  end
  if said == "different" then
    result.fields.SendUrl = NOTES.different
  elseif said ~= "equal" then
    result.unseen[#result.unseen + 1] = "SendUrl"
    result.doubt = NOTES[said]
  end
end

local function judge_status(result, item, read)
  local now = statuses.word(read.state.Status)
  if item.status == nil then
    return
  elseif not now then
    result.unseen[#result.unseen + 1] = "Status"
  elseif now ~= statuses.word(item.status) then
    result.status = item.status
  end
end

-- Where two webhooks look the same without their tokens.
local function token_note(item, read)
  return webhook.masked(item.wish.SendUrl) == webhook.masked(read.SendUrl) and TOKEN or nil
end

-- A webhook that was declared and is not known here cannot be compared either.
local function has_unknown_webhook(item)
  return item.declared ~= nil and item.wish.SendUrl == nil
end

--- Compares an item with the chatbot that it stands for.
---@param context {unit: string?, fingerprints: aliyun.sas.fingerprints?, site: string}
---@return {fields: table<string, string|true>, unseen: string[], status: 0|1|nil, doubt: string?, isHidden: boolean}
function changes.compare(item, read, context)
  local result = { fields = {}, unseen = {} }
  local different, unseen = compare.fields(item.wish, read, context.unit)
  for _, field in ipairs(different) do
    result.fields[field] = field == "SendUrl" and token_note(item, read) or true
  end
  for _, field in ipairs(unseen) do
    if field ~= "SendUrl" then
      result.unseen[#result.unseen + 1] = field
    end
  end
  result.isHidden = ids.set(unseen).SendUrl or false
  if item.sends then
    result.fields.SendUrl = item.sends
  elseif result.isHidden or has_unknown_webhook(item) then
    judge_webhook(result, item, read, context)
  end
  judge_status(result, item, read)
  return result
end

--- The change of a field that an entry of a plan shows; nil where it shows none.
---@param entry aliyun.sas.planEntry
---@param field string
---@return table?
function changes.find(entry, field)
  for _, change in ipairs(entry.changes) do
    if change.field == field then
      return change
    end
  end
end

return changes
