-- apply_child.lua - sas-dingtalk in a process that kills itself on the way
-- SPDX-License-Identifier: MIT
--
-- usage: lua apply_child.lua POINT NUMBER WORD...
--
-- POINT is where it ends by SIGKILL, when it gets there for the NUMBERth time: "before-intent" and "after-intent" (of
-- the file that is written before a create), "after-send" (a create has left, and no answer was looked at),
-- "after-answer", "status" (ModifyDingTalkStatus has left), "delete", "before-fingerprints", "after-fingerprints", or
-- "nowhere". PASSED of the environment is how many seconds more have passed here since the boot.

local curl = require "aliyun.sas.curl"
local system = require "aliyun.sas.system"

local point, number = table.remove(arg, 1), tonumber(table.remove(arg, 1))
local seen = 0

local function die(here)
  if here == point then
    seen = seen + 1
    if seen == number then
      os.execute("kill -9 " .. system.pid())
    end
  end
end

local passed, boottime = tonumber(os.getenv "PASSED" or 0), system.boottime
function system.boottime()
  local at, boot = boottime()
  return at + passed, boot
end

local writefile = system.writefile
function system.writefile(path, ...)
  local kind = path:find "%.intent$" and "intent" or path:find "fingerprints" and "fingerprints"
  die("before-" .. tostring(kind))
  local good, err = writefile(path, ...)
  die("after-" .. tostring(kind))
  return good, err
end

local LEFT = { CreateOrUpdateDingTalk = "after-send", ModifyDingTalkStatus = "status", DeleteDingTalk = "delete" }

local new = curl.new
function curl.new(settings)
  local wire = new(settings)
  local actions = {}
  local function left(request)
    die(LEFT[request.headers["x-acs-action"]])
  end
  local send, start, poll = wire.send, wire.start, wire.poll
  function wire.send(request)
    local outcome = send(request)
    left(request)
    if request.headers["x-acs-action"] == "CreateOrUpdateDingTalk" then
      die "after-answer"
    end
    return outcome
  end
  if start then
    function wire.start(request)
      local token = start(request)
      actions[token] = request
      return token
    end
    function wire.poll(seconds)
      local ended = poll(seconds)
      for _, request in pairs(actions) do
        left(request) -- by now it has left, or is about to: both are moments that count
      end
      for _, one in ipairs(ended) do
        local request = actions[one.token]
        actions[one.token] = nil
        if request and request.headers["x-acs-action"] == "CreateOrUpdateDingTalk" then
          die "after-answer"
        end
      end
      return ended
    end
  end
  return wire
end

require "aliyun.sas.cli".start(arg)
