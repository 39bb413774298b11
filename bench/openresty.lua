-- openresty.lua - calls over cosockets beside a bare loop over cosockets, and an unrelated request beside each
-- SPDX-License-Identifier: MIT
--
-- usage: lua openresty.lua [ROUNDS [CALLS [AT_ONCE [SECONDS]]]]
--
-- One worker makes 2000 calls, 200 at a time, to a server that answers over verified TLS after 300 ms. The bare loop
-- sends bytes that were prepared once. All of it shares the machine, so the two ratios are what counts.

local certificate = require "aliyun.sas.emulator.certificate"
local core = require "aliyun.sas.core"
local http = require "aliyun.sas.http"
local openresty = require "spec.support.openresty"
local program = require "aliyun.sas.emulator.nginx_program"
local system = require "aliyun.sas.system"

local IN = "bench.in_openresty"
local rounds, calls = tonumber(arg[1]) or 7, tonumber(arg[2]) or 2000
local at_once, delay = tonumber(arg[3]) or 200, tonumber(arg[4]) or 0.3

local upstream_part = [[
  server {
    listen 127.0.0.1:{tls} ssl backlog=4096; keepalive_requests 1000000; keepalive_timeout 65s;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    location / { content_by_lua_block { require "{in}".upstream({delay}) } }
  }
]]

local front_part = [[
  keepalive_requests 1000000;
  init_by_lua_block { require "{in}".open({tls}) }
]]

local front_locations = [[
    location = /client { content_by_lua_block { require "{in}".call() } }
    location = /bare { content_by_lua_block { require "{in}".bare() } }
    location = /ping { return 200 "good"; }
]]

local function filled(template, values)
  return (template:gsub("{(%l+)}", values))
end

local function start_upstream(values)
  local made = certificate.make "good"
  values.tls = program.freePort()
  -- the folder of a server is known once it is made, and its files lie in it by relative names
  values.folder = "."
  local folder_part = filled(upstream_part, values):gsub("%./", "")
  return assert(openresty.start {
    http = folder_part, level = "error",
    files = { ["server.pem"] = made.certificate, ["server.key"] = made.key, ["ca.pem"] = made.ca },
  })
end

local function percentile(list, share)
  return list[math.max(1, math.ceil(#list * share))]
end

-- Asks for the unrelated page on a new connection, every 20 ms, until the load is over. It begins at any moment within
-- the first 20 ms: the load begins with all of its calls at once, and not every request comes just behind them.
local function watch(front, loader, times)
  local handle = http.new { proxy = false }
  system.sleep(core.random() * 0.02)
  local seconds, failed, asked = nil, nil, system.monotonic()
  repeat
    local before = system.monotonic()
    local outcome = handle:send {
      method = "GET", scheme = "http", host = "127.0.0.1", port = front.port, path = "/ping", fresh = true,
    }
    assert(outcome.status == 200, outcome.message)
    times[#times + 1] = system.monotonic() - before
    if before - asked > 0.5 then
      asked = before
      seconds, failed = loader:call(IN, "result")
    end
    system.sleep(0.02)
  until seconds
  handle:close()
  assert(not failed, loader:log())
  return seconds
end

local function run(front, loader, path, times)
  loader:call(IN, "begin", front.port, path, calls, at_once)
  return calls / watch(front, loader, times)
end

local function median(list)
  table.sort(list)
  local middle = math.floor(#list / 2)
  return #list % 2 == 1 and list[middle + 1] or (list[middle] + list[middle + 1]) / 2
end

local WAYS = { { "/client", "client:describeDingTalk" }, { "/bare", "bare cosocket loop" } }

-- Rates, and of each round the median and the 99th percentile of the unrelated request.
local function measure(front, loader)
  local rates, p50, p99 = { {}, {} }, { {}, {} }, { {}, {} }
  for way = 1, 2 do
    run(front, loader, WAYS[way][1], {}) -- warm
  end
  for round = 1, rounds do
    local first = round % 2 + 1
    for _, way in ipairs { first, 3 - first } do
      local times = {}
      rates[way][round] = run(front, loader, WAYS[way][1], times)
      table.sort(times)
      p50[way][round], p99[way][round] = percentile(times, 0.5), percentile(times, 0.99)
    end
  end
  return rates, p50, p99
end

local function ratio(lists)
  local ratios = {}
  for i, value in ipairs(lists[1]) do
    ratios[i] = value / lists[2][i]
  end
  return median(ratios)
end

local function report(rates, p50, p99)
  print(("One worker, %d calls, %d at a time, upstream %d ms over verified TLS (medians of %d rounds in turns)")
    :format(calls, at_once, delay * 1000, rounds))
  local throughput, delayed = ratio(rates), ratio(p99)
  for way = 1, 2 do
    print(("  %-26s %6.0f /s   unrelated request: p50 %5.1f ms, p99 %5.1f ms"):format(WAYS[way][2], median(rates[way]),
      median(p50[way]) * 1000, median(p99[way]) * 1000))
  end
  print(("  throughput %.3f of the bare loop's, p99 of the unrelated request %.2f times as long"):format(throughput,
    delayed))
end

local reason = openresty.missing()
if reason then
  io.stderr:write("bench: ", reason, "\n")
  os.exit(1)
end
local values = { ["in"] = IN, delay = ("%g"):format(delay) }
local upstream = start_upstream(values)
local front = assert(openresty.start {
  trusted = { upstream.folder .. "/ca.pem" }, http = filled(front_part, values),
  server = filled(front_locations, values), level = "error",
})
local loader = assert(openresty.start { level = "error" })
local good, err = pcall(function() report(measure(front, loader)) end)
for _, server in ipairs { loader, front, upstream } do
  server:stop()
end
if not good then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
