--- What a list of chatbots says about a create whose outcome is not known.

local chatbots = require "aliyun.sas.chatbots"
local compare = require "aliyun.sas.compare"
local ids = require "aliyun.sas.ids"
local intent = require "aliyun.sas.intent"
local verdict = require "aliyun.sas.verdict"

local reconcile = {}

-- Those of the name, the new ones apart from those whose Ids were there before.
local function divide(made, list)
  local before, new, old = ids.set(ids.list(made.before)), {}, {}
  local found = chatbots.named(list, made.name)
  for _, read in ipairs(found) do
    local part = before[ids.text(read.Id)] and old or new
    part[#part + 1] = read
  end
  return found, new, old
end

-- What the service does not show counts as compatible, and so does an interval whose unit is not settled.
local function is_compatible(made, read, unit)
  local wanted = made.wanted
  if made.webhook and compare.is_other_webhook(made.webhook, made.id, read.SendUrl) then
    return false
  end
  return #compare.fields({
    ConfigList = wanted.ConfigList, GroupIdList = wanted.GroupIdList,
    DingTalkLang = read.DingTalkLang ~= nil and wanted.DingTalkLang or nil,
    IntervalTime = unit and read.IntervalTime ~= nil and wanted.IntervalTime or nil,
  }, read, unit) == 0
end

--- Judges: "arrived" (with the chatbot), "gone" (it is not there, and cannot come), "vanished" (the same,
-- though the service said that it is there), "pending" (it may still come), "foreign", "renamed", or "duplicate".
---@param made aliyun.sas.handle
---@param list aliyun.sas.chatbotList
---@param unit? "seconds"|"minutes" of an IntervalTime that is read
---@return string judgement, aliyun.sas.readChatbot[] found
function reconcile.judge(made, list, unit)
  local found, new, old = divide(made, list.list)
  if #found == 0 then
    return not intent.is_past(made, list) and "pending" or made.answered and "vanished" or "gone", found
  elseif #found > 1 then
    return "duplicate", found
  elseif #old == 1 then
    return "renamed", found
  end
  return is_compatible(made, new[1], unit) and "arrived" or "foreign", found
end

local CONFLICTS = { duplicate = verdict.duplicate, foreign = verdict.foreign, renamed = verdict.renamed }

--- The error of a judgement that is a conflict; nil for the others.
function reconcile.conflict(judgement, found, sent)
  local make = CONFLICTS[judgement]
  if not make then
    return nil
  end
  local _, err = make(found, sent)
  return err
end

--- True where the account that was read is another than the intent's.
---@param made aliyun.sas.handle
---@param list aliyun.sas.chatbotList
function reconcile.is_other_account(made, list)
  local uid = intent.account(list.list)
  return uid ~= nil and made.aliUid ~= nil and uid ~= ids.text(made.aliUid)
end

return reconcile
