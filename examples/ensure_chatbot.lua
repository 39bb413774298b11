-- ensure_chatbot.lua - makes sure that a chatbot is there, once, and as it should be; run it as often as you like
-- SPDX-License-Identifier: MIT
--
-- usage: lua ensure_chatbot.lua STORE [ENDPOINT [CAFILE]]
--
-- STORE is a folder that exists: what is about to be created is written down there, so that a run that was killed, or
-- whose answer got lost, never leads to a second chatbot.
-- Without ENDPOINT: the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID,
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET and DINGTALK_WEBHOOK; setup.lua says more.
-- Exit status: 0, or 1 with the error on stderr.

local sas = require "aliyun.sas"
local setup = dofile((arg[0]:match "^.*/" or "") .. "setup.lua")

local function say_when(err)
  if err.resolveAfter then
    io.stderr:write("Run it again after ", os.date("!%Y-%m-%d %H:%M:%S UTC", err.resolveAfter), ".\n")
  end
end

setup.run(function(folder, endpoint, ca_file)
  if not folder then
    error("usage: lua ensure_chatbot.lua STORE [ENDPOINT [CAFILE]]", 0)
  end
  local client = setup.connect(endpoint, ca_file, { store = sas.store.file(folder) })
  local result, err = client:ensure {
    RuleActionName = "on-call",
    SendUrl = setup.webhook(endpoint),
    ConfigList = { vul = { necessity = "asap" }, suspicious = { item_level = { "serious" }, event_type = "all" } },
    GroupIdList = { "10417151" },
    DingTalkLang = "en",
  }
  client:close()
  if not result then
    say_when(err)
    error(err, 0)
  end
  print(("Chatbot %s (Id %s) %s"):format(result.chatbot.RuleActionName, tostring(result.chatbot.Id), result.action))
  if #result.notCompared > 0 then
    print("Not shown by the service, so not compared: " .. table.concat(result.notCompared, ", "))
  end
end, ...)
