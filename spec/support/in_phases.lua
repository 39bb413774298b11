-- in_phases.lua - makes a call in the phase of nginx in which it is run, and keeps what came of it for phases_spec.lua
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local json = require "dkjson"
local sas = require "aliyun.sas"

local M = {}

local client, settings -- made in init_by_lua, in the master, before the workers fork

--- init_by_lua: makes the client, and keeps what a client needs for others.
function M.open(endpoint, ca_file)
  settings = { endpoint = endpoint, accessKeyId = "testid", accessKeySecret = "testsecret" }
  M.ca_file = ca_file
  client = sas.new(settings)
end

-- How often this worker has given up the processor by itself, as it does to wait.
local function waits()
  local file = assert(io.open "/proc/self/status")
  local count = tonumber(file:read "*a":match "\nvoluntary_ctxt_switches:%s*(%d+)")
  file:close()
  return count
end

local function keep(name, through)
  local before = waits()
  -- the name is a parameter, so that the service knows which calls came
  local ran, result, err = pcall(through.describeDingTalk, through, { RuleActionName = name })
  local kept = {
    ran = ran, good = ran and result ~= nil, waits = waits() - before,
    text = tostring(err or not ran and result or ""), phase = ngx.get_phase(),
  }
  for _, field in ipairs { "kind", "code", "sent", "retryable", "message", "hint" } do
    kept[field] = type(err) == "table" and err[field] or nil
  end
  if type(err) == "table" then
    kept.sent = err.sent
  end
  ngx.shared.results:set(name, json.encode(kept))
end

--- A call where this is run.
function M.try(name)
  keep(name, client)
end

--- The same over the blocking transport, which is asked for by name.
function M.try_curl(name)
  local blocking = { transport = "curl", caFile = M.ca_file, proxy = false }
  for key, value in pairs(settings) do
    blocking[key] = value
  end
  local other = sas.new(blocking)
  keep(name, other)
  other:close()
end

--- What the error's hint says: a timer.
function M.try_later(name)
  assert(ngx.timer.at(0, function(premature)
    if not premature then
      M.try(name)
    end
  end))
end

--- A timer that is called again and again; only the first time counts.
function M.try_every(name)
  local done = false
  assert(ngx.timer.every(0.05, function(premature)
    if not (premature or done) then
      done = true
      M.try(name)
    end
  end))
end

function M.try_thread(name)
  ngx.thread.wait(ngx.thread.spawn(M.try, name))
end

--- What came of the calls, by their names; nothing where nothing came yet.
function M.results()
  local results = {}
  for _, name in ipairs(ngx.shared.results:get_keys(0)) do
    results[name] = json.decode(ngx.shared.results:get(name))
  end
  return results
end

return M
