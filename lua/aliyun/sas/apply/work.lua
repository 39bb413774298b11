--- What `apply` does for one entry of a plan.
--
-- Each function answers what became of it, or nil and the error, and notes on the job what is known by then.

local bound = require "aliyun.sas.bound"
local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local ensure = require "aliyun.sas.ensure"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local seen = require "aliyun.sas.plan.seen"
local statuses = require "aliyun.sas.status"

local work = {}

---@class aliyun.sas.applyJob
---@field entry aliyun.sas.planEntry
---@field plan aliyun.sas.plan
---@field url? string the webhook
---@field read? aliyun.sas.readChatbot as it was before
---@field open? table the intent that an earlier run left in the store, or the error where it cannot be read
---@field result aliyun.sas.applyResult
---@field written? boolean something was changed, or may have been
---@field once? boolean it is looked at once: it failed
---@field sentWebhook? boolean the webhook was sent and taken
---@field modified? string GmtModified as it was read right behind the write
---@field endedAt? number when the last write was answered, by the Date of the answer
---@field ended? number the same by the clock of the boot
---@field clock? number the service's clock minus that of the boot, by the Date of the reading that showed the job

-- What ensure is to make of an entry. ConfigList is taken as it is: it was checked when it was planned.
local function wish_of(job)
  local wish = job.entry.wish
  local good, config = failure.try(core.parse, tostring(wish.ConfigList))
  return {
    Id = wish.Id, RuleActionName = wish.RuleActionName, SendUrl = job.url, IntervalTime = wish.IntervalTime,
    ConfigList = wish.ConfigList ~= nil and (good and config or wish.ConfigList) or nil, GroupIdList = wish.GroupIdList,
    DingTalkLang = wish.DingTalkLang,
  }
end

local function expectation(job)
  local entry, plan = job.entry, job.plan
  return function(read)
    if entry.action == "create" then
      return read == nil
    end
    local id = ids.text(entry.id)
    return read ~= nil and ids.text(read.Id) == id and seen.digest(plan.salt, read) == plan.seen[id]
  end
end

local function set_status(state, job, id, status)
  job.written, job.stage = true, "status"
  local trace = {}
  local answer, err = calls.run(state, bound.new(state), "modifyDingTalkStatus", { Ids = { id }, Status = status },
    trace)
  if not answer then
    return nil, err
  end
  job.endedAt, job.ended = state.now() + (trace.skew or 0), (state.boottime())
  return status == 1 and "enabled" or "disabled"
end

-- A create that an earlier run sent without learning of its end, and that was found.
local function note_arrived(job, ensured)
  local is_late = job.entry.action == "create" and ensured.action ~= "created"
  if is_late or job.open and job.open.kind == "create" then
    job.result.warnings[#job.result.warnings + 1] = {
      path = "", message = "an earlier run had created it, and did not learn of it; it was found",
    }
  end
  return is_late and "created" or ensured.action
end

-- Whether the chatbot certainly has the webhook that is wished for now. One that was found behind a create without an
-- answer may be somebody else's, where the service hides the token.
local function has_our_webhook(ensured)
  if ensured.action == "updated" then
    return true
  elseif ensured.arrived then
    return ensured.answered == true and ensured.sameWebhook == true
  end
  return ensured.action == "created"
end

local function make(state, job)
  local entry = job.entry
  local ensured, err = ensure.run(state, wish_of(job), { resend = entry.resend, isExpected = expectation(job) })
  if not ensured then
    return nil, err
  end
  local result, read = job.result, ensured.chatbot
  result.id = ids.text(read.Id)
  for _, warning in ipairs(ensured.warnings) do
    result.warnings[#result.warnings + 1] = warning
  end
  job.written, job.sentWebhook, job.endedAt = true, job.url ~= nil and has_our_webhook(ensured), ensured.endedAt
  job.ended, job.modified = state.boottime(), ensured.endedAt == nil and read.state.GmtModified or nil
  local action, status = note_arrived(job, ensured), entry.wish.Status
  if status and statuses.word(read.state.Status) ~= status then
    job.did = action
    local changed
    changed, err = set_status(state, job, result.id, statuses.number(status))
    return changed and (entry.action == "status" and changed or action), err
  end
  return action
end

--- Creates, updates, enables or disables a chatbot. Where an earlier run left something open of it, `ensure` settles
--- that, also where nothing is to be changed.
---@return string? action, aliyun.sas.error? err
function work.entry(state, job)
  local entry = job.entry
  if entry.action == "status" and not job.open then
    return set_status(state, job, ids.text(entry.id), statuses.number(entry.wish.Status))
  end
  return make(state, job)
end

--- Deletes a chatbot.
---@return string? action, aliyun.sas.error? err
function work.delete(state, job)
  job.written, job.stage = true, "delete"
  local answer, err = calls.run(state, bound.new(state), "deleteDingTalk", { Ids = { ids.text(job.entry.id) } })
  if not answer then
    return nil, err
  end
  return "deleted"
end

--- Has the service send a test message to the group.
---@return boolean? good, aliyun.sas.error? err
function work.test(state, job)
  local answer, err = calls.run(state, bound.new(state), "dingTalkOnlineTest", { Id = job.result.id })
  return answer ~= nil or nil, err
end

return work
