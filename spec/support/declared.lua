-- declared.lua - a folder with a chatbots file and its webhooks, and the command that is run over it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local files = require "spec.support.files"

local Declared = {}
Declared.__index = Declared

local declared = {}

-- A new folder; `server` is an emulator's.
function declared.new(server)
  local folder = child.run "mktemp -d"
  assert(folder:find "^/", folder)
  local self = setmetatable({ folder = folder, server = server, file = folder .. "/chatbots.lua" }, Declared)
  assert(child.run(("mkdir -m 700 %s/webhooks"):format(child.quote(folder))) == "")
  return self
end

function Declared:remove()
  os.execute("rm -rf " .. child.quote(self.folder))
end

local TYPES = {
  'vul = "all"', 'hc = { item_level = { "high" } }', 'suspicious = { item_level = { "serious" }, event_type = "all" }',
}

-- Writes a set of so many chatbots: number `i` is "bot 001" with a webhook in a file of its own.
function Declared:write(count, changes)
  local lines = { "return {" }
  for i = 1, count do
    local row = changes and changes[i]
    if row ~= false then
      lines[#lines + 1] = ('  { RuleActionName = "bot %03d", SendUrl = file "webhooks/%03d", ConfigList = { %s }, '
        .. 'GroupIdList = { 10417151 }, DingTalkLang = "en", IntervalTime = 0, Status = "%s" },')
        :format(i, i, TYPES[i % 3 + 1], row or (i % 10 == 0 and "off" or "on"))
      self:webhook(i, ("%064x"):format(i * 7919))
    end
  end
  lines[#lines + 1] = "}\n"
  files.write(self.file, table.concat(lines, "\n"))
end

-- Writes the webhook of number `i`.
function Declared:webhook(i, token)
  local path = ("%s/webhooks/%03d"):format(self.folder, i)
  files.write(path, "https://oapi.dingtalk.com/robot/send?access_token=" .. token .. "\n")
  assert(child.run("chmod 600 " .. child.quote(path)) == "")
end

local KEYS = "ALIBABA_CLOUD_ACCESS_KEY_ID=testid ALIBABA_CLOUD_ACCESS_KEY_SECRET=testsecret "

-- The shell command for sas-dingtalk with these words; `first` are the words of the script that runs it.
function Declared:command(first, ...)
  local words = { (table.unpack or unpack)(first) } -- luacheck: ignore
  for _, word in ipairs { "--endpoint", self.server.endpoint, "--ca-file", self.server.caFile, ... } do
    words[#words + 1] = word
  end
  return ("%sXDG_STATE_HOME=%s/users %s"):format(KEYS, child.quote(self.folder),
    child.command((table.unpack or unpack)(words))) -- luacheck: ignore
end

-- Runs a command; answers its status and both streams as one text.
function declared.result(command)
  local text = child.run(command .. "; echo \"\n$?\"")
  local output, status = text:match "^(.-)%s*(%d+)$"
  return tonumber(status), output
end

-- Runs sas-dingtalk.
function Declared:run(...)
  return declared.result(self:command({ "bin/sas-dingtalk" }, ...))
end

-- How many chatbots the service has of each name that occurs more than once, and how many names there are.
function Declared:names()
  local count, twice, seen = 0, {}, {}
  for _, chatbot in ipairs(self.server:chatbots()) do
    local name = chatbot.RuleActionName
    count = count + (seen[name] and 0 or 1)
    twice[#twice + 1] = seen[name] and name or nil
    seen[name] = true
  end
  return count, table.concat(twice, ", ")
end

return declared
