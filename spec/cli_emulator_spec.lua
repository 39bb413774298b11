-- cli_emulator_spec.lua - sas-dingtalk emulator, in a process of its own, ended in each way
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local sas_dingtalk = require "spec.support.sas_dingtalk"
local shell = require "aliyun.sas.emulator.shell"

describe("sas-dingtalk emulator", function()
  local folder, pid

  before_each(function()
    folder = child.run "mktemp -d"
    pid = nil
  end)

  after_each(function()
    if pid then
      shell.run("kill -KILL " .. pid .. " 2>/dev/null")
    end
    shell.run("rm -rf " .. folder)
  end)

  local function said(name)
    return shell.read(folder .. "/" .. name) or ""
  end

  -- Starts it; answers what it printed once it is ready. Temporary folders are made in the spec's own.
  local function start(...)
    local command = sas_dingtalk.command({ TMPDIR = folder }, ...)
    pid = shell.line(("sh -c 'exec \"$@\"' - %s >%s/out 2>%s/err </dev/null & echo $!"):format(command, folder, folder))
    assert.is_truthy(shell.wait(function() return said "out":find "\n[^\n]*\n" or not shell.alive(pid) end, 60))
    return said "out"
  end

  local function ended()
    return shell.wait(function() return not shell.alive(pid) end, 60)
  end

  -- Whether somebody listens there; connections that were closed stay in the table for a minute.
  local function listens(port)
    local entry = (":%04X 00000000:0000 0A"):format(port)
    return (shell.read "/proc/net/tcp" or ""):find(entry, 1, true) ~= nil
  end

  -- Whether nginx is gone, and its folder.
  local function nothing_left(port)
    return shell.wait(function()
      return not listens(port) and not shell.line("ls -d " .. folder .. "/aliyun-sas-emulator.* 2>/dev/null")
    end, 60)
  end

  local function port_of(text)
    return tonumber(text:match "https://localhost:(%d+)")
  end

  it("prints what another terminal needs, and works there", function()
    local text = start("emulator", "--sample")
    local exports = text:match "(export [^\n]*\n)alias "
    local words = text:match "alias sas%-dingtalk='sas%-dingtalk ([^']*)'"
    local line = ("%s %s %s list"):format(exports:gsub("^export ", ""):gsub("\n", " "),
      child.command "bin/sas-dingtalk", words)
    local list = child.run(line)
    assert.is_truthy(list:find("on call", 1, true), list)
    assert.matches("off%s+trial", list)
    local exported = child.run((line:gsub("list$", "export")))
    assert.is_truthy(exported:find('env "DINGTALK_WEBHOOK_ON_CALL"', 1, true), exported)
    assert.is_truthy(said "err":find "Ctrl%-C ends it")
    shell.run("kill -INT " .. pid)
    assert.is_true(ended())
    assert.is_true(nothing_left(port_of(text)))
    assert.is_truthy(said "err":find "unalias sas%-dingtalk")
  end)

  it("prints JSON where that is asked for, and nothing else", function()
    local text = start("--output", "json", "emulator")
    local told = core.json(text)
    assert.same({ "testid", "testsecret" }, { told.accessKeyId, told.accessKeySecret })
    assert.matches("^https://localhost:%d+$", told.endpoint)
    assert.equal("", said "err")
  end)

  it("leaves nothing behind when it is killed", function()
    local port = port_of(start "emulator")
    assert.is_true(listens(port))
    shell.run("kill -KILL " .. pid)
    assert.is_true(ended())
    assert.is_true(nothing_left(port))
  end)

  it("ends by itself when its lifetime is over", function()
    local port = port_of(start("emulator", "--lifetime", "1"))
    assert.is_true(ended())
    assert.is_true(nothing_left(port))
    assert.is_truthy(said "err":find "its lifetime is over")
  end)

  local function refused(env, ...)
    local words = env or {}
    words.TMPDIR = folder
    local status, out, err = sas_dingtalk.run({ env = words }, "emulator", ...)
    assert.equal("", out)
    assert.is_nil(shell.line("ls " .. folder))
    return status, err
  end

  it("says what is missing", function()
    local status, err = refused { NGINX = "/nonexistent/nginx" }
    assert.equal(1, status)
    assert.is_truthy(err:find("the program /nonexistent/nginx is not found", 1, true), err)
    assert.is_truthy(err:find "needs nginx with its Lua module, and luaossl")
    assert.is_nil(err:find "stack traceback")
    status, err = refused({ LUA_INIT = 'package.preload["openssl.rand"] = function() error "not there" end' })
    assert.equal(1, status)
    assert.is_truthy(err:find("needs luaossl (LuaRocks: luaossl; Debian: lua-luaossl)", 1, true), err)
  end)

  it("refuses a port that is none, or is taken", function()
    local status, err = refused(nil, "--port", "80000")
    assert.equal(64, status)
    assert.is_truthy(err:find("80000: must be a whole number from 0 to 65535", 1, true), err)
    assert.equal(64, (refused(nil, "--port", "http")))
    assert.equal(64, (refused(nil, "extra")))
    local port = port_of(start "emulator")
    local out
    status, out, err = sas_dingtalk.run({ env = { TMPDIR = folder } }, "emulator", "--port", tostring(port))
    assert.same({ 1, "" }, { status, out })
    assert.equal(("sas-dingtalk: state error [EMULATOR]: the port %d is in use (give another --port, or none for a "
      .. "free one)\n"):format(port), err)
  end)
end)
