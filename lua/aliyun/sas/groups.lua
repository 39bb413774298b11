--- The asset groups as a flat list.
--
-- Source: the API page of DescribeGroupStruct: the root group stands in the answer itself, and Groups is a list of
-- texts, each the JSON of a list of groups with camelCase names. Whether the service sends texts or the groups
-- themselves is not sure, so both are read.

local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"

local groups = {}

---@class aliyun.sas.group
---@field id aliyun.sas.id as GroupIdList takes it
---@field name string
---@field parent? aliyun.sas.id of the group above; the root has none
---@field level integer 0 for the root
---@field machines? integer where the service tells

local MAX_DEPTH = 64

local function name_of(id)
  local text = ids.text(id)
  return text and ids.value(text) or nil
end

local add_list

local function add(flat, row, parent, level)
  if type(row) ~= "table" then
    return "holds what is no group"
  end
  local id = name_of(row.groupId)
  if not id or type(row.groupName) ~= "string" then
    return "holds a group without groupId or groupName"
  end
  flat[#flat + 1] = {
    id = id, name = row.groupName, parent = name_of(row.groupFather) or parent,
    level = tonumber(row.groupLevel) or level, machines = tonumber(row.machineNum),
  }
  return row.childGroups ~= nil and add_list(flat, row.childGroups, id, level + 1) or nil
end

-- A text is a list of groups, or one group.
local function add_item(flat, item, parent, level)
  if type(item) ~= "string" then
    return add(flat, item, parent, level)
  end
  local read, err = core.json(item)
  if err or type(read) ~= "table" then
    return "holds a text that is no JSON of groups"
  elseif read[1] == nil and next(read) ~= nil then
    return add(flat, read, parent, level)
  end
  return add_list(flat, read, parent, level)
end

-- Answers what is wrong, or nil.
function add_list(flat, list, parent, level)
  if type(list) ~= "table" or level > MAX_DEPTH then
    return "has Groups that are no list"
  end
  local count = 0
  for _ in pairs(list) do
    count = count + 1
  end
  for i = 1, count do
    local wrong = list[i] == nil and "has Groups that are no list" or add_item(flat, list[i], parent, level)
    if wrong then
      return wrong
    end
  end
end

local function read(answer)
  local root = name_of(answer.GroupId)
  if not root or type(answer.GroupName) ~= "string" then
    return nil, "has no GroupId or no GroupName"
  end
  local flat = { {
    id = root, name = answer.GroupName, level = tonumber(answer.GroupLevel) or 0,
    machines = tonumber(answer.MachineNum),
  } }
  local wrong = add_list(flat, answer.Groups, root, flat[1].level + 1)
  return not wrong and flat or nil, wrong
end

--- All asset groups, the root first, each before those below it.
---@param state table of a client
---@param bound table
---@return aliyun.sas.group[]? list, aliyun.sas.error? err
function groups.read(state, bound)
  local answer, err = calls.run(state, bound, "describeGroupStruct", {})
  if not answer then
    return nil, err
  end
  local flat, wrong = read(answer)
  if not flat then
    return nil, core.error {
      kind = "reply", code = "BAD_REPLY", message = "the answer of DescribeGroupStruct " .. wrong,
      requestId = answer.RequestId, retryable = false, sent = true,
    }
  end
  return flat
end

return groups
