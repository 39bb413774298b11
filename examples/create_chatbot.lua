-- create_chatbot.lua - creates a chatbot, and shows what is sent, answered and stored
-- SPDX-License-Identifier: MIT
--
-- usage: lua create_chatbot.lua [ENDPOINT [CAFILE]]
--
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID,
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET and DINGTALK_WEBHOOK; setup.lua says more.
-- Exit status: 0, or 1 with the error on stderr.

local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

local NAME = "testNotify"

-- The first chatbot of that very name.
local function named(chatbots, name)
  for _, chatbot in ipairs(chatbots) do
    if chatbot.ActionName == name then
      return chatbot
    end
  end
end

-- A chatbot as the service stores it. The token of its webhook is not for the screen.
local function show(chatbot)
  local names = {}
  for name in pairs(chatbot) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local text = tostring(chatbot[name])
    print(("  %-14s %s"):format(name, name == "Url" and text:gsub("%?.*", "?***") or text))
  end
end

setup.run(function(endpoint, ca_file)
  local webhook = setup.webhook(endpoint)
  local client = setup.connect(endpoint, ca_file)

  -- The service takes a second chatbot of the same name, so look first.
  local there = named(setup.chatbots(client), NAME)
  if there then
    error(("there is a chatbot %s already (Id %s): see update_chatbot.lua"):format(NAME, tostring(there.Id)), 0)
  end

  local chatbot = {
    RuleActionName = NAME,
    SendUrl = webhook,
    IntervalTime = 0,
    ConfigList = {
      vul = { type = { "cms", "emg" }, necessity = "asap" },
      suspicious = { item_level = { "serious" }, event_type = "all" },
      ["ak-leakage"] = "all",
    },
    GroupIdList = { "10417151" },
    DingTalkLang = "zh",
  }
  print "The request (secrets masked):"
  print(setup.must(client:prepare("createOrUpdateDingTalk", chatbot)))

  -- prepare only shows: this call signs again, with a new date and a new nonce.
  local result = setup.must(client:createOrUpdateDingTalk(chatbot))
  print("\nRequestId: " .. result.RequestId)

  -- The answer has no Id: the list has it.
  local chatbots = setup.chatbots(client)
  local created = named(chatbots, NAME)
  if not created then
    error("the new chatbot is not in the list", 0)
  end
  print(("\nChatbots: %d. The new one, as stored:"):format(#chatbots))
  show(created)
  client:close()
end, ...)
