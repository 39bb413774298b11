-- faults_time_spec.lua - what takes long, or asks for patience; by a clock that the spec moves; see support/faults.lua
-- SPDX-License-Identifier: MIT

local faults = require "spec.support.faults"
local recorder = require "spec.support.recorder"
local trial = require "spec.support.fault_trial"

local START = 1708416000 -- 2024-02-20T08:00:00Z

-- A transport whose every answer is `answer(request)` and takes `takes` seconds, or as long as the request allows.
local function clocked(answer, takes)
  local at = 0
  local transport = recorder.new(function(request)
    at = at + (takes == "timeout" and request.timeout or takes or 0)
    return answer(request)
  end)
  transport.monotonic = function() return at end
  transport.now = function() return START + at end
  transport.sleep = function(seconds)
    transport.slept[#transport.slept + 1] = seconds
    at = at + seconds
  end
  return transport
end

local function refused(status, code, headers)
  return {
    sent = true, status = status, headers = headers or {},
    body = ('{"RequestId":"%s","Code":"%s","Message":"m"}'):format(recorder.RequestId, code),
  }
end

-- The answer of a row, under each of the headers in which the service asks for a pause.
local function answers(row)
  if row.takes == "timeout" then
    return { function() return { sent = true, code = "TIMEOUT", message = "out of time" } end }
  elseif row.takes then
    return { function() return refused(500, row.code) end }
  end
  local list = {}
  for _, headers in ipairs {
    { ["x-acs-retry-after"] = row.wait },
    { ["x-ratelimit-user-api"] = "Limit:1,Remain:0,TimeLeft:" .. row.wait .. ",Reset:1234" },
    { ["x-ratelimit-user"] = "TimeLeft:" .. row.wait },
  } do
    list[#list + 1] = function() return refused(429, row.code, headers) end
  end
  return list
end

local function check_nonces(transport)
  local known = {}
  for _, request in ipairs(transport.requests) do
    local nonce = request.headers["x-acs-signature-nonce"]
    assert.is_nil(known[nonce])
    known[nonce] = true
  end
end

describe("time", function()
  local function play(row, class, answer)
    local transport = clocked(answer, row.takes)
    local deadline = row.deadline or 300
    local run = trial.run({
      regionId = "cn-hangzhou", transport = transport, timeout = 10, connectTimeout = 5, deadline = deadline,
    }, class)
    trial.check(row, class, run)
    assert.equal(run.attempts, #transport.requests)
    check_nonces(transport)
    assert.is_true(transport.monotonic() <= deadline, transport.monotonic() .. " seconds")
    return transport
  end

  for _, row in ipairs(faults.on "time") do
    it(("%s: %s"):format(row.id, row.fault), function()
      trial.leaving_nothing(function()
        for _, class in ipairs(trial.CLASSES) do
          for _, answer in ipairs(answers(row)) do
            local transport = play(row, class, answer)
            assert.equal(row.waits and row.waits > 0 and row.expect[class][1] - 1 or 0, #transport.slept)
            for _, seconds in ipairs(transport.slept) do
              assert.equal(row.waits, seconds)
            end
          end
        end
      end)
    end)
  end

  it("F65: a pause that the deadline leaves no time for is not made", function()
    for _, class in ipairs { "read", "update", "create" } do
      local transport = clocked(function() return refused(429, "Throttling", { ["x-acs-retry-after"] = "10000" }) end)
      local run = trial.run({ regionId = "cn-hangzhou", transport = transport, deadline = 25 }, class)
      assert.equal("service", run.err.kind)
      assert.is_true(run.err.retryable)
      assert.equal(3, #transport.requests)
      transport = clocked(function() return refused(429, "Throttling", { ["x-acs-retry-after"] = "10000" }) end)
      run = trial.run({ regionId = "cn-hangzhou", transport = transport, deadline = 15 }, class)
      assert.equal("service", run.err.kind)
      assert.same({ 10 }, transport.slept)
      assert.equal(2, #transport.requests)
    end
  end)

  it("that is over leaves an update unknown, however often it was sent", function()
    for deadline, attempts in pairs { [10] = 1, [20] = 2, [15] = 2, [60] = 3 } do
      local transport = clocked(function() return { sent = true, code = "TIMEOUT", message = "m" } end, "timeout")
      local run = trial.run({
        regionId = "cn-hangzhou", transport = transport, timeout = 10, connectTimeout = 5, deadline = deadline,
      }, "update")
      assert.equal("unknown", run.err.kind)
      assert.is_true(run.err.sent)
      assert.equal(attempts, #transport.requests)
      assert.is_true(transport.monotonic() <= deadline)
    end
  end)
end)
