-- faults_process_spec.lua - surroundings that are wrong: clock, random numbers, name service, descriptors, forks,
-- signals; see support/faults.lua
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local fault_process = require "spec.support.fault_process"
local fault_server = require "spec.support.fault_server"
local faults = require "spec.support.faults"
local files = require "spec.support.files"
local system = require "aliyun.sas.system"
local trial = require "spec.support.fault_trial"
local wire = require "spec.support.wire"

local CLASSES = { "read", "update", "create" }

describe("a process", function()
  local server, reason, shim, no_shim

  setup(function()
    server, reason = fault_server.start()
    shim, no_shim = fault_process.shim()
  end)

  teardown(function()
    if server then
      server:stop()
    end
    os.remove(shim or "")
  end)

  before_each(function()
    if server then
      server:play()
      server:mark()
    end
  end)

  -- What has to be done behind the test, however it ends; busted's `finally` keeps but one.
  local to_do = {}

  local function afterwards(act)
    to_do[#to_do + 1] = act
  end

  after_each(function()
    for _, act in ipairs(to_do) do
      act()
    end
    to_do = {}
  end)

  -- A temporary file with this text, which is removed behind the test.
  local function file_with(text)
    local path = files.write(os.tmpname(), text)
    afterwards(function() os.remove(path) end)
    return path
  end

  local function endpoint_at(port, host)
    return ("https://%s:%d"):format(host or "localhost", port)
  end

  -- Compares what a child printed, a line for each class.
  local function check(row, classes, text)
    local runs, rest = fault_process.read(text)
    assert.equal("", rest)
    assert.equal(#classes, #runs, text)
    for i, class in ipairs(classes) do
      trial.check(row, class, runs[i])
      assert.equal(0, runs[i].requests)
    end
    assert.equal(0, runs[#runs].left)
  end

  -- Runs a row's child with all classes, or one for each where the first would change what the next meets.
  local function play(row, command_of)
    local classes = row.classes or CLASSES
    local groups = row.apart and {} or { classes }
    for _, class in ipairs(row.apart and classes or {}) do
      groups[#groups + 1] = { class }
    end
    local before = server and #server:seen() or 0
    for _, group in ipairs(groups) do
      check(row, group, child.run(command_of(table.concat(group, ","))))
    end
    if row.requests and server then
      assert.equal(row.requests * #classes, #server:seen() - before)
    end
  end

  -- How each row is played -----------------------------------------------------------------

  local kinds = {}

  function kinds.now(row)
    local emulator = require "aliyun.sas.emulator"
    local keys = { { accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret } }
    for _, class in ipairs(trial.CLASSES) do
      local account = emulator.new { accessKeys = keys, firstId = 1001 }
      local settings = { regionId = "cn-hangzhou", transport = account }
      assert.is_truthy(trial.run(settings, "create").result)
      local before = #account:requests()
      settings.now = function() return type(row.now) == "number" and row.now or nil end
      local run = trial.run(settings, class)
      trial.check(row, class, run)
      assert.equal(run.attempts, #account:requests() - before)
    end
  end

  function kinds.rand(row)
    local library, why = fault_process.shim "-DFAULT_RAND"
    if not library then
      return pending(why)
    end
    afterwards(function() os.remove(library) end)
    play(row, function(class)
      return "LD_PRELOAD=" .. library .. " " .. fault_process.command { class = class }
    end)
  end

  function kinds.openssl(row)
    if row.port and not server then
      return pending(reason)
    end
    local path = file_with(row.openssl)
    play(row, function(class)
      return "OPENSSL_CONF=" .. path .. " " .. fault_process.command {
        class = class, nonce = row.nonce, endpoint = row.port and endpoint_at(server.port[row.port]),
        caFile = row.port and server.caFile,
      }
    end)
  end

  function kinds.dns(row)
    if not (server and shim) then
      return pending(reason or no_shim)
    end
    local silent = row.full and wire.start(1, "full", row.full, server.port.good)
    afterwards(function()
      if silent then
        silent:stop()
      end
    end)
    play(row, function(class)
      return ("LD_PRELOAD=%s FAULT_DNS=%s "):format(shim, row.dns) .. fault_process.command {
        class = class, endpoint = endpoint_at(server.port.good, "sas.example"), caFile = server.caFile,
        connectTimeout = row.full and 6 or nil,
      }
    end)
  end

  function kinds.server(row)
    if child.run(fault_process.with_name_server("silent", "echo possible")) ~= "possible" then
      return pending "needs namespaces for users, mounts and networks"
    end
    play(row, function(class)
      return fault_process.with_name_server(row.server, fault_process.command {
        class = class, endpoint = endpoint_at(443, "sas.example"), connectTimeout = row.seconds,
        retries = row.seconds and 0 or 2,
      })
    end)
  end

  function kinds.files(row)
    if not server then
      return pending(reason)
    end
    play(row, function(class)
      return "ulimit -n 48; " .. fault_process.command {
        class = class, files = row.files, endpoint = endpoint_at(server.port.good), caFile = server.caFile,
      }
    end)
  end

  function kinds.fork()
    for _, when in ipairs { "new", "used" } do
      server:mark()
      local command, why = child.luajit_command("spec/support/fault_fork.lua", when, endpoint_at(server.port.good),
        server.caFile)
      if not command then
        return pending(why)
      end
      local text = child.run(command)
      local _, done = text:gsub("\tdone", "")
      assert.equal(when == "used" and 10 or 9, done, text)
      assert.is_truthy(text:find("ended\t0", 1, true), text)
      -- no nonce twice, and no connection from both sides: the child reads groups, the parent chatbots
      local nonces, owners, seen = {}, {}, server:seen()
      assert.equal(when == "used" and 10 or 9, #seen)
      for _, request in ipairs(seen) do
        assert.is_nil(nonces[request.nonce])
        nonces[request.nonce] = true
        if request.action ~= "CreateOrUpdateDingTalk" then
          assert.equal(owners[request.connection] or request.action, request.action)
          owners[request.connection] = request.action
        end
      end
      local last = seen[#seen]
      assert.equal(when == "used" and 5 or 4, last.nth) -- the parent's connection has lived all the time
    end
  end

  -- Runs a child with the shim; answers its runs and what the shim counted.
  local function counted(environment, words)
    local count = file_with ""
    local text = child.run(("LD_PRELOAD=%s FAULT_COUNT=%s %s %s; echo status $?"):format(shim, count, environment,
      fault_process.command(words)))
    local runs, rest = fault_process.read(text)
    assert.equal("status 0", rest)
    local signals, broken = assert(files.read(count)):match "signals (%d+) epipe (%d+)"
    return runs, tonumber(signals), tonumber(broken)
  end

  function kinds.storm()
    if not shim then
      return pending(no_shim)
    end
    local runs, signals = counted("FAULT_STORM=1000", {
      class = "read,update,create,test", rounds = 20, endpoint = endpoint_at(server.port.good), caFile = server.caFile,
      retries = 0,
    })
    assert.equal(80, #runs)
    for _, run in ipairs(runs) do
      assert.is_true(run.result, run.err and run.err.message)
      assert.equal(1, run.attempts)
    end
    assert.equal(80, #server:seen())
    assert.is_true(signals > 200, signals .. " signals")
  end

  function kinds.pipe()
    if not shim then
      return pending(no_shim)
    end
    -- libcurl says goodbye on the dead connection that it finds, which is a write that nobody can take
    local breaker = wire.start(server.port.tls12, "idle-reset")
    afterwards(function() breaker:stop() end)
    local runs, _, broken = counted("", {
      class = "read", rounds = 10, endpoint = endpoint_at(breaker.port), caFile = server.caFile, pause = 0.1,
    })
    assert.equal(10, #runs)
    for _, run in ipairs(runs) do
      assert.is_true(run.result, run.err and run.err.message)
    end
    assert.is_true(broken >= 1, "no write has failed with EPIPE, so that no SIGPIPE came")
  end

  function kinds.interrupt()
    server:play { silent = 2 } -- then it ends without an answer
    local command = fault_process.command {
      class = "create", endpoint = endpoint_at(server.port.good), caFile = server.caFile,
    }
    -- the shell must not have it, and what it starts in the background would ignore it
    local text = child.run(("log='%s/requests.log'; old=$(wc -c <$log); env %s & pid=$!; "
      .. "for i in $(seq 1000); do sleep 0.05; [ $(wc -c <$log) -gt $old ] && break; done; "
      .. "sleep 0.1; kill -INT $pid; wait $pid; echo status $?")
      :format(server.folder, command))
    -- Lua raises it where it next runs, which may be behind the exchange; then nothing is claimed about the create
    local runs = fault_process.read(text)
    if #runs == 0 then
      assert.is_truthy(text:find("interrupted!", 1, true), text)
    else
      assert.equal("unknown", runs[1].err.kind)
      assert.is_true(runs[1].err.sent)
    end
    assert.equal(1, #server:seen())
  end

  local ORDER = { "now", "rand", "openssl", "dns", "server", "files", "fork", "storm", "pipe", "interrupt" }
  local NEED_SERVER = { fork = true, storm = true, pipe = true, interrupt = true }

  for _, row in ipairs(faults.on "process") do
    it(("%s: %s"):format(row.id, row.fault), function()
      for _, kind in ipairs(ORDER) do
        if row[kind] then
          if NEED_SERVER[kind] and not server then
            return pending(reason)
          end
          return kinds[kind](row)
        end
      end
      error "the row says not how it is played"
    end)
  end

  -- Fewer and fewer ------------------------------------------------------------------------

  it("F15: with any number of descriptors, sends or says that it did not", function()
    if not server then
      pending(reason)
      return
    end
    local outcomes = {}
    for free = 0, 6 do
      local runs = fault_process.read(child.run("ulimit -n 48; " .. fault_process.command {
        class = "read,create", files = free, endpoint = endpoint_at(server.port.good), caFile = server.caFile,
      }))
      assert.equal(2, #runs)
      for _, run in ipairs(runs) do
        assert.is_true(run.result or not run.err.sent)
        assert.equal(0, run.left)
        outcomes[run.result and "done" or run.err.kind] = true
      end
    end
    assert.same({ done = true, network = true }, outcomes)
  end)

  it("goes on where it was, when there are descriptors again", function()
    if not server then
      pending(reason)
      return
    end
    local client = trial.client { endpoint = endpoint_at(server.port.good), caFile = server.caFile }
    assert.is_truthy(trial.calls.read(client))
    local open = descriptors.settled()
    for _ = 1, 20 do
      assert.is_truthy(trial.calls.create(client))
      assert.is_truthy(trial.calls.read(client))
    end
    assert.is_true(descriptors.count() <= open)
    client:close()
    assert.is_true(system.pid() > 0)
  end)
end)
