--- Whether a plan can be applied: a plan of this version and site, which may have been read back from JSON, whose
--- webhooks are all to be had.

local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"
local literals = require "aliyun.sas.plan.literals"
local webhooks = require "aliyun.sas.load.webhook"
local plans = require "aliyun.sas.plan"
local verdict = require "aliyun.sas.verdict"

local check = {}

local function is_text(value)
  return type(value) == "string"
end

local function is_table(value)
  return type(value) == "table"
end

local function is_id(value)
  return ids.text(value) ~= nil
end

local function is_conflict(value)
  return is_table(value) and is_text(value.code) and is_text(value.message)
end

-- What the entries of each action have to have.
local ENTRIES = {
  create = { wish = is_table }, update = { wish = is_table, id = is_id }, status = { wish = is_table, id = is_id },
  unchanged = {}, delete = { id = is_id }, conflict = { conflict = is_conflict },
}

local PLAN = { site = is_text, salt = is_text, seen = is_table, entries = is_table }

local function wrong_entry(entry)
  local fields = is_table(entry) and ENTRIES[entry.action]
  if not fields then
    return "has no action that is known"
  elseif not is_text(entry.name) then
    return "has no name"
  end
  for name, good in pairs(fields) do
    if not good(entry[name]) then
      return "has no legal field " .. name
    end
  end
end

-- The problem of a value that is no plan, or nil.
local function wrong(plan)
  if plan.version ~= plans.VERSION then
    return { path = "plan", message = plan.version == nil and "is no plan" or "is of another version" }
  end
  for name, good in pairs(PLAN) do
    if not good(plan[name]) then
      return { path = "plan." .. name, message = "is missing, or not what a plan has there" }
    end
  end
  for i, entry in ipairs(plan.entries) do
    local what = wrong_entry(entry)
    if what then
      return { path = ("plan.entries[%d]"):format(i), message = what }
    end
  end
end

--- Whether a value is a plan for this client.
---@return boolean? good, aliyun.sas.error? err
function check.plan(state, plan)
  local problem = wrong(plan)
  if not problem and plan.site ~= state.site then
    problem = { path = "plan.site", message = "is another site", hint = "apply it with a client of " .. plan.site }
  end
  if problem then
    problem.hint = problem.hint or "give what client:plan answered, or what core.json reads back of it"
    return verdict.problems { problem }
  end
  return true
end

local function changes_webhook(entry)
  for _, change in ipairs(entry.changes or {}) do
    if change.field == "SendUrl" then
      return true
    end
  end
  return entry.resend == true
end

-- The webhook of an entry as it is known here; nil and why it is not.
local function webhook_of(plan, entry)
  local declared, kept = entry.wish.SendUrl, literals.of(plan, entry)
  if kept or declared == nil then
    return kept, { message = "is missing", hint = "give SendUrl as the DingTalk group shows it" }
  elseif type(declared) ~= "table" then
    return nil, {
      message = "stood in the set itself, so that the plan does not carry it",
      hint = 'plan and apply in one process, or declare it as { env = "NAME" } or { file = "path" }',
    }
  end
  return webhooks.resolve(declared, plan.origin and plan.origin.folder)
end

-- An update may send the webhook as it was read, where it is shown and stays.
local function is_needed(entry, read)
  return entry.action == "create" or changes_webhook(entry) or not (read and compare.shows_token(read.SendUrl))
end

-- Where the webhook is declared, as near as the plan tells.
local function path_of(entry, place)
  local need = is_table(entry.needs) and entry.needs[1]
  if is_table(need) and is_text(need.path) then
    return need.path
  end
  return (is_text(entry.place) and entry.place or ("plan.entries[%d]"):format(place)) .. " SendUrl"
end

local function unknown(problems)
  return core.error {
    kind = "argument", code = "WEBHOOK_UNKNOWN", retryable = false, sent = false, problems = problems,
    message = ("%d webhook%s cannot be had, so nothing was changed"):format(#problems, #problems == 1 and "" or "s"),
  }
end

--- The error with which a plan will be refused, by what it says of webhooks itself; nil where they are all there.
---@param plan aliyun.sas.plan
---@return aliyun.sas.error?
function check.needs(plan)
  local problems = {}
  for _, entry in ipairs(plan.entries) do
    for _, need in ipairs(entry.needs) do
      problems[#problems + 1] = need
    end
  end
  return #problems > 0 and unknown(problems) or nil
end

--- The webhooks of all entries that send one, by the places of the entries; or an error with all that are not known.
---@param plan aliyun.sas.plan
---@param by_id table<string, aliyun.sas.readChatbot>
---@return table<integer, string>? urls, aliyun.sas.error? err
function check.webhooks(plan, by_id)
  local urls, problems = {}, {}
  for i, entry in ipairs(plan.entries) do
    if entry.action == "create" or entry.action == "update" then
      local url, need = webhook_of(plan, entry)
      urls[i] = url
      if not url and is_needed(entry, by_id[ids.text(entry.id)]) then
        problems[#problems + 1] = { path = path_of(entry, i), message = need.message, hint = need.hint }
      end
    end
  end
  if #problems > 0 then
    return nil, unknown(problems)
  end
  return urls
end

return check
