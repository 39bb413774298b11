-- answerer.lua - starts answerer.pl, and stops it
-- SPDX-License-Identifier: MIT

local files = require "spec.support.files"
local perl = require "spec.support.perl"

local answerer = {}
local Answerer = {}
Answerer.__index = Answerer

-- A server; give it answers with `load`.
function answerer.start()
  local self = assert(perl.start "answerer")
  self.count, self.url = 0, "http://127.0.0.1:" .. self.port
  return setmetatable(self, Answerer)
end

-- From the next request on it answers one after the other: { status, body [, mode] }.
function Answerer:load(answers)
  for i = 1, self.count do
    os.remove(("%s/answer.%d"):format(self.folder, i))
  end
  os.remove(self.folder .. "/log")
  self.count = #answers
  for i, answer in ipairs(answers) do
    files.write(("%s/answer.%d"):format(self.folder, i),
      ("%d %s\n%s"):format(answer[1], answer[3] or "plain", answer[2]))
  end
  files.write(self.folder .. "/begin", "")
end

-- The request lines that have arrived.
function Answerer:lines()
  local list = {}
  for request in (files.read(self.folder .. "/log") or ""):gmatch "(.-)\n%-%-\n" do
    list[#list + 1] = request:match "^(.-) HTTP/1.1\r\n"
  end
  return list
end

-- All that has arrived, as one text.
function Answerer:seen()
  return files.read(self.folder .. "/log") or ""
end

return answerer
