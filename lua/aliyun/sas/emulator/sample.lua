--- A few chatbots for an emulated account, so that there is something to look at.

local HOST = "https://oapi.dingtalk.com/robot/send?access_token="

-- The tokens are made up: no robot has them.
local function webhook(name)
  return HOST .. "sample-" .. name
end

local CHATBOTS = {
  {
    RuleActionName = "on call", SendUrl = webhook "oncall", IntervalTime = 0, GroupIdList = { "10417152" },
    ConfigList = { suspicious = { item_level = { "serious" }, event_type = { "all" } }, vul = "all" },
    DingTalkLang = "en",
  },
  {
    RuleActionName = "数据库告警", SendUrl = webhook "database", IntervalTime = 600, GroupIdList = { "10417154" },
    ConfigList = { hc = { item_level = { "high", "medium" } }, ["ak-leakage"] = "all" }, DingTalkLang = "zh",
  },
  {
    RuleActionName = "trial", SendUrl = webhook "trial", IntervalTime = 60, GroupIdList = { "10417155" },
    ConfigList = { honeypot = "all" }, DingTalkLang = "en",
  },
}

local sample = {}

--- The names of the chatbots.
function sample.names()
  local names = {}
  for i, chatbot in ipairs(CHATBOTS) do
    names[i] = chatbot.RuleActionName
  end
  return names
end

--- Creates them, and disables the last.
---@param client aliyun.sas.client
---@return boolean? good, aliyun.sas.error? err
function sample.fill(client)
  for _, chatbot in ipairs(CHATBOTS) do
    local made, err = client:createOrUpdateDingTalk(chatbot)
    if not made then
      return nil, err
    end
  end
  local last, err = client:chatbot(CHATBOTS[#CHATBOTS].RuleActionName)
  if not last then
    return nil, err
  end
  local switched
  switched, err = client:modifyDingTalkStatus { Ids = { last.Id }, Status = 0 }
  return switched and true, err
end

return sample
