--- Carries a plan out, through `ensure`: several entries at a time, each to its own end, and then reads back what
--- became of them.
--
-- The account is read first; a plan whose account has moved is refused. What fails does not stop the others; chatbots
-- are deleted last, and only where all else went well: one that goes may be replaced by one that should have come.

local account = require "aliyun.sas.apply.account"
local after = require "aliyun.sas.apply.after"
local bound = require "aliyun.sas.bound"
local changes = require "aliyun.sas.plan.changes"
local chatbots = require "aliyun.sas.chatbots"
local check = require "aliyun.sas.apply.check"
local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local gate = require "aliyun.sas.gate"
local ids = require "aliyun.sas.ids"
local intent = require "aliyun.sas.intent"
local lanes = require "aliyun.sas.lanes"
local outcome = require "aliyun.sas.apply.outcome"
local protected = require "aliyun.sas.protected"
local seen = require "aliyun.sas.plan.seen"
local verdict = require "aliyun.sas.verdict"
local work = require "aliyun.sas.apply.work"

local apply = {}

---@class aliyun.sas.applyOptions
---@field concurrency? integer 4; how many entries at a time
---@field rate? number 10; requests a second for each operation
---@field test? boolean true: a test message goes to the groups of chatbots that are new, enabled, or have a new webhook
---@field fingerprints? aliyun.sas.fingerprints takes those of the webhooks that are sent
---@field onProgress? fun(event: {done: integer, total: integer, result: aliyun.sas.applyResult}) as each entry ends

---@class aliyun.sas.applyResult
---@field action "created"|"updated"|"enabled"|"disabled"|"deleted"|"unchanged"|"failed"|"unknown"|"conflict"|"skipped"
---@field name string
---@field id? string
---@field place? string
---@field did? string failed or unknown: what had been done before
---@field error? aliyun.sas.error
---@field verified? boolean read back, and as it was wished
---@field tested? true|aliyun.sas.error
---@field warnings {path: string, message: string, hint: string?}[]

---@class aliyun.sas.report
---@field ok boolean all is as planned
---@field results aliyun.sas.applyResult[] in the order of the plan's entries
---@field summary table<string, integer> how many results of each action
---@field resolveAfter? number from then on all that is unknown can be settled, by this machine's clock
---@field warnings {path: string, message: string, hint: string?}[]

local CONCURRENCY, RATE = 4, 10

local function conflict_of(entry)
  local said = entry.conflict
  return core.error {
    kind = "conflict", code = said.code, message = said.message, hint = said.hint, ids = said.ids, retryable = false,
    sent = false,
  }
end

local function new_job(run, entry, url)
  local id = ids.text(entry.id)
  local job = {
    entry = entry, plan = run.plan, url = url, read = id and run.byId[id],
    result = { action = "skipped", name = entry.name, id = id, place = entry.place, warnings = {} },
  }
  if entry.action == "conflict" then
    outcome.fail(job, conflict_of(entry))
  elseif entry.action == "unchanged" then
    job.result.action = "unchanged"
  end
  return job
end

-- The entries ----------------------------------------------------------------------------------------------------

local function tell(run, job)
  run.count = run.count + 1
  if run.options.onProgress then
    protected(run.options.onProgress, { done = run.count, total = run.total, result = job.result })
  end
end

-- Saved each time, since the process may be killed.
local function note_webhook(run, job)
  local known = run.options.fingerprints
  if known and job.sentWebhook then
    known:set(run.state.site, job.result.id, job.url, job.modified)
    after.save(run)
  end
end

local function raised(what)
  return core.error {
    kind = "unknown", code = "RAISED", message = "an error was raised: " .. failure.text(what), retryable = true,
    sent = true,
  }
end

-- The error of a job that raised. Where its intent is still there, a write of it may be executed yet.
local function error_of(run, job, what)
  local err = failure.is(what) and what or raised(what)
  local wish = job.entry.wish or {}
  local key = intent.key(run.state.site, wish.RuleActionName or job.entry.name)
  local good, made = protected(intent.read, run.state, key)
  if good and made then
    return select(2, verdict.unknown(run.state, made, nil, {
      code = err.code, sent = true, message = "it is not known what became of the request (" .. err.message .. ")",
    }))
  end
  return err
end

-- Where the caller's transport raises that it was interrupted, nothing further is begun.
local function fail_raised(run, job, what)
  local err = error_of(run, job, what)
  if failure.is(what) and what.code == "INTERRUPTED" then
    run.stopped = what
  end
  outcome.fail(job, err)
end

local function each(run, jobs, act)
  local shared = gate.new()
  local function with_gate(state, job)
    if run.stopped then
      return nil, run.stopped
    end
    state.gate = shared
    return act(state, job)
  end
  lanes.run(run.state, run.lanes, jobs, with_gate, function(job, good, action, err)
    if good and action then
      job.result.action = action
    elseif good then
      outcome.fail(job, err)
    else
      fail_raised(run, job, action)
    end
    note_webhook(run, job)
    tell(run, job)
  end)
  run.state.gate = nil -- where the lanes had no state of their own
end

local WRITES = { create = true, update = true, status = true }

-- What an earlier run left open of a chatbot that is there.
local function note_open(run, job)
  local action = job.entry.action
  if action == "unchanged" or action == "status" then
    local made, err = intent.read(run.state, intent.key(run.state.site, job.entry.name))
    job.open = made or err
  end
  return job.open ~= nil
end

-- The jobs that change something, and those that chatbots go with.
local function divide(run)
  local writes, deletes = {}, {}
  for _, job in ipairs(run.jobs) do
    local action = job.entry.action
    if action == "delete" then
      deletes[#deletes + 1] = job
    elseif note_open(run, job) or WRITES[action] then
      writes[#writes + 1] = job
    end
  end
  return writes, deletes
end

-- Deleting -------------------------------------------------------------------------------------------------------

local function is_all_good(run)
  for _, job in ipairs(run.jobs) do
    if job.entry.action ~= "delete" and outcome.is_bad(job.result.action) then
      return false
    end
  end
  return true
end

local function skip(run, jobs)
  for _, job in ipairs(jobs) do
    local _, err = failure.answer("state", "SKIPPED", "was not deleted, since not all else went well",
      "plan and apply again")
    job.result.error = err
    tell(run, job)
  end
end

-- Whether a chatbot is still the one that was planned to go.
local function check_delete(job, list)
  local id = job.result.id
  local read = chatbots.with_id(list.list, id)
  if not read then
    job.result.action = "deleted"
    job.result.warnings[1] = { path = "", message = "was gone already" }
  elseif seen.digest(job.plan.salt, read) ~= job.plan.seen[id] then
    outcome.fail(job, select(2, verdict.conflict("MOVED", "somebody changed the chatbot meanwhile; it has the Id",
      "it was not deleted; plan again", { read })))
  else
    return true
  end
  return false
end

local function delete(run, jobs)
  if #jobs == 0 then
    return
  elseif not is_all_good(run) then
    return skip(run, jobs)
  end
  local good, list, err = protected(chatbots.read, run.state, bound.new(run.state))
  if not good then
    list, err = nil, failure.is(list) and list or raised(list)
  end
  local left = {}
  for _, job in ipairs(jobs) do
    if list and check_delete(job, list) then
      left[#left + 1] = job
    else
      if not list then
        outcome.fail(job, err)
      end
      tell(run, job)
    end
  end
  each(run, left, work.delete)
end

-- Behind it ------------------------------------------------------------------------------------------------------

-- Whether people should see that their group hears of alerts now.
local function is_to_test(job)
  local entry, result = job.entry, job.result
  if outcome.is_bad(result.action) or not job.after or job.after.state.Status == 0 then
    return false
  end
  return entry.action == "create" or entry.resend == true or changes.find(entry, "SendUrl") ~= nil
    or changes.find(entry, "Status") ~= nil
end

local function test(run)
  local jobs = {}
  for _, job in ipairs(run.jobs) do
    jobs[#jobs + 1] = is_to_test(job) and job or nil
  end
  lanes.run(run.state, run.lanes, jobs, work.test, function(job, good, answer, err)
    job.result.tested = good and answer or good and err or raised(answer)
  end)
end

local function finish(run)
  local report = run.report
  for i, job in ipairs(run.jobs) do
    local result = job.result
    report.results[i] = result
    report.summary[result.action] = (report.summary[result.action] or 0) + 1
    report.ok = report.ok and not outcome.is_bad(result.action) and (result.tested == nil or result.tested == true)
    local settled = result.error and result.error.resolveAfter
    report.resolveAfter = settled and math.max(settled, report.resolveAfter or settled) or report.resolveAfter
  end
  return report
end

--- Carries a plan out.
---@param state table of a client
---@param plan aliyun.sas.plan
---@param options aliyun.sas.applyOptions
---@return aliyun.sas.report? report, aliyun.sas.error? err where nothing was changed
function apply.run(state, plan, options)
  local good, err = check.plan(state, plan)
  if not good then
    return nil, err
  end
  local run = {
    state = state, plan = plan, options = options, jobs = {}, count = 0,
    lanes = { concurrency = options.concurrency or CONCURRENCY, rate = options.rate or RATE },
    report = { ok = true, results = {}, summary = {}, warnings = {} },
  }
  local urls
  run.byId, err = account.read(state, plan)
  if run.byId then
    urls, err = check.account(state, plan, run.byId)
  end
  if not urls then
    return nil, err
  end
  for i, entry in ipairs(plan.entries) do
    run.jobs[i] = new_job(run, entry, urls[i])
  end
  local writes, deletes = divide(run)
  run.total = #writes + #deletes
  each(run, writes, work.entry)
  delete(run, deletes)
  after.look(run)
  if options.test and not run.stopped then
    test(run)
  end
  return finish(run)
end

return apply
