-- print_request.lua - the signed request of a call, which is not sent
-- SPDX-License-Identifier: MIT
--
-- usage: lua print_request.lua [ENDPOINT]
--
-- Keys, region, ENDPOINT and DINGTALK_WEBHOOK are as in create_chatbot.lua; no connection is made.
-- Exit status: 0, or 1 with the error on stderr.

local sas = require "aliyun.sas"

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

local function main(endpoint)
  local webhook = set "DINGTALK_WEBHOOK" or endpoint and EXAMPLE_WEBHOOK
  if not webhook then
    error("set DINGTALK_WEBHOOK to the webhook URL of the DingTalk robot", 0)
  end
  local settings = { endpoint = endpoint }
  if endpoint and not set "ALIBABA_CLOUD_ACCESS_KEY_ID" then
    settings.accessKeyId, settings.accessKeySecret = "testid", "testsecret"
  end
  local client = sas.new(settings)
  local request = must(client:prepare("CreateOrUpdateDingTalk", {
    RuleActionName = "testNotify",
    SendUrl = webhook,
    IntervalTime = 0,
    ConfigList = { vul = "all" },
    GroupIdList = { "10417151" },
    DingTalkLang = "en",
  }))

  -- tostring masks. The fields do not: request.url, request.query, request.headers and request.body are what a client
  -- of your own would send, with the webhook's token and a signature that is good for 15 minutes.
  print(request)
  print(("%d bytes of query, %d bytes of body"):format(#request.query, #request.body))
  client:close()
end

local good, err = pcall(main, ...)
if not good then
  io.stderr:write("print_request: ", tostring(err), "\n")
  os.exit(1)
end
