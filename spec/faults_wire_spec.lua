-- faults_wire_spec.lua - requests that arrive in part, and answers that are none; see support/faults.lua
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local fault_process = require "spec.support.fault_process"
local fault_server = require "spec.support.fault_server"
local faults = require "spec.support.faults"
local needing = require "spec.support.needing"
local system = require "aliyun.sas.system"
local trial = require "spec.support.fault_trial"
local wire = require "spec.support.wire"

local SCHEMES = { "https", "http" }

local function text_of(id)
  return type(id) == "number" and id % 1 == 0 and ("%d"):format(id) or tostring(id)
end

describe("on the wire", function()
  local server, reason, breakers

  setup(function()
    server, reason = fault_server.start()
    local one = server and wire.start(server.port.tls12)
    local two = one and wire.start(server.port.http)
    if two then
      breakers = { https = one, http = two }
    elseif server then
      reason = "Perl is not installed"
    end
  end)

  teardown(function()
    for _, one in pairs(breakers or {}) do
      one:stop()
    end
    if server then
      server:stop()
    end
  end)

  local it_meets = needing({ it = it, pending = pending }, function() return breakers, reason end)

  local function settings_of(row, scheme, port)
    return trial.timed(row, "timeout", {
      endpoint = ("%s://localhost:%d"):format(scheme, port or server.port[scheme == "https" and "good" or "http"]),
      caFile = scheme == "https" and server.caFile or nil,
    })
  end

  -- The place of a redirect is a port of ours that would see who follows it.
  local function script_of(row)
    local script = {}
    for name, value in pairs(row.script) do
      script[name] = type(value) == "string" and row.elsewhere_unseen and value:gsub("%%d", server.port.whole) or value
    end
    return script
  end

  local function play_script(row, scheme)
    server:play(script_of(row))
    trial.play(row, settings_of(row, scheme), server)
    server:play()
  end

  -- The request's bytes: at least so many have left, where the row says so, and some have in any case.
  local function check_breaker(row, breaker)
    local attempts, list = row.expect.read[1] + row.expect.update[1] + row.expect.create[1], nil
    for _ = 1, 1500 do
      list = breaker:seen()
      if #list >= attempts then
        break
      end
      system.sleep(0.02)
    end
    assert.equal(attempts, #list)
    for _, connection in ipairs(list) do
      assert.is_true(connection.bytes >= (row.least or 1))
    end
  end

  local function play_breaker(row)
    local scheme = row.plain and "http" or "https"
    local breaker = breakers[scheme]
    breaker:act(row.with)
    breaker:mark()
    if row.script then
      server:play(script_of(row))
      finally(function() server:play() end)
    end
    local settings = settings_of(row, scheme, breaker.port)
    settings.parameters = row.large and "body" or nil
    trial.play(row, settings, server, row.large and trial.large)
    check_breaker(row, breaker)
  end

  -- A server that wants a certificate of the client says so behind the handshake of TLS 1.3, when the request has left.
  local function play_mutual(row)
    local port = server.port.closed
    local pid = child.run(("env -u LD_PRELOAD timeout 300 openssl s_server -accept 127.0.0.1:%d "
      .. "-cert '%s/good.crt' -key '%s/good.key' -tls1_3 -Verify 1 -verify_return_error -quiet "
      .. ">/dev/null 2>&1 </dev/null & echo $!")
      :format(port, server.folder, server.folder))
    finally(function() os.execute("kill " .. pid .. " 2>/dev/null") end)
    local place = (":%04X "):format(port)
    for _ = 1, 1500 do
      if child.run("cat /proc/net/tcp"):find(place .. "00000000:0000 0A", 1, true) then
        break
      end
      system.sleep(0.02)
    end
    trial.play(row, settings_of(row, "https", port), server)
  end

  local function play(row)
    if row.mutual then
      play_mutual(row)
    elseif row.with then
      play_breaker(row)
    elseif row.seconds then
      play_script(row, "https")
    else
      for _, scheme in ipairs(SCHEMES) do
        play_script(row, scheme)
      end
    end
  end

  for _, row in ipairs(faults.on "wire") do
    it_meets(("%s: %s"):format(row.id, row.fault), function()
      play(row)
      if row.mutual then
        assert.equal(0, #server:seen())
      end
    end)
  end

  -- Memory --------------------------------------------------------------------------------

  for _, row in ipairs(faults.on "wire") do
    if row.growth then
      it_meets(("%s: %s takes no more memory than an answer may"):format(row.id, row.fault), function()
        server:play(row.script)
        finally(function() server:play() end)
        for place, class in ipairs { "read", "create" } do
          local function act()
            trial.run(settings_of(row, "https"), class)
          end
          act()
          local grown = trial.growth(act)
          if not grown then
            pending "the system does not tell how much memory is used"
            return
          end
          assert.is_true(grown <= row.growth[place], ("a %s: %d KiB"):format(class, grown))
        end
      end)
    end
  end

  -- Ids -----------------------------------------------------------------------------------

  for _, row in ipairs(faults.on "wire") do
    if row.value then
      it_meets(("%s: %s is read as it was written"):format(row.id, row.fault), function()
        server:play(row.script)
        finally(function() server:play() end)
        local run = trial.run(settings_of(row, "https"), "read")
        local id = run.result.ActionList[1].Id
        assert.equal(row.value, text_of(id))
      end)
    end
  end

  it_meets("a long list is read to its end", function()
    for _, row in ipairs(faults.on "wire") do
      if row.entries then
        server:play(row.script)
        local list = trial.run(settings_of(row, "https"), "read").result.ActionList
        server:play()
        assert.equal(row.entries, #list)
        assert.equal(1, list[row.entries].Id)
      end
    end
  end)

  -- What an error quotes ------------------------------------------------------------------

  it_meets("no error quotes what a stranger answered", function()
    for _, row in ipairs(faults.on "wire") do
      if row.excerpt then
        server:play(row.script)
        local err = trial.run(settings_of(row, "https"), "create").err
        server:play()
        assert.is_true(#err.message <= 200)
        assert.is_nil(trial.texts(err):find(row.excerpt, 1, true))
      end
    end
  end)

  it_meets("a client goes on after each of these", function()
    for _, scheme in ipairs(SCHEMES) do
      local client = trial.client(settings_of({}, scheme))
      for _, row in ipairs(faults.on "wire") do
        if row.script and not row.seconds and not row.value and not row.entries then
          server:play(script_of(row))
          assert.is_nil((trial.calls.create(client)))
          server:play()
          assert.is_truthy(trial.calls.read(client), row.fault)
        end
      end
      client:close()
    end
  end)

  it_meets("five hundred lost answers leave no memory behind", function()
    server:mark()
    server:play {}
    finally(function() server:play() end)
    local grown = fault_process.growth { class = "create", creep = 500, endpoint = settings_of({}, "http").endpoint }
    assert.is_true(grown == nil or grown < 64, tostring(grown) .. " KiB more")
    assert.equal(2000, #server:seen())
  end)

  it_meets("no memory is left behind, however often it happens", function()
    local creep = trial.creep(2, trial.each_quick(faults.on "wire", function(row)
      if row.script then
        server:play(script_of(row))
        local settings = settings_of(row, "https")
        settings.retries = 0
        trial.run(settings, "create")
        server:play()
      end
    end))
    if not creep then
      pending "the system does not tell how much memory is used"
      return
    end
    assert.is_true(creep < 100, creep .. " KiB more")
  end)
end)
