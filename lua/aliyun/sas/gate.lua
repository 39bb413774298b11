--- Lets several pieces of work over one account share their readings of it, and keeps their writes out of them.
--
-- Pages shift while chatbots come and go, so that a reading of several pages does not come to rest while others create;
-- and each `ensure` reads the whole list at least twice. So a reading waits for the writes that are under way, writes
-- wait for its end, and whoever asked before it began is served by it.

local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local Gate = {}
Gate.__index = Gate

local gate = {}

local STEP = 0.02 -- seconds between two looks whether the way is free

--- A gate for work that begins now.
function gate.new()
  return setmetatable({ begun = 0, writing = 0, reading = false }, Gate)
end

-- False where there is no time, or no waiting, any more.
local function wait(bound)
  return bound:left() > STEP and bound:sleep(STEP)
end

-- Nothing was sent.
local function give_up()
  local _, err = failure.answer("network", "DEADLINE", "the deadline was over before the request was sent",
    "give more time with the setting deadline")
  err.retryable = true
  return nil, err
end

local function lead(self, read, ...)
  self.begun = self.begun + 1
  local number = self.begun
  self.reading = true
  local good, list, err = protected(read, ...)
  self.reading = false
  if not good then
    error(list, 0)
  end
  if list then
    self.list, self.number = list, number
  end
  return list, err
end

--- A reading that began after this call: another's, or one of its own by `read(state, bound)`.
---@return aliyun.sas.chatbotList? list, aliyun.sas.error? err
function Gate:read(read, state, bound)
  local wanted = self.begun + 1
  while not (self.number and self.number >= wanted) do
    if not self.reading and self.writing == 0 then
      return lead(self, read, state, bound)
    elseif not wait(bound) then
      return give_up()
    end
  end
  return self.list
end

local function finish(self, good, ...)
  self.writing = self.writing - 1
  if good then
    return ...
  end
  error((...), 0)
end

--- Does a write while nothing reads.
---@return any ... what `write(...)` answers
function Gate:write(bound, write, ...)
  while self.reading do
    if not wait(bound) then
      return give_up()
    end
  end
  self.writing = self.writing + 1
  return finish(self, protected(write, ...))
end

return gate
