-- faults_tls_spec.lua - servers that are not to be trusted, or speak no TLS that is good enough; see support/faults.lua
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local fault_process = require "spec.support.fault_process"
local fault_server = require "spec.support.fault_server"
local faults = require "spec.support.faults"
local needing = require "spec.support.needing"
local trial = require "spec.support.fault_trial"

describe("a TLS server", function()
  local server, reason

  setup(function()
    server, reason = fault_server.start()
  end)

  teardown(function()
    if server then
      server:stop()
    end
  end)

  local it_over_tls = needing({ it = it, pending = pending }, function() return server, reason end)

  local function ca_file(name)
    if name == "(none)" then
      return nil
    end
    return server.folder .. "/" .. (name or "ca.crt")
  end

  local function settings_of(row)
    return {
      endpoint = ("https://%s:%d"):format(row.host or "localhost", server.port[row.port]),
      caFile = ca_file(row.caFile),
    }
  end

  for _, row in ipairs(faults.on "tls") do
    it_over_tls(("%s: %s"):format(row.id, row.fault), function()
      trial.play(row, settings_of(row), server)
      assert.equal(0, server:partial())
    end)
  end

  -- Each of these differs in one thing from a row above, so that the row fails for its own reason and no other.
  for name, row in pairs {
    ["with a whole chain"] = { port = "whole" },
    ["asked for by an address of its certificate"] = { port = "good", host = "127.0.0.1" },
    ["whose certificate lacks an address that is not asked for"] = { port = "noaddress" },
    ["with TLS 1.2 only"] = { port = "tls12" },
  } do
    it_over_tls(name .. " is trusted", function()
      server:mark()
      assert.is_truthy(trial.run(settings_of(row), "create").result)
      assert.equal(1, #server:seen())
      assert.equal(1, server:partial(1))
    end)
  end

  -- The servers that are too old for us do work: what a lax client gets.
  for port, options in pairs {
    tls10 = "-tls1 -cipher ALL:@SECLEVEL=0", tls11 = "-tls1_1 -cipher ALL:@SECLEVEL=0",
    nullcipher = "-tls1_2 -cipher NULL-SHA256:@SECLEVEL=0", weakdh = "-tls1_2 -cipher ALL:@SECLEVEL=0",
  } do
    it_over_tls(("on the port %s answers a client that takes anything"):format(port), function()
      if child.run "command -v openssl" == "" then
        pending "needs the openssl program"
        return
      end
      local text = child.run(("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | "
        .. "env -u LD_PRELOAD timeout 60 openssl s_client -quiet -ign_eof %s -connect 127.0.0.1:%d 2>&1")
        :format(options, server.port[port]))
      assert.is_truthy(text:find("200 OK", 1, true), text)
    end)
  end

  it_over_tls("that is not trusted stays so on a client that has trusted another", function()
    server:mark()
    local client, count = trial.client { endpoint = "https://localhost:" .. server.port.good, caFile = server.caFile }
    assert.is_truthy(trial.calls.read(client))
    client:close()
    assert.equal(1, server:partial(1))
    for _ = 1, 3 do
      server:mark()
      local run = trial.run(settings_of { port = "expired" }, "read")
      assert.equal("TLS_CERTIFICATE", run.err.code)
      assert.equal(1, run.attempts)
      assert.equal(0, server:partial())
    end
    assert.equal(1, count.attempts)
  end)

  it_over_tls("that has expired leaves no memory behind, 300 times", function()
    local settings = settings_of { port = "expired" }
    local grown = fault_process.growth {
      class = "create", creep = 300, endpoint = settings.endpoint, caFile = settings.caFile,
    }
    assert.is_true(grown == nil or grown < 100, tostring(grown) .. " KiB more")
  end)

  it_over_tls("leaves no memory behind, however often it fails", function()
    local creep = trial.creep(2, trial.each_quick(faults.on "tls", function(row)
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
end)
