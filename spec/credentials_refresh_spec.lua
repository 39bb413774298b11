-- credentials_refresh_spec.lua - credentials that end: when new ones are got, by whom, and what an expired token does
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local providers = require "spec.support.providers"
local recorder = require "spec.support.recorder"
local refresh = require "aliyun.sas.credentials.refresh"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local START = 1795484954

-- A source of credentials id1, id2, ... that live for `life` seconds by the transport's clock; `before` may answer nil
-- and an error in their place.
local function source_of(transport, life, before)
  local source = { count = 0, life = life, before = before }
  function source.fetch(self, context)
    self.count = self.count + 1
    local _, err
    if self.before then
      _, err = self.before(self.count, context)
    end
    if err then
      return nil, err
    end
    local held = assert(core.credentials {
      accessKeyId = "id" .. self.count, accessKeySecret = "s", securityToken = "token" .. self.count,
    })
    return held, self.life and transport.now() + self.life
  end
  return source
end

local function failure(code)
  return nil, core.error { kind = "credentials", code = code or "DOWN", message = "m", retryable = true, sent = false }
end

local function id_of(held)
  return held and (providers.shown(held))
end

local function new(life, before, recheck)
  local transport = providers.scripted { { 200, "" } }
  local source = source_of(transport, life, before)
  local provider = refresh.new("a spec", source, recheck)
  return provider, source, transport, function(changes)
    local context = providers.context(transport, changes)
    local held, more = sas.credentials.fetch(provider, context)
    return id_of(held), more, context
  end
end

describe("credentials that end", function()
  -- life, still the old ones after so many seconds, surely new ones after so many
  local rows = {
    { 3600, 2600, 2700 },
    { 43200, 42200, 42300 },
    { 1800, 800, 900 },
    { 1201, 200, 301 },
    { 1200, 860, 900 },
    { 900, 650, 675 },
    { 60, 43, 45 },
    { 4, 2, 3 },
  }
  for _, row in ipairs(rows) do
    it(("are renewed in time, living for %d s"):format(row[1]), function()
      local _, source, transport, fetch = new(row[1])
      assert.equal("id1", (fetch()))
      transport.at = row[2]
      for _ = 1, 3 do
        assert.equal("id1", (fetch()))
      end
      transport.at = row[3]
      for _ = 1, 3 do
        local id, expiry = fetch()
        assert.equal("id2", id)
        assert.equal(START + row[3] + row[1], expiry)
      end
      assert.equal(2, source.count)
    end)
  end

  it("are renewed at times that differ from one process to the next", function()
    local times = {}
    for i = 1, 8 do
      local provider, _, transport = new(3600)
      sas.credentials.fetch(provider, providers.context(transport))
      times[i] = provider.due
      assert.is_true(provider.due >= START + 2610 and provider.due <= START + 2700)
    end
    table.sort(times)
    assert.is_true(times[1] < times[8])
  end)

  for _, life in ipairs { 0, -1, -3600 } do
    it(("at their birth, %d s, are an error"):format(life), function()
      local _, _, _, fetch = new(life)
      local id, err = fetch()
      assert.is_nil(id)
      assert.equal("EXPIRED", err.code)
      assert.is_truthy(err.hint:find("clock", 1, true))
    end)
  end

  it("are used on while new ones cannot be had, with pauses between the tries", function()
    local fails = false
    local _, source, transport, fetch = new(3600, function()
      if fails then
        return failure()
      end
    end)
    fetch()
    fails, transport.at = true, 2700
    local warnings, tries, last = 0, source.count, transport.at
    local pauses = {}
    while transport.at < 2800 do
      local id, _, context = fetch()
      assert.equal("id1", id)
      warnings = warnings + #context.warnings
      if source.count > tries then
        pauses[#pauses + 1] = transport.at - last
        tries, last = source.count, transport.at
      end
      transport.at = transport.at + 0.1
    end
    assert.equal(1, warnings)
    assert.is_true(#pauses >= 10, #pauses)
    for i = 2, #pauses do
      assert.is_true(pauses[i] >= 0.9 and pauses[i] <= 10.2, pauses[i])
    end
    assert.is_true(pauses[#pauses] >= 8)
    fails = false
    transport.at = 2820
    assert.is_truthy(fetch():find "^id")
    assert.are_not.equal("id1", (fetch()))
  end)

  it("leave a call half of its time where new ones cannot be had", function()
    local transport = providers.scripted { function(request, transport)
      if not request.host:find "^sts" then
        return { 200, '{"RequestId":"r"}' }
      elseif transport.at < 10 then
        return { 200, providers.sts(START, 3600) }
      end
      return { sent = true, code = "TIMEOUT", message = "m", seconds = request.timeout }
    end }
    local client = sas.new {
      regionId = "cn-hangzhou", transport = transport, deadline = 4,
      credentials = sas.credentials.role { accessKeyId = "a", accessKeySecret = "b", roleArn = "r" },
    }
    assert.is_truthy(client:describeDingTalk())
    transport.at = 3000
    local result, err = client:describeDingTalk()
    assert.is_truthy(result, tostring(err))
    assert.equal(3002, transport.at)
    transport.at = 3600
    result, err = client:describeDingTalk()
    assert.is_nil(result)
    assert.equal("TIMEOUT", err.code)
    assert.equal(3604, transport.at)
  end)

  it("are an error once they have ended and new ones cannot be had, and each call tries", function()
    local fails = false
    local _, source, transport, fetch = new(60, function()
      if fails then
        return failure()
      end
    end)
    fetch()
    fails, transport.at = true, 60
    for i = 1, 3 do
      local id, err = fetch()
      assert.is_nil(id)
      assert.equal("DOWN", err.code)
      assert.equal(1 + i, source.count)
    end
    fails = false
    assert.equal("id5", (fetch()))
  end)

  it("are an error where the source raises, and not for good", function()
    local _, _, _, fetch = new(60, function(count)
      if count == 1 then
        error "broken"
      end
    end)
    local id, err = fetch()
    assert.is_nil(id)
    assert.equal("PROVIDER_FAILED", err.code)
    assert.equal("id2", (fetch()))
  end)

  it("are wiped by close, after which there are none", function()
    local provider, _, transport, fetch = new(60)
    local held = sas.credentials.fetch(provider, providers.context(transport))
    provider:close()
    provider:close()
    assert.equal("<credentials closed>", tostring(held))
    local id, err = fetch()
    assert.is_nil(id)
    assert.equal("CLOSED", err.code)
  end)

  it("that come after a close are wiped too", function()
    local provider, made
    local _
    provider, _, _, _ = new(60)
    local transport = providers.scripted { { 200, "" } }
    provider.source = { fetch = function()
      provider:close()
      made = core.credentials { accessKeyId = "a", accessKeySecret = "b" }
      return made
    end }
    local held, err = sas.credentials.fetch(provider, providers.context(transport))
    assert.is_nil(held)
    assert.equal("CLOSED", err.code)
    assert.equal("<credentials closed>", tostring(made))
  end)

  it("print as nothing of them", function()
    local provider = new(60)
    assert.equal("<credentials of a spec>", tostring(provider))
  end)
end)

describe("credentials without an end", function()
  it("are kept", function()
    local _, source, transport, fetch = new(nil)
    fetch()
    transport.at = 1e6
    assert.equal("id1", (fetch()))
    assert.equal(1, source.count)
  end)

  it("are looked up again after a while where that is asked for", function()
    local _, _, transport, fetch = new(nil, nil, 60)
    fetch()
    transport.at = 59
    assert.equal("id1", (fetch()))
    transport.at = 60
    assert.equal("id2", (fetch()))
  end)
end)

describe("several who ask at once", function()
  -- Coroutines over one transport whose sleep yields; the source yields once for each of its `steps`.
  local function crowd(count, life, steps, before)
    local transport = providers.scripted { { 200, "" } }
    local source = source_of(transport, life, before)
    local provider = refresh.new("a spec", source)
    local fetch = source.fetch
    function source.fetch(self, context)
      for _ = 1, steps do
        coroutine.yield()
      end
      return fetch(self, context)
    end
    local threads, results = {}, {}
    local function start(i, changes)
      threads[i] = coroutine.create(function()
        local context = providers.context(transport, changes)
        context.sleep = function() coroutine.yield() end
        local held, err = sas.credentials.fetch(provider, context)
        results[i] = held and id_of(held) or err.code
      end)
    end
    for i = 1, count do
      start(i)
    end
    local function run(rounds)
      for _ = 1, rounds or 1000 do
        local alive = false
        for i = 1, #threads do
          if coroutine.status(threads[i]) ~= "dead" then
            assert(coroutine.resume(threads[i]))
            alive = true
          end
        end
        transport.at = transport.at + 0.05
        if not alive then
          return true
        end
      end
    end
    return { source = source, provider = provider, transport = transport, results = results, run = run, start = start,
      threads = threads }
  end

  it("wait for the one who fetches, where there are none", function()
    local c = crowd(20, 3600, 10)
    assert.is_true(c.run())
    assert.equal(1, c.source.count)
    for i = 1, 20 do
      assert.equal("id1", c.results[i])
    end
  end)

  it("go on with the old ones while one renews them", function()
    local c = crowd(1, 3600, 0)
    c.run()
    c.transport.at = 2700
    for i = 1, 20 do
      c.start(i)
    end
    local steps = 0
    local fetch = c.source.fetch
    function c.source.fetch(...)
      for _ = 1, 10 do
        coroutine.yield()
        steps = steps + 1
      end
      return fetch(...)
    end
    c.run(1)
    for i = 2, 20 do
      assert.equal("id1", c.results[i])
    end
    assert.is_true(c.run())
    assert.equal("id2", c.results[1])
    assert.equal(2, c.source.count)
    assert.equal(10, steps)
  end)

  it("share a failure, and do not try one behind the other", function()
    local c = crowd(20, 3600, 5, function() return failure() end)
    assert.is_true(c.run())
    assert.equal(1, c.source.count)
    for i = 1, 20 do
      assert.equal("DOWN", c.results[i])
    end
  end)

  it("get errors of their own", function()
    local transport = providers.scripted { { 200, "" } }
    local provider = refresh.new("a spec", { fetch = function()
      coroutine.yield()
      return failure()
    end })
    local threads, errors = {}, {}
    for i = 1, 2 do
      threads[i] = coroutine.create(function()
        local context = providers.context(transport, { sleep = coroutine.yield })
        errors[i] = select(2, sas.credentials.fetch(provider, context))
      end)
      coroutine.resume(threads[i])
    end
    coroutine.resume(threads[1])
    coroutine.resume(threads[2])
    assert.equal("DOWN", errors[1].code)
    assert.same(errors[1], errors[2])
    assert.is_false(rawequal(errors[1], errors[2]))
  end)

  it("try themselves where the one who fetched had less time than they have", function()
    local c = crowd(0, 3600, 0)
    local fetch, first = c.source.fetch, true
    function c.source.fetch(...)
      if first then
        first = false
        for _ = 1, 20 do
          coroutine.yield()
        end
        return failure "TIMEOUT"
      end
      return fetch(...)
    end
    c.start(1, { deadline = 1 })
    c.start(2, { deadline = 30 })
    assert.is_true(c.run())
    assert.equal("TIMEOUT", c.results[1])
    assert.equal("id1", c.results[2])
  end)

  it("ask one time where the service has refused the token of all of them", function()
    local c = crowd(1, 3600, 0)
    c.run()
    local old = c.provider.held
    for i = 1, 20 do
      c.start(i, { refresh = true, refused = old })
    end
    assert.is_true(c.run())
    assert.equal(2, c.source.count)
    for i = 1, 20 do
      assert.equal("id2", c.results[i])
    end
  end)

  it("wait no longer than their call lasts", function()
    local c = crowd(0, 3600, 10000)
    c.start(1, { deadline = 1e6 })
    c.start(2, { deadline = 3 })
    c.run(100)
    assert.equal("DEADLINE", c.results[2])
    assert.is_nil(c.results[1])
  end)

  it("do not wait for one who never goes on", function()
    local c = crowd(1, 3600, 0)
    c.source.fetch = function() coroutine.yield() end
    c.run(1) -- the first asks, and is left alone
    c.threads[1] = coroutine.create(function() end)
    c.transport.at = 61
    c.source.fetch = source_of(c.transport, 3600).fetch
    c.source.count = 0
    c.start(2)
    assert.is_true(c.run())
    assert.equal("id1", c.results[2])
  end)

  it("fetch themselves where waiting would stop the one they wait for", function()
    local transport = providers.scripted { { 200, "" } }
    local source = source_of(transport, 3600)
    local provider = refresh.new("a spec", source)
    local fetch = source.fetch
    local first = true
    function source.fetch(...)
      if first then
        first = false
        coroutine.yield()
      end
      return fetch(...)
    end
    local context = providers.context(transport, { sleep = system.sleep })
    local thread = coroutine.create(function() return sas.credentials.fetch(provider, context) end)
    coroutine.resume(thread)
    assert.equal("id1", id_of((sas.credentials.fetch(provider, context))))
    local _, held = coroutine.resume(thread)
    assert.equal("id2", id_of(held))
  end)
end)

describe("a token that the service calls expired", function()
  local URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken
  local calls = {
    read = function(client) return client:describeDingTalk() end,
    update = function(client) return client:deleteDingTalk { Ids = { 1 } } end,
    create = function(client) return client:createOrUpdateDingTalk { RuleActionName = "name", SendUrl = URL,
      ConfigList = { vul = "all" }, GroupIdList = { 1 } } end,
    test = function(client) return client:dingTalkOnlineTest { Id = 1 } end,
  }

  local function refused(code, status)
    code = code or "InvalidSecurityToken.Expired"
    return { status or 403, ('{"RequestId":"r","Code":"%s","Message":"m"}'):format(code) }
  end
  local good = { 200, '{"RequestId":"' .. recorder.RequestId .. '"}' }
  local lost = { sent = true, code = "CONNECTION_LOST", message = "m" }

  local function client_of(answers, settings, before)
    local transport = providers.scripted(answers)
    local source = source_of(transport, 3600, before)
    local given = {
      regionId = "cn-hangzhou", transport = transport, credentials = refresh.new("a spec", source),
      jitter = function() return 0 end,
    }
    for name, value in pairs(settings or {}) do
      given[name] = value
    end
    return sas.new(given), transport, source
  end

  local function tokens(transport)
    local list = {}
    for i, request in ipairs(transport.requests) do
      list[i] = request.headers["x-acs-security-token"]
    end
    return table.concat(list, " ")
  end

  for _, code in ipairs { "InvalidSecurityToken.Expired", "SecurityTokenExpired" } do
    for _, class in ipairs { "read", "update", "create" } do
      it(("is replaced once, %s: a %s"):format(code, class), function()
        local client, transport, source = client_of({ refused(code), good }, { retries = 0 })
        local result, err = calls[class](client)
        assert.equal(recorder.RequestId, assert(result, tostring(err)).RequestId)
        assert.equal("token1 token2", tokens(transport))
        assert.equal(2, source.count)
        assert.equal(0, #transport.slept)
      end)
    end
  end

  for _, class in ipairs { "read", "update", "create" } do
    it("ends the call if the new one is refused too: a " .. class, function()
      local client, transport = client_of { refused() }
      local result, err = calls[class](client)
      assert.is_nil(result)
      assert.equal("credentials", err.kind)
      assert.equal("InvalidSecurityToken.Expired", err.code)
      assert.equal("token1 token2", tokens(transport))
    end)
  end

  it("does not make a test message go out twice", function()
    local client, transport = client_of { refused(), good }
    local result, err = calls.test(client)
    assert.is_nil(result)
    assert.equal("credentials", err.kind)
    assert.equal("token1", tokens(transport))
  end)

  it("is another matter with a status from 500", function()
    local client, transport = client_of { refused(nil, 500), good }
    local result, err = calls.create(client)
    assert.is_nil(result)
    assert.equal("unknown", err.kind)
    assert.equal(1, #transport.requests)
  end)

  it("is another matter where the token belongs to another key", function()
    local client, transport = client_of { refused "InvalidSecurityToken.MismatchWithAccessKey", good }
    assert.is_nil((calls.read(client)))
    assert.equal(1, #transport.requests)
  end)

  it("does not count as a repetition", function()
    local client, transport = client_of({ refused(), lost, lost, good }, { retries = 2 })
    assert.is_truthy(calls.read(client))
    assert.equal("token1 token2 token2 token2", tokens(transport))
    client, transport = client_of({ lost, refused(), lost, good }, { retries = 1 })
    assert.is_nil((calls.read(client)))
    assert.equal(3, #transport.requests)
  end)

  it("leaves a call unknown of which an earlier copy may have been executed", function()
    local client, transport = client_of({ lost, refused(), refused() }, { retries = 2 })
    local result, err = calls.update(client)
    assert.is_nil(result)
    assert.equal("unknown", err.kind)
    assert.equal("token1 token1 token2", tokens(transport))
    client = client_of({ lost, refused(), good }, { retries = 2 })
    assert.is_truthy(calls.update(client))
  end)

  it("leaves a call unknown where new ones cannot be had after an earlier copy", function()
    local client = client_of({ lost, refused() }, { retries = 2 }, function(count)
      if count > 1 then
        return failure()
      end
    end)
    local result, err = calls.update(client)
    assert.is_nil(result)
    assert.equal("unknown", err.kind)
  end)

  it("is the provider's error where new ones cannot be had", function()
    local client, transport = client_of({ refused() }, nil, function(count)
      if count > 1 then
        return failure()
      end
    end)
    local result, err = calls.create(client)
    assert.is_nil(result)
    assert.equal("credentials", err.kind)
    assert.equal("DOWN", err.code)
    assert.equal(1, #transport.requests)
  end)

  it("is not sent again where the provider has the same once more", function()
    local transport = providers.scripted { refused(), good }
    local asked = {}
    local client = sas.new {
      regionId = "cn-hangzhou", transport = transport,
      credentials = { fetch = function(_, context)
        asked[#asked + 1] = tostring(context.refresh)
        return { accessKeyId = "a", accessKeySecret = "b", securityToken = canary.securityToken }
      end },
    }
    local result, err = calls.create(client)
    assert.is_nil(result)
    assert.equal("InvalidSecurityToken.Expired", err.code)
    assert.is_false(err.sent == false)
    assert.equal(1, #transport.requests)
    assert.equal("nil true", table.concat(asked, " "))
    assert.is_nil(tostring(err):find(canary.securityToken, 1, true))
  end)

  it("is told to the observers", function()
    local events = {}
    local client = client_of({ refused(), good }, { onRetry = function(event) events[#events + 1] = event end })
    calls.read(client)
    assert.equal(1, #events)
    assert.equal("InvalidSecurityToken.Expired", events[1].code)
    assert.equal(0, events[1].wait)
  end)
end)
