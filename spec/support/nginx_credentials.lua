-- nginx_credentials.lua - what credentials_nginx_spec.lua has nginx do: each location answers one text
-- SPDX-License-Identifier: MIT

-- luacheck: globals ngx

local providers = require "spec.support.providers"
local sas = require "aliyun.sas"

local locations = {}

-- A transport that yields as a cosocket would; STS takes a while.
local function network(life)
  local self = { sts = 0, moved = 0 }
  function self.now()
    return ngx.now() + self.moved
  end
  self.transport = { sleep = ngx.sleep, monotonic = ngx.now }
  function self.transport.send(request)
    if not request.host:find "^sts" then
      ngx.sleep(0.01)
      return { sent = true, status = 200, headers = {}, body = '{"RequestId":"r"}' }
    end
    self.sts = self.sts + 1
    local body = providers.sts(self.now(), life, "id" .. self.sts)
    ngx.sleep(0.3)
    return { sent = true, status = 200, headers = {}, body = body }
  end
  return self
end

-- So many calls at once; answers how many failed, and the seconds that it took.
local function crowd(client, count)
  ngx.update_time()
  local start, threads, failed = ngx.now(), {}, 0
  for i = 1, count do
    threads[i] = ngx.thread.spawn(function() return (client:describeDingTalk()) end)
  end
  for i = 1, count do
    local good, result = ngx.thread.wait(threads[i])
    failed = failed + (good and result and 0 or 1)
  end
  ngx.update_time()
  return failed, ngx.now() - start
end

local function told(what, failed, seconds, net)
  return ("%s: %d failed, %d of STS, %s"):format(what, failed, net.sts, seconds < 20 and "in time" or seconds)
end

-- Without any, about to end, ended, and refused by the service: each time one asks STS.
function locations.crowd()
  local net = network(3600)
  local client = sas.new {
    regionId = "cn-hangzhou", transport = net.transport, now = net.now,
    credentials = sas.credentials.role { accessKeyId = "a", accessKeySecret = "b", roleArn = "r" },
  }
  local lines = {}
  for i, step in ipairs { { "none", 0 }, { "due", 3000 }, { "ended", 3700 } } do
    net.moved = net.moved + step[2]
    local failed, seconds = crowd(client, 200)
    lines[i] = told(step[1], failed, seconds, net)
  end
  return table.concat(lines, "\n")
end

-- Two providers that share a dictionary, as those of two workers do, and a third that comes later.
function locations.shared()
  local net = network(3600)
  local function client_of(changes)
    local given = { accessKeyId = "a", accessKeySecret = "b", roleArn = "r", share = "credentials" }
    for name, value in pairs(changes or {}) do
      given[name] = value
    end
    local provider = sas.credentials.role(given)
    return sas.new { regionId = "cn-hangzhou", transport = net.transport, now = net.now, credentials = provider }
  end
  local clients, lines = { client_of(), client_of() }, {}
  for i, step in ipairs { { "none", 0 }, { "due", 3000 }, { "ended", 3700 } } do
    net.moved = net.moved + step[2]
    local threads, failed = {}, 0
    for n, client in ipairs(clients) do
      threads[n] = ngx.thread.spawn(crowd, client, 20)
    end
    local longest = 0
    for n in ipairs(clients) do
      local _, count, seconds = ngx.thread.wait(threads[n])
      failed, longest = failed + count, math.max(longest, seconds)
    end
    lines[i] = told(step[1], failed, longest, net)
  end
  lines[#lines + 1] = told("later", (crowd(client_of(), 1)), 0, net)
  lines[#lines + 1] = told("another role", (crowd(client_of { roleArn = "s" }, 1)), 0, net)
  lines[#lines + 1] = #ngx.shared.credentials:get_keys(0) .. " keys"
  return table.concat(lines, "\n")
end

-- A lock that another worker holds: old ones are used meanwhile; without any the call waits, and ends in time.
function locations.locked()
  local net = network(3600)
  local provider = sas.credentials.role {
    accessKeyId = "a", accessKeySecret = "b", roleArn = "locked", share = "credentials",
  }
  local client = sas.new {
    regionId = "cn-hangzhou", transport = net.transport, now = net.now, credentials = provider, deadline = 2,
  }
  assert(client:describeDingTalk())
  local key = provider.share.key .. ":lock"
  ngx.shared.credentials:set(key, "another", 60)
  net.moved = 3000
  local lines = { told("due", (crowd(client, 3)), 0, net) }
  net.moved = 7000
  local _, err = client:describeDingTalk()
  lines[2] = err and err.code or "none"
  ngx.shared.credentials:delete(key)
  lines[3] = told("free", (crowd(client, 3)), 0, net)
  return table.concat(lines, "\n")
end

-- A dictionary that is full: each asks for itself.
function locations.full()
  local dict, count = ngx.shared.tiny, 0
  while dict:safe_set("filler " .. count, ("x"):rep(100)) do
    count = count + 1
  end
  local net = network(3600)
  local client = sas.new {
    regionId = "cn-hangzhou", transport = net.transport, now = net.now,
    credentials = sas.credentials.role { accessKeyId = "a", accessKeySecret = "b", roleArn = "r", share = "tiny" },
  }
  local failed = crowd(client, 3)
  return told("full", failed, 0, net) .. ", " .. (#dict:get_keys(0) == count and "nothing was thrown out" or "changed")
end

function locations.missing()
  local _, err = pcall(sas.credentials.ecs, { share = "nowhere" })
  return tostring(err)
end

-- One that asks STS and is killed: the others do not wait for it for ever.
function locations.killed()
  local net = network(3600)
  local client = sas.new {
    regionId = "cn-hangzhou", transport = net.transport, now = net.now, deadline = 2,
    credentials = sas.credentials.role { accessKeyId = "a", accessKeySecret = "b", roleArn = "r" },
  }
  local thread = ngx.thread.spawn(function() return client:describeDingTalk() end)
  ngx.thread.kill(thread)
  ngx.sleep(2.1)
  local failed, seconds = crowd(client, 20)
  return told("killed", failed, seconds, net)
end

-- What the chain says in a worker, whose environment is empty.
function locations.environment()
  local transport = providers.scripted { { sent = false, code = "COULDNT_CONNECT", message = "m" } }
  local _, err = sas.credentials.fetch(sas.credentials.default(), providers.context(transport))
  return tostring(err)
end

-- A provider that was made while the environment was whole.
function locations.kept()
  local transport = providers.scripted { { 404, "" } }
  local held, err = sas.credentials.fetch(_G.kept_provider, providers.context(transport))
  return held and providers.shown(held) or tostring(err)
end

return function()
  ngx.print(locations[ngx.var.uri:sub(2)]())
end
