--- What exists as a file of declared chatbots, which plans to "no changes" against the same account.
--
-- No webhook is written, whether the service shows its token or not: a token must not get into version control. Each
-- is taken from an environment variable that has its name from the chatbot's. What is not known for certain, or would
-- not be taken back, is left out and said so: a field that is not declared stays as it is.

local ids = require "aliyun.sas.ids"
local names = require "aliyun.sas.export.names"
local rows = require "aliyun.sas.export.rows"

local export = {}

---@class aliyun.sas.exportOptions
---@field format? "lua"|"json" lua
---@field intervalUnit? "seconds"|"minutes" of an IntervalTime that was read; unknown: intervals are left out

local WRITERS = { lua = "aliyun.sas.export.lua_text", json = "aliyun.sas.export.json_text" }

local function group_names(groups)
  local by_id = {}
  for _, group in ipairs(groups or {}) do
    by_id[ids.text(group.id)] = group.name
  end
  return by_id
end

--- The text of a file.
---@param chatbots aliyun.sas.readChatbot[] such as client:chatbots() iterates
---@param groups? aliyun.sas.group[] for comments with their names
---@param options? aliyun.sas.exportOptions
---@return string
function export.text(chatbots, groups, options)
  options = options or {}
  local writer = WRITERS[options.format or "lua"]
  if not writer then
    error('export.text: the format is "lua" or "json"', 2)
  end
  local known, variables, list = names.count(chatbots), names.variables(chatbots), {}
  local by_id = group_names(groups)
  for i, read in ipairs(chatbots) do
    list[i] = rows.of(read, {
      isUnique = known[read.RuleActionName] == 1, variable = variables[i], unit = options.intervalUnit,
      groupNames = by_id,
    })
  end
  return require(writer)(list)
end

return export
