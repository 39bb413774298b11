--- Answers in the service's form: JSON, or XML as the old signature gives by default.

local rand = require "openssl.rand"
local json = require "aliyun.sas.emulator.json"
local tables = require "aliyun.sas.emulator.tables"
local text = require "aliyun.sas.emulator.text"

local M = {}

--- An upper-case UUID.
function M.requestId()
  local hex = text.hex(rand.bytes(16)):upper()
  return ("%s-%s-4%s-9%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21))
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&apos;" }

local element

local function content(value)
  if json.isObject(value) then
    local names, out = {}, {}
    for name in pairs(value) do names[#names + 1] = name end
    table.sort(names, text.before)
    for i, name in ipairs(names) do out[i] = element(name, value[name]) end
    return table.concat(out)
  end
  if json.isNumber(value) then return json.textOf(value) end
  return (tostring(value):gsub("[&<>\"']", entities))
end

function element(name, value)
  if json.isArray(value) then
    local out = {}
    for i, one in ipairs(value) do out[i] = element(name, one) end
    return table.concat(out)
  end
  return ("<%s>%s</%s>"):format(name, content(value), name)
end

local function written(body, format, outer)
  if format == "JSON" then return json.encode(body), "application/json;charset=utf-8" end
  return "<?xml version='1.0' encoding='UTF-8'?>" .. element(outer, body), "text/xml;charset=utf-8"
end

local function headersOf(kind, requestId, now)
  return {
    ["content-type"] = kind, ["x-acs-request-id"] = requestId, ["date"] = text.httpDate(now),
    ["access-control-allow-origin"] = "*",
  }
end

function M.success(action, body, format, now)
  body = body or {}
  body.RequestId = M.requestId()
  local written1, kind = written(body, format, action .. "Response")
  return 200, headersOf(kind, body.RequestId, now), written1
end

local function statusOf(code)
  return tables.statuses[code] or 400
end

--- `problem` has code and message, and may have the status that goes with them.
function M.failure(problem, host, format, now)
  local requestId = M.requestId()
  local body = {
    RequestId = requestId, HostId = host, Code = problem.code, Message = problem.message,
    Recommend = ("https://api.aliyun.com/troubleshoot?q=%s&product=%s&requestId=%s"):format(
      text.encode(problem.code), tables.product, requestId),
  }
  local written1, kind = written(body, format, "Error")
  return problem.status or statusOf(problem.code), headersOf(kind, requestId, now), written1
end

return M
