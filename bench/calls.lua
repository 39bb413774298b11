-- calls.lua - whole calls over TLS to the emulator: on one connection, and on new ones
-- SPDX-License-Identifier: MIT
--
-- usage: lua calls.lua [ROUNDS [SECONDS]]
--
-- Client and server share the machine, so the numbers are good for comparison only.

local compare = require "bench.pairs".compare
local emulator = require "aliyun.sas.emulator"
local sas = require "aliyun.sas"

local function connect(server)
  return sas.new {
    endpoint = server.endpoint, caFile = server.caFile, proxy = false,
    accessKeyId = "testid", accessKeySecret = "testsecret",
  }
end

local function measure(server)
  local client = connect(server)
  local function empty() server:reset() end
  compare("Calls to the emulator over TLS", {
    { name = "describeDingTalk on one connection", before = empty, run = function()
      assert(client:describeDingTalk { CurrentPage = 1, PageSize = 20 })
    end },
    { name = "createOrUpdateDingTalk, TLS session resumed", before = empty, run = function()
      assert(client:createOrUpdateDingTalk {
        RuleActionName = "bench", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX",
        IntervalTime = 0, ConfigList = { vul = "all" }, GroupIdList = { "1" }, DingTalkLang = "en",
      })
    end },
    { name = "describeDingTalk, a new client each time", before = empty, run = function()
      local fresh = connect(server)
      assert(fresh:describeDingTalk { CurrentPage = 1, PageSize = 20 })
      fresh:close()
    end },
  }, tonumber(arg[1]) or 5, tonumber(arg[2]) or 0.5)
  client:close()
end

local server = emulator.serve { options = { maxChatbots = 1000000 } }
local good, err = pcall(measure, server)
server:stop()
if not good then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end
