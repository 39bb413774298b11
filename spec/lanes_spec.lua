-- lanes_spec.lua - several pieces of work over one client: which go on, in which pace, and what becomes of each
-- SPDX-License-Identifier: MIT
--
-- Over a transport in Lua whose clock is moved by waiting; lanes_wire_spec.lua has it over TLS.

local lanes = require "aliyun.sas.lanes"
local system = require "aliyun.sas.system"

-- A client's state over a transport that ends each exchange after `request.takes` seconds of its own clock.
local function fake()
  local self = { clock = 100, flights = {}, polls = {}, last = 0, most = 0, started = 0 }
  self.transport = {
    start = function(request)
      self.last, self.started = self.last + 1, self.started + 1
      self.flights[self.last] = { request = request, at = self.clock + (request.takes or 1) }
      local count = 0
      for _ in pairs(self.flights) do
        count = count + 1
      end
      self.most = math.max(self.most, count)
      return self.last
    end,
    poll = function(seconds)
      self.polls[#self.polls + 1] = seconds
      local next_at = self.clock + seconds
      for _, flight in pairs(self.flights) do
        next_at = math.min(next_at, flight.at)
      end
      self.clock = math.max(self.clock, next_at)
      local list = {}
      for token, flight in pairs(self.flights) do
        if flight.at <= self.clock then
          self.flights[token] = nil
          list[#list + 1] = { token = token, outcome = { sent = true, status = 200, body = flight.request.name } }
        end
      end
      return list
    end,
    send = function() error "lanes have start and poll" end,
  }
  self.state = {
    transport = self.transport,
    monotonic = function() return self.clock end,
    sleep = function(seconds) self.clock = self.clock + seconds end,
  }
  return self
end

local function numbers(count)
  local list = {}
  for i = 1, count do
    list[i] = i
  end
  return list
end

-- What `done` is told, by the job.
local function run(state, options, jobs, work)
  local told = {}
  lanes.run(state, options, jobs, work, function(job, good, ...)
    assert(told[job] == nil, "told twice")
    told[job] = { good, ... }
  end)
  return told
end

local function send(name, takes)
  return function(state)
    return state.transport.send { name = name, takes = takes, timeout = 10 }
  end
end

describe("lanes over start and poll", function()
  local it_has

  before_each(function()
    it_has = fake()
  end)

  it("have so many in flight at a time, and tell each its own", function()
    local told = run(it_has.state, { concurrency = 3 }, numbers(7), function(state, job)
      return send("n" .. job)(state).body, job
    end)
    for i = 1, 7 do
      assert.same({ true, "n" .. i, i }, told[i])
    end
    assert.equal(3, it_has.most)
    assert.equal(103, it_has.clock) -- three rounds of a second
  end)

  it("are at most 64, whatever is asked for", function()
    run(it_has.state, { concurrency = 1000.5 }, numbers(100), send "x")
    assert.equal(64, it_has.most)
    it_has = fake()
    it_has.transport.send = it_has.transport.start
    run(it_has.state, { concurrency = 0 }, numbers(3), send "x")
    assert.equal(3, it_has.started)
  end)

  it("go on while another sleeps, and wake in time", function()
    local order = {}
    run(it_has.state, { concurrency = 3 }, { 5, 2, 3.5 }, function(state, seconds)
      state.sleep(seconds)
      order[#order + 1] = ("%g@%g"):format(seconds, it_has.clock)
      send("x", 2)(state)
      order[#order + 1] = ("%g@%g"):format(seconds, it_has.clock)
    end)
    assert.equal("2@102 3.5@103.5 2@104 5@105 3.5@105.5 5@107", table.concat(order, " "))
    for _, seconds in ipairs(it_has.polls) do
      assert.is_true(seconds >= 0 and seconds <= 20)
    end
  end)

  it("sleep by a clock that stands still", function()
    it_has.state.sleep = function() end
    local told = run(it_has.state, { concurrency = 2 }, { 1, 2 }, function(state, seconds)
      state.sleep(seconds)
      return "awake"
    end)
    assert.same({ { true, "awake" }, { true, "awake" } }, told)
  end)

  it("are woken with the error where there is no waiting any more", function()
    it_has.state.sleep = function() error("the end", 0) end
    local told = run(it_has.state, { concurrency = 2 }, { 1, 2 }, function(state, seconds)
      state.sleep(seconds)
    end)
    assert.same({ { false, "the end" }, { false, "the end" } }, told)
  end)

  it("tell what work raises, of any type, and go on", function()
    local told = run(it_has.state, { concurrency = 2 }, numbers(4), function(state, job)
      send("x")(state)
      if job % 2 == 0 then
        error(job == 2 and { code = "X" } or "text", 0)
      end
      return job
    end)
    assert.same({ { true, 1 }, { false, { code = "X" } }, { true, 3 }, { false, "text" } }, told)
  end)

  it("end what is in flight where done raises, begin nothing more, and raise that again", function()
    local ended, begun = {}, 0
    local good, why = pcall(lanes.run, it_has.state, { concurrency = 3 }, numbers(9), function(state, job)
      begun = begun + 1
      send("x", job)(state)
      return job
    end, function(job)
      ended[#ended + 1] = job
      error({ "stop " .. job }, 0)
    end)
    assert.is_false(good)
    assert.same({ "stop 1" }, why)
    assert.same({ 1, 2, 3 }, ended)
    assert.equal(3, begun)
  end)

  it("write to the client's state", function()
    run(it_has.state, { concurrency = 2 }, numbers(2), function(state, job)
      state.offset = job
      send("x", job)(state)
      assert.equal(2, state.offset)
      assert.are_not.equal(it_has.transport, state.transport)
    end)
    assert.equal(2, it_has.state.offset)
  end)

  it("let yields that are not theirs through, and bring the answers back", function()
    local thread = coroutine.create(function()
      return run(it_has.state, { concurrency = 2 }, numbers(2), function(state, job)
        local answer = coroutine.yield("ask", job)
        send("x")(state)
        return answer
      end)
    end)
    for i = 1, 2 do
      local _, word, job = assert(coroutine.resume(thread, i == 2 and "one" or nil))
      assert.equal("ask " .. i, word .. " " .. tostring(job))
    end
    local _, told = assert(coroutine.resume(thread, "two"))
    assert.same({ { true, "one" }, { true, "two" } }, told)
  end)

  it("fail alone where they yield to nobody", function()
    if system.yieldable() or system.yieldable() == nil and coroutine.running() and _VERSION == "Lua 5.1" then
      pending "the runner is in a coroutine"
      return
    end
    local told = run(it_has.state, { concurrency = 2 }, numbers(2), function(_, job)
      return job == 1 and coroutine.yield() or "fine"
    end)
    assert.is_false(told[1][1])
    assert.same({ true, "fine" }, told[2])
  end)

  it("do one after another what is run within a lane", function()
    local told = run(it_has.state, { concurrency = 2 }, numbers(2), function(state, job)
      local inner = run(state, { concurrency = 4 }, { "a", "b" }, function(own, name)
        return send(name .. job)(own).body
      end)
      return inner.a[2] .. inner.b[2]
    end)
    assert.same({ { true, "a1b1" }, { true, "a2b2" } }, told)
    assert.equal(2, it_has.most)
  end)

  it("of two runs over one transport get their own outcomes", function()
    local function start(name)
      local thread = coroutine.create(function()
        return run(it_has.state, { concurrency = 2 }, { 1, 2 }, function(state, job)
          local body = send(name .. job, job)(state).body
          coroutine.yield()
          return body
        end)
      end)
      return function()
        local good, told = coroutine.resume(thread)
        assert(good, told)
        return coroutine.status(thread) == "dead" and told
      end
    end
    local a, b, told_a, told_b = start "a", start "b", nil, nil
    for _ = 1, 9 do
      told_a, told_b = told_a or a(), told_b or b()
    end
    assert.same({ { true, "a1" }, { true, "a2" } }, told_a)
    assert.same({ { true, "b1" }, { true, "b2" } }, told_b)
  end)
end)

describe("a transport that breaks its contract", function()
  -- Whatever it does, each of four sends gets an outcome that counts as sent, and the run ends.
  local rows = {
    { "raises in start", "start", function() error "broken" end },
    { "raises in poll", "poll", function() error "broken" end },
    { "raises a table in poll", "poll", function() error {} end },
    { "answers no list", "poll", function() return "text" end },
    { "answers nothing", "poll", function() end },
    { "answers a list of no outcomes", "poll", function() return { "x" } end },
    { "answers an outcome without a token", "poll", function() return { { outcome = { sent = false } } } end },
    { "answers others' tokens, for ever", "poll", function() return { { token = {}, outcome = {} } } end },
    { "never answers, by a clock that stands still", "poll", function() return {} end },
    { "answers one token for all", "start", function() return 1 end },
    { "answers a token that is no number", "start", function() return 0 / 0 end },
  }
  for _, row in ipairs(rows) do
    it("leaves nobody without an outcome: " .. row[1], function()
      local it_has = fake()
      it_has.transport[row[2]] = row[3]
      if row[2] == "start" then
        it_has.transport.poll = function() return {} end
      elseif row[1]:find "others" then
        local poll = row[3]
        it_has.transport.poll = function(seconds)
          it_has.clock = it_has.clock + seconds / 2 + 0.1
          return poll()
        end
      end
      local told = run(it_has.state, { concurrency = 2 }, numbers(4), send "x")
      for i = 1, 4 do
        assert.is_true(told[i][1])
        assert.same({ true, "TRANSPORT" }, { told[i][2].sent, told[i][2].code })
      end
    end)
  end

  it("that answers a token twice leaves the second unknown, and the first its own", function()
    local transport = fake()
    local start = transport.transport.start
    transport.transport.start = function(request)
      local token = start(request)
      return token == 2 and 1 or token
    end
    local told = run(transport.state, { concurrency = 3 }, { "a", "b", "c" }, function(state, name)
      return state.transport.send { name = name, timeout = 10 }
    end)
    assert.equal("a", told.a[2].body)
    assert.equal("TRANSPORT", told.b[2].code)
    assert.is_true(told.b[2].sent)
    assert.equal("c", told.c[2].body)
  end)

  it("by an outcome that is none leaves that to the driver", function()
    local it_has = fake()
    it_has.transport.poll = function()
      local token = next(it_has.flights)
      it_has.flights[token] = nil
      return { { token = token, outcome = 42 } }
    end
    assert.same({ { true, 42 }, { true, 42 } }, run(it_has.state, { concurrency = 2 }, numbers(2), send "x"))
  end)

  it("may tell an outcome at once", function()
    local it_has = fake()
    it_has.transport.start = function() return nil, { sent = false, code = "TOO_MANY" } end
    local told = run(it_has.state, { concurrency = 2 }, numbers(2), send "x")
    assert.same({ true, { sent = false, code = "TOO_MANY" } }, told[2])
  end)
end)

describe("the pace of lanes", function()
  local function times_of(options, transport)
    local it_has, times = fake(), {}
    for name, value in pairs(transport or {}) do
      it_has.transport[name] = value
    end
    run(it_has.state, options, numbers(8), function(state, job)
      local action = job % 2 == 0 and "Even" or "Odd"
      state.transport.turn(action)
      times[action] = times[action] or {}
      table.insert(times[action], it_has.clock)
      send("x", 0.01)(state)
    end)
    return times
  end

  for _, concurrency in ipairs { 1, 2, 8 } do
    it("is that of each operation, over all lanes: " .. concurrency, function()
      local transport = concurrency == 1 and { send = function() end } or nil
      for _, times in pairs(times_of({ concurrency = concurrency, rate = 4 }, transport)) do
        assert.equal(4, #times)
        for i = 2, 4 do
          assert.is_true(times[i] - times[i - 1] > 0.2499, times[i] - times[i - 1])
        end
        assert.is_true(times[4] - times[1] < 0.9)
      end
    end)
  end

  -- rate, lanes asked for, and those that there are
  for _, row in ipairs { { 1, 64, 5 }, { 0.1, 64, 1 }, { 10, 64, 50 }, { 1000, 64, 64 }, { 10, 4, 4 } } do
    it(("lets no lane wait long, which its deadline would pay for: %g a second"):format(row[1]), function()
      local it_has, longest, at_once = fake(), 0, 0
      it_has.transport.send = function() it_has.clock = it_has.clock + 0.01 end -- of a single lane
      run(it_has.state, { rate = row[1], concurrency = row[2] }, numbers(70), function(state)
        local began = it_has.clock
        at_once = at_once + (began == 100 and 1 or 0)
        state.transport.turn "Action"
        longest = math.max(longest, it_has.clock - began)
        send("x", 0.01)(state)
      end)
      assert.equal(row[3], at_once)
      assert.is_true(longest <= math.max(5, 1 / row[1]) + 0.001, longest)
    end)
  end

  it("is none without a rate, and leaves the transport its own turn", function()
    local turns = {}
    local times = times_of({ concurrency = 8 }, { turn = function(action) turns[#turns + 1] = action end })
    assert.equal(times.Odd[1], times.Even[4])
    assert.equal(8, #turns)
  end)
end)

describe("lanes over a transport without start and poll", function()
  it("are one after another", function()
    local it_has, busy, most = fake(), 0, 0
    it_has.transport.start = nil
    it_has.transport.send = function()
      busy = busy + 1
      most = math.max(most, busy)
      busy = busy - 1
      return {}
    end
    local told = run(it_has.state, { concurrency = 8 }, numbers(3), send "x")
    assert.equal("1 3", most .. " " .. #told)
    assert.has_error(function()
      lanes.run(it_has.state, {}, numbers(3), send "x", function() error "stop" end)
    end)
  end)
end)
