-- raw.lua - starts raw.pl, tells it what to answer, and stops it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local shell = require "aliyun.sas.emulator.shell"

local raw = {}
local Raw = {}
Raw.__index = Raw

-- Nil and a reason where Perl is missing.
function raw.start()
  if child.run "perl -MIO::Socket::INET -MIO::Select -e 'print 1'" ~= "1" then
    return nil, "Perl is not installed"
  end
  local folder = child.run "mktemp -d"
  local self = setmetatable({ folder = folder, position = 0 }, Raw)
  self.pid = child.run(("env -u LD_PRELOAD perl spec/support/raw.pl '%s' >'%s/output' 2>&1 & echo $!")
    :format(folder, folder))
  self.port = tonumber(shell.wait(function() return shell.read(folder .. "/port") end, 60))
  if not self.port then
    local output = shell.read(folder .. "/output")
    self:stop()
    error("raw.pl does not start: " .. tostring(output))
  end
  return self
end

-- The bytes that /NAME answers from now on.
function Raw:answer(name, bytes)
  shell.write(self.folder .. "/answer." .. name, bytes)
end

-- From now on each connection gets the answer of this name before it has asked; nil: none does.
function Raw:early(name)
  shell.write(self.folder .. "/early", name or "")
end

function Raw:mark()
  self.position = #(shell.read(self.folder .. "/log") or "")
  self.lates = #(shell.read(self.folder .. "/late") or "")
end

-- Waits until the half that comes late was sent, to one since the mark.
function Raw:late()
  assert(shell.wait(function() return #(shell.read(self.folder .. "/late") or "") > self.lates end, 60))
end

-- The requests since the mark: a list of { connection =, nth = on it }.
function Raw:seen()
  local list = {}
  for connection, nth in (shell.read(self.folder .. "/log") or ""):sub(self.position + 1):gmatch "(%d+) (%d+)\n" do
    list[#list + 1] = { connection = tonumber(connection), nth = tonumber(nth) }
  end
  return list
end

function Raw:stop()
  shell.run(("kill $(cat /proc/%s/task/%s/children 2>/dev/null) %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.pid,
    self.pid, self.folder))
end

return raw
