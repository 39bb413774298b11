--- A store in the memory of this process, for coroutines.

local failure = require "aliyun.sas.failure"

local Memory = {}
Memory.__index = Memory

local memory = {}

function memory.new()
  -- A lock ends with whoever holds it, be it that a coroutine is never resumed.
  return setmetatable({ texts = {}, locks = setmetatable({}, { __mode = "v" }) }, Memory)
end

function Memory:lock(key)
  if self.locks[key] then
    return failure.answer("state", "LOCKED", "another holds the lock")
  end
  local lock = {}
  self.locks[key] = lock
  return lock
end

function Memory:unlock(key, lock)
  if self.locks[key] == lock then
    self.locks[key] = nil
  end
end

function Memory:read(key)
  return self.texts[key]
end

function Memory:write(key, text)
  self.texts[key] = text
  return true
end

function Memory:remove(key)
  self.texts[key] = nil
  return true
end

function Memory.place()
  return "this process's memory"
end

return memory
