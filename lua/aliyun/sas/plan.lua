--- What would have to be done to make the chatbots of an account those of a declared set: plain data, which prints for
--- people (aliyun.sas.plan.text) and as JSON for programs (core.encode), and which `apply` takes.
--
-- The account is read once and nothing is written. What is not certain is a conflict and not a guess: a name that
-- several chatbots have, an Id that is not there, two entries for one chatbot. A webhook that is not known here is no
-- mistake as long as nothing has to be sent: drift is seen without tokens.

local bound = require "aliyun.sas.bound"
local chatbots = require "aliyun.sas.chatbots"
local core = require "aliyun.sas.core"
local declare = require "aliyun.sas.declare"
local entries = require "aliyun.sas.plan.entries"
local form = require "aliyun.sas.plan.form"
local groups = require "aliyun.sas.groups"
local intent = require "aliyun.sas.intent"
local literals = require "aliyun.sas.plan.literals"
local names = require "aliyun.sas.plan.names"
local seen = require "aliyun.sas.plan.seen"
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
---@field place? string file and line, or file and position
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
---@field intervalUnit? "seconds"|"minutes" of the client that planned
---@field account? string
---@field asOf? integer seconds since 1970, by the service's clock
---@field prune boolean
---@field origin? {path: string?, folder: string?}
---@field salt string of the digests
---@field seen table<string, string> a digest of each chatbot of the account, by Id
---@field entries aliyun.sas.planEntry[] as declared, then what is deleted
---@field unmanaged {id: string, name: string}[] chatbots of the account that the set lacks, and that stay
---@field summary table<string, integer> how many entries of each action

plan.VERSION = form.VERSION

local function origin_of(origin)
  return origin and { path = origin.path, folder = origin.folder } or nil
end

local function whole(seconds)
  return seconds > 0 and seconds < math.huge and math.floor(seconds) or nil
end

local function build(context, read, items, salt)
  local parts = entries.of(context, items)
  local made = {
    version = plan.VERSION, site = context.site, intervalUnit = context.unit, account = intent.account(read.list),
    asOf = whole(read.asOf),
    prune = context.options.prune == true, origin = origin_of(context.origin), salt = salt,
    seen = seen.all(salt, read.list), entries = parts.entries, unmanaged = parts.unmanaged, summary = parts.summary,
  }
  literals.keep(made, items)
  names.keep(made, context.groupNames)
  return made
end

-- The groups where the set names one, and their names by Id.
local function read_groups(state, limit, list)
  if not declare.names_groups(list) then
    return nil, {}
  end
  local found, err = groups.read(state, limit)
  return found, names.of_groups(found or {}), err
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
  local found, found_names, no_groups = read_groups(state, limit, list)
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
    origin = origin, list = read.list, groupNames = found_names,
  }, read, items, salt)
end

return plan
