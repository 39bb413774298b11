--- The account before a plan is carried out: it has to be as it was planned.

local bound = require "aliyun.sas.bound"
local chatbots = require "aliyun.sas.chatbots"
local ids = require "aliyun.sas.ids"
local intent = require "aliyun.sas.intent"
local seen = require "aliyun.sas.plan.seen"
local verdict = require "aliyun.sas.verdict"

local account = {}

local function index(list)
  local by_id = {}
  for _, read in ipairs(list) do
    by_id[ids.text(read.Id)] = read
  end
  return by_id
end

local function moved_error(moved)
  local all = {}
  for _, part in ipairs { moved.new, moved.gone, moved.changed } do
    for _, id in ipairs(part) do
      all[#all + 1] = { Id = ids.value(id) }
    end
  end
  if #all == 0 then
    return nil
  end
  local _, err = verdict.conflict("MOVED", ("the account has changed since it was planned: %d new, %d gone, %d changed")
    :format(#moved.new, #moved.gone, #moved.changed), "nothing was changed; plan again", all)
  return err
end

--- The chatbots of the account by their Ids; an error where it is another account, or has moved since.
---@param state table of a client
---@param plan aliyun.sas.plan
---@return table<string, aliyun.sas.readChatbot>? by_id, aliyun.sas.error? err
function account.read(state, plan)
  local list, err = chatbots.read(state, bound.new(state))
  if not list then
    return nil, err
  end
  local uid, planned = intent.account(list.list), ids.text(plan.account)
  if uid and planned and uid ~= planned then
    return verdict.problems {
      { path = "plan.account", message = "is another account", hint = "apply it with credentials of that account" },
    }
  end
  err = moved_error(seen.moved(plan, list.list))
  return not err and index(list.list) or nil, err
end

return account
