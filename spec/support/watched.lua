-- watched.lua - an account in which fifty chatbots hear everything, for what looks for holes
-- SPDX-License-Identifier: MIT
--
-- Five teams of ten, each chatbot for one asset group and all of one type; ten groups, and none below another.

local sas = require "aliyun.sas"

local watched = {}

watched.types = { "vul", "hc", "suspicious", "honeypot", "rasp", "ak-leakage" }

-- Groups as client:groups() gives them. The root has no servers of its own here.
function watched.groups()
  local groups = {}
  for i = 1, 10 do
    groups[i] = { id = 100 + i, name = "group " .. i, level = 1 }
  end
  groups[3].name = "生产"
  return groups
end

function watched.chatbot(id, name, config, groups, status)
  return {
    Id = id, RuleActionName = name, SendUrl = "https://oapi.dingtalk.com/robot/send",
    ConfigList = config and sas.config(config, { unchecked = true }), GroupIdList = groups, DingTalkLang = "zh",
    state = { Status = status or 1 },
  }
end

-- Sixty cells, fifty chatbots: those of ak-leakage hear rasp too.
function watched.chatbots()
  local list = {}
  for t = 1, 5 do
    for g = 1, 10 do
      local config = { [watched.types[t]] = "all" }
      if watched.types[t] == "rasp" then
        config["ak-leakage"] = "all"
      end
      list[#list + 1] = watched.chatbot(#list + 1, ("%s of group %d"):format(watched.types[t], g), config, { 100 + g })
    end
  end
  return list
end

-- The chatbot of a type and a group, to be changed.
function watched.of(list, type_name, g)
  for _, chatbot in ipairs(list) do
    if chatbot.RuleActionName == ("%s of group %d"):format(type_name, g) then
      return chatbot
    end
  end
end

return watched
