-- sign.lua - a createOrUpdateDingTalk checked, built and signed: in C, and in plain Lua
-- SPDX-License-Identifier: MIT
--
-- usage: lua sign.lua [ROUNDS [SECONDS]]

local compare = require "bench.pairs".compare
local peer = require "bench.peer"
local sas = require "aliyun.sas"

local keys = { accessKeyId = "testid", accessKeySecret = "testsecret" }
local client = sas.new {
  regionId = "cn-hangzhou", accessKeyId = keys.accessKeyId, accessKeySecret = keys.accessKeySecret,
}
local api_config = {
  { type = "sas_analysis_online-sas-operation-log-sas-event-vul", configItemList = {
    { key = "type", valueList = { "cms", "emg" } }, { key = "necessity", valueList = { "asap" } } } },
  { type = "sas_analysis_online-sas-operation-log-sas-event-suspicious", configItemList = {
    { key = "item_level", valueList = { "serious" } }, { key = "event_type", valueList = { "all" } } } },
}
local function params(config)
  return {
    RuleActionName = "testNotify",
    SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX",
    IntervalTime = 0,
    ConfigList = config,
    GroupIdList = { "10417151", "10417152" },
    DingTalkLang = "zh",
  }
end
local as_table, as_text = params(api_config), params(tostring(sas.config(api_config)))
local stamp = { date = "2026-01-02T03:04:05Z", nonce = "0123456789abcdef0123456789abcdef" }

local function in_c(given)
  return assert(client:prepare("createOrUpdateDingTalk", given, stamp))
end

local host = in_c(as_table).host
local function in_lua(given)
  return peer.sign(keys, host, "CreateOrUpdateDingTalk", given, stamp.date, stamp.nonce)
end

-- Both do the same: given the same text they sign the same.
assert(in_c(as_text).headers.authorization == in_lua(as_text).headers.authorization)

local rounds, seconds = tonumber(arg[1]) or 9, tonumber(arg[2]) or 0.3
compare("A ConfigList as a table", {
  { name = "client:prepare, checked and masked", run = function() in_c(as_table) end },
  { name = "plain Lua with luaossl and dkjson, unchecked", run = function() in_lua(as_table) end },
}, rounds, seconds)
compare("A ConfigList as JSON text", {
  { name = "client:prepare, checked and masked", run = function() in_c(as_text) end },
  { name = "plain Lua with luaossl, unchecked", run = function() in_lua(as_text) end },
}, rounds, seconds)
client:close()
