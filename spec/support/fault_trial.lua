-- fault_trial.lua - makes the calls of the fault specs, and measures what they cost and leave behind
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local descriptors = require "spec.support.descriptors"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local trial = {}

trial.URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

trial.CLASSES = { "read", "update", "create", "test" }

local CREATE = {
  RuleActionName = "fault", SendUrl = trial.URL, ConfigList = { suspicious = "all" }, GroupIdList = { 10417151 },
  DingTalkLang = "zh",
}
local UPDATE = { Id = 1001 }
for name, value in pairs(CREATE) do
  UPDATE[name] = value
end

trial.calls = {
  read = function(client) return client:describeDingTalk() end,
  update = function(client) return client:createOrUpdateDingTalk(UPDATE) end,
  create = function(client) return client:createOrUpdateDingTalk(CREATE) end,
  test = function(client) return client:dingTalkOnlineTest { Id = 1001 } end,
}

-- The same with a request so large that it takes many writes.
local FILLER = {}
for i = 1, 60 do
  FILLER[i] = ("x"):rep(50000)
end
trial.large = {}
for _, class in ipairs { "read", "update", "create" } do
  trial.large[class] = function(client)
    return client:call("DescribeFiller", { Filler = FILLER }, { class = class })
  end
end

-- Seconds of a call that is not about time. A call that one of its limits does not hold for lasts as long, and one that
-- it holds for takes less by far, on a busy machine and with a sanitizer too.
local PLENTY, SLACK = 60, 20

--- A client with the canary's keys; `settings.attempts` counts its requests from then on. Its pauses are none.
function trial.client(settings)
  local given = {
    accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, jitter = function() return 0 end,
    proxy = not settings.transport and false or nil, connectTimeout = PLENTY, timeout = PLENTY, deadline = 10 * PLENTY,
  }
  for name, value in pairs(settings) do
    given[name] = value
  end
  local count = { attempts = 0 }
  given.onRequest = function() count.attempts = count.attempts + 1 end
  return sas.new(given), count
end

--- One call by this client: { result, err, attempts, seconds }.
function trial.measure(client, count, class, calls)
  local start, before = system.monotonic(), count.attempts
  local result, err = (calls or trial.calls)[class](client)
  return { result = result, err = err, attempts = count.attempts - before, seconds = system.monotonic() - start }
end

--- One call by a client of its own.
function trial.run(settings, class, calls)
  local client, count = trial.client(settings)
  local run = trial.measure(client, count, class, calls)
  client:close()
  return run
end

-- What is left behind ----------------------------------------------------------------------

-- Memory and descriptors of this process; nil for what the system does not tell. A sanitizer keeps memory back.
local watched = not os.getenv "ASAN_OPTIONS"

local function status(name)
  local file = io.open "/proc/self/status"
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return tonumber(text:match(name .. ":%s*(%d+) kB"))
end

function trial.resident()
  return watched and status "VmRSS" or nil
end

--- Runs `act`, and fails where it leaves descriptors open or more than `limit` KiB of Lua's memory behind.
function trial.leaving_nothing(act, limit)
  local open, used = descriptors.settled(), collectgarbage "count"
  act()
  local left, more = descriptors.settled(), collectgarbage "count" - used
  assert(left <= open, "descriptors are left open")
  assert(more < (limit or 200), ("%.0f KiB of Lua's memory are left"):format(more))
end

local function settle()
  collectgarbage()
  collectgarbage()
end

--- How many KiB the process grew while `act` ran, at most and to the end; nil where the system does not tell.
function trial.growth(act)
  settle()
  local reset = io.open("/proc/self/clear_refs", "w")
  local tells = watched and reset and reset:write "5" and reset:close()
  local before = status "VmRSS"
  act()
  local peak = status "VmHWM"
  settle()
  if not (tells and before and peak) then
    return nil
  end
  return peak - before, status "VmRSS" - before
end

-- Secrets ----------------------------------------------------------------------------------

local SECRETS = { canary.accessKeySecret, canary.securityToken, canary.accessToken }

--- Fails where a text shows a secret.
function trial.check_secrets(text)
  for _, secret in ipairs(SECRETS) do
    assert(not text:find(secret, 1, true), "a secret is shown")
  end
end

--- Every text of an error.
function trial.texts(err)
  return table.concat({
    tostring(err), tostring(err.code), tostring(err.message), tostring(err.hint), tostring(err.requestId),
  }, "\n")
end

-- The comparison with a row ----------------------------------------------------------------

local function is_one_of(code, codes)
  if type(codes) ~= "table" then
    return codes == nil or code == codes
  end
  for _, one in ipairs(codes) do
    if code == one then
      return true
    end
  end
  return false
end

-- What went another way than the row says: a list of texts.
local function differences(row, class, run)
  local expected, list = row.expect[class], {}
  local function compare(what, want, got)
    if want ~= got then
      list[#list + 1] = ("%s: expected %s, not %s"):format(what, tostring(want), tostring(got))
    end
  end
  local err = run.err or {}
  compare("kind", expected[2], run.err and err.kind or "done")
  compare("requests", row.seconds and math.min(expected[1], 1) or expected[1], run.attempts)
  compare("result", expected[2] == "done", run.result ~= nil)
  if run.err then
    compare("sent", row.sent, err.sent)
    if row.says and not tostring(err.message):find(row.says, 1, true) then
      list[#list + 1] = "the message lacks: " .. row.says
    end
    if not is_one_of(err.code, row.code) then
      compare("code", type(row.code) == "table" and table.concat(row.code, " or ") or row.code, err.code)
    end
  end
  return list, err
end

--- Fails where a run is not as the row says: kind, code, sent, requests, time.
function trial.check(row, class, run)
  local list, err = differences(row, class, run)
  local limit = run.attempts * (row.seconds or 0)
  local longest, shortest = limit + SLACK, limit * 0.9
  if run.seconds > longest or run.seconds < shortest then
    list[#list + 1] = ("took %.2f s, not %.2f to %.2f"):format(run.seconds, shortest, longest)
  end
  if #list > 0 then
    error(("%s (%s), a %s: %s\n%s"):format(row.id, row.fault, class, table.concat(list, "; "), tostring(run.err)), 0)
  end
  if run.err then
    trial.check_secrets(trial.texts(err))
  end
end

--- The settings of a row that is about time, beside others: it needs one attempt, which is cut at `name`.
function trial.timed(row, name, settings)
  if row.seconds then
    settings[name], settings.retries = row.seconds, 0
  end
  return settings
end

--- The row with twice the time, which the settings get too, where its time was over before the request had left, as the
-- server says as well: the machine is busy. Nil for all else.
function trial.longer(row, settings, run, seen)
  if row.seconds and row.seconds < SLACK and row.sent and run.err and not run.err.sent and seen == 0 then
    settings.timeout = 2 * row.seconds
    return setmetatable({ seconds = settings.timeout }, { __index = row })
  end
end

-- Every request that was sent has a nonce of its own.
local function check_nonces(list)
  local known = {}
  for _, request in ipairs(list) do
    assert(not known[request.nonce], "a request was sent twice")
    known[request.nonce] = true
  end
end

--- Makes the row's calls against a server that plays its fault, and fails where anything is not as the row says.
---@param row table of faults.rows
---@param settings table of the client
---@param server {mark: function, seen: function}
---@param calls table? by class
function trial.play(row, settings, server, calls)
  trial.leaving_nothing(function()
    for _, class in ipairs(row.classes or { "read", "update", "create" }) do
      local run, seen, longer
      repeat
        server:mark()
        run = trial.run(settings, class, calls)
        seen = server:seen()
        longer = trial.longer(row, settings, run, #seen)
        row = longer or row
      until not longer
      trial.check(row, class, run)
      local expected = run.attempts * row.seen
      assert(#seen == expected, ("a %s: the server saw %d requests, not %d"):format(class, #seen, expected))
      check_nonces(seen)
    end
  end)
end

local BATCHES, ENOUGH = 6, 100

--- Runs `act` so many times, again and again; answers by how many KiB the process grew in the batch in which it grew
-- least: the first ones take memory for good, a leak shows in each. Nil where the system does not tell.
--- count integer
--- act function
--- number? kibibytes
function trial.creep(count, act)
  local least
  for _ = 1, BATCHES do
    settle()
    local before = trial.resident()
    for _ = 1, count do
      act()
    end
    settle()
    local grown = before and trial.resident() - before
    least = grown and math.min(grown, least or grown)
    if not least or least < ENOUGH then
      break
    end
  end
  return least
end

--- A function that calls `act` with each row that takes no time and little memory.
function trial.each_quick(rows, act)
  return function()
    for _, row in ipairs(rows) do
      if not row.seconds and not row.growth then
        act(row)
      end
    end
  end
end

return trial
