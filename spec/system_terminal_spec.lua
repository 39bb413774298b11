-- system_terminal_spec.lua - terminals, Ctrl-C held back, folders of one's own
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local system = require "aliyun.sas.system"

local function line(code)
  return child.command("-e", "local system = require 'aliyun.sas.system'\n" .. code)
end

local function run(code)
  return child.run(line(code))
end

-- Code that sends its own process a signal; no os.execute: the process would not hear of SIGINT meanwhile.
local function killed(signal)
  return "io.popen('kill -" .. signal .. " ' .. ('%d'):format(system.pid())):close()"
end

describe("aliyun.sas.system", function()
  it("knows no terminal where there is none, and refuses what is no descriptor", function()
    assert.equal("false nil", run "io.write(tostring(system.isatty(1)), ' ', tostring(system.columns(1)))")
    assert.equal("false nil", run "io.write(tostring(system.isatty(999)), ' ', tostring(system.columns(999)))")
    for _, name in ipairs { "isatty", "columns" } do
      assert.has_error(function() system[name](-1) end)
      assert.has_error(function() system[name]("out") end)
      assert.has_error(function() system[name](0 / 0) end)
    end
    assert.has_error(function() system.holdinterrupts() end)
  end)

  it("tells the width of a terminal", function()
    local inside = child.command("-e",
      "local s = require 'aliyun.sas.system' io.write(tostring(s.isatty()), ' ', tostring(s.columns()), '\\n')")
    local text = child.run("script -qec " .. child.quote("stty columns 61; " .. inside) .. " /dev/null </dev/null")
    assert.matches("true 61", text)
  end)

  it("lets Ctrl-C end the process, or holds it back and tells", function()
    local kill = killed "INT"
    assert.equal("false\n2\nfalse", run("system.holdinterrupts(true) print(system.interrupted())" .. kill
      .. " print(system.interrupted()) print(system.interrupted())"))
    assert.equal("before", run("io.stdout:setvbuf 'no' system.holdinterrupts(true)" .. kill
      .. " print 'before' system.holdinterrupts(false) print 'after'"))
    -- pcall does not catch it, as it does where the standalone Lua makes an error of it
    assert.equal("", run("io.stdout:setvbuf 'no' system.holdinterrupts(false) pcall(function() " .. kill
      .. " for _ = 1, 1e7 do end end) print 'after'"))
  end)

  it("holds SIGTERM and SIGHUP in the same way, unless they are ignored or Ctrl-C is meant alone", function()
    for signal, number in pairs { TERM = 15, HUP = 1 } do
      local act = killed(signal)
      assert.equal(number .. "\n2\nfalse", run("system.holdinterrupts(true)" .. act .. " print(system.interrupted())"
        .. killed "INT" .. " print(system.interrupted()) print(system.interrupted())"))
      for _, code in ipairs {
        "system.holdinterrupts(true)" .. act .. " print 'before' system.holdinterrupts(false) print 'after'",
        "system.holdinterrupts(true, true) print 'before'" .. act .. " print 'after'",
      } do
        local text = run("io.stdout:setvbuf 'no' " .. code)
        assert.matches("^before", text) -- and behind it the shell may say how it ended
        assert.is_nil(text:find("after", 1, true))
      end
      assert.equal("false\nafter", child.run("trap '' " .. signal .. "; " .. line("system.holdinterrupts(true)" .. act
        .. " print(system.interrupted()) system.holdinterrupts(false) print 'after'")))
    end
  end)

  it("makes a folder for its owner alone, once, and nothing where something else stands", function()
    local top = child.run "mktemp -d"
    assert.is_true(system.makefolder(top .. "/a"))
    assert.is_true(system.makefolder(top .. "/a"))
    assert.matches("^drwx%-%-%-%-%-%- ", child.run("ls -ld " .. top .. "/a"))
    child.run("touch " .. top .. "/file; ln -s nowhere " .. top .. "/link")
    for path, code in pairs { ["/none/a"] = "NOT_FOUND", ["/file"] = "IO", ["/link"] = "IO" } do
      local good, err = system.makefolder(top .. path)
      assert.is_nil(good)
      assert.same({ "state", code }, { err.kind, err.code })
      assert.is_truthy(err.message:find(top .. path, 1, true))
    end
    assert.has_error(function() system.makefolder("") end)
    assert.has_error(function() system.makefolder("a\0b") end)
    child.run("rm -rf " .. top)
  end)
end)
