-- phases_spec.lua - in which phases of nginx a call works, and what it says where it cannot
-- SPDX-License-Identifier: MIT

local emulator = require "aliyun.sas.emulator"
local http = require "aliyun.sas.http"
local openresty = require "spec.support.openresty"
local program = require "aliyun.sas.emulator.nginx_program"
local shell = require "aliyun.sas.emulator.shell"

local IN = "spec.support.in_phases"

-- name, whether a call works there, the phase by nginx' name
local rows = {
  { "init", false, "init" },
  { "init_worker", false, "init_worker" },
  { "set", false, "set" },
  { "rewrite", true, "rewrite" },
  { "access", true, "access" },
  { "content", true, "content" },
  { "header_filter", false, "header_filter" },
  { "body_filter", false, "body_filter" },
  { "log", false, "log" },
  { "balancer", false, "balancer" },
  { "ssl_certificate", true, "ssl_cert" },
  { "ssl_client_hello", false, "ssl_client_hello" },
  { "ssl_session_fetch", false, "ssl_session_fetch" },
  { "ssl_session_store", false, "ssl_session_store" },
  { "exit_worker", false, "exit_worker" },
  { "thread in content", true, "content" },
  { "timer in content", true, "timer" },
  { "timer that repeats", true, "timer" },
  { "timer in init_worker", true, "timer" },
  { "timer in set", true, "timer" },
  { "timer in header_filter", true, "timer" },
  { "timer in body_filter", true, "timer" },
  { "timer in log", true, "timer" },
  { "timer in balancer", true, "timer" },
  { "curl in init", true, "init" },
  { "curl in init_worker", true, "init_worker" },
  { "curl in log", true, "log" },
}

-- Lua of a phase: a call there, and one in a timer of it.
local function try(phase, with_timer)
  local code = ('local try = require "%s" try.try "%s"'):format(IN, phase)
  return with_timer and code .. (' try.try_later "timer in %s"'):format(phase) or code
end

local http_part = [[
  lua_shared_dict results 1m;
  init_by_lua_block { local p = require "{in}" p.open("{endpoint}", "{ca}") p.try "init" p.try_curl "curl in init" }
  init_worker_by_lua_block { {init_worker} require "{in}".try_curl "curl in init_worker" }
  exit_worker_by_lua_block { {exit_worker} }
  ssl_session_fetch_by_lua_block { {ssl_session_fetch} }
  ssl_session_store_by_lua_block { {ssl_session_store} }
  upstream balanced { server 0.0.0.1; balancer_by_lua_block { {balancer} } }
  server {
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    ssl_protocols TLSv1.2; ssl_session_tickets off; ssl_session_cache none;
    ssl_client_hello_by_lua_block { {ssl_client_hello} }
    ssl_certificate_by_lua_block { {ssl_certificate} }
    location / { return 200 "ok"; }
  }
]]

local server_part = [[
    location = /request {
      set_by_lua_block $nothing { {set} return "" }
      rewrite_by_lua_block { {rewrite} }
      access_by_lua_block { {access} }
      content_by_lua_block {
        {content} require "{in}".try_thread "thread in content" require "{in}".try_every "timer that repeats"
        ngx.print "ok"
      }
      header_filter_by_lua_block { {header_filter} }
      body_filter_by_lua_block { if ngx.arg[2] then {body_filter} end }
      log_by_lua_block { {log} require "{in}".try_curl "curl in log" }
    }
    location = /balanced { proxy_pass http://balanced; }
]]

local function filled(template, values)
  return (template:gsub("{([%l_]+)}", values))
end

describe("a call in nginx' phase", function()
  local server, front, reason, results, requests

  local function names_of_phases()
    local values = {}
    for _, row in ipairs(rows) do
      values[row[1]] = try(row[1], row[1] ~= "exit_worker" and not row[1]:find "^ssl")
    end
    return values
  end

  local function start()
    local tls = program.freePort()
    local values = names_of_phases()
    values["in"], values.endpoint, values.ca, values.folder = IN, server.endpoint, server.caFile, server.folder
    values.tls = tls
    front, reason = openresty.start {
      trusted = { server.caFile }, http = filled(http_part, values), server = filled(server_part, values),
    }
    return tls
  end

  -- The second time there is a session of the first, which a new worker has to fetch.
  local function ask_over_tls(port)
    local handle = http.new { proxy = false, caFile = server.caFile }
    for _ = 1, 2 do
      local outcome = handle:send {
        method = "GET", scheme = "https", host = "localhost", port = port, path = "/", headers = {}, fresh = true,
      }
      assert(outcome.status == 200, (outcome.message or "") .. "\n" .. front:log())
      front:reload()
    end
    handle:close()
  end

  setup(function()
    server = emulator.serve()
    local tls = start()
    if not front then
      return
    end
    assert(front:get "/request" == 200)
    front:get "/balanced"
    ask_over_tls(tls)
    front:settle()
    local function are_there()
      results = front:call(IN, "results")
      for _, row in ipairs(rows) do
        if not results[row[1]] then
          return false
        end
      end
      return true
    end
    shell.wait(are_there, 60)
    requests = {}
    for _, request in ipairs(server:requests()) do
      local name = request.parameters.RuleActionName
      requests[name] = (requests[name] or 0) + 1
    end
  end)

  teardown(function()
    if front then front:stop() end
    server:stop()
  end)

  for _, row in ipairs(rows) do
    local name, works, phase = row[1], row[2], row[3]
    it(name .. (works and " works" or " answers that nginx cannot wait there"), function()
      if not front then
        pending(reason)
        return
      end
      local result = results[name]
      assert.is_table(result, "no call: " .. front:log())
      assert.equal(phase, result.phase)
      assert.is_true(result.ran, result.text)
      if works then
        assert.is_true(result.good, result.text)
        assert.is_true((requests[name] or 0) >= 1)
        return
      end
      assert.is_false(result.good)
      assert.equal("state PHASE", result.kind .. " " .. result.code)
      assert.is_false(result.sent)
      assert.is_truthy(result.message:find("phase " .. phase, 1, true), result.message)
      assert.is_truthy(result.hint:find("ngx.timer.at", 1, true), result.hint)
      assert.is_true(result.waits < 2, "waited " .. result.waits .. " times")
      assert.is_nil(requests[name])
    end)
  end

  it("that cannot wait ends no worker", function()
    if not front then
      pending(reason)
      return
    end
    assert.is_nil(front:log():find("Segmentation", 1, true))
    assert.is_nil(front:log():find("exited on signal", 1, true))
  end)
end)
