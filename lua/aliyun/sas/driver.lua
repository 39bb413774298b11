--- The one driver loop: asks a call for its next step, hands it to the transport, feeds the answer back.
--
-- It stands in Lua, since a C function that called a Lua transport could not be yielded across under LuaJIT. A
-- coroutine may yield in `send`, `sleep` and `fetch`; everything of a call lives in the call and in this function's
-- locals, so any number of calls can be under way through one client.

local core = require "aliyun.sas.core"
local credentials = require "aliyun.sas.credentials"
local protected = require "aliyun.sas.protected"

local driver = {}

-- An error may be any value, and one whose __tostring raises must not hide that the request was sent.
local function text_of(value)
  local good, text = pcall(tostring, value)
  return good and text or "(an error that cannot be printed)"
end

-- A transport that raises may have sent already: that is the careful reading.
local function exchange(transport, request)
  local good, outcome = protected(transport.send, request)
  if good then
    return outcome
  end
  return { sent = true, code = "TRANSPORT", message = "the transport raised an error: " .. text_of(outcome) }
end

--- The date of a signature: UTC, to the second.
---@param seconds number since the epoch
function driver.date(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

--- Signs the call with the client's credentials, clock and nonce.
---@return table? request, aliyun.sas.error? err
function driver.sign(context, call, fixed)
  local held, err = credentials.fetch(context.provider, context)
  if not held then
    return nil, err
  end
  local nonce = fixed and fixed.nonce
  if not nonce then
    nonce, err = context.nonce()
    if not nonce then
      return nil, err
    end
  end
  return call:sign(held, fixed and fixed.date or driver.date(context.now()), nonce)
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
      return value, err
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
