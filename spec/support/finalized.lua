-- finalized.lua - finalizers that change what a C function is reading, at each of its allocations; see error_spec.lua
-- SPDX-License-Identifier: MIT
--
-- usage: MALLOC_PERTURB_=85 lua finalized.lua       what is freed is overwritten at once; "ok", or what went wrong

local core = require "aliyun.sas.core"

local ROUNDS = 600
local POINTS = 30 -- more than any of the functions below has allocations

local proxy = _VERSION == "Lua 5.1" and rawget(_G, "newproxy")
local act, left

local function arm()
  local function finalized()
    left = left and left - 1
    if left == 0 then
      act()
      pcall(collectgarbage)
      pcall(collectgarbage)
    end
    arm()
  end
  if proxy then
    getmetatable(proxy(true)).__gc = finalized
  else
    setmetatable({}, { __gc = finalized })
  end
end

-- Has `change` run in the middle of f, behind its n-th finalizer.
local function disturbed(n, change, f, ...)
  act, left = change, n
  local results = { pcall(f, ...) }
  act, left = nil, nil
  return (unpack or table.unpack)(results) -- luacheck: ignore
end

local function clear(t)
  for name in pairs(t) do
    t[name] = nil
  end
end

-- A text that nothing but its table holds: the number makes it new.
local function text(letter, i)
  return letter:rep(90) .. i
end

local cases = {}

function cases.tostring(n, i)
  local err = core.error {
    kind = text("k", i), code = text("c", i), message = text("m", i), hint = text("h", i),
    problems = { { path = text("p", i), message = text("q", i), hint = text("r", i) } },
  }
  local _, printed = disturbed(n, function()
    clear(err.problems and err.problems[1] or {})
    clear(err)
  end, tostring, err)
  for letter in ("kcmhpqr"):gmatch "." do
    printed = printed:gsub(text(letter, i), "")
  end
  return not printed:find "[^%a%s%[%]%(%):%?]" and #printed < 80, printed
end

-- A call, and what signs it with a nonce.
local function new_call()
  local credentials = core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" }
  local call = core.describeDingTalk({ host = "localhost" }, {})
  call:next(0)
  local function sign(stamp)
    return call:sign(credentials, "2024-02-20T08:00:00Z", stamp)
  end
  return call, sign
end

function cases.feed(n, i)
  local call, sign = new_call()
  sign "nonce"
  call:next(0)
  local second = ("%02d"):format(i % 60)
  local headers = { date = "Tue, 20 Feb 2024 08:00:" .. second .. " GMT", ["x-acs-retry-after"] = tostring(1000 + i) }
  local outcome = { status = 429, body = '{"RequestId":"r","Code":"Throttling"}', headers = headers }
  disturbed(n, function()
    clear(headers)
  end, call.feed, call, outcome, 0)
  local clock = call:clock()
  return clock == nil or clock == 1708416000 + i % 60, clock
end

function cases.suggest(n, i)
  local words = { text("v", i), text("w", i) }
  local _, near = disturbed(n, function()
    clear(words)
  end, core.suggest, text("w", i) .. "x", words)
  return near == nil or near == text("w", i), near
end

function cases.sign(n)
  local _, sign = new_call()
  local expected = sign "nonce"
  local call, again = new_call()
  local _, request = disturbed(n, function()
    pcall(call.feed, call, { status = 503, body = "" }, 0)
    call:next(0)
    call:next(30)
    pcall(again, "another")
  end, again, "nonce")
  return type(request) ~= "table" or request.headers.authorization == expected.headers.authorization
    and request.headers["x-acs-signature-nonce"] == "nonce" and request.query == expected.query,
    type(request) == "table" and request.headers.authorization
end

function cases.error(n, i)
  local call, sign = new_call()
  local code = "Code" .. ("c"):rep(40) .. i
  sign "nonce"
  call:next(0)
  call:feed({ status = 503, body = '{"RequestId":"r","Code":"' .. code .. '","Message":"m"}' }, 0)
  call:next(0)
  call:next(30)
  sign "another"
  local _, err = disturbed(n, function()
    pcall(call.feed, call, { sent = false, code = "TIMEOUT", message = "m" }, 0)
  end, call.error, call)
  return err.code == code or err.code == "TIMEOUT", err.code
end

local function try(name)
  for i = 1, ROUNDS do
    local good, found = cases[name](i % POINTS + 1, i)
    if not good then
      return name .. ": " .. tostring(found):sub(1, 400)
    end
  end
end

arm()
collectgarbage("setpause", 0)
collectgarbage("setstepmul", 1000000)
for name in pairs(cases) do
  local wrong = try(name)
  if wrong then
    print(wrong)
  end
end
print "ok"
