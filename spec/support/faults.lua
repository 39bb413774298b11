-- faults.lua - the one table of what can go wrong between a call and its answer, and what the call must come to
-- SPDX-License-Identifier: MIT
--
-- Each row has an `id` (several rows may be forms of one fault; T.. are TLS failures without a number of their own),
-- the `fault` in words, and one of
--
--   on = "tls" ...      which spec plays it: spec/faults_<on>_spec.lua
--   elsewhere = FILE    where it is played instead, `test` is a part of the test's name; without it, it is still to
--                       be written
--   why = TEXT          why it is not played
--
-- A row that is played says what each class of call must come to: `expect` is { requests, kind } by class (kind "done":
-- there is a result), `code` the error's code or a list of codes, `sent` what the error says. `seen` is how many whole
-- requests the server must see for each one that the call made. `seconds` is how long an attempt must take and may take
-- (one is made then, with `retries` = 0); without it, it must be over long before any time limit. `says` is
-- part of the message. `classes` are the ones that are played, if not read, update and create. `with` and the other
-- fields are what the spec needs for the playing, and stand there.

local faults = {}

-- What a call comes to that meets the same failure each time, by class.
local function all(requests, kind)
  return {
    read = { requests, kind }, update = { requests, kind }, create = { requests, kind }, test = { requests, kind },
  }
end

local DONE = all(1, "done")
local AGAIN_DONE = all(2, "done")
local UNSENT, FINAL, STATE = all(3, "network"), all(1, "network"), all(0, "state")
local LOST = { read = { 3, "network" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" } }
local BROKEN = { read = { 2, "reply" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" } }
local FAILED = {
  read = { 3, "service" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" },
}
local PAGE5XX = {
  read = { 3, "reply" }, update = { 3, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" },
}
local REFUSED = all(1, "service")
local THROTTLED = {
  read = { 3, "service" }, update = { 3, "service" }, create = { 3, "service" }, test = { 1, "service" },
}
local CORRECTED = {
  read = { 2, "done" }, update = { 2, "done" }, create = { 2, "done" }, test = { 1, "service" },
}
local NONCE = {
  read = { 3, "service" }, update = { 1, "service" }, create = { 1, "unknown" }, test = { 1, "unknown" },
}
local REPLAYED = {
  read = { 3, "done" }, update = { 2, "unknown" }, create = { 1, "unknown" }, test = { 1, "unknown" },
}

faults.rows = {}

local function add(rows, common)
  for _, row in ipairs(rows) do
    for name, value in pairs(common) do
      if row[name] == nil then
        row[name] = value
      end
    end
    faults.rows[#faults.rows + 1] = row
  end
end

-- Before anything is sent ------------------------------------------------------------------

-- `now` is the client's clock, `openssl` the text of OPENSSL_CONF
local NO_PROVIDER = "openssl_conf = all\n[all]\nproviders = some\n[some]\nnull = one\n[one]\nactivate = 1\n"
local LAX = "openssl_conf = all\n[all]\nssl_conf = some\n[some]\nsystem_default = one\n[one]\n"
  .. "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n"

add({
  { id = "F01", fault = "a clock that shows 1970, which the service's answer corrects", now = 0, expect = CORRECTED,
    code = "InvalidTimeStamp.Expired", sent = true },
  { id = "F01", fault = "a clock that shows nothing", now = "nothing", expect = STATE, code = "NO_CLOCK",
    sent = false },
  { id = "F02", fault = "no random numbers", rand = true, expect = STATE, code = "NO_RANDOM_NUMBERS", sent = false },
  { id = "F03", fault = "a configuration of OpenSSL without anything", openssl = NO_PROVIDER, expect = STATE,
    code = "NO_RANDOM_NUMBERS", sent = false },
  { id = "F03", fault = "a configuration of OpenSSL without HMAC", openssl = NO_PROVIDER, nonce = "n", expect = STATE,
    code = "SIGNING_FAILED", sent = false },
}, { on = "process" })

add({
  { id = "F04", fault = "no memory while the request is built", elsewhere = "spec/memory_spec.lua",
    test = "is an error and loses nothing" },
  { id = "F05", fault = "the intent cannot be written", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "that cannot be written or read stops the create" },
  { id = "F06", fault = "the name is locked by another process", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "that another holds is waited for" },
}, {})

-- The name service -------------------------------------------------------------------------

-- `dns` is what the shim's getaddrinfo answers, one after the other; `server` what the name server in a network of its
-- own does
add({
  { id = "F07", fault = "a name that does not exist, says the library", dns = "noname", expect = UNSENT },
  { id = "F07", fault = "a name that does not exist, says the name server", server = "nxdomain", expect = UNSENT },
  { id = "F07", fault = "a name server that fails", server = "servfail", expect = UNSENT },
  { id = "F08", fault = "a name server that is silent", server = "silent", expect = UNSENT, seconds = 0.2,
    code = "TIMEOUT" },
  { id = "F09", fault = "a name server that fails once, then answers", dns = "again,a:127.0.0.1", apart = true,
    expect = AGAIN_DONE, requests = 1 },
  { id = "F12", fault = "a first address that refuses and a second that answers", dns = "a:127.0.0.9+127.0.0.1",
    expect = DONE, requests = 1 },
  { id = "F12", fault = "a first address that is silent and a second that answers", dns = "a:127.0.0.9+127.0.0.1",
    full = "127.0.0.9", classes = { "create" }, expect = DONE, requests = 1 },
  { id = "F12", fault = "two addresses that refuse", dns = "a:127.0.0.9+127.0.0.8", expect = UNSENT,
    code = "COULDNT_CONNECT" },
}, { on = "process", code = "COULDNT_RESOLVE_HOST", sent = false, requests = 0 })

add({
  { id = "F10", fault = "the name means a local address", why = "not part of the design: what a name may mean is not "
    .. "judged; the certificate says who is there" },
  { id = "F11", fault = "the name means a private address", why = "not part of the design, as the row before" },
}, {})

-- The connection ---------------------------------------------------------------------------

-- `with` is an act of wire.pl, or the port that is asked for
add({
  { id = "F13", fault = "a port where nobody listens", port = "closed", code = "COULDNT_CONNECT" },
  { id = "F14", fault = "a first packet without an answer", with = "full", code = "TIMEOUT", seconds = 0.3 },
  { id = "F16", fault = "a network that cannot be reached", host = "255.255.255.255", port = "good",
    code = "COULDNT_CONNECT" },
  { id = "F21", fault = "a connection that is closed when accepted", with = "close", code = "TLS_HANDSHAKE" },
  -- the reset may overtake libcurl's look at whether the connection has come about
  { id = "F21", fault = "a connection that is reset when accepted", with = "reset",
    code = { "TLS_HANDSHAKE", "COULDNT_CONNECT" } },
  { id = "F21", fault = "a connection that is closed after the hello", with = "hello-close", code = "TLS_HANDSHAKE" },
  { id = "T01", fault = "a reset in the handshake", with = "hello-reset", code = "TLS_HANDSHAKE" },
  { id = "F22", fault = "silence in the handshake", with = "hello-hang", code = "TIMEOUT", seconds = 0.3 },
  { id = "F22", fault = "a server that takes too long for its certificate", port = "mute", code = "TIMEOUT",
    seconds = 0.3 },
  { id = "T02", fault = "plain HTTP on the port", port = "http", code = "TLS_HANDSHAKE" },
  { id = "T02", fault = "another protocol on the port", with = "hello-text", code = "TLS_HANDSHAKE" },
  { id = "T03", fault = "garbage for a hello", with = "hello-garbage", code = "TLS_HANDSHAKE" },
  { id = "T04", fault = "an alert after the hello", with = "hello-alert", code = "TLS_HANDSHAKE" },
  { id = "T04", fault = "an alert of the server's own after the hello", port = "refusing", code = "TLS_HANDSHAKE" },
}, { on = "connect", expect = UNSENT, sent = false, seen = 0 })

add({
  { id = "F15", fault = "no descriptors are left", files = 0, expect = UNSENT, code = "COULDNT_CONNECT", sent = false },
  { id = "F32", fault = "TLS 1.0 only, on a system that would take it", openssl = LAX, port = "tls10" },
  { id = "F32", fault = "TLS 1.1 only, on a system that would take it", openssl = LAX, port = "tls11" },
}, { on = "process", expect = UNSENT, code = "TLS_HANDSHAKE", sent = false })

-- TLS --------------------------------------------------------------------------------------

add({
  { id = "F32", fault = "TLS 1.0 only", port = "tls10" },
  { id = "F32", fault = "TLS 1.1 only", port = "tls11" },
  { id = "F33", fault = "no common cipher: the server has only one that does not encrypt", port = "nullcipher" },
  { id = "F33", fault = "a Diffie-Hellman group of 1024 bits", port = "weakdh" },
  { id = "T05", fault = "a chain of 200 KiB", port = "large" },
}, { on = "tls", expect = UNSENT, code = "TLS_HANDSHAKE", sent = false, seen = 0 })

add({
  { id = "F33", fault = "RC4 or an EXPORT cipher only",
    why = "Debian's OpenSSL has none, so no server here can offer it" },
  { id = "F33", fault = "a Diffie-Hellman group of 512 bits", why = "OpenSSL 3 serves none below 1024 bits at any "
    .. "security level; the row of 1024 bits stands for it" },
}, {})

add({
  { id = "F24", fault = "a certificate signed by itself", port = "selfsigned",
    says = "an unknown authority" },
  { id = "F25", fault = "a certificate for another name", port = "wronghost" },
  { id = "F26", fault = "an address that is not in the certificate", port = "noaddress", host = "127.0.0.1" },
  { id = "F27", fault = "the right CN and another name in the SubjectAltName", port = "cnonly" },
  { id = "F28", fault = "a NUL behind the right name in the SubjectAltName", port = "nul" },
  { id = "F29", fault = "a certificate that has expired", port = "expired", says = "has expired" },
  { id = "F29", fault = "a certificate that is not valid yet", port = "future", says = "not valid yet" },
  { id = "F30", fault = "a chain that is valid up to a root nobody trusts", port = "stranger",
    says = "an unknown authority" },
  { id = "F30", fault = "a chain without its intermediate certificate", port = "missing",
    says = "an unknown authority" },
  { id = "F31", fault = "an issuer that is no authority", port = "noauthority" },
  { id = "F31", fault = "an authority that may not sign for this name", port = "limited" },
  { id = "F31", fault = "a certificate for clients", port = "forclients" },
  { id = "F31", fault = "a key that may not make a connection", port = "forlists" },
  { id = "F35", fault = "no CA file of ours, only the system's", port = "good", caFile = "(none)",
    says = "an unknown authority" },
  { id = "F35", fault = "a CA file of another authority", port = "good", caFile = "stranger.crt",
    says = "an unknown authority" },
  { id = "F35", fault = "a CA file that does not exist", port = "good", caFile = "nonexistent", code = "CA_FILE",
    says = "authorities cannot be used" },
  { id = "F35", fault = "an empty CA file", port = "good", caFile = "empty.crt", code = "CA_FILE",
    says = "authorities cannot be used" },
  { id = "F35", fault = "a CA file of garbage", port = "good", caFile = "garbage.crt", code = "CA_FILE",
    says = "authorities cannot be used" },
  { id = "F35", fault = "a folder for a CA file", port = "good", caFile = "", code = "CA_FILE",
    says = "authorities cannot be used" },
}, { on = "tls", expect = FINAL, code = "TLS_CERTIFICATE", says = "not valid for this host", sent = false, seen = 0 })

-- The proxy --------------------------------------------------------------------------------

-- `with` is what proxy.pl does
add({
  { id = "F17", fault = "a proxy that refuses the connection", port = "closed", code = "COULDNT_CONNECT",
    expect = UNSENT },
  { id = "F18", fault = "a proxy that wants a password", with = "407", code = "PROXY_REFUSED",
    expect = FINAL },
  { id = "F18", fault = "a proxy that forbids", with = "403", code = "PROXY_REFUSED", expect = FINAL },
  { id = "F18", fault = "a proxy that has no gateway", with = "502", expect = UNSENT },
  { id = "F18", fault = "a proxy that is not ready", with = "503", expect = UNSENT },
  { id = "F18", fault = "a proxy that redirects", with = "302", expect = UNSENT },
  { id = "F19", fault = "a proxy that closes", with = "close", expect = UNSENT },
  { id = "F19", fault = "a proxy that is silent", with = "hang", code = "TIMEOUT", seconds = 0.3, expect = UNSENT },
  { id = "F19", fault = "a proxy that speaks TLS where plain text is expected", port = "good", expect = UNSENT },
}, { on = "proxy", code = "PROXY", sent = false, seen = 0 })

-- The request on its way -------------------------------------------------------------------

add({
  { id = "F37", fault = "a reset while the request is written", with = "stuck 60000", large = true, least = 60000 },
  { id = "F37", fault = "a reset while the request is written over plain http",
    with = "stuck 60000", large = true, plain = true, least = 60000 },
  { id = "F38", fault = "half the request is read, then the connection is closed", with = "half-close" },
  { id = "F38", fault = "half the request is read over plain http, then the connection is closed",
    with = "half-close", plain = true },
  { id = "F38", fault = "half the request is read, then the connection is reset", with = "half-reset" },
  { id = "F39", fault = "half an answer, then a reset", with = "cut-answer", seen = 1 },
  { id = "F36", fault = "an alert behind the handshake, when the request has left", mutual = true },
}, { on = "wire", expect = LOST, code = "CONNECTION_LOST", sent = true, seen = 0 })

-- The answer -------------------------------------------------------------------------------

-- It ends the connection and says so: one that is used again would be lost, and counted.
local function answer(status, body, headers)
  local lines = { ("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n"):format(status, #body) }
  for _, line in ipairs(headers or {}) do
    lines[#lines + 1] = line .. "\r\n"
  end
  return { table.concat(lines) .. "\r\n" .. body }
end

-- `script` is played by the fault server; `growth` is how many KiB the process may grow by in a read and in a create
add({
  { id = "F39", fault = "the request is read, then a reset", script = { reset = true } },
  { id = "F40", fault = "the request is read, then an end", script = {} },
  { id = "F43", fault = "no answer", script = { silent = 60 }, code = "TIMEOUT", seconds = 0.5 },
  { id = "F43", fault = "interim answers and no other", script = { "HTTP/1.1 100 Continue\r\n\r\n", { sleep = 60 } },
    code = "TIMEOUT", seconds = 0.5 },
  { id = "F44", fault = "half a status line", script = { "HTTP/1.1 2" } },
}, { on = "wire", expect = LOST, code = "CONNECTION_LOST", sent = true, seen = 1 })

local LONG = { text = ("x"):rep(1024), times = 1024 }
local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
local HALF = { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345", { sleep = 0.3 } }

add({
  { id = "F45", fault = "half a header, which libcurl calls OK", script = { "HTTP/1.1 200 OK\r\nContent-Le" },
    code = "TRUNCATED" },
  { id = "F45", fault = "headers without an end, which libcurl calls OK",
    script = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" }, code = "TRUNCATED" },
  { id = "F46", fault = "a body that is cut", script = { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345" },
    code = "TRUNCATED" },
  { id = "F46", fault = "a body that is cut, and TLS with it", with = "end-answer", script = HALF, code = "TRUNCATED" },
  { id = "F46", fault = "a body that is cut by a reset", with = "reset-answer", script = HALF, code = "TRUNCATED" },
  { id = "F46", fault = "a body that is cut by a reset over plain http", with = "reset-answer", script = HALF,
    plain = true, code = "TRUNCATED" },
  { id = "F47", fault = "a chunk that is cut", script = { CHUNKED .. "10\r\n12345" }, code = "TRUNCATED" },
  { id = "F47", fault = "a chunk without a size", script = { CHUNKED .. "zz\r\n12345\r\n" },
    code = "BAD_RESPONSE" },
  { id = "F47", fault = "a chunk of 2^63 bytes", script = { CHUNKED .. "8000000000000000\r\n12345\r\n" },
    code = "BAD_RESPONSE" },
  { id = "F49", fault = "HTTP/0.9", script = { "hello\n" }, code = "BAD_RESPONSE" },
  { id = "F53", fault = "a chunked body of 64 MiB", code = "TOO_LARGE", growth = { 24 * 1024, 2048 },
    script = { CHUNKED .. "4000000\r\n", { text = ("x"):rep(65536), times = 1024 }, "\r\n0\r\n\r\n" } },
  { id = "F54", fault = "10 MB of headers", code = "TOO_LARGE", growth = { 4096, 4096 },
    script = { "HTTP/1.1 200 OK\r\n", { text = "X-A: " .. ("x"):rep(1000) .. "\r\n", times = 10000 }, "\r\n" } },
  { id = "F54", fault = "a header of 1 MiB", script = { "HTTP/1.1 200 OK\r\nX-A: ", LONG, "\r\n\r\n" },
    code = "TOO_LARGE", growth = { 4096, 4096 } },
  { id = "F55", fault = "a compressed body", code = "BAD_RESPONSE", growth = { 2048, 2048 },
    script = answer("200 OK", "\31\139\8\0" .. ("\0"):rep(10000), { "Content-Encoding: gzip" }) },
  { id = "F55", fault = "twenty encodings around each other", code = "BAD_RESPONSE",
    script = answer("200 OK", "x", { "Content-Encoding: " .. ("gzip, "):rep(19) .. "gzip" }) },
  { id = "F56", fault = "a redirect to the metadata service",
    script = answer("302 Found", "", { "Location: http://169.254.169.254/" }) },
  { id = "F56", fault = "a redirect to another host over https", elsewhere_unseen = true,
    script = answer("302 Found", "", { "Location: https://127.0.0.1:%d/" }) },
  { id = "F57", fault = "200 and a page", excerpt = "Welcome",
    script = answer("200 OK", "<html><title>Welcome</title>" .. ("sign in "):rep(200) .. "</html>") },
  { id = "F58", fault = "200 and {}", script = answer("200 OK", "{}") },
  { id = "F58", fault = "200 and []", script = answer("200 OK", "[]") },
  { id = "F58", fault = "200 and null", script = answer("200 OK", "null") },
  { id = "F58", fault = '200 and "x"', script = answer("200 OK", '"x"') },
  { id = "F58", fault = "200 and nothing", script = answer("200 OK", "") },
  { id = "F60", fault = "lists within lists, 33 deep",
    script = answer("200 OK", '{"RequestId":"r","X":' .. ("["):rep(33) .. ("]"):rep(33) .. "}") },
  { id = "F60", fault = "lists within lists, 1,000 deep",
    script = answer("200 OK", '{"RequestId":"r","X":' .. ("["):rep(1000) .. ("]"):rep(1000) .. "}") },
  { id = "F60", fault = "lists within lists, 1,000,000 deep", code = { "BAD_REPLY", "TOO_LARGE" },
    script = { "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n",
      { text = ("["):rep(1000), times = 1000 },
      { text = ("]"):rep(1000), times = 1000 } } },
  { id = "F61", fault = "bytes that are no UTF-8", script = answer("200 OK", '{"RequestId":"r","X":"\255\254"}') },
  { id = "F61", fault = "half a surrogate pair", script = answer("200 OK", '{"RequestId":"r","X":"\\ud800"}') },
  { id = "F61", fault = "a NUL", script = answer("200 OK", '{"RequestId":"r","X":"a\0b"}') },
  { id = "F61", fault = "an escaped NUL", script = answer("200 OK", '{"RequestId":"r","X":"a\\u0000b"}') },
  { id = "F62", fault = "a key that stands twice", script = answer("200 OK", '{"RequestId":"r","X":1,"X":2}') },
  { id = "F62", fault = "garbage behind the end", script = answer("200 OK", '{"RequestId":"r"}x') },
  { id = "F62", fault = "a byte order mark", script = answer("200 OK", '\239\187\191{"RequestId":"r"}') },
  { id = "F62", fault = "01 for a number", script = answer("200 OK", '{"RequestId":"r","X":01}') },
  { id = "F62", fault = "1. for a number", script = answer("200 OK", '{"RequestId":"r","X":1.}') },
  { id = "F62", fault = "NaN for a number", script = answer("200 OK", '{"RequestId":"r","X":NaN}') },
}, { on = "wire", expect = BROKEN, code = "BAD_REPLY", sent = true, seen = 1 })

add({
  { id = "F46", fault = "half a body and then nothing", code = "TIMEOUT",
    script = { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", { sleep = 60 } } },
  { id = "F51", fault = "a byte every 0.2 seconds", code = "TIMEOUT",
    script = { "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", { text = ("x"):rep(1000), pause = 0.2 } } },
}, { on = "wire", expect = LOST, sent = true, seen = 1, seconds = 0.5 })

add({
  { id = "F57", fault = "502 and a page", script = answer("502 Bad Gateway", "<html>Bad Gateway</html>") },
}, { on = "wire", expect = PAGE5XX, code = "BAD_REPLY", sent = true, seen = 1 })

-- Reads only: `value` is what the Id must be, as text.
local function with_id(text)
  return answer("200 OK", '{"RequestId":"r","ActionList":[{"Id":' .. text .. "}]}")
end

local function list_of(count)
  local head = '{"RequestId":"r","ActionList":['
  return {
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " .. #head + 9 * count + 1 .. "\r\n\r\n" .. head,
    { text = ('{"Id":1},'):rep(1000), times = count / 1000 - 1 }, ('{"Id":1},'):rep(999) .. '{"Id":1}]}',
  }
end

add({
  { id = "F63", fault = "the Id 2147483648", script = with_id "2147483648", value = "2147483648" },
  { id = "F63", fault = "the Id 2^53 + 1", script = with_id "9007199254740993", value = "9007199254740993" },
  { id = "F63", fault = "the Id 2^63 - 1", script = with_id "9223372036854775807", value = "9223372036854775807" },
  { id = "F63", fault = "the Id 2^63", script = with_id "9223372036854775808", value = "9223372036854775808" },
  { id = "F63", fault = "the Id -1", script = with_id "-1", value = "-1" },
  { id = "F63", fault = "the Id 1.5", script = with_id "1.5", value = "1.5" },
  { id = "F63", fault = "the Id 1e3", script = with_id "1e3", value = "1000" },
  { id = "F63", fault = 'the Id "12"', script = with_id '"12"', value = "12" },
  { id = "F64", fault = "a list of 60,000 entries", entries = 60000, growth = { 96 * 1024, 2048 },
    script = list_of(60000) },
}, { on = "wire", expect = DONE, seen = 1, classes = { "read" } })

add({
  { id = "F64", fault = "a list of 100,000 entries, more than is read", growth = { 96 * 1024, 2048 },
    script = list_of(100000) },
}, { on = "wire", expect = BROKEN, code = { "BAD_REPLY", "TOO_LARGE" }, sent = true, seen = 1 })

add({
  { id = "F64", fault = "lists that are missing, lie or do not end, page by page",
    elsewhere = "spec/chatbots_spec.lua", test = "refuses a list that does not add up:" },
}, {})

-- Connections that are used again; the playing stands in the spec.
add({
  { id = "F41", fault = "a reused connection ends when a request was read", reused = true },
  { id = "F42", fault = "the server closes idle connections between calls", idle = true },
}, { on = "reuse" })

-- What the service refuses -----------------------------------------------------------------

-- `play` is a list of faults of the emulator: { name, argument, count }; `made` is how many chatbots a create makes
local EVER = 100

add({
  { id = "F65", fault = "429 Throttling", play = { { "throttled", 20, EVER } }, expect = THROTTLED,
    code = "Throttling" },
  { id = "F65", fault = "400 Throttling.User", play = { { "throttleduser", 20, EVER } }, expect = THROTTLED,
    code = "Throttling.User" },
  { id = "F65", fault = "503 Throttling", play = { { "refusal", { code = "Throttling", status = 503 }, EVER } },
    expect = THROTTLED, code = "Throttling" },
  { id = "F66", fault = "500 after the work was done", play = { { "error500after", nil, EVER } }, expect = FAILED,
    code = "ServerError", made = 1 },
  { id = "F67", fault = "500 before the work was done", play = { { "error500", nil, EVER } }, expect = FAILED,
    code = "ServerError" },
  { id = "F67", fault = "503 ServiceUnavailable", play = { { "unavailable", nil, EVER } }, expect = FAILED,
    code = "ServiceUnavailable" },
  { id = "F69", fault = "a nonce that was used, at the first request",
    play = { { "refusal", { code = "SignatureNonceUsed", status = 400 }, EVER } }, expect = NONCE,
    code = "SignatureNonceUsed" },
  { id = "F69", fault = "a nonce that was used, after an answer that got lost",
    play = { { "lost" }, { "refusal", { code = "SignatureNonceUsed", status = 400 } } }, expect = REPLAYED, made = 1 },
  { id = "F70", fault = "a clock that is 20 minutes behind", advance = 1200, expect = CORRECTED,
    code = "InvalidTimeStamp.Expired" },
  { id = "F70", fault = "a clock that is 20 minutes ahead", ahead = 1200, expect = CORRECTED,
    code = "InvalidTimeStamp.Expired" },
  { id = "F71", fault = "403 NoPermission", play = { { "refusal", { code = "NoPermission", status = 403 }, EVER } },
    expect = REFUSED, code = "NoPermission" },
  { id = "F71", fault = "a signature that does not match, with the signed text in the answer", secret = "wrong",
    expect = REFUSED, code = "SignatureDoesNotMatch" },
  { id = "F40", fault = "an answer that gets lost after the work was done", play = { { "lost", nil, EVER } },
    expect = LOST, code = "CONNECTION_LOST", made = 1 },
  { id = "F40", fault = "a connection that ends before the work was done", play = { { "closed", nil, EVER } },
    expect = LOST, code = "CONNECTION_LOST" },
  { id = "F46", fault = "an answer that is cut after the work was done", play = { { "truncated", nil, EVER } },
    expect = BROKEN, code = "TRUNCATED", made = 1 },
  { id = "F43", fault = "no answer in time after the work was done", play = { { "silentafter", 60, EVER } },
    expect = LOST, code = "TIMEOUT", seconds = 0.5, made = 1 },
}, { on = "service", sent = true, seen = 1 })

-- Time, by a clock that the spec moves -----------------------------------------------------

-- `wait` is what the service asks for, `waits` what must be waited for
add({
  { id = "F65", fault = "the service asks for 2 seconds", wait = "2000", waits = 2 },
  { id = "F65", fault = "the service asks for -1 milliseconds", wait = "-1", waits = 0 },
  { id = "F65", fault = "the service asks for 10^12 milliseconds", wait = "1000000000000", waits = 60 },
  { id = "F65", fault = "the service asks for a text", wait = "soon", waits = 0 },
}, { on = "time", expect = THROTTLED, code = "Throttling", sent = true })

add({
  { id = "F67", fault = "every answer takes 10 seconds and is 500", takes = 10, deadline = 30, expect = FAILED,
    code = "ServerError" },
  { id = "F43", fault = "every answer takes too long", takes = "timeout", deadline = 25, expect = LOST,
    code = "TIMEOUT" },
}, { on = "time", sent = true })

-- Calls behind calls, processes, credentials, nginx ----------------------------------------

add({
  { id = "F72", fault = "the token expires between attempts", elsewhere = "spec/credentials_spec.lua" },
  { id = "F74", fault = "the list cannot be read while an unknown create is looked for",
    elsewhere = "spec/ensure_unknown_spec.lua", test = "never takes a failing read for an empty one" },
  { id = "F75", fault = "a chatbot shows up in the list 20 seconds late", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "bears a list that lags behind" },
  { id = "F76", fault = "a late copy runs 25 minutes later", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "finds the late copy" },
  { id = "F77", fault = "two new chatbots of the name", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "twice is a conflict with both, and neither is touched" },
  { id = "F78", fault = "somebody else makes a chatbot of the name", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "that got the name is a conflict" },
  { id = "F79", fault = "the process is killed at any point", elsewhere = "spec/ensure_processes_spec.lua",
    test = "makes one chatbot though it is killed" },
  { id = "F80", fault = "what was written down is broken", elsewhere = "spec/ensure_unknown_spec.lua",
    test = "that is damaged stops the create" },
  { id = "F81", fault = "eight processes create the same name", elsewhere = "spec/ensure_processes_spec.lua",
    test = "makes one chatbot where eight begin at once over one store" },
  { id = "F84", fault = "nginx is reloaded under load, a worker is killed", elsewhere = "spec/openresty_spec.lua" },
  { id = "F85", fault = "the metadata service fails in each way", elsewhere = "spec/credentials_spec.lua" },
  { id = "F86", fault = "the credentials file changes between calls", elsewhere = "spec/credentials_spec.lua" },
}, {})

add({
  { id = "F82", fault = "a fork between the making of a client and its calls", fork = true },
  { id = "F83", fault = "SIGALRM and SIGCHLD every millisecond", storm = true },
  { id = "F83", fault = "SIGPIPE", pipe = true },
  { id = "F83", fault = "SIGINT while a create waits for its answer", interrupt = true },
}, { on = "process" })

--- The rows that a spec plays.
function faults.on(name)
  local rows = {}
  for _, row in ipairs(faults.rows) do
    if row.on == name then
      rows[#rows + 1] = row
    end
  end
  return rows
end

return faults
