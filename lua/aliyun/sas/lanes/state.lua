--- The client's state as a lane sees it: with its own way to send and to wait. What is written goes to the client's.

local pace = require "aliyun.sas.pace"

-- Waits before a request is signed: so its date is fresh, and what is left of the deadline is known when it is sent.
local function turn(state, sleep, pacing, action)
  local seconds = pacing:book(action, state.monotonic())
  if seconds > 0 then
    sleep(seconds)
  end
  if state.transport.turn then
    state.transport.turn(action)
  end
end

--- Makes it, for all lanes of a run.
---@param state table of a client
---@param rate? number requests a second for each operation
---@param own {send: function?, sleep: function?} in the place of the client's
return function(state, rate, own)
  local sleep, pacing = own.sleep or state.sleep, pace.new(rate)
  local transport = setmetatable({
    send = own.send,
    start = false, poll = false, -- within a lane there is one thing at a time
    turn = function(action)
      turn(state, sleep, pacing, action)
    end,
  }, { __index = state.transport })
  return setmetatable({ transport = transport, sleep = sleep }, {
    __index = state,
    __newindex = function(_, name, value)
      state[name] = value
    end,
  })
end
