-- wire_cases.lua - what can happen on the wire, and what a transport has to make of it: the same for each of them
-- SPDX-License-Identifier: MIT

local wire = {}

-- Seconds that an exchange may take: without its time limit it would take 60.
wire.MOST = 20

-- name, path, changes to the request, expected code or status
wire.outcomes = {
  { "an answer", "ok", nil, 200 },
  { "an empty answer", "empty", nil, 200 },
  { "an answer without a body", "nothing", nil, 204 },
  { "an answer 404", "unheardof", nil, 404 },
  { "an answer 500", "error500", nil, 500 },
  { "a redirect, which is not followed", "redirect", nil, 302 },
  { "an answer of HTTP/1.0", "http10", nil, 200 },
  { "an answer that ends with the connection", "untilclose", nil, 200 },
  { "an answer after interim ones", "interim", nil, 200 },
  { "an answer with trailers", "trailers", nil, 200 },
  { "an answer with a hundred headers", "hundredheaders", nil, 200 },
  { "an answer that is encoded as itself", "identity", nil, 200 },
  { "no answer", "stall", { timeout = 0.5 }, "TIMEOUT" },
  { "half an answer that never goes on", "slowly", { timeout = 0.5 }, "TIMEOUT" },
  { "an answer that drips", "drip", { timeout = 0.7 }, "TIMEOUT" },
  { "a reset after reading", "reset", nil, "CONNECTION_LOST" },
  { "an end after reading", "fin", nil, "CONNECTION_LOST" },
  { "half a status line", "halfstatus", nil, "CONNECTION_LOST" },
  { "half a header, which libcurl calls OK", "halfhead", nil, "TRUNCATED" },
  { "headers that do not end, which libcurl calls OK", "noblank", nil, "TRUNCATED" },
  { "an interim answer and an end", "interimcut", nil, "CONNECTION_LOST" },
  { "a body that is cut", "truncated", nil, "TRUNCATED" },
  { "a chunk that is cut", "chunkcut", nil, "TRUNCATED" },
  { "a chunk without a size", "chunkbad", nil, "BAD_RESPONSE" },
  { "a chunk of 2^63 bytes", "chunkhuge", nil, "BAD_RESPONSE" },
  { "HTTP/0.9", "http09", nil, "BAD_RESPONSE" },
  { "HTTP/2 in plain words", "http2", nil, "BAD_RESPONSE" },
  { "a switch of protocols", "switching", nil, "BAD_RESPONSE" },
  { "a status of 099", "status99", nil, "BAD_RESPONSE" },
  { "a status of 777", "status777", nil, "BAD_RESPONSE" },
  { "a header without a colon", "nocolon", nil, "BAD_RESPONSE" },
  { "a header with a NUL", "nul", nil, "BAD_RESPONSE" },
  { "an encoded body", "gzip", nil, "BAD_RESPONSE" },
  { "an encoded transfer", "gzipchunks", nil, "BAD_RESPONSE" },
  { "a body of 10 MiB", "big", nil, "TOO_LARGE" },
  { "a body over maxBody", "ok", { maxBody = 10 }, "TOO_LARGE" },
  { "300 headers", "manyheaders", nil, "TOO_LARGE" },
  { "100 KiB of headers", "hugeheaders", nil, "TOO_LARGE" },
  { "a header of 1 MiB", "hugeline", nil, "TOO_LARGE" },
}

-- name, listener, expected code, seconds after which to stop connecting
wire.connections = {
  { "a port where nobody listens", "closed", "COULDNT_CONNECT" },
  { "a server that speaks no TLS", "plain", "TLS_HANDSHAKE" },
  { "a server that leaves in the handshake", "hangup", "TLS_HANDSHAKE" },
  { "a server that is silent in the handshake", "mute", "TIMEOUT", 0.7 },
  { "a server with TLS 1.1", "old", "TLS_HANDSHAKE" },
  { "a certificate for another name", "wrongname", "TLS_CERTIFICATE" },
  { "a certificate with the name in its CN only", "wrongsan", "TLS_CERTIFICATE" },
  { "a certificate that has expired", "expired", "TLS_CERTIFICATE" },
  { "a certificate of tomorrow", "future", "TLS_CERTIFICATE" },
  { "a certificate from a stranger", "stranger", "TLS_CERTIFICATE" },
  { "a certificate signed by itself", "selfsigned", "TLS_CERTIFICATE" },
  { "a certificate for clients", "clientonly", "TLS_CERTIFICATE" },
}

return wire
