-- nearest_spec.lua - "did you mean" among many words, and for how many it is asked
-- SPDX-License-Identifier: MIT

local nearest_of = require "aliyun.sas.nearest"

describe("the nearest word", function()
  it("is found for a hundred words, each time, and for no further one", function()
    local nearest = nearest_of { "night", "day" }
    assert.is_nil(nearest "something else")
    for _ = 2, 100 do
      assert.equal("night", nearest "nigth")
    end
    assert.is_nil(nearest "nigth")
    assert.equal("day", nearest_of { "night", "day" } "dya")
  end)
end)
