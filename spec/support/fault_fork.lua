-- fault_fork.lua - a process forks between the making of a client and its calls; needs LuaJIT's ffi
-- SPDX-License-Identifier: MIT
--
-- usage: luajit fault_fork.lua WHEN ENDPOINT CAFILE    WHEN: new, before any call, or used, after one; prints what the
-- calls of both sides came to. The child reads groups, the parent chatbots; both create.

local ffi = require "ffi"
local trial = require "spec.support.fault_trial"

ffi.cdef [[
int fork(void);
int waitpid(int pid, int *status, int options);
void _exit(int status);
]]

local when, endpoint, ca_file = arg[1], arg[2], arg[3]
local client = trial.client { endpoint = endpoint, caFile = ca_file }

local function report(who, result, err)
  print(who, result and "done" or tostring(err))
end

local function calls(who, read)
  for _ = 1, 3 do
    report(who, client[read](client))
  end
  report(who, trial.calls.create(client))
end

if when == "used" then
  report("before", client:describeDingTalk())
end
io.stdout:flush()
local pid = ffi.C.fork()
if pid == 0 then
  local good, message = pcall(calls, "child", "describeGroupStruct")
  if not good then
    print("child", message)
  end
  client:close()
  io.stdout:flush()
  ffi.C._exit(0)
end
calls("parent", "describeDingTalk")
local status = ffi.new "int[1]"
ffi.C.waitpid(pid, status, 0)
print("ended", status[0])
report("parent", client:describeDingTalk())
client:close()
