-- ensure_child.lua - one ensure in a process of its own, which may kill itself on the way
-- SPDX-License-Identifier: MIT
--
-- usage: lua ensure_child.lua ENDPOINT CAFILE FOLDER PASSED BOOT [POINT]
--
-- FOLDER is that of the store; "-" for the process's own memory. PASSED is how many seconds more have passed here since
-- the boot, and BOOT follows the boot's name. POINT is where it ends by SIGKILL: "before-intent",
-- "after-intent", "after-send" (the request has left, and no answer has come), "before-read" (the answer has come, and
-- was not looked at) or "after-answer". Prints the action and the Id, or the error's kind and code and its Ids.

local account = require "spec.support.account"
local curl = require "aliyun.sas.curl"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local endpoint, ca_file, folder, passed, other_boot, point = arg[1], arg[2], arg[3], tonumber(arg[4]), arg[5], arg[6]

local function die(here)
  if here == point then
    os.execute("kill -9 " .. system.pid())
  end
end

local store = folder == "-" and sas.store.memory() or sas.store.file(folder)
local write = store.write
function store.write(...)
  die "before-intent"
  local good, err = write(...)
  die "after-intent"
  return good, err
end

local wire = curl.new { caFile = ca_file, proxy = false }
local sent = false
local function send(request)
  if not account.is_write(request) then
    if sent then
      die "after-answer"
    end
    return wire.send(request)
  end
  local outcome
  local seconds = 0.25
  repeat -- the server is told to be silent; a busy machine needs more time before anything has left
    seconds = 2 * seconds
    request.timeout = point == "after-send" and seconds or request.timeout
    outcome = wire.send(request)
  until outcome.sent or point ~= "after-send" or seconds > 20
  sent = true
  die "after-send"
  die "before-read"
  return outcome
end

local function boottime()
  local at, boot = system.boottime()
  return at + passed, assert(boot) .. other_boot
end

local client = sas.new {
  endpoint = endpoint, accessKeyId = "testid", accessKeySecret = "testsecret", store = store, deadline = 20,
  transport = { send = send, boottime = boottime },
}
local result, err = client:ensure(account.chatbot())
if result then
  print(result.action .. " " .. tostring(result.chatbot.Id))
else
  print((("%s %s %s"):format(err.kind, err.code, account.join(err.ids)):gsub(" $", "")))
end
