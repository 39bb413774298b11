-- create_chatbot.lua - creates a chatbot by the plain operation, and shows what is sent, answered and stored
-- SPDX-License-Identifier: MIT
--
-- usage: lua create_chatbot.lua [ENDPOINT [CAFILE]]
--
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID,
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET and DINGTALK_WEBHOOK; setup.lua says more.
-- Exit status: 0, or 1 with the error on stderr.

local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

local NAME = "testNotify"

-- A chatbot as the service stores it. The token of its webhook is not for the screen.
local function show(chatbot)
  for _, name in ipairs { "Id", "RuleActionName", "SendUrl", "IntervalTime", "ConfigList", "GroupIdList",
    "DingTalkLang" } do
    local value = chatbot[name]
    local text = type(value) == "table" and table.concat(value, ", ") or tostring(value)
    print(("  %-14s %s"):format(name, name == "SendUrl" and text:gsub("%?.*", "?***") or text))
  end
  print(("  %-14s %s"):format("Status", tostring(chatbot.state.Status)))
end

-- The chatbots of the name, and how many there are in all.
local function look(client)
  local named, count = {}, 0
  for chatbot in setup.must(client:chatbots()) do
    count = count + 1
    if chatbot.RuleActionName == NAME then
      named[#named + 1] = chatbot
    end
  end
  return named, count
end

setup.run(function(endpoint, ca_file)
  local webhook = setup.webhook(endpoint)
  local client = setup.connect(endpoint, ca_file)

  -- The service takes a second chatbot of the same name, so look first.
  local there = look(client)[1]
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
  local created, count = look(client)
  if #created ~= 1 then
    error(("the list has %d chatbots %s"):format(#created, NAME), 0)
  end
  print(("\nChatbots: %d. The new one, as stored:"):format(count))
  show(created[1])
  client:close()
end, ...)
