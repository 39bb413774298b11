-- in_worker.lua - runs a function that a spec asks for, in a worker of nginx
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx unpack

local json = require "dkjson"

local in_worker = {}

-- What JSON cannot hold comes as nothing, and tables as what is in them.
local function plain(value, depth)
  local kind = type(value)
  if kind == "table" then
    if depth > 8 then
      return nil
    end
    local copy = {}
    for key, item in pairs(value) do
      copy[key] = plain(item, depth + 1)
    end
    return copy
  elseif kind == "string" or kind == "number" or kind == "boolean" then
    return value
  end
  return nil
end

local function answer(good, ...)
  if not good then
    ngx.status = 500
    ngx.print(tostring((...)))
    return
  end
  local values = {}
  for i = 1, select("#", ...) do
    values[i] = plain((select(i, ...)), 1)
    if values[i] == nil then
      values[i] = json.null
    end
  end
  ngx.print(json.encode { count = #values, values = values })
end

function in_worker.call()
  ngx.req.read_body()
  local asked = json.decode(ngx.req.get_body_data())
  answer(pcall(require(asked.module)[asked.name], unpack(asked.arguments, 1, asked.count)))
end

return in_worker
