-- model_spec.lua - random schedules of faults: ensure makes one chatbot or none, and says which
-- SPDX-License-Identifier: MIT

local intent = require "aliyun.sas.intent"
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

  -- An old handle said that the chatbot is not there, which a later create had made and the list did not show yet.
  it("keeps it in schedules that it once failed in", function()
    for _, seed in ipairs { 386721, 409945, 634925, 827501, 894840, 925992 } do
      local _, violations = model.run(seed)
      assert.same({}, violations)
    end
  end)

  it("always ends done where nothing goes wrong", function()
    local endings, violations = model.many(1, 200, 0)
    assert.equal(0, #violations, first_lines(violations))
    assert.same({ done = 200 }, endings)
  end)
end)

describe("the model can fail:", function()
  local function twice(violations)
    local count = 0
    for _, text in ipairs(violations) do
      count = count + (text:find("there are 2", 1, true) and 1 or 0)
    end
    return count
  end

  it("a fence that ends before the service's window makes second chatbots", function()
    local _, violations = model.many(1, 1500, 0.36, 60)
    assert.is_true(twice(violations) > 0, first_lines(violations))
  end)

  -- Each rule is a part of what counts; where copies are kept back and most Dates are wrong, each part is needed.
  local function own(made, list, changes)
    for _, look in ipairs(made.looks) do
      if changes.boot or look.boot == list.boot then
        return list.at > look.at + made.fence + (changes.ahead or made.ahead)
      end
    end
    return false
  end

  local function by_date(made, list)
    return list.asOf > made.signedAt + made.fence
  end

  for _, row in ipairs {
    { "the Date of an answer alone", by_date, {} },
    { "a fence of our own time, however far ahead the date was signed", function(made, list)
      return by_date(made, list) and own(made, list, { ahead = 0 })
    end, { skew = 1500 } },
    { "the clock of another boot", function(made, list)
      return by_date(made, list) and own(made, list, { boot = true })
    end, { moves = 1 } },
    { "all that it goes by", intent.is_past, { moves = 0.5 } },
  } do
    it("an ensure that goes by " .. row[1], function()
      local rule = intent.is_past
      intent.is_past = row[2]
      local good, _, violations = pcall(model.many, 1, 300, 0.05, nil, function(run)
        run.keeps, run.misdates, run.jumps, run.window, run.moves = true, 1, 0, 1860, 0
        run.service.options.dateWindow = 1860
        for name, value in pairs(row[3]) do
          run[name] = value
        end
      end)
      intent.is_past = rule
      assert.is_true(good)
      if row[2] == rule then
        assert.equal(0, #violations, first_lines(violations))
      else
        assert.is_true(twice(violations) >= 10, first_lines(violations))
      end
    end)
  end

  -- of a hundred creates at least so many make two chatbots or more
  for rate, floor in pairs { [0.009] = 0.1, [0.36] = 10 } do
    it(("a plain client that tries three times, %g of 100 requests failing, makes second chatbots"):format(rate * 100),
      function()
        local count, duplicates = 1000, 0
        for seed = 1, count do
          duplicates = duplicates + (model.control(seed, rate) > 1 and 1 or 0)
        end
        assert.is_true(duplicates >= floor * count / 100, ("%d of %d"):format(duplicates, count))
      end)
  end
end)
