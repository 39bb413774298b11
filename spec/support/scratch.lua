-- scratch.lua - a folder for files of a spec
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"

local Scratch = {}
Scratch.__index = Scratch

local scratch = {}

function scratch.new()
  local folder = child.run "mktemp -d"
  assert(folder:find "^/", folder)
  return setmetatable({ folder = folder }, Scratch)
end

-- Writes a file, and answers its path.
function Scratch:write(name, text)
  local path = self.folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

function Scratch:remove()
  os.execute("rm -rf " .. child.quote(self.folder))
end

return scratch
