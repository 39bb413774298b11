-- growth_spec.lua - no work grows faster than its input: four times as much takes six times as long at most
-- SPDX-License-Identifier: MIT
--
-- What squares its work takes 16 times as long.

local child = require "spec.support.child"
local growth_rows = require "spec.support.growth_rows"

-- Memory that is fetched from the system anew for each large piece, and given back, would be a step between the sizes.
local ALLOCATOR = "MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824 MALLOC_TOP_PAD_=67108864 "

local function ratio(name)
  local printed = child.run(ALLOCATOR .. child.command("spec/support/growth_child.lua", name))
  return assert(tonumber(printed), printed)
end

describe("four times as much", function()
  for _, row in ipairs(growth_rows.rows) do
    it("takes no more than six times as long: " .. row[1], function()
      local times = ratio(row[1])
      assert.is_true(times <= 6, ("%.1f times as long"):format(times))
    end)
  end

  for _, row in ipairs(growth_rows.squared) do
    it("fails by " .. row[1], function()
      assert.is_true(ratio(row[1]) > 8)
    end)
  end
end)
