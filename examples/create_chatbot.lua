-- create_chatbot.lua - creates a chatbot, and shows what is sent, answered and stored
-- SPDX-License-Identifier: MIT
--
-- usage: lua create_chatbot.lua [ENDPOINT [CAFILE]]
--
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID and
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET. With it: that host, such as https://localhost:8443, without a proxy, and the
-- emulator's keys where the environment has none. DINGTALK_WEBHOOK is the robot's URL; it is a secret, and so it is
-- no argument.
-- Exit status: 0, or 1 with the error on stderr.

local sas = require "aliyun.sas"

local NAME = "testNotify"
local EXAMPLE_WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=XXX"

-- The result of a call; its error object goes to whoever called main.
local function must(result, err)
  if result == nil then
    error(err, 0)
  end
  return result
end

local function set(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function connect(endpoint, ca_file)
  local settings = {
    onWarning = function(warning)
      io.stderr:write(("warning: %s %s\n"):format(warning.path, warning.message))
    end,
  }
  if endpoint then
    settings.endpoint, settings.caFile, settings.proxy = endpoint, ca_file, false
    if not set "ALIBABA_CLOUD_ACCESS_KEY_ID" then
      settings.accessKeyId, settings.accessKeySecret = "testid", "testsecret"
    end
  end
  return sas.new(settings)
end

local function all_chatbots(client)
  local found, page = {}, 1
  while true do
    local answer = must(client:describeDingTalk { CurrentPage = page, PageSize = 20 })
    for _, chatbot in ipairs(answer.ActionList) do
      found[#found + 1] = chatbot
    end
    if #answer.ActionList == 0 or #found >= tonumber(answer.PageInfo.TotalCount) then
      return found
    end
    page = page + 1
  end
end

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

local function main(endpoint, ca_file)
  local webhook = set "DINGTALK_WEBHOOK" or endpoint and EXAMPLE_WEBHOOK
  if not webhook then
    error("set DINGTALK_WEBHOOK to the webhook URL of the DingTalk robot", 0)
  end
  local client = connect(endpoint, ca_file)

  -- The service takes a second chatbot of the same name, so look first.
  local there = named(all_chatbots(client), NAME)
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
  print(must(client:prepare("createOrUpdateDingTalk", chatbot)))

  -- prepare only shows: this call signs again, with a new date and a new nonce.
  local result = must(client:createOrUpdateDingTalk(chatbot))
  print("\nRequestId: " .. result.RequestId)

  -- The answer has no Id: the list has it.
  local chatbots = all_chatbots(client)
  local created = named(chatbots, NAME)
  if not created then
    error("the new chatbot is not in the list", 0)
  end
  print(("\nChatbots: %d. The new one, as stored:"):format(#chatbots))
  show(created)
  client:close()
end

local good, err = pcall(main, ...)
if not good then
  io.stderr:write("create_chatbot: ", tostring(err), "\n")
  if type(err) == "table" and err.requestId then
    io.stderr:write("RequestId: ", err.requestId, "\n")
  end
  os.exit(1)
end
