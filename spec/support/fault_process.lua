-- fault_process.lua - runs fault_child.lua in surroundings that are wrong, and reads what it prints
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"

local process = {}

-- Path of the library that stands before the C library, built on the spot; nil and a reason where that cannot be.
function process.shim(flags)
  if os.getenv "ASAN_OPTIONS" or (os.getenv "LD_PRELOAD" or "") ~= "" then
    return nil, "something else is preloaded"
  elseif child.run "uname -s" ~= "Linux" then
    return nil, "needs Linux"
  end
  local path = child.run "mktemp"
  local output = child.run(("cc -shared -fPIC -O1 %s spec/support/fault_shim.c -o '%s' -ldl -lpthread -lrt")
    :format(flags or "", path))
  if output ~= "" then
    os.remove(path)
    return nil, "cannot be compiled here: " .. output
  end
  return path
end

-- Words for fault_child.lua from a table.
function process.command(words)
  local list = { "spec/support/fault_child.lua" }
  for name, value in pairs(words) do
    list[#list + 1] = name .. "=" .. tostring(value)
  end
  return child.command((table.unpack or unpack)(list)) -- luacheck: ignore
end

-- What the child printed: a list of runs as trial.run answers them, and the text of what was no such line.
function process.read(text)
  local runs, rest = {}, {}
  for line in text:gmatch "[^\n]+" do
    local class, kind, code, sent, attempts, seconds, requests, left, message =
      line:match "^(%a+)\t(%a+)\t(%S+)\t(%S+)\t(%d+)\t(%S+)\t(%d+)\t(%-?%d+)\t(.*)$"
    if class then
      local done = kind == "done"
      runs[#runs + 1] = {
        class = class, result = done or nil, attempts = tonumber(attempts), seconds = tonumber(seconds),
        requests = tonumber(requests), left = tonumber(left),
        err = not done and { kind = kind, code = code, sent = sent == "true", message = message } or nil,
      }
    else
      rest[#rest + 1] = line
    end
  end
  return runs, table.concat(rest, "\n")
end

-- By how many KiB a child grows in so many calls (`creep`); nil where the system does not tell.
function process.growth(words)
  local text = child.run(process.command(words))
  local grown = text:match "^grown\t(%S+)$"
  assert(grown, text)
  return tonumber(grown)
end

-- A shell command in which /etc/resolv.conf names only a name server of our own, in a network of its own; needs no root
-- where the system lets users have namespaces.
function process.with_name_server(what, line)
  return ("unshare -rmn sh -c %s"):format(child.quote(
    "dir=$(mktemp -d) && printf 'nameserver 127.0.0.1\\noptions timeout:2 attempts:1\\n' >$dir/resolv && "
    .. "mount --bind $dir/resolv /etc/resolv.conf && rm -rf $dir && ip link set lo up || exit 1; "
    .. "env -u LD_PRELOAD perl spec/support/dns.pl " .. what .. " >/dev/null 2>&1 & dns=$!; "
    .. "for i in $(seq 1500); do grep -q ' 0100007F:0035 ' /proc/net/udp && break; sleep 0.02; done; "
    .. line .. "; kill $dns"))
end

return process
