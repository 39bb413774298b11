-- load_hostile_spec.lua - chatbots files that mean harm, or are none: stopped, told, and nothing of the host is changed
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local SECONDS = 4 -- the limits are a second; the rest is for a busy machine

-- What no file may change.
local function state_of_host()
  local hook, mask, count = debug.gethook()
  local state = { hook = hook or false, mask = mask, count = count, strings = debug.getmetatable "" }
  for key, value in pairs(state.strings) do
    state["string " .. tostring(key)] = value
  end
  for key, value in pairs(_G) do
    state["global " .. tostring(key)] = value
  end
  return state
end

describe("a hostile chatbots file", function()
  local folder

  setup(function()
    folder = child.run("mktemp -d")
  end)

  teardown(function()
    os.execute("rm -rf " .. child.quote(folder))
  end)

  local function write(text, name)
    local path = folder .. "/" .. (name or "chatbots.lua")
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    return path
  end

  -- The error, without the folder; the host is as it was.
  local function refused(text, name)
    local path = write(text, name)
    collectgarbage()
    collectgarbage()
    local before, started, used = state_of_host(), system.monotonic(), collectgarbage "count"
    local declared, err = sas.load(path)
    local taken = system.monotonic() - started
    assert.same(before, state_of_host())
    assert.is_true(taken < SECONDS, ("took %.1f s"):format(taken))
    assert.is_true(collectgarbage "count" - used < 120 * 1024)
    assert.is_nil(declared)
    assert.equal("argument", err.kind)
    assert.equal("INVALID_ARGUMENT", err.code)
    assert.equal(1, #err.problems)
    local problem = err.problems[1]
    return problem.path:sub(#folder + 2) .. ": " .. problem.message, problem.hint
  end

  local function stopped(reason, text)
    local message = refused(text)
    assert.is_truthy(message:find(reason, 1, true), message)
  end

  local LONG, LARGE = "runs too long, and was stopped", "grows too large, and was stopped"
  local STRINGS = "string methods are not available in this file"

  it("is stopped where it loops for ever", function()
    stopped("chatbots.lua:2: " .. LONG, "\nwhile true do end")
    stopped("chatbots.lua:1: " .. LONG, "repeat until false")
    stopped(LONG, "for i = 1, 1e300 do end return {}")
    stopped(LONG, "local i = 0 repeat i = i + 1 until i < 0 return {}")
    stopped(LONG, "local function f() return f() end return f()")
    stopped(LONG, "local t = { 1 } while true do for _, v in pairs(t) do t[1] = v end end")
  end)

  -- A busy machine, or one that watches each access, may take the time before the memory.
  local function outgrown(text)
    local message = refused(text)
    assert.is_truthy(message:find(LARGE, 1, true) or message:find(LONG, 1, true), message)
  end

  it("is stopped where it grows", function()
    stopped(LARGE, "local s = 'x' while true do s = s .. s end")
    stopped(LARGE, "local s = 'xxxxxxxxxx' while true do s = " .. ("s .. "):rep(100) .. "s end")
    outgrown("local t = {} for i = 1, 1e9 do t[i] = { i } end return t")
    outgrown("local t = {} for i = 1, 1e9 do t['k' .. i] = i end return t")
    outgrown("local s, t = 'x', {} for i = 1, 20 do s = s .. s end for i = 1, 1e9 do t[i] = s .. i end return t")
  end)

