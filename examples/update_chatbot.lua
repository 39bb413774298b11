-- update_chatbot.lua - finds a chatbot by its name, and changes it by its Id
-- SPDX-License-Identifier: MIT
--
-- usage: lua update_chatbot.lua NAME [ENDPOINT [CAFILE]]
--
-- Adds high baseline risks to what the chatbot is told about, and sets the interval. Keys, region, ENDPOINT and
-- DINGTALK_WEBHOOK are as in create_chatbot.lua. The webhook has to be given again: an update needs SendUrl, and the
-- service does not have to show the token when it is read.
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

-- Whether the filter finds parts of names is not documented, hence the comparison; names need not be unique.
local function find(client, name)
  local found, seen, page = {}, 0, 1
  repeat
    local answer = must(client:describeDingTalk { RuleActionName = name, CurrentPage = page, PageSize = 20 })
    for _, chatbot in ipairs(answer.ActionList) do
      seen = seen + 1
      if chatbot.ActionName == name then
        found[#found + 1] = chatbot
      end
    end
    page = page + 1
  until #answer.ActionList == 0 or seen >= tonumber(answer.PageInfo.TotalCount)
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

local function main(name, endpoint, ca_file)
  if not name then
    error("usage: lua update_chatbot.lua NAME [ENDPOINT [CAFILE]]", 0)
  end
  local webhook = set "DINGTALK_WEBHOOK" or endpoint and EXAMPLE_WEBHOOK
  if not webhook then
    error("set DINGTALK_WEBHOOK to the webhook URL of the DingTalk robot", 0)
  end
  local client = connect(endpoint, ca_file)
  local before = find(client, name)

  -- What an update does with a parameter that is left out is not documented, so all of them are sent. IntervalTime is
  -- set, not copied: the service documents another unit for reading than for writing.
  local config = sas.config.parse(before.ConfigList or "[]")
  config:add("hc", { item_level = { "high" } })
  local result = must(client:createOrUpdateDingTalk {
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
end

local good, err = pcall(main, ...)
if not good then
  io.stderr:write("update_chatbot: ", tostring(err), "\n")
  if type(err) == "table" and err.requestId then
    io.stderr:write("RequestId: ", err.requestId, "\n")
  end
  os.exit(1)
end
