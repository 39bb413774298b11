-- raw.lua - starts raw.pl, tells it what to answer, and stops it
-- SPDX-License-Identifier: MIT

local files = require "spec.support.files"
local perl = require "spec.support.perl"
local shell = require "aliyun.sas.emulator.shell"

local raw = {}
local Raw = {}
Raw.__index = Raw

-- Nil and a reason where Perl is missing.
function raw.start()
  local self, reason = perl.start "raw"
  return self and setmetatable(self, Raw), reason
end

-- The bytes that /NAME answers from now on.
function Raw:answer(name, bytes)
  files.write(self.folder .. "/answer." .. name, bytes)
end

-- From now on each connection gets the answer of this name before it has asked; nil: none does.
function Raw:early(name)
  files.write(self.folder .. "/early", name or "")
end

function Raw:mark()
  self.position = #(files.read(self.folder .. "/log") or "")
  self.lates = #(files.read(self.folder .. "/late") or "")
end

-- Waits until the half that comes late was sent, to one since the mark.
function Raw:late()
  assert(shell.wait(function() return #(files.read(self.folder .. "/late") or "") > self.lates end, 60))
end

-- The requests since the mark: a list of { connection =, nth = on it }.
function Raw:seen()
  local list = {}
  for connection, nth in (files.read(self.folder .. "/log") or ""):sub(self.position + 1):gmatch "(%d+) (%d+)\n" do
    list[#list + 1] = { connection = tonumber(connection), nth = tonumber(nth) }
  end
  return list
end

return raw
