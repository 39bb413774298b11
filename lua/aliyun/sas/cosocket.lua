--- The transport for OpenResty: the exchange goes over a cosocket of ngx_lua, so the worker is never blocked.
--
-- Needs in nginx.conf `resolver`, `lua_ssl_trusted_certificate` and, for chains of the real world,
-- `lua_ssl_verify_depth`. Neither libcurl nor a second OpenSSL is loaded. Nothing is sent twice here: what dies is
-- reported with `sent` as it was, and the call machine decides.
--
-- Specification: lua-nginx-module, "Cosockets"; HTTP/1.1 is in http1.lua.

-- luacheck: globals ngx

local http1 = require "aliyun.sas.http1"
local system = require "aliyun.sas.system"

local cosocket = {}

--- What this transport can honour beside the settings of every transport: authorities and proxies are nginx.conf's.
cosocket.settings = {}

local IDLE = 30 -- seconds that a connection waits for its next use: below what servers and balancers allow
local POOL = 100 -- connections that a worker keeps for one endpoint, unless told otherwise
local PIECE = 16384 -- bytes that are received at once, at most

-- Where a cosocket may be used, and so where a call may wait.
local YIELDING = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true,
  ssl_client_hello = true, ssl_session_fetch = true, preread = true,
}

local function unsent(code, message, hint)
  return { sent = false, code = code, message = message, hint = hint }
end

local function lost(code, message)
  return { sent = true, code = code, message = message }
end

local function wrong_phase()
  local phase = ngx.get_phase()
  if not YIELDING[phase] then
    return unsent("PHASE", "nginx' phase " .. tostring(phase) .. " cannot wait for an answer",
      "make the call in a timer: ngx.timer.at(0, function(premature) ... end)")
  end
end

local function is_address(host)
  return host:find(":", 1, true) or host:match "^%d+%.%d+%.%d+%.%d+$"
end

-- Nothing verifies an address in a certificate: ngx_lua compares names only.
local function unverifiable(request)
  if request.scheme == "https" and is_address(request.host) then
    return unsent("UNVERIFIABLE", "nginx cannot match a certificate against an address",
      "give the endpoint by its name; a name that only this machine knows can stand in the resolver, or be localhost")
  end
end

local RESOLVER_HINT = 'add to nginx.conf: resolver 127.0.0.53; (or another name server) and resolver_timeout 5s;'
local TRUST_HINT = "add to nginx.conf: lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; and "
  .. "lua_ssl_verify_depth 3; (or the file with the authority that signed the server's certificate)"

local function connect_failure(err)
  err = tostring(err)
  if err:find("no resolver defined", 1, true) then
    return unsent("COULDNT_RESOLVE_HOST", "nginx has no resolver", RESOLVER_HINT)
  elseif err:find("could not be resolved", 1, true) or err:find("resolve", 1, true) then
    return unsent("COULDNT_RESOLVE_HOST", err)
  elseif err:find("timeout", 1, true) then
    return unsent("TIMEOUT", "no connection in time")
  end
  return unsent("COULDNT_CONNECT", err)
end

-- OpenSSL's number stands before the words where the chain is what is wrong.
local function handshake_failure(err)
  err = tostring(err)
  if err:match "^%d+: " or err:find("certificate", 1, true) then
    return unsent("TLS_CERTIFICATE", err, err:match "^%d+: " and TRUST_HINT or nil)
  elseif err:find("timeout", 1, true) then
    return unsent("TIMEOUT", "no TLS in time")
  end
  return unsent("TLS_HANDSHAKE", err)
end

local function milliseconds(seconds)
  return math.max(1, math.ceil(seconds * 1000))
end

-- localhost is in no name server: it is connected as what it is, and verified under its name.
local function place(host)
  return host == "localhost" and "127.0.0.1" or host:find(":", 1, true) and "[" .. host .. "]" or host
end

local function pool_name(request)
  return ("aliyun-sas %s://%s:%d"):format(request.scheme, request.host, request.port)
end

-- The name server's time is nginx' resolver_timeout, 30 s by default: a thread that waits for it can be left.
local function connect_in_time(socket, request, options, seconds)
  local at = place(request.host)
  if is_address(at) or not ngx.thread then
    return socket:connect(at, request.port, options)
  end
  local connecting = ngx.thread.spawn(function() return socket:connect(at, request.port, options) end)
  local clock = ngx.thread.spawn(function()
    ngx.sleep(seconds)
    return nil, "timeout"
  end)
  local _, good, err = ngx.thread.wait(connecting, clock)
  ngx.thread.kill(connecting)
  ngx.thread.kill(clock)
  return good, err
end

local function open(self, request, ends)
  local socket = ngx.socket.tcp()
  local left = math.min(request.connectTimeout, ends - system.monotonic())
  socket:settimeouts(milliseconds(left), milliseconds(request.timeout), milliseconds(request.timeout))
  -- a fresh connection has a pool of its own that nothing is ever put into
  local options = { pool = pool_name(request) .. (request.fresh and " fresh" or ""), pool_size = self.poolSize }
  local connects = system.monotonic() + left
  local good, err = connect_in_time(socket, request, options, left)
  if not good then
    return nil, connect_failure(err)
  elseif request.scheme ~= "https" or socket:getreusedtimes() > 0 then
    return socket
  end
  left = connects - system.monotonic()
  if left <= 0 then
    socket:close()
    return nil, unsent("TIMEOUT", "no TLS in time")
  end
  socket:settimeouts(milliseconds(left), milliseconds(request.timeout), milliseconds(request.timeout))
  local session
  session, err = socket:sslhandshake(self.sessions[request.host], request.host, true)
  if not session then
    socket:close()
    return nil, handshake_failure(err)
  end
  self.sessions[request.host] = session
  return socket
end

-- Answers some bytes in what is left of the time, however slowly they drip.
local function receiver(socket, ends)
  return function()
    local left = ends - system.monotonic()
    if left <= 0 then
      return nil, "TIMEOUT"
    end
    socket:settimeout(milliseconds(left))
    local bytes, err = socket:receiveany(PIECE)
    if bytes then
      return bytes
    end
    return nil, err == "timeout" and "TIMEOUT" or "closed"
  end
end

local WORDS = {
  TIMEOUT = "no answer in time", CONNECTION_LOST = "the connection ended before an answer",
  TRUNCATED = "the connection ended within the answer", TOO_LARGE = "the answer is too large",
  BAD_RESPONSE = "the answer is not HTTP/1.1",
}

local function exchange(self, socket, request, text, ends)
  local left = ends - system.monotonic()
  if left <= 0 then
    return unsent("TIMEOUT", "the connection took all of the time")
  end
  socket:settimeout(milliseconds(left))
  local good, err = socket:send(text)
  if not good then
    return lost(err == "timeout" and "TIMEOUT" or "CONNECTION_LOST", "the request could not be sent whole")
  end
  local answer, code = http1.read(receiver(socket, ends), request.maxBody)
  if not answer then
    return lost(code, WORDS[code])
  end
  if answer.reusable and not request.fresh then
    socket:setkeepalive(IDLE * 1000, self.poolSize)
    answer.kept = true
  end
  return answer
end

local function send(self, request)
  local refused = wrong_phase() or unverifiable(request)
  if refused then
    return refused
  end
  local text = http1.request(request)
  if not text then
    return unsent("INVALID_REQUEST", "the request's target or a header holds what cannot stand there")
  end
  local ends = system.monotonic() + request.timeout
  local opened, socket, failure = pcall(open, self, request, ends)
  if not opened then
    -- such as a yield across a C call: below require, table.sort or string.gsub
    return unsent("PHASE", "a cosocket cannot be opened here: " .. tostring(socket))
  elseif not socket then
    return failure
  end
  local outcome = exchange(self, socket, request, text, ends)
  if outcome.kept then
    return { sent = true, status = outcome.status, headers = outcome.headers, body = outcome.body }
  end
  socket:close()
  if outcome.status then
    return { sent = true, status = outcome.status, headers = outcome.headers, body = outcome.body }
  end
  return outcome
end

local function sleep(seconds)
  if wrong_phase() then
    error("nginx cannot wait in this phase", 0)
  end
  ngx.sleep(seconds)
end

--- Makes the transport of one client. It holds no connection itself: those are in the worker's pools.
---@param settings? {poolSize: integer?}
---@return aliyun.sas.transport
function cosocket.new(settings)
  local self = { poolSize = settings and settings.poolSize or POOL, sessions = {} }
  return {
    send = function(request) return send(self, request) end,
    sleep = sleep,
    now = function()
      ngx.update_time()
      return ngx.now()
    end,
    monotonic = system.monotonic,
    close = function() self.sessions = {} end,
  }
end

return cosocket
