-- apply_processes_spec.lua - sas-dingtalk plan and apply as processes, over TLS: a large set, and one that is killed
-- SPDX-License-Identifier: MIT
--
-- COUNT and KILLS make the part with the kills longer: `make kill` has 200 chatbots and 20 of them.

local declared = require "spec.support.declared"
local emulator = require "aliyun.sas.emulator"

local unpack = table.unpack or unpack -- luacheck: ignore

local COUNT = tonumber(os.getenv "COUNT") or 60
local KILLS = tonumber(os.getenv "KILLS") or 6
local FAST = { "--rate", "1000", "--concurrency", "8", "--deadline", "4", "--yes" }

describe("sas-dingtalk over a set", function()
  local server, set, passed

  setup(function()
    server = emulator.serve { lifetime = 1800, options = { dateWindow = 1860, statusAfterCreate = 0 } }
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:reset()
    set, passed = declared.new(server), 0
  end)

  after_each(function()
    set:remove()
  end)

  local function apply_by(script, ...)
    local words = { "apply", set.file, ... }
    for _, word in ipairs(FAST) do
      words[#words + 1] = word
    end
    return declared.result(("PASSED=%d "):format(passed) .. set:command(script, unpack(words)))
  end

  local function apply(...)
    return apply_by(passed > 0 and { "spec/support/apply_child.lua", "nowhere", 0 } or { "bin/sas-dingtalk" }, ...)
  end

  -- Moves the service's clock, and the time that passes for `apply`.
  local function advance(seconds)
    server:advance(seconds)
    passed = passed + seconds
  end

  -- Runs apply until it kills itself.
  local function killed_at(point, number, ...)
    return apply_by({ "spec/support/apply_child.lua", point, number }, ...)
  end

  local function plan(...)
    return set:run("plan", set.file, ...)
  end

  local function assert_once(count)
    local names, twice = set:names()
    assert.equal("", twice)
    assert.equal(count, names)
  end

  local function writes()
    local count = 0
    for _, request in ipairs(server:requests()) do
      count = count + (request.action:find "^Describe" and 0 or 1)
    end
    return count
  end

  it("plans 200 to be created, applies them, and has nothing left to do", function()
    set:write(200)
    local status, text = plan()
    assert.equal(2, status, text)
    assert.is_truthy(text:find("Plan: 200 to create, 0 to update, 0 to delete", 1, true), text)
    assert.equal(0, writes())
    status, text = apply()
    assert.equal(0, status, text)
    assert_once(200)
    status, text = plan()
    assert.equal(0, status, text)
    local sent = writes()
    assert.equal(0, (apply()))
    assert.equal(sent, writes())
  end)

  it("shows what was changed by hand, and puts it right", function()
    set:write(6)
    assert.equal(0, (apply()))
    assert.equal(0, (set:run("disable", "bot 003")))
    local status, text = plan()
    assert.equal(2, status)
    assert.is_truthy(text:find("Status: off -> on", 1, true), text)
    assert.is_nil(text:find("bot 004", 1, true))
    assert.equal(0, (apply()))
    assert.equal(0, (plan()))
  end)

  it("sends nothing where its output is closed, and writes that into no other file", function()
    set:write(3)
    for _, closed in ipairs { ">&-", "<&- >&-", "<&- >&- 2>&-" } do
      local words = { "bin/sas-dingtalk" }
      local status = declared.result(set:command(words, "apply", set.file, "--yes") .. " " .. closed)
      assert.same({ 1, 0 }, { status, writes() }, closed)
    end
  end)

  it("sends one update where one token is another, and does not show it", function()
    set:write(6)
    assert.equal(0, (apply()))
    local token = ("%064x"):format(987654321)
    set:webhook(2, token)
    local status, text = plan()
    assert.equal(2, status, text)
    assert.is_truthy(text:find("0 to create, 1 to update, 0 to delete", 1, true), text)
    assert.is_nil(text:find(token, 1, true))
    local before = writes()
    status, text = apply()
    assert.equal(0, status, text)
    assert.is_nil(text:find(token, 1, true))
    assert.equal(before + 1, writes())
    assert.equal(0, (plan()))
  end)

  it("deletes what the file lacks with --prune, and only then", function()
    set:write(6)
    assert.equal(0, (apply()))
    set:write(6, { [4] = false })
    local status, text = plan()
    assert.equal(0, status, text)
    assert.equal(0, (apply()))
    assert_once(6)
    assert.equal(2, (plan "--prune"))
    assert.equal(0, (apply "--prune"))
    assert_once(5)
    assert.equal(0, (plan "--prune"))
  end)

  it("exports an account of somebody else as a file that plans to nothing", function()
    set:write(8)
    assert.equal(0, (apply()))
    local other = declared.new(server)
    finally(function() other:remove() end)
    local status, text = other:run("export", "--out", other.file)
    assert.equal(0, status, text)
    status, text = other:run("plan", other.file)
    assert.equal(0, status, text)
    assert.is_truthy(text:find("8 as declared", 1, true), text)
    status = other:run("export", "--out", other.file)
    assert.equal(1, status) -- it is there already
  end)

  -- where it is killed, for the how manieth time; whether something it left is unknown for sure
  for _, row in ipairs {
    { "before-intent", 3 }, { "after-intent", 3, true }, { "after-send", 1 }, { "after-send", 4 },
    { "after-answer", 2 }, { "status", 2 }, { "before-fingerprints", 1 }, { "after-fingerprints", 1 },
  } do
    it(("makes each once though it is killed: %s, %d"):format(row[1], row[2]), function()
      set:write(10)
      assert.equal(137, (killed_at(row[1], row[2])))
      local status, text = apply()
      assert.is_true(not row[3] or status == 1, text)
      if status ~= 0 then -- those of other lanes may be open too
        assert.equal(1, status, text)
        assert.is_truthy(text:find("unknown", 1, true), text)
        assert.is_truthy(text:find("can be settled after", 1, true), text)
        advance(2000)
        status, text = apply()
      end
      assert.equal(0, status, text)
      assert_once(10)
      assert.equal(0, (plan()))
    end)
  end

  it("settles what is unknown after a shorter fence where it is asked to", function()
    set:write(4)
    assert.equal(137, (killed_at("after-intent", 2, "--fence", 300)))
    assert.equal(1, (apply("--fence", 300)))
    advance(302)
    local status, text = apply("--fence", 300)
    assert.equal(0, status, text)
    assert_once(4)
  end)

  -- Runs apply until it ends by itself, and kills it after a random time before that.
  local function kill_at_random(rounds)
    local line = set:command({ "bin/sas-dingtalk" }, "apply", set.file, "--rate", 60, "--concurrency", 8,
      "--deadline", 4, "--yes")
    local killed = 0
    for _ = 1, rounds do
      local seconds = 0.1 + math.random() * COUNT / 60
      local status = declared.result(("timeout -s KILL %.2f env %s"):format(seconds, line))
      killed = killed + (status == 137 and 1 or 0)
      local _, twice = set:names()
      assert.equal("", twice)
    end
    return killed
  end

  -- The fault of one request in five; nil for none.
  for _, fault in ipairs { "(none)", "lost", "late" } do
    it(("makes each once though it is killed at random: answers %s"):format(fault), function()
      set:write(COUNT)
      if fault ~= "(none)" then
        for skip = 1, COUNT, 5 do
          server:fault(fault, { action = "CreateOrUpdateDingTalk", skip = skip == 1 and 0 or 4, value = 30 })
        end
      end
      assert.is_true(kill_at_random(KILLS) > 0)
      local status, text = apply()
      if status == 1 then
        assert.is_truthy(text:find("unknown", 1, true), text)
      else
        assert.equal(0, status, text)
      end
      advance(2000)
      status, text = apply()
      if status == 1 then -- a fault that was left hit this one
        advance(2000)
        status, text = apply()
      end
      assert.equal(0, status, text)
      assert_once(COUNT)
      assert.equal(0, (plan()))
    end)
  end
end)
