--- How surely each combination of values is heard in each group by some chatbot that is enabled.

local hearing = require "aliyun.sas.coverage.hearing"

local cells = {}

local NOTHING, PERHAPS, SURE = hearing.NOTHING, hearing.PERHAPS, hearing.SURE

local function raise(row, levels, most)
  for c = 1, #row do
    if row[c] < most and levels[c] > row[c] then
      row[c] = math.min(levels[c], most)
    end
  end
end

local function has_any(levels)
  for c = 1, #levels do
    if levels[c] > NOTHING then
      return true
    end
  end
  return false
end

--- The levels by type, group and combination.
---@param types aliyun.sas.coverage.type[]
---@param groups aliyun.sas.group[]
---@param hearers aliyun.sas.coverage.hearer[]
---@return integer[][][]
function cells.of(types, groups, hearers)
  local all = {}
  for t, row in ipairs(types) do
    all[t] = {}
    for g = 1, #groups do
      local levels = {}
      for c = 1, #row.combinations do
        levels[c] = NOTHING
      end
      all[t][g] = levels
    end
    for _, hearer in ipairs(hearers) do
      if hearer.status ~= "disabled" and has_any(hearer.types[t]) then
        local most = hearer.status == "enabled" and SURE or PERHAPS
        for g = 1, #groups do
          raise(all[t][g], hearer.types[t], math.min(most, hearer.groups[g]))
        end
      end
    end
  end
  return all
end

--- Counts levels into a tally; `which` are the combinations, all of them without it.
---@param tally {sure: integer, perhaps: integer, nothing: integer}
function cells.count(tally, levels, which)
  for i = 1, which and #which or #levels do
    local level = levels[which and which[i] or i]
    local name = level == SURE and "sure" or level == PERHAPS and "perhaps" or "nothing"
    tally[name] = tally[name] + 1
  end
end

function cells.tally()
  return { sure = 0, perhaps = 0, nothing = 0 }
end

--- One word for many combinations: "covered" where all are sure to be heard, "partly" where some are, "unclear" where
--- none is and some may be, else "uncovered".
function cells.state(tally)
  if tally.sure > 0 then
    return tally.perhaps + tally.nothing == 0 and "covered" or "partly"
  end
  return tally.perhaps > 0 and "unclear" or "uncovered"
end

--- The combinations of a type that have a value.
---@param row aliyun.sas.coverage.type
---@param key integer
---@param value integer
function cells.with_value(row, key, value)
  local found = {}
  for c, combination in ipairs(row.combinations) do
    found[#found + 1] = combination[key] == value and c or nil
  end
  return found
end

return cells
