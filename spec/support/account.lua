-- account.lua - an emulated account with a client, for what stands above single calls
-- SPDX-License-Identifier: MIT
--
-- Time is the emulator's: waits take none. The transport can be changed on the way: `before(request)` is called before
-- each request and may answer an outcome in its place, and `after(request, outcome)` may answer another.

local canary = require "spec.support.canary"
local emulator = require "aliyun.sas.emulator"
local sas = require "aliyun.sas"

local account = {}

account.webhook = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

-- A chatbot with all fields, with changes; a change to "(none)" takes a field away.
function account.chatbot(changes)
  local chatbot = {
    RuleActionName = "night watch", SendUrl = account.webhook, IntervalTime = 120,
    ConfigList = { vul = { type = { "cms", "emg" } }, suspicious = "all" }, GroupIdList = { 10417151, "10417152" },
    DingTalkLang = "zh",
  }
  for name, value in pairs(changes or {}) do
    chatbot[name] = value ~= "(none)" and value or nil
  end
  return chatbot
end

local function transport_of(self)
  local service = self.service
  return {
    send = function(request)
      local outcome = self.before and self.before(request)
      if not outcome then
        outcome = service.send(request)
      end
      return self.after and self.after(request, outcome) or outcome
    end,
    sleep = function(seconds)
      self.slept[#self.slept + 1] = seconds
      service.sleep(seconds)
    end,
    now = service.now,
    monotonic = service.monotonic,
    boottime = service.boottime,
  }
end

-- An account. `options` are the emulator's, `settings` the client's.
function account.new(options, settings)
  local self = { slept = {}, service = emulator.new(options) }
  self.transport = transport_of(self)

  -- Another client of the same account; it has a store of its own unless it is given one.
  function self.open(changes)
    local given = {
      regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret", transport = self.transport,
    }
    for name, value in pairs(changes or {}) do
      given[name] = value ~= "(none)" and value or nil
    end
    return sas.new(given)
  end

  -- How many requests of these actions have arrived, "reads writes".
  function self.counts()
    local reads, writes = 0, 0
    for _, request in ipairs(self.service:requests()) do
      if request.action == "DescribeDingTalk" then
        reads = reads + 1
      elseif request.action == "CreateOrUpdateDingTalk" then
        writes = writes + 1
      end
    end
    return reads .. " " .. writes
  end

  -- Makes a chatbot behind the client's back.
  function self.add(changes)
    assert(self.stranger:createOrUpdateDingTalk(account.chatbot(changes)))
    local all = self.service:chatbots()
    return all[#all].Id
  end

  self.stranger = sas.new {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret", transport = self.service,
  }
  self.client = self.open(settings)
  return self
end

function account.action(request)
  return request.headers["x-acs-action"]
end

-- Whether the request is a create or an update.
function account.is_write(request)
  return account.action(request) == "CreateOrUpdateDingTalk"
end

-- The Ids of stored chatbots of a name, as one text.
function account.ids(service, name)
  local found = {}
  for _, chatbot in ipairs(service:chatbots()) do
    if chatbot.RuleActionName == (name or "night watch") then
      found[#found + 1] = chatbot.Id
    end
  end
  return table.concat(found, " ")
end

-- The Ids of an error or a list, as one text.
function account.join(list)
  local texts = {}
  for i, id in ipairs(list or {}) do
    texts[i] = tostring(id)
  end
  return table.concat(texts, " ")
end

return account
