-- ensure_processes_spec.lua - client:ensure in processes of its own, over TLS: at once, and killed on the way
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local child = require "spec.support.child"
local emulator = require "aliyun.sas.emulator"

describe("ensure in several processes", function()
  local server, folder, passed, boot

  setup(function()
    server = emulator.serve { lifetime = 1800, options = { dateWindow = 1860 } }
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    folder = child.run("mktemp -d")
    assert.is_truthy(folder:find "^/")
    server:reset()
    passed, boot = 0, ""
  end)

  after_each(function()
    os.execute("rm -rf " .. child.quote(folder))
  end)

  local function command(where, point)
    return child.command("spec/support/ensure_child.lua", server.endpoint, server.caFile, where, passed, boot,
      point or "")
  end

  -- Moves the service's clock, and the time that passes in the processes.
  local function advance(seconds)
    server:advance(seconds)
    passed = passed + seconds
  end

  local function ensure(point)
    return child.run("{ " .. command(folder, point) .. "; } 2>/dev/null")
  end

  local function writes()
    local count = 0
    for _, request in ipairs(server:requests()) do
      count = count + (request.action == "CreateOrUpdateDingTalk" and 1 or 0)
    end
    return count
  end

  -- What so many processes answer that begin together, as a table of answers and how often each came.
  local function at_once(count, where)
    local text = child.run(("for i in 1 2 3 4 5 6 7 8; do [ $i -gt %d ] || %s & done; wait"):format(count,
      command(where)))
    local answers = {}
    for line in (text .. "\n"):gmatch "([^\n]*)\n" do
      answers[line] = (answers[line] or 0) + 1
    end
    return answers, text
  end

  local function sum(answers)
    local total = 0
    for _, count in pairs(answers) do
      total = total + count
    end
    return total
  end

  it("makes one chatbot where eight begin at once over one store", function()
    local answers, text = at_once(8, folder)
    assert.equal(1, answers["created 1001"], text)
    assert.equal(8, answers["created 1001"] + (answers["unchanged 1001"] or 0) + (answers["state LOCKED"] or 0), text)
    assert.equal("1001", account.ids(server))
    assert.equal(1, writes())
    assert.equal("unchanged 1001", ensure())
    assert.equal("1", child.run(("ls -A %s | wc -l"):format(child.quote(folder)))) -- the lock's file stays
  end)

  it("tells the truth where eight have no store in common", function()
    local answers, text = at_once(8, "-")
    assert.equal(8, sum(answers), text)
    local ids = account.ids(server)
    for answer in pairs(answers) do
      local action, id = answer:match "^(%a+) (%d+)$"
      local known = answer:match "^conflict DUPLICATE ([%d ]+)$"
      assert.is_truthy(action or known, answer)
      assert.is_true(id == nil or (" " .. ids .. " "):find(" " .. id .. " ", 1, true) ~= nil, answer)
    end
    local last = ensure()
    assert.equal(ids:find " " and "conflict DUPLICATE " .. ids or "unchanged " .. ids, last)
  end)

  -- where it is killed; the fault of the create; what is told behind it; how far the clock is moved then; what is told
  -- then, and how many creates were sent by then
  for _, row in ipairs {
    { "before-intent", nil, "created 1001" },
    { "after-intent", nil, "unknown PENDING", 2000, "created 1001", 1 },
    { "after-send", "silentafter", "unchanged 1001" },
    { "after-send", "silent", "unknown PENDING", 2000, "created 1001", 2 },
    { "after-send", "late", "unknown PENDING", 700, "unchanged 1001", 1 },
    { "before-read", nil, "unchanged 1001" },
    { "after-answer", nil, "unchanged 1001" },
  } do
    it(("makes one chatbot though it is killed %s%s"):format(row[1], row[2] and " (" .. row[2] .. ")" or ""), function()
      if row[2] then
        server:fault(row[2], { action = "CreateOrUpdateDingTalk", value = row[2] == "late" and 600 or 60 })
      end
      assert.equal("", ensure(row[1]))
      local sent = writes()
      assert.equal(row[3], ensure())
      if row[4] then
        assert.equal(sent, writes()) -- inside the fence nothing is sent
        assert.equal(row[3], ensure())
        advance(row[4])
        assert.equal(row[5], ensure())
        assert.equal(row[6], writes())
      end
      advance(2000)
      assert.equal("unchanged 1001", ensure())
      assert.equal("1001", account.ids(server))
    end)
  end

  it("lets the late copy of one that was killed come first, and then finds it", function()
    server:fault("late", { action = "CreateOrUpdateDingTalk", value = 1800 })
    assert.equal("", ensure "after-send")
    for _, seconds in ipairs { 600, 600, 500 } do
      advance(seconds)
      assert.equal("unknown PENDING", ensure())
    end
    advance(200)
    assert.equal("unchanged 1001", ensure())
    assert.equal("1001", account.ids(server))
  end)

  -- what of the two has moved; a process of the same boot, or of another
  for _, row in ipairs { { "the service's Date alone", 2000, 0, "" }, { "the time here alone", 0, 2000, "" },
    { "both, as a process of another boot sees them", 2000, 2000, "another" } } do
    it("does not take the copy of one that was killed for dead by " .. row[1], function()
      assert.equal("", ensure "after-intent")
      server:advance(row[2])
      passed, boot = passed + row[3], row[4]
      assert.equal("unknown PENDING", ensure())
      assert.equal("unknown PENDING", ensure())
      assert.equal(0, writes())
      server:advance(2000 - row[2])
      passed = 2000 + (boot ~= "" and passed or 0)
      assert.equal("created 1001", ensure())
      assert.equal(1, writes())
    end)
  end
end)
