--- What would have to be done to make the chatbots of an account those of a declared set: plain data, which prints for
--- people (aliyun.sas.plan.text) and as JSON for programs (core.encode), and which `apply` takes.
--
-- The account is read once and nothing is written. What is not certain is a conflict and not a guess: a name that
-- several chatbots have, an Id that is not there, two entries for one chatbot. A webhook that is not known here is no
-- mistake as long as nothing has to be sent: drift is seen without tokens.

local bound = require "aliyun.sas.bound"
local changes = require "aliyun.sas.plan.changes"
local chatbots = require "aliyun.sas.chatbots"
local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local declare = require "aliyun.sas.declare"
local groups = require "aliyun.sas.groups"
local ids = require "aliyun.sas.ids"
local intent = require "aliyun.sas.intent"
local literals = require "aliyun.sas.plan.literals"
local match = require "aliyun.sas.plan.match"
local places = require "aliyun.sas.load.places"
local renames = require "aliyun.sas.plan.renames"
local seen = require "aliyun.sas.plan.seen"
local statuses = require "aliyun.sas.status"
local updates = require "aliyun.sas.update"
local verdict = require "aliyun.sas.verdict"

local plan = {}

---@class aliyun.sas.planOptions
---@field prune? boolean true: what the set lacks is deleted
---@field allowEmpty? boolean true: a set without chatbots may prune, which deletes all
---@field resendWebhooks? boolean true: webhooks that cannot be compared are sent
---@field fingerprints? aliyun.sas.fingerprints of the webhooks that were last sent

---@class aliyun.sas.planEntry
---@field action "create"|"update"|"status"|"unchanged"|"delete"|"conflict"
---@field name string
---@field id? string
---@field place? string file and line
---@field index? integer of the declared set
---@field changes aliyun.sas.change[]
---@field notCompared string[] declared, and not to be compared with what the service shows
---@field needs {path: string, message: string, hint: string?}[] what apply has to send and is not known
---@field conflict? {code: string, message: string, hint: string?, ids: aliyun.sas.id[]}
---@field warnings {path: string, message: string, hint: string?}[]
---@field resend? boolean update: the webhook is sent though the service does not show whether it differs
---@field wish? table what is declared, without literal webhooks

---@class aliyun.sas.plan
---@field version integer
---@field site string
---@field account? string
---@field asOf? integer seconds since 1970, by the service's clock
---@field prune boolean
---@field origin? {path: string?, folder: string?}
---@field salt string of the digests
---@field seen table<string, string> a digest of each chatbot of the account, by Id
---@field entries aliyun.sas.planEntry[] as declared, then what is deleted
---@field unmanaged {id: string, name: string}[] chatbots of the account that the set lacks, and that stay
---@field summary table<string, integer> how many entries of each action

plan.VERSION = 1

local ACTIONS = { "create", "update", "status", "unchanged", "delete", "conflict" }

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
      result.fields.SendUrl = "sent again, since the service does not show the token"
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

local function count(entries)
  local summary = {}
  for _, action in ipairs(ACTIONS) do
    summary[action] = 0
  end
  for _, entry in ipairs(entries) do
    summary[entry.action] = summary[entry.action] + 1
  end
  return summary
end

local function add_unclaimed(context, made, pairs_)
  local rest = match.unclaimed(pairs_, context.list.list)
  renames.warn(made.entries, pairs_, rest)
  for _, read in ipairs(rest) do
    if context.options.prune then
      made.entries[#made.entries + 1] = delete_of(context, read)
    else
      made.unmanaged[#made.unmanaged + 1] = { id = ids.text(read.Id), name = read.RuleActionName }
    end
  end
end

local function origin_of(origin)
  return origin and { path = origin.path, folder = origin.folder } or nil
end

local function whole(seconds)
  return seconds > 0 and seconds < math.huge and math.floor(seconds) or nil
end

local function build(context, items, salt)
  local list = context.list
  local made = {
    version = plan.VERSION, site = context.site, account = intent.account(list.list), asOf = whole(list.asOf),
    prune = context.options.prune == true, origin = origin_of(context.origin), salt = salt,
    seen = seen.all(salt, list.list), entries = {}, unmanaged = {},
  }
  local pairs_ = match.all(items, list.list)
  for i, pair in ipairs(pairs_) do
    made.entries[i] = entry_of(context, pair)
  end
  add_unclaimed(context, made, pairs_)
  made.summary = count(made.entries)
  literals.keep(made, items)
  return made
end

-- The groups where the set names one, and their names by Id.
local function read_groups(state, limit, list)
  if not declare.names_groups(list) then
    return nil, {}
  end
  local found, err = groups.read(state, limit)
  local names = {}
  for _, group in ipairs(found or {}) do
    names[ids.text(group.id)] = group.name
  end
  return found, names, err
end

local function refuse_empty(list, options)
  if #list == 0 and options.prune and not options.allowEmpty then
    return verdict.argument("chatbots", "are none, and prune would delete all chatbots of the account",
      "allowEmpty = true does that")
  end
  return true
end

--- Compares a declared set with the account.
---@param state table of a client
---@param declared aliyun.sas.declared|table[]
---@param options aliyun.sas.planOptions
---@return aliyun.sas.plan? plan, aliyun.sas.error? err
function plan.make(state, declared, options)
  local list, origin = declare.list(declared)
  if not list then
    return verdict.argument("chatbots", origin --[[@as string]], "give what sas.load answers, or a list")
  end
  local good, err = refuse_empty(list, options)
  if not good then
    return nil, err
  end
  local limit = bound.new(state)
  local found, names, no_groups = read_groups(state, limit, list)
  local items
  items, err = declare.read(state.core, list, origin --[[@as table?]], found)
  if not items or no_groups then
    return nil, err or no_groups
  end
  local read, salt
  read, err = chatbots.read(state, limit)
  if read then
    salt, err = core.nonce()
  end
  if not salt then
    return nil, err
  end
  return build({
    site = state.site, unit = state.intervalUnit, options = options, fingerprints = options.fingerprints,
    origin = origin, list = read, groupNames = names,
  }, items, salt)
end

return plan
