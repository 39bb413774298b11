--- The one driver loop: asks a call for its next step, hands it to the transport, feeds the answer back.
--
-- It stands in Lua, since a C function that called a Lua transport could not be yielded across under LuaJIT. A
-- coroutine may yield in `send`, `sleep` and `fetch`; everything of a call lives in the call and in this function's
-- locals, so any number of calls can be under way through one client.

local ask = require "aliyun.sas.credentials.ask"
local core = require "aliyun.sas.core"
local dates = require "aliyun.sas.dates"
local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local driver = {}

-- A transport that raises may have sent already: that is the careful reading.
local function exchange(transport, request)
  local good, outcome = protected(transport.send, request)
  if good then
    return outcome
  end
  return { sent = true, code = "TRANSPORT", message = "the transport raised an error: " .. failure.text(outcome) }
end

-- What the caller injects may answer anything: that is no reason to send, or to answer nothing.
local function nonce_of(context, fixed)
  if fixed and fixed.nonce then
    return fixed.nonce
  end
  local nonce, err = context.nonce()
  if type(nonce) == "string" and nonce ~= "" then
    return nonce
  elseif nonce == nil and failure.is(err) then
    return nil, failure.unsent(err, "state")
  end
  return failure.answer("state", "NO_NONCE", "the function nonce answered no text", "nothing was sent")
end

local function date_of(context, fixed)
  if fixed and fixed.date then
    return fixed.date
  end
  local now = context.now()
  if type(now) == "number" and dates.is(now) then
    return dates.text(now + (context.offset or 0))
  end
  return failure.answer("state", "NO_CLOCK", "the function now answered no time in seconds", "nothing was sent")
end

--- Tells an observer, if there is one. One that raises is left alone: an outcome must not get lost for it.
---@param observer? function
---@param event table
function driver.observe(observer, event)
  if observer then
    protected(observer, event)
  end
end

local observe = driver.observe

-- What a provider is asked with. `run` has the credentials that were signed with before, if any.
local function question(context, call, run)
  return {
    transport = context.transport, monotonic = context.monotonic, sleep = context.sleep,
    now = function() return context.now() + (context.offset or 0) end,
    deadline = context.monotonic() + call:left(context.monotonic()),
    refresh = call:stale() or nil, refused = call:stale() and run.held or nil,
    warn = function(message, hint)
      observe(context.onWarning, { action = run.action, path = "credentials", message = message, hint = hint })
    end,
  }
end

--- Signs the call with the client's credentials, clock and nonce.
---@param context table of the client
---@param call userdata
---@param run {action: string, held: userdata?} keeps the credentials that were used
---@param fixed? {date: string?, nonce: string?}
---@return table? request, aliyun.sas.error? err
function driver.sign(context, call, run, fixed)
  local held, err = ask(context.provider, question(context, call, run))
  if not held then
    return nil, err --[[@as aliyun.sas.error]]
  end
  run.held = held
  local date, nonce
  date, err = date_of(context, fixed)
  if date then
    nonce, err = nonce_of(context, fixed)
  end
  if not nonce then
    return nil, err
  end
  return call:sign(held, date, nonce)
end

-- What the caller injects is called behind a send too: if it raises, the outcome must not get lost for it.
local function number_of(f)
  local good, number = protected(f)
  return good and type(number) == "number" and number == number and number or nil
end

-- Signs by the service's clock once it has refused ours; until then ours is as good as a Date to the second.
local function learn_clock(run)
  local clock, refused = run.call:clock()
  local now = clock and number_of(run.context.now)
  run.trace.clock, run.trace.skew = clock or nil, nil -- of this answer, or of none
  if now then
    run.trace.skew = clock - now
    run.context.offset = refused and run.trace.skew or run.context.offset
  end
end

-- Raw, and by its type, since what a transport answers may be anything.
local function field(outcome, name, kind)
  local value = type(outcome) == "table" and rawget(outcome, name)
  return type(value) == kind and value or nil
end

local function send(run, request)
  local context, call = run.context, run.call
  observe(context.onRequest, {
    action = run.action, attempt = run.attempt, class = call:class(), host = request.host, method = request.method,
    bytes = #request.query + #request.body, fresh = request.fresh,
  })
  local start = context.monotonic()
  local outcome = exchange(context.transport, request)
  call:feed(outcome, number_of(context.jitter), context.budget)
  learn_clock(run)
  local err = call:error() or {}
  -- good or not: a copy that may have been executed stays one
  run.trace.open = run.trace.open or err.kind == "unknown"
  local body = field(outcome, "body", "string")
  observe(context.onResponse, {
    action = run.action, attempt = run.attempt, seconds = context.monotonic() - start,
    status = field(outcome, "status", "number"), bytes = body and #body, sent = run.call:sent(),
    kind = err.kind, code = err.code, requestId = err.requestId,
  })
end

-- Once for each repetition, before its pause.
local function announce(run, seconds)
  if run.announced == run.attempt then
    return
  end
  run.announced = run.attempt
  local err = run.call:error() or {}
  observe(run.context.onRetry, {
    action = run.action, attempt = run.attempt, wait = seconds, kind = err.kind, code = err.code, status = err.status,
    requestId = err.requestId,
  })
end

-- The request, newly signed, if the caller lets it go.
local function sign(run)
  if run.context.transport.turn then
    run.context.transport.turn(run.action)
  end
  local request, err = driver.sign(run.context, run.call, run)
  if not request then
    return nil, err
  end
  -- the latest: a clock may be set back between two copies
  run.trace.date = run.call:signed()
  run.trace.signedAt = math.max(run.trace.signedAt or 0, run.trace.date)
  if run.trace.onSigned then
    local good
    good, err = run.trace.onSigned(run.trace.signedAt)
    if not good then
      return nil, err
    end
  end
  return request
end

-- What an earlier copy may have done outweighs that no other can be sent.
local function end_unsigned(run, good, err)
  local last = run.call:error()
  if last and last.kind == "unknown" then
    return nil, last
  elseif good then
    return nil, err
  end
  error(err, 0)
end

---@class aliyun.sas.trace
---@field onSigned? fun(seconds: number): boolean?, aliyun.sas.error?
---@field signedAt? number
---@field date? number
---@field clock? number
---@field skew? number
---@field open? boolean

--- Runs a call to its end.
--
-- A trace is what `ensure` needs to know of a call. `trace.onSigned(seconds)` is called before each send with the date
-- that the request carries; where it answers nil and an error, nothing more is sent. Behind the run `trace.signedAt` is
-- the latest such date, `trace.date` that of the last copy, `trace.clock` the Date of the service's last answer and
-- `trace.skew` that minus our clock, in seconds, and `trace.open` true where a copy was sent whose outcome was
-- not known.
---@param context table of the client: transport, provider, now, nonce, monotonic, sleep, jitter, budget, observers
---@param call userdata of core.<operation>
---@param action string
---@param trace? aliyun.sas.trace
---@return table? result, aliyun.sas.error? err
function driver.run(context, call, action, trace)
  local run = { context = context, call = call, action = action, trace = trace or {}, attempt = 0, announced = 0 }
  local request, awake = nil, -math.huge
  while true do
    local now = math.max(context.monotonic(), awake)
    local step, value, err = call:next(now)
    if step == "done" then
      if err == nil then
        return value
      end
      return nil, err
    elseif step == "credentials" then
      announce(run, 0)
      local good
      good, request, err = protected(sign, run)
      if not (good and request) then
        return end_unsigned(run, good, good and err or request)
      end
    elseif step == "send" then
      run.attempt = run.attempt + 1
      request.timeout, request.connectTimeout = value, err
      send(run, request)
    else
      announce(run, value)
      if not protected(context.sleep, value) then
        return nil, call:error() -- there is no waiting any more, so the last outcome stands
      end
      awake = now + value -- also by a clock that stands still
    end
  end
end

driver.default_nonce = core.nonce
driver.default_jitter = core.random

return driver
