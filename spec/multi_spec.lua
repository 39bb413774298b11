-- multi_spec.lua - several exchanges of one handle in flight, against a real server over TLS
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local http = require "aliyun.sas.http"
local needing = require "spec.support.needing"
local system = require "aliyun.sas.system"
local tlsserver = require "spec.support.tlsserver"
local wire = require "spec.support.wire_cases"

local MOST = 64

describe("exchanges in flight", function()
  local server, reason, handle

  setup(function()
    server, reason = tlsserver.start()
  end)

  teardown(function()
    if server then
      server:stop()
    end
  end)

  before_each(function()
    handle = http.new { proxy = false, caFile = server and server.caFile }
  end)

  after_each(function()
    handle:close()
  end)

  local it_over_tls = needing({ it = it, pending = pending }, function()
    if server then
      server:mark()
    end
    return server, reason
  end)

  local function request(path, changes)
    local made = {
      method = "POST", scheme = "https", host = "localhost", port = server and server.port.good, path = "/" .. path,
      query = "access_token=" .. canary.accessToken, connectTimeout = 60, timeout = 60,
      headers = { authorization = canary.accessKeySecret },
    }
    for key, value in pairs(changes or {}) do
      made[key] = value
    end
    return made
  end

  -- Polls until so many have ended; answers the outcomes by their tokens.
  local function collect(count)
    local found, got, stop = {}, 0, system.monotonic() + 120
    while got < count do
      assert.is_true(system.monotonic() < stop, "the outcomes do not come")
      for _, ended in ipairs(handle:poll(1)) do
        assert.is_nil(found[ended.token])
        found[ended.token], got = ended.outcome, got + 1
      end
    end
    return found
  end

  local function start_all(count, path, changes)
    local tokens = {}
    for i = 1, count do
      tokens[i] = assert(handle:start(request(path, changes)))
    end
    return tokens
  end

  local function took(act)
    local before = system.monotonic()
    act()
    return system.monotonic() - before
  end

  local function no_secret(message)
    for _, secret in ipairs { canary.accessToken, canary.accessKeySecret } do
      assert.is_nil(message:find(secret, 1, true))
    end
  end

  it_over_tls("rest together", function()
    local tokens = start_all(8, "meet") -- one after another none would be answered
    local found = collect(8)
    for _, token in ipairs(tokens) do
      assert.equal("200 met", tostring(found[token].status) .. " " .. tostring(found[token].body))
    end
    assert.equal(8, #server:seen())
    assert.same({}, handle:poll(0))
  end)

  it_over_tls("that stall end each in its own time", function()
    start_all(8, "ok") -- the time is for the answers, not for the connections
    collect(8)
    local tokens, began, order = {}, system.monotonic(), {}
    for i = 1, 8 do
      tokens[i] = assert(handle:start(request("stall", { timeout = 0.8 + i / 10 })))
    end
    while #order < 8 do
      for _, ended in ipairs(handle:poll(5)) do -- on a slow machine two may end before they are looked at
        order[#order + 1] = ended.token
        assert.same({ "TIMEOUT", true }, { ended.outcome.code, ended.outcome.sent })
        assert.is_true(system.monotonic() - began > 0.75 + #order / 10)
      end
    end
    assert.same(tokens, order)
    assert.is_true(system.monotonic() - began < 10) -- as long as they take one after another
  end)

  it_over_tls("end as they end alone, whatever the server gives", function()
    local rows, is_slow = {}, nil
    local function start(row)
      local timeout = row[3] and row[3].timeout
      if (timeout ~= nil) == is_slow then
        local asked = request(row[2], row[3])
        asked.timeout = timeout and timeout * 4 or 60 -- so many begin at once
        rows[assert(handle:start(asked))] = row
      end
    end
    start_all(3, "ok") -- the time of the slow ones is for the answers, not for the connections
    collect(3)
    server:mark()
    for _, slow in ipairs { true, false } do -- those that have little time first
      is_slow = slow
      for _, row in ipairs(wire.outcomes) do
        start(row)
      end
      assert.same({}, slow and handle:poll(0.2) or {})
    end
    for token, outcome in pairs(collect(#wire.outcomes)) do
      local row = rows[token]
      assert.is_true(outcome.sent)
      if outcome.code ~= row[6] or row[6] == nil then
        assert.equal(row[4], outcome.code or outcome.status, row[1])
      end
      no_secret(outcome.message or "")
    end
    assert.equal(#wire.outcomes, #server:seen())
  end)

  it_over_tls("send nothing where there is no connection to trust", function()
    local rows = {}
    for _, row in ipairs(wire.connections) do
      local asked = request("ok", { port = server.port[row[2]], connectTimeout = row[4] })
      rows[assert(handle:start(asked))] = row
    end
    for token, outcome in pairs(collect(#wire.connections)) do
      assert.equal(rows[token][3], outcome.code)
      assert.is_false(outcome.sent)
    end
    assert.equal(0, #server:seen())
  end)

  it("do not begin where the request is wrong: the outcome is there at once", function()
    local rows = {
      { { method = "post" }, "INVALID_REQUEST" }, { { headers = { a = "x\r\ny" } }, "INVALID_REQUEST" },
      { { timeout = 0 }, "INVALID_REQUEST" }, { { scheme = "http", host = "10.0.0.1" }, "FORBIDDEN_ADDRESS" },
    }
    for _, row in ipairs(rows) do
      local token, outcome = handle:start(request("ok", row[1]))
      assert.is_nil(token)
      assert.same({ row[2], false }, { outcome.code, outcome.sent })
      no_secret(outcome.message)
    end
    assert.equal("INVALID_REQUEST", select(2, handle:start(42)).code)
    assert.same({}, handle:poll(1))
  end)

  it_over_tls("are at most 64, and one more is refused, not lost", function()
    start_all(MOST, "nap")
    local token, outcome = handle:start(request("ok"))
    assert.is_nil(token)
    assert.same({ "TOO_MANY", false }, { outcome.code, outcome.sent })
    assert.equal("TOO_MANY", handle:send(request("ok")).code)
    for _, ended in pairs(collect(MOST)) do
      assert.equal(200, ended.status)
    end
    assert.equal(200, handle:send(request("ok")).status)
    assert.equal(MOST + 1, #server:seen())
  end)

  it_over_tls("go on while another is sent, and none is lost", function()
    local tokens = start_all(3, "nap")
    assert.equal("rested", handle:send(request("nap")).body)
    local found = collect(3)
    for _, token in ipairs(tokens) do
      assert.equal("rested", found[token].body)
    end
  end)

  it_over_tls("keep the body that they were given", function()
    local bodies = {}
    for i = 1, 6 do
      local body = (tostring(i) .. "\0\r\n"):rep(100000)
      bodies[assert(handle:start(request("echo", { body = body })))] = i
    end
    collectgarbage()
    collectgarbage()
    for token, outcome in pairs(collect(6)) do
      local body = (tostring(bodies[token]) .. "\0\r\n"):rep(100000)
      assert.is_true(body == outcome.body:sub(-#body))
    end
  end)

  describe("over connections", function()
    it_over_tls("that are used again", function()
      for _ = 1, 3 do
        start_all(4, "nap")
        collect(4)
      end
      local connections = {}
      for _, seen in ipairs(server:seen()) do
        connections[seen.connection] = true
      end
      local count = 0
      for _ in pairs(connections) do
        count = count + 1
      end
      assert.equal(4, count)
    end)

    it_over_tls("that are new when asked for, with TLS sessions resumed", function()
      for _ = 1, 3 do
        start_all(6, "ok", { fresh = true })
        collect(6)
      end
      for i, seen in ipairs(server:seen()) do
        assert.equal(1, seen.nth)
        assert.equal(i > 6, seen.resumed)
      end
    end)

    it_over_tls("that die under a request, which is not sent again", function()
      start_all(1, "closereused")
      collect(1)
      local token = start_all(1, "closereused")[1]
      local outcome = collect(1)[token]
      assert.same({ "CONNECTION_LOST", true }, { outcome.code, outcome.sent })
      assert.equal(2, #server:seen())
    end)

    it_over_tls("of which none is left open by a handle that is closed or collected", function()
      local before = descriptors.settled()
      if before == 0 then
        pending "needs /proc"
        return
      end
      for i = 1, 4 do
        local one = http.new { proxy = false, caFile = server.caFile }
        for _ = 1, 5 do
          assert(one:start(request("stall")))
          assert(one:start(request("ok")))
        end
        one:poll(0.3)
        assert.is_true(descriptors.count() > before)
        if i % 2 == 0 then
          one:close()
        end
        one = nil -- luacheck: ignore
        assert.is_true(descriptors.settled() <= before)
      end
    end)
  end)

  describe("of a handle that is closed", function()
    it_over_tls("are told as CLOSED, and whether they were sent", function()
      local tokens = start_all(2, "stall")
      handle:poll(0.5)
      tokens[3] = assert(handle:start(request("stall", { fresh = true })))
      handle:close()
      local sent = {}
      for token, outcome in pairs(collect(3)) do
        assert.equal("CLOSED", outcome.code)
        sent[token] = outcome.sent
      end
      assert.same({ [tokens[1]] = true, [tokens[2]] = true, [tokens[3]] = false }, sent)
      assert.same({}, handle:poll(1))
      local token, outcome = handle:start(request("ok"))
      assert.is_nil(token)
      assert.equal("CLOSED", outcome.code)
    end)

    it_over_tls("while what has ended already keeps its outcome", function()
      local token = start_all(1, "ok")[1]
      assert.equal(200, handle:send(request("nap")).status)
      handle:close()
      assert.equal(200, collect(1)[token].status)
    end)

    it_over_tls("in a forked child, are the parent's", function()
      local command, why = child.luajit_command("spec/support/forked.lua", "flights", server.port.good, server.caFile)
      if not command then
        pending(why)
        return
      end
      assert.equal("child\tCLOSED\ntrue\nchild\tCLOSED\ntrue\nchild\t200\nchild connections\t0\nchild ended\t0\n" ..
        "child ended\t0\nparent\t200\nparent\t200", child.run(command))
    end)
  end)

  describe("polling", function()
    it_over_tls("waits at most so long, and not at all for nothing", function()
      assert.is_true(took(function() handle:poll(60) end) < wire.MOST)
      start_all(1, "stall")
      local seconds = took(function() assert.same({}, handle:poll(0.3)) end)
      assert.is_true(seconds >= 0.3 and seconds < wire.MOST, seconds)
      assert.is_true(took(function() handle:poll() end) < wire.MOST)
    end)

    it("takes seconds", function()
      for _, wrong in ipairs { -1, "x", 0 / 0, {} } do
        assert.has_error(function() handle:poll(wrong) end)
      end
      for _, wrong in ipairs { {}, "x", io.stdout } do
        assert.has_error(function() handle.poll(wrong, 1) end)
        assert.has_error(function() handle.start(wrong, {}) end)
      end
    end)

    it_over_tls("can be interrupted by finalizers that use the handle", function()
      if _VERSION == "Lua 5.1" then
        pending "tables have no __gc there"
        return
      end
      start_all(20, "ok")
      local inner, found = 0, {}
      for _ = 1, 50 do
        setmetatable({}, { __gc = function()
          inner = inner + 1
          for _, ended in ipairs(handle:poll(0)) do
            found[#found + 1] = ended
          end
          handle:start(request("ok"))
        end })
      end
      local pause = collectgarbage("setpause", 1)
      local stop = system.monotonic() + 60
      while (inner < 50 or #found < 70) and system.monotonic() < stop do
        collectgarbage("step", 1)
        for _, ended in ipairs(handle:poll(0.01)) do
          found[#found + 1] = ended
        end
      end
      collectgarbage("setpause", pause)
      assert.equal(70, #found)
      local seen = {}
      for _, ended in ipairs(found) do
        assert.equal(200, ended.outcome.status)
        assert.is_nil(seen[ended.token])
        seen[ended.token] = true
      end
    end)
  end)
end)
