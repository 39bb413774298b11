--- A chatbot that was renamed in the file without its Id looks like one that is new and one that is gone. Nobody can
-- know, so it is said.

local ids = require "aliyun.sas.ids"
local printable = require "aliyun.sas.printable"
local words = require "aliyun.sas.plan.words"

local renames = {}

-- What is the same of both: the notifications, the groups and the language.
local function content(config, groups, lang)
  return table.concat({
    words.config_text(config) or "",
    table.concat(ids.list(groups == nil and {} or groups) or {}, ","), tostring(lang or "zh"),
  }, "\n")
end

--- Warns where a chatbot that is to be created has the content of one that no entry stands for.
---@param entries aliyun.sas.planEntry[] with the same places as the pairs
---@param pairs_ aliyun.sas.matched[]
---@param rest aliyun.sas.readChatbot[] that no entry stands for
function renames.warn(entries, pairs_, rest)
  local free = {}
  for _, read in ipairs(rest) do
    local key = content(read.ConfigList, read.GroupIdList, read.DingTalkLang)
    free[key] = free[key] or read
  end
  for i, pair in ipairs(pairs_) do
    local wish, entry = pair.item.wish, entries[i]
    local read = entry.action == "create" and free[content(wish.ConfigList, wish.GroupIdList, wish.DingTalkLang)]
    if read then
      entry.warnings[#entry.warnings + 1] = {
        path = "RuleActionName",
        message = ("the chatbot %s with the Id %s, which no entry stands for, has the same notifications and groups")
          :format(printable.quoted(read.RuleActionName), ids.text(read.Id)),
        hint = ("if it is to be renamed, give the entry Id = %s"):format(ids.text(read.Id)),
      }
    end
  end
end

return renames
