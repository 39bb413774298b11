-- in_workers.lua - what workers_spec.lua has the workers do
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local sas = require "aliyun.sas"

local M = {}

local client

--- init_by_lua: the client that all workers use.
function M.open(endpoint)
  client = sas.new { endpoint = endpoint, accessKeyId = "testid", accessKeySecret = "testsecret" }
end

--- init_worker_by_lua: so many nonces of each worker.
function M.nonces(count)
  local list = {}
  for i = 1, count do
    local request = assert(client:prepare "describeDingTalk")
    list[i] = request.headers["x-acs-signature-nonce"]
  end
  ngx.shared.kept:set("nonces " .. ngx.worker.pid(), table.concat(list, " "))
end

--- What was kept under names that begin so.
function M.kept(beginning)
  local found = {}
  for _, name in ipairs(ngx.shared.kept:get_keys(0)) do
    if name:sub(1, #beginning) == beginning then
      found[name:sub(#beginning + 1)] = ngx.shared.kept:get(name)
    end
  end
  return found
end

--- content_by_lua: a call; it says "good" or what was wrong, and which worker it was.
function M.describe()
  local result, err = client:describeDingTalk { RuleActionName = "worker " .. ngx.worker.pid() }
  ngx.print(result and "good" or tostring(err), " ", ngx.worker.pid())
end

--- A timer that makes a call and keeps what came of it.
function M.call_in_timer(name)
  assert(ngx.timer.at(0, function()
    local result, err = client:describeDingTalk()
    ngx.shared.kept:set("timer " .. name, result and "good" or tostring(err))
  end))
end

-- Load ----------------------------------------------------------------------------------------------------------

local load -- { running, good, failed = { text = count }, left = threads }

local function get(port, path)
  local socket = ngx.socket.tcp()
  socket:settimeouts(5000, 5000, 20000)
  local good, err = socket:connect("127.0.0.1", port)
  if not good then
    return nil, "connect: " .. err
  end
  socket:send("GET " .. path .. " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
  local text
  text, err = socket:receive "*a"
  socket:close()
  if text and text:find "^HTTP/1.1 200 " and text:find "good" then
    return text
  end
  return nil, (err or "") .. " " .. tostring(text):match "([^\r\n]*)[\r\n%d]*$"
end

local function work(port, path)
  while load.running do
    local good, err = get(port, path)
    if good then
      load.good = load.good + 1
    else
      load.failed[err] = (load.failed[err] or 0) + 1
    end
  end
end

--- Begins to ask so many times at once, again and again.
function M.begin_load(port, path, threads)
  load = { running = true, good = 0, failed = {}, left = threads }
  for _ = 1, threads do
    assert(ngx.timer.at(0, function()
      work(port, path)
      load.left = load.left - 1
    end))
  end
end

--- How often it was good, and what was wrong how often.
function M.end_load()
  load.running = false
  while load.left > 0 do
    ngx.sleep(0.01)
  end
  return load.good, load.failed
end

--- So many requests, so many at once: how many were good, and what was wrong how often.
function M.load(port, path, count, threads)
  load = { running = true, good = 0, failed = {}, left = 0 }
  local left, running = count, {}
  for i = 1, threads do
    running[i] = ngx.thread.spawn(function()
      while left > 0 do
        left = left - 1
        local good, err = get(port, path)
        load.good = load.good + (good and 1 or 0)
        if not good then
          load.failed[err] = (load.failed[err] or 0) + 1
        end
      end
    end)
  end
  for i = 1, threads do
    ngx.thread.wait(running[i])
  end
  return load.good, load.failed
end

return M
