-- inside_spec.lua - the specs that need no server of their own, in a worker of nginx
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local inside = require "spec.support.inside"
local shell = require "aliyun.sas.emulator.shell"

-- Those that take no long time: each Lua's suite runs this.
local names = {
  "client", "config", "credentials", "error", "hints", "http1", "mask", "operation", "reply", "retry", "settings",
  "sign", "tables",
}

local function paths()
  local list = {}
  for i, name in ipairs(names) do
    list[i] = "spec/" .. name .. "_spec.lua"
  end
  return list
end

describe("inside nginx", function()
  it("the same specs pass as outside", function()
    local result, reason = inside.run(paths())
    if not result then
      pending(reason)
      return
    end
    local tail = result.text:sub(-3000)
    assert.equal(0, result.status, tail)
    assert.equal(0, result.failed, tail)
    assert.equal(0, result.pending)
    assert.equal(result.planned, result.passed)
    -- each of them is there, with what it lists outside
    local command = child.luajit_command("/usr/bin/busted", "--list", (unpack or table.unpack)(paths())) -- luacheck: ignore
    if command and shell.exists "/usr/bin/busted" then
      local _, listed = ("\n" .. child.run(command)):gsub("\nspec/[^\n]*_spec%.lua:%d+: ", "")
      assert.equal(listed, result.passed)
    end
    assert.is_true(result.passed > 1500, result.passed .. " passed")
  end)

  it("a spec that fails, fails", function()
    local folder = assert(shell.line 'mktemp -d "${TMPDIR:-/tmp}/aliyun-sas-spec.XXXXXXXX"')
    finally(function() shell.run("rm -rf -- " .. folder) end)
    local path = folder .. "/made_up_spec.lua"
    shell.write(path, 'it("holds", function() assert.is_table(ngx) end)\n'
      .. 'it("does not", function() assert.equal("timer", "not " .. ngx.get_phase()) end)')
    local result, reason = inside.run { path }
    if not result then
      pending(reason)
      return
    end
    assert.equal(1, result.passed, result.text)
    assert.equal(1, result.failed)
    assert.equal(1, result.status)
  end)
end)
