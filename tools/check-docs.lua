-- check-docs.lua - what the module offers, for tools/check-docs: a kind and a name in each line
-- SPDX-License-Identifier: MIT

local sas = require "aliyun.sas"
local core = require "aliyun.sas.core"

local client = sas.new {
  regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret", transport = { send = print },
}

local function list(kind, from)
  for name, value in pairs(from) do
    if type(name) == "string" and not name:find "^_" and value ~= nil then print(kind, name) end
  end
end

for _, operation in ipairs(core.operations()) do
  print("operation", operation.method)
end
list("method", debug.getmetatable(client).__index)
list("function", sas)
list("provider", sas.credentials)
if sas.store then list("store", sas.store) end
