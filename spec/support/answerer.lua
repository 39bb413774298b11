-- answerer.lua - starts answerer.pl, and stops it
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"

local answerer = {}
local Answerer = {}
Answerer.__index = Answerer

local function contents(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

-- True, or false and why not.
function answerer.possible()
  if child.run("perl -MIO::Socket::INET -e 'print 1'") ~= "1" then
    return false, "Perl is not installed"
  end
  return true
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- A server; give it answers with `load`.
function answerer.start()
  local folder = child.run("mktemp -d")
  local self = setmetatable({ folder = folder, count = 0 }, Answerer)
  self.pid = child.run(("env -u LD_PRELOAD perl spec/support/answerer.pl %s >%s/output 2>&1 & echo $!")
    :format(folder, folder))
  for _ = 1, 600 do
    self.port = tonumber(contents(folder .. "/port") or nil)
    if self.port then
      self.url = "http://127.0.0.1:" .. self.port
      return self
    end
    os.execute("sleep 0.05")
  end
  error("the server does not start: " .. tostring(contents(folder .. "/output")))
end

-- From the next request on it answers one after the other: { status, body [, mode] }.
function Answerer:load(answers)
  for i = 1, self.count do
    os.remove(("%s/answer.%d"):format(self.folder, i))
  end
  os.remove(self.folder .. "/log")
  self.count = #answers
  for i, answer in ipairs(answers) do
    write(("%s/answer.%d"):format(self.folder, i), ("%d %s\n%s"):format(answer[1], answer[3] or "plain", answer[2]))
  end
  write(self.folder .. "/begin", "")
end

-- The request lines that have arrived.
function Answerer:lines()
  local list = {}
  for request in (contents(self.folder .. "/log") or ""):gmatch "(.-)\n%-%-\n" do
    list[#list + 1] = request:match "^(.-) HTTP/1.1\r\n"
  end
  return list
end

-- All that has arrived, as one text.
function Answerer:seen()
  return contents(self.folder .. "/log") or ""
end

function Answerer:stop()
  os.execute(("kill %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.folder))
end

return answerer
