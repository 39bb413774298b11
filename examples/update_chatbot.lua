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

local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

setup.run(function(name, endpoint, ca_file)
  if not name then
    error("usage: lua update_chatbot.lua NAME [ENDPOINT [CAFILE]]", 0)
  end
  local webhook = setup.webhook(endpoint)
  local client = setup.connect(endpoint, ca_file)
  local chatbot = setup.must(client:chatbot(name))
  local before = tostring(chatbot.ConfigList)

  -- What an update does with a parameter that is left out is not documented, so all that was read is sent back.
  -- IntervalTime is set, not copied: the service documents another unit for reading than for writing.
  chatbot.SendUrl = webhook
  chatbot.IntervalTime = 60
  chatbot.ConfigList:add("hc", { item_level = { "high" } })
  local result = setup.must(client:createOrUpdateDingTalk(chatbot))
  print("RequestId: " .. result.RequestId)

  local after = setup.must(client:chatbot(name))
  print(("Chatbot %s (Id %s)"):format(after.RuleActionName, tostring(after.Id)))
  print("  before " .. before)
  print("  now    " .. tostring(after.ConfigList))
  client:close()
end, ...)
