-- ask.lua - one request in a process of its own, for what only the environment can change
-- SPDX-License-Identifier: MIT
--
-- usage: lua ask.lua KEY=VALUE...   host port path caFile connectTimeout timeout; prints
-- the outcome and the seconds it took

local http = require "aliyun.sas.http"
local system = require "aliyun.sas.system"

local given = {}
for _, word in ipairs(arg) do
  local key, value = word:match("^(%w+)=(.*)$")
  given[key] = value
end
local handle = http.new { caFile = given.caFile }
local before = system.monotonic()
local outcome = handle:send {
  method = "GET", scheme = "https", host = given.host, port = tonumber(given.port), path = given.path,
  connectTimeout = tonumber(given.connectTimeout), timeout = tonumber(given.timeout),
}
handle:close()
print(outcome.sent, outcome.code or outcome.status, ("%.2f"):format(system.monotonic() - before))
