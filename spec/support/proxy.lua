-- proxy.lua - starts proxy.pl, and stops it
-- SPDX-License-Identifier: MIT

local files = require "spec.support.files"
local perl = require "spec.support.perl"

local proxy = {}
local Proxy = {}
Proxy.__index = Proxy

-- A proxy with `port`, `seen` and `stop`; nil and a reason where Perl is missing.
function proxy.start(what)
  local self, reason = perl.start("proxy", what)
  return self and setmetatable(self, Proxy), reason
end

-- All that clients have said to it, before the tunnel.
function Proxy:seen()
  return files.read(self.folder .. "/log") or ""
end

return proxy
