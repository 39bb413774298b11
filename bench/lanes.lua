-- lanes.lua - an apply of new chatbots, one after another and several at a time, where each answer takes a while
-- SPDX-License-Identifier: MIT
--
-- usage: lua lanes.lua [CHATBOTS [SECONDS]]      how many, and what each answer takes

local account = require "spec.support.account"
local emulator = require "aliyun.sas.emulator"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local COUNT, DELAY = tonumber(arg[1]) or 40, tonumber(arg[2]) or 0.05

local function seconds_of(server, concurrency)
  server:reset()
  local client = sas.new {
    endpoint = server.endpoint, caFile = server.caFile, proxy = false, accessKeyId = "testid",
    accessKeySecret = "testsecret",
  }
  local list = {}
  for i = 1, COUNT do
    list[i] = account.chatbot { RuleActionName = "bench " .. i }
  end
  local plan = assert(client:plan(list))
  server:fault("delayed", DELAY, COUNT * 8)
  local start = system.monotonic()
  local report = assert(client:apply(plan, { concurrency = concurrency, rate = 1e6 }))
  local seconds = system.monotonic() - start
  assert(report.ok and #server:chatbots() == COUNT)
  client:close()
  return seconds, #server:requests()
end

local function measure(server)
  print(("An apply of %d new chatbots over TLS, where each answer takes %g s"):format(COUNT, DELAY))
  local alone
  for _, concurrency in ipairs { 1, 4, 8, 32 } do
    local seconds, requests = seconds_of(server, concurrency)
    alone = alone or seconds
    print(("  %2d at a time %7.2f s %5d requests %6.1f times as fast"):format(concurrency, seconds, requests,
      alone / seconds))
  end
end

local server = emulator.serve()
local good, err = pcall(measure, server)
server:stop()
if not good then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
