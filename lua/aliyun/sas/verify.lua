--- Reads back what was written, and compares it with what was wished.

local bound = require "aliyun.sas.bound"
local chatbots = require "aliyun.sas.chatbots"
local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local create = require "aliyun.sas.create"
local ids = require "aliyun.sas.ids"
local statuses = require "aliyun.sas.status"

local verify = {}

-- The fields that are not as wished; nil where the chatbot is not in the list.
local function different(state, job, read)
  if not read then
    return nil
  end
  local wish = job.entry.wish
  local fields = compare.fields({
    RuleActionName = wish.RuleActionName, SendUrl = job.url, IntervalTime = wish.IntervalTime,
    ConfigList = wish.ConfigList, GroupIdList = wish.GroupIdList, DingTalkLang = wish.DingTalkLang,
  }, read, state.intervalUnit)
  local status = statuses.word(read.state.Status)
  if wish.Status and status and status ~= wish.Status then
    fields[#fields + 1] = "Status"
  end
  return fields
end

-- Whether a job shows as it should; notes what was read.
local function is_shown(state, job, list)
  local read = job.result.id and chatbots.with_id(list.list, job.result.id)
  job.after, job.clock = read, list.byDate and list.clock or nil
  if job.entry.action == "delete" then
    return not read
  end
  job.different = different(state, job, read)
  return read ~= nil and #job.different == 0
end

local function rest_of(state, jobs, list)
  local rest = {}
  for _, job in ipairs(jobs) do
    job.shown = is_shown(state, job, list)
    rest[#rest + 1] = not job.shown and not job.once and job or nil
  end
  return rest
end

--- Reads until every job shows, or the deadline is over: reading may lag behind writing.
---@param state table of a client
---@param jobs aliyun.sas.applyJob[] that were written
---@return boolean? read, aliyun.sas.error? err where nothing could be read
function verify.look(state, jobs)
  local limit, rest, was_read, failed = bound.new(state), jobs, false, nil
  for number = 1, math.huge do
    if #rest == 0 or number > 1 and not limit:pause(create.pause_before(number)) then
      return was_read or #jobs == 0 or nil, failed
    end
    local list, err = chatbots.read(state, limit)
    failed = err
    if list then
      was_read, rest = true, rest_of(state, rest, list)
    end
  end
end

--- The error of a job that does not show as it was wished.
---@return aliyun.sas.error
function verify.error(job)
  local message
  if job.entry.action == "delete" then
    message = "the chatbot is still there"
  elseif not job.after then
    message = "the chatbot is not in the list"
  else
    message = "the service shows other values than were sent: " .. table.concat(job.different, ", ")
  end
  return core.error {
    kind = "conflict", code = "NOT_AS_WRITTEN", message = message, retryable = true, sent = true,
    ids = { job.result.id and ids.value(job.result.id) },
    hint = "somebody may have changed it meanwhile, or reading lags: plan again",
  }
end

return verify
