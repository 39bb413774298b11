-- proxy.lua - starts proxy.pl, and stops it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"

local proxy = {}
local Proxy = {}
Proxy.__index = Proxy

local function contents(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

-- A proxy with `port`, `seen` and `stop`; nil and a reason where Perl is missing.
function proxy.start(what)
  if child.run("perl -MIO::Socket::INET -MIO::Select -e 'print 1'") ~= "1" then
    return nil, "Perl is not installed"
  end
  local folder = child.run("mktemp -d")
  local pid = child.run(("env -u LD_PRELOAD perl spec/support/proxy.pl %s %s/log %s/port >%s/output 2>&1 & echo $!")
    :format(what, folder, folder, folder))
  for _ = 1, 600 do
    local port = contents(folder .. "/port")
    if port then
      return setmetatable({ folder = folder, pid = pid, port = tonumber(port) }, Proxy)
    end
    os.execute("sleep 0.05")
  end
  error("the proxy does not start: " .. tostring(contents(folder .. "/output")))
end

-- All that clients have said to it, before the tunnel.
function Proxy:seen()
  return contents(self.folder .. "/log") or ""
end

function Proxy:stop()
  os.execute(("kill %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.folder))
end

return proxy
