-- model_spec.lua - random schedules of faults: ensure makes one chatbot or none, and says which
-- SPDX-License-Identifier: MIT

local model = require "spec.support.model"

-- The same schedules each time; `make model` runs others, and a million of them.
local COUNT = rawget(_G, "jit") and 20000 or 1000

local function first_lines(list)
  return table.concat(list, "\n", 1, math.min(#list, 10))
end

describe("ensure under random faults", function()
  it(("keeps what it promises in %d schedules"):format(COUNT), function()
    local endings, violations = model.many(1, COUNT)
    assert.equal(0, #violations, first_lines(violations))
    -- of a hundred endings at least so many: a model in which nothing happens proves nothing
    for ending, floor in pairs { done = 70, unknown = 5, dead = 5, failed = 1, conflict = 0.5 } do
      assert.is_true((endings[ending] or 0) >= floor * COUNT / 100, ending .. " " .. (endings[ending] or 0))
    end
    assert.is_nil(endings.raised)
  end)

  it("always ends done where nothing goes wrong", function()
    local endings, violations = model.many(1, 200, 0)
    assert.equal(0, #violations, first_lines(violations))
    assert.same({ done = 200 }, endings)
  end)
end)

describe("the model can fail:", function()
  it("a fence that ends before the service's window makes second chatbots", function()
    local _, violations = model.many(1, 1500, 0.36, 60)
    local twice = 0
    for _, text in ipairs(violations) do
      twice = twice + (text:find("there are 2", 1, true) and 1 or 0)
    end
    assert.is_true(twice > 0, first_lines(violations))
  end)

  -- of a hundred creates at least so many make two chatbots or more
  for rate, floor in pairs { [0.009] = 0.1, [0.36] = 10 } do
    it(("a plain client that tries three times, %g of 100 requests failing, makes second chatbots"):format(rate * 100),
      function()
        local count, twice = 1000, 0
        for seed = 1, count do
          twice = twice + (model.control(seed, rate) > 1 and 1 or 0)
        end
        assert.is_true(twice >= floor * count / 100, ("%d of %d"):format(twice, count))
      end)
  end
end)
