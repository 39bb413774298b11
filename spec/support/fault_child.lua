-- fault_child.lua - calls in a process of its own, for what only its environment can change
-- SPDX-License-Identifier: MIT
--
-- usage: lua fault_child.lua KEY=VALUE...
--
--   class=read,update...    what is called, one after the other, each with a client of its own
--   endpoint= caFile= connectTimeout= timeout= retries= nonce=
--                           settings of the clients; without an endpoint, over a transport that records and answers
--   rounds=N                everything so many times
--   files=N                 so many descriptors are left free while a call is made
--   large=1                 the requests are large
--   creep=N                 instead: by how many KiB the process grew in N calls, the least of three times
--   pause=SECONDS           one client makes all calls, with such pauses behind them
--
-- Prints a line for each call: class, kind (or "done"), code, sent, requests, seconds, requests that the recording
-- transport has got, descriptors that are left open at the end, and the error's message.

local descriptors = require "spec.support.descriptors"
local recorder = require "spec.support.recorder"
local system = require "aliyun.sas.system"
local trial = require "spec.support.fault_trial"

local given = {}
for _, word in ipairs(arg) do
  local key, value = word:match "^(%w+)=(.*)$"
  given[key] = value
end

local transport = not given.endpoint and recorder.new() or nil

local function settings()
  return {
    endpoint = given.endpoint, regionId = transport and "cn-hangzhou" or nil, transport = transport,
    caFile = given.caFile, connectTimeout = tonumber(given.connectTimeout), timeout = tonumber(given.timeout),
    nonce = given.nonce and function() return given.nonce end or nil,
    retries = tonumber(given.retries), parameters = given.large and "body" or nil,
  }
end

-- The descriptors that stay open. A resolver that gets no answer holds some, until it gives up a little later.
local function left_open(before)
  for _ = 1, 1500 do
    collectgarbage()
    collectgarbage()
    if descriptors.count() <= before then
      break
    end
    system.sleep(0.02)
  end
  return descriptors.count() - before
end

-- Opens files until only so many more can be opened; answers them.
local function exhaust(free)
  local held = {}
  while true do
    local file = io.open "/dev/null"
    if not file then
      break
    end
    held[#held + 1] = file
  end
  for _ = 1, free do
    table.remove(held):close()
  end
  return held
end

local before = descriptors.count()
local kept, count
if given.pause then
  kept, count = trial.client(settings())
end

local function call(class, is_last)
  local held = given.files and exhaust(tonumber(given.files)) or {}
  local run = kept and trial.measure(kept, count, class) or trial.run(settings(), class, given.large and trial.large)
  for _, file in ipairs(held) do
    file:close()
  end
  if kept and is_last then
    kept:close()
  end
  local err = run.err or { kind = "done", code = "-", sent = "-", message = "-" }
  print(table.concat({
    class, err.kind, err.code, tostring(err.sent), run.attempts, ("%.3f"):format(run.seconds),
    transport and #transport.requests or 0, is_last and left_open(before) or 0, (err.message:gsub("%s", " ")),
  }, "\t"))
end

if given.creep then
  local least
  for batch = 0, 3 do
    collectgarbage()
    collectgarbage()
    local resident = trial.resident()
    for _ = 1, tonumber(given.creep) do
      trial.run(settings(), given.class)
    end
    collectgarbage()
    collectgarbage()
    local grown = resident and trial.resident() - resident
    least = grown and batch > 0 and math.min(least or grown, grown) or least
  end
  print("grown", least)
  return
end
if given.files then
  -- what is loaded once and for all, and where a good call would show that it can be one
  local first = trial.run(settings(), "read")
  assert(first.result, tostring(first.err))
end
local rounds = tonumber(given.rounds or 1)
for round = 1, rounds do
  for class, comma in given.class:gmatch "(%a+)(,?)" do
    call(class, round == rounds and comma == "")
    system.sleep(tonumber(given.pause or 0))
  end
end
