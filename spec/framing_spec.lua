-- framing_spec.lua - both transports make the same of an answer's bytes: the table of support/framing_cases.lua, and
-- random ones, over real sockets
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local cases = require "spec.support.framing_cases"
local chance = require "spec.support.chance"
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
    connectTimeout = 60, timeout = 60, maxBody = cases.MOST, body = "",
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
      it_over(row[1] .. " is refused as " .. row[3], function()
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
        server:late()
        read(send "ok", 200, "ok")
        local seen = server:seen()
        assert.equal(2, #seen)
        assert.are_not.equal(seen[1].connection, seen[2].connection)
      end
    end)

    if name == "cosockets" then
      it_over("is not used again where more came while the worker was busy", function()
        server:answer("case", OK .. OK:gsub("ok", "no"))
        for _ = 1, 3 do
          server:mark()
          read(front:call(IN, "send_when_busy", request "case/late", 0.15, request "ok"), 200, "ok")
          local seen = server:seen()
          assert.equal(2, #seen)
          assert.are_not.equal(seen[1].connection, seen[2].connection)
        end
      end)
    end

    it_over("may have the answer before it has the request", function()
      server:answer("case", OK)
      server:early "case"
      read(send("x", { body = "y", fresh = true }), 200, "ok")
      server:answer("case", cases.lines(cases.OK, "Content-Length: 5", "Content-Length: 6") .. "123456")
      refused(send("x", { fresh = true }), "BAD_RESPONSE")
    end)
  end)
end

-- Where both a fault and the end of the bytes are in one line, the one may be seen before the other.
local CUT = { TRUNCATED = true, BAD_RESPONSE = true, CONNECTION_LOST = true }

local WORDS = {
  cases.OK .. "\r\n", cases.OK .. "\r\n", cases.CHUNKED, cases.CHUNKED, cases.CHUNKED .. "3\r\nabc\r\n",
  "HTTP/1.1 103 Early\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 204 Nothing\r\n", "Content-Length: 3\r\n",
  "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Content-Encoding: identity\r\n", "X: y\r\n", "\r\n", "\r\n",
  "\r\n\r\n", "\n", "\r", ":", " ", "\t", ";", ",", "+", "0x", "\0", "\27", "abc", "3", "0\r\n\r\n", "3\r\nabc\r\n",
  "fffffffff", "\255", "Connection: close\r\n",
}

local it_over_wire = needing({ it = it, pending = pending }, function() return server, reason end)

describe("of 400 answers of random words", function()
  it_over_wire("both make the same", function()
    local random, refusals = chance(11), 0
    for _ = 1, 400 do
      local parts = { WORDS[random.upto(8)] }
      for _ = 1, random.upto(7) do
        parts[#parts + 1] = random.one_of(WORDS)
      end
      local text, given = table.concat(parts), false
      server:answer("case", text)
      local answer, code = http1.read(function()
        if not given and text ~= "" then
          given = true
          return text
        end
        return nil, "closed"
      end, cases.MOST)
      local outcome = handle:send(request("case", { fresh = true }))
      if answer then
        read(outcome, answer.status, answer.body)
        assert.same(answer.headers, outcome.headers)
      else
        refusals = refusals + 1
        local alike = outcome.code == code or CUT[code] and CUT[outcome.code]
        assert.is_true(alike, ("%q: %s, and %s"):format(text, code, tostring(outcome.code or outcome.status)))
        refused(outcome, outcome.code)
      end
    end
    assert.is_true(refusals > 100 and refusals < 390)
  end)
end)

describe("a client", function()
  it_over_wire("believes nothing of such an answer: a read is asked again, what a create did is not known", function()
    local body = '{"RequestId":"r","ActionList":[],"Id":7}'
    server:answer("", cases.lines(cases.OK, "Content-Length: " .. #body, "Content-Length: 5") .. body)
    local client = sas.new {
      accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, transport = "curl",
      endpoint = "http://127.0.0.1:" .. server.port, jitter = function() return 0 end,
    }
    finally(function() client:close() end)
    local result, err = client:describeDingTalk {}
    assert.is_nil(result)
    assert.equal("reply BAD_RESPONSE", err.kind .. " " .. err.code)
    assert.equal(2, #server:seen())
    server:mark()
    result, err = client:createOrUpdateDingTalk {
      RuleActionName = "robot", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken,
      IntervalTime = 0, ConfigList = { vul = "all" }, GroupIdList = { 1 }, DingTalkLang = "zh",
    }
    assert.is_nil(result)
    assert.equal("unknown BAD_RESPONSE", err.kind .. " " .. err.code, tostring(err))
    assert.is_true(err.sent)
    assert.is_nil(err.status)
    assert.is_nil(err.requestId)
    assert.equal(1, #server:seen())
  end)
end)
