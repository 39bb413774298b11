-- load_hostile_spec.lua - chatbots files that mean harm, or are none: stopped, told, and nothing of the host is changed
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local sas = require "aliyun.sas"
local scratch = require "spec.support.scratch"
local system = require "aliyun.sas.system"

local SECONDS = 10 -- of the processor; the limits are one, and without them some of these would go on for ever

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
  local files, folder

  setup(function()
    files = scratch.new()
    folder = files.folder
  end)

  teardown(function()
    files:remove()
  end)

  local function write(text, name)
    return files:write(name or "chatbots.lua", text)
  end

  -- The error, without the folder; the host is as it was.
  local function refused(text, name)
    local path = write(text, name)
    collectgarbage()
    collectgarbage()
    local before, started, used = state_of_host(), system.cputime(), collectgarbage "count"
    local declared, err = sas.load(path)
    local taken = system.cputime() - started
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

  it("is stopped where it goes deep", function()
    local message = refused("local function f() return 1 + f() end\nreturn f()")
    assert.is_truthy(message:find("stack overflow", 1, true) or message:find(LARGE, 1, true), message)
    local deep = ("{"):rep(150) .. ("}"):rep(150)
    assert.equal("chatbots.lua:1 ConfigList" .. ("[1]"):rep(15) .. ": is nested too deeply",
      refused("return { { Id = 1, ConfigList = " .. deep .. " } }"))
    message = refused("return " .. ("{"):rep(100000) .. ("}"):rep(100000))
    assert.is_truthy(message:find "overflow" or message:find "limit" or message:find "levels", message)
    message = refused("return " .. ("("):rep(100000) .. "1" .. (")"):rep(100000))
    assert.is_truthy(message:find "overflow" or message:find "limit" or message:find "levels", message)
  end)

  it("has no methods of strings", function()
    stopped("chatbots.lua:2: " .. STRINGS, "\nlocal s = ('x'):rep(1e9) return {}")
    stopped("chatbots.lua:1: " .. STRINGS, "local a = 'a' return { a:find('.-.-.-.-.-.-.-.-.-b') }")
    stopped("chatbots.lua:1: " .. STRINGS, "local rep = ('').rep return { rep('x', 1e9) }")
    stopped("chatbots.lua:1: " .. STRINGS, "return { ('%d'):format(1) }")
    stopped("chatbots.lua:1: " .. STRINGS, "local function f() return ('x').gsub end return { f() }")
    assert.matches("^chatbots.lua:1: attempt to index", (refused "('').x = 1"))
    assert.equal("x", ("X"):lower())
  end)

  it("has no functions but those it is for", function()
    for _, name in ipairs {
      "os", "io", "require", "load", "loadstring", "dofile", "loadfile", "pcall", "xpcall", "error", "setmetatable",
      "getmetatable", "coroutine", "string", "table", "math", "debug", "package", "rawset", "rawget", "next", "select",
      "collectgarbage", "getfenv", "setfenv", "newproxy", "jit", "bit", "utf8", "print", "_G", "tostring", "unpack",
    } do
      local message = refused("local x = " .. name .. " return {}")
      assert.equal("chatbots.lua:1: " .. name .. " is not defined", message)
    end
  end)

  it("reads a name without a value as often as it likes, and is told of it once a line", function()
    assert.equal("chatbots.lua:1: nothing is not defined",
      (refused "for i = 1, 200000 do local x = nothing end return {}"))
  end)

  it("does not reach the host through its helpers", function()
    assert.matches("attempt to index", (refused "env.x = 1"))
    assert(sas.load(write "env, pairs = nil, nil; leaked = 1; return {}"))
    assert.is_nil(rawget(_G, "leaked"))
    assert.is_function(pairs)
    assert.same({ Id = 1, SendUrl = { env = "A" } },
      sas.load(write "return { { Id = 1, SendUrl = env 'A' } }").chatbots[1])
  end)

  it("is no bytecode", function()
    local dumped = string.dump(function() return {} end)
    assert.equal("chatbots.lua: is compiled Lua", (refused(dumped)))
    assert.equal("chatbots.lua: is compiled Lua", (refused("\27Lua")))
    assert.equal("chatbots.lua: is compiled Lua", (refused("#!/usr/bin/lua\n" .. dumped)))
    assert.equal("chatbots.lua: holds a NUL byte", (refused("local x = 1 " .. dumped)))
    assert.equal("chatbots.lua: is compiled Lua", (refused("\239\187\191\27LJ")))
  end)

  it("is no text with NUL bytes, and not larger than a source is", function()
    assert.equal("chatbots.lua: holds a NUL byte", (refused "return {}\0"))
    local declared, err = sas.load(write("return {} --" .. ("x"):rep(2 * 1024 * 1024)))
    assert.is_nil(declared)
    assert.equal("state", err.kind)
    assert.equal("TOO_LARGE", err.code)
    declared, err = sas.load "/dev/zero"
    assert.is_nil(declared)
    assert.equal("TOO_LARGE", err.code)
  end)

  it("is compiled in bounded time, however slow that is", function()
    local function many(text)
      return text:rep(math.floor(500000 / #text))
    end
    for _, text in ipairs {
      "local a return " .. many "a and " .. "a", "if a then " .. many "elseif a then " .. "end",
    } do
      refused(text)
    end
  end)

  it("tells a mistake of the language without the source's texts", function()
    local token = "0123456789abcdef0123456789abcdef"
    local url = '"https://oapi.dingtalk.com/robot/send?access_token=' .. token .. '"'
    for _, text in ipairs {
      "return { { SendUrl = " .. url .. " " .. url .. " } }", "return { { SendUrl = " .. url:sub(1, -2) .. "\n } }",
      "return { a." .. token .. ".b }", "return " .. token .. "()", "return (" .. url .. ")()", "return {} + " .. url,
      "return " .. url .. ".x.y", "local t = {} return t[" .. url .. "].x", "return [[" .. url, "x = " .. token .. " y",
      "return #" .. url .. ".x", "return { x = " .. token .. "z9 z }", "return 0x" .. token .. "z",
    } do
      local message, hint = refused(text)
      assert.matches("^chatbots.lua", message)
      assert.is_nil(message:find("0123456789", 1, true), message)
      assert.is_nil((hint or ""):find("0123456789", 1, true))
    end
    assert.matches("^chatbots.lua:2: .*near the end of the file$", (refused "return {\n"))
    assert.matches("^chatbots.lua:3: .*expected.* near 'x'$", (refused "return {\n{ a = 1\nx = 2 } }"))
    assert.equal("chatbots.lua:2: Env is not defined", (refused "return { {\nSendUrl = Env 'A' } }"))
    assert.matches("^chatbots.lua:1: bad argument #1 to '[^']*'", (refused "for _ in pairs(nil) do end"))
  end)

  it("answers what is no list", function()
    assert.equal("chatbots.lua: returns nothing", refused "")
    assert.equal("chatbots.lua: returns nothing", (refused "local x = { {} }"))
    assert.equal("chatbots.lua: returns 2 values", (refused "return {}, {}"))
    assert.equal("chatbots.lua: is one chatbot, and should be a list", (refused "return { RuleActionName = 'a' }"))
    for _, text in ipairs { "5", "'x'", "true", "pairs", "{ [1.5] = 1 }", "{ a = {} }", "{ [true] = 1 }" } do
      assert.equal("chatbots.lua: is no list of chatbots", (refused("return " .. text)))
    end
    assert.equal("chatbots.lua: mixes a list with names", (refused "return { {}, x = {} }"))
    assert.equal("chatbots.lua: has a hole", (refused "return { {}, {}, {}, [9] = {} }"))
  end)

  it("answers what is no plain data", function()
    local cycle = "local t = {} t[1] = t return { { Id = 1, ConfigList = t } }"
    assert.equal("chatbots.lua:1 ConfigList[1]: holds itself", (refused(cycle)))
    assert.equal("chatbots.lua:1 RuleActionName: is a function, and a chatbot is plain data",
      (refused "return { { RuleActionName = pairs } }"))
    assert.equal("chatbots.lua:1 IntervalTime: is no finite number",
      (refused "return { { Id = 1, IntervalTime = 1/0 } }"))
    assert.equal("chatbots.lua:2 GroupIdList: has a hole",
      (refused "return { { Id = 1,\nGroupIdList = { 1, nil, 3 } } }"))
    local many = "local t = {} for i = 1, 300000 do t[i] = false end return t"
    assert.equal("chatbots.lua: holds more than 200000 values", (refused(many)))
    local spread = "local t = {} for i = 1, 12 do t = { t, t, t, t } end return { { ConfigList = t } }"
    assert.equal("chatbots.lua: holds more than 200000 values", (refused(spread)))
  end)

  it("leaves hooks and metatables of the host alone", function()
    local index, lines = debug.getmetatable("").__index, 0
    local function hook()
      lines = lines + 1
    end
    debug.getmetatable("").__index = function(_, key)
      return string[key]
    end
    debug.sethook(hook, "", 777)
    local good, why = pcall(function()
      stopped(LONG, "while true do end")
      stopped(LARGE, "local s = 'x' while true do s = s .. s end")
      stopped("chatbots.lua:1: " .. STRINGS, "local s = ('x'):rep(1e9)")
      stopped("chatbots.lua:1: attempt", "return nil .. 1")
      local now, _, count = debug.gethook()
      assert.equal(hook, now)
      assert.equal(777, count)
    end)
    debug.sethook()
    debug.getmetatable("").__index = index
    assert(good, why)
  end)

  it("is refused in a coroutine too", function()
    local path = write "while true do end"
    local declared, err = coroutine.wrap(function() return sas.load(path) end)()
    assert.is_nil(declared)
    assert.equal(path .. ":1", err.problems[1].path)
  end)

  it("may be any text: nothing is raised", function()
    local text = child.run(child.command("spec/support/load_fuzz.lua", folder, 1500))
    local good = tonumber(text:match "^(%d+) good$")
    assert(good, text)
    assert.is_true(good > 50)
  end)
end)
