--- What openresty.lua has the workers of nginx do: the call, the same exchange by hand, and the load.
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local sas = require "aliyun.sas"

local M = {}

local client, bytes, port

-- What a page of DescribeDingTalk is like.
local ANSWER = '{"RequestId":"76975B7A-34DC-5CB6-9538-91700D4F112E","PageInfo":{"CurrentPage":1,"PageSize":20,'
  .. '"TotalCount":1},"ActionList":[{"Id":1001,"ActionName":"night watch","Url":"https://oapi.dingtalk.com/robot/send",'
  .. '"Status":1,"AliUid":"1234567890123456","ConfigList":"[]","GroupIdList":"[\\"1\\"]","IntervalTime":0,'
  .. '"DingTalkLang":"zh","GmtCreate":1708416000000,"GmtModified":1708416000000}]}'

--- The upstream: an answer after so many seconds.
function M.upstream(seconds)
  ngx.sleep(seconds)
  ngx.header["content-type"] = "application/json;charset=utf-8"
  ngx.header["content-length"] = #ANSWER
  ngx.print(ANSWER)
end

--- init_by_lua: the client, and the bytes of one request of it.
function M.open(upstream_port)
  port = upstream_port
  client = sas.new {
    endpoint = "https://localhost:" .. port, accessKeyId = "testid", accessKeySecret = "testsecret",
  }
  local request = assert(client:prepare("describeDingTalk", { CurrentPage = 1, PageSize = 20 }))
  local lines = { ("POST /?%s HTTP/1.1"):format(request.query), "content-length: 0" }
  for name, value in pairs(request.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  bytes = table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function answer()
  ngx.header["content-length"] = 4
  ngx.print "good"
end

function M.call()
  local result = assert(client:describeDingTalk { CurrentPage = 1, PageSize = 20 })
  assert(result.ActionList[1].Id == 1001)
  answer()
end

local session

-- The least that such an exchange takes.
function M.bare()
  local socket = ngx.socket.tcp()
  socket:settimeouts(5000, 10000, 10000)
  assert(socket:connect("127.0.0.1", port, { pool = "bare" }))
  if socket:getreusedtimes() == 0 then
    session = assert(socket:sslhandshake(session, "localhost", true))
  end
  assert(socket:send(bytes))
  assert(socket:receive "*l" == "HTTP/1.1 200 OK")
  local length
  repeat
    local line = assert(socket:receive "*l")
    length = length or line:match "^[Cc]ontent%-[Ll]ength: (%d+)"
  until line == ""
  assert(#assert(socket:receive(tonumber(length))) == #ANSWER)
  assert(socket:setkeepalive(30000, 256))
  answer()
end

local load

local function get(front, path)
  local socket = ngx.socket.tcp()
  socket:settimeouts(5000, 5000, 20000)
  assert(socket:connect("127.0.0.1", front))
  assert(socket:send("GET " .. path .. " HTTP/1.1\r\nhost: localhost\r\n\r\n"))
  local status, length = assert(socket:receive "*l"), nil
  repeat
    local line = assert(socket:receive "*l")
    length = length or line:match "^[Cc]ontent%-[Ll]ength: (%d+)"
  until line == ""
  local body = assert(socket:receive(tonumber(length)))
  assert(status == "HTTP/1.1 200 OK" and body == "good", status .. " " .. body)
  assert(socket:setkeepalive(30000, 256))
end

--- Begins so many requests, so many at once.
function M.begin(front, path, count, threads)
  load = { seconds = nil }
  assert(ngx.timer.at(0, function()
    ngx.update_time()
    local start, left, running = ngx.now(), count, {}
    for i = 1, threads do
      running[i] = ngx.thread.spawn(function()
        while left > 0 do
          left = left - 1
          get(front, path)
        end
      end)
    end
    for i = 1, threads do
      local good, why = ngx.thread.wait(running[i])
      load.failed = load.failed or not good and tostring(why) or nil
    end
    ngx.update_time()
    load.seconds = ngx.now() - start
  end))
end

--- The seconds that they took, or nothing yet; and what was wrong, if something was.
function M.result()
  return load.seconds, load.failed
end

return M
