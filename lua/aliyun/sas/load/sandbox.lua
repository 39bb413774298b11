--- Runs a chatbots file: a Lua source that sees a few names, does nothing to anything, and ends.
--
-- What it may not do it cannot do: there is nothing in its environment to do it with. What it may do too much of is
-- bounded: memory by the allocator, instructions and time by a hook, the time to compile by the reader. The methods of
-- strings, which reach any environment and which no hook stops, are taken away while it runs.

local complaint = require "aliyun.sas.load.complaint"
local failure = require "aliyun.sas.failure"
local system = require "aliyun.sas.system"

local sandbox = {}

local NAME = "chatbots file" -- of the chunk, which no file of the host has

local LIMITS = { memory = 32 * 1024 * 1024, instructions = 1e7, seconds = 1 }
local UNDEFINED, LOCALS = 100, 200 -- names that are noted; local names that a function can have
local PIECE = 4096 -- of the source: Lua's compiler is quadratic in places, and is asked for the time between two pieces

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")
local setfenv, jit = rawget(_G, "setfenv"), rawget(_G, "jit")

-- A plain table, whatever was given: what is wrong with it is told together with all else that is wrong.
local function marker(word)
  return function(value)
    if value == nil then
      value = false
    end
    return { [word] = value }
  end
end

-- Of a level above the caller: the names that it has given to values, the nearest last.
local function locals_at(level)
  local names = {}
  for i = 1, LOCALS do
    local name = debug.getlocal(level + 1, i)
    if not name then
      break
    elseif name:find "^[%a_]" then
      names[#names + 1] = name
    end
  end
  return names
end

-- Notes the names that the file reads and nobody has given a value: to Lua they are nil, and what they were to say
-- would be lost without a word.
local function watch(undefined)
  return function(_, name)
    local at = #undefined < UNDEFINED and debug.getinfo(2, "Sl")
    if at and at.source == "=" .. NAME then
      undefined[#undefined + 1] = { name = name, line = at.currentline, near = locals_at(2) }
    end
    return nil
  end
end

local function environment(undefined)
  return setmetatable({
    env = marker "env", file = marker "file", group = marker "group", ipairs = ipairs, pairs = pairs,
  }, { __index = watch(undefined), __metatable = false })
end

local function pieces_of(text)
  local at, deadline = 1, system.cputime() + LIMITS.seconds
  return function()
    local piece = text:sub(at, at + PIECE - 1)
    at = at + PIECE
    if system.cputime() > deadline then
      error("takes too long to be read", 0)
    end
    return piece ~= "" and piece or nil
  end
end

local function compile(text, undefined)
  local names = environment(undefined)
  local chunk, message = load(pieces_of(text), "=" .. NAME, "t", names)
  if not chunk then
    error(message, 0)
  end
  if setfenv then
    setfenv(chunk, names)
  end
  if jit then
    jit.off(chunk, true) -- compiled code calls no hooks
  end
  return chunk
end

local function run(text, undefined)
  return compile(text, undefined)()
end

local function from_index(index, text, key)
  if type(index) == "function" then
    return index(text, key)
  end
  return index and index[key]
end

-- The metatable's __index while the file runs. Finalizers and hooks of the host may run meanwhile, and go on.
local function guard(index)
  return function(text, key)
    local caller = debug.getinfo(2, "S")
    if caller and caller.source == "=" .. NAME then
      error("string methods are not available in this file", 2)
    end
    return from_index(index, text, key)
  end
end

local function pack(...)
  return { n = select("#", ...), ... }
end

local function run_bounded(text, undefined)
  return pack(system.bounded(LIMITS, run, text, undefined))
end

-- pcall, for memory that is at an end outside of the bounds: the metatable is put back whatever happens, and nothing
-- that may fail stands before that.
local function run_guarded(text, undefined)
  local strings = debug.getmetatable ""
  local index = strings and rawget(strings, "__index")
  if strings then
    rawset(strings, "__index", guard(index))
  end
  local good, results = pcall(run_bounded, text, undefined)
  if strings then
    rawset(strings, "__index", index)
  end
  if not good then
    error(results, 0)
  end
  return results
end

local STOPPED = {
  memory = "grows too large", instructions = "runs too long", seconds = "runs too long",
}

--- Runs the source, which is a text. Whatever it does, the host's hook, allocator and metatables are afterwards as
-- they were.
---@param text string
---@return table? results with `n`
---@return {line: integer?, message: string, hint: string?}? wrong
---@return {name: any, line: integer, near: string[]}[] undefined the names that were read and nobody has given a value,
--- with the local names there
function sandbox.run(text)
  local undefined = {}
  local results = run_guarded(text, undefined)
  if results[1] then
    return { n = results.n - 1, unpack(results, 2, results.n) }, nil, undefined
  end
  local stopped = STOPPED[results[3]]
  if not stopped then
    failure.pass_memory(results[2])
  end
  local wrong = complaint.read(results[2], NAME)
  if stopped then
    wrong.message = stopped .. ", and was stopped"
    wrong.hint = "a chatbots file only returns a list"
  end
  return nil, wrong, undefined
end

return sandbox
