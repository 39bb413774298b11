-- http1_spec.lua - the text of a request, and answers good and bad, however they are cut into pieces
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local http1 = require "aliyun.sas.http1"

local MOST = 1000

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

-- The same pieces each time, from a small generator of numbers.
local function random_pieces(text, seed)
  local pieces, at = {}, 1
  while at <= #text do
    seed = (seed * 1103515245 + 12345) % 2147483648
    local length = math.floor(seed / 65536) % 40 + 1
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

-- lines to a head
local function lines(...)
  return table.concat({ ... }, "\r\n") .. "\r\n\r\n"
end

local OK = "HTTP/1.1 200 OK"
local CHUNKED = lines(OK, "Transfer-Encoding: chunked")

-- name, text, status, body, whether the connection can be used again
local good = {
  { "a length", lines(OK, "Content-Length: 5") .. "12345", 200, "12345", true },
  { "a length of 0", lines(OK, "Content-Length: 0"), 200, "", true },
  { "a length with zeros before", lines(OK, "Content-Length: 00000000000000000005") .. "12345", 200, "12345", true },
  { "a length up to the most", lines(OK, "Content-Length: 1000") .. ("x"):rep(1000), 200, ("x"):rep(1000), true },
  { "no reason", lines("HTTP/1.1 200", "Content-Length: 1") .. "x", 200, "x", true },
  { "an empty reason", lines("HTTP/1.1 200 ", "Content-Length: 1") .. "x", 200, "x", true },
  { "a reason of any bytes", lines("HTTP/1.1 200 \228\189\160 ok", "Content-Length: 1") .. "x", 200, "x", true },
  { "LF alone in the head", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", 200, "x", true },
  { "another status", lines("HTTP/1.1 404 Not Found", "Content-Length: 1") .. "x", 404, "x", true },
  { "status 503", lines("HTTP/1.1 503 Busy", "Content-Length: 1") .. "x", 503, "x", true },
  { "a body with NUL and line ends", lines(OK, "Content-Length: 6") .. "\0\r\n\r\n\255", 200, "\0\r\n\r\n\255", true },
  { "a closing connection", lines(OK, "Content-Length: 1", "Connection: Close") .. "x", 200, "x", false },
  { "bytes behind the end", lines(OK, "Content-Length: 1") .. "xy", 200, "x", false, true },
  { "HTTP/1.0", lines("HTTP/1.0 200 OK", "Content-Length: 1") .. "x", 200, "x", false },
  { "HTTP/1.0 to the end", lines("HTTP/1.0 200 OK") .. "xyz", 200, "xyz", false },
  { "no length, so to the end", lines(OK) .. "xyz", 200, "xyz", false },
  { "no length and nothing", lines(OK), 200, "", false },
  { "status 204", lines("HTTP/1.1 204 No Content"), 204, "", true },
  { "status 204 with a length that is none", lines("HTTP/1.1 204 No Content", "Content-Length: 5"), 204, "", false },
  { "status 304 with a coding", lines("HTTP/1.1 304 Same", "Transfer-Encoding: chunked"), 304, "", false },
  { "the coding identity", lines(OK, "Content-Encoding: Identity", "Content-Length: 1") .. "x", 200, "x", true },
  { "one chunk", CHUNKED .. "3\r\nabc\r\n0\r\n\r\n", 200, "abc", true },
  { "no chunk but the last", CHUNKED .. "0\r\n\r\n", 200, "", true },
  { "chunks", CHUNKED .. "1\r\na\r\n0A\r\n0123456789\r\n1\r\nb\r\n000\r\n\r\n", 200, "a0123456789b", true },
  { "chunks of line ends", CHUNKED .. "4\r\n\r\n\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n", 200, "\r\n\r\n\r\n", true },
  { "a chunk with extensions", CHUNKED .. '3;a=b;c="d;e"\r\nabc\r\n0 ; last\r\n\r\n', 200, "abc", true },
  { "chunk sizes with zeros", CHUNKED .. ("0"):rep(40) .. "3\r\nabc\r\n0\r\n\r\n", 200, "abc", true },
  { "chunks with a trailer", CHUNKED .. "3\r\nabc\r\n0\r\nX-Late: 1\r\nY: 2\r\n\r\n", 200, "abc", true },
  { "CHUNKED in capitals", lines(OK, "TRANSFER-ENCODING: CHUNKED") .. "1\r\na\r\n0\r\n\r\n", 200, "a", true },
  { "a thousand chunks of a byte", CHUNKED .. ("1\r\nx\r\n"):rep(1000) .. "0\r\n\r\n", 200, ("x"):rep(1000), true },
  { "interim answers", lines("HTTP/1.1 100 Continue") .. lines("HTTP/1.1 103 Early", "X-Early: 1")
    .. lines(OK, "Content-Length: 2") .. "ok", 200, "ok", true },
  { "126 headers", OK .. "\r\n" .. ("X: y\r\n"):rep(125) .. "Content-Length: 0\r\n\r\n", 200, "", true },
  { "a header of 60 KB", lines(OK, "Content-Length: 0", "X: " .. ("y"):rep(60000)), 200, "", true },
}

-- name, text, code
local bad = {
  { "nothing", "", "CONNECTION_LOST" },
  { "half a status line", "HTTP/1.1 2", "CONNECTION_LOST" },
  { "an interim answer alone", lines("HTTP/1.1 103 Early", "X: 1"), "CONNECTION_LOST" },
  { "half a header", "HTTP/1.1 200 OK\r\nContent-Le", "TRUNCATED" },
  { "headers that do not end", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "TRUNCATED" },
  { "half a body", lines(OK, "Content-Length: 10") .. "12345", "TRUNCATED" },
  { "a chunk's size alone", CHUNKED .. "5", "TRUNCATED" },
  { "half a chunk", CHUNKED .. "10\r\n12345", "TRUNCATED" },
  { "a chunk without its end", CHUNKED .. "5\r\n12345", "TRUNCATED" },
  { "no last chunk", CHUNKED .. "5\r\n12345\r\n", "TRUNCATED" },
  { "half a trailer", CHUNKED .. "0\r\nX-La", "TRUNCATED" },
  { "HTTP/0.9", "hello\n", "BAD_RESPONSE" },
  { "a page of HTML", "<html>\r\n\r\n</html>", "BAD_RESPONSE" },
  { "an empty line first", "\r\n" .. lines(OK, "Content-Length: 0"), "BAD_RESPONSE" },
  { "a NUL first", "\0" .. lines(OK, "Content-Length: 0"), "BAD_RESPONSE" },
  { "HTTP/2", lines("HTTP/2 200 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "HTTP/2.0", lines("HTTP/2.0 200 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "http in small letters", lines("http/1.1 200 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "HTTP/1.10", lines("HTTP/1.10 200 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "two spaces before the status", lines("HTTP/1.1  200 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a status of two digits", lines("HTTP/1.1 20 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a status of four digits", lines("HTTP/1.1 2000 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a status with a sign", lines("HTTP/1.1 +20 OK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "status 099", lines("HTTP/1.1 099 Odd", "Content-Length: 0"), "BAD_RESPONSE" },
  { "status 600", lines("HTTP/1.1 600 Odd", "Content-Length: 0"), "BAD_RESPONSE" },
  { "status 101", lines("HTTP/1.1 101 Switching Protocols", "Upgrade: x") .. "bytes", "BAD_RESPONSE" },
  { "a reason with NUL", lines("HTTP/1.1 200 O\0K", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a reason with CR", lines("HTTP/1.1 200 O\rK", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a line without a colon", lines(OK, "not a header", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a header without a name", lines(OK, ": x", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a space before the colon", lines(OK, "Content-Length : 5") .. "12345", "BAD_RESPONSE" },
  { "a header folded", lines(OK, "X-A: 1", " 2", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a header folded with a tab", lines(OK, "X-A: 1", "\tContent-Length: 5") .. "12345", "BAD_RESPONSE" },
  { "a header with NUL", lines(OK, "X-A: 1\0002", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a name with NUL", lines(OK, "X\0: 1", "Content-Length: 0"), "BAD_RESPONSE" },
  { "a header with CR", lines(OK, "X-A: 1\rContent-Length: 5") .. "12345", "BAD_RESPONSE" },
  { "two lengths", lines(OK, "Content-Length: 5", "Content-Length: 6") .. "123456", "BAD_RESPONSE" },
  { "a length twice", lines(OK, "Content-Length: 5", "Content-Length: 5") .. "12345", "BAD_RESPONSE" },
  { "a list of lengths", lines(OK, "Content-Length: 5, 5") .. "12345", "BAD_RESPONSE" },
  { "a length and chunks", lines(OK, "Content-Length: 5", "Transfer-Encoding: chunked") .. "0\r\n\r\n",
    "BAD_RESPONSE" },
  { "chunks and a length", lines(OK, "Transfer-Encoding: chunked", "Content-Length: 5") .. "0\r\n\r\n",
    "BAD_RESPONSE" },
  { "an empty length", lines(OK, "Content-Length:"), "BAD_RESPONSE" },
  { "a length with a sign", lines(OK, "Content-Length: +5") .. "12345", "BAD_RESPONSE" },
  { "a length below 0", lines(OK, "Content-Length: -1"), "BAD_RESPONSE" },
  { "a length in hex", lines(OK, "Content-Length: 0x5") .. "12345", "BAD_RESPONSE" },
  { "a length with a fraction", lines(OK, "Content-Length: 5.0") .. "12345", "BAD_RESPONSE" },
  { "a length with a space in it", lines(OK, "Content-Length: 1 0") .. "1234567890", "BAD_RESPONSE" },
  { "a length above the most", lines(OK, "Content-Length: 1001") .. ("x"):rep(1001), "TOO_LARGE" },
  { "a length of 2^63", lines(OK, "Content-Length: 9223372036854775808"), "TOO_LARGE" },
  { "a length of 2^64 and 5", lines(OK, "Content-Length: 18446744073709551621") .. "12345", "TOO_LARGE" },
  { "a length of 400 digits", lines(OK, "Content-Length: " .. ("9"):rep(400)), "TOO_LARGE" },
  { "two codings", lines(OK, "Transfer-Encoding: gzip, chunked") .. "0\r\n\r\n", "BAD_RESPONSE" },
  { "chunked twice", lines(OK, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked") .. "0\r\n\r\n",
    "BAD_RESPONSE" },
  { "the coding identity for the transfer", lines(OK, "Transfer-Encoding: identity") .. "x", "BAD_RESPONSE" },
  { "an empty coding", lines(OK, "Transfer-Encoding:") .. "x", "BAD_RESPONSE" },
  { "chunks in HTTP/1.0", lines("HTTP/1.0 200 OK", "Transfer-Encoding: chunked") .. "0\r\n\r\n", "BAD_RESPONSE" },
  { "an encoded body", lines(OK, "Content-Encoding: gzip", "Content-Length: 1") .. "x", "BAD_RESPONSE" },
  { "a body encoded twice", lines(OK, "Content-Encoding: identity, gzip", "Content-Length: 1") .. "x",
    "BAD_RESPONSE" },
  { "a chunk without a size", CHUNKED .. "\r\n12345\r\n", "BAD_RESPONSE" },
  { "a chunk's size that is no number", CHUNKED .. "zz\r\n12345\r\n", "BAD_RESPONSE" },
  { "a chunk's size below 0", CHUNKED .. "-5\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's size with 0x", CHUNKED .. "0x5\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's size behind a space", CHUNKED .. " 5\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's size before a word", CHUNKED .. "5 x\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's size and LF alone", CHUNKED .. "5\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's extension with NUL", CHUNKED .. "5;\0\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's extension with CR", CHUNKED .. "5;a\rb\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk's line too long", CHUNKED .. "5;" .. ("x"):rep(2000) .. "\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk longer than it says", CHUNKED .. "5\r\n123456\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk longer by LF", CHUNKED .. "5\r\n12345\n\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk that ends with LF alone", CHUNKED .. "5\r\n12345\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk of 2^32", CHUNKED .. "100000000\r\n12345\r\n", "BAD_RESPONSE" },
  { "a chunk of 2^63", CHUNKED .. "8000000000000000\r\n12345\r\n", "BAD_RESPONSE" },
  { "a chunk of 2^64 and 5", CHUNKED .. "10000000000000005\r\n12345\r\n0\r\n\r\n", "BAD_RESPONSE" },
  { "a chunk above the most", CHUNKED .. "3e9\r\n" .. ("x"):rep(1001) .. "\r\n0\r\n\r\n", "TOO_LARGE" },
  { "chunks above the most", CHUNKED .. ("64\r\n" .. ("x"):rep(100) .. "\r\n"):rep(11) .. "0\r\n\r\n", "TOO_LARGE" },
  { "no length, above the most", lines(OK) .. ("x"):rep(1001), "TOO_LARGE" },
  { "300 headers", OK .. "\r\n" .. ("X: y\r\n"):rep(300) .. "\r\n", "TOO_LARGE" },
  { "100 KB of headers", OK .. "\r\n" .. ("X: " .. ("y"):rep(1000) .. "\r\n"):rep(100) .. "\r\n", "TOO_LARGE" },
  { "a header of 70 KB", OK .. "\r\nX: " .. ("y"):rep(70000) .. "\r\n\r\n", "TOO_LARGE" },
  { "a header without an end", OK .. "\r\nX: " .. ("y"):rep(70000), "TOO_LARGE" },
  { "interim answers without an end", lines("HTTP/1.1 100 Continue"):rep(100), "TOO_LARGE" },
  { "interim answers of 64 KB", lines("HTTP/1.1 103 Early", "X: " .. ("y"):rep(30000)):rep(3), "TOO_LARGE" },
  { "300 trailers", CHUNKED .. "0\r\n" .. ("X: y\r\n"):rep(300) .. "\r\n", "TOO_LARGE" },
  { "a trailer of 70 KB", CHUNKED .. "0\r\nX: " .. ("y"):rep(70000) .. "\r\n\r\n", "TOO_LARGE" },
}

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
    it(row[1] .. " is " .. row[3], function()
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

  -- Each of these made a naive reader take time by the square or the cube of the bytes.
  for _, row in ipairs {
    { "a header of spaces", OK .. "\r\nX: a" .. (" "):rep(60000) .. "b\r\n\r\n", "TRUNCATED" },
    { "a length of zeros", lines(OK, "Content-Length: " .. ("0"):rep(60000) .. "x"), "BAD_RESPONSE" },
    { "chunk sizes of zeros", CHUNKED .. ("0"):rep(1000) .. "\n", "BAD_RESPONSE" },
    { "a line of 64 KB in bytes", OK .. "\r\nX: " .. ("y"):rep(60000), "TRUNCATED" },
  } do
    it("is not slow to look at: " .. row[1], function()
      local pieces = bytes(row[2])
      local start = os.clock()
      local _, code = http1.read(feed(row[1]:find "bytes" and pieces or { row[2] }), MOST)
      assert.is_true(os.clock() - start < 0.5)
      if row[3] ~= "TRUNCATED" then
        assert.equal(row[3], code)
      end
    end)
  end

  it("of many chunks in one piece is not slow to look at", function()
    local start = os.clock()
    local answer = http1.read(feed { CHUNKED .. ("1\r\nx\r\n"):rep(100000) .. "0\r\n\r\n" }, 100000)
    assert.equal(100000, #answer.body)
    assert.is_true(os.clock() - start < 2)
  end)

  it("never makes it raise, whatever the bytes", function()
    local words = {
      "HTTP/1.1 ", "200", " OK", "\r\n", "\n", "\r", ":", "Content-Length", "Transfer-Encoding", "chunked",
      "0", "5", "ffffffff", ";", " ", "\t", "\0", "x", "\255", "100", "\r\n\r\n",
    }
    local seed = 7
    local function random(most)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return math.floor(seed / 65536) % most + 1
    end
    local codes = { TOO_LARGE = true, BAD_RESPONSE = true, TRUNCATED = true, CONNECTION_LOST = true }
    for _ = 1, 20000 do
      local parts = { random(3) > 1 and OK .. "\r\n" or nil }
      for _ = 1, random(12) do
        parts[#parts + 1] = words[random(#words)]
      end
      local answer, code = http1.read(feed(random_pieces(table.concat(parts), random(1000))), MOST)
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
