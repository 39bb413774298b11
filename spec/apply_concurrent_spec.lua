-- apply_concurrent_spec.lua - an apply whose entries are under way at once, in any order of their requests
-- SPDX-License-Identifier: MIT
--
-- The order is drawn by lot, from a fixed seed, before and behind each request.

local account = require "spec.support.account"
local chance = require "spec.support.chance"
local gate = require "aliyun.sas.gate"
local lanes = require "aliyun.sas.lanes"
local protected = require "aliyun.sas.protected"

local chatbot = account.chatbot

-- Lanes whose turns are drawn by lot.
local function by_lot(lot)
  return function(state, options, jobs, work, done)
    local transport = setmetatable({
      send = function(request)
        coroutine.yield()
        local outcome = state.transport.send(request)
        coroutine.yield()
        return outcome
      end,
    }, { __index = state.transport })
    local own = setmetatable({
      transport = transport,
      sleep = function(seconds)
        coroutine.yield()
        state.sleep(seconds)
      end,
    }, { __index = state })
    local live, place = {}, 1
    while #live > 0 or jobs[place] do
      while #live < options.concurrency and jobs[place] do
        local job = jobs[place]
        place = place + 1
        live[#live + 1] = coroutine.create(function() done(job, protected(work, own, job)) end)
      end
      local turn = lot.upto(#live)
      assert(coroutine.resume(live[turn]))
      if coroutine.status(live[turn]) == "dead" then
        table.remove(live, turn)
      end
    end
  end
end

local function summary_of(a, list, options)
  local plan = assert(a.client:plan(list, { prune = true }))
  local report = assert(a.client:apply(plan, options or { concurrency = 8 }))
  return report.summary, report
end

local function watches(count)
  local list = {}
  for i = 1, count do
    list[i] = chatbot { RuleActionName = ("watch %03d"):format(i), Status = i % 3 == 0 and "off" or "on" }
  end
  return list
end

describe("client:apply with several entries under way", function()
  local run = lanes.run
  after_each(function()
    lanes.run = run
  end)

  for seed = 1, 4 do
    it("makes each once, over pages that shift: " .. seed, function()
      lanes.run = by_lot(chance(seed))
      local order = seed > 2 and "newest" or "oldest"
      local a = account.new { maxPageSize = 10, statusAfterCreate = seed % 2, order = order }
      assert.same({ created = 30 }, summary_of(a, watches(30)))
      assert.same({ unchanged = 30 }, summary_of(a, watches(30)))
      assert.equal(30, #a.service:chatbots())
    end)

    it("also where answers are lost and copies come late: " .. seed, function()
      local lot = chance(seed)
      lanes.run = by_lot(lot)
      local a = account.new { maxPageSize = 10, readLag = seed % 3 }
      a.add { RuleActionName = "old" }
      a.service:advance(5)
      a.before = function(request)
        if account.is_write(request) and lot.upto(4) == 1 then
          local fault = lot.one_of { "lost", "error500after", "closed", "late" }
          a.service:fault(fault, { action = "CreateOrUpdateDingTalk", value = 400 })
        end
      end
      local summary = summary_of(a, watches(20))
      assert.is_nil(summary.failed)
      assert.equal(summary.unknown and 1 or nil, summary.skipped) -- old, while others are not known
      a.before = nil
      a.service:advance(500)
      summary_of(a, watches(20))
      a.service:advance(2000)
      local _, report = summary_of(a, watches(20))
      assert.is_true(report.ok)
      assert.equal(20, #a.service:chatbots())
    end)
  end

  it("shares what is read", function()
    lanes.run = by_lot(chance(7))
    local a = account.new()
    summary_of(a, watches(24), { concurrency = 8 })
    local reads = tonumber(a.counts():match "^%d+")
    assert.is_true(reads < 24, reads)
    lanes.run = run
    local b = account.new()
    summary_of(b, watches(24), { concurrency = 1 })
    assert.is_true(tonumber(b.counts():match "^%d+") > 48)
  end)
end)

describe("a gate", function()
  local function bound(left)
    return {
      left = function() return left end,
      sleep = function()
        left = left - 1
        coroutine.yield()
        return true
      end,
    }
  end

  it("serves those who asked before a reading began, and not those who asked later", function()
    local shared, begun = gate.new(), 0
    local function read()
      begun = begun + 1
      local mine = begun
      coroutine.yield()
      return { number = mine }
    end
    local got = {}
    local function reader(name)
      return coroutine.wrap(function()
        got[name] = shared:read(read, nil, bound(10)).number
      end)
    end
    local first, second, third = reader "first", reader "second", reader "third"
    first() -- begins
    second() -- asked while it was under way
    third()
    first()
    assert.same({ first = 1 }, got)
    second() -- begins another
    third()
    second()
    third()
    assert.same({ first = 1, second = 2, third = 2 }, got)
  end)

  it("keeps writes out of readings, and gives up where there is no time", function()
    local shared = gate.new()
    local reading = coroutine.wrap(function()
      return shared:read(function() coroutine.yield() return {} end, nil, bound(10))
    end)
    reading()
    local answer, err = shared:write(bound(0), function() error "is not called" end)
    assert.is_nil(answer)
    assert.equal("network DEADLINE", err.kind .. " " .. err.code)
    reading()
    assert.equal("done", shared:write(bound(0), function() return "done" end))
  end)

  it("is free again behind what raises, and behind a reading that fails", function()
    local shared = gate.new()
    assert.has_error(function() shared:read(error, "broken", bound(1)) end)
    assert.has_error(function() shared:write(bound(1), error, "broken") end)
    local list, err = shared:read(function() return nil, "failed" end, nil, bound(1))
    assert.is_nil(list)
    assert.equal("failed", err)
    assert.same({ 1 }, shared:read(function() return { 1 } end, nil, bound(1)))
  end)
end)
