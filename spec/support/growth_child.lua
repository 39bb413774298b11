-- growth_child.lua - how many times longer an entry point takes for four times as much
-- SPDX-License-Identifier: MIT
--
-- usage: lua growth_child.lua ROW      (the name of a row of growth_rows.lua)
--
-- Processor time is compared, since much of the work is C, and again where it is over the limit, since a machine may
-- be busy with others. A process for each row: what others have left in the memory would be measured as well.

local growth_rows = require "spec.support.growth_rows"
local scratch = require "spec.support.scratch"

local TIMES, LIMIT = 4, 6
local SHORTEST = 0.003 -- seconds of a measurement
local ROUNDS, SERIES = 5, 8

-- Without the collector, which goes through all that there is when the larger size fills the memory.
local function seconds_of(run, count)
  collectgarbage()
  collectgarbage "stop"
  local before = os.clock()
  for _ = 1, count do
    run()
  end
  local seconds = os.clock() - before
  collectgarbage "restart"
  return seconds
end

-- How often it has to run to take some time.
local function count_of(run)
  local count = 1
  while seconds_of(run, count) < SHORTEST do
    count = count * 2
  end
  return count
end

-- The middle one of some ratios, each of two times that follow one another: a shared processor may be several times
-- faster a moment later. The smaller size runs more often, so that both fill as much memory.
local function compare(small, large, count)
  local ratios = {}
  for round = 1, ROUNDS do
    local least = seconds_of(small, TIMES * count) / TIMES
    ratios[round] = seconds_of(large, count) / least
  end
  table.sort(ratios)
  return ratios[(ROUNDS + 1) / 2]
end

-- What a busy machine does to one series it does not do to all; what squares its work is over the limit in each.
local function ratio(small, large)
  local count, lowest = count_of(large), math.huge
  for _ = 1, SERIES do
    lowest = math.min(lowest, compare(small, large, count))
    if lowest <= LIMIT then
      break
    end
  end
  return lowest
end

local function find(name)
  for _, list in pairs(growth_rows) do
    for _, row in ipairs(list) do
      if row[1] == name then
        return row
      end
    end
  end
  error("no such row: " .. name)
end

local row, files, stops = find(arg[1]), scratch.new(), {}

local function make(n)
  local run, stop = row[3](n, files)
  stops[#stops + 1] = stop
  return run
end

local good, result = pcall(function() return ratio(make(row[2]), make(TIMES * row[2])) end)
for _, stop in ipairs(stops) do
  stop()
end
files:remove()
print(good and ("%.2f"):format(result) or tostring(result))
