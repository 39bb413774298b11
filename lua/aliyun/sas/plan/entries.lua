--- The entries of a plan, of what is declared and the account as it was read: by `plan`, and by `apply` once more.

local changes = require "aliyun.sas.plan.changes"
local compare = require "aliyun.sas.compare"
local ids = require "aliyun.sas.ids"
local match = require "aliyun.sas.plan.match"
local places = require "aliyun.sas.load.places"
local renames = require "aliyun.sas.plan.renames"
local statuses = require "aliyun.sas.status"
local updates = require "aliyun.sas.update"

local entries = {}

---@class aliyun.sas.planContext
---@field site string
---@field unit? "seconds"|"minutes" of an IntervalTime that is read
---@field options aliyun.sas.planOptions
---@field fingerprints? aliyun.sas.fingerprints
---@field origin? aliyun.sas.origin
---@field list aliyun.sas.readChatbot[] of the account
---@field groupNames table<string, string> by Id, where they are known

--- All that an entry may be.
entries.ACTIONS = { "create", "update", "status", "unchanged", "delete", "conflict" }

local function wish_of(item)
  local wish = item.wish
  return {
    Id = wish.Id, RuleActionName = wish.RuleActionName, SendUrl = item.declared, IntervalTime = wish.IntervalTime,
    ConfigList = wish.ConfigList and tostring(wish.ConfigList) or nil, GroupIdList = wish.GroupIdList,
    DingTalkLang = wish.DingTalkLang, Status = statuses.word(item.status),
  }
end

local function copy(list)
  local made = {}
  for i, item in ipairs(list) do
    made[i] = item
  end
  return made
end

local function new_entry(pair, action)
  local item, read = pair.item, pair.read
  return {
    action = action, name = item.wish.RuleActionName or read and read.RuleActionName or "", place = item.place,
    id = read and ids.text(read.Id) or item.wish.Id, index = item.index, changes = {}, notCompared = {}, needs = {},
    warnings = copy(item.warnings), wish = wish_of(item),
  }
end

-- What has to be sent and is not known.
local function need(context, item, message)
  return item.need or {
    path = places.path(context.origin, item.index, "SendUrl"), message = message,
    hint = 'give env "NAME" or file "path" of the webhook, as the DingTalk group shows it',
  }
end

local function create(context, pair)
  local entry = new_entry(pair, "create")
  entry.changes = changes.of_create(pair.item, context.groupNames)
  if not pair.item.wish.SendUrl then
    entry.needs[1] = need(context, pair.item, "is missing, and a new chatbot needs it")
  end
  return entry
end

-- An update sends all fields, and so the webhook.
local function needs_webhook(entry, pair)
  return not pair.item.wish.SendUrl and (entry.resend or not compare.shows_token(pair.read.SendUrl))
end

local function update(context, entry, pair, result)
  entry.action = "update"
  if needs_webhook(entry, pair) then
    entry.needs[1] = need(context, pair.item,
      "is missing: an update sends the webhook, and the service does not show its token")
  end
  local fields = result.fields
  fields.Status = result.status and true or nil
  entry.changes = changes.of_update(pair.item, pair.read, fields, context.groupNames)
  if pair.item.wish.IntervalTime == nil then
    updates.interval(pair.read, context.unit, entry.warnings)
  end
end

-- The webhook that cannot be compared is sent where that is asked for.
local function resend(context, entry, result)
  local rest = {}
  for _, field in ipairs(result.unseen) do
    if field == "SendUrl" and context.options.resendWebhooks then
      result.fields.SendUrl = changes.AGAIN
      entry.resend = true
    else
      rest[#rest + 1] = field
    end
  end
  entry.notCompared = rest
  entry.resend = entry.resend or result.isHidden and result.fields.SendUrl and true or nil
end

local function existing(context, pair)
  local entry = new_entry(pair, "unchanged")
  local result = changes.compare(pair.item, pair.read, context)
  resend(context, entry, result)
  if result.doubt and not entry.resend then
    entry.warnings[#entry.warnings + 1] = {
      path = "SendUrl", message = result.doubt, hint = "resendWebhooks = true sends it again",
    }
  end
  if next(result.fields) then
    update(context, entry, pair, result)
  elseif result.status then
    entry.action = "status"
    entry.changes = changes.of_update(pair.item, pair.read, { Status = true }, context.groupNames)
  end
  return entry
end

local function entry_of(context, pair)
  if pair.conflict then
    local entry = new_entry(pair, "conflict")
    entry.conflict = pair.conflict
    return entry
  end
  return (pair.read and existing or create)(context, pair)
end

local function delete_of(context, read)
  return {
    action = "delete", name = read.RuleActionName, id = ids.text(read.Id), notCompared = {}, needs = {}, warnings = {},
    changes = changes.of_delete(read, context.groupNames),
  }
end

local function count(list)
  local summary = {}
  for _, action in ipairs(entries.ACTIONS) do
    summary[action] = 0
  end
  for _, entry in ipairs(list) do
    summary[entry.action] = summary[entry.action] + 1
  end
  return summary
end

local function add_unclaimed(context, made, pairs_)
  local rest = match.unclaimed(pairs_, context.list)
  renames.warn(made.entries, pairs_, rest)
  for _, read in ipairs(rest) do
    if context.options.prune then
      made.entries[#made.entries + 1] = delete_of(context, read)
    else
      made.unmanaged[#made.unmanaged + 1] = { id = ids.text(read.Id), name = read.RuleActionName }
    end
  end
end

--- What would be done.
---@param context aliyun.sas.planContext
---@param items aliyun.sas.declaredItem[]
---@return {entries: aliyun.sas.planEntry[], unmanaged: table[], summary: table<string, integer>}
function entries.of(context, items)
  local made = { entries = {}, unmanaged = {} }
  local pairs_ = match.all(items, context.list)
  for i, pair in ipairs(pairs_) do
    made.entries[i] = entry_of(context, pair)
  end
  add_unclaimed(context, made, pairs_)
  made.summary = count(made.entries)
  return made
end

return entries
