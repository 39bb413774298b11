-- framing_spec.lua - both transports make the same of an answer's bytes: the table of support/framing_cases.lua, and
-- random ones, over real sockets
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local cases = require "spec.support.framing_cases"
local http = require "aliyun.sas.http"
local http1 = require "aliyun.sas.http1"
local needing = require "spec.support.needing"
local openresty = require "spec.support.openresty"
local raw = require "spec.support.raw"
local sas = require "aliyun.sas"

local IN = "spec.support.in_cosocket"
local OK = cases.lines(cases.OK, "Content-Length: 2") .. "ok"
local LAST = cases.lines(cases.OK, "Content-Length: 2", "Connection: close") .. "ok"

local server, front, handle, reason, no_nginx

setup(function()
  server, reason = raw.start()
  if server then
    front, no_nginx = openresty.start {}
  end
end)

teardown(function()
  for _, one in ipairs { server, front } do
    one:stop()
  end
end)

before_each(function()
  handle = http.new { proxy = false }
  if server then
    server:answer("ok", LAST)
    server:early(nil)
    server:mark()
  end
end)

after_each(function() handle:close() end)

local function request(path, changes)
  local made = {
    method = "POST", scheme = "http", host = "127.0.0.1", port = server.port, path = "/" .. path, headers = {},
    connectTimeout = 2, timeout = 5, maxBody = cases.MOST, body = "",
  }
  for key, value in pairs(changes or {}) do
    made[key] = value
  end
  return made
end

local transports = {
  { "libcurl", function(...) return handle:send(request(...)) end, function() return server, reason end },
  {
    "cosockets", function(...) return (front:call(IN, "send", request(...))) end,
    function() return front, reason or no_nginx end,
  },
}

local function is_clean(outcome)
  for name, value in pairs(outcome.headers or {}) do
    if not name:find "^[%l%d!#$%%&'*+.^_`|~-]+$" or value:find "[%z\1-\8\10-\31\127]" then
      return false
    end
  end
  return true
end

-- A failure: nothing of the answer is in it.
local function refused(outcome, code)
  assert.equal(code, outcome.code, outcome.message)
  assert.is_true(outcome.sent)
  assert.is_nil(outcome.status)
  assert.is_nil(outcome.headers)
  assert.is_nil(outcome.body)
end

local function read(outcome, status, body)
  assert.is_nil(outcome.code, outcome.message)
  assert.equal(status, outcome.status)
  assert.equal(body, outcome.body)
  assert.is_true(is_clean(outcome))
end

for _, transport in ipairs(transports) do
  local name, send = transport[1], transport[2]
  local it_over = needing({ it = it, pending = pending }, transport[3])

  describe("over " .. name .. " an answer with", function()
    for _, row in ipairs(cases.good) do
      it_over(row[1] .. " is read", function()
        server:answer("case", row[2])
        read(send("case", { fresh = true }), row[3], row[4])
        if #row[2] < 500 and name == "libcurl" then -- http1_spec.lua cuts them for cosockets
          read(send("case/bytes", { fresh = true }), row[3], row[4])
        end
      end)
    end

    for _, row in ipairs(cases.bad) do
      it_over(row[1] .. " is " .. row[3], function()
        server:answer("case", row[2])
        refused(send "case", row[3])
        if #row[2] < 500 and name == "libcurl" then
          refused(send "case/bytes", row[3])
        end
      end)
    end
  end)

  describe("over " .. name .. " the connection", function()
    it_over("is used again behind an answer that ends by itself, and by nothing else", function()
      for _, row in ipairs(cases.good) do
        local at_end = row[5] == false and row[3] == 200 and not row[6]
        if not at_end and not (row[7] and name == "libcurl") then
          server:answer("case", row[2])
          server:mark()
          read(send "case/keep", row[3], row[4])
          read(send "ok", 200, "ok")
          local seen = server:seen()
          assert.equal(2, #seen, row[1])
          assert.equal(row[5], seen[1].connection == seen[2].connection, row[1])
        end
      end
    end)

    it_over("is not used again behind an answer that is refused", function()
      for _, row in ipairs(cases.bad) do
        if row[3] == "BAD_RESPONSE" or row[3] == "TOO_LARGE" and not row[1]:find "end$" then
          server:answer("case", row[2])
          server:mark()
          refused(send "case/keep", row[3])
          read(send "ok", 200, "ok")
          local seen = server:seen()
          assert.equal(2, #seen, row[1])
          assert.are_not.equal(seen[1].connection, seen[2].connection, row[1])
        end
      end
    end)

    -- A second answer that nobody asked for must not be taken for the next request's.
    it_over("is not used again where more came while it waited", function()
      server:answer("case", OK .. OK:gsub("ok", "no"))
      for _ = 1, 3 do
        server:mark()
        read(send "case/late", 200, "ok")
        os.execute "sleep 0.1"
        read(send "ok", 200, "ok")
        local seen = server:seen()
        assert.equal(2, #seen)
        assert.are_not.equal(seen[1].connection, seen[2].connection)
      end
    end)

    it_over("may have the answer before it has the request", function()
      server:answer("case", OK)
      server:early "case"
      read(send("x", { body = "y" }), 200, "ok")
      server:answer("case", cases.lines(cases.OK, "Content-Length: 5", "Content-Length: 6") .. "123456")
      refused(send "x", "BAD_RESPONSE")
    end)
  end)
end
