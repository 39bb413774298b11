-- store_nginx_spec.lua - sas.store.dict inside a real nginx: its workers share locks and intents
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local child = require "spec.support.child"
local emulator = require "aliyun.sas.emulator"
local openresty = require "spec.support.openresty"

local DICTS = "lua_shared_dict names 1m; lua_shared_dict tiny 12k;"
local LOCATION = 'location / { content_by_lua_block { require "spec.support.nginx_store" () } }'

describe("sas.store.dict inside nginx", function()
  local missing = openresty.missing()
  if missing then
    pending("is not tried: " .. missing)
    return
  end

  local front, server

  setup(function()
    server = emulator.serve { lifetime = 1800 }
    front = openresty.start { workers = 2, http = DICTS, server = LOCATION, level = "warn",
      trusted = { server.caFile } }
  end)

  teardown(function()
    if front then
      front:stop()
    end
    server:stop()
  end)

  local function get(path)
    local _, text = front:get(path)
    return text
  end

  local function assert_answer(wanted, path)
    assert.equal(wanted, get(path), front:log())
  end

  it("lets one of three light threads create", function()
    assert_answer("created 1001, unchanged 1001, unchanged 1001; 4 1; 0 keys", "/threads")
  end)

  it("bounds the lock of a thread that was killed", function()
    assert_answer("state LOCKED; bounded; 0 0", "/killed")
  end)

  it("is an error where it is full, and throws nothing out", function()
    local text = get "/full"
    assert.is_truthy(text:find "^state STORE .*no memory", text)
    assert.is_truthy(text:find("; 0 0; nothing was thrown out", 1, true), text)
  end)

  it("keeps an intent from one request to the next", function()
    assert_answer("unknown CONNECTION_LOST, unknown PENDING, created 1001; 0 keys", "/pending")
  end)

  it("waits a fence from the first look under another boot", function()
    assert_answer("unknown CONNECTION_LOST, unknown PENDING, unknown PENDING, created 1001; 0 keys", "/boot")
  end)

  it("has the fence of an ensure over cosockets end by the clock of the boot and by the Date", function()
    local path = ("/clock?endpoint=%s&passed="):format(server.endpoint)
    finally(function() server:reset() end)
    server:fault("closed", { action = "CreateOrUpdateDingTalk" })
    assert_answer("unknown CONNECTION_LOST of this boot", path .. 0)
    assert_answer("unknown PENDING of this boot", path .. 2000)
    server:advance(2000)
    assert_answer("unknown PENDING of this boot", path .. 0)
    assert_answer("created 1001", path .. 2000)
  end)

  it("makes one chatbot where eight requests come at once to two workers", function()
    local query = ("endpoint=%s&caFile=%s"):format(server.endpoint, server.caFile)
    local script = ([[
      local handle = require "aliyun.sas.http".new { proxy = false }
      local outcome = handle:send { method = "GET", scheme = "http", host = "127.0.0.1", port = %d, path = "/ensure",
        query = %q, headers = {}, body = "", timeout = 120, connectTimeout = 60 }
      print(outcome.body or outcome.code)]]):format(front.port, query)
    local text = child.run(("for i in 1 2 3 4 5 6 7 8; do %s & done; wait"):format(child.command("-e", script)))
    local answers = {}
    for line in text:gmatch "[^\n]+" do
      answers[line] = (answers[line] or 0) + 1
    end
    assert.equal(1, answers["created 1001"], text)
    assert.equal(7, (answers["unchanged 1001"] or 0) + (answers["state LOCKED"] or 0), text)
    assert.equal("1001", account.ids(server))
  end)
end)
