-- fresh_spec.lua - what `make fresh` refuses before it touches anything
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"

-- What the tool answers to somebody with this number, and its status. (The folder stands before PATH, with an `id`.)
local function fresh(user, words)
  return child.run([[dir=$(mktemp -d) && printf '#!/bin/sh\necho ]] .. user
    .. [[\n' >"$dir/id" && chmod 755 "$dir/id"; PATH=$dir:$PATH timeout 60 tools/fresh ]] .. words
    .. [[; echo "status $?"; rm -r "$dir"]])
end

describe("tools/fresh", function()
  it("refuses to start without the name of a Debian, or with a wrong one", function()
    for _, words in ipairs { "", "sid", "''", "trixie/..", ". inside", "Trixie" } do
      assert.equal("usage: make fresh DEBIAN=bookworm (or trixie)\nstatus 2", fresh(0, words), words)
    end
  end)

  it("refuses anybody but root", function()
    for _, name in ipairs { "bookworm", "trixie" } do
      assert.equal("fresh: needs root, to mount and to make devices\nstatus 1", fresh(1000, name))
    end
  end)
end)
