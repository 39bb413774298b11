--- Whether a plan can be applied: a plan of this version and site, which may have been read back from JSON, which shows
--- what would be done, and whose webhooks are all to be had.

local again = require "aliyun.sas.plan.again"
local changes = require "aliyun.sas.plan.changes"
local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local form = require "aliyun.sas.plan.form"
local ids = require "aliyun.sas.ids"
local literals = require "aliyun.sas.plan.literals"
local names = require "aliyun.sas.plan.names"
local verdict = require "aliyun.sas.verdict"
local webhooks = require "aliyun.sas.load.webhook"

local check = {}

--- Whether a value is a plan for this client.
---@return boolean? good, aliyun.sas.error? err
function check.plan(state, plan)
  local problems = form.problems(plan)
  if #problems == 0 and plan.site ~= state.site then
    problems[1] = { path = "plan.site", message = "is another site", hint = "apply it with a client of " .. plan.site }
  elseif #problems == 0 and plan.intervalUnit ~= state.intervalUnit then
    problems[1] = {
      path = "plan.intervalUnit", message = "is another than the client's, so that other chatbots count as changed",
      hint = "apply it with a client whose setting intervalUnit is " .. (plan.intervalUnit or "left out"),
    }
  end
  if #problems > 0 then
    return verdict.problems(problems, "the plan")
  end
  return true
end

local function changes_webhook(entry)
  return changes.find(entry, "SendUrl") ~= nil or entry.resend == true
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
  local need = entry.needs[1]
  if need and need.path then
    return need.path
  end
  return (entry.place or ("plan.entries[%d]"):format(place)) .. " SendUrl"
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

-- The webhooks of all entries that send one, by the places of the entries; or an error with all that are not known.
local function webhooks_of(plan, by_id)
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

--- Whether a plan shows what would be done; the webhooks of all entries that send one, by the places of the entries.
---@param state table of a client
---@param plan aliyun.sas.plan
---@param by_id table<string, aliyun.sas.readChatbot>
---@return table<integer, string>? urls, aliyun.sas.error? err with all that is not as it is shown, or not known
function check.account(state, plan, by_id)
  local list, known, err = {}, names.of(state, plan)
  if not known then
    return nil, err
  end
  for _, read in pairs(by_id) do
    list[#list + 1] = read
  end
  local problems = again.problems(state, plan, list, known)
  if #problems > 0 then
    return verdict.problems(problems, "the plan, so nothing was changed")
  end
  return webhooks_of(plan, by_id)
end

return check
