-- http_spec.lua - the transport over libcurl, against a real server over TLS
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local fault_process = require "spec.support.fault_process"
local http = require "aliyun.sas.http"
local needing = require "spec.support.needing"
local proxy = require "spec.support.proxy"
local system = require "aliyun.sas.system"
local tlsserver = require "spec.support.tlsserver"
local wire = require "spec.support.wire_cases"

local secrets = { canary.accessKeySecret, canary.accessToken, canary.securityToken }

describe("aliyun.sas.http", function()
  local server, reason, handle

  setup(function()
    server, reason = tlsserver.start()
  end)

  teardown(function()
    if server then
      server:stop()
    end
  end)

  before_each(function()
    handle = http.new { proxy = false, caFile = server and server.caFile }
  end)

  after_each(function()
    handle:close()
  end)

  local it_over_tls = needing({ it = it, pending = pending }, function()
    if server then
      server:mark()
    end
    return server, reason
  end)

  local function request(path, changes)
    local made = {
      method = "POST", scheme = "https", host = "localhost", port = server and server.port.good, path = "/" .. path,
      connectTimeout = 60, timeout = 60, headers = {},
    }
    for key, value in pairs(changes or {}) do
      made[key] = value
    end
    return made
  end

  local function secret_request(path, changes)
    local made = request(path, {
      query = "access_token=" .. canary.accessToken,
      headers = { authorization = canary.accessKeySecret, ["x-token"] = canary.securityToken },
      body = canary.accessKeySecret,
    })
    for key, value in pairs(changes or {}) do
      made[key] = value
    end
    return made
  end

  -- Every failure has this form, and holds no secret.
  local function failed(outcome, code, sent)
    assert.equal(code, outcome.code)
    assert.equal(sent, outcome.sent)
    assert.equal("string", type(outcome.message))
    assert.is_true(#outcome.message > 0 and #outcome.message <= 400)
    local allowed = { code = true, sent = true, message = true }
    for key in pairs(outcome) do
      assert.is_true(allowed[key], "field " .. key)
    end
    for _, secret in ipairs(secrets) do
      assert.is_nil(outcome.message:find(secret, 1, true))
    end
    assert.is_nil(outcome.message:find("?", 1, true) and outcome.message:find("access_token", 1, true))
    return outcome.message
  end

  local function answered(outcome, status)
    assert.equal(nil, outcome.code, outcome.message)
    assert.is_true(outcome.sent)
    assert.equal(status, outcome.status)
    assert.equal("table", type(outcome.headers))
    assert.equal("string", type(outcome.body))
    return outcome
  end

  describe("settings", function()
    local rows = {
      { "an unknown one", { verify = false }, "unknown setting" },
      { "one in the wrong spelling", { cafile = "x" }, "unknown setting" },
      { "a number as a name", { "x" }, "names of settings" },
      { "a caFile that is no string", { caFile = 42 }, "caFile must be a string" },
      { "a caFile with a NUL", { caFile = "a\0b" }, "caFile holds a control character" },
      { "an empty caFile", { caFile = "" }, "caFile must have" },
      { "a userAgent with a line break", { userAgent = "a\r\nx: y" }, "userAgent holds a control character" },
      { "a userAgent that is too long", { userAgent = ("x"):rep(5000) }, "userAgent must have" },
      { "proxy = true", { proxy = true }, "proxy must be" },
      { "a proxy over SOCKS", { proxy = "socks5://" .. canary.accessToken .. "@h:1" }, "proxy must be" },
      { "a proxy without a scheme", { proxy = "h:3128" }, "proxy must be" },
      { "a proxy that is a table", { proxy = {} }, "proxy must be" },
    }
    for _, row in ipairs(rows) do
      it("refuse " .. row[1], function()
        local good, message = pcall(http.new, row[2])
        assert.is_false(good)
        assert.is_truthy(message:find(row[3], 1, true), message)
        assert.is_nil(message:find(canary.accessToken, 1, true))
      end)
    end

    it("must be a table", function()
      for _, wrong in ipairs { "x", 42, true } do
        assert.has_error(function()
          http.new(wrong)
        end)
      end
      http.new():close()
      http.new(nil):close()
    end)
  end)

  -- These never reach libcurl, so they need no server.
  describe("a request", function()
    local rows = {
      { "no table", "request", 42 },
      { "method missing", "request.method", { method = false } },
      { "method in lower case", "request.method", { method = "post" } },
      { "method with a line break", "request.method", { method = "POST /x HTTP/1.1\r\n" } },
      { "scheme of another kind", "request.scheme", { scheme = "ftp" } },
      { "scheme file", "request.scheme", { scheme = "file" } },
      { "host missing", "request.host", { host = false } },
      { "host empty", "request.host", { host = "" } },
      { "host with a NUL", "request.host", { host = "localhost\0.evil.example" } },
      { "host with user-info", "request.host", { host = "user@localhost" } },
      { "host with a port", "request.host", { host = "localhost:443" } },
      { "host with a path", "request.host", { host = "localhost/x" } },
      { "host with a space", "request.host", { host = "local host" } },
      { "host with a line break", "request.host", { host = "localhost\r\nx: y" } },
      { "host with a dot too many", "request.host", { host = "local..host" } },
      { "host ending in a dot", "request.host", { host = "localhost." } },
      { "host too long", "request.host", { host = ("a."):rep(127) .. "ab" } },
      { "host that is not ASCII", "request.host", { host = "b\195\188cher.example" } },
      { "host with a zone", "request.host", { host = "fe80::1%eth0" } },
      { "port 0", "request.port", { port = 0 } },
      { "port 65536", "request.port", { port = 65536 } },
      { "port with a fraction", "request.port", { port = 1.5 } },
      { "port as text", "request.port", { port = "443" } },
      { "port NaN", "request.port", { port = 0 / 0 } },
      { "path without a slash", "request.path", { path = "x" } },
      { "path with a query", "request.path", { path = "/x?y" } },
      { "path with a line break", "request.path", { path = "/ HTTP/1.1\r\nx: y" } },
      { "path with a space", "request.path", { path = "/a b" } },
      { "query with a fragment", "request.query", { query = "a#b" } },
      { "query with a NUL", "request.query", { query = "a\0b" } },
      { "query that is not ASCII", "request.query", { query = "a=\228" } },
      { "query that is too long", "request.query", { query = ("x"):rep(1024 * 1024) } },
      { "query that is a table", "request.query", { query = {} } },
      { "headers that are text", "request.headers", { headers = "x: y" } },
      { "a header without a name", "request.headers", { headers = { "x: y" } } },
      { "a header that is a number", "request.headers", { headers = { x = 42 } } },
      { "a header name in upper case", "request.headers", { headers = { ["X-A"] = "y" } } },
      { "a header name with a colon", "request.headers", { headers = { ["x: y\r\nz"] = "y" } } },
      { "a header name that is empty", "request.headers", { headers = { [""] = "y" } } },
      { "a header with CR and LF", 'request.headers["x-a"]', { headers = { ["x-a"] = "y\r\nz: 1" } } },
      { "a header with LF", 'request.headers["x-a"]', { headers = { ["x-a"] = "y\nz: 1" } } },
      { "a header with NUL", 'request.headers["x-a"]', { headers = { ["x-a"] = "y\0z" } } },
      { "a header with space around", 'request.headers["x-a"]', { headers = { ["x-a"] = " y" } } },
      { "a header that is reserved", 'request.headers["transfer-encoding"]',
        { headers = { ["transfer-encoding"] = "chunked" } } },
      { "a length that is a lie", 'request.headers["content-length"]',
        { headers = { ["content-length"] = "5" }, body = "1234" } },
      { "a header too long", "request.headers", { headers = { ["x-a"] = ("y"):rep(20000) } } },
      { "a body that is a number", "request.body", { body = 42 } },
      { "a body with GET", "request.body", { method = "GET", body = "x" } },
      { "timeout 0", "request.timeout", { timeout = 0 } },
      { "timeout below 0", "request.timeout", { timeout = -1 } },
      { "timeout NaN", "request.timeout", { timeout = 0 / 0 } },
      { "timeout without an end", "request.timeout", { timeout = math.huge } },
      { "timeout as text", "request.timeout", { timeout = "5" } },
      { "connectTimeout 0", "request.connectTimeout", { connectTimeout = 0 } },
      { "maxBody 0", "request.maxBody", { maxBody = 0 } },
      { "maxBody beyond all", "request.maxBody", { maxBody = 2 ^ 40 } },
      { "fresh as text", "request.fresh", { fresh = "yes" } },
    }
    for _, row in ipairs(rows) do
      it("is refused with " .. row[1], function()
        local asked = row[3]
        if type(asked) == "table" then
          asked = request("ok", asked)
          for key, value in pairs(asked) do
            if value == false then
              asked[key] = nil
            end
          end
        end
        local message = failed(handle:send(asked), "INVALID_REQUEST", false)
        assert.is_truthy(message:find(row[2], 1, true), message)
      end)
    end

    it("is refused with too many headers", function()
      local headers = {}
      for i = 1, 65 do
        headers["x-" .. i] = "y"
      end
      failed(handle:send(request("ok", { headers = headers })), "INVALID_REQUEST", false)
    end)

    it("is refused without its values in the message", function()
      for _, field in ipairs { "method", "scheme", "host", "path", "query" } do
        local bad = request("ok", { [field] = canary.accessKeySecret .. "\n" })
        failed(handle:send(bad), "INVALID_REQUEST", false)
      end
      failed(handle:send(request("ok", { headers = { ["x-a"] = canary.accessKeySecret .. "\r" } })),
        "INVALID_REQUEST", false)
      failed(handle:send(request("ok", { headers = { [canary.accessKeySecret] = "x" } })), "INVALID_REQUEST", false)
    end)

    it("is read without its metamethods", function()
      local trap = setmetatable({}, {
        __index = function()
          error("called")
        end,
      })
      failed(handle:send(trap), "INVALID_REQUEST", false)
    end)

    for _, host in ipairs { "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.2", "010.1.2.3", "0x7f.1" } do
      it("is refused to " .. host .. ", which not everybody reads alike", function()
        failed(handle:send(request("ok", { scheme = "http", host = host })), "INVALID_REQUEST", false)
        failed(handle:send(request("ok", { host = host })), "INVALID_REQUEST", false)
      end)
    end

    for _, host in ipairs { "example.com", "10.0.0.1", "128.0.0.1", "localhost.evil.example", "::2",
      "::ffff:10.0.0.1", "0.0.0.0" } do
      it("over plain http is refused to " .. host, function()
        failed(handle:send(request("ok", { scheme = "http", host = host })), "FORBIDDEN_ADDRESS", false)
      end)
    end
  end)

  describe("the server gives", function()
    for _, row in ipairs(wire.outcomes) do
      it_over_tls(row[1], function()
        if row[3] and row[3].timeout then -- the time is for the answer, not for the connection
          answered(handle:send(request "ok"), 200)
          server:mark()
        end
        local before = system.monotonic()
        local outcome = handle:send(secret_request(row[2], row[3]))
        assert.is_true(system.monotonic() - before < wire.MOST)
        if type(row[4]) == "number" then
          answered(outcome, row[4])
        else
          failed(outcome, row[4], true)
        end
        assert.equal(1, #server:seen())
        -- The handle is as good as before.
        answered(handle:send(request("ok", { fresh = true })), 200)
      end)
    end

    it_over_tls("a body up to maxBody, which is enough", function()
      assert.equal('{"ok":true}', answered(handle:send(request("ok", { maxBody = 11 })), 200).body)
      assert.equal(10 * 1024 * 1024, #answered(handle:send(request("big", { maxBody = 2 ^ 24 })), 200).body)
    end)

    it_over_tls("headers, in lower case and joined", function()
      local headers = answered(handle:send(request("repeated")), 200).headers
      assert.equal("one, two", headers["x-twice"])
      assert.equal("", headers["x-empty"])
      assert.equal("0", headers["content-length"])
    end)

    it_over_tls("headers of the last answer only", function()
      local outcome = answered(handle:send(request("interim")), 200)
      assert.equal("1", outcome.headers["x-late"])
      assert.is_nil(outcome.headers["x-early"])
      assert.equal("ok", outcome.body)
      outcome = answered(handle:send(request("trailers", { fresh = true })), 200)
      assert.is_nil(outcome.headers["x-late"])
    end)
  end)

  describe("nothing is sent to", function()
    for _, row in ipairs(wire.connections) do
      it_over_tls(row[1], function()
        local before = system.monotonic()
        local asked = secret_request("ok", {
          port = server.port[row[2]], connectTimeout = row[4],
        })
        failed(handle:send(asked), row[3], false)
        assert.is_true(system.monotonic() - before < wire.MOST)
        assert.equal(0, #server:seen())
      end)
    end

    it_over_tls("an address that is not in the certificate", function()
      answered(handle:send(request("ok", { host = "127.0.0.1" })), 200)
      server:mark()
      failed(handle:send(secret_request("ok", { host = "127.0.0.2", port = server.port.closed })),
        "COULDNT_CONNECT", false)
    end)

    it_over_tls("a server that only the system's authorities could vouch for", function()
      local strict = http.new { proxy = false }
      failed(strict:send(secret_request "ok"), "TLS_CERTIFICATE", false)
      strict:close()
      assert.equal(0, #server:seen())
    end)

    for _, file in ipairs { "missing.crt", "empty.crt", "garbage.crt", "" } do
      it_over_tls("anybody with the CA file '" .. file .. "'", function()
        local strict = http.new { proxy = false, caFile = server.folder .. "/" .. file }
        failed(strict:send(secret_request("ok")), "CA_FILE", false)
        strict:close()
        assert.equal(0, #server:seen())
      end)
    end

    it("a host that has no address", function()
      local message = failed(handle:send(secret_request("ok", { host = "name.invalid" })), "COULDNT_RESOLVE_HOST",
        false)
      assert.is_truthy(message:find("name.invalid", 1, true))
    end)

    -- A network of its own, in which packets get lost: needs root and Linux.
    local function lost_network(line)
      return ("unshare -mn sh -c %s"):format(child.quote(
        "dir=$(mktemp -d) && echo nameserver 192.0.2.53 >$dir/resolv && " ..
        "mount --bind $dir/resolv /etc/resolv.conf && rm -rf $dir; " ..
        "ip link set lo up && ip route add 192.0.2.0/24 dev lo && " .. line))
    end

    for _, row in ipairs {
      { "a host whose name server is silent", "name.invalid", "TIMEOUT" },
      { "a host that does not answer", "192.0.2.1", "TIMEOUT" },
      { "a host that cannot be reached", "198.51.100.1", "COULDNT_CONNECT" },
    } do
      it(row[1], function()
        if child.run(lost_network("echo possible")) ~= "possible" then
          pending("needs root, and namespaces for mounts and networks")
          return
        end
        local text = child.run(lost_network(child.command("spec/support/ask.lua", "host=" .. row[2],
          "connectTimeout=0.7", "timeout=60")))
        local sent, code, seconds = text:match("(%S+)\t(%S+)\t(%S+)")
        assert.equal("false " .. row[3], tostring(sent) .. " " .. tostring(code), text)
        assert.is_true(tonumber(seconds) < wire.MOST)
      end)
    end
  end)

  describe("on the wire", function()
    local function echo(changes)
      return answered(handle:send(request("echo", changes)), 200).body
    end

    it_over_tls("stands what was given and nothing else", function()
      assert.equal("POST /echo HTTP/1.1\r\nHost: localhost:" .. server.port.good .. "\r\nContent-Length: 0\r\n\r\n",
        echo())
      assert.equal("GET /echo HTTP/1.1\r\nHost: localhost:" .. server.port.good .. "\r\n\r\n",
        echo { method = "GET" })
      assert.equal("PUT /echo HTTP/1.1\r\nHost: localhost:" .. server.port.good .. "\r\nContent-Length: 0\r\n\r\n",
        echo { method = "PUT" })
    end)

    it_over_tls("stands the host that was signed", function()
      assert.equal("POST /echo HTTP/1.1\r\nHost: tds.aliyuncs.com\r\nContent-Length: 0\r\n\r\n",
        echo { headers = { host = "tds.aliyuncs.com" } })
    end)

    it_over_tls("the path and the query are left as they are", function()
      local query = "a=%2f%2F&b=..%2e&c=+%20~*'()&&d==/../?x"
      assert.equal("POST /echo?" .. query, echo({ query = query }):match("^(.-) HTTP"))
      local target = answered(handle:send(request("", { path = "/a/../b/%2e/./c//" })), 404) and server:seen()[2].target
      assert.equal("/a/../b/%2e/./c//", target)
    end)

    it_over_tls("headers arrive once and whole", function()
      local text = echo { body = "k=v", headers = {
        ["content-type"] = "application/x-www-form-urlencoded", accept = "application/json", ["user-agent"] = "me/1",
        ["x-empty"] = "", ["x-utf8"] = "\228\184\173", ["content-length"] = "3", authorization = ("s"):rep(4000),
      } }
      for _, line in ipairs { "content-type: application/x-www-form-urlencoded", "accept: application/json",
        "user-agent: me/1", "x-empty:", "x-utf8: \228\184\173", "Content-Length: 3",
        "authorization: " .. ("s"):rep(4000) } do
        local _, count = text:gsub("\r\n" .. line:gsub("%-", "%%-") .. "\r\n", "%0")
        assert.equal(1, count, line)
      end
      local _, lines = text:gsub("\r\n", "")
      assert.equal(10, lines) -- the request line, Host, the seven, and the empty line
      assert.equal("k=v", text:sub(-3))
    end)

    it_over_tls("a body of any bytes arrives whole, without waiting for 100", function()
      local body = ("\0\r\n\255"):rep(500000)
      local text = echo { body = body }
      assert.equal(body, text:sub(-#body))
      assert.is_nil(text:lower():find("\r\nexpect", 1, true))
    end)

    it_over_tls("the handle's user agent stands in for a missing one", function()
      local named = http.new { proxy = false, caFile = server.caFile, userAgent = "aliyun-sas/9" }
      local text = answered(named:send(request("echo")), 200).body
      assert.is_truthy(text:find("\r\nuser-agent: aliyun-sas/9\r\n", 1, true))
      text = answered(named:send(request("echo", { headers = { ["user-agent"] = "mine" } })), 200).body
      assert.is_truthy(text:find("\r\nuser-agent: mine\r\n", 1, true))
      assert.is_nil(text:find("aliyun%-sas"))
      named:close()
    end)

    it_over_tls("nothing of one request is left in the next", function()
      echo { headers = { ["x-first"] = "1" }, query = "first", body = "first" }
      assert.is_nil(echo():find("first", 1, true))
    end)
  end)

  describe("connections", function()
    it_over_tls("are used again", function()
      answered(handle:send(request("ok")), 200)
      answered(handle:send(request("ok", { method = "GET" })), 200)
      local seen = server:seen()
      assert.equal(seen[1].connection, seen[2].connection)
      assert.equal(2, seen[2].nth)
    end)

    it_over_tls("are new when asked for, with the TLS session resumed", function()
      for _ = 1, 3 do
        answered(handle:send(request("ok", { fresh = true })), 200)
      end
      answered(handle:send(request("ok")), 200)
      local seen = server:seen()
      for i = 1, 4 do
        assert.equal(1, seen[i].nth)
        assert.equal(i > 1, seen[i].resumed)
      end
    end)

    it_over_tls("that die under a request do not make libcurl send it again", function()
      for _, method in ipairs { "POST", "GET", "PUT" } do
        local one = http.new { proxy = false, caFile = server.caFile }
        server:mark()
        answered(one:send(request("closereused", { method = method })), 200)
        failed(one:send(secret_request("closereused", { method = method, body = "" })),
          "CONNECTION_LOST", true)
        local seen = server:seen()
        assert.equal(2, #seen)
        assert.equal(2, seen[2].nth)
        one:close()
      end
    end)

    it_over_tls("that the server closed in between are not used", function()
      for _ = 1, 3 do
        answered(handle:send(request("ok", { port = server.port.impatient })), 200)
      end
      assert.equal(3, #server:seen())
    end)

    it_over_tls("belong to one handle", function()
      local other = http.new { proxy = false, caFile = server.caFile }
      answered(handle:send(request("ok")), 200)
      answered(other:send(request("ok")), 200)
      other:close()
      answered(handle:send(request("ok")), 200)
      local seen = server:seen()
      assert.are_not.equal(seen[1].connection, seen[2].connection)
      assert.equal(seen[1].connection, seen[3].connection)
    end)

    it_over_tls("and descriptors are all closed with the handle", function()
      local before = descriptors.settled()
      if before == 0 then
        pending("needs /proc")
        return
      end
      local many = {}
      for i = 1, 5 do
        many[i] = http.new { proxy = false, caFile = server.caFile }
        assert.is_true(i > 1 or descriptors.count() <= before) -- new opens nothing
        answered(many[i]:send(request("ok")), 200)
        many[i]:send(request("halfhead"))
        many[i]:send(request("ok", { port = server.port.hangup }))
      end
      assert.is_true(descriptors.count() > before)
      for i = 1, 4 do
        many[i]:close()
      end
      many = nil -- luacheck: ignore
      assert.is_true(descriptors.settled() <= before)
    end)

    it_over_tls("are not made without descriptors, and nothing crashes", function()
      for limit = 4, 12 do
        local text = child.run("ulimit -n " .. limit .. "; " .. child.command("spec/support/ask.lua",
          "host=127.0.0.1", "port=" .. server.port.good, "path=/ok", "caFile=" .. server.caFile, "connectTimeout=60") ..
          "; echo status $?")
        -- With very few, Lua cannot even load the module; that is a failure in order.
        local status = tonumber(text:match("status (%d+)$"))
        assert.is_true(status < 128 and status ~= 99, limit .. ": " .. text) -- no signal, no finding of valgrind
        local sent, code = text:match("(%S+)\t(%S+)\t%S+\n")
        assert.is_truthy(sent ~= "true" or code == "200", limit .. ": " .. text)
        assert.is_nil(text:find("Sanitizer", 1, true))
      end
    end)

    it_over_tls("are not inherited by programs that are started", function()
      answered(handle:send(request("ok")), 200)
      -- libcurl's own pair of local sockets may be there, but no connection.
      assert.equal("", child.run([[for link in /proc/self/fd/*; do readlink "$link"; done |
        sed -n 's/^socket:.\([0-9]*\).$/\1/p' | while read -r inode; do grep -w "$inode" /proc/net/tcp; done]]))
    end)
  end)

  describe("plain http", function()
    it_over_tls("reaches loopback hosts", function()
      for _, host in ipairs { "localhost", "127.0.0.1", "LOCALHOST" } do
        answered(handle:send(request("ok", { scheme = "http", host = host, port = server.port.plain })), 200)
      end
      failed(handle:send(request("ok", { scheme = "http", host = "::1", port = server.port.plain })),
        "COULDNT_CONNECT", false)
      failed(handle:send(request("ok", { scheme = "http", host = "127.0.0.2", port = server.port.closed })),
        "COULDNT_CONNECT", false)
    end)

    it_over_tls("to localhost goes nowhere else, whatever the name means", function()
      if child.run(("unshare -m true && echo possible")) ~= "possible" then
        pending("needs root, and namespaces for mounts")
        return
      end
      local text = child.run(("unshare -mn sh -c %s"):format(child.quote("ip link set lo up && " ..
        "ip addr add 192.0.2.7/32 dev lo && dir=$(mktemp -d) && echo 192.0.2.7 localhost >$dir/hosts && " ..
        "mount --bind $dir/hosts /etc/hosts && rm -rf $dir; " .. child.command("-e", [[
          local handle = require "aliyun.sas.http".new { proxy = false }
          local outcome = handle:send { method = "GET", scheme = "http", host = "localhost", port = 9 }
          print(outcome.sent, outcome.code)]]))))
      -- libcurl knows localhost without asking; either way nothing has gone to 192.0.2.7.
      assert.is_truthy(text == "false\tFORBIDDEN_ADDRESS" or text == "false\tCOULDNT_CONNECT", text)
    end)

    it_over_tls("never goes through a proxy", function()
      local through = http.new { proxy = "http://127.0.0.1:" .. server.port.plain }
      answered(through:send(request("ok", { scheme = "http", port = server.port.plain })), 200)
      through:close()
    end)
  end)

  describe("a proxy", function()
    local proxied

    after_each(function()
      if proxied then
        proxied:stop()
      end
      proxied = nil
    end)

    -- A test through a proxy that does as the name says.
    local function it_through(what, name, test)
      it_over_tls(name, function()
        local why
        proxied, why = proxy.start(what)
        if not proxied then
          pending(why)
          return
        end
        local one = http.new {
          caFile = server.caFile, proxy = "http://user:" .. canary.accessToken .. "@127.0.0.1:" .. proxied.port,
        }
        test(one)
        one:close()
      end)
    end

    it_through("tunnel", "sees where to, and nothing of the request", function(one)
      answered(one:send(secret_request("ok", { method = "POST" })), 200)
      local headers = answered(one:send(secret_request("ok", { fresh = true })), 200).headers
      assert.is_nil(headers["x-proxy"])
      assert.equal(2, #server:seen())
      local seen = proxied:seen()
      for _, secret in ipairs(secrets) do
        assert.is_nil(seen:find(secret, 1, true))
      end
      local place = "localhost:" .. server.port.good
      seen = seen:gsub("Proxy%-Authorization: Basic [%w+/=]+\r\n", "")
      assert.equal(("CONNECT " .. place .. " HTTP/1.1\r\nHost: " .. place ..
        "\r\nProxy-Connection: Keep-Alive\r\n\r\n"):rep(2), seen)
    end)

    it_through("tunnel", "does not stand in for the server's certificate", function(one)
      failed(one:send(secret_request("ok", { port = server.port.wrongname })), "TLS_CERTIFICATE", false)
      assert.equal(0, #server:seen())
    end)

    for _, row in ipairs {
      { "407", "that wants a password", "PROXY_REFUSED" },
      { "403", "that forbids", "PROXY_REFUSED" },
      { "502", "that answers 502", "PROXY" },
      { "302", "that redirects", "PROXY" },
      { "close", "that closes", "PROXY" },
      { "hang", "that hangs", "TIMEOUT" },
    } do
      it_through(row[1], row[2] .. " means that nothing was sent", function(one)
        local before = system.monotonic()
        failed(one:send(secret_request("ok", { connectTimeout = row[3] == "TIMEOUT" and 0.7 or nil })), row[3], false)
        assert.is_true(system.monotonic() - before < wire.MOST)
        assert.equal(0, #server:seen())
        for _, secret in ipairs(secrets) do
          assert.is_nil(proxied:seen():find(secret, 1, true))
        end
      end)
    end

    it_over_tls("that is not there, or is none, means that nothing was sent", function()
      for _, row in ipairs { { "http", "closed", "COULDNT_CONNECT" }, { "http", "plain", "PROXY" },
        { "https", "expired", "TLS_CERTIFICATE" }, { "https", "plain", "TLS_HANDSHAKE" },
        { "https", "mute", "TIMEOUT" } } do
        local one = http.new { caFile = server.caFile, proxy = row[1] .. "://localhost:" .. server.port[row[2]] }
        failed(one:send(secret_request("ok", { connectTimeout = row[3] == "TIMEOUT" and 0.7 or nil })), row[3], false)
        one:close()
      end
      assert.equal(0, #server:seen())
    end)

    it_over_tls("without an address", function()
      local one = http.new { caFile = server.caFile, proxy = "http://name.invalid:3128" }
      failed(one:send(secret_request "ok"), "COULDNT_RESOLVE_PROXY", false)
      one:close()
    end)

    it_over_tls("comes from the environment, unless it is switched off", function()
      local function ask(environment)
        local text = child.run(environment .. " " .. child.command("spec/support/ask.lua", "host=localhost",
          "port=" .. server.port.good, "path=/ok", "caFile=" .. server.caFile))
        return text:match("^%S+\t(%S+)")
      end
      local variable = "HTTPS_PROXY=http://127.0.0.1:" .. server.port.plain
      assert.equal("200", ask("HTTPS_PROXY= "))
      assert.equal("PROXY", ask("NO_PROXY= " .. variable))
      assert.equal("200", ask("NO_PROXY=localhost " .. variable))
    end)
  end)

  describe("a handle", function()
    it_over_tls("answers CLOSED after close", function()
      answered(handle:send(request("ok")), 200)
      handle:close()
      handle:close()
      failed(handle:send(request("ok")), "CLOSED", false)
      failed(handle:send(42), "CLOSED", false)
      assert.equal(1, #server:seen())
    end)

    it("says what it is, and no secret", function()
      local one = http.new { proxy = "http://user:" .. canary.accessToken .. "@h:1", userAgent = "x" }
      assert.equal("aliyun.sas.http handle (open)", tostring(one))
      one:close()
      assert.equal("aliyun.sas.http handle (closed)", tostring(one))
      assert.is_truthy(http.version():find("^libcurl/%d"))
    end)

    it("is closed at the end of its block on Lua 5.4", function()
      if _VERSION ~= "Lua 5.4" then
        pending("needs Lua 5.4")
        return
      end
      local use = assert(load([[
        local http = ...
        local kept
        do
          local handle <close> = http.new {}
          kept = handle
        end
        return kept:send({}).code]]))
      assert.equal("CLOSED", use(http))
    end)

    it("is not taken for another thing", function()
      for _, wrong in ipairs { {}, "x", 42, io.stdout, http } do
        assert.has_error(function()
          handle.send(wrong, {})
        end)
        assert.has_error(function()
          handle.close(wrong)
        end)
      end
      assert.has_error(function()
        handle.send()
      end)
      assert.is_nil(handle.anything)
      assert.has_error(function()
        handle.anything = 1
      end)
    end)

    it_over_tls("can be used in a coroutine and while things are collected", function()
      local status
      coroutine.wrap(function()
        status = handle:send(request("ok")).status
      end)()
      assert.equal(200, status)
      if _VERSION == "Lua 5.1" then
        return -- tables have no __gc there
      end
      local inner
      setmetatable({}, {
        __gc = function()
          inner = handle:send(request("ok")).status
        end,
      })
      collectgarbage()
      collectgarbage()
      assert.equal(200, inner)
    end)

    it_over_tls("is left alone in a forked child, and the parent's connection lives on", function()
      for _, row in ipairs {
        { "use", "parent\t200\nchild\t200\nchild\t200\nchild ended\t0\nparent\t200", 4 },
        { "close", "parent\t200\nchild ended\t0\nchild ended\t0\nparent\t200", 2 },
        { "sockets", "parent\t200\nchild sockets\t0\nchild ended\t0", 1 },
      } do
        local command, why = child.luajit_command("spec/support/forked.lua", row[1], server.port.good, server.caFile)
        if not command then
          pending(why)
          return
        end
        server:mark()
        assert.equal(row[2], child.run(command))
        local seen = server:seen()
        assert.equal(row[3], #seen)
        if row[3] > 1 then
          assert.equal(seen[1].connection, seen[#seen].connection)
          assert.equal(2, seen[#seen].nth)
        end
      end
    end)

    it_over_tls("leaves the signal mask and a waiting SIGPIPE as they were", function()
      local command, why = child.luajit_command("spec/support/forked.lua", "sigpipe", server.port.good, server.caFile)
      if not command then
        pending(why)
        return
      end
      assert.equal("parent\t200\nblocked\t0\tpending\t0\nblocked\t1\tpending\t1\nparent\t200\nblocked\t1\tpending\t1",
        child.run(command))
    end)
  end)

  it_over_tls("works with a libcurl that is older at run time than the one that it was built with", function()
    local shim, why = fault_process.shim "-DFAULT_CURL"
    if not shim then
      pending(why)
      return
    end
    local line = "LD_PRELOAD=" .. shim .. " " .. child.command("-e", ([[
      for _, scheme in ipairs { "https", "http" } do
        -- one each, since newer libcurls ask for plain http on a connection over TLS that is there
        local handle = require "aliyun.sas.http".new { proxy = false, caFile = %q }
        local outcome = handle:send { method = "POST", scheme = scheme, plain = scheme == "http" or nil,
          host = "localhost", port = %d, path = "/ok" }
        print(outcome.status or outcome.code)
      end]]):format(server.caFile, server.port.good))
    local text = child.run(line)
    os.remove(shim)
    assert.equal("200\n400", text) -- nginx's answer to plain HTTP
  end)

  it("exports what is documented and nothing else", function()
    local names = {}
    for name in pairs(http) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.equal("_VERSION new version", table.concat(names, " "))
  end)
end)
