-- list.lua - lists the chatbots and the asset groups of an account
-- SPDX-License-Identifier: MIT
--
-- usage: lua list.lua [ENDPOINT [CAFILE]]
--
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID and
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET; setup.lua says more.
-- Exit status: 0, or 1 with the error on stderr.

local core = require "aliyun.sas.core"
local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

local function list_chatbots(client)
  local chatbots = setup.chatbots(client)
  print(("Chatbots: %d"):format(#chatbots))
  for _, chatbot in ipairs(chatbots) do
    local state = tostring(chatbot.Status) == "1" and "enabled" or "disabled"
    print(("  %-10s %-8s %s"):format(tostring(chatbot.Id), state, chatbot.ActionName))
  end
end

-- Each element of Groups is an object, or a text with the JSON of a list of them.
local function groups_in(element)
  if type(element) == "table" then
    return { element }
  end
  return setup.must(core.json(element))
end

local function print_group(group, depth)
  print(("  %-10s %s%s"):format(tostring(group.groupId), ("  "):rep(depth), group.groupName))
  for _, child in ipairs(group.childGroups or {}) do
    print_group(child, depth + 1)
  end
end

local function list_groups(client)
  local answer = setup.must(client:describeGroupStruct { Lang = "en" })
  print "Asset groups:"
  for _, element in ipairs(answer.Groups or {}) do
    for _, group in ipairs(groups_in(element)) do
      print_group(group, 0)
    end
  end
end

setup.run(function(endpoint, ca_file)
  local client = setup.connect(endpoint, ca_file)
  list_chatbots(client)
  list_groups(client)
  client:close()
end, ...)
