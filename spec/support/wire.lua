-- wire.lua - starts wire.pl, tells it what to break, and stops it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"

local wire = {}
local Wire = {}
Wire.__index = Wire

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

-- Before the server at this port; `act` and `address` as in wire.pl. Nil and a reason where Perl is missing.
function wire.start(upstream, act, address, port)
  if child.run "perl -MIO::Socket::INET -MIO::Select -e 'print 1'" ~= "1" then
    return nil, "Perl is not installed"
  end
  local self = setmetatable({ folder = child.run "mktemp -d", position = 0 }, Wire)
  self:act(act or "relay")
  self.pid = child.run(("env -u LD_PRELOAD perl spec/support/wire.pl '%s' %d %s %s >'%s/output' 2>&1 & echo $!")
    :format(self.folder, upstream, address or "127.0.0.1", port or "", self.folder))
  for _ = 1, 1500 do
    self.port = tonumber(read(self.folder .. "/port"))
    if self.port then
      return self
    end
    os.execute "sleep 0.02"
  end
  local output = read(self.folder .. "/output")
  self:stop()
  error("wire.pl does not start: " .. tostring(output))
end

-- What happens to the connections from now on.
function Wire:act(name)
  local path = self.folder .. "/act"
  local file = assert(io.open(path .. ".new", "wb"))
  file:write(name, "\n")
  assert(file:close())
  assert(os.rename(path .. ".new", path))
end

function Wire:mark()
  self.position = #(read(self.folder .. "/log") or "")
end

-- The connections that have ended since the mark: a list of { act =, bytes = of requests }.
function Wire:seen()
  local list = {}
  for act, bytes in (read(self.folder .. "/log") or ""):sub(self.position + 1):gmatch "(%S+) (%d+)\n" do
    list[#list + 1] = { act = act, bytes = tonumber(bytes) }
  end
  return list
end

function Wire:stop()
  if self.pid then
    os.execute(("kill %s 2>/dev/null"):format(self.pid))
  end
  os.execute(("rm -rf '%s'"):format(self.folder))
end

return wire
