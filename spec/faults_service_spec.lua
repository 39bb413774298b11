-- faults_service_spec.lua - what the service refuses, executes without saying so, or does not execute; over TLS,
-- against the emulator in nginx; see support/faults.lua
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local emulator = require "aliyun.sas.emulator"
local faults = require "spec.support.faults"
local trial = require "spec.support.fault_trial"

local KEYS = { { accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret } }

describe("the service", function()
  local server

  setup(function()
    server = emulator.serve { options = { accessKeys = KEYS, firstId = 1001, token = "shown" } }
  end)

  teardown(function()
    server:stop()
  end)

  local function settings_of(row)
    return trial.timed(row, "timeout", {
      endpoint = server.endpoint, caFile = server.caFile,
      accessKeySecret = row.secret and row.secret .. canary.accessKeySecret or nil,
      now = row.ahead and function() return os.time() + row.ahead end or nil,
    })
  end

  -- An account with the chatbot 1001, which updates and test messages mean.
  local function begin(row)
    server:reset()
    assert(trial.run({ endpoint = server.endpoint, caFile = server.caFile }, "create").result)
    if row.advance then
      server:advance(row.advance)
    end
    for _, fault in ipairs(row.play or {}) do
      server:fault(fault[1], fault[2], fault[3])
    end
    return #server:requests()
  end

  local function play(row, class)
    local settings = settings_of(row)
    local run, seen, longer
    repeat
      local before = begin(row)
      run = trial.run(settings, class)
      seen = #server:requests() - before
      longer = trial.longer(row, settings, run, seen)
      row = longer or row
    until not longer
    trial.check(row, class, run)
    assert.equal(run.attempts * row.seen, seen)
    local made = class == "create" and (run.result and 1 or row.made or 0) or 0
    assert.equal(1 + made, #server:chatbots())
    return run
  end

  for _, row in ipairs(faults.on "service") do
    it(("%s: %s"):format(row.id, row.fault), function()
      trial.leaving_nothing(function()
        for _, class in ipairs(trial.CLASSES) do
          play(row, class)
        end
      end)
    end)
  end

  it("is asked once for the time, and the difference is kept", function()
    for _, seconds in ipairs { 1200, -1200 } do
      server:reset()
      local client, count = trial.client {
        endpoint = server.endpoint, caFile = server.caFile, now = function() return os.time() + seconds end,
      }
      assert.is_truthy(trial.calls.read(client))
      assert.equal(2, count.attempts)
      for _ = 1, 3 do
        assert.is_truthy(trial.calls.create(client))
      end
      client:close()
      assert.equal(5, count.attempts)
      assert.equal(3, #server:chatbots())
    end
  end)

  it("does not get a create a second time that it executed without an answer", function()
    for _, fault in ipairs { "lost", "reset", "truncated", "badjson", "empty", "norequestid", "error500after", "huge",
      "hugeheaders" } do
      server:reset()
      server:fault(fault)
      local run = trial.run({ endpoint = server.endpoint, caFile = server.caFile }, "create")
      assert.equal("unknown", run.err.kind, fault)
      assert.is_true(run.err.sent)
      assert.equal(1, run.attempts)
      assert.same({ 1, 1 }, { #server:requests(), #server:chatbots() }, fault)
    end
  end)

  it("says of a signature that does not match what is wrong, and shows neither secret nor text", function()
    server:reset()
    for _, class in ipairs(trial.CLASSES) do
      local err = trial.run({
        endpoint = server.endpoint, caFile = server.caFile, accessKeySecret = "wrong" .. canary.accessKeySecret,
      }, class).err
      local texts = trial.texts(err)
      assert.is_truthy(err.hint:find("AccessKeySecret is wrong", 1, true), err.hint)
      assert.is_nil(texts:find("x%-acs%-"))
      assert.is_nil(texts:find("RuleActionName", 1, true))
      trial.check_secrets(texts)
    end
  end)
end)
