-- ensure_unknown_spec.lua - client:ensure and client:resolve where an answer gets lost: intents, the fence, conflicts
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local dkjson = require "dkjson"
local http_date = require "aliyun.sas.emulator.text".httpDate
local sas = require "aliyun.sas"
local texts_of = require "spec.support.texts"

local chatbot, is_write = account.chatbot, account.is_write
local KEY = "tds.cn-shanghai.aliyuncs.com|night watch"
local WRITES = { action = "CreateOrUpdateDingTalk" }

local function summary(result, err)
  if result then
    return result.action
  end
  return err.kind .. " " .. err.code
end

local function assert_clean(value)
  local text = texts_of(value)
  for _, secret in pairs(canary) do
    assert.is_nil(text:find(secret, 1, true))
  end
  assert.is_nil(text:find("access_token", 1, true))
end

-- An account with a store that can be looked into.
local function new(options, settings)
  local store = sas.store.memory()
  local given = { store = store }
  for name, value in pairs(settings or {}) do
    given[name] = value
  end
  return account.new(options, given), store
end

-- One whose create was sent and not executed.
local function unknown(options, settings, changes)
  local a, store = new(options, settings)
  a.service:fault("closed", WRITES)
  local result, err = a.client:ensure(chatbot(changes))
  assert.equal("unknown CONNECTION_LOST", summary(result, err))
  assert.is_truthy(store.texts[KEY])
  return a, store, err
end

describe("ensure whose create gets no good answer", function()
  describe("finds the chatbot where it was executed:", function()
    for _, fault in ipairs {
      "lost", "reset", "silentafter", "stalled", "truncated", "error500after", "badjson", "empty", "norequestid",
      "raised", "nonsense", "huge", "hugeheaders",
    } do
      it(fault, function()
        local a, store = new()
        a.service:fault(fault, WRITES)
        local result = assert(a.client:ensure(chatbot()))
        assert.equal("created", result.action)
        assert.equal("1001", tostring(result.chatbot.Id))
        assert.equal("2 1", a.counts())
        assert.equal("1001", account.ids(a.service))
        assert.same({}, store.texts)
      end)
    end
  end)

  describe("ends as unknown where it was not:", function()
    for _, row in ipairs {
      { "closed", "CONNECTION_LOST" }, { "silent", "TIMEOUT" }, { "error500", "ServerError" },
      { "unavailable", "ServiceUnavailable" }, { "html", "BAD_REPLY" }, { "garbage", "BAD_RESPONSE" },
      { "redirect", "BAD_REPLY" },
    } do
      it(row[1], function()
        local a, store = new()
        a.service:fault(row[1], WRITES)
        local before = a.service.monotonic()
        local result, err = a.client:ensure(chatbot())
        assert.equal("unknown " .. row[2], summary(result, err))
        assert.is_true(err.sent)
        assert.is_true(a.service.monotonic() - before <= 60.5)
        local signed = a.service:requests()[2].time
        assert.is_true(math.abs(err.resolveAfter - (signed + 1950)) <= 3)
        assert.equal(0, #a.service:chatbots())
        assert.is_truthy(store.texts[KEY])
        assert_clean(err)
        assert_clean(store.texts)
      end)
    end
  end)

  it("pauses in longer and longer steps", function()
    local a = unknown({}, { jitter = function() return 0.5 end, deadline = 120 })
    local steps = {}
    for i = 1, 6 do
      steps[i] = a.slept[i]
    end
    assert.same({ 1, 2, 4, 8, 16, 30 }, steps)
    assert.equal(8, #a.slept) -- one more of 30, and the last look shortly before the end
  end)

  it("is not repeated while it may still be executed, by any client of the store", function()
    local a, store = unknown()
    local counts = a.counts()
    local other = a.open { store = store }
    for _ = 1, 3 do
      local result, err = other:ensure(chatbot())
      assert.equal("unknown PENDING", summary(result, err))
      assert.is_false(err.sent)
      assert.is_truthy(err.handle)
      assert_clean(err)
      a.service:advance(500)
    end
    local reads, writes = counts:match "(%d+) (%d+)"
    assert.equal(("%d %d"):format(reads + 3, writes), a.counts())
    assert.equal(0, #a.service:chatbots())
  end)

  it("does not stand in the way of other names", function()
    local a = unknown()
    assert.equal("created", a.client:ensure(chatbot { RuleActionName = "day watch" }).action)
  end)

  it("stands in the way of a rename", function()
    local a = unknown()
    local id = a.add { RuleActionName = "day watch" }
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot { Id = id })))
    assert.equal("updated", a.client:ensure(chatbot { Id = id, RuleActionName = "dawn watch" }).action)
    a.service:advance(2000)
    assert.equal("updated", a.client:ensure(chatbot { Id = id }).action)
  end)

  it("is made anew behind the fence", function()
    local a, store, err = unknown()
    a.service:advance(err.resolveAfter - a.service.now() - 3)
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
    a.service:advance(4)
    assert.equal("created", a.client:ensure(chatbot()).action)
    assert.equal("1001", account.ids(a.service))
    assert.same({}, store.texts)
  end)

  describe("finds the late copy", function()
    for _, row in ipairs { { 5, "created" }, { 40, "created" }, { 300, "unchanged" }, { 1200, "unchanged" },
      { 1850, "unchanged" }, { 1850, "created", true } } do
      it(("after %d s%s"):format(row[1], row[3] and ", by resolve" or ""), function()
        local a, store = new { dateWindow = 1860 }
        a.service:fault("late", { value = row[1], action = WRITES.action })
        local result, err = a.client:ensure(chatbot())
        if row[1] > 60 then
          assert.equal("unknown TIMEOUT", summary(result, err))
          a.service:advance(row[1] - 200)
          assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
          a.service:advance(200)
          if row[3] then
            result = assert(a.client:resolve(err.handle))
          else
            result = assert(a.client:ensure(chatbot()))
          end
        end
        assert.equal(row[2], result.action)
        assert.equal("1001", tostring(result.chatbot.Id))
        assert.equal("1001", account.ids(a.service))
        assert.same({}, store.texts)
        a.service:advance(4000)
        assert.equal("unchanged", a.client:ensure(chatbot()).action)
        assert.equal("1001", account.ids(a.service))
      end)
    end
  end)

  it("takes the new wish into account when it goes on", function()
    local a = new()
    a.service:fault("late", { value = 300, action = WRITES.action })
    assert.equal("unknown TIMEOUT", summary(a.client:ensure(chatbot())))
    a.service:advance(300)
    assert.equal("updated", a.client:ensure(chatbot { DingTalkLang = "en" }).action)
    assert.equal("en", a.service:chatbots()[1].DingTalkLang)
  end)

  it("can end as failed within one call, where the fence is short", function()
    local a, store = new({ dateWindow = 2, nonceMemory = 4 }, { fence = 5 })
    a.service:fault("closed", WRITES)
    local result, err = a.client:ensure(chatbot())
    assert.equal("network NOT_CREATED", summary(result, err))
    assert.is_true(err.retryable)
    assert.is_nil(err.handle)
    assert.same({}, store.texts)
    assert.equal("created", a.client:ensure(chatbot()).action)
  end)

  it("never takes a failing read for an empty one", function()
    for _, fault in ipairs { "closed", "error500", "refusal", "html", "norequestid", "badjson" } do
      local a, store = new({}, { fence = 5 })
      a.service:fault("closed", WRITES)
      a.service:fault(fault, { action = "DescribeDingTalk", skip = 1 }, 1000)
      assert.equal("unknown CONNECTION_LOST", summary(a.client:ensure(chatbot())))
      assert.is_truthy(store.texts[KEY])
      assert.is_true(a.client:ensure(chatbot()) == nil)
      assert.is_truthy(store.texts[KEY])
      assert.equal("1", a.counts():match " (%d+)")
    end
  end)

  describe("bears a list that lags behind", function()
    for _, fault in ipairs { false, "lost" } do
      it(fault and "a lost answer" or "a good answer", function()
        local a, store = new()
        local old, until_then
        function a.after(request, outcome)
          if is_write(request) then
            until_then = a.service.now() + 20
          elseif not until_then or a.service.now() < until_then then
            old = old or outcome.body
            outcome.body = old
          end
        end
        if fault then
          a.service:fault(fault, WRITES)
        end
        local result = assert(a.client:ensure(chatbot()))
        assert.equal("created", result.action)
        assert.equal("1001", tostring(result.chatbot.Id))
        assert.equal("1", a.counts():match " (%d+)")
        assert.same({}, store.texts)
      end)
    end

    it("for longer than the deadline: then it is unknown, and not created again", function()
      local a, store = new()
      local old, lags = nil, true
      function a.after(request, outcome)
        if not is_write(request) and lags then
          old = old or outcome.body
          outcome.body = old
        end
      end
      local result, err = a.client:ensure(chatbot())
      assert.equal("unknown NOT_VISIBLE", summary(result, err))
      assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
      lags = false
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
      assert.same({}, store.texts)
      assert.equal("1001", account.ids(a.service))
    end)
  end)

  it("takes what the service made of it, where it is alone and the answer was good", function()
    local a, store = new()
    function a.after(_, outcome)
      outcome.body = outcome.body:gsub('"zh"', '"en"')
    end
    local result = assert(a.client:ensure(chatbot()))
    assert.equal("created", result.action)
    assert.equal(1, #result.warnings)
    assert.equal("4 1", a.counts())
    assert.same({}, store.texts)
  end)
end)

describe("the fence", function()
  -- A client whose clock is wrong by a.shift seconds.
  local function shifted(strip)
    local shift, a, store = 0
    a, store = new({ dateWindow = 1860 }, { now = function() return a.service.now() + shift end })
    function a.after(_, outcome)
      if strip and outcome.headers then
        outcome.headers.date = nil
      end
    end
    a.service:fault("late", { value = 1500, action = WRITES.action })
    assert.equal("unknown TIMEOUT", summary(a.client:ensure(chatbot())))
    assert.is_truthy(store.texts[KEY])
    return a, function(seconds) shift = seconds end
  end

  for _, seconds in ipairs { 3600, 86400 * 400, -3600 } do
    it(("does not end early by a clock that jumps by %d s"):format(seconds), function()
      local a, jump = shifted()
      jump(seconds)
      local result, err = a.client:ensure(chatbot())
      assert.equal("unknown PENDING", summary(result, err))
      assert.is_true(math.abs(err.resolveAfter - (a.service.now() + seconds) - 1950) < 80)
      a.service:advance(1500)
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
      assert.equal("1001", account.ids(a.service))
    end)
  end

  it("ends in the service's time for a clock that was set back", function()
    local a, jump = shifted()
    a.service:advance(100)
    jump(-7200)
    a.service:advance(1900)
    assert.equal("unchanged", a.client:ensure(chatbot()).action)
    assert.equal("1001", account.ids(a.service))
  end)

  it("goes by our clock where the service tells no time", function()
    local a = shifted(true)
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
    a.service:advance(2000)
    assert.equal("unchanged", a.client:ensure(chatbot()).action)
  end)

  it("goes by our corrected clock where the service tells the time only when it refuses ours", function()
    local a, store
    a, store = new({}, { now = function() return a.service.now() + 1200 end })
    local refused = false
    function a.after(_, outcome)
      if outcome.headers and outcome.status == 200 then
        outcome.headers.date = nil
      end
      refused = refused or outcome.status == 400
    end
    a.service:fault("closed", WRITES)
    assert.equal("unknown CONNECTION_LOST", summary(a.client:ensure(chatbot())))
    assert.is_true(refused)
    a.service:advance(1000)
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
    assert.is_truthy(store.texts[KEY])
  end)

  it("is decided by a read that began behind it", function()
    local a, _, err = unknown()
    a.service:advance(err.resolveAfter - a.service.now() - 4)
    a.service:fault("delayed", 8)
    function a.after(_, outcome)
      outcome.headers.date = http_date(a.service.now()) -- of the moment when the answer ends
    end
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
    assert.is_true(a.service.now() > err.resolveAfter)
    assert.equal("created", a.client:ensure(chatbot()).action)
  end)

  it("is told by our clock, however wrong that is", function()
    -- Where the service's Date and our clock differ, one is wrong, and nothing says which: that takes a fence more.
    for wrong, more in pairs { [600] = 1950 - 600, [-600] = 1950 + 600, [0] = 0, [50] = 0, [-50] = 50 } do
      local a
      a = new({}, { now = function() return a.service.now() + wrong end })
      a.service:fault("closed", WRITES)
      local _, err = a.client:ensure(chatbot())
      local signed = a.service:requests()[2].time + wrong
      assert.is_true(math.abs(err.resolveAfter - (signed + 1950 + wrong + more)) <= 4)
      a.service:advance(err.resolveAfter - wrong - a.service.now())
      assert.equal("network NOT_CREATED", summary(a.client:resolve(err.handle)))
    end
  end)

  -- An account whose create is kept back for so many seconds, and what becomes of clocks: a.off is what the Date of
  -- each answer is ahead, a.skew our clock, and a.boot the name of the boot.
  local function kept(seconds, changes)
    local a, store = new { dateWindow = 1860 }
    a.off, a.skew, a.boot, a.began = 0, 0, "first", 0
    for name, value in pairs(changes or {}) do
      a[name] = value
    end
    a.transport.boottime = function() return a.service.now() - a.began, a.boot end
    a.client = a.open { store = store, now = function() return a.service.now() + a.skew end }
    function a.after(_, outcome)
      if outcome.headers then
        outcome.headers.date = http_date(a.service.now() + a.off)
      end
    end
    a.service:fault("late", { value = seconds, action = WRITES.action })
    local _, err = a.client:ensure(chatbot())
    assert.equal("unknown", err.kind)
    return a, store, err
  end

  for _, off in ipairs { 1900, 4000, 86400 * 365 } do
    it(("does not end early by an answer whose Date is %d s ahead"):format(off), function()
      local a, store, err = kept(1200)
      a.service:advance(600)
      a.off = off
      local _, pending = a.client:ensure(chatbot())
      assert.equal("unknown PENDING", summary(nil, pending))
      assert.is_true(math.abs(err.resolveAfter - pending.resolveAfter) <= 1)
      assert.equal("unknown PENDING", summary(a.client:resolve(err.handle)))
      assert.is_truthy(store.texts[KEY])
      a.service:advance(600)
      assert.equal("unchanged", a.client:ensure(chatbot()).action)
      assert.equal("1001", account.ids(a.service))
    end)
  end

  it("lasts where the Date is behind, and ends when one is right", function()
    local a, _, err = kept(4000)
    a.service:advance(err.resolveAfter - a.service.now())
    a.off = -3600
    local _, pending = a.client:resolve(err.handle)
    assert.equal("unknown PENDING", summary(nil, pending))
    assert.is_true(math.abs(pending.resolveAfter - err.resolveAfter - 3600) <= 2)
    a.off = 0
    assert.equal("network NOT_CREATED", summary(a.client:resolve(err.handle)))
  end)

  it("lasts longer for a date that was signed ahead, whatever the Dates say", function()
    local a = kept(2400, { skew = 600, off = 4000 }) -- the service takes it for 600 s longer
    a.service:advance(2300)
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
    a.service:advance(100)
    assert.equal("unchanged", a.client:ensure(chatbot()).action)
    assert.equal("1001", account.ids(a.service))
  end)

  it("lasts longer for a date that an answer with a wrong Date has brought", function()
    local a, store = new { dateWindow = 1860 }
    local refused = 0
    function a.before(request)
      if is_write(request) and refused == 0 then
        refused = a.service.now()
        a.service:fault("refusal", "InvalidTimeStamp.Expired")
        a.service:fault("late", { value = 5000, action = WRITES.action }) -- when its date is the service's
      end
    end
    function a.after(request, outcome)
      if outcome.headers and (is_write(request) or refused > 0) then
        outcome.headers.date = http_date(a.service.now() + (is_write(request) and 5000 or 10000))
      end
    end
    assert.equal("unknown TIMEOUT", summary(a.client:ensure(chatbot())))
    a.service:advance(4900 - 60)
    assert.equal("unknown PENDING", summary(a.open({ store = store }):ensure(chatbot())))
    a.service:advance(200)
    assert.equal("unchanged", a.open({ store = store }):ensure(chatbot()).action)
    assert.equal("1001", account.ids(a.service))
  end)

  for _, row in ipairs { { "after a boot", "second", 0 }, { "where no boot is known", nil, 0 },
    { "on another machine, whose clock is far ahead", "other", -1e6 } } do
    it("counts from the first look " .. row[1], function()
      local a, store, err = kept(1700)
      a.service:advance(200)
      a.boot, a.began, a.off = row[2], a.service.now() - 5 + row[3], 90000
      local _, pending = a.client:ensure(chatbot())
      local first = a.service.now()
      assert.equal("unknown PENDING", summary(nil, pending))
      assert.is_true(math.abs(pending.resolveAfter - (first + 1950)) <= 2)
      a.service:advance(1400)
      local client = row[2] and a.open { store = store } or a.client -- without a name each client is by itself
      assert.equal("unknown PENDING", summary(client:ensure(chatbot())))
      assert.equal("unknown PENDING", summary(client:resolve(err.handle)))
      a.service:advance(pending.resolveAfter - a.service.now())
      assert.equal("unchanged", client:ensure(chatbot()).action)
      assert.equal("1001", account.ids(a.service))
    end)
  end

  it("of an update lasts as long as that of an earlier one, which was signed by a clock that was ahead", function()
    local a, store = new { dateWindow = 1860 }
    a.add { DingTalkLang = "en" }
    local skew, first = 1500, true
    local client = a.open { store = store, now = function() return a.service.now() + skew end }
    function a.before(request)
      if is_write(request) and first then
        first = false
        a.service:fault("late", { value = 3300, action = WRITES.action })
      elseif is_write(request) then
        return { sent = true, code = "CONNECTION_LOST", message = "lost" }
      end
    end
    local function ensure(changes)
      return client:ensure(chatbot(changes))
    end
    assert.equal("unknown", select(2, ensure { DingTalkLang = "zh" }).kind)
    skew = 0
    assert.equal("unknown", select(2, ensure { GroupIdList = { 2 } }).kind)
    a.before = nil
    a.service:advance(2500)
    local result = assert(ensure { GroupIdList = { 1 }, DingTalkLang = "en" })
    assert.equal("updated", result.action)
    assert.equal(1, #result.warnings)
    assert.matches("may still be executed, and undo this one", result.warnings[1].message)
    assert.is_truthy(store.texts[KEY])
    a.service:advance(800)
    assert.equal("updated", ensure({ GroupIdList = { 1 }, DingTalkLang = "en" }).action) -- it was undone
  end)

  it("does not begin anew with each machine that looks, but with one that is forgotten", function()
    local a, store, err = kept(9999)
    local ends = err.resolveAfter
    for i = 1, 20 do -- more than are remembered
      a.boot = "other " .. i
      assert.equal("unknown PENDING", summary(a.open({ store = store }):ensure(chatbot())))
    end
    a.service:advance(ends + 60 - a.service.now())
    a.boot = "first"
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot()))) -- forgotten, so it waits anew
    a.boot = "other 20"
    assert.equal("created", a.open({ store = store }):ensure(chatbot()).action)
  end)

  -- An account whose create is open, and a client of another machine with a store of its own.
  local function elsewhere(seconds)
    local a, store, err = kept(seconds)
    a.boot = "elsewhere"
    a.service:advance(1200)
    local there = sas.store.memory()
    return a, a.open { store = there }, core.encode(err.handle), there, store
  end

  it("goes on, for a handle that travels, from the first look at it there", function()
    local a, client, text, there = elsewhere(9999)
    local _, first = client:resolve(core.json(text))
    assert.equal("unknown PENDING", summary(nil, first))
    local _, again = client:ensure(chatbot())
    assert.equal("unknown PENDING", summary(nil, again)) -- no client of that store creates the name either
    assert.is_true(math.abs(again.resolveAfter - first.resolveAfter) <= 1)
    a.service:advance(first.resolveAfter - a.service.now())
    assert.equal("unknown PENDING", summary(a.open({}):resolve(core.json(text)))) -- which has another store
    assert.equal("network NOT_CREATED", summary(a.open({ store = there }):resolve(core.json(text))))
    assert.same({}, there.texts)
    assert.equal("network NOT_CREATED", summary(a.open({}):resolve(core.json(core.encode(first.handle)))))
    assert.equal("0", tostring(#a.service:chatbots()))
  end)

  it("finds the chatbot of a handle that travels, and leaves nothing in the store there", function()
    local a, client, text, there = elsewhere(1700)
    assert.equal("unknown PENDING", summary(client:resolve(core.json(text))))
    assert_clean(there.texts)
    a.service:advance(600)
    assert.equal("created", client:resolve(core.json(text)).action)
    assert.same({}, there.texts)
  end)

  it("of a handle that travels leaves what the store there holds under the name", function()
    local a, _, text = elsewhere(9999)
    local mine = sas.store.memory()
    a.service:fault("closed", WRITES)
    local client = a.open { store = mine }
    assert.equal("unknown", select(2, client:ensure(chatbot())).kind)
    for _, held in ipairs { mine.texts[KEY], "torn {" } do
      mine.texts[KEY] = held
      assert.equal("unknown PENDING", summary(client:resolve(core.json(text))))
      assert.equal(held, mine.texts[KEY])
    end
  end)

  it("of a handle that travels is told where the store there takes nothing, or the account is another's", function()
    local a, client, text, there = elsewhere(9999)
    function there.write() return nil, "full" end
    assert.equal("unknown PENDING", summary(client:resolve(core.json(text))))
    assert.same({}, there.texts)
    local handle = core.json(text)
    handle.aliUid = "7"
    there.write = nil
    a.add { RuleActionName = "any" }
    assert.equal("argument INVALID_ARGUMENT", summary(client:resolve(handle)))
    assert.same({}, there.texts)
  end)

  it("has nothing created where the clock of the boot fails", function()
    for _, broken in ipairs { function() error "no clock" end, function() return "x" end, function() return 0 / 0 end,
      function() return -1, "x" end } do
      local a, store = new()
      a.transport.boottime = broken
      assert.equal("state NO_CLOCK", summary(a.open({ store = store }):ensure(chatbot())))
      assert.equal("1 0", a.counts())
      assert.same({}, store.texts)
    end
  end)

  it("is not passed where there is no clock", function()
    local a, store, err = unknown()
    a.service:advance(3000)
    local answered = false
    function a.after()
      answered = true
    end
    local broken = a.open { store = store, now = function() return not answered and a.service.now() or nil end }
    assert.equal("unknown PENDING", summary(broken:ensure(chatbot())))
    assert.is_true(answered)
    assert.is_truthy(store.texts[KEY])
    assert.equal("network NOT_CREATED", summary(a.client:resolve(err.handle)))
  end)

  it("counts from the last of several signatures", function()
    local a, store = new()
    a.service:fault("throttled", WRITES, 2)
    local signed = {}
    function a.before(request)
      if is_write(request) then
        signed[#signed + 1] = core.json(store.texts[KEY]).signedAt
        assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", signed[#signed]), request.headers["x-acs-date"])
      end
    end
    assert.equal("created", a.client:ensure(chatbot()).action)
    assert.equal(3, #signed)
    assert.is_true(signed[1] < signed[2] and signed[2] < signed[3])
  end)
end)

describe("somebody else's chatbot", function()
  -- Adds a chatbot of the name when the create has been sent.
  local function meanwhile(a, ...)
    local changes, done = { ... }, false
    function a.after(request)
      if is_write(request) and not done then
        done = true
        for _, change in ipairs(changes) do
          a.add(change)
        end
      end
    end
  end

  for _, changes in ipairs {
    { DingTalkLang = "en" }, { ConfigList = { vul = "all" } }, { ConfigList = "(none)" },
    { GroupIdList = { 10417151 } }, { GroupIdList = "(none)" },
  } do
    it("is told from ours by its " .. next(changes), function()
      local a, store = new()
      meanwhile(a, changes)
      a.service:fault("closed", WRITES)
      assert.equal("conflict FOREIGN", summary(a.client:ensure(chatbot())))
      assert.is_truthy(store.texts[KEY])
    end)
  end

  it("that looks like ours is taken for it", function()
    local a, store = new({ typePrefix = "pre", groupIdListAs = "comma", intervalUnit = "minutes" })
    meanwhile(a, { SendUrl = account.webhook .. "2", IntervalTime = 7, GroupIdList = { 10417152, 10417151 } })
    a.service:fault("closed", WRITES)
    assert.equal("created", a.client:ensure(chatbot()).action)
    assert.same({}, store.texts)
  end)

  local THEIRS = account.webhook .. "2"

  describe("that looks like ours but for", function()
    -- the emulator's options; the settings; the stranger's chatbot
    for name, row in pairs {
      ["the webhook that is shown whole"] = { { token = "shown" }, {}, { SendUrl = THEIRS } },
      ["the interval in minutes"] = { { intervalUnit = "minutes" }, { intervalUnit = "minutes" },
        { IntervalTime = 180 } },
      ["the interval in seconds"] = { {}, { intervalUnit = "seconds" }, { IntervalTime = 121 } },
    } do
      it(name .. " is a conflict, also for who goes on", function()
        local a, store = new(row[1], row[2])
        meanwhile(a, row[3])
        a.service:fault("closed", WRITES)
        local result, err = a.client:ensure(chatbot())
        assert.equal("conflict FOREIGN", summary(result, err))
        assert_clean(err)
        assert_clean(store.texts)
        local handle = core.json(store.texts[KEY])
        assert.equal("conflict FOREIGN", summary(a.client:ensure(chatbot())))
        assert.equal("conflict FOREIGN", summary(a.client:resolve(handle)))
        assert.is_truthy(store.texts[KEY])
        a.service:advance(2000)
        assert.equal("updated", summary(a.client:ensure(chatbot())))
        assert.equal("1001", account.ids(a.service))
        assert.same({}, store.texts)
      end)
    end

    it("the token that is hidden is taken for it, as is one of an intent without a webhook", function()
      for _, token in ipairs { "hidden", "shown" } do
        local a, store = unknown({ token = token }, { deadline = 5 })
        a.add { SendUrl = THEIRS }
        local made = core.json(store.texts[KEY])
        assert.is_truthy(made.webhook.whole)
        if token == "shown" then
          made.webhook = nil
        end
        assert.equal("created", summary(a.client:resolve(made)))
        store.texts[KEY] = core.encode(made)
        assert.is_truthy(a.client:ensure(chatbot()))
        assert.same({}, store.texts)
      end
    end)
  end)

  it("is not seen in a webhook whose host the service writes in other letters", function()
    local a = new { token = "shown" }
    a.service:fault("lost", WRITES)
    function a.after(_, outcome)
      outcome.body = outcome.body and outcome.body:gsub("oapi%.dingtalk", "oapi.dingTalk")
    end
    assert.equal("created", summary(a.client:ensure(chatbot())))
    assert.equal("created", summary(a.client:ensure(chatbot { RuleActionName = "day watch",
      SendUrl = (account.webhook:gsub("oapi", "OAPI")) })))
  end)

  it("that is another's is a conflict, and ours may still come", function()
    local a, store = new { dateWindow = 1860 }
    meanwhile(a, { DingTalkLang = "en" })
    a.service:fault("late", { value = 400, action = WRITES.action })
    local result, err = a.client:ensure(chatbot())
    assert.equal("conflict FOREIGN", summary(result, err))
    assert.equal("1001", account.join(err.ids))
    assert.is_true(err.sent)
    assert.is_truthy(store.texts[KEY])
    assert_clean(err)
    result, err = a.client:ensure(chatbot())
    assert.equal("conflict FOREIGN", summary(result, err))
    assert.is_false(err.sent)
    assert.is_truthy(store.texts[KEY])
    a.service:advance(400)
    result, err = a.client:ensure(chatbot())
    assert.equal("conflict DUPLICATE", summary(result, err))
    assert.equal("1001 1002", account.join(err.ids))
    assert.equal("2", a.counts():match " (%d+)") -- ours and the stranger's; the late copy is counted once
  end)

  it("is an ordinary one behind the fence", function()
    local a, store = new()
    meanwhile(a, { DingTalkLang = "en" })
    a.service:fault("closed", WRITES)
    assert.equal("conflict FOREIGN", summary(a.client:ensure(chatbot())))
    a.service:advance(2000)
    assert.equal("updated", a.client:ensure(chatbot()).action)
    assert.equal("1001", account.ids(a.service))
    assert.same({}, store.texts)
  end)

  it("that got the name is a conflict", function()
    local a, store = new()
    local id = a.add { RuleActionName = "day watch" }
    local done
    function a.after(request)
      if is_write(request) and not done then
        done = true
        assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = id }))
      end
    end
    a.service:fault("closed", WRITES)
    local result, err = a.client:ensure(chatbot())
    assert.equal("conflict RENAMED", summary(result, err))
    assert.equal(id, account.join(err.ids))
    assert.is_truthy(store.texts[KEY])
    a.service:advance(2000)
    assert.equal("unchanged", a.client:ensure(chatbot()).action)
    assert.same({}, store.texts)
  end)

  it("that got the name beside a new one is a conflict with both", function()
    local a, store = new()
    local id = a.add { RuleActionName = "day watch" }
    local done
    function a.after(request)
      if is_write(request) and not done then
        done = true
        assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = id }))
      end
    end
    a.service:fault("lost", WRITES)
    local result, err = a.client:ensure(chatbot())
    assert.equal("conflict DUPLICATE", summary(result, err))
    assert.equal("1001 1002", account.join(err.ids))
    assert.is_truthy(store.texts[KEY])
  end)

  it("twice is a conflict with both, and neither is touched", function()
    local a = new()
    meanwhile(a, {}, {})
    a.service:fault("closed", WRITES)
    local result, err = a.client:ensure(chatbot { DingTalkLang = "en" })
    assert.equal("conflict DUPLICATE", summary(result, err))
    assert.equal("1001 1002", account.join(err.ids))
    assert.equal("zh", a.service:chatbots()[1].DingTalkLang)
  end)

  it("beside ours, behind a good answer, is a conflict with both", function()
    local a, store = new()
    meanwhile(a, { DingTalkLang = "en" })
    local result, err = a.client:ensure(chatbot())
    assert.equal("conflict DUPLICATE", summary(result, err))
    assert.equal("1001 1002", account.join(err.ids))
    assert.same({}, store.texts) -- ours is there, nothing can come any more
  end)

  it("is told from ours where ours shows later", function()
    local a = new()
    meanwhile(a, { DingTalkLang = "en" })
    local looks = 0
    function a.before(request)
      looks = looks + (is_write(request) and 0 or 1)
    end
    local meanwhile_after = a.after
    function a.after(request, outcome)
      meanwhile_after(request)
      if looks == 2 and not is_write(request) then
        local answer = dkjson.decode(outcome.body)
        table.remove(answer.ActionList, 1)
        answer.PageInfo.TotalCount = 1
        outcome.body = dkjson.encode(answer)
      end
    end
    local result, err = a.client:ensure(chatbot())
    assert.equal("conflict DUPLICATE", summary(result, err))
  end)
end)

describe("the intent", function()
  it("is there when the create is sent, and says what is needed and nothing secret", function()
    local a, store = new({ accessKeys = { {
      accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken,
    } } }, {
      accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken,
    })
    local text
    function a.before(request)
      if is_write(request) then
        text = store.texts[KEY]
      end
    end
    a.service:fault("closed", WRITES)
    local _, err = a.client:ensure(chatbot())
    local made = core.json(text)
    assert.equal(2, made.version)
    assert.equal("create", made.kind)
    assert.equal("night watch", made.name)
    assert.equal("tds.cn-shanghai.aliyuncs.com", made.site)
    assert.same({}, made.before)
    assert.equal(1950, made.fence)
    assert.same({ "10417151", "10417152" }, made.wanted.GroupIdList)
    assert.equal("zh", made.wanted.DingTalkLang)
    assert.is_truthy(made.wanted.ConfigList)
    assert_clean(text)
    assert_clean(err)
    assert.same(made, core.json(core.encode(err.handle)))
  end)

  it("holds all Ids of the account, and the account", function()
    local a, store = new { idsAs = "strings" }
    a.add { RuleActionName = "a1" }
    a.add { RuleActionName = "a2" }
    a.service:fault("closed", WRITES)
    a.client:ensure(chatbot())
    local made = core.json(store.texts[KEY])
    assert.same({ "1001", "1002" }, made.before)
    assert.equal("1234567890123456", made.aliUid)
  end)

  -- What the store does, and the error.
  describe("that cannot be written or read stops the create", function()
    for _, row in ipairs {
      { "write answers an error", { write = function() return nil, "disk full" end }, "state STORE", "1 0" },
      { "write answers an error object", {
        write = function() return nil, { kind = "state", code = "IO", message = "no space" } end,
      }, "state IO", "1 0" },
      { "write answers nothing", { write = function() end }, "state STORE", "1 0" },
      { "write raises", { write = function() error "broken" end }, "state STORE", "1 0" },
      { "read answers an error", { read = function() return nil, "gone" end }, "state STORE", "0 0" },
      { "read raises", { read = function() error {} end }, "state STORE", "0 0" },
      { "read answers a number", { read = function() return 1 end }, "state STORE", "0 0" },
      { "lock answers an error", { lock = function() return nil, "no" end }, "state STORE", "0 0" },
      { "lock answers nothing", { lock = function() end }, "state STORE", "0 0" },
      { "lock raises", { lock = function() error(nil) end }, "state STORE", "0 0" },
    } do
      it(row[1], function()
        local store = sas.store.memory()
        for name, f in pairs(row[2]) do
          store[name] = f
        end
        local a = account.new({}, { store = store })
        local result, err = a.client:ensure(chatbot())
        assert.equal(row[3], summary(result, err))
        assert.is_false(err.sent)
        assert.equal(row[4], a.counts())
        assert.is_nil(next(store.locks))
      end)
    end

    it("at its second sending", function()
      local store = sas.store.memory()
      local writes, write = 0, store.write
      function store.write(...)
        writes = writes + 1
        if writes == 2 then
          return nil, "disk full"
        end
        return write(...)
      end
      local a = account.new({}, { store = store })
      a.service:fault("throttled", WRITES)
      assert.equal("state STORE", summary(a.client:ensure(chatbot())))
      assert.equal("1 1", a.counts())
      assert.same({}, store.texts)
    end)
  end)

  describe("that is damaged stops the create, and says what to do", function()
    local good = {
      version = 2, kind = "create", id = "0123", site = "tds.cn-shanghai.aliyuncs.com", name = "night watch",
      before = {}, signedAt = 1, fence = 1, ahead = 0, looks = { { boot = "emulated", at = 1 } }, wanted = {},
    }

    local function changed(changes)
      local copy = {}
      for name, value in pairs(good) do
        copy[name] = value
      end
      for name, value in pairs(changes) do
        copy[name] = value ~= "(none)" and value or nil
      end
      return core.encode(copy)
    end

    it("but not where it is whole", function()
      local a, store = new()
      store.texts[KEY] = changed {}
      assert.equal("created", a.client:ensure(chatbot()).action)
    end)

    for _, row in ipairs {
      { "empty", "" }, { "torn", changed({}):sub(1, -10) }, { "zeros", ("\0"):rep(100) }, { "null", "null" },
      { "a list", "[1]" }, { "another version", changed { version = 1 } },
      { "no version", changed { version = "(none)" } }, { "no kind", changed { kind = "x" } },
      { "an update", changed { kind = "update", chatbot = "1", changes = true } },
      { "another name", changed { name = "day watch" } }, { "another site", changed { site = "elsewhere" } },
      { "no date", changed { signedAt = "(none)" } }, { "a date that is a text", changed { signedAt = "1" } },
      { "no fence", changed { fence = "(none)" } }, { "no Ids", changed { before = "(none)" } },
      { "Ids that are none", changed { before = { "x" } } }, { "no wish", changed { wanted = "(none)" } },
      { "a wish that is none", changed { wanted = { GroupIdList = "x" } } },
      { "an uid that is none", changed { aliUid = "x" } },
      { "a date after the year 9999", changed { signedAt = 253402300800 } },
      { "a fence that no setting takes", changed { fence = 604801 } },
      { "no time that it was ahead", changed { ahead = "(none)" } },
      { "a time ahead that is none", changed { ahead = -1 } }, { "no look", changed { looks = "(none)" } },
      { "a look without a boot", changed { looks = { { at = 1 } } } },
      { "a look at no time", changed { looks = { { boot = "x", at = -1 } } } },
      { "a look that is none", changed { looks = { "x" } } },
      { "more behind it", changed {} .. "x" },
    } do
      it(row[1], function()
        local a, store = new()
        store.texts[KEY] = row[2]
        local result, err = a.client:ensure(chatbot())
        assert.equal("state BAD_INTENT", summary(result, err))
        assert.is_truthy(err.message:find("this process's memory", 1, true))
        assert.is_truthy(err.hint:find("remove the intent", 1, true))
        assert.equal("0 0", a.counts())
        assert.equal(row[2], store.texts[KEY])
      end)
    end

    it("or of another account", function()
      local a, store = new()
      a.add { RuleActionName = "another" }
      store.texts[KEY] = changed { aliUid = "42" }
      local result, err = a.client:ensure(chatbot())
      assert.equal("state OTHER_ACCOUNT", summary(result, err))
      assert.is_truthy(tostring(err):find("store of its own", 1, true))
      assert.equal("1 1", a.counts())
      assert.is_truthy(store.texts[KEY])
    end)
  end)

  it("that cannot be removed is told, and does no harm", function()
    local a, store = new()
    function store.remove()
      return nil, "read-only"
    end
    local result = assert(a.client:ensure(chatbot()))
    assert.equal("created", result.action)
    assert.equal("store", result.warnings[1].path)
    assert.is_truthy(result.warnings[1].message:find("read-only", 1, true))
    assert.equal("unchanged", a.client:ensure(chatbot()).action)
    a.service:fault("refusal", WRITES)
    local _, err = a.client:ensure(chatbot { RuleActionName = "day watch" })
    assert.equal(1, #err.warnings)
  end)
end)

-- For apply, which notes the webhooks that were sent.
describe("what was created says how that is known:", function()
  local function told(result)
    return ("%s %s %s %s"):format(result.action, tostring(result.answered), tostring(result.arrived),
      tostring(result.sameWebhook))
  end

  it("by the answer", function()
    local a = new()
    assert.equal("created true nil nil", told(assert(a.client:ensure(chatbot()))))
    assert.equal("unchanged nil nil nil", told(assert(a.client:ensure(chatbot()))))
  end)

  it("by a look", function()
    local a = new()
    a.service:fault("lost", WRITES)
    assert.equal("created nil true true", told(assert(a.client:ensure(chatbot()))))
  end)

  -- What is wished when it is found; what is told.
  for _, row in ipairs {
    { {}, "unchanged nil true true" },
    { { SendUrl = account.webhook .. "2" }, "unchanged nil true false" },
    { { SendUrl = account.webhook .. "2", DingTalkLang = "en" }, "updated nil true false" },
    { { SendUrl = "(none)" }, "unchanged nil true nil" },
    { { SendUrl = "https://oapi.dingtalk.com/robot/send" }, "unchanged nil true nil" },
    { {}, "unchanged nil true nil", function(made) made.webhook = nil end },
    { {}, "unchanged true true true", function(made) made.answered = true end },
  } do
    it("by a later look: " .. row[2], function()
      local a, store = unknown()
      a.add()
      if row[3] then
        local made = core.json(store.texts[KEY])
        row[3](made)
        store.texts[KEY] = core.encode(made)
      end
      assert.equal(row[2], told(assert(a.client:ensure(chatbot(row[1])))))
    end)
  end
end)

describe("the lock", function()
  -- Runs functions as coroutines that yield wherever they wait, in turns.
  local function in_turns(a, ...)
    local threads = {}
    for i, work in ipairs { ... } do
      threads[i] = coroutine.create(work)
    end
    local results, alive = {}, #threads
    while alive > 0 do
      alive = 0
      for i, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          alive = alive + 1
          local good, result, err = coroutine.resume(thread)
          assert(good, result)
          if coroutine.status(thread) == "dead" then
            results[i] = summary(result, err)
          end
        end
      end
      a.service:advance(0.01)
    end
    return results
  end

  local function yielding(settings)
    local a, store = new({}, settings)
    local send, sleep = a.transport.send, a.transport.sleep
    function a.transport.send(request)
      coroutine.yield()
      local outcome = send(request)
      coroutine.yield()
      return outcome
    end
    function a.transport.sleep(seconds)
      sleep(seconds)
      coroutine.yield()
    end
    return a, store, a.open { store = store }
  end

  it("lets one of two coroutines create", function()
    local a, store, client = yielding()
    local function work() return client:ensure(chatbot()) end
    local results = in_turns(a, work, work, work)
    assert.equal("created", results[1])
    assert.equal("unchanged", results[2])
    assert.equal("unchanged", results[3])
    assert.equal("1001", account.ids(a.service))
    assert.equal("1", a.counts():match " (%d+)")
    assert.is_nil(next(store.locks))
  end)

  it("lets two names be created at once", function()
    local a, _, client = yielding()
    local results = in_turns(a, function() return client:ensure(chatbot()) end,
      function() return client:ensure(chatbot { RuleActionName = "day watch" }) end)
    assert.same({ "created", "created" }, results)
    assert.equal(2, #a.service:chatbots())
  end)

  it("is missed by two clients with a store each: both tell the truth, and a third counts them", function()
    local a, _, client = yielding()
    local other = a.open()
    local results = in_turns(a, function() return client:ensure(chatbot()) end,
      function() return other:ensure(chatbot()) end)
    assert.equal("1001 1002", account.ids(a.service))
    for _, result in ipairs(results) do
      assert.is_true(result == "conflict DUPLICATE" or result == "created")
    end
    local thread = coroutine.wrap(function() return client:ensure(chatbot()) end)
    local result, err
    repeat
      result, err = thread()
    until err
    assert.equal("conflict DUPLICATE", summary(result, err))
    assert.equal("1001 1002", account.join(err.ids))
  end)

  it("that another holds is waited for, for ten seconds", function()
    local a, store = new()
    local lock = store:lock(KEY, 1)
    local start = a.service.monotonic()
    local result, err = a.client:ensure(chatbot())
    assert.equal("state LOCKED", summary(result, err))
    assert.is_true(err.retryable)
    assert.is_false(err.sent)
    local took = a.service.monotonic() - start
    assert.is_true(took >= 9 and took <= 11)
    assert.equal("0 0", a.counts())
    store:unlock(KEY, lock)
    assert.equal("created", a.client:ensure(chatbot()).action)
  end)

  it("is not waited for longer than the deadline", function()
    local a, store = new({}, { deadline = 2 })
    local lock = store:lock(KEY, 1)
    local start = a.service.monotonic()
    assert.equal("state LOCKED", summary(a.client:ensure(chatbot())))
    assert.is_true(a.service.monotonic() - start <= 2)
    store:unlock(KEY, lock)
  end)

  it("is got when the other lets go of it", function()
    local a, store = new()
    local lock = store:lock(KEY, 1)
    local sleep = a.transport.sleep
    function a.transport.sleep(seconds)
      sleep(seconds)
      store:unlock(KEY, lock)
    end
    assert.equal("created", a.open({ store = store }):ensure(chatbot()).action)
  end)

  it("is let go of where something raises, and the error is raised on", function()
    local a, store = new()
    local breaks = true
    local client = a.open { store = store, nonce = function()
      if breaks then
        error({ "mine" }, 0)
      end
      return core.nonce()
    end }
    local good, err = pcall(client.ensure, client, chatbot())
    assert.is_false(good)
    assert.same({ "mine" }, err)
    assert.is_nil(next(store.locks))
    breaks = false
    assert.equal("created", client:ensure(chatbot()).action)
  end)

  it("is let go of with a coroutine that nobody resumes", function()
    local a, store, client = yielding()
    local thread = coroutine.create(function() return client:ensure(chatbot()) end)
    assert(coroutine.resume(thread))
    assert.is_truthy(next(store.locks))
    thread = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(store.locks))
    assert.equal(0, #a.service:chatbots())
  end)

  it("is asked to last longer than the call can", function()
    local a, store = new({}, { deadline = 100 })
    local asked
    local lock = store.lock
    function store.lock(self, key, seconds)
      asked = seconds
      return lock(self, key, seconds)
    end
    assert.equal("created", a.client:ensure(chatbot()).action)
    assert.is_true(asked >= 130)
  end)
end)

describe("resolve", function()
  it("goes on elsewhere, with another store, from a handle that went through JSON", function()
    local a, store, err = unknown()
    local handle = dkjson.decode(dkjson.encode(err.handle))
    local other = a.open()
    local result, again = other:resolve(handle)
    assert.equal("unknown PENDING", summary(result, again))
    assert.same(err.resolveAfter, again.resolveAfter)
    assert_clean(again)
    a.service:advance(2000)
    result, again = other:resolve(handle)
    assert.equal("network NOT_CREATED", summary(result, again))
    assert.is_true(again.retryable)
    assert.is_truthy(store.texts[KEY]) -- the other store's is not touched
    assert.equal("network NOT_CREATED", summary(a.client:resolve(handle)))
    assert.is_nil(store.texts[KEY])
  end)

  it("finds what arrived", function()
    local a, store = new()
    a.service:fault("late", { value = 300, action = WRITES.action })
    local _, err = a.client:ensure(chatbot())
    a.service:advance(300)
    local result = assert(a.open():resolve(err.handle))
    assert.equal("created", result.action)
    assert.equal("1001", tostring(result.chatbot.Id))
    assert.is_truthy(store.texts[KEY])
    assert.equal("created", a.client:resolve(err.handle).action)
    assert.same({}, store.texts)
    assert.equal("created", a.client:resolve(err.handle).action)
  end)

  it("fails with no less than the name: a later create of it may still be executed", function()
    local a, store, err = unknown()
    a.service:advance(2000)
    a.service:fault("closed", WRITES)
    local _, later = a.client:ensure(chatbot())
    assert.equal("unknown CONNECTION_LOST", summary(nil, later))
    local second = store.texts[KEY]
    local result, again = a.client:resolve(err.handle)
    assert.equal("unknown PENDING", summary(result, again))
    assert.equal(later.handle.id, again.handle.id)
    assert.equal(second, store.texts[KEY])
    a.service:advance(2000)
    assert.equal("network NOT_CREATED", summary(a.client:resolve(err.handle)))
    assert.same({}, store.texts)
  end)

  it("tells of somebody else's", function()
    local a, store, err = unknown()
    local foreign = a.add { DingTalkLang = "en" }
    local result, conflict = a.client:resolve(err.handle)
    assert.equal("conflict FOREIGN", summary(result, conflict))
    assert.equal(foreign, account.join(conflict.ids))
    assert.is_truthy(store.texts[KEY])
    a.add {}
    assert.equal("conflict DUPLICATE", summary(a.client:resolve(err.handle)))
    a.service:advance(2000)
    assert.equal("conflict DUPLICATE", summary(a.client:resolve(err.handle)))
    assert.same({}, store.texts)
  end)

  it("does not take a failing read for an empty one", function()
    local a, store, err = unknown()
    a.service:advance(2000)
    a.service:fault("closed", nil, 3)
    local result, again = a.client:resolve(err.handle)
    assert.equal("unknown CONNECTION_LOST", summary(result, again))
    assert.same(err.handle, again.handle)
    assert.is_truthy(store.texts[KEY])
  end)

  it("waits for the lock", function()
    local a, store, err = unknown()
    local lock = store:lock(KEY, 1)
    assert.equal("state LOCKED", summary(a.client:resolve(err.handle)))
    store:unlock(KEY, lock)
    assert.equal("unknown PENDING", summary(a.client:resolve(err.handle)))
    assert.is_nil(next(store.locks))
  end)

  it("sends nothing but reads", function()
    local a, _, err = unknown()
    local writes = a.counts():match " (%d+)"
    a.client:resolve(err.handle)
    a.service:advance(2000)
    a.client:resolve(err.handle)
    assert.equal(writes, a.counts():match " (%d+)")
  end)

  local GREATEST = tonumber "9223372036854775807" -- an integer where Lua has them

  describe("refuses a handle that", function()
    for _, row in ipairs {
      { "is empty", function() return {} end },
      { "is of another version", function(h) h.version = 9 end },
      { "has no kind", function(h) h.kind = nil end },
      { "has no Ids", function(h) h.before = nil end },
      { "has Ids that are none", function(h) h.before = { {} } end },
      { "has a hole", function(h) h.before = { [2] = "1" } end },
      { "has no date", function(h) h.signedAt = nil end },
      { "has a date that is none", function(h) h.signedAt = 0 / 0 end },
      { "has an endless date", function(h) h.signedAt = math.huge end },
      { "has a date that no calendar has", function(h) h.signedAt = 1e300 end },
      { "has a date of all bits", function(h) h.signedAt = 2 ^ 63 - 1 end },
      { "has the greatest integer for a date", function(h) h.signedAt = GREATEST end },
      { "has a fence of all bits", function(h) h.fence = 2 ^ 63 - 1 end },
      { "has the greatest integer for a fence", function(h) h.fence = GREATEST end },
      { "has a fence that never ends", function(h) h.fence = 1e300 end },
      { "was signed ahead for ever", function(h) h.ahead = 1e300 end },
      { "was looked at by nobody knows whom", function(h) h.looks = { { boot = 1, at = 1 } } end },
      { "was looked at too often", function(h) for i = 1, 17 do h.looks[i] = h.looks[1] end end },
      { "has no fence", function(h) h.fence = "1950" end },
      { "has no name", function(h) h.name = "" end },
      { "has no wish", function(h) h.wanted = "x" end },
      { "is of another site", function(h) h.site = "tds.ap-southeast-1.aliyuncs.com" end },
      { "is of an update without a chatbot", function(h) h.kind = "update" end },
    } do
      it(row[1], function()
        local a, store, err = unknown()
        local counts = a.counts()
        local handle = core.json(core.encode(err.handle))
        local result, refused = a.client:resolve(row[2](handle) or handle)
        assert.equal("argument INVALID_ARGUMENT", summary(result, refused))
        assert.equal("handle", refused.problems[1].path)
        assert.equal(counts, a.counts())
        assert.is_truthy(store.texts[KEY])
      end)
    end

    it("is of another account", function()
      local a, _, err = unknown()
      a.add { RuleActionName = "another" }
      err.handle.aliUid = "42"
      assert.equal("argument INVALID_ARGUMENT", summary(a.client:resolve(err.handle)))
    end)
  end)
end)

describe("ensure whose update gets no good answer", function()
  local wanted = { DingTalkLang = "en", IntervalTime = 60 }

  for _, fault in ipairs { "lost", "error500after", "silentafter", "badjson" } do
    it("finds it executed: " .. fault, function()
      local a, store = new({}, { retries = 0 })
      a.add()
      a.service:fault(fault, WRITES)
      local result = assert(a.client:ensure(chatbot(wanted)))
      assert.equal("updated", result.action)
      assert.equal("2 2", a.counts())
      -- a copy may still be executed: it stays known until it cannot
      assert.is_truthy(next(store.texts))
      assert.equal("unchanged", a.client:ensure(chatbot(wanted)).action)
      a.service:advance(2000)
      assert.equal("unchanged", a.client:ensure(chatbot(wanted)).action)
      assert.same({}, store.texts)
    end)
  end

  it("leaves nothing behind where it got a good one", function()
    local a, store = new()
    a.add()
    assert.equal("updated", a.client:ensure(chatbot(wanted)).action)
    assert.same({}, store.texts)
  end)

  it("repeats it, since it may be repeated", function()
    local a = new()
    a.add()
    a.service:fault("closed", WRITES, 2)
    assert.equal("updated", a.client:ensure(chatbot(wanted)).action)
    assert.equal("en", a.service:chatbots()[1].DingTalkLang)
  end)

  local function lost(options, changes, more)
    local a = new(options, { retries = 0 })
    a.add()
    a.service:advance(10)
    a.service:fault("closed", WRITES)
    local result, err = a.client:ensure(chatbot(changes or wanted), more)
    assert.equal("unknown CONNECTION_LOST", summary(result, err))
    assert.equal("update", err.handle.kind)
    assert_clean(err)
    return a, dkjson.decode(dkjson.encode(err.handle)), err
  end

  it("is unknown where it does not show, then not applied", function()
    local a, handle, err = lost()
    assert.equal("unknown PENDING", summary(a.client:resolve(handle)))
    a.service:advance(err.resolveAfter - a.service.now() + 1)
    local result, failed = a.client:resolve(handle)
    assert.equal("network NOT_APPLIED", summary(result, failed))
    assert.is_true(failed.retryable)
  end)

  it("can end as not applied within one call, where the fence is short", function()
    local a = new({ dateWindow = 2 }, { retries = 0, fence = 5 })
    a.add()
    a.service:fault("closed", WRITES)
    assert.equal("network NOT_APPLIED", summary(a.client:ensure(chatbot(wanted))))
    assert.equal("updated", a.client:ensure(chatbot(wanted)).action)
  end)

  it("is found when a late copy was executed", function()
    local a, handle = lost()
    assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = "1001", DingTalkLang = "en" }))
    assert.equal("unknown PENDING", summary(a.open():resolve(handle))) -- half of it
    assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = "1001", DingTalkLang = "en", IntervalTime = 60 }))
    assert.equal("updated", a.open():resolve(handle).action)
  end)

  it("is a conflict where the chatbot is gone", function()
    local a, handle = lost()
    assert(a.stranger:deleteDingTalk { Ids = "1001" })
    assert.equal("conflict NOT_FOUND", summary(a.client:resolve(handle)))
  end)

  it("is a conflict where the chatbot goes meanwhile", function()
    local a = new({}, { retries = 0 })
    a.add()
    function a.after(request)
      if is_write(request) then
        assert(a.stranger:deleteDingTalk { Ids = "1001" })
      end
    end
    a.service:fault("lost", WRITES)
    assert.equal("conflict NOT_FOUND", summary(a.client:ensure(chatbot(wanted))))
  end)

  it("shows by the time of its last change where nothing else can show it", function()
    local a, handle = lost({}, {}, { resend = true })
    assert.equal("unknown PENDING", summary(a.client:resolve(handle)))
    a.service:fault("lost", WRITES)
    assert.equal("updated", a.client:ensure(chatbot(), { resend = true }).action)
    assert.equal("updated", a.client:resolve(handle).action)
  end)

  it("shows a rename", function()
    local a = new({}, { retries = 0 })
    local id = a.add { RuleActionName = "day watch" }
    a.service:fault("lost", WRITES)
    local result = assert(a.client:ensure(chatbot { Id = id }))
    assert.equal("updated", result.action)
    assert.equal("night watch", result.chatbot.RuleActionName)
  end)
end)
