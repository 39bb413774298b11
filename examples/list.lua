-- list.lua - lists the chatbots and the asset groups of an account
-- SPDX-License-Identifier: MIT
--
-- usage: lua list.lua [ENDPOINT [CAFILE]]
--
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID and
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET; setup.lua says more.
-- Exit status: 0, or 1 with the error on stderr.

local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

local function list_chatbots(client)
  local lines = {}
  for chatbot in setup.must(client:chatbots()) do
    local state = tostring(chatbot.state.Status) == "1" and "enabled" or "disabled"
    lines[#lines + 1] = ("  %-10s %-8s %s"):format(tostring(chatbot.Id), state, chatbot.RuleActionName)
  end
  print(("Chatbots: %d"):format(#lines))
  for _, line in ipairs(lines) do
    print(line)
  end
end

local function list_groups(client)
  print "Asset groups:"
  for _, group in ipairs(setup.must(client:groups())) do
    print(("  %-10s %s%s"):format(tostring(group.id), ("  "):rep(group.level), group.name))
  end
end

setup.run(function(endpoint, ca_file)
  local client = setup.connect(endpoint, ca_file)
  list_chatbots(client)
  list_groups(client)
  client:close()
end, ...)
