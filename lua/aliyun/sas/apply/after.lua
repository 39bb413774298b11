--- What is looked at behind the writes: whether all is as it was wished, and which webhooks are known now.

local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local outcome = require "aliyun.sas.apply.outcome"
local protected = require "aliyun.sas.protected"
local verify = require "aliyun.sas.verify"

local after = {}

local SLACK = 2 -- seconds: a Date has no parts of one, and neither may the service's times
local AGREE = 60 -- seconds by which two Dates may differ that are right: an answer takes time to come

local function warn(run, warning)
  local warnings = run.report.warnings
  warnings[#warnings + 1] = warning
end

--- Saves the fingerprints. Whatever cannot be saved is a warning: the account is as it is.
function after.save(run)
  local good, err = run.options.fingerprints:save()
  if not good and not run.saveFailed then
    run.saveFailed = true
    warn(run, {
      path = "fingerprints", message = "could not be saved: " .. err.message,
      hint = err.hint or "the next plan cannot tell whether the webhooks differ",
    })
  end
end

local DONE = { delete = "deleted", on = "enabled", off = "disabled" }

-- What was not known of a delete or a status is seen.
local function settle_unknown(job)
  if job.stage and job.result.action == "unknown" then
    local wish = job.entry.wish
    job.result.action = job.did or DONE[wish and wish.Status or job.stage]
    job.result.error, job.result.did = nil, nil
  end
end

local function judge(job)
  local result = job.result
  if job.shown then
    result.verified = true
    settle_unknown(job)
  elseif not outcome.is_bad(result.action) then
    result.verified = false
    job.did = result.action
    outcome.fail(job, verify.error(job))
    result.action = "failed"
  end
end

-- When our last write was answered, by the service's clock. The Date of one answer may be hours off, so the reading
-- after it tells too; the earlier one counts.
local function ended_at(job)
  local other = job.ended and job.clock and job.ended + job.clock
  return other and job.endedAt and job.endedAt > other + AGREE and other or job.endedAt
end

-- The time of the last change that was ours; nil where it was somebody else's, as whatever comes behind our last write.
local function modified_by_us(job, read)
  if job.modified and not job.stage then
    return job.modified
  end
  local milliseconds = tonumber(ids.text(read.state.GmtModified))
  local ended = ended_at(job)
  if ended and milliseconds and milliseconds / 1000 > ended + SLACK then
    return nil
  end
  return read.state.GmtModified
end

local function note_fingerprint(run, job)
  local known, read = run.options.fingerprints, job.after
  if job.result.action == "deleted" then
    known:forget(run.state.site, job.result.id)
  elseif job.sentWebhook and read then
    known:set(run.state.site, job.result.id, job.url, modified_by_us(job, read))
  elseif job.written and job.read and read then
    known:touch(run.state.site, job.result.id, job.read.state.GmtModified, modified_by_us(job, read))
  end
end

-- Those of which something may have been changed, and of which it is known which they are.
local function written(run)
  local found = {}
  for _, job in ipairs(run.jobs) do
    local is_open = job.result.action == "unknown" and not job.stage
    job.once = job.result.action == "failed"
    found[#found + 1] = job.written and job.result.id and not is_open and job or nil
  end
  return found
end

-- What was done must be reported, though reading it back raises: an interrupted command line does.
local function look(run, jobs)
  local good, read, err = protected(verify.look, run.state, jobs)
  if not good then
    return nil, failure.is(read) and read or { message = failure.text(read) }
  end
  return read, err
end

--- Reads back what was written, judges it, and notes the fingerprints of webhooks.
---@param run table of apply
function after.look(run)
  local jobs = written(run)
  local read, err = look(run, jobs)
  if not read then
    warn(run, { path = "", message = "what was written could not be read back: " .. (err and err.message
      or "the deadline was over") })
  end
  for _, job in ipairs(jobs) do
    if read then
      judge(job)
    end
    if run.options.fingerprints then
      note_fingerprint(run, job)
    end
  end
  if run.options.fingerprints then
    after.save(run)
  end
end

return after
