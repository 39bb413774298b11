--- What a plan saw of the account: a salted digest for each chatbot, by which it is noticed that one has moved since.

local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"

local seen = {}

local function text(value)
  if type(value) == "table" then
    local texts = {}
    for i, item in ipairs(value) do
      texts[i] = text(item)
    end
    return table.concat(texts, ",")
  end
  return ids.text(value) or tostring(value)
end

--- The digest of a chatbot that was read.
---@param salt string of the plan
---@param read aliyun.sas.readChatbot
---@return string
function seen.digest(salt, read)
  local state = read.state
  return core.sha256(table.concat({
    salt, text(read.Id), read.RuleActionName, text(read.SendUrl), text(read.IntervalTime), text(read.ConfigList),
    text(read.GroupIdList), text(read.DingTalkLang), text(state.Status), text(state.GmtModified),
  }, "\0"))
end

--- The digests of a list by Id.
---@return table<string, string>
function seen.all(salt, list)
  local digests = {}
  for _, read in ipairs(list) do
    digests[ids.text(read.Id)] = seen.digest(salt, read)
  end
  return digests
end

local function sorted(list)
  table.sort(list, function(a, b)
    return #a < #b or #a == #b and a < b
  end)
  return list
end

--- How a list differs from what a plan saw: Ids that are new, gone and changed.
---@param plan aliyun.sas.plan
---@param list aliyun.sas.readChatbot[]
---@return {new: string[], gone: string[], changed: string[]}
function seen.moved(plan, list)
  local now = seen.all(plan.salt, list)
  local moved = { new = {}, gone = {}, changed = {} }
  for id, digest in pairs(now) do
    local part = plan.seen[id] == nil and moved.new or plan.seen[id] ~= digest and moved.changed
    if part then
      part[#part + 1] = id
    end
  end
  for id in pairs(plan.seen) do
    moved.gone[#moved.gone + 1] = now[id] == nil and id or nil
  end
  sorted(moved.new)
  sorted(moved.gone)
  sorted(moved.changed)
  return moved
end

return seen
