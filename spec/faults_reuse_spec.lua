-- faults_reuse_spec.lua - connections that are used again and die under a request, or just before it
-- SPDX-License-Identifier: MIT
--
-- libcurl sends a request again by itself where a reused connection dies: nobody may ever see that.

local fault_server = require "spec.support.fault_server"
local faults = require "spec.support.faults"
local http = require "aliyun.sas.http"
local system = require "aliyun.sas.system"
local trial = require "spec.support.fault_trial"

local SCHEMES = { "https", "http" }

-- The ids of the rows that are played here, for the names of the tests.
local REUSED, IDLE
for _, row in ipairs(faults.on "reuse") do
  REUSED = row.reused and row.id .. ": " .. row.fault or REUSED
  IDLE = row.idle and row.id .. ": " .. row.fault or IDLE
end

describe("connections that are used again", function()
  local server, reason

  setup(function()
    server, reason = fault_server.start()
  end)

  teardown(function()
    if server then
      server:stop()
    end
  end)

  before_each(function()
    if server then
      server:play()
      server:mark()
    end
  end)

  -- A test over https and over http.
  local function it_over_both(name, test)
    for _, scheme in ipairs(SCHEMES) do
      it(name .. ", over " .. scheme, function()
        if not server then
          pending(reason)
          return
        end
        trial.leaving_nothing(function() test(scheme) end)
      end)
    end
  end

  local function settings_of(scheme, kind, more)
    local port = server.port[kind and kind .. (scheme == "http" and "http" or "") or scheme == "http" and "http"
      or "good"]
    local settings = {
      endpoint = ("%s://localhost:%d"):format(scheme, port), caFile = scheme == "https" and server.caFile or nil,
    }
    for name, value in pairs(more or {}) do
      settings[name] = value
    end
    return settings
  end

  local function request_to(scheme, method)
    return {
      method = method, scheme = scheme, host = "localhost", port = server.port[scheme == "http" and "http" or "good"],
      path = "/", headers = {}, connectTimeout = 5, timeout = 5,
    }
  end

  -- Each nonce once, so many requests in all.
  local function check_seen(count)
    local known, seen = {}, server:seen()
    assert.equal(count, #seen)
    for _, one in ipairs(seen) do
      assert.is_nil(known[one.nonce])
      known[one.nonce] = true
    end
    return seen
  end

  -- What the server does to the second request of a connection: libcurl takes each for a connection that died unused.
  local endings = { closed = { reused = true }, reset = { reused = true, reset = true } }

  for name, script in pairs(endings) do
    it_over_both(("%s (%s): http.send sends once, 100 times in a row"):format(REUSED, name), function(scheme)
      local handle = http.new { proxy = false, caFile = server.caFile }
      server:play(script)
      for round = 1, 100 do
        local method = ({ "POST", "GET", "PUT" })[round % 3 + 1]
        assert.equal(200, handle:send(request_to(scheme, method)).status)
        local outcome = handle:send(request_to(scheme, method))
        assert.is_true(outcome.sent)
        assert.equal("CONNECTION_LOST", outcome.code)
      end
      handle:close()
      local seen = server:seen()
      assert.equal(200, #seen)
      for i, one in ipairs(seen) do
        assert.equal(i % 2 == 1 and 1 or 2, one.nth)
        assert.equal(seen[i - (i + 1) % 2].connection, one.connection)
      end
    end)

    it_over_both(("%s (%s): an update is sent as often as was decided"):format(REUSED, name), function(scheme)
      local events = {}
      local client, count = trial.client(settings_of(scheme, nil, {
        onResponse = function(event) events[#events + 1] = event end,
      }))
      assert.is_truthy(trial.calls.read(client))
      server:play(script)
      assert.is_truthy(trial.calls.update(client))
      client:close()
      assert.equal(3, count.attempts) -- the read, the update that was lost, and the update on a new connection
      local seen = check_seen(3)
      assert.same({ 1, 2, 1 }, { seen[1].nth, seen[2].nth, seen[3].nth })
      assert.equal("CONNECTION_LOST", events[2].code)
      assert.is_true(events[2].sent)
    end)

    it_over_both(("%s (%s): an update that may not be repeated ends unknown"):format(REUSED, name), function(scheme)
      local client = trial.client(settings_of(scheme, nil, { retries = 0 }))
      assert.is_truthy(trial.calls.read(client))
      server:play(script)
      local _, err = trial.calls.update(client)
      client:close()
      assert.equal("unknown", err.kind)
      assert.is_true(err.sent)
      check_seen(2)
    end)

    it_over_both(("%s (%s): a read is read again"):format(REUSED, name), function(scheme)
      local client = trial.client(settings_of(scheme))
      assert.is_truthy(trial.calls.read(client))
      server:play(script)
      assert.is_truthy(trial.calls.read(client))
      client:close()
      check_seen(3)
    end)

    it_over_both(("%s (%s): creates and test messages do not meet it"):format(REUSED, name), function(scheme)
      local client = trial.client(settings_of(scheme))
      assert.is_truthy(trial.calls.read(client))
      server:play(script)
      for _, class in ipairs { "create", "test", "create", "test" } do
        assert.is_truthy(trial.calls[class](client))
      end
      client:close()
      for i, one in ipairs(check_seen(5)) do
        assert.equal(1, one.nth, i)
      end
    end)
  end

  it_over_both("an answer that is lost on a client with other connections: a create is sent once", function(scheme)
    for _, class in ipairs { "create", "test" } do
      server:play()
      server:mark()
      local client, count = trial.client(settings_of(scheme))
      assert.is_truthy(trial.calls.read(client))
      server:play {}
      local _, err = trial.calls[class](client)
      client:close()
      assert.equal("unknown", err.kind)
      assert.is_true(err.sent)
      assert.is_false(err.retryable)
      assert.equal(2, count.attempts)
      check_seen(2)
    end
  end)

  -- The server ends idle connections after 4 milliseconds, and each pause aims at that moment from another side.
  local function pause(round)
    system.sleep((round % 25) * 0.0004)
  end

  it_over_both(IDLE .. ": reads and updates go on", function(scheme)
    local client, count = trial.client(settings_of(scheme, "brief"))
    for round = 1, 50 do
      assert.is_truthy(trial.calls.read(client))
      pause(round)
      assert.is_truthy(trial.calls.update(client))
      pause(round)
    end
    client:close()
    -- a request that met the end of its connection is not seen, and was decided to be made again
    local seen = #server:seen()
    assert.is_true(seen >= 100 and seen <= count.attempts)
  end)

  it_over_both(IDLE .. ": creates aimed at that moment do not become unknown", function(scheme)
    local client, count = trial.client(settings_of(scheme, "brief", { retries = 0 }))
    for round = 1, 50 do
      for _ = 1, 20 do -- one that meets it leaves no connection behind
        if trial.calls.read(client) then
          break
        end
      end
      pause(round)
      local before = count.attempts
      local result, err = trial.calls[round % 2 == 0 and "create" or "test"](client)
      assert.is_truthy(result, tostring(err))
      assert.equal(1, count.attempts - before)
    end
    client:close()
    local list = server:seen()
    for i = 1, #list do
      assert.is_true(list[i].action == "DescribeDingTalk" or list[i].nth == 1)
    end
  end)

  it_over_both(IDLE .. ": the moment is met, so that it would show", function(scheme)
    local handle = http.new { proxy = false, caFile = server.caFile }
    local asked, reused, fresh = request_to(scheme, "GET"), 0, 0
    asked.port = server.port[scheme == "http" and "briefhttp" or "brief"]
    for round = 1, 50 do
      handle:send(asked)
      pause(round)
    end
    handle:close()
    for _, one in ipairs(server:seen()) do
      reused, fresh = reused + (one.nth > 1 and 1 or 0), fresh + (one.nth == 1 and 1 or 0)
    end
    -- the connection was still there at times, and gone at others
    assert.is_true(reused >= 1 and fresh >= 2, ("%d and %d"):format(reused, fresh))
  end)
end)
