-- tlsserver_answers.lua - what the server of the HTTP specs answers, by path; runs in nginx
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local path = ngx.var.uri
local head = ngx.req.raw_header()
ngx.req.read_body()
local body = ngx.req.get_body_data() or ""

local log = io.open(ngx.var.spec_log, "a")
log:write(("%s %s %s %s %s %d\n"):format(ngx.req.get_method(), ngx.var.request_uri, ngx.var.connection,
  ngx.var.connection_requests, ngx.var.ssl_session_reused or ".", #body))
log:close()

-- Bytes as they are, then the end of the connection.
local function raw(...)
  local socket = assert(ngx.req.socket(true))
  for _, text in ipairs { ... } do
    assert(socket:send(text))
  end
  ngx.exit(ngx.OK)
end

local function plain(text)
  ngx.header["Content-Type"] = "text/plain"
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

local kilobyte = ("x"):rep(1024)

local answers = {
  ok = function()
    plain('{"ok":true}')
  end,
  echo = function()
    plain(head .. body)
  end,
  stall = function()
    ngx.sleep(60)
  end,
  slowly = function() -- begins at once, ends never
    ngx.header["Content-Length"] = 10
    ngx.print("12345")
    ngx.flush(true)
    ngx.sleep(60)
  end,
  meet = function() -- answers when eight have asked, who must do so at the same time
    local met = package.loaded.met or { count = 0 }
    package.loaded.met = met
    met.count = met.count + 1
    local all = math.ceil(met.count / 8) * 8
    while met.count < all do
      ngx.sleep(0.01)
    end
    plain("met")
  end,
  empty = function()
    plain("")
  end,
  nothing = function()
    ngx.status = 204
  end,
  error500 = function()
    ngx.status = 500
    plain("broken")
  end,
  big = function() -- 10 MiB, chunked
    for _ = 1, 10 do
      ngx.print(kilobyte:rep(1024))
      ngx.flush(true)
    end
  end,
  manyheaders = function()
    local lines = {}
    for i = 1, 300 do
      lines[i] = ("X-%d: y\r\n"):format(i)
    end
    raw("HTTP/1.1 200 OK\r\n", table.concat(lines), "Content-Length: 0\r\n\r\n")
  end,
  hundredheaders = function()
    local lines = {}
    for i = 1, 100 do
      lines[i] = ("X-%d: y\r\n"):format(i)
    end
    raw("HTTP/1.1 200 OK\r\n", table.concat(lines), "Content-Length: 0\r\n\r\n")
  end,
  hugeheaders = function()
    local lines = {}
    for i = 1, 100 do
      lines[i] = ("X-%d: %s\r\n"):format(i, kilobyte)
    end
    raw("HTTP/1.1 200 OK\r\n", table.concat(lines), "Content-Length: 0\r\n\r\n")
  end,
  hugeline = function()
    raw("HTTP/1.1 200 OK\r\nX-Long: ", kilobyte:rep(1024), "\r\n\r\n")
  end,
  truncated = function()
    raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345")
  end,
  chunkcut = function()
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n12345")
  end,
  chunkbad = function()
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n12345\r\n")
  end,
  chunkhuge = function()
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8000000000000000\r\n12345\r\n")
  end,
  halfstatus = function()
    raw("HTTP/1.1 2")
  end,
  halfhead = function()
    raw("HTTP/1.1 200 OK\r\nContent-Le")
  end,
  noblank = function()
    raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")
  end,
  untilclose = function()
    raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwhole")
  end,
  reset = function()
    ngx.exit(444)
  end,
  fin = function()
    raw("")
  end,
  closereused = function() -- the first request on a connection is answered, the next one never
    if tonumber(ngx.var.connection_requests) > 1 then
      ngx.exit(444)
    end
    plain("first")
  end,
  gzip = function()
    ngx.header["Content-Encoding"] = "gzip"
    plain("\31\139 not really")
  end,
  identity = function()
    ngx.header["Content-Encoding"] = "identity"
    plain("as it is")
  end,
  gzipchunks = function()
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
  end,
  redirect = function()
    ngx.header["Location"] = "/ok"
    ngx.status = 302
    plain("elsewhere")
  end,
  http09 = function()
    raw("hello\n")
  end,
  http2 = function()
    raw("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n")
  end,
  http10 = function()
    raw("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold")
  end,
  status99 = function()
    raw("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n")
  end,
  status777 = function()
    raw("HTTP/1.1 777 Odd\r\nContent-Length: 0\r\n\r\n")
  end,
  nocolon = function()
    raw("HTTP/1.1 200 OK\r\nnot a header\r\nContent-Length: 0\r\n\r\n")
  end,
  folded = function()
    raw("HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n")
  end,
  nul = function()
    raw("HTTP/1.1 200 OK\r\nX-A: 1\0002\r\nContent-Length: 0\r\n\r\n")
  end,
  interim = function()
    raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" ..
      "HTTP/1.1 200 OK\r\nX-Late: 1\r\nContent-Length: 2\r\n\r\nok")
  end,
  interimcut = function()
    raw("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
  end,
  switching = function()
    raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nbytes")
  end,
  trailers = function()
    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Late: 1\r\n\r\n")
  end,
  repeated = function()
    raw("HTTP/1.1 200 OK\r\nX-Twice: one\r\nx-twice:   two  \r\nX-Empty:\r\nContent-Length: 0\r\n\r\n")
  end,
  drip = function()
    ngx.header["Content-Length"] = 1000
    for _ = 1, 1000 do
      ngx.print("x")
      if not ngx.flush(true) then
        return
      end
      ngx.sleep(0.2)
    end
  end,
  nap = function()
    ngx.sleep(0.3)
    plain("rested")
  end,
}

local answer = answers[path:sub(2)]
if answer then
  return answer()
end
ngx.status = 404
plain("no such behaviour")
