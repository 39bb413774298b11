-- scarce.lua - runs each act with every one of its allocations failing once; see spec/memory_spec.lua
-- SPDX-License-Identifier: MIT
--
-- usage: LD_PRELOAD=scarce.so lua scarce.lua scarce.so [TRIES]
--
-- The acts of the C core are short, and each of their allocations fails; of a longer one so many fail as TRIES says,
-- spread over it (all of them without).

local library, tries = ...
tries = tonumber(tries)
if rawget(_G, "jit") then
  require "jit".off() -- it does not survive it where its traces are made known to the system
end
local scarce = assert(package.loadlib(library, "luaopen_scarce"))()
local chatbot = require "aliyun.sas.chatbot"
local core = require "aliyun.sas.core"
local http = require "aliyun.sas.http"
local sas = require "aliyun.sas"
local scarce_acts = require "spec.support.scarce_acts"

local URL = "https://oapi.dingtalk.com/robot/send?access_token=abcdefghijkl&sign=mnopqrstuvwx"
local KEYS = { accessKeyId = "testid", accessKeySecret = "testsecret", securityToken = "token" }
local PARAMS = {
  RuleActionName = "name", SendUrl = URL, ConfigList = { suspicious = "all", vul = { type = { "cms", "emg" } } },
  GroupIdList = { 1, 2 }, DingTalkLang = "zh",
}
local BAD = {
  RuleActionNam = "x", SendUrl = "http://x", ConfigList = { hc = {}, vul = { necessity = { "hgih" } } }, Id = 1.5,
  GroupIdList = "1,2", DingTalkLang = "fr", IntervalTime = -1,
}
local BODY = '{"RequestId":"r","ActionList":[{"Id":9007199254740993,"ActionName":"a\\u4e2d"},{"Id":1.5}],"X":null}'
local REFUSAL = '{"RequestId":"r","Code":"NoPermission","Message":"access_token=abcdefghijkl is secret"}'
local CLI = '{"current":"a","profiles":[{"name":"a","mode":"StsToken","access_key_id":"i","access_key_secret":"s",'
  .. '"sts_token":"t","ram_role_arn":"r","expired_seconds":900,"access_token":"x","enable_vpc":true}]}'
local INI = "[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = s\nrole_arn = r\n"
local ISSUED = '{"Credentials":{"AccessKeyId":"i","AccessKeySecret":"s","SecurityToken":"t",'
  .. '"Expiration":"2099-01-01T00:00:00Z"}}'
local SETTINGS = { host = "localhost", port = 8443, userAgent = "x" }
local held = assert(core.credentials(KEYS))
local config = sas.config { vul = "all" }

-- As assert, which on Lua 5.1 wants a string.
local function must(value, err)
  if not value then
    error(err, 0)
  end
  return value
end

local function call_with(answer)
  local call = must(core.createOrUpdateDingTalk(SETTINGS, PARAMS))
  call:next(0)
  must(call:sign(held, "2024-02-20T08:00:00Z", "nonce"))
  call:next(0)
  call:feed(answer)
  return select(2, call:next(1))
end

-- An exchange that is begun, and ended by the close of its handle: what was asked for leads nowhere.
local function begin_exchange()
  local handle = http.new { proxy = false, userAgent = "x" }
  local token, outcome = handle:start {
    method = "POST", scheme = "http", host = "127.0.0.1", port = 9, path = "/", query = "a=b", body = "c=d",
    headers = { authorization = "x", ["x-acs-y"] = "z" },
  }
  handle:close()
  if not token then
    error(outcome.code == "OUT_OF_MEMORY" and "not enough memory" or outcome.code, 0)
  end
  return handle:poll()[1].outcome.code
end

local acts = {
  begin_exchange = begin_exchange,
  sign = function()
    return core.sign {
      version = "v3", host = "h", action = "A", date = "2024-02-20T08:00:00Z", nonce = "n",
      query = { a = "b", c = "d" },
      accessKeyId = "a", accessKeySecret = "b", securityToken = "c", headers = { ["x-acs-y"] = "z" },
    }
  end,
  sign_v1 = function()
    return core.sign {
      version = "v1", host = "h", action = "A", date = "2024-02-20T08:00:00Z", nonce = "n", form = { a = "b" },
      common = "form", credentials = held,
    }
  end,
  sign_bad = function() return core.sign { version = "v9", nonce = 5 } end,
  credentials = function() return tostring(core.credentials(KEYS)) end,
  config = function() return sas.config { suspicious = "all", vul = { type = { "cms", "emg" } }, hc = "all" } end,
  config_bad = function() return sas.config(BAD.ConfigList) end,
  config_text = function() return tostring(config) end,
  config_table = function() return config:table() end,
  config_parse = function()
    return sas.config.parse '[{"type":"x","configItemList":[{"key":"k","valueList":["v"]}]}]'
  end,
  config_add = function() return sas.config():add("hc", { item_level = { "high", "low" } }):remove "hc" end,
  catalog = function() return core.catalog() end,
  operations = function() return core.operations() end,
  json = function() return core.json(BODY) end,
  json_bad = function() return core.json '{"a":1,"a":2}' end,
  call = function() return call_with { sent = true, status = 200, body = BODY } end,
  call_refused = function() return call_with { sent = true, status = 403, body = REFUSAL } end,
  call_lost = function() return call_with { sent = true, code = "TIMEOUT", message = "m " .. URL } end,
  call_bad = function() return core.createOrUpdateDingTalk(SETTINGS, BAD) end,
  call_raw = function() return tostring(core.call(SETTINGS, "ListGroups", { A = { 1, 2, { b = true } } })) end,
  call_shown = function() return tostring(core.createOrUpdateDingTalk(SETTINGS, PARAMS)) end,
  error = function() return tostring(core.error { kind = "state", message = "m", problems = { { path = "p" } } }) end,
  encodings = function() return core.percent "a b", core.hex "ab", core.base64 "ab", core.sha256 "ab" end,
  nonce = function() return #core.nonce() end,
  cliprofile = function()
    local said = must(core.cliprofile(CLI))
    return tostring(said.credentials) .. tostring(said.accessToken) .. core.bearer(said.accessToken) .. said.roleArn
  end,
  cliprofile_bad = function() return core.cliprofile '{"current":"a","current":"b"}' end,
  iniprofile = function() return tostring(must(core.iniprofile(INI, "default")).credentials) end,
  iniprofile_bad = function() return core.iniprofile(INI .. INI, "default") end,
  issued = function() return tostring(must(core.issued(ISSUED, "sts"))) end,
  issued_bad = function() return core.issued("{}", "sts") end,
  form = function() return core.form { { "a", "b c" }, { "d", "e" } } end,
  reply_lost = function() return core.reply { sent = true, code = "TIMEOUT", message = "m", class = "read" } end,
  read_config = function() return type(chatbot.config '[{"type":"x","configItemList":[]}]') end,
  reply_masked = function()
    return core.reply { status = 403, body = REFUSAL, class = "read", secrets = { "abcdefghijkl" } }
  end,
}

local function describe(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local fields = {}
  for key, field in pairs(value) do
    fields[#fields + 1] = tostring(key) .. "=" .. describe(field)
  end
  table.sort(fields)
  return "{" .. table.concat(fields, ",") .. "}"
end

local function describe_all(good, first, second)
  return tostring(good) .. " " .. describe(first) .. " " .. describe(second)
end

-- An act that could not have its memory says so, or it was not needed and nothing is missing from what it answers.
local function is_honest(expected, good, first, second)
  local failure = good and second or first
  if type(failure) == "table" and (failure.code == "SIGNING_FAILED" or failure.sent)
    and failure.code and failure.message then
    return true -- what was sent is told, be there memory for its texts or not
  end
  return not good and tostring(first):find("not enough memory", 1, true) ~= nil
    or type(failure) == "table" and tostring(failure.message):find("Cannot allocate memory", 1, true) ~= nil
    or describe_all(good, first, second) == expected
end

-- Answers how often it was tried, and what was wrong. With a step only each so-manieth allocation fails.
local function sweep(act, all, step, expected)
  local n, tried = 1, 0
  repeat
    tried = tried + 1
    collectgarbage()
    scarce.arm(n, all)
    local good, first, second = pcall(act)
    local asked = scarce.disarm()
    if scarce.unread() then
      return tried, ("leaves an error in OpenSSL's queue (%d)"):format(n)
    end
    if expected and not is_honest(expected, good, first, second) then
      return tried, ("answers %s (%d)"):format(describe_all(good, first, second), n)
    end
    n = n + step
  until asked < n - step
  return tried
end

local function count_of(act)
  scarce.arm(math.huge, false)
  pcall(act)
  return scarce.disarm()
end

-- Blocks that are in use. What a finalizer lets go of may have one too, so that a collection or two do not free all.
local function live()
  for _ = 1, 4 do
    collectgarbage()
  end
  return scarce.live()
end

local function run(name, act, all, most)
  local expected = describe_all(pcall(act))
  local step = most and math.max(math.ceil(count_of(act) / most), 1) or 1
  -- What is made once for all is made in the first sweeps; a leak is in each.
  local points, wrong, lost
  for sweeps = 1, 4 do
    local before = live()
    points, wrong = sweep(act, all, step, sweeps > 1 and expected or nil)
    lost = live() - before
    if sweeps > 1 and (wrong or lost <= 2) then
      break
    end
  end
  local verdict = wrong or lost > 2 and "loses " .. lost .. " blocks" or "ok"
  print(("%s %s %d: %s"):format(name, all and "onwards" or "once", points, verdict))
end

local function run_all(list, most)
  local names = {}
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, all in ipairs { true, false } do
    for _, name in ipairs(names) do
      run(name, list[name], all, most)
    end
  end
end

run_all(acts)
run_all(scarce_acts.acts, tries)
scarce_acts.files:remove()

local missing = {}
for _, name in ipairs(scarce_acts.public()) do
  missing[#missing + 1] = not scarce_acts.acts[name] and name or nil
end
print("missing: " .. table.concat(missing, " "))
print "end"
