-- mask_child.lua - masks a secret that is in a file, closes it, and stops
-- SPDX-License-Identifier: MIT
--
-- usage: mask_child.lua FILE

local core = require "aliyun.sas.core"
local system = require "aliyun.sas.system"

local secret = assert(system.readsecret(arg[1]))
local _, err = core.reply {
  status = 403, body = '{"RequestId":"r","Code":"X","Message":"m"}', class = "read", secrets = { secret },
}
assert(err.code == "X")
secret:close()
for _ = 1, 3 do
  collectgarbage()
end
io.write "closed\n"
io.flush()
io.read()
