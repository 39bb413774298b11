-- scratch.lua - a folder for files of a spec
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local files = require "spec.support.files"

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
  return files.write(self.folder .. "/" .. name, text)
end

function Scratch:remove()
  os.execute("rm -rf " .. child.quote(self.folder))
end

return scratch
