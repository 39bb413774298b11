-- lanes_wire_spec.lua - an apply with several entries under way over TLS, over libcurl and inside nginx
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local emulator = require "aliyun.sas.emulator"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

describe("a client with several entries under way over TLS", function()
  local server

  setup(function()
    server = emulator.serve { lifetime = 1800 }
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:reset()
  end)

  local function client_of(changes)
    local given = {
      endpoint = server.endpoint, caFile = server.caFile, proxy = false, accessKeyId = "testid",
      accessKeySecret = "testsecret",
    }
    for name, value in pairs(changes or {}) do
      given[name] = value
    end
    return sas.new(given)
  end

  local function watches(count)
    local list = {}
    for i = 1, count do
      list[i] = account.chatbot { RuleActionName = ("watch %03d"):format(i), Status = "on" }
    end
    return list
  end

  local function apply(client, list, options)
    return assert(client:apply(assert(client:plan(list)), options))
  end

  local function count_of(action)
    local count = 0
    for _, request in ipairs(server:requests()) do
      count = count + (request.action == action and 1 or 0)
      assert.is_nil(request.code, request.code) -- nothing was refused
    end
    return count
  end

  for _, signature in ipairs { "v3", "v1" } do
    it("creates each once, and shares what is read: " .. signature, function()
      local client = client_of { signature = signature }
      assert.same({ created = 40 }, apply(client, watches(40), { concurrency = 8, rate = 1000 }).summary)
      client:close()
      assert.equal(40, #server:chatbots())
      assert.equal(40, count_of "CreateOrUpdateDingTalk")
      local reads = count_of "DescribeDingTalk"
      assert.is_true(reads < 60, reads) -- of two for each
    end)
  end

  it("waits for one answer and not for each", function()
    local client = client_of()
    server:fault("delayed", { value = 2, action = "CreateOrUpdateDingTalk" }, 8)
    local before = system.monotonic()
    assert.same({ created = 8 }, apply(client, watches(8), { concurrency = 8, rate = 1000 }).summary)
    assert.is_true(system.monotonic() - before < 15) -- 16 s one after another
    client:close()
  end)

  it("keeps to the rate", function()
    local client = client_of()
    local before = system.monotonic()
    apply(client, watches(16), { concurrency = 8, rate = 16 })
    local seconds = system.monotonic() - before
    assert.is_true(seconds > 0.9, seconds)
    client:close()
  end)

  it("makes no second one where answers are lost, and tells of what failed", function()
    local client = client_of()
    server:fault("lost", { action = "CreateOrUpdateDingTalk", skip = 3 }, 4)
    local report = apply(client, watches(20), { concurrency = 6, rate = 1000 })
    assert.same({ created = 20 }, report.summary)
    assert.equal(20, #server:chatbots())
    server:fault("refusal", { action = "CreateOrUpdateDingTalk", skip = 1 }, 2)
    report = apply(client, watches(25), { concurrency = 6, rate = 1000 })
    assert.same({ created = 3, failed = 2, unchanged = 20 }, report.summary)
    assert.is_false(report.ok)
    assert.equal(23, #server:chatbots())
    client:close()
  end)

  it("tells the truth of a client that is closed meanwhile", function()
    local client = client_of()
    local planned = assert(client:plan(watches(12)))
    local report = assert(client:apply(planned, {
      concurrency = 4, rate = 1000, onProgress = function() client:close() end,
    }))
    local created = report.summary.created or 0
    assert.is_true(created >= 1 and created < 12)
    for _, result in ipairs(report.results) do
      assert.is_true(result.action == "created" or result.error ~= nil)
    end
    local all = #server:chatbots()
    assert.is_true(all >= created and all <= created + (report.summary.unknown or 0))
  end)
end)
