-- peer.lua - starts peer.pl, and stops it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local shell = require "aliyun.sas.emulator.shell"

local peer = {}
local Peer = {}
Peer.__index = Peer

-- A peer with `port` and `stop`; nil and a reason where Perl is missing.
function peer.start(what)
  if child.run "perl -MIO::Socket::INET -e 'print 1'" ~= "1" then
    return nil, "Perl is not installed"
  end
  local folder = child.run "mktemp -d"
  local pid = child.run(("env -u LD_PRELOAD perl spec/support/peer.pl %s %s/port >%s/output 2>&1 & echo $!")
    :format(what, folder, folder))
  local port = shell.wait(function() return shell.read(folder .. "/port") end, 60)
  if not port then
    error("the peer does not start: " .. tostring(shell.read(folder .. "/output")))
  end
  return setmetatable({ folder = folder, pid = pid, port = tonumber(port) }, Peer)
end

function Peer:stop()
  -- its children, one for each connection, too
  shell.run(("kill $(cat /proc/%s/task/%s/children 2>/dev/null) %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.pid,
    self.pid, self.folder))
  shell.wait(function() return not shell.alive(self.pid) end, 60)
end

return peer
