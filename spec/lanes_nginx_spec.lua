-- lanes_nginx_spec.lua - several pieces of work at a time inside nginx, in its light threads
-- SPDX-License-Identifier: MIT

local emulator = require "aliyun.sas.emulator"
local needing = require "spec.support.needing"
local openresty = require "spec.support.openresty"

local IN = "spec.support.in_lanes"

describe("lanes inside nginx", function()
  local server, front, reason

  setup(function()
    server = emulator.serve { lifetime = 1800 }
    front, reason = openresty.start { trusted = { server.caFile } }
  end)

  teardown(function()
    server:stop()
    if front then front:stop() end
  end)

  local it_in_nginx = needing({ it = it, pending = pending }, function()
    server:reset()
    return front, reason
  end)

  it_in_nginx("apply a plan, each chatbot once", function()
    assert.same({ created = 24 }, (front:call(IN, "apply", server.endpoint, 24, { concurrency = 8, rate = 1000 })))
    assert.equal(24, #server:chatbots())
    local reads = 0
    for _, request in ipairs(server:requests()) do
      reads = reads + (request.action == "DescribeDingTalk" and 1 or 0)
    end
    assert.is_true(reads < 40, reads) -- of two for each
  end)

  it_in_nginx("wait for one answer and not for each", function()
    server:fault("delayed", { value = 2, action = "CreateOrUpdateDingTalk" }, 8)
    local summary, seconds = front:call(IN, "apply", server.endpoint, 8, { concurrency = 8, rate = 1000 })
    assert.same({ created = 8 }, summary)
    assert.is_true(seconds < 15, seconds) -- 16 s one after another
  end)

  it_in_nginx("keep to the rate", function()
    local summary, seconds = front:call(IN, "apply", server.endpoint, 12, { concurrency = 8, rate = 12 })
    assert.same({ created = 12 }, summary)
    assert.is_true(seconds > 0.9, seconds)
  end)

  it_in_nginx("tell what raises, and go on", function()
    local ended, most, why = front:call(IN, "jobs", 8, 4)
    assert.equal("1 2 3! 4 5 6 7 8", ended)
    assert.equal(4, most)
    assert.is_nil(why)
  end)

  it_in_nginx("end what is under way where done raises, and raise that", function()
    local ended, _, why = front:call(IN, "jobs", 8, 4, true)
    assert.equal("1 2 3! 4", ended)
    assert.matches("done raises", why)
  end)

  it_in_nginx("are one after another where nothing can wait for them", function()
    assert.equal("false false", front:call(IN, "below"))
  end)
end)
