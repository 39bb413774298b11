-- list.lua - lists the chatbots and the asset groups of an account
-- SPDX-License-Identifier: MIT
--
-- usage: lua list.lua [ENDPOINT [CAFILE]]
--
-- Keys, region and ENDPOINT are as in create_chatbot.lua.
-- Exit status: 0, or 1 with the error on stderr.

local sas = require "aliyun.sas"
local core = require "aliyun.sas.core"

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
  local settings = {}
  if endpoint then
    settings.endpoint, settings.caFile, settings.proxy = endpoint, ca_file, false
    if not set "ALIBABA_CLOUD_ACCESS_KEY_ID" then
      settings.accessKeyId, settings.accessKeySecret = "testid", "testsecret"
    end
  end
  return sas.new(settings)
end

local function list_chatbots(client)
  local seen, page = 0, 1
  repeat
    local answer = must(client:describeDingTalk { CurrentPage = page, PageSize = 20 })
    if page == 1 then
      print(("Chatbots: %s"):format(tostring(answer.PageInfo.TotalCount)))
    end
    for _, chatbot in ipairs(answer.ActionList) do
      seen = seen + 1
      print(("  %-10s %-8s %s"):format(tostring(chatbot.Id), tostring(chatbot.Status) == "1" and "enabled"
        or "disabled", chatbot.ActionName))
    end
    page = page + 1
  until #answer.ActionList == 0 or seen >= tonumber(answer.PageInfo.TotalCount)
end

-- Each element of Groups is an object, or a text with the JSON of a list of them.
local function groups_in(element)
  if type(element) == "table" then
    return { element }
  end
  return must(core.json(element))
end

local function print_group(group, depth)
  print(("  %-10s %s%s"):format(tostring(group.groupId), ("  "):rep(depth), group.groupName))
  for _, child in ipairs(group.childGroups or {}) do
    print_group(child, depth + 1)
  end
end

local function list_groups(client)
  local answer = must(client:describeGroupStruct { Lang = "en" })
  print "Asset groups:"
  for _, element in ipairs(answer.Groups or {}) do
    for _, group in ipairs(groups_in(element)) do
      print_group(group, 0)
    end
  end
end

local function main(endpoint, ca_file)
  local client = connect(endpoint, ca_file)
  list_chatbots(client)
  list_groups(client)
  client:close()
end

local good, err = pcall(main, ...)
if not good then
  io.stderr:write("list: ", tostring(err), "\n")
  if type(err) == "table" and err.requestId then
    io.stderr:write("RequestId: ", err.requestId, "\n")
  end
  os.exit(1)
end
