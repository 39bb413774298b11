-- http1_spec.lua - the text of a request, and answers good and bad, however they are cut into pieces
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local cases = require "spec.support.framing_cases"
local chance = require "spec.support.chance"
local http1 = require "aliyun.sas.http1"

local MOST, lines, good, bad = cases.MOST, cases.lines, cases.good, cases.bad
local OK, CHUNKED = cases.OK, cases.CHUNKED

-- Answers of `receive`: these pieces, then the end; nil and another word where `word` is given.
local function feed(pieces, word)
  local next_piece = 0
  return function()
    next_piece = next_piece + 1
    if pieces[next_piece] then
      return pieces[next_piece]
    end
    return nil, word or "closed"
  end
end

local function whole(text) return text == "" and {} or { text } end

local function bytes(text)
  local pieces = {}
  for at = 1, #text do
    pieces[at] = text:sub(at, at)
  end
  return pieces
end

local function random_pieces(text, seed)
  local random, pieces, at = chance(seed), {}, 1
  while at <= #text do
    local length = random.upto(40)
    pieces[#pieces + 1] = text:sub(at, at + length - 1)
    at = at + length
  end
  return pieces
end

local function ways_of(text)
  local ways = { { "whole", whole(text) }, { "byte by byte", bytes(text) } }
  for seed = 1, 5 do
    ways[#ways + 1] = { "in pieces " .. seed, random_pieces(text, seed) }
  end
  return ways
end

describe("an HTTP answer with", function()
  for _, row in ipairs(good) do
    it(row[1] .. " is read", function()
      for _, way in ipairs(ways_of(row[2])) do
        local answer, code = http1.read(feed(way[2]), MOST)
        assert.is_nil(code, way[1])
        assert.equal(row[3], answer.status, way[1])
        assert.equal(row[4], answer.body, way[1])
        -- what comes behind the end may not have come yet
        if not (row[6] and way[1] ~= "whole") then
          assert.equal(row[5], answer.reusable, way[1])
        end
      end
    end)
  end

  for _, row in ipairs(bad) do
    it(row[1] .. " is refused as " .. row[3], function()
      for _, way in ipairs(ways_of(row[2])) do
        local answer, code = http1.read(feed(way[2]), MOST)
        assert.is_nil(answer, way[1])
        assert.equal(row[3], code, way[1])
      end
    end)
  end
end)

describe("an HTTP answer", function()
  it("that is cut at any byte is lost before its status line, then cut, and whole only at its end", function()
    for _, row in ipairs(good) do
      local text = row[2]
      local ends_with_connection = row[5] == false and not row[6] and text:match "\r\n\r\n" and
        not text:lower():find("content-length", 1, true) and not text:lower():find("chunked", 1, true)
      if #text < 400 and not ends_with_connection and not row[6] then
        local _, final = text:find "HTTP/1%.%d [2-5]%d%d[^\n]*\n"
        for at = 0, #text - 1 do
          for _, word in ipairs { "closed", "CONNECTION_LOST" } do
            local answer, code = http1.read(feed(whole(text:sub(1, at)), word), MOST)
            assert.is_nil(answer, row[1] .. " at " .. at)
            assert.equal(at < final and "CONNECTION_LOST" or "TRUNCATED", code, row[1] .. " at " .. at)
          end
        end
      end
    end
  end)

  it("hands on what else receive says, wherever that is", function()
    local text = CHUNKED .. "3\r\nabc\r\n0\r\n\r\n"
    for at = 0, #text - 1 do
      local answer, code = http1.read(feed(whole(text:sub(1, at)), "TIMEOUT"), MOST)
      assert.is_nil(answer)
      assert.equal("TIMEOUT", code)
    end
    local answer, code = http1.read(feed({ lines(OK) .. "abc" }, "TIMEOUT"), MOST)
    assert.is_nil(answer)
    assert.equal("TIMEOUT", code)
  end)

  it("is read no further than to its end", function()
    for _, row in ipairs(good) do
      if row[5] then
        local pieces, asked = bytes(row[2]), 0
        local receive = feed(pieces)
        http1.read(function()
          asked = asked + 1
          return receive()
        end, MOST)
        assert.equal(#pieces, asked, row[1])
      end
    end
  end)

  it("has its headers in lower case, joined and without space around", function()
    local answer = http1.read(feed { lines(OK, "X-Twice: one", "x-twice:\t two \t ", "X-Empty:", "X-Tab: a\tb",
      "Content-Length: 0", "X-Colon: a:b") }, MOST)
    assert.same({
      ["x-twice"] = "one, two", ["x-empty"] = "", ["x-tab"] = "a\tb", ["content-length"] = "0", ["x-colon"] = "a:b",
    }, answer.headers)
  end)

  it("has the headers of the last head only", function()
    local answer = http1.read(feed { lines("HTTP/1.1 103 Early", "X-Early: 1") .. lines(OK, "X-Last: 1",
      "Transfer-Encoding: chunked") .. "0\r\nX-Late: 1\r\n\r\n" }, MOST)
    assert.same({ ["x-last"] = "1", ["transfer-encoding"] = "chunked" }, answer.headers)
  end)

  it("never makes it raise, whatever the bytes", function()
    local words = {
      "HTTP/1.1 ", "200", " OK", "\r\n", "\n", "\r", ":", "Content-Length", "Transfer-Encoding", "chunked",
      "0", "5", "ffffffff", ";", " ", "\t", "\0", "x", "\255", "100", "\r\n\r\n",
    }
    local random = chance(7)
    local codes = { TOO_LARGE = true, BAD_RESPONSE = true, TRUNCATED = true, CONNECTION_LOST = true }
    for _ = 1, 20000 do
      local parts = { random.upto(3) > 1 and OK .. "\r\n" or nil }
      for _ = 1, random.upto(12) do
        parts[#parts + 1] = random.one_of(words)
      end
      local answer, code = http1.read(feed(random_pieces(table.concat(parts), random.upto(1000))), MOST)
      assert.is_true(answer and code == nil or codes[code])
    end
  end)
end)

local function request(changes)
  local made = {
    method = "POST", scheme = "https", host = "localhost", port = 8443, path = "/", query = "a=b&c=%20", body = "text",
    headers = { host = "localhost:8443", ["x-acs-action"] = "DescribeDingTalk" },
  }
  for name, value in pairs(changes or {}) do
    made[name] = value
  end
  return made
end

describe("an HTTP request", function()
  it("is what was asked for, byte for byte", function()
    local text = http1.request(request { headers = { host = "h" } })
    assert.equal("POST /?a=b&c=%20 HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\ntext", text)
  end)

  it("has each header once", function()
    local text = http1.request(request())
    assert.truthy(text:find("\r\nx-acs-action: DescribeDingTalk\r\n", 1, true))
    assert.equal(1, select(2, text:gsub("\r\nhost:", "")))
  end)

  for _, row in ipairs {
    { "its port", {}, "localhost:8443" },
    { "no port where it is the scheme's", { port = 443 }, "localhost" },
    { "a port of the other scheme", { port = 80 }, "localhost:80" },
    { "no port where none is given", { port = false }, "localhost" },
    { "brackets about an address", { host = "::1", scheme = "http" }, "[::1]:8443" },
  } do
    it("without a Host header gets one with " .. row[1], function()
      local made = request { headers = {} }
      for name, value in pairs(row[2]) do
        made[name] = value or nil
      end
      assert.truthy(http1.request(made):find("\r\nhost: " .. row[3] .. "\r\n", 1, true))
    end)
  end

  it("says the length of its body, of none too, but not for GET", function()
    assert.truthy(http1.request(request { body = "" }):find("\r\ncontent-length: 0\r\n\r\n", 1, true))
    assert.is_nil(http1.request(request { body = "", method = "GET" }):find("content-length", 1, true))
    local body = ("\0\r\n\255"):rep(50000)
    assert.equal(body, http1.request(request { body = body }):sub(-#body))
  end)

  for _, row in ipairs {
    { "a path without a slash", { path = "x" } },
    { "a path with a query", { path = "/?x" } },
    { "a path with a space", { path = "/a b" } },
    { "a path with a line end", { path = "/ HTTP/1.1\r\nx: y" } },
    { "a query with a fragment", { query = "a#b" } },
    { "a query with a space", { query = "a b" } },
    { "a query with a line end", { query = "a\r\nb" } },
    { "a query with NUL", { query = "a\0b" } },
    { "a query that is not ASCII", { query = "a=\228" } },
    { "a method in small letters", { method = "post" } },
    { "a method with more in it", { method = "POST /x HTTP/1.1\r\n" } },
    { "a header with CR and LF", { headers = { host = "h", x = "y\r\nz: " .. canary.accessToken } } },
    { "a header with LF", { headers = { host = "h", x = "y\nz: 1" } } },
    { "a header with NUL", { headers = { host = "h", x = "y\0z" } } },
    { "a header's name with a line end", { headers = { host = "h", ["x: y\r\nz"] = "1" } } },
    { "a header's name with a colon", { headers = { host = "h", ["x:"] = "1" } } },
    { "a header's name in capitals", { headers = { host = "h", ["X"] = "1" } } },
    { "a header without a name", { headers = { host = "h", [""] = "1" } } },
    { "another length", { headers = { host = "h", ["content-length"] = "1" } } },
    { "another coding", { headers = { host = "h", ["transfer-encoding"] = "chunked" } } },
  } do
    it("is refused with " .. row[1], function()
      assert.is_nil((http1.request(request(row[2]))))
    end)
  end
end)
