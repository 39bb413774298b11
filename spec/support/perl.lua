-- perl.lua - starts a server that is written in Perl, and stops it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local files = require "spec.support.files"
local shell = require "aliyun.sas.emulator.shell"

local perl = {}

--- True, or false and why no server can be started.
function perl.possible()
  if child.run "perl -MIO::Socket::INET -MIO::Select -e 'print 1'" ~= "1" then
    return false, "Perl is not installed"
  end
  return true
end

-- Ends it, and its children, and removes its folder.
local function stop(self)
  shell.run(("kill $(cat /proc/%s/task/%s/children 2>/dev/null) %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.pid,
    self.pid, self.folder))
  shell.wait(function() return not shell.alive(self.pid) end, 60)
end

--- Runs SCRIPT.pl FOLDER WORDS of this folder, which writes to FOLDER/port where it listens.
---@param script string
---@param words? string
---@param given? table<string, string> what there is in FOLDER before, by name
---@return {folder: string, pid: string, port: integer, stop: fun(self)}? server, string? reason that Perl is missing
function perl.start(script, words, given)
  local possible, reason = perl.possible()
  if not possible then
    return nil, reason
  end
  local self = { folder = child.run "mktemp -d", stop = stop }
  for name, text in pairs(given or {}) do
    files.write(self.folder .. "/" .. name, text)
  end
  self.pid = child.run(("env -u LD_PRELOAD perl spec/support/%s.pl '%s' %s >'%s/output' 2>&1 & echo $!")
    :format(script, self.folder, words or "", self.folder))
  self.port = tonumber(shell.wait(function() return files.read(self.folder .. "/port") end, 60))
  if not self.port then
    local output = files.read(self.folder .. "/output")
    self:stop()
    error(("%s.pl does not start: %s"):format(script, tostring(output)))
  end
  return self
end

return perl
