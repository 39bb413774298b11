--- Names of environment variables, made from those of chatbots.

local ids = require "aliyun.sas.ids"

local names = {}

local PREFIX = "DINGTALK_WEBHOOK_"

--- How many chatbots have each name.
---@return table<string, integer>
function names.count(chatbots)
  local known = {}
  for _, read in ipairs(chatbots) do
    known[read.RuleActionName] = (known[read.RuleActionName] or 0) + 1
  end
  return known
end

-- ASCII letters and digits as capitals; a name without any stands by its Id.
local function variable(read)
  local base = read.RuleActionName:upper():gsub("[^A-Z0-9]+", "_"):gsub("^_+", ""):gsub("_+$", "")
  return PREFIX .. (base ~= "" and base or ids.text(read.Id))
end

--- A variable for each chatbot, each another.
---@param chatbots aliyun.sas.readChatbot[]
---@return string[]
function names.variables(chatbots)
  local count, list, taken = {}, {}, {}
  for i, read in ipairs(chatbots) do
    list[i] = variable(read)
    count[list[i]] = (count[list[i]] or 0) + 1
  end
  for i, read in ipairs(chatbots) do
    local name = list[i]
    name = count[name] > 1 and name .. "_" .. ids.text(read.Id) or name
    while taken[name] do
      name = name .. "_"
    end
    list[i], taken[name] = name, true
  end
  return list
end

return names
