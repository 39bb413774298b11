-- update_chatbot.lua - finds a chatbot by its name, and changes it by its Id
-- SPDX-License-Identifier: MIT
--
-- usage: lua update_chatbot.lua NAME [ENDPOINT [CAFILE]]
--
-- Adds high baseline risks to what the chatbot is told about, and sets the interval. The webhook has to be given again:
-- an update needs SendUrl, and the service does not have to show the token when it is read.
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID,
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET and DINGTALK_WEBHOOK; setup.lua says more.
-- Exit status: 0, or 1 with the error on stderr.

local sas = require "aliyun.sas"
local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

-- Whether the filter finds parts of names is not documented, hence the comparison; names need not be unique.
local function find(client, name)
  local found = {}
  for _, chatbot in ipairs(setup.chatbots(client, name)) do
    if chatbot.ActionName == name then
      found[#found + 1] = chatbot
    end
  end
  if #found ~= 1 then
    error(("there are %d chatbots with the name %s"):format(#found, name), 0)
  end
  return found[1]
end

-- Read as a JSON array or as a comma list; written as an array, which is what a list becomes.
local function group_ids(text)
  local ids = {}
  for id in tostring(text or ""):gmatch "%d+" do
    ids[#ids + 1] = id
  end
  return ids
end

setup.run(function(name, endpoint, ca_file)
  if not name then
    error("usage: lua update_chatbot.lua NAME [ENDPOINT [CAFILE]]", 0)
  end
  local webhook = setup.webhook(endpoint)
  local client = setup.connect(endpoint, ca_file)
  local before = find(client, name)

  -- What an update does with a parameter that is left out is not documented, so all of them are sent. IntervalTime is
  -- set, not copied: the service documents another unit for reading than for writing.
  local config = sas.config.parse(before.ConfigList or "[]")
  config:add("hc", { item_level = { "high" } })
  local result = setup.must(client:createOrUpdateDingTalk {
    Id = before.Id,
    RuleActionName = before.ActionName,
    SendUrl = webhook,
    IntervalTime = 60,
    ConfigList = config,
    GroupIdList = group_ids(before.GroupIdList),
    DingTalkLang = before.DingTalkLang,
  })
  print("RequestId: " .. result.RequestId)

  local after = find(client, name)
  print(("Chatbot %s (Id %s)"):format(after.ActionName, tostring(after.Id)))
  print("  before " .. tostring(before.ConfigList))
  print("  now    " .. tostring(after.ConfigList))
  client:close()
end, ...)
