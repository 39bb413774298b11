-- in_cosocket.lua - what cosocket_spec.lua has a worker do
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local canary = require "spec.support.canary"
local cosocket = require "aliyun.sas.cosocket"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local M = {}

local transport = cosocket.new() -- of the worker

local function timed(f, ...)
  local start = system.monotonic()
  local outcome = f(...)
  return outcome, system.monotonic() - start
end

--- An exchange: the outcome, and the seconds that it took.
function M.send(request, body_size)
  if body_size then
    request.body = ("x"):rep(body_size)
  end
  return timed(transport.send, request)
end

--- The same some times, one after the other; the last outcome.
function M.send_often(request, times)
  local outcome
  for _ = 1, times do
    outcome = transport.send(request)
  end
  return outcome
end

--- An exchange, so many seconds in which the worker does nothing else, and another exchange: the second outcome.
function M.send_when_busy(first, seconds, second)
  transport.send(first)
  system.sleep(seconds)
  return (transport.send(second))
end

--- Whether this nginx tells the session of a connection after its handshake, as that of TLS 1.3 wants it.
function M.tells_sessions()
  return ngx.socket.tcp().getsslsession ~= nil
end

--- As often as that, where the connections tell sessions 1, 2 and so on after their answers; what was offered to each
--- handshake.
function M.offers(request, times)
  local tcp, offered, told = ngx.socket.tcp, {}, 0
  ngx.socket.tcp = function()
    local socket = tcp()
    local handshake = socket.sslhandshake
    socket.sslhandshake = function(self, session, ...)
      offered[#offered + 1] = tostring(session)
      return handshake(self, nil, ...)
    end
    socket.getsslsession = function()
      told = told + 1
      return told
    end
    return socket
  end
  local mine = cosocket.new()
  local good, err = pcall(function()
    for _ = 1, times do
      mine.send(request)
    end
  end)
  ngx.socket.tcp = tcp
  return good and table.concat(offered, " ") or err, told
end

function M.client(settings)
  local given = {
    accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, jitter = function() return 0 end,
  }
  for name, value in pairs(settings) do
    given[name] = value
  end
  return sas.new(given)
end

local function report(result, err, start)
  return {
    result = result, err = err, text = err and tostring(err), seconds = system.monotonic() - start,
  }
end

--- Calls through one client, one after the other; each is { method, params }. Answers a report of each.
function M.calls(settings, list)
  local client, reports = M.client(settings), {}
  for i, one in ipairs(list) do
    local start = system.monotonic()
    local result, err = client[one[1]](client, one[2])
    reports[i] = report(result, err, start)
  end
  client:close()
  return reports
end

--- What sas.new says of the settings.
function M.new(settings)
  local good, message = pcall(M.client, settings)
  return good, not good and message or nil
end

--- What cosocket.new says of its settings.
function M.new_transport(settings)
  local good, message = pcall(cosocket.new, settings)
  return good, not good and message or nil
end

-- Functions below which nothing can yield.
local below = {}

function below.sort(f)
  table.sort({ 2, 1 }, function(a, b)
    f()
    return a < b
  end)
end

function below.gsub(f)
  return (("x"):gsub("x", function() f() end))
end

function below.require(f)
  package.loaded["spec.made.up"], package.preload["spec.made.up"] = nil, f
  require "spec.made.up"
end

--- A call from below such a function, and one behind it: the outcomes.
function M.below(where, request)
  local under
  below[where](function() under = under or transport.send(request) end)
  return under, transport.send(request)
end

function M.call_below(where, settings)
  local client, err = M.client(settings), nil
  below[where](function()
    local _
    _, err = client:describeDingTalk()
  end)
  return err
end

--- An exchange: its outcome, and how many turns another thread got while it was under way.
function M.turns_beside(request)
  local turns, done = 0, false
  local other = ngx.thread.spawn(function()
    while not done do
      ngx.sleep(0.005)
      turns = turns + 1
    end
  end)
  local outcome = transport.send(request)
  done = true
  local seen = turns
  ngx.thread.wait(other)
  return outcome.status or outcome.code, seen
end

--- So many threads at once, each of which works when it is its turn: how many did, and the most that did so before
--- another thread had its own.
function M.turns(threads)
  local turn = require "aliyun.sas.turn"
  local done, most = 0, 0
  for _ = 1, threads do
    ngx.thread.spawn(function()
      turn()
      done = done + 1
    end)
  end
  while done < threads do
    local before = done
    ngx.sleep(0.001)
    most = math.max(most, done - before)
  end
  return done, most
end

--- So many threads at once through one client. Each creates a chatbot with a name of its own and asks for it.
function M.crowd(settings, threads, webhook)
  local client, wrong, running = M.client(settings), {}, {}
  local function one(i)
    local name = "robot " .. i
    local made, err = client:createOrUpdateDingTalk {
      RuleActionName = name, SendUrl = webhook, ConfigList = { vul = "all" }, GroupIdList = { i },
    }
    local read, read_err = client:describeDingTalk { RuleActionName = name }
    local found = read and read.ActionList[1] or {}
    if not made or #(read and read.ActionList or {}) ~= 1 or found.ActionName ~= name or
      found.GroupIdList ~= ('["%d"]'):format(i) then
      wrong[#wrong + 1] = name .. ": " .. tostring(err or read_err or found.ActionName)
    end
  end
  for i = 1, threads do
    running[i] = ngx.thread.spawn(one, i)
  end
  for i = 1, threads do
    ngx.thread.wait(running[i])
  end
  client:close()
  return wrong
end

--- Kills a thread in the middle of an exchange; the next exchange must be as good as ever.
function M.killed(request, after)
  local thread = ngx.thread.spawn(transport.send, request)
  ngx.sleep(after)
  local good = ngx.thread.kill(thread)
  request.path = "/ok"
  return good, transport.send(request)
end

return M
