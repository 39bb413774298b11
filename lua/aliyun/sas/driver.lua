--- The one driver loop: asks a call for its next step, hands it to the transport, feeds the answer back.
--
-- It stands in Lua, since a C function that called a Lua transport could not be yielded across under LuaJIT. A
-- coroutine may yield in `send`, `sleep` and `fetch`; everything of a call lives in the call and in this function's
-- locals, so any number of calls can be under way through one client.

local core = require "aliyun.sas.core"
local credentials = require "aliyun.sas.credentials"
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

--- The date of a signature: UTC, to the second.
---@param seconds number since the epoch
function driver.date(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
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
    return nil, err
  end
  return failure.answer("state", "NO_NONCE", "the function nonce answered no text", "nothing was sent")
end

local function date_of(context, fixed)
  if fixed and fixed.date then
    return fixed.date
  end
  local now = context.now()
  if type(now) == "number" and now >= 0 and now < 253402300800 then -- up to the year 9999
    return driver.date(now)
  end
  return failure.answer("state", "NO_CLOCK", "the function now answered no time in seconds", "nothing was sent")
end

--- Signs the call with the client's credentials, clock and nonce.
---@return table? request, aliyun.sas.error? err
function driver.sign(context, call, fixed)
  local held, err = credentials.fetch(context.provider, {
    transport = context.transport, now = context.now, monotonic = context.monotonic, sleep = context.sleep,
  })
  if not held then
    return nil, err
  end
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

--- Runs a call to its end.
---@param context {transport: table, provider: table, now: function, nonce: function, monotonic: function}
---@param call userdata of core.<operation>
---@return table? result, aliyun.sas.error? err
function driver.run(context, call)
  local request
  while true do
    local step, value, err = call:next(context.monotonic())
    if step == "done" then
      if err == nil then
        return value
      end
      return nil, err
    elseif step == "credentials" then
      request, err = driver.sign(context, call)
      if not request then
        return nil, err
      end
    elseif step == "send" then
      call:feed(exchange(context.transport, request))
    else
      context.sleep(value)
    end
  end
end

driver.default_nonce = core.nonce

return driver
