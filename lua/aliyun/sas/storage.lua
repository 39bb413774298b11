--- What a store answers, made safe: a store may be the user's, and may answer or raise anything.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local storage = {}

local LOCK_SECONDS = 10 -- what is waited for a lock at most
local MARGIN = 60 -- by how much a lock outlives the deadline of who holds it

local function problem(doing, err)
  if failure.is(err) then
    return failure.unsent(err, "state")
  elseif type(err) == "table" and rawget(err, "code") == "LOCKED" then
    return failure.unsent({ code = "LOCKED", message = "another holds the lock" }, "state")
  end
  local _, made = failure.answer("state", "STORE", ("the store cannot %s: %s"):format(doing,
    err == nil and "it answered neither a result nor an error" or failure.text(err)), "nothing was sent")
  return made
end

-- Answers the store's answer, or nil and an error object; nil alone where the store says so.
local function ask(store, name, doing, ...)
  local good, answer, err = protected(store[name], store, ...)
  if not good then
    return nil, problem(doing, answer)
  elseif answer == nil or answer == false then
    -- nil alone is an answer; false is a failure, with its reason or without
    return nil, (err ~= nil or answer == false) and problem(doing, err) or nil
  end
  return answer
end

--- The text of a key; nil alone where there is none.
---@return string? text, aliyun.sas.error? err
function storage.read(store, key)
  local text, err = ask(store, "read", "read", key)
  if text ~= nil and type(text) ~= "string" then
    return nil, problem("read", "it answered a " .. type(text))
  end
  return text, err
end

---@return boolean? good, aliyun.sas.error? err
function storage.write(store, key, text)
  local good, err = ask(store, "write", "write", key, text)
  return good, not good and (err or problem("write")) or nil
end

---@return boolean? good, aliyun.sas.error? err
function storage.remove(store, key)
  local good, err = ask(store, "remove", "remove", key)
  return good, not good and (err or problem("remove")) or nil
end

--- Where the text of a key is, for people.
function storage.place(store, key)
  local good, place = false, nil
  if type(store.place) == "function" then
    good, place = protected(store.place, store, key)
  end
  return good and type(place) == "string" and place or "the store"
end

local function is_busy(err)
  return err ~= nil and err.code == "LOCKED"
end

local function locked_error()
  local _, made = failure.answer("state", "LOCKED", "another holds the lock of this chatbot's name",
    "nothing was sent; try again when the other has ended")
  made.retryable = true
  return nil, made
end

-- A lock, or nil and an error object. Waits for another's end, in ever longer steps.
local function take(state, bound, key)
  local waited, step = 0, 0.05
  while true do
    local lock, err = ask(state.store, "lock", "lock", key, math.ceil(math.max(bound:left(), 0)) + MARGIN)
    if lock then
      return lock
    elseif not is_busy(err) then
      return nil, err or problem("lock")
    elseif waited >= LOCK_SECONDS or bound:left() <= step or not bound:sleep(step) then
      return locked_error()
    end
    waited, step = waited + step, math.min(step * 2, 1)
  end
end

-- What was done under the lock is done; but whoever comes next waits for it in vain.
local function let_go(run, key, lock)
  local _, err = ask(run.state.store, "unlock", "unlock", key, lock)
  if err then
    run.warnings[#run.warnings + 1] = {
      path = "store", message = "the lock could not be let go of: " .. err.message,
      hint = "until it ends, calls for this name end with the code LOCKED",
    }
  end
end

local function finish(run, key, lock, good, ...)
  let_go(run, key, lock)
  if good then
    return ...
  end
  error((...), 0)
end

-- One order for all, so that two that want the same two locks cannot wait for each other. That of hashes, since the
-- order of texts depends on the locale of a process.
local function in_order(keys)
  local hashes, by_hash = {}, {}
  for _, key in ipairs(keys) do
    local hash = core.sha256(key)
    if not by_hash[hash] then
      hashes[#hashes + 1], by_hash[hash] = hash, key
    end
  end
  table.sort(hashes)
  for i, hash in ipairs(hashes) do
    hashes[i] = by_hash[hash]
  end
  return hashes
end

local function locked(run, keys, number, work, ...)
  local key = keys[number]
  if not key then
    return work(...)
  end
  local lock, err = take(run.state, run.bound, key)
  if not lock then
    return nil, err
  end
  return finish(run, key, lock, protected(locked, run, keys, number + 1, work, ...))
end

-- A result has the warnings of its run already.
local function with_warnings(run, result, err, ...)
  if err and #run.warnings > 0 then
    err.warnings = run.warnings
  end
  return result, err, ...
end

--- Runs `work(...)` under the locks of keys, and lets go of the locks however that ends. A lock that stays is a warning
--- of the run; an error has the warnings too.
---@param run {state: table, bound: table, warnings: table[]}
---@param keys string[] one may stand twice
---@return any ... what `work` answers, or nil and the error where a lock cannot be had
function storage.locked(run, keys, work, ...)
  return with_warnings(run, locked(run, in_order(keys), 1, work, ...))
end

return storage
