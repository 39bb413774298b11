-- memory_spec.lua - when memory runs out, that is an error, and nothing is lost
-- SPDX-License-Identifier: MIT
--
-- Allocations of each act fail once, alone and with all that follow: each of them in the C core; of what takes longer
-- some, and each by `make memory`.

local child = require "spec.support.child"

local TRIES = os.getenv "TRIES" or "30" -- of each act of the library

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read "*a"
  pipe:close()
  return output
end

-- Builds the library that stands before the allocator; nil and the reason where that cannot be.
local function build()
  if os.getenv "ASAN_OPTIONS" or (os.getenv "LD_PRELOAD" or "") ~= "" then
    return nil, "another allocator stands before this one"
  end
  if run "uname -s" ~= "Linux\n" then
    return nil, "needs Linux"
  end
  local path = os.tmpname()
  local flags = run("tools/find-lua cflags " .. child.lua):gsub("%s+$", "")
  local output = run(("cc -shared -fPIC -O1 %s spec/support/scarce.c -o %s -ldl"):format(flags, path))
  if output ~= "" then
    os.remove(path)
    return nil, "cannot be compiled here: " .. output
  end
  return path
end

describe("memory that runs out", function()
  local library, why = build()
  if not library then
    pending(why)
    return
  end
  local output = run("LD_PRELOAD=" .. library .. " " .. child.command("spec/support/scarce.lua", library, TRIES))
  os.remove(library)

  local points = 0
  for act, mode, count, verdict in output:gmatch "([%w_.:]+) (%a+) (%d+): ([^\n]*)" do
    points = points + tonumber(count)
    it(("is an error and loses nothing: %s, %s, %d times"):format(act, mode, count), function()
      assert.equal("ok", verdict)
    end)
  end

  it("was tried all over", function()
    assert.is_true(points > 1000, output)
    assert.is_truthy(output:find "\nmissing: [^\n]*\nend\n$", output)
  end)

  it("fails for a public function without an act", function()
    assert.equal("", output:match "missing: ([^\n]*)\nend\n$")
  end)
end)
