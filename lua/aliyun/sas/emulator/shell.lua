--- Files, folders and processes, with nothing but Lua and a POSIX shell.

local rand = require "openssl.rand"

local M = {}

--- One word of a command line.
function M.quote(word) return "'" .. word:gsub("'", "'\\''") .. "'" end

--- True where the command ended with 0. (5.1 answers the status, the others true or nil.)
function M.run(command)
  local result = os.execute(command)
  return result == true or result == 0
end

--- The first line that a command prints; nil where there is none.
function M.line(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local line = pipe:read("*l")
  pipe:close()
  return line ~= "" and line or nil
end

function M.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read("*a")
  file:close()
  return content
end

function M.write(path, content)
  local file = assert(io.open(path, "wb"))
  file:write(content)
  assert(file:close())
end

--- Writes so that a reader sees all of it or nothing.
function M.publish(path, content)
  M.write(path .. ".new", content)
  assert(os.rename(path .. ".new", path))
end

--- The content of a file that is then gone; nil where there is none.
function M.takeFile(path)
  local content = M.read(path)
  if content then os.remove(path) end
  return content
end

function M.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Calls `ready` until it answers something, for so many seconds at most.
-- First without a break, since most waits are short and a shell that sleeps is slow to start.
function M.wait(ready, seconds)
  local began, spun = os.time(), os.clock()
  repeat
    local result = ready()
    if result then return result end
    if os.clock() - spun > 0.02 then M.run("sleep 0.02") end
  until os.time() - began > seconds
  return ready()
end

--- A whole number from 0 to below `limit`, unlike those of other processes.
function M.random(limit)
  local a, b, c = rand.bytes(3):byte(1, 3)
  return (a * 65536 + b * 256 + c) % limit
end

--- This process, as "pid start-time", where the system tells (Linux); the start time makes a reused pid a stranger.
function M.self()
  return M.identity("self")
end

function M.identity(pid)
  local stat = M.read("/proc/" .. pid .. "/stat")
  local number, state, rest = (stat or ""):match("^(%d+) %(.*%) (%a) (.*)$")
  if not number or state == "Z" or state == "X" then return nil end
  local fields = {}
  for field in rest:gmatch("%S+") do fields[#fields + 1] = field end
  return number .. " " .. fields[19]
end

--- Whether a process lives. A zombie, which a container without an init never buries, does not.
function M.alive(pid)
  if M.exists("/proc/self/stat") then return M.identity(pid) ~= nil end
  return M.run("kill -0 " .. pid .. " 2>/dev/null")
end

--- TCP ports of this machine that are listened on or in use, as a set (Linux; elsewhere empty).
function M.usedPorts()
  local used = {}
  for _, path in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
    for port in (M.read(path) or ""):gmatch("%d+: %x+:(%x%x%x%x) ") do used[tonumber(port, 16)] = true end
  end
  return used
end

return M
