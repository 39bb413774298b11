-- faults_proxy_spec.lua - proxies that make no connection, and what they get to see; see support/faults.lua
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local fault_server = require "spec.support.fault_server"
local faults = require "spec.support.faults"
local proxy = require "spec.support.proxy"
local trial = require "spec.support.fault_trial"

describe("a proxy", function()
  local server, reason, proxied

  setup(function()
    server, reason = fault_server.start()
  end)

  teardown(function()
    if server then
      server:stop()
    end
  end)

  after_each(function()
    if proxied then
      proxied:stop()
    end
    proxied = nil
  end)

  local function it_through(what, name, test)
    it(name, function()
      local why = reason
      if server and what then
        proxied, why = proxy.start(what)
      end
      if not server or (what and not proxied) then
        pending(why)
        return
      end
      test()
    end)
  end

  local function settings_of(row, changes)
    local settings = trial.timed(row, "connectTimeout", {
      endpoint = "https://localhost:" .. server.port.good, caFile = server.caFile,
      proxy = ("http://user:%s@127.0.0.1:%d"):format(canary.accessToken, proxied and proxied.port
        or server.port[row.port]),
    })
    for name, value in pairs(changes or {}) do
      settings[name] = value
    end
    return settings
  end

  -- All that the proxy was told is where to connect to, so many times, and its own password.
  local function check_seen(connects)
    local place = "localhost:" .. server.port.good
    local seen, passwords = proxied:seen():gsub("Proxy%-Authorization: Basic [%w+/=]+\r\n", "")
    assert.equal(("CONNECT %s HTTP/1.1\r\nHost: %s\r\nProxy-Connection: Keep-Alive\r\n\r\n"):format(place, place)
      :rep(connects), seen)
    assert.is_true(passwords == 0 or passwords == connects)
  end

  for _, row in ipairs(faults.on "proxy") do
    it_through(row.with, ("%s: %s"):format(row.id, row.fault), function()
      trial.play(row, settings_of(row), server)
      if proxied then
        assert.equal(0, server:partial())
        check_seen(3 * (row.seconds and 1 or row.expect.read[1]))
      end
    end)
  end

  it_through("tunnel", "that connects sees nothing but where to", function()
    server:mark()
    for _, parameters in ipairs { "query", "body" } do
      for _, class in ipairs(trial.CLASSES) do
        assert.is_truthy(trial.run(settings_of({}, { parameters = parameters }), class).result)
      end
    end
    assert.equal(8, #server:seen())
    check_seen(8)
  end)

  it_through("tunnel", "that connects does not stand in for the server's certificate", function()
    local row = { endpoint = "https://localhost:" .. server.port.wronghost }
    server:mark()
    for _, class in ipairs(trial.CLASSES) do
      local run = trial.run(settings_of({}, row), class)
      assert.equal("TLS_CERTIFICATE", run.err.code)
      assert.is_false(run.err.sent)
      assert.equal(1, run.attempts)
    end
    assert.equal(0, server:partial())
  end)

  it_through("tunnel", "that connects makes no difference to a lost answer", function()
    server:play {}
    finally(function() server:play() end)
    server:mark()
    local run = trial.run(settings_of {}, "create")
    assert.equal("unknown", run.err.kind)
    assert.is_true(run.err.sent)
    assert.equal(1, run.attempts)
    assert.equal(1, #server:seen())
    check_seen(1)
  end)
end)
