--- The names of asset groups that a plan shows beside their Ids, kept beside it for as long as it is.
--
-- Of a plan that was read back from JSON they are read again, where it shows one: it may have been edited since.

local bound = require "aliyun.sas.bound"
local groups = require "aliyun.sas.groups"
local ids = require "aliyun.sas.ids"

local names = {}

local kept = setmetatable({}, { __mode = "k" })

--- The names by Id.
---@param list aliyun.sas.group[]
---@return table<string, string>
function names.of_groups(list)
  local by_id = {}
  for _, group in ipairs(list) do
    by_id[ids.text(group.id)] = group.name
  end
  return by_id
end

--- Keeps the names with which a plan was made.
---@param made aliyun.sas.plan
---@param by_id table<string, string>
function names.keep(made, by_id)
  kept[made] = by_id
end

-- Ids alone are digits and commas.
local function shows_name(plan)
  for _, entry in ipairs(plan.entries) do
    for _, change in ipairs(entry.changes) do
      if change.field == "GroupIdList" and ((change.old or "") .. (change.new or "")):find "[^%d, ]" then
        return true
      end
    end
  end
  return false
end

--- The names with which a plan was made.
---@param state table of a client
---@param plan aliyun.sas.plan
---@return table<string, string>? by_id, aliyun.sas.error? err
function names.of(state, plan)
  if kept[plan] or not shows_name(plan) then
    return kept[plan] or {}
  end
  local list, err = groups.read(state, bound.new(state))
  return list and names.of_groups(list), err
end

return names
