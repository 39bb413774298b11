-- forked.lua - run by specs with LuaJIT: what plain Lua cannot do, through its ffi
-- SPDX-License-Identifier: MIT
--
-- usage: luajit forked.lua WHAT PORT CAFILE; prints what happened

local ffi = require "ffi"
local http = require "aliyun.sas.http"

ffi.cdef [[
int fork(void);
int waitpid(int pid, int *status, int options);
void _exit(int status);
int raise(int signal);
int getpid(void);
typedef struct { unsigned long bits[16]; } spec_sigset;
int sigemptyset(spec_sigset *set);
int sigaddset(spec_sigset *set, int signal);
int sigismember(const spec_sigset *set, int signal);
int sigpending(spec_sigset *set);
int pthread_sigmask(int how, const spec_sigset *set, spec_sigset *old);
]]

local what, port, ca_file = arg[1], tonumber(arg[2]), arg[3]
local SIGPIPE, SIG_BLOCK = 13, 0

local function ask(handle, path)
  local outcome = handle:send {
    method = "GET", scheme = "https", host = "localhost", port = port, path = "/" .. path, headers = {}, timeout = 60,
  }
  return outcome.status or outcome.code
end

local function in_child(work)
  io.stdout:flush()
  local pid = ffi.C.fork()
  if pid == 0 then
    local good, message = pcall(work)
    if not good then
      print("child failed", message)
    end
    io.stdout:flush()
    ffi.C._exit(good and 0 or 1)
  end
  local status = ffi.new("int[1]")
  ffi.C.waitpid(pid, status, 0)
  print("child ended", status[0])
end

local function open_sockets(handle_pid)
  local pipe = io.popen("ls -l /proc/" .. handle_pid .. "/fd | grep -c 'socket:'")
  local count = tonumber(pipe:read("*l"))
  pipe:close()
  return count
end

-- Of TCP alone: libcurl has sockets of its own beside them.
local function connections()
  local pipe = io.popen(([[for link in /proc/%d/fd/*; do readlink "$link"; done |
    sed -n 's/^socket:.\([0-9]*\).$/\1/p' | while read -r inode; do grep -w "$inode" /proc/net/tcp; done |
    wc -l]]):format(ffi.C.getpid()))
  local count = tonumber(pipe:read("*l"))
  pipe:close()
  return count
end

local function pending()
  local set = ffi.new("spec_sigset")
  ffi.C.sigpending(set)
  return ffi.C.sigismember(set, SIGPIPE)
end

local function blocked()
  local set = ffi.new("spec_sigset")
  ffi.C.pthread_sigmask(SIG_BLOCK, nil, set)
  return ffi.C.sigismember(set, SIGPIPE)
end

local handle = http.new { caFile = ca_file, proxy = false }

local tasks = {}

-- The parent's connection must work on after the child has used its own and closed all.
function tasks.use()
  print("parent", ask(handle, "ok"))
  in_child(function()
    print("child", ask(handle, "ok"))
    print("child", ask(handle, "ok"))
    handle:close()
  end)
  print("parent", ask(handle, "ok"))
end

-- A child that only closes, or only collects, what it has inherited.
function tasks.close()
  print("parent", ask(handle, "ok"))
  in_child(function()
    handle:close()
  end)
  in_child(function()
    handle = nil
    collectgarbage()
    collectgarbage()
  end)
  print("parent", ask(handle, "ok"))
end

-- Nothing is left open in the child.
function tasks.sockets()
  local before = open_sockets(ffi.C.getpid())
  print("parent", ask(handle, "ok"))
  in_child(function()
    handle:close()
    print("child sockets", open_sockets(ffi.C.getpid()) - before)
  end)
end

-- What is in flight goes on in the parent. The child is told so, whether it asks, sends or only collects.
function tasks.flights()
  for count, path in ipairs { "stall", "nap" } do
    assert(handle:start {
      method = "GET", scheme = "https", host = "localhost", port = port, path = "/" .. path, headers = {}, timeout = 60,
    })
    while connections() < count do -- one after the other: the nap must not be over before the other is connected
      assert(#handle:poll(0.02) == 0)
    end
  end
  in_child(function()
    for _, ended in ipairs(handle:poll(1)) do
      print("child", ended.outcome.code)
      print(type(ended.outcome.sent) == "boolean")
    end
    print("child", ask(handle, "ok"))
    handle:close()
    print("child connections", connections())
  end)
  in_child(function()
    handle = nil
    collectgarbage()
    collectgarbage()
  end)
  local ended = {}
  while #ended == 0 do
    ended = handle:poll(1)
  end
  print("parent", ended[1].outcome.status)
  print("parent", ask(handle, "ok"))
end

-- A SIGPIPE that was waiting before is left waiting; the mask comes back as it was.
function tasks.sigpipe()
  print("parent", ask(handle, "ok"))
  print("blocked", blocked(), "pending", pending())
  local set = ffi.new("spec_sigset")
  ffi.C.sigemptyset(set)
  ffi.C.sigaddset(set, SIGPIPE)
  ffi.C.pthread_sigmask(SIG_BLOCK, set, nil)
  ffi.C.raise(SIGPIPE)
  print("blocked", blocked(), "pending", pending())
  print("parent", ask(handle, "ok"))
  print("blocked", blocked(), "pending", pending())
end

-- A lock stays the parent's when a child lets go of its copy.
function tasks.lock()
  local system = require "aliyun.sas.system"
  local path = ca_file .. ".lock"
  local lock = system.lock(path)
  in_child(function()
    lock:unlock()
  end)
  local again, message = system.lock(path)
  print("while held", again, message.code)
  lock:unlock()
  print("afterwards", (tostring(system.lock(path))))
end

tasks[what]()
