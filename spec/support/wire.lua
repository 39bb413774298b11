-- wire.lua - starts wire.pl, tells it what to break, and stops it
-- SPDX-License-Identifier: MIT

local files = require "spec.support.files"
local perl = require "spec.support.perl"

local wire = {}
local Wire = {}
Wire.__index = Wire

-- Before the server at this port; `act` and `address` as in wire.pl. Nil and a reason where Perl is missing.
function wire.start(upstream, act, address, port)
  local self, reason = perl.start("wire", ("%d %s %s"):format(upstream, address or "127.0.0.1", port or ""), {
    act = (act or "relay") .. "\n",
  })
  if not self then
    return nil, reason
  end
  self.position = 0
  return setmetatable(self, Wire)
end

-- What happens to the connections from now on.
function Wire:act(name)
  local path = self.folder .. "/act"
  assert(os.rename(files.write(path .. ".new", name .. "\n"), path))
end

function Wire:mark()
  self.position = #(files.read(self.folder .. "/log") or "")
end

-- The connections that have ended since the mark: a list of { act =, bytes = of requests }.
function Wire:seen()
  local list = {}
  for act, bytes in (files.read(self.folder .. "/log") or ""):sub(self.position + 1):gmatch "(%S+) (%d+)\n" do
    list[#list + 1] = { act = act, bytes = tonumber(bytes) }
  end
  return list
end

return wire
