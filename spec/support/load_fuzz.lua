-- load_fuzz.lua - reads chatbots files that were cut and mixed at random
-- SPDX-License-Identifier: MIT
--
-- usage: lua load_fuzz.lua FOLDER COUNT
--
-- Each must be read or refused; prints how many were read. In a process of its own, since each reading begins with a
-- full collection, and the heap of a run of all specs is large.

local chance = require "spec.support.chance"
local files = require "spec.support.files"
local sas = require "aliyun.sas"

local folder, count = arg[1], tonumber(arg[2])

local LUA = [=[
#!/usr/bin/lua
local common = { "1", [[2]] } -- comment
return {
  { RuleActionName = "aa", SendUrl = env "HOOK", IntervalTime = 0, Status = "on",
    ConfigList = { vul = { type = { "cms", "emg" } }, ["ak-leakage"] = "all" }, GroupIdList = common },
  { RuleActionName = 'b \'x\'', SendUrl = file "hook.txt", GroupIdList = { "10", group "prod" },
    ConfigList = { rasp = (function() if true then return "all" end end)() } };
}
]=]
local JSON = '[ { "RuleActionName": "aa", "SendUrl": { "env": "A" },\n'
  .. '"ConfigList": { "vul": { "type": [ "cms", "emg" ] }, "hc": "all" } } ]'

local PIECES = { "{", "}", "[[", "]]", "\"", "'", "--", "return", "end", "function", "\\", "\n", "\r", "\0", "\255",
  "=", ",", "(", ")", "nil", "::", "[==[", "1e", "..." }

local random = chance(12345)

local function mixed(text)
  for _ = 1, random.upto(3) do
    local at = random.upto(#text + 1) - 1
    text = text:sub(1, at) .. (random.upto(3) > 1 and random.one_of(PIECES) or "") .. text:sub(at + random.upto(6))
  end
  return text
end

local good = 0
for i = 1, count do
  local is_json = i % 3 == 0
  local text, path = mixed(is_json and JSON or LUA), folder .. (is_json and "/fuzz.json" or "/fuzz.lua")
  files.write(path, text)
  local called, declared, err = pcall(sas.load, path)
  if not called or not declared and not (err.kind == "argument" and #err.problems > 0 and #tostring(err) > 0) then
    error(tostring(declared) .. "\n" .. text)
  end
  good = good + (declared and 1 or 0)
end
print(good .. " good")
