-- faults_connect_spec.lua - connections that do not come about, and handshakes that do not end; see support/faults.lua
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local fault_server = require "spec.support.fault_server"
local faults = require "spec.support.faults"
local system = require "aliyun.sas.system"
local trial = require "spec.support.fault_trial"
local wire = require "spec.support.wire"

describe("a connection", function()
  local server, reason, breaker, full

  setup(function()
    server, reason = fault_server.start()
    if server then
      breaker, reason = wire.start(server.port.good)
    end
    if breaker then
      full = wire.start(server.port.good, "full")
    end
  end)

  teardown(function()
    for _, one in pairs { server or nil, breaker or nil, full or nil } do
      one:stop()
    end
  end)

  local function it_meets(row, test)
    it(("%s: %s"):format(row.id, row.fault), function()
      if not full then
        pending(reason)
        return
      end
      server:play()
      test()
    end)
  end

  local function settings_of(row)
    local port = row.with == "full" and full.port or row.with and breaker.port or server.port[row.port]
    return trial.timed(row, "connectTimeout", {
      endpoint = ("https://%s:%d"):format(row.host or "localhost", port), caFile = server.caFile,
    })
  end

  -- The connections of so many attempts have ended, and none has brought a byte of a request.
  local function check_breaker(attempts)
    local list
    for _ = 1, 1500 do
      list = breaker:seen()
      if #list >= attempts then
        break
      end
      system.sleep(0.02)
    end
    assert.equal(attempts, #list)
    for _, connection in ipairs(list) do
      assert.equal(0, connection.bytes)
    end
  end

  for _, row in ipairs(faults.on "connect") do
    it_meets(row, function()
      if row.with and row.with ~= "full" then
        breaker:act(row.with)
        breaker:mark()
      end
      trial.play(row, settings_of(row), server)
      if row.port ~= "http" then -- there the hello itself is a broken request
        assert.equal(0, server:partial())
      end
      if row.with and row.with ~= "full" then
        check_breaker(3 * (row.seconds and 1 or 3))
      end
    end)
  end

  it("that comes about after all is used, as if nothing had been", function()
    if not full then
      pending(reason)
      return
    end
    breaker:act "close"
    local client, count = trial.client {
      endpoint = "https://localhost:" .. breaker.port, caFile = server.caFile,
      onRetry = function() breaker:act "relay" end,
    }
    server:mark()
    assert.is_truthy(trial.calls.create(client))
    client:close()
    assert.equal(2, count.attempts)
    assert.equal(1, #server:seen())
  end)

  it("leaves no memory behind, however often it fails", function()
    if not full then
      pending(reason)
      return
    end
    local creep = trial.creep(2, trial.each_quick(faults.on "connect", function(row)
      breaker:act(row.with or "relay")
      local settings = settings_of(row)
      settings.retries = 0
      assert.is_false(trial.run(settings, "create").err.sent)
    end))
    if not creep then
      pending "the system does not tell how much memory is used"
      return
    end
    assert.is_true(creep < 100, creep .. " KiB more")
  end)

  it("needs this test's own parts: the breaker passes on what it shall", function()
    if not full then
      pending(reason)
      return
    end
    breaker:act "relay"
    breaker:mark()
    server:mark()
    local run = trial.run({ endpoint = "https://localhost:" .. breaker.port, caFile = server.caFile }, "create")
    assert.is_truthy(run.result)
    assert.equal(1, #server:seen())
    assert.equal("", child.run("cat " .. breaker.folder .. "/output"))
  end)
end)
