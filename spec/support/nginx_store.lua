-- nginx_store.lua - what store_nginx_spec.lua has nginx do: each location answers one text
-- SPDX-License-Identifier: MIT

-- luacheck: globals ngx

local account = require "spec.support.account"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local locations = {}

local function told(result, err)
  if result then
    return result.action .. " " .. tostring(result.chatbot.Id)
  end
  return err.kind .. " " .. err.code .. (err.code == "STORE" and " " .. err.message or "")
end

-- Over the wire, with the blocking transport: for several workers at once.
function locations.ensure(query)
  local client = sas.new {
    endpoint = query.endpoint, caFile = query.caFile, proxy = false, transport = "curl", deadline = 120,
    accessKeyId = "testid", accessKeySecret = "testsecret", store = sas.store.dict "names",
  }
  local text = told(client:ensure(account.chatbot()))
  client:close()
  return text
end

-- An account in this worker, whose transport yields as a cosocket would.
local function yielding(dict)
  local a = account.new({}, { store = sas.store.dict(dict) })
  local sleep = a.transport.sleep
  function a.before()
    ngx.sleep(0.01)
  end
  function a.transport.sleep(seconds)
    sleep(seconds)
    ngx.sleep(0.005)
  end
  return a, a.open { store = sas.store.dict(dict) }
end

-- Three light threads at once.
function locations.threads()
  local a, client = yielding "names"
  local threads, results = {}, {}
  for i = 1, 3 do
    threads[i] = ngx.thread.spawn(function() return told(client:ensure(account.chatbot())) end)
  end
  for i = 1, 3 do
    local _, text = ngx.thread.wait(threads[i])
    results[i] = text
  end
  table.sort(results)
  return table.concat(results, ", ") .. "; " .. a.counts() .. "; " .. #ngx.shared.names:get_keys(0) .. " keys"
end

-- A thread that is killed while it holds the lock: the lock ends by itself, and not at once.
function locations.killed()
  local a, client = yielding "names"
  local thread = ngx.thread.spawn(function() return client:ensure(account.chatbot()) end)
  ngx.thread.kill(thread)
  local key = ngx.shared.names:get_keys(0)[1]
  local left = ngx.shared.names:ttl(key)
  local text = told(client:ensure(account.chatbot()))
  ngx.shared.names:delete(key)
  return text .. "; " .. (left > 60 and left < 200 and "bounded" or tostring(left)) .. "; " .. a.counts()
end

-- A dictionary without room, for a lock or for an intent.
function locations.full()
  local a, client = yielding "tiny"
  local count = 0
  while ngx.shared.tiny:safe_set("filler " .. count, ("x"):rep(100)) do
    count = count + 1
  end
  local text = told(client:ensure(account.chatbot()))
  local kept = #ngx.shared.tiny:get_keys(0) == count
  return text .. "; " .. a.counts() .. "; " .. (kept and "nothing was thrown out" or "something was thrown out")
end

-- The intent outlives the request: the next one heeds it.
function locations.pending()
  local a, client = yielding "names"
  a.service:fault("closed", { action = "CreateOrUpdateDingTalk" })
  local first = told(client:ensure(account.chatbot()))
  local second = told(a.open({ store = sas.store.dict "names" }):ensure(account.chatbot()))
  a.service:advance(2000)
  local third = told(client:ensure(account.chatbot()))
  return first .. ", " .. second .. ", " .. third .. "; " .. #ngx.shared.names:get_keys(0) .. " keys"
end

-- The same as requests of another boot: a fence is waited from the first look, which outlives its request.
function locations.boot()
  local a, client = yielding "names"
  a.service:fault("closed", { action = "CreateOrUpdateDingTalk" })
  local texts = { told(client:ensure(account.chatbot())) }
  a.service:advance(2000)
  a.transport.boottime = function() return a.service.now() - 5, "another boot" end
  for _, seconds in ipairs { 1900, 100, 0 } do
    texts[#texts + 1] = told(a.open({ store = sas.store.dict "names" }):ensure(account.chatbot()))
    a.service:advance(seconds)
  end
  return table.concat(texts, ", ") .. "; " .. #ngx.shared.names:get_keys(0) .. " keys"
end

-- Over cosockets, when so many seconds more have passed since the boot: whose clock the fence is waited by.
function locations.clock(query)
  local boottime = system.boottime
  local at, boot = boottime()
  system.boottime = function() return boottime() + query.passed, boot end
  local client = sas.new {
    endpoint = query.endpoint, deadline = 5, accessKeyId = "testid", accessKeySecret = "testsecret",
    store = sas.store.dict "names",
  }
  system.boottime = boottime
  local result, err = client:ensure(account.chatbot())
  client:close()
  local look = err and err.handle and err.handle.looks[1]
  return told(result, err) .. (look and look.boot == boot and look.at <= at + 10 and " of this boot" or "")
end

return function()
  ngx.print(locations[ngx.var.uri:sub(2)](ngx.req.get_uri_args()))
end
