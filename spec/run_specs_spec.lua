-- run_specs_spec.lua - how tools/run-specs ends a run, and what it says of it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local scratch = require "spec.support.scratch"
local shell = require "aliyun.sas.emulator.shell"

local LABEL = "run-specs-" .. child.lua:match "[^/]*$"

describe("run-specs", function()
  local files

  setup(function()
    files = scratch.new()
  end)

  teardown(function()
    files:remove()
  end)

  -- The shell command that runs a file of specs with this text, whose tests take seconds at most each.
  local function command(text, seconds)
    local path = files:write("some_spec.lua", text)
    local out = os.getenv "OUT" or "build/" .. child.lua
    return ("SPEC_TIMEOUT=%d tools/run-specs %s %s %s"):format(seconds or 60, LABEL, out, path)
  end

  -- What it prints.
  local function printed(...)
    return child.run(command(...))
  end

  local function wait(seconds)
    return ('require("aliyun.sas.system").sleep(%g)'):format(seconds)
  end

  it("ends a run in which no test has ended for too long, and names the one that hung", function()
    local text = printed(([[
      it("ends", function() end)
      it("waits for ever", function() %s end)
    ]]):format(wait(300)), 6)
    assert.matches("hung: no test has ended for 6 s", text)
    assert.matches("the last test was [^\n]*some_spec.lua @ 2: waits for ever", text)
    assert.matches("\n1 passed, 1 failed$", text)
  end)

  it("ends a run that prints for ever, and ends no test", function()
    local text = printed('it("prints", function() while true do print "ok" ' .. wait(0.1) .. " end end)", 2)
    assert.matches("hung: no test has ended for 2 s", text)
    assert.matches("\n0 passed, 1 failed$", text)
  end)

  it("fails nothing that goes on, however long the whole takes", function()
    local text = printed('for i = 1, 16 do it("goes on", function() ' .. wait(0.5) .. " end) end", 6)
    assert.is_nil(text:find("hung", 1, true), text)
    assert.matches("\n16 passed, 0 failed$", text)
  end)

  -- What a process has started and is still there, by pid.
  local function started_by(pid)
    local list = {}
    for number in child.run(("grep -slx 'PPid:[[:space:]]*%s' /proc/[0-9]*/status"):format(pid)):gmatch "%d+" do
      list[#list + 1] = number
    end
    return list
  end

  it("ends what it has started when it is killed", function()
    if child.run "setpriv --pdeathsig TERM echo yes" ~= "yes" then
      pending "this system does not tell a process that the one above it has ended"
    end
    local pid_file = files.folder .. "/pid"
    local pid = shell.line(command(([[
      it("waits", function()
        local file = io.open(%q, "w")
        file:write(require("aliyun.sas.system").pid(), "\n")
        file:close()
        %s
      end)
    ]]):format(pid_file, wait(3000)), 3000) .. " >/dev/null & echo $!")
    local run = shell.wait(function() return (shell.read(pid_file) or ""):match "^(%d+)\n" end, 300)
    local all = started_by(pid)
    assert.equal(2, #all) -- the run and its watchdog
    all[#all + 1] = run
    child.run("kill -KILL " .. pid)
    local left = {}
    shell.wait(function()
      left = {}
      for _, one in ipairs(all) do
        if shell.alive(one) then left[#left + 1] = one end
      end
      return #left == 0
    end, 300)
    for _, one in ipairs(left) do child.run("kill -KILL " .. one) end
    assert.is_truthy(run)
    assert.same({}, left)
  end)

  it("counts the names that say that they expect a failure", function()
    local text = printed [[
      it("refuses a text", function() end)
      it("loses no answer", function() end)
      it("has closed it", function() end)
      it("Fails at once", function() end)
      it("is failed", function() error "x" end)
      it("is missing", function() pending "not here" end)
    ]]
    assert.matches("\n[^\n]*: 5 specs, 4 of them expect a failure\n", text)
    assert.matches("\n4 passed, 1 failed$", text)
  end)

  it("refuses a run that ends early, or has no test", function()
    assert.matches("ended with status 7 before its last test.*\n1 passed, 1 failed$",
      printed 'it("ends", function() end) it("stops", function() os.exit(7, true) end)')
    assert.matches("0 passed, 1 failed$", printed "")
  end)
end)
