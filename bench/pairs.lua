--- Measures several ways of doing the same, in turns, so that a machine that gets slower or faster meanwhile spoils
--- no comparison.
-- SPDX-License-Identifier: MIT

local system = require "aliyun.sas.system"

local M = {}

local function median(list)
  table.sort(list)
  local middle = math.floor(#list / 2)
  return #list % 2 == 1 and list[middle + 1] or (list[middle] + list[middle + 1]) / 2
end

-- Calls per second, over about so many seconds.
local function rate(run, seconds)
  local start, count = system.monotonic(), 0
  repeat
    run()
    count = count + 1
    local spent = system.monotonic() - start
    if spent >= seconds then return count / spent end
  until false
end

--- Prints calls per second of each way, and how many times as fast the first one is as each other.
---@param title string
---@param ways {name: string, run: fun(), before: fun()?}[]
---@param rounds integer
---@param seconds number of each turn
function M.compare(title, ways, rounds, seconds)
  local rates, ratios = {}, {}
  for i, way in ipairs(ways) do
    rates[i], ratios[i] = {}, {}
    if way.before then way.before() end
    rate(way.run, seconds / 5) -- warm
  end
  for round = 1, rounds do
    for i, way in ipairs(ways) do
      if way.before then way.before() end
      collectgarbage()
      rates[i][round] = rate(way.run, seconds)
      ratios[i][round] = rates[1][round] / rates[i][round]
    end
  end
  local jit = rawget(_G, "jit")
  print(("%s (%s; medians of %d rounds in turns)"):format(title, jit and jit.version or _VERSION, rounds))
  for i, way in ipairs(ways) do
    local ratio = i > 1 and ("   the first is %.1f times as fast"):format(median(ratios[i])) or ""
    print(("  %-44s %9.0f /s%s"):format(way.name, median(rates[i]), ratio))
  end
end

return M
