-- check-rock.lua - one call with an installed rock, against the emulator in this process
-- SPDX-License-Identifier: MIT

local sas = require "aliyun.sas"
local emulator = require "aliyun.sas.emulator"

for _, name in ipairs { "core", "http", "system" } do
  assert(type(require("aliyun.sas." .. name)) == "table", name)
end

local service = emulator.new()
local client = sas.new {
  regionId = "cn-hangzhou",
  accessKeyId = "testid",
  accessKeySecret = "testsecret",
  transport = service,
}
local result = assert(client:createOrUpdateDingTalk {
  RuleActionName = "checkRock",
  SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=none",
  IntervalTime = 0,
  ConfigList = { vul = "all" },
  GroupIdList = { "1" },
  DingTalkLang = "en",
})
assert(#result.RequestId > 0)
assert(#service:chatbots() == 1)
client:close()
