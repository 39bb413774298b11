-- bounded_spec.lua - a Lua function within bounds of memory, instructions and time
-- SPDX-License-Identifier: MIT

local system = require "aliyun.sas.system"

local jit = rawget(_G, "jit")

-- Under LuaJIT compiled code calls no hooks.
local function interpreted(f)
  if jit then
    jit.off(f, true)
  end
  return f
end

local for_ever = interpreted(function()
  while true do end -- luacheck: ignore
end)

local doubling = interpreted(function()
  local text = "x"
  while true do
    text = text .. text
  end
end)

describe("system.bounded", function()
  it("answers what the function answers", function()
    local results = { system.bounded({ memory = 1e6, seconds = 5, instructions = 1e6 }, function(...)
      return select("#", ...), ...
    end, 1, nil, "x") }
    assert.same({ true, 3, 1, nil, "x" }, results)
    assert.equal(1, select("#", system.bounded({}, function() end)))
  end)

  it("answers what the function raises, and no limit", function()
    local raised = {}
    local good, err, which = system.bounded({ memory = 1e6 }, function() error(raised) end)
    assert.is_false(good)
    assert.equal(raised, err)
    assert.is_nil(which)
    good, err, which = system.bounded({ memory = 1e6 }, function() error("x", 0) end)
    assert.same({ false, "x" }, { good, err, which })
  end)

  it("stops what runs too long", function()
    local good, err, which = system.bounded({ instructions = 1e5 }, for_ever)
    assert.same({ false, "instructions" }, { good, which })
    assert.matches("bounded_spec.lua:%d+: runs too long$", err)
    local before = system.cputime()
    good, err, which = system.bounded({ seconds = 0.05 }, for_ever)
    assert.same({ false, "seconds" }, { good, which })
    assert.matches("runs too long$", err)
    assert.is_true(system.cputime() - before < 3)
  end)

  it("counts the time of the processor, since a machine may be busy with others", function()
    local good, answer = system.bounded({ seconds = 0.2 }, interpreted(function()
      system.sleep(0.4)
      local sum = 0
      for i = 1, 1e4 do
        sum = sum + i
      end
      return sum
    end))
    assert.same({ true, 50005000 }, { good, answer })
  end)

  it("does not count what Lua takes to collect the garbage of before", function()
    local heap = {}
    for i = 1, 5e5 do
      heap[i] = { i }
    end
    local before = system.cputime()
    collectgarbage()
    local collection = system.cputime() - before
    local good = system.bounded({ seconds = collection / 4 }, interpreted(function()
      local sum = 0
      for i = 1, 1000 do
        sum = sum + i
      end
      return sum
    end))
    assert.is_true(good, collection)
    assert.equal(5e5, #heap)
  end)

  it("stops what catches the stop", function()
    local good, _, which = system.bounded({ instructions = 1e5 }, interpreted(function()
      while true do
        pcall(for_ever)
      end
    end))
    assert.same({ false, "instructions" }, { good, which })
  end)

  it("stops what grows too large", function()
    local good, err, which = system.bounded({ memory = 4e6 }, doubling)
    assert.same({ false, "not enough memory", "memory" }, { good, err, which })
    good, err, which = system.bounded({ memory = 1e6 }, function()
      local list = {}
      for i = 1, 1e6 do
        list[i] = { i }
      end
      return list
    end)
    assert.same({ false, "not enough memory", "memory" }, { good, err, which })
    assert.equal(1e7, #("x"):rep(1e7))
  end)

  it("stops the buffers of the libraries, and tells them from what fails later", function()
    local half = ("y"):rep(1e6)
    for _, grow in ipairs {
      function() return ("x"):rep(1e8) end,
      function() return table.concat { half, half, half, half, half, half } end,
      function() return (half:gsub("y", "yyyyyyyy")) end,
    } do
      local good, err, which = system.bounded({ memory = 4e6 }, grow)
      assert.same({ false, "memory" }, { good, which })
      assert.matches("not enough memory", err)
      good, err, which = system.bounded({ memory = 4e6 }, function()
        return system.bounded({ memory = 1e12 }, grow)
      end)
      assert.same({ false, "memory" }, { good, which })
      assert.matches("not enough memory", err)
      good, err, which = system.bounded({ memory = 4e6 }, function()
        assert.is_false(pcall(grow))
        error("another", 0)
      end)
      assert.same({ false, "another" }, { good, err, which })
    end
    local good, err, which = system.bounded({ memory = 4e6 }, error, "not enough memory for buffer allocation", 0)
    assert.same({ false, "not enough memory for buffer allocation" }, { good, err, which })
  end)

  it("gives no room for what was garbage before", function()
    local function litter()
      local list = {}
      for i = 1, 200000 do
        list[i] = ("x"):rep(100) .. i
      end
      return #list
    end
    assert.equal(200000, litter())
    local longest = 0
    local good, _, which = system.bounded({ memory = 4e6 }, interpreted(function()
      local text = "x"
      while true do
        text = text .. text
        longest = #text
      end
    end))
    assert.same({ false, "memory" }, { good, which })
    assert.is_true(longest <= 4e6)
  end)

  it("holds the limits of a call around it", function()
    local good, _, which = system.bounded({ memory = 1e6 }, function()
      return system.bounded({ memory = 1e12 }, doubling)
    end)
    assert.same({ false, "memory" }, { good, which })
    good, _, which = system.bounded({ instructions = 1e6 }, interpreted(function()
      while true do
        system.bounded({ instructions = 1e12, seconds = 100 }, for_ever)
      end
    end))
    assert.same({ false, "instructions" }, { good, which })
    local inner
    good = system.bounded({ memory = 1e8 }, function()
      inner = { system.bounded({ memory = 1e6 }, doubling) }
      return #("x"):rep(1e7)
    end)
    assert.is_true(good)
    assert.same({ false, "not enough memory", "memory" }, inner)
  end)

  it("leaves the hook of before", function()
    local function hook() end
    debug.sethook(hook, "", 12345)
    local results = { system.bounded({ instructions = 1e5 }, for_ever) }
    local after, _, count = debug.gethook()
    debug.sethook()
    assert.is_false(results[1])
    assert.equal(hook, after)
    assert.equal(12345, count)
    system.bounded({ memory = 1e6 }, doubling)
    assert.is_nil((debug.gethook()))
  end)

  it("cannot be left by a yield", function()
    local thread = coroutine.create(function()
      return system.bounded({ memory = 1e6 }, coroutine.yield, 1)
    end)
    local _, good, err = coroutine.resume(thread)
    assert.is_false(good)
    assert.matches("yield across", err)
    assert.equal("dead", coroutine.status(thread))
  end)

  it("takes limits that are numbers above 0, and a function", function()
    for _, limits in ipairs { { memory = "1" }, { memory = 0 }, { seconds = -1 }, { instructions = 0 / 0 }, 5, "x" } do
      assert.is_false(pcall(system.bounded, limits, print))
    end
    assert.is_false(pcall(system.bounded, {}))
    assert.is_false(pcall(system.bounded, {}, "x"))
    assert.is_false(pcall(system.bounded))
  end)
end)
