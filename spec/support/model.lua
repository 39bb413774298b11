-- model.lua - random schedules of faults against the real ensure, the real call machine and the emulator's account
-- SPDX-License-Identifier: MIT
--
-- A schedule is all that a seed decides: the account, what each request meets, when the client dies, whether somebody
-- else makes a chatbot of the name, how wrong clocks are. The time is the emulator's: an hour takes none. Any answer
-- may have a Date that is seconds to hours off, before or after; our clock may jump by hours at any request; the
-- machine may boot anew, or another with another clock, or without a name of its boot, may go on with the
-- intent or the handle. A
-- copy that the network kept back arrives at any time at which the service takes its date.
--
-- What is taken for sane: the service's own clock is right but for ten seconds either way, to and fro; the clock of a
-- boot passes as time does; and no answer errs by just what our clock does, since nothing could tell then.
--
-- What must hold whatever the schedule, checked with the account itself as the truth:
--
-- - there is at most one new chatbot of the name, now and an hour later, with copies that the network kept back;
-- - "done" means that it is there, under the Id of the result; "failed" that it is not, and cannot appear;
-- - inside the fence nobody who shares the store creates the name again, also where the first client died;
-- - a call takes no longer than its deadline, and sends no more creates than it may;
-- - without a fault it ends done, in the fewest requests; it ends unknown only where a create was ambiguous or a read
--   failed; from `resolveAfter` on `resolve` and `ensure` end; where clocks and Dates are right that is just behind the
--   fence;
-- - no secret stands in an error, a handle or an intent.

local canary = require "spec.support.canary"
local chance = require "spec.support.chance"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local sas = require "aliyun.sas"
local emulated = require "aliyun.sas.emulator.text"

local model = {}

-- The emulator compares byte by byte, as who guards something has to; here that would be a tenth of the time.
emulated.same = rawequal

local START = 1708416000
local NAME = "model"
local DEADLINE, FENCE = 60, 1950
local WINDOWS = { 900, 1860 } -- seconds that a gateway takes a date for, as the two pages have it
local AGREE = 62 -- seconds by which a Date and our clock may differ and pass for right, with what is rounded

-- --- what a request may meet: name, argument ---

local function seconds(most)
  return function(random) return random.upto(most) end
end

local FAULTS = {
  { "closed" }, { "lost" }, { "late" }, { "late" }, { "late" }, { "silent" }, { "silentafter" },
  { "truncated" }, { "empty" }, { "norequestid" }, { "html" }, { "throttled", seconds(30000) }, { "throttleduser" },
  { "error500" }, { "error500after" }, { "unavailable" }, { "refused" }, { "unresolved" }, { "refusal" }, { "raised" },
  { "refusal", function() return "InvalidTimeStamp.Expired" end },
  { "nonsense" }, { "replayed" }, { "delayed", seconds(12) },
}

local LATE = { "late" }

-- Whether the client may take the fate of a create for unknown.
local AMBIGUOUS = {
  closed = true, lost = true, late = true, silent = true, silentafter = true, truncated = true, empty = true,
  norequestid = true, html = true, error500 = true, error500after = true, unavailable = true, raised = true,
  nonsense = true, replayed = true, delayed = true,
}

local RATES = { 0, 0.009, 0.05, 0.36 }

-- By how many seconds a Date is off, and our clock jumps.
local ERRORS = { 20, 300, 2000, 4000, 20000 }
local SKEWS = { 0, 0, 0, -600, 600, -1500, 1500 }

local URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

local function wanted()
  return {
    RuleActionName = NAME, SendUrl = URL, ConfigList = { vul = { type = { "cms" } }, hc = "all" },
    GroupIdList = { 11, 12 }, DingTalkLang = "en",
  }
end

-- --- a store that outlives its clients: a lock ends with who held it, as that of a file does ---

local function new_store()
  local store = { texts = {}, locks = {} }
  function store.lock(_, key)
    if store.locks[key] then
      return nil, core.error { kind = "state", code = "LOCKED", message = "held" }
    end
    store.locks[key] = {}
    return store.locks[key]
  end
  function store.unlock(_, key, lock)
    if store.locks[key] == lock then
      store.locks[key] = nil
    end
    return true
  end
  function store.read(_, key) return store.texts[key] end
  function store.write(_, key, text)
    store.texts[key] = text
    return true
  end
  function store.remove(_, key)
    store.texts[key] = nil
    return true
  end
  function store.crash() store.locks = {} end
  return store
end

-- --- one schedule ---

local Run = {}
Run.__index = Run

local function new_run(seed, rate, fence)
  local random = chance(seed)
  local self = setmetatable({
    random = random, violations = {}, strangers = {}, sends = 0, creates = 0, rate = rate or random.one_of(RATES),
    fence = fence or FENCE, latest = 0,
  }, Run)
  self.service = emulator.new {
    now = function() return START end, accessKeys = { { accessKeyId = "testid",
      accessKeySecret = canary.accessKeySecret } },
    dateWindow = random.one_of(WINDOWS), nonceMemory = random.one_of { 1860, 1860, 0 },
    readLag = self.rate > 0 and random.one_of { 0, 0, 0, 0, 3, 20, 90 } or 0,
    token = random.one_of { "hidden", "shown" }, typePrefix = random.one_of { "online", "pre" },
    nameFilter = random.one_of { "exact", "part" }, order = random.one_of { "oldest", "newest" },
    idsAs = random.one_of { "numbers", "strings" }, maxPageSize = random.one_of { 2, 100, 100, 100 },
    groupIdListAs = random.one_of { "json", "comma" },
  }
  self.store, self.window = new_store(), self.service.options.dateWindow
  self.faulty = self.rate > 0
  self.keeps = self.faulty and random.happens(0.15)
  self.misdates = self.faulty and random.one_of { 0, 0.03, 0.3, 1 } or 0 -- of answers
  self.jumps = self.faulty and random.one_of { 0, 0, 0.03, 0.2 } or 0 -- for each request
  self.sways = self.service.options.readLag <= 20 and random.happens(0.3) -- the service's clock
  self:boot(self.faulty and random.one_of(SKEWS) or 0)
  self.dies = self.rate > 0 and random.happens(0.15) and { at = random.upto(4), after = random.happens(0.5) } or nil
  self.stranger = self.rate > 0 and random.happens(0.05) and random.upto(4) or nil
  return self
end

function Run:violation(text, ...)
  self.violations[#self.violations + 1] = text:format(...)
end

-- The time that has really passed.
function Run:elapsed()
  return self.service.now()
end

-- Another boot, maybe of another machine.
function Run:boot(skew)
  self.boots = (self.boots or 0) + 1
  self.skew = skew
  self.began = self:elapsed() - self.random.upto(1000000)
  self.name = self.random.happens(0.8) and "boot " .. self.boots or nil
end

-- Sometimes our clock jumps, and the service's goes a little fast or slow.
function Run:sway()
  local random = self.random
  if random.happens(self.jumps) then
    self.skew = random.happens(0.3) and 0 or (random.upto(2) * 2 - 3) * random.upto(random.one_of(ERRORS))
    self.blind, self.jumped = true, true
  end
  if self.sways and random.happens(0.2) then
    self.service.options.dateWindow = self.window + random.upto(21) - 11 -- which is all that it decides here
  end
end

local DATE = "!%a, %d %b %Y %H:%M:%S GMT"

-- Sometimes the Date of an answer is off.
function Run:misdate(outcome)
  local random = self.random
  if not random.happens(self.misdates) or type(outcome) ~= "table" or not outcome.headers then
    return
  end
  local off = (random.upto(2) * 2 - 3) * random.upto(random.one_of(ERRORS))
  if self.skew == 0 or math.abs(off - self.skew) > AGREE then
    outcome.headers.date = os.date(DATE, math.floor(self:elapsed() + off))
    self.blind, self.misdated = true, true
  end
end

-- A chatbot that somebody else makes; with `like` it is what ours would be.
function Run:make(name, changes)
  local params = wanted()
  params.RuleActionName = name
  for field, value in pairs(changes or {}) do
    params[field] = value
  end
  local faults = self.service.state.faults
  self.service.state.faults = {}
  assert(sas.new {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = canary.accessKeySecret,
    transport = self.service,
  }:createOrUpdateDingTalk(params))
  self.service.state.faults = faults
end

function Run:ours(name)
  local found = {}
  for _, chatbot in ipairs(self.service:chatbots()) do
    if chatbot.RuleActionName == (name or NAME) and not self.strangers[chatbot.Id] then
      found[#found + 1] = chatbot
    end
  end
  return found
end

function Run:note_strangers()
  for _, chatbot in ipairs(self.service:chatbots()) do
    if chatbot.GroupIdList and chatbot.GroupIdList:find("99", 1, true) then
      self.strangers[chatbot.Id] = true
    end
  end
end

local function is_create(request)
  return request.headers["x-acs-action"] == "CreateOrUpdateDingTalk" and not request.query:match "^Id="
    and not request.query:find("&Id=", 1, true)
end

-- What os.time makes of dates in UTC is off by the zone of this machine.
local EPOCH = os.time { year = 1970, month = 1, day = 2, hour = 0, isdst = false } - 86400

local function seconds_of(date)
  local year, month, day, hour, minute, second = date:match "(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)Z"
  return os.time { year = year, month = month, day = day, hour = hour, min = minute, sec = second, isdst = false }
    - EPOCH
end

-- Seconds until a copy arrives that the network keeps back, at any time at which its date is taken, or near its end.
function Run:delay(date)
  local window, now, random = self.window, self.service.now(), self.random
  local first, last = math.max(date - window - now, 1), math.max(date + window - now, 1)
  return random.happens(0.5) and math.max(last - random.upto(100), first) or first + random.upto(last - first + 1) - 1
end

-- Decides what the request meets, and lets it meet it.
function Run:meet(request)
  local create = is_create(request)
  local date = seconds_of(request.headers["x-acs-date"])
  self.latest = create and math.max(self.latest, date) or self.latest
  self.sends = self.sends + 1
  self.creates = self.creates + (create and 1 or 0)
  local kept = create and self.keeps
  if self.calm or not (kept or self.random.happens(self.rate)) then
    return
  end
  local fault = kept and LATE or self.random.one_of(FAULTS)
  if fault[1] == "replayed" and self.service.options.nonceMemory == 0 then
    return -- such a gateway executes what the network doubles, whoever calls it
  end
  self.service:fault(fault[1], fault[1] == "late" and self:delay(date) or fault[2] and fault[2](self.random))
  if create and AMBIGUOUS[fault[1]] then
    self.ambiguous = true
  elseif not create then
    self.blind = true
  end
end

-- The transport of a client that may die, and whose clock may be wrong.
function Run:transport()
  local service = self.service
  local count = 0
  local function die(after)
    if self.dies and not self.dead and count == self.dies.at and after == self.dies.after then
      self.dead = true
      coroutine.yield "dead"
    end
  end
  return {
    send = function(request)
      count = count + 1
      if self.stranger == count and not self.calm then
        self:make(NAME, { GroupIdList = { 99 } })
        self:note_strangers()
      end
      die(false)
      self:sway()
      self:meet(request)
      local outcome = service.send(request)
      self:misdate(outcome)
      self:sway()
      die(true)
      return outcome
    end,
    sleep = service.sleep, monotonic = function() return self:elapsed() end,
    boottime = function() return self:elapsed() - self.began, self.name end,
  }
end

function Run:client()
  return sas.new {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = canary.accessKeySecret,
    transport = self:transport(), store = self.store, fence = self.fence, deadline = DEADLINE,
    now = function() return self:elapsed() + self.skew end, jitter = self.random.number,
  }
end

local SECRETS = { canary.accessToken, canary.accessKeySecret, "access_token" }

local function look_for_secrets(self, where, text)
  for _, secret in ipairs(SECRETS) do
    if text:find(secret, 1, true) then
      self:violation("a secret in %s", where)
    end
  end
end

function Run:check_output(err)
  if err then
    look_for_secrets(self, "an error", tostring(err) .. tostring(err.message) .. tostring(err.hint))
    if err.handle then
      look_for_secrets(self, "a handle", core.encode(err.handle))
    end
  end
  for _, text in pairs(self.store.texts) do
    look_for_secrets(self, "an intent", text)
  end
end

-- Runs one method of a new client; answers "done", "failed", "unknown", "conflict" or "dead".
function Run:act(method, ...)
  local before = self:elapsed()
  local creates = self.creates
  local client, arguments = self:client(), { ... }
  local result, err
  local thread = coroutine.create(function()
    result, err = client[method](client, arguments[1], arguments[2])
  end)
  local good, word = coroutine.resume(thread)
  if not good then
    self:violation("%s raised: %s", method, tostring(word))
    return "failed"
  end
  self:check_output(err)
  if self:elapsed() - before > DEADLINE + 0.5 then
    self:violation("%s took %g s of %g", method, self:elapsed() - before, DEADLINE)
  end
  if self.creates - creates > 4 then
    self:violation("%d creates were sent", self.creates - creates)
  end
  if word == "dead" then
    self.store.crash()
    return "dead", nil
  elseif result then
    return "done", result
  end
  return err.kind == "unknown" and "unknown" or err.kind == "conflict" and "conflict" or "failed", err
end

-- Until nothing that was sent can be executed any more, and all of it shows.
function Run:later()
  self.service:advance(math.max(self.latest + self.window + 20 - self:elapsed(), 0) + self.service.options.readLag)
end

function Run:exists(id)
  for _, chatbot in ipairs(self.service:chatbots()) do
    if chatbot.RuleActionName == NAME and chatbot.Id == tostring(id) then
      return true
    end
  end
end

-- Of who looks again: the service refused to answer by the clock of ours, which says nothing about the chatbot.
local function is_about_reading(self, err)
  return self.first and err.code == "InvalidTimeStamp.Expired"
end

-- What an ending says must be so, now and for ever. A stranger's chatbot that was there first is taken for the one of
-- the name, as it has to be.
function Run:check_ending(ending, value, when)
  local count = #self:ours()
  if count > 1 then
    self:violation("%s: there are %d", when, count)
  elseif ending == "done" and not self:exists(value.chatbot.Id) then
    self:violation("%s: done, and it is not there", when)
  elseif ending == "failed" and count > 0 and not self.existed and not is_about_reading(self, value) then
    self:violation("%s: failed (%s), and it is there", when, tostring(value and value.code))
  end
end

-- The first ensure, under the faults.
function Run:begin()
  if self.random.happens(0.3) then
    self:make(NAME .. " other", nil)
    self:make("another " .. NAME, nil)
    self:make("third", nil)
  end
  self.existed = self.random.happens(0.25)
  if self.existed then
    self:make(NAME, self.random.happens(0.5) and { DingTalkLang = "zh" } or nil)
    self.service:advance(self.service.options.readLag)
  end
  self.sends, self.creates = 0, 0
  local ending, value = self:act("ensure", wanted())
  self:check_ending(ending, value, "at once")
  if self.rate == 0 then
    local requests = not self.existed and 3 or value.action == "unchanged" and 1 or 2
    if ending ~= "done" or self.sends > requests * (self.service.options.maxPageSize == 2 and 6 or 1) then
      self:violation("without a fault: %s after %d requests", ending, self.sends)
    end
  elseif ending == "unknown" and not self.ambiguous and not self.blind and self.service.options.readLag < 50 then
    self:violation("unknown, and nothing was ambiguous: %s", tostring(value))
  end
  return ending, value
end

-- Another client of the store, at once: it must not create what may be on its way.
function Run:again()
  local open = next(self.store.texts) ~= nil
  local creates = self.creates
  local now, value = self:act("ensure", wanted())
  if open and self.creates > creates then
    self:violation("a second create inside the fence (%s)", now)
  end
  self:check_ending(now, value, "again inside the fence")
end

-- Some time passes: less than what a copy still takes, or any, or what brings us near the end of the fence, by the date
-- that was signed or by the wait.
function Run:wait()
  local random, late = self.random, self.service.state.late[1]
  if late and random.happens(0.7) then
    return self.service:advance(random.number() * (late.due - self:elapsed()))
  end
  local left = math.max(self.latest, self:elapsed()) + self.fence - self:elapsed()
  self.service:advance(random.one_of { random.upto(60), random.upto(2 * self.fence), left + random.upto(120) - 60,
    left + random.upto(self.fence), math.max((self.ends or 0) - self:elapsed(), 2) + random.upto(5) - 3 })
end

-- When, by the time that really passes, an error says that it is settled.
function Run:note_end(ending, value)
  if ending == "unknown" then
    self.ends = value.resolveAfter - self.skew
  end
end

-- Somebody looks again, maybe on another machine: what is not dead is not made anew, whenever that is.
function Run:look(ending, value)
  self:wait()
  if self.random.happens(self.moves or 0.3) then
    self:boot(self.random.one_of(SKEWS))
  end
  local now, settled
  if ending == "unknown" and self.random.happens(0.5) then
    now, settled = self:act("resolve", core.json(core.encode(value.handle)))
  else
    now, settled = self:act("ensure", wanted())
  end
  self:note_end(now, settled)
  if now ~= "conflict" then
    self:check_ending(now, settled, "later")
  end
end

-- An error says until when it is unknown: from then on the same call ends.
function Run:settled(now, value, method, ...)
  for _ = 1, 2 do
    if now == "unknown" then
      self.service:advance(math.max(value.resolveAfter - self.skew - self:elapsed(), 0))
      now, value = self:act(method, ...)
    end
  end
  return now, value
end

-- With right clocks the fence is as long as it has to be.
function Run:check_end(value)
  if self.misdated or self.jumped or self.boots > 1 or math.abs(self.skew) > 20 or not self.name then
    return
  end
  local late = value.resolveAfter - (value.handle.signedAt + self.fence + 1)
  if late < 0 or late > 25 + DEADLINE then
    self:violation("resolveAfter is %g s behind the fence", late)
  end
end

function Run:finish(ending, value)
  local made = ending == "failed" and self.creates > self.first
  self:later()
  self:check_ending(made and "made later" or ending, value, "behind the fence")
  if ending == "unknown" then
    local handle = core.json(core.encode(value.handle))
    local now, settled = self:act("resolve", handle)
    if now == "unknown" then
      now, settled = self:settled(now, settled, "resolve", core.json(core.encode(settled.handle)))
    end
    if now == "unknown" or now == "conflict" and not next(self.strangers) then
      self:violation("resolve behind the fence: %s %s", now, tostring(settled))
    elseif now ~= "conflict" then
      self:check_ending(now == "failed" and self.creates > self.first and "made later" or now, settled, "resolved")
    end
  end
  if next(self.strangers) then
    return
  end
  local last, result = self:act("ensure", wanted())
  last, result = self:settled(last, result, "ensure", wanted())
  if last ~= "done" then
    self:violation("the last ensure: %s %s", last, tostring(result))
  end
  self:check_ending(last, result, "at the end")
  self:later()
  self:check_ending(last, result, "an hour later")
end

--- Runs the schedule of a seed. Answers its first ending, and a list of what did not hold.
---@param seed integer
---@param rate? number of requests that meet a fault; by default one of RATES
---@param fence? number seconds; a shorter one than the gateway's window lets the model fail
---@param change? fun(run: table) what is to be so whatever the seed decides
function model.run(seed, rate, fence, change)
  local self = new_run(seed, rate, fence)
  if change then
    change(self)
  end
  local random = self.random
  local ending, value = self:begin()
  self.calm, self.dies, self.stranger, self.first = true, nil, nil, self.creates
  self.service.state.faults = {}
  if ending == "unknown" then
    self:check_end(value)
  end
  self:note_end(ending, value)
  if random.happens(0.3) then
    self:again()
  end
  local open = self.faulty and (next(self.store.texts) ~= nil or random.happens(0.05))
  for _ = 1, open and random.one_of { 0, 1, 2, 3 } or 0 do
    self:look(ending, value)
  end
  self.misdates, self.jumps, self.sways = 0, 0, false
  self.name = self.name or "named at last" -- without, each client waits anew
  self:finish(ending, value)
  return ending, self.violations
end

--- The control: a plain client that signs anew and tries three times. Answers how many chatbots there are in the end.
function model.control(seed, rate)
  local self = new_run(seed, rate)
  self.dies, self.stranger, self.misdates, self.jumps, self.sways = nil, nil, 0, 0, false
  local service = self.service
  local client = sas.new {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = canary.accessKeySecret, retries = 0,
    transport = self:transport(), now = service.now, deadline = DEADLINE,
  }
  for _ = 1, 3 do
    local result, err = client:createOrUpdateDingTalk(wanted())
    if result or not (err.retryable or err.kind == "unknown") then
      break
    end
    service.sleep(1)
  end
  self:later()
  return #self:ours()
end

--- Runs so many schedules from a seed. Answers the counts of the endings and the violations, each with its seed.
function model.many(from, count, rate, fence, change)
  local endings, violations = {}, {}
  for seed = from, from + count - 1 do
    local good, ending, broken = pcall(model.run, seed, rate, fence, change)
    if not good then
      ending, broken = "raised", { tostring(ending) }
    end
    endings[ending] = (endings[ending] or 0) + 1
    for _, text in ipairs(broken) do
      violations[#violations + 1] = ("seed %d: %s"):format(seed, text)
    end
  end
  return endings, violations
end

return model
