-- ensure_hard_spec.lua - what went wrong once, or would without care: endings, names and webhooks that seem right
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local sas = require "aliyun.sas"

local WRITES = { action = "CreateOrUpdateDingTalk" }
local chatbot, is_write = account.chatbot, account.is_write

local function summary(result, err)
  return result and result.action or err.kind .. " " .. err.code
end

local function stored(a, name)
  for _, found in ipairs(a.service:chatbots()) do
    if found.RuleActionName == (name or "night watch") then
      return found
    end
  end
end

describe("resolve of an update", function()
  for name, changes in pairs {
    IntervalTime = { IntervalTime = 600 }, DingTalkLang = { DingTalkLang = "en" },
    SendUrl = { SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=another0token" },
    place = { SendUrl = "https://oapi.dingtalk.com/robot/other?access_token=another0token" },
  } do
    it("does not say that it was executed where it was not: " .. name, function()
      local a = account.new({ token = "shown" }, { retries = 0, deadline = 5 })
      assert(a.client:ensure(chatbot()))
      a.service:fault("closed", WRITES)
      local result, err = a.client:ensure(chatbot(changes))
      assert.equal("unknown CONNECTION_LOST", summary(result, err))
      assert.equal("unknown PENDING", summary(a.client:resolve(err.handle)))
      a.service:advance(2000)
      assert.equal("network NOT_APPLIED", summary(a.client:resolve(err.handle)))
    end)

    it("says it where it was: " .. name, function()
      local a = account.new({ token = "shown" }, { retries = 0, deadline = 5 })
      assert(a.client:ensure(chatbot()))
      a.service:fault("late", { action = WRITES.action, value = 60 })
      local _, err = a.client:ensure(chatbot(changes))
      a.service:advance(60)
      assert.equal("updated", summary(a.client:resolve(core.json(core.encode(err.handle)))))
    end)
  end

  it("does not end while a copy with a later date may come", function()
    local a, skew = account.new({ dateWindow = 1860 }), 1700
    assert(a.client:ensure(chatbot()))
    local client = a.open { now = function() return a.service.now() + skew end, deadline = 60 }
    a.service:fault("late", { action = WRITES.action, value = 3000 })
    a.service:fault("closed", WRITES, 5)
    function a.after(request, outcome)
      if is_write(request) then
        skew = 0 -- somebody sets the clock between two copies
      end
      return outcome
    end
    local _, err = client:ensure(chatbot { DingTalkLang = "en" })
    a.service.state.faults = {}
    a.service:advance(1970)
    assert.equal("unknown PENDING", summary(client:resolve(err.handle)))
  end)

  it("keeps to what belongs into a handle", function()
    local a = account.new({}, { retries = 0, deadline = 5 })
    a.service:fault("closed", WRITES)
    local _, err = a.client:ensure(chatbot())
    local handle = err.handle
    handle.cycle, handle.wanted.cycle, handle.more = handle, handle, print
    local _, again = a.client:resolve(handle)
    assert.equal("unknown PENDING", summary(nil, again))
    assert.is_string(core.encode(again.handle))
  end)
end)

describe("a webhook that was read without its token", function()
  local function read(a)
    assert(a.client:ensure(chatbot()))
    local found = assert(a.client:chatbot "night watch")
    found.IntervalTime = nil
    return found
  end

  it("is not sent back: the stored one stays", function()
    local a = account.new()
    local found = read(a)
    found.DingTalkLang = "en"
    local result, err = a.client:ensure(found)
    assert.equal("argument INVALID_ARGUMENT", summary(result, err))
    assert.equal("SendUrl", err.problems[1].path)
    assert.equal(account.webhook, stored(a).SendUrl)
  end)

  it("is no difference", function()
    local a = account.new()
    assert.equal("unchanged", summary(a.client:ensure(read(a))))
  end)

  for _, query in ipairs { "?access_token=", "?access_token=***", "?access_token=%2A%2A%2A", "?access_token=xxxxxx",
    "?access_token=c0ff...me", "?access_token=c0ff%E2%80%A6me", "?other=1" } do
    it("but with " .. query .. " is one without too", function()
      local a = account.new()
      function a.after(request, outcome)
        if not is_write(request) and outcome.body then
          outcome.body = outcome.body:gsub('robot/send"', function() return "robot/send" .. query .. '"' end)
        end
        return outcome
      end
      assert(a.client:ensure(chatbot()))
      local result, err = a.client:ensure(chatbot { SendUrl = "(none)", DingTalkLang = "en" })
      assert.equal("argument INVALID_ARGUMENT", summary(result, err))
      assert.equal(account.webhook, stored(a).SendUrl)
      assert.same({ "SendUrl" }, a.client:ensure(chatbot()).notCompared)
    end)

    it("and with " .. query .. " is not sent back either", function()
      local a = account.new()
      function a.after(request, outcome)
        if not is_write(request) and outcome.body then
          outcome.body = outcome.body:gsub('robot/send"', function() return "robot/send" .. query .. '"' end)
        end
        return outcome
      end
      local found = read(a)
      assert.equal("unchanged", summary(a.client:ensure(found)))
      found.DingTalkLang = "en"
      assert.equal("argument INVALID_ARGUMENT", summary(a.client:ensure(found)))
      assert.equal(account.webhook, stored(a).SendUrl)
    end)
  end
end)

describe("a name", function()
  it("that a rename may still bring is not created", function()
    local a = account.new({ dateWindow = 1860 }, { deadline = 5 })
    assert(a.client:ensure(chatbot { RuleActionName = "AA" }))
    a.service:fault("late", { value = 600, action = WRITES.action }, 3)
    local _, err = a.client:ensure { Id = 1001, RuleActionName = "BB", SendUrl = account.webhook }
    assert.equal("unknown", err.kind)
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot { RuleActionName = "BB" })))
    a.service:advance(700)
    assert.is_truthy(a.client:ensure(chatbot { RuleActionName = "BB" }))
    assert.equal("1001", account.ids(a.service, "BB"))
  end)

  it("that an earlier update may bring back is not created", function()
    local a = account.new({ dateWindow = 1860 })
    assert(a.client:ensure(chatbot { RuleActionName = "AA" }))
    a.service:fault("late", { value = 100, action = WRITES.action })
    assert.equal("updated", summary(a.client:ensure(chatbot { RuleActionName = "AA", DingTalkLang = "en" })))
    assert.equal("updated", summary(a.client:ensure { Id = 1001, RuleActionName = "BB", SendUrl = account.webhook }))
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot { RuleActionName = "AA" })))
    a.service:advance(2000)
    assert(a.client:ensure(chatbot { RuleActionName = "AA" }))
    assert.equal("1001", account.ids(a.service, "AA"))
  end)

  it("is created once such an update cannot be executed any more", function()
    local a = account.new({}, { deadline = 5, retries = 0 })
    assert(a.client:ensure(chatbot { RuleActionName = "AA" }))
    a.service:fault("closed", WRITES)
    assert.equal("unknown", select(2, a.client:ensure { Id = 1001, RuleActionName = "BB",
      SendUrl = account.webhook }).kind)
    a.service:advance(2000)
    assert.equal("created", summary(a.client:ensure(chatbot { RuleActionName = "BB" })))
    assert.equal("1001", account.ids(a.service, "AA"))
  end)

  it("whose update may be undone by an earlier one has a warning", function()
    local a = account.new({ dateWindow = 1860 })
    assert(a.client:ensure(chatbot()))
    a.service:fault("late", { value = 100, action = WRITES.action })
    assert.same({}, a.client:ensure(chatbot { DingTalkLang = "en" }).warnings)
    local result = assert(a.client:ensure(chatbot { DingTalkLang = "zh", IntervalTime = 60 }))
    assert.matches("earlier update", result.warnings[1].message)
    a.service:advance(100)
    assert.equal("en", stored(a).DingTalkLang) -- it was
    a.service:advance(2000)
    assert.same({}, a.client:ensure(chatbot { DingTalkLang = "zh", IntervalTime = 60 }).warnings)
  end)

  it("that the service spells in another way is not created again and again", function()
    local a = account.new({ dateWindow = 1860 }, { deadline = 20 })
    function a.after(_, outcome)
      outcome.body = outcome.body and outcome.body:gsub("a & b", "a &amp; b")
      return outcome
    end
    local wanted = chatbot { RuleActionName = "a & b" }
    local _, err = a.client:ensure(wanted)
    assert.equal("unknown NOT_VISIBLE", summary(nil, err))
    for _ = 1, 3 do
      a.service:advance(2100)
      local _, vanished = a.client:ensure(wanted)
      assert.equal("conflict VANISHED", summary(nil, vanished))
      assert.is_truthy(vanished.handle)
    end
    assert.equal(1, #a.service:chatbots())
    assert.equal("conflict VANISHED", summary(a.client:resolve(err.handle)))
    assert.equal("unknown NOT_VISIBLE", summary(a.client:ensure(wanted))) -- it was asked for
  end)

  it("on a page that moves is seen", function()
    local a = account.new { maxPageSize = 2 }
    for i = 1, 5 do
      a.add { RuleActionName = "n" .. i }
    end
    local reads = 0
    function a.before(request)
      reads = reads + (is_write(request) and 0 or 1)
      if reads == 2 then
        reads = 3
        assert(a.stranger:deleteDingTalk { Ids = { 1001 } })
        a.add { RuleActionName = "other" }
      end
    end
    assert.equal("unchanged", summary(a.client:ensure(chatbot { RuleActionName = "n3" })))
    assert.equal("1003", account.ids(a.service, "n3"))
  end)
end)

-- Two clients that share a store. What the other does in the gap behind a reading is forced there.
describe("another client of the store", function()
  local a, store, other

  local function open(options, settings)
    store = sas.store.memory()
    settings = settings or {}
    settings.store = store
    a = account.new(options or { token = "shown" }, settings)
    other = a.open { store = store, deadline = 5 }
    assert(other:ensure(chatbot()))
  end

  -- Runs each of the functions behind one reading more.
  local function behind_readings(...)
    local works = { ... }
    function a.after(request)
      if not is_write(request) and works[1] then
        table.remove(works, 1)()
      end
    end
  end

  describe("and an ensure by an Id without a name:", function()
    it("what the other changed stays", function()
      open()
      behind_readings(function()
        assert.equal("updated", summary(other:ensure(chatbot { ConfigList = { hc = "all" }, IntervalTime = 600 })))
      end)
      assert.equal("updated", summary(a.client:ensure { Id = 1001, DingTalkLang = "en", IntervalTime = 600 }))
      local found = stored(a)
      assert.equal("en", found.DingTalkLang)
      assert.is_truthy(found.ConfigList:find("-hc", 1, true))
      assert.is_nil(found.ConfigList:find("suspicious", 1, true))
    end)

    it("what the other renamed stays, and the name is there once", function()
      open()
      behind_readings(function()
        assert.equal("updated", summary(other:ensure { Id = 1001, RuleActionName = "day watch", IntervalTime = 120 }))
        assert.equal("created", summary(other:ensure(chatbot())))
      end)
      assert.equal("updated", summary(a.client:ensure { Id = 1001, DingTalkLang = "en", IntervalTime = 120 }))
      assert.equal("1001", account.ids(a.service, "day watch"))
      assert.equal("1002", account.ids(a.service))
      assert.equal("en", stored(a, "day watch").DingTalkLang)
      assert.equal("zh", stored(a).DingTalkLang)
      assert.is_nil(next(store.locks))
    end)

    it("one that the other renames again and again is a conflict", function()
      open()
      local count = 0
      function a.before(request)
        if account.action(request) == "DescribeDingTalk" then
          count = count + 1
          assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = 1001, RuleActionName = "watch " .. count }))
        end
      end
      local _, err = a.client:ensure { Id = 1001, DingTalkLang = "en" }
      assert.equal("conflict MOVED", summary(nil, err))
      assert.matches("again and again", err.message)
      assert.equal("1001", account.join(err.ids))
      assert.is_false(err.sent)
      assert.is_true(count <= 6)
      assert.is_nil(next(store.locks))
    end)

    it("one that the other deleted is a conflict", function()
      open()
      behind_readings(function() assert(a.stranger:deleteDingTalk { Ids = 1001 }) end)
      assert.equal("conflict NOT_FOUND", summary(a.client:ensure { Id = 1001, DingTalkLang = "en" }))
    end)

    it("a lock that is held is waited for no longer than the deadline", function()
      open({ token = "shown" }, { deadline = 2 })
      local lock = store:lock("tds.cn-shanghai.aliyuncs.com|night watch", 60)
      local start = a.service.monotonic()
      assert.equal("state LOCKED", summary(a.client:ensure { Id = 1001, DingTalkLang = "en" }))
      assert.is_true(a.service.monotonic() - start <= 2)
      store:unlock("tds.cn-shanghai.aliyuncs.com|night watch", lock)
    end)

    it("what is planned is compared with what is read under the lock", function()
      open()
      local plan = assert(a.client:plan { { Id = 1001, DingTalkLang = "en", IntervalTime = 120 } })
      behind_readings(function() end, function() assert(other:ensure(chatbot { IntervalTime = 600 })) end)
      local report = assert(a.client:apply(plan))
      assert.equal("conflict", report.results[1].action)
      assert.equal("MOVED", report.results[1].error.code)
      assert.equal("600", tostring(stored(a).IntervalTime))
      assert.equal("zh", stored(a).DingTalkLang)
    end)
  end)

  describe("and a rename by Id:", function()
    local rename = { Id = 1001, RuleActionName = "day watch", IntervalTime = 120 }

    it("what the other changed under the old name stays", function()
      for reading = 1, 2 do
        open()
        local works, done = {}, nil
        works[reading] = function()
          done = summary(other:ensure(chatbot { ConfigList = { hc = "all" } }))
        end
        works[1] = works[1] or function() end
        behind_readings(works[1], works[2])
        assert.equal("updated", summary(a.client:ensure(rename)))
        -- behind the first reading the old name is free still; behind the second both are locked
        assert.equal(reading == 1 and "updated" or "state LOCKED", done)
        local found = stored(a, "day watch")
        assert.equal(reading == 1, found.ConfigList:find("-hc", 1, true) ~= nil)
        assert.equal(1, #a.service:chatbots())
        assert.is_nil(next(store.locks))
      end
    end)

    it("waits while the other is at the old name", function()
      open({ token = "shown" }, { deadline = 5 })
      local done
      behind_readings(function()
        done = summary(a.open { store = store, deadline = 5 }:ensure(rename))
      end)
      assert.equal("updated", summary(other:ensure(chatbot { DingTalkLang = "en" })))
      assert.equal("state LOCKED", done)
      assert.equal("en", stored(a).DingTalkLang)
      assert.is_nil(next(store.locks))
    end)

    it("the new lock is let go of where the old one cannot be had, and the other way round", function()
      for _, name in ipairs { "night watch", "day watch" } do
        open({ token = "shown" }, { deadline = 5 })
        local lock
        behind_readings(function() lock = lock or store:lock("tds.cn-shanghai.aliyuncs.com|" .. name, 60) end)
        if name == "day watch" then
          lock = store:lock("tds.cn-shanghai.aliyuncs.com|" .. name, 60)
        end
        local start = a.service.monotonic()
        assert.equal("state LOCKED", summary(a.client:ensure(rename)))
        assert.is_true(a.service.monotonic() - start <= 5)
        store:unlock("tds.cn-shanghai.aliyuncs.com|" .. name, lock)
        assert.is_nil(next(store.locks))
      end
    end)

    it("makes of it what is wished, whatever name it got meanwhile", function()
      open()
      behind_readings(function()
        assert(a.stranger:createOrUpdateDingTalk(chatbot { Id = 1001, RuleActionName = "day watch" }))
      end)
      assert.equal("unchanged", summary(a.client:ensure(rename)))
      open()
      behind_readings(function()
        assert.equal("updated", summary(other:ensure { Id = 1001, RuleActionName = "dusk watch", IntervalTime = 120 }))
      end)
      assert.equal("updated", summary(a.client:ensure(rename)))
      assert.equal("1001", account.ids(a.service, "day watch"))
      assert.is_nil(next(store.locks))
    end)

    it("takes the two locks in one order, whichever the direction", function()
      local orders = {}
      for i, names in ipairs { { "night watch", "day watch" }, { "day watch", "night watch" } } do
        open()
        assert(other:ensure(chatbot { Id = 1001, RuleActionName = names[1] }))
        local taken, lock = {}, store.lock
        function store.lock(self, key, seconds)
          taken[#taken + 1] = key
          return lock(self, key, seconds)
        end
        assert.equal("updated", summary(a.client:ensure { Id = 1001, RuleActionName = names[2], IntervalTime = 120 }))
        orders[i] = taken[#taken - 1] .. ", " .. taken[#taken]
      end
      assert.equal(orders[1], orders[2])
      assert.matches("day watch", orders[1])
      assert.matches("night watch", orders[1])
    end)
  end)
end)

describe("a clock", function()
  it("of what stands before the service does not end the fence", function()
    local a = account.new({ dateWindow = 1860 }, { deadline = 20 })
    a.service:fault("late", { action = WRITES.action, value = 1500 })
    assert.equal("unknown", select(2, a.client:ensure(chatbot())).kind)
    local first = true
    function a.after(request, outcome)
      if is_write(request) then
        return outcome
      elseif first then
        first = false
        return { sent = true, status = 503, body = "<html>", headers = {
          date = os.date("!%a, %d %b %Y %H:%M:%S GMT", math.floor(a.service.now()) + 7200) } }
      end
      outcome.headers.date = nil
      return outcome
    end
    assert.equal("unknown PENDING", summary(a.client:ensure(chatbot())))
    a.service:advance(1600)
    a.after = nil
    assert.equal("unchanged", summary(a.client:ensure(chatbot())))
    assert.equal("1001", account.ids(a.service))
  end)

  it("that goes back a day loses no result", function()
    local a, jump = account.new(), 0
    local client = a.open { transport = {
      send = function(request)
        jump = is_write(request) and -90000 or jump
        return a.service.send(request)
      end, sleep = a.service.sleep, now = a.service.now, monotonic = function() return a.service.monotonic() + jump end,
    } }
    assert.equal("created", summary(client:ensure(chatbot())))
  end)
end)

describe("parts of the caller's that fail", function()
  local function store_with(changes)
    local store = sas.store.memory()
    return setmetatable(changes, { __index = store })
  end

  local bomb = setmetatable({}, { __index = function() error "bomb" end, __tostring = function() error "bomb" end })

  for name, answer in pairs {
    ["an error without a message"] = function() return nil, { kind = "state", code = "X" } end,
    ["an error that cannot be looked at"] = function() return nil, bomb end,
    ["false"] = function() return false end,
    ["a raise"] = function() error(bomb) end,
  } do
    it("when the intent is removed lose no result: " .. name, function()
      local a = account.new()
      local client = a.open { store = store_with { remove = answer } }
      local result = assert(client:ensure(chatbot()))
      assert.equal("created", result.action)
      assert.equal(1, #result.warnings)
    end)

    it("when the lock is let go lose no result, and are told: " .. name, function()
      local a = account.new()
      -- with locks that the collector leaves alone
      local client = a.open { store = store_with { unlock = answer, locks = {} }, deadline = 5 }
      local result = assert(client:ensure(chatbot()))
      assert.equal("created", result.action)
      assert.equal(1, #result.warnings)
      assert.equal("store", result.warnings[1].path)
      assert.matches("^the lock could not be let go of: .", result.warnings[1].message)
      assert.matches("LOCKED", result.warnings[1].hint)
      a.service:fault("refusal", WRITES)
      local _, err = client:ensure(chatbot { RuleActionName = "day watch" })
      assert.equal("service NoPermission", summary(nil, err))
      assert.equal(1, #err.warnings)
      assert.equal("state LOCKED", summary(client:ensure(chatbot())))
      -- a rename takes the lock of the new name twice
      _, err = client:ensure { Id = 1001, RuleActionName = "dusk watch" }
      assert.equal("state LOCKED", summary(nil, err))
      assert.equal(1, #err.warnings)
    end)

    it("when the intent is written stop the create: " .. name, function()
      local a = account.new()
      local _, err = a.open { store = store_with { write = answer } }:ensure(chatbot())
      assert.equal("state", err.kind)
      assert.is_false(err.sent)
      assert.equal(0, #a.service:chatbots())
    end)
  end

  it("that let go of a lock and answer nothing are fine, or true", function()
    for _, answer in ipairs { function() end, function() return true end, function() return nil end } do
      local a, memory = account.new(), sas.store.memory()
      local client = a.open { store = store_with { lock = function(_, ...) return memory:lock(...) end,
        unlock = function(_, ...)
          memory:unlock(...)
          return answer()
        end } }
      assert.same({}, assert(client:ensure(chatbot())).warnings)
      assert.same({}, assert(client:ensure(chatbot())).warnings)
    end
  end)

  it("say nothing of a write that was not sent", function()
    local unknown = { kind = "unknown", code = "X", message = "m", sent = true }
    local a = account.new()
    local count = 0
    local nonce = a.open { nonce = function()
      count = count + 1
      if count > 1 then
        return nil, unknown
      end
      return core.nonce()
    end }
    local provider = a.open { accessKeyId = "(none)", accessKeySecret = "(none)", credentials = {
      fetch = function() return nil, unknown end } }
    local writer = a.open { store = store_with { write = function() return nil, unknown end } }
    for _, client in ipairs { nonce, provider, writer } do
      local result, err = client:ensure(chatbot())
      assert.is_nil(result)
      assert.is_true(err.kind == "state" or err.kind == "credentials", err.kind)
      assert.is_false(err.sent)
    end
    assert.equal(0, #a.service:chatbots())
  end)

  it("a lock that says LOCKED and no more is waited for", function()
    local a, count = account.new(), 0
    local memory = sas.store.memory()
    local client = a.open { store = store_with { lock = function(...)
      count = count + 1
      if count < 3 then
        return nil, { code = "LOCKED" }
      end
      return memory.lock(...)
    end } }
    assert.equal("created", summary(client:ensure(chatbot())))
  end)

  it("a client that is closed on the way sends nothing more", function()
    local a, client = account.new(), nil
    client = a.open { accessKeyId = "(none)", accessKeySecret = "(none)",
      credentials = sas.credentials.static { accessKeyId = "testid", accessKeySecret = "testsecret" },
      onResponse = function() client:close() end }
    local _, err = client:ensure(chatbot())
    assert.equal("state CLOSED", summary(nil, err))
    assert.equal(0, #a.service:chatbots())
  end)

  it("a fence in halves of seconds is refused", function()
    assert.has_error(function() account.new({}, { fence = 1950.5 }) end)
  end)
end)

describe("the plain operations", function()
  for _, id in ipairs { "", "0", "00", "x", " 1" } do
    it(("do not take an Id of %q for an update"):format(id), function()
      local a = account.new()
      a.service:fault("lost", WRITES)
      local _, err = a.client:call("CreateOrUpdateDingTalk", {
        Id = id, RuleActionName = "xx", SendUrl = account.webhook, ConfigList = "[]" })
      assert.equal("unknown", err.kind)
      assert.equal(1, #a.service:requests())
    end)
  end

  it("do not take a table or a boolean for one either", function()
    for _, id in ipairs { {}, true, false } do
      local a = account.new()
      a.service:fault("lost", WRITES)
      a.client:call("CreateOrUpdateDingTalk", { Id = id, RuleActionName = "xx", SendUrl = account.webhook,
        ConfigList = "[]" })
      assert.equal(1, #a.service:requests())
    end
  end)
end)

it("no error of the reads behind a create shows the token", function()
  for _, field in ipairs { "Code", "RequestId", "Message" } do
    local a = account.new({}, { deadline = 5, retries = 0 })
    function a.after(request, outcome)
      if is_write(request) then
        return { sent = true, code = "CONNECTION_LOST", message = "m" }
      elseif #a.service:requests() > 1 then
        local body = { RequestId = "R", Code = "C", Message = "M" }
        body[field] = canary.accessToken
        return { sent = true, status = 400, headers = {}, body = core.encode(body) }
      end
      return outcome
    end
    local _, err = a.client:ensure(chatbot())
    for _, text in ipairs { tostring(err), err.code, tostring(err.requestId), err.message } do
      assert.is_nil(text:find(canary.accessToken, 1, true))
    end
  end
end)
