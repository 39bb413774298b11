-- workers_spec.lua - one client in many workers of nginx: reloads, kills, memory, and what is not shared
-- SPDX-License-Identifier: MIT
--
-- `make soak` runs it with SOAK=yes: more reloads, and more requests.

local emulator = require "aliyun.sas.emulator"
local openresty = require "spec.support.openresty"
local shell = require "aliyun.sas.emulator.shell"

local IN = "spec.support.in_workers"
local soak = os.getenv "SOAK" == "yes"
local RELOADS = soak and 100 or 10
local REQUESTS = soak and 10000 or 400

local http_part = [[
  lua_shared_dict kept 4m;
  init_by_lua_block { require "%s".open "%s" }
  init_worker_by_lua_block { require "%s".nonces(1000) }
]]

local server_part = ('location = /describe { content_by_lua_block { require "%s".describe() } }'):format(IN)

-- What is left when a few processes wait for the collector: KB.
local ROOM = 6 * 1024

describe("one client in", function()
  local server, loader, front, reason, killed

  setup(function()
    server = emulator.serve()
    loader, reason = openresty.start()
  end)

  teardown(function()
    if loader then loader:stop() end
    server:stop()
  end)

  before_each(function()
    killed = nil
    server:reset()
  end)

  after_each(function()
    if front then front:stop() end
    front = nil
  end)

  -- A test with so many workers, and more for nginx.conf.
  local function it_with(workers, more, name, test)
    it(name, function()
      if not loader then
        pending(reason)
        return
      end
      front = assert(openresty.start {
        workers = workers, trusted = { server.caFile }, server = server_part,
        http = http_part:format(IN, server.endpoint, IN) .. more,
      })
      test()
      local log = front:log()
      for line in log:gmatch "[^\n]*exited on signal[^\n]*" do
        assert.is_truthy(killed and line:find(killed .. " exited on signal 9", 1, true), line)
      end
      assert.is_nil(log:match "[^\n]*failed to run[^\n]*")
    end)
  end

  local function load(count, threads, path)
    return loader:call(IN, "load", front.port, path or "/describe", count, threads)
  end

  -- Asks until each worker has answered.
  local function ask_all(seen)
    for _ = 1, 500 do
      local status, body = front:get "/describe"
      assert.equal(200, status)
      local pid = body:match "^good (%d+)"
      assert.is_string(pid, body)
      seen[pid] = true
      local all = true
      for _, worker in ipairs(front:workers()) do
        all = all and seen[worker]
      end
      if all then
        return
      end
    end
    error "not every worker was asked"
  end

  it_with(4, "", "four workers works in each of them", function()
    ask_all {}
  end)

  it_with(4, "", "four workers makes 4000 nonces, no two alike", function()
    local kept, seen, count = front:call(IN, "kept", "nonces "), {}, 0
    local workers = 0
    for _, list in pairs(kept) do
      workers = workers + 1
      for nonce in list:gmatch "%S+" do
        assert.is_nil(seen[nonce])
        seen[nonce] = true
        count = count + 1
      end
    end
    assert.equal(4, workers)
    assert.equal(4000, count)
  end)

  it_with(2, "", "two workers has connections in each of them, and none in both", function()
    load(200, 20)
    ask_all {}
    local owner, owners = {}, {}
    for _, request in ipairs(server:requests()) do
      local pid = request.parameters.RuleActionName:match "%d+"
      assert.equal(pid, owner[request.connection] or pid)
      owner[request.connection] = pid
      owners[pid] = true
    end
    assert.is_truthy(next(owners, next(owners)))
  end)

  it_with(1, "", "a worker loads no libcurl, and one libcrypto", function()
    ask_all {}
    local pid = front:workers()[1]
    assert.same({}, front:libraries(pid, "libcurl"))
    assert.equal(1, #front:libraries(pid, "libcrypto"))
    assert.is_true(#front:libraries(pid, "libssl") <= 1)
    assert.equal(1, #front:libraries(pid, "aliyun/sas/core.so"))
    assert.same({}, front:libraries(pid, "aliyun/sas/http.so"))
  end)

  it_with(2, "", RELOADS .. " reloads under load loses no call, no memory and no descriptor", function()
    front:reload()
    ask_all {}
    front:settle()
    local before, before_files = front:size(front:master())
    local worker_before, worker_files_before = front:size(front:workers()[1])
    loader:call(IN, "begin_load", front.port, "/describe", 10)
    for _ = 1, RELOADS do
      front:reload()
    end
    local good, failed = loader:call(IN, "end_load")
    assert.same({}, failed)
    assert.is_true(good >= RELOADS * 5, good .. " calls")
    assert.is_truthy(front:settle(), "old workers are left")
    ask_all {}
    local after, after_files = front:size(front:master())
    assert.is_true(after - before < ROOM, ("the master had %d KB, then %d"):format(before, after))
    assert.equal(before_files, after_files)
    local worker_after, worker_files = front:size(front:workers()[1])
    assert.is_true(worker_after - worker_before < ROOM, ("a worker had %d KB, then %d"):format(worker_before,
      worker_after))
    -- but for the connections of the load: ten from it, and as many to the service
    assert.is_true(worker_files <= worker_files_before + 25, ("a worker had %d descriptors, then %d"):format(
      worker_files_before, worker_files))
  end)

  -- Of a worker that has answered before. The connections to the service that are kept may once be more than before,
  -- as many as calls happen to be under way; what is lost is lost by each load.
  local function takes_nothing(pid, at_once)
    local wrong
    for _ = 1, 3 do
      local before, before_files = front:size(pid)
      local good, failed = load(REQUESTS, at_once)
      assert.same({}, failed)
      assert.equal(REQUESTS, good)
      local after, after_files = front:size(pid)
      if after - before < ROOM and after_files <= before_files + 3 then
        return
      end
      wrong = ("the worker had %d KB and %d descriptors, then %d KB and %d"):format(before, before_files, after,
        after_files)
    end
    error(wrong, 0)
  end

  it_with(1, "", REQUESTS .. " calls in a worker takes no memory and no descriptor", function()
    local pid = front:workers()[1]
    load(REQUESTS, 20)
    takes_nothing(pid, 20)
  end)

  it_with(1, "lua_code_cache off;", "a Lua state of its own, " .. REQUESTS .. " times, takes no memory", function()
    local pid = front:workers()[1]
    load(REQUESTS / 2, 10)
    takes_nothing(pid, 10)
    assert.equal(pid, front:workers()[1])
  end)

  it_with(2, "", "two workers lives on when one is killed in the middle of its calls", function()
    server:fault("delayed", 0.3, 1000)
    loader:call(IN, "begin_load", front.port, "/describe", 10)
    shell.wait(function() return #server:requests() >= 10 end, 60)
    killed = front:workers()[1]
    shell.run("kill -KILL " .. killed)
    assert.is_truthy(shell.wait(function()
      local pids = front:workers()
      return #pids == 2 and pids[1] ~= killed and pids[2] ~= killed
    end, 60))
    local _, failed = loader:call(IN, "end_load")
    local lost = 0
    for _, count in pairs(failed) do
      lost = lost + count
    end
    assert.is_true(lost <= 10, lost .. " were lost") -- those that the killed one was at
    server:reset()
    local good
    good, failed = load(100, 10)
    assert.same({}, failed)
    assert.equal(100, good)
    ask_all {}
  end)

  it_with(1, "", "a worker that is shut down ends its calls first", function()
    server:fault("delayed", 3, 2)
    local old = front:workers()[1]
    loader:call(IN, "begin_load", front.port, "/describe", 1)
    front:call(IN, "call_in_timer", "one")
    assert.is_truthy(shell.wait(function() return #server:requests() == 2 end, 60))
    front:reload()
    assert.is_truthy(shell.alive(old)) -- it is still at work
    local good, failed = loader:call(IN, "end_load")
    assert.same({}, failed)
    assert.is_true(good >= 1)
    assert.is_truthy(shell.wait(function() return front:call(IN, "kept", "timer ").one == "good" end, 60))
    assert.is_truthy(shell.wait(function() return not shell.alive(old) end, 60), "the old worker is left")
  end)
end)
