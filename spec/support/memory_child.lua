-- memory_child.lua - makes calls with keys that stand in a file, and stops before and behind the end of the client
-- SPDX-License-Identifier: MIT
--
-- usage: memory_child.lua SIGNATURE; the environment says where the file is

local files = require "spec.support.files"
local sas = require "aliyun.sas"

local function stop(word)
  io.write(word, "\n")
  io.flush()
  io.read()
end

-- What STS answers is asked of the file beside it, so that no source holds it.
local transport = {
  send = function(request)
    if request.host:find "^sts" then
      return { sent = true, status = 200, headers = {}, body = assert(files.read(os.getenv "STS_ANSWER")) }
    end
    return { sent = true, status = 200, headers = {}, body = '{"RequestId":"r"}' }
  end,
}
local client = sas.new { regionId = "cn-hangzhou", transport = transport, signature = arg[1] }
for _ = 1, 3 do
  assert(client:describeDingTalk())
end
stop "open"
client:close()
client = nil
for _ = 1, 3 do
  collectgarbage()
end
stop "closed"
assert(client == nil)
