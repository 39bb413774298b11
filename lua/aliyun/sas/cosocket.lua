--- The transport for OpenResty: an exchange goes over a cosocket of ngx_lua, so the worker is never blocked.
--
-- nginx.conf has to have `resolver`, `lua_ssl_trusted_certificate` and, for chains of the real world,
-- `lua_ssl_verify_depth`. Neither libcurl nor a second OpenSSL is loaded. Nothing is sent twice here: what dies is
-- reported with `sent` as it was, and the call machine decides.
--
-- Specification: lua-nginx-module, "ngx.socket.tcp"; HTTP/1.1 is in http1.lua.

-- luacheck: globals ngx

local endpoint = require "aliyun.sas.endpoint"
local http1 = require "aliyun.sas.http1"
local system = require "aliyun.sas.system"
local turn = require "aliyun.sas.turn"

local cosocket = {}

local IDLE = 30 -- seconds that a connection waits for its next use: below what servers and balancers allow
local POOL = 256 -- connections that a worker keeps for one endpoint, of which each is in use or idle for IDLE at most
local BODY_MAX = 4 * 1024 * 1024 -- bytes, where the request does not say
local PIECE = 16384 -- bytes that are sent or received at once
local LOOK = 0.001 -- seconds in which nginx looks at all of its connections
local PAUSE = 64 -- pieces after which others get their turn, however fast the server is

local keeps = false -- whether a pool of this worker may hold a connection

local function unsent(code, message, hint)
  return { sent = false, code = code, message = message, hint = hint }
end

local function lost(code, message)
  return { sent = true, code = code, message = message }
end

-- Where nothing can be sent --------------------------------------------------------------------------------------

-- Where ngx_lua has cosockets. Two phases of a handshake are left out, ssl_client_hello and ssl_session_fetch: they can
-- wait only where nginx was patched for it.
local YIELDING = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, ssl_cert = true, preread = true,
}

local PHASE_HINT = "make the call in a timer: ngx.timer.at(0, function(premature) ... end)"

local function check_phase()
  local phase = ngx.get_phase and ngx.get_phase() or "of a worker thread"
  if not YIELDING[phase] then
    return unsent("PHASE", "nginx' phase " .. phase .. " cannot wait for an answer", PHASE_HINT)
  end
end

-- Below a function of C nothing can yield. That has to show before anything is sent, and a connection of the pool is
-- written to without a wait; where Lua does not tell, a wait is tried.
local function can_yield()
  local yieldable = system.yieldable()
  if yieldable == nil then
    return (pcall(ngx.sleep, 0))
  end
  return yieldable
end

local function check_yield()
  if not can_yield() then
    return unsent("PHASE", "the call stands below a function that cannot wait: require, table.sort, string.gsub "
      .. "or another one of C", "make the call outside of it")
  end
end

local function is_address(host)
  return host:find(":", 1, true) or host:match "^%d+%.%d+%.%d+%.%d+$"
end

local function check_place(request)
  if request.scheme ~= "https" and not request.plain and not endpoint.is_loopback(request.host:lower()) then
    return unsent("FORBIDDEN_ADDRESS", "plain http is for loopback hosts only")
  elseif request.scheme == "https" and is_address(request.host) then
    -- ngx_lua compares names only, and would take any certificate for another one's
    return unsent("UNVERIFIABLE", "nginx cannot match a certificate against an address",
      "give the endpoint by a name that is in its certificate; localhost is connected without a name server")
  end
end

-- Failures ---------------------------------------------------------------------------------------------------------

local RESOLVER_HINT = "add to nginx.conf: resolver 127.0.0.53; with the address of your name server"
local TRUST_HINT = "add to nginx.conf: lua_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt; "
  .. "lua_ssl_verify_depth 3; where a company's own authority signs, that file has to hold its certificate"
local CLOCK_HINT = "check this machine's clock; if it is right, the server needs a new certificate"
local NAME_HINT = "check the endpoint, since its server has the certificate of another name"
local OTHER_HINT = "the server needs a certificate that is good for its name"

-- By the numbers X509_V_ERR_* of OpenSSL, which ngx_lua puts before the words.
local CERTIFICATE_HINTS = {
  ["2"] = TRUST_HINT, ["18"] = TRUST_HINT, ["19"] = TRUST_HINT, ["20"] = TRUST_HINT, ["21"] = TRUST_HINT,
  ["22"] = TRUST_HINT, ["9"] = CLOCK_HINT, ["10"] = CLOCK_HINT,
}

local function connect_failure(err)
  if err:find("no resolver defined", 1, true) then
    return unsent("COULDNT_RESOLVE_HOST", "nginx has no name server to ask", RESOLVER_HINT)
  elseif err:find("resolve", 1, true) then
    return unsent("COULDNT_RESOLVE_HOST", err, "check regionId or endpoint, and nginx' resolver")
  elseif err:find("timeout", 1, true) then
    return unsent("TIMEOUT", "no connection in time")
  end
  return unsent("COULDNT_CONNECT", err, "check that this machine reaches the endpoint")
end

local function handshake_failure(err)
  local number = err:match "^(%d+): "
  if number then
    return unsent("TLS_CERTIFICATE", "the certificate is not to be trusted (" .. err .. ")",
      CERTIFICATE_HINTS[number] or OTHER_HINT)
  elseif err:find("host mismatch", 1, true) then
    return unsent("TLS_CERTIFICATE", "the certificate is not valid for this host", NAME_HINT)
  elseif err:find("timeout", 1, true) then
    return unsent("TIMEOUT", "no TLS in time")
  end
  return unsent("TLS_HANDSHAKE", "the TLS handshake failed (" .. err .. ")")
end

-- Connection -------------------------------------------------------------------------------------------------------

local function set_time(socket, seconds)
  socket:settimeout(math.max(1, math.ceil(seconds * 1000)))
end

-- localhost is in no name server: it is connected as what it is, and verified under its name.
local function address_of(host)
  if host:lower() == "localhost" then
    return "127.0.0.1"
  end
  return host:find(":", 1, true) and "[" .. host .. "]" or host
end

-- The time for a name server is nginx' own, resolver_timeout, which is 30 s by default: but a thread can be left.
local function connect_in_time(socket, request, options, seconds)
  local at = address_of(request.host)
  if is_address(at) then
    return socket:connect(at, request.port, options)
  end
  local connecting = ngx.thread.spawn(function() return socket:connect(at, request.port, options) end)
  local clock = ngx.thread.spawn(function()
    ngx.sleep(seconds)
    return nil, "timeout"
  end)
  local ran, good, err = ngx.thread.wait(connecting, clock)
  ngx.thread.kill(connecting)
  ngx.thread.kill(clock)
  if not ran then
    return nil, good -- what the thread raised
  end
  return good, err
end

-- What is verified is remembered under the name that it was verified for.
local function session_key(request)
  return request.host .. ":" .. request.port
end

-- Versions of lua-resty-core raise where a handshake is over at once, as on the loopback interface it may be, and the
-- certificate is refused (its issue 499); with false for the session they would even answer that all is well.
local function handshake(self, socket, request)
  local key = session_key(request)
  local ran, session, err = pcall(socket.sslhandshake, socket, self.sessions[key], request.host, true)
  if not ran then
    return nil, unsent("TLS_CERTIFICATE", "the certificate is not to be trusted, or not valid for this host",
      NAME_HINT .. ", or " .. CLOCK_HINT .. ", or " .. TRUST_HINT)
  elseif not session then
    return nil, handshake_failure(tostring(err))
  end
  if not socket.getsslsession then
    self.sessions[key] = session
  end
  return true
end

-- Of TLS 1.3 the handshake's session resumes nothing: what does comes after it, and is there with the answer. The Lua
-- module of nginx hands that out since 0.10.30; before, sessions are resumed with TLS 1.2 alone.
local function keep_session(self, socket, request)
  local session = request.scheme == "https" and socket.getsslsession and socket:getsslsession()
  if session then
    self.sessions[session_key(request)] = session
  end
end

-- Nothing is put into the pool from which fresh connections are taken.
local function pool_of(request)
  local place = ("aliyun-sas %s://%s:%d"):format(request.scheme, request.host, request.port)
  return request.fresh and place .. " fresh" or place
end

-- What comes on a connection while it waits belongs to no request, and nginx closes the connection when it sees that:
-- which it does not while Lua is at work.
local function look_at_pool(request)
  if keeps and not request.fresh then
    ngx.sleep(LOOK)
  end
end

local function open(self, socket, request, ends)
  look_at_pool(request)
  set_time(socket, ends - system.monotonic())
  local good, err = connect_in_time(socket, request, { pool = pool_of(request) }, ends - system.monotonic())
  if not good then
    return nil, connect_failure(tostring(err))
  elseif request.scheme ~= "https" or socket:getreusedtimes() > 0 then
    return true
  end
  local left = ends - system.monotonic()
  if left <= 0 then
    return nil, unsent("TIMEOUT", "no TLS in time")
  end
  set_time(socket, left)
  return handshake(self, socket, request)
end

-- Exchange ---------------------------------------------------------------------------------------------------------

-- In pieces, since the time of a cosocket begins anew with each one that the server takes.
local function write(socket, text, ends)
  for from = 1, #text, PIECE do
    local left = ends - system.monotonic()
    if left <= 0 then
      return nil, "timeout"
    end
    set_time(socket, left)
    local good, err = socket:send(#text > PIECE and text:sub(from, from + PIECE - 1) or text)
    if not good then
      return nil, err
    end
  end
  return true
end

local READ_CODES = { timeout = "TIMEOUT", closed = "closed" }

-- Answers some bytes in what is left of the time, however slowly they drip.
local function receiver(socket, ends)
  local pieces = 0
  return function()
    local left = ends - system.monotonic()
    if left <= 0 then
      return nil, "TIMEOUT"
    end
    pieces = pieces + 1
    if pieces % PAUSE == 0 then
      ngx.sleep(0.001)
    end
    set_time(socket, left)
    local bytes, err = socket:receiveany(PIECE)
    if bytes then
      return bytes
    end
    return nil, READ_CODES[err] or "CONNECTION_LOST"
  end
end

local WORDS = {
  TIMEOUT = "no complete answer in time", CONNECTION_LOST = "the connection was lost before an answer",
  TRUNCATED = "the answer was cut", TOO_LARGE = "the answer is too large",
  BAD_RESPONSE = "the answer is not plain HTTP/1.1, or is encoded",
}

local function exchange(socket, request, text, ends)
  if ends <= system.monotonic() then
    return unsent("TIMEOUT", "the connection took all of the time")
  end
  local good, err = write(socket, text, ends)
  if not good then
    return lost(err == "timeout" and "TIMEOUT" or "CONNECTION_LOST", "the request could not be sent whole")
  end
  local answer, code = http1.read(receiver(socket, ends), request.maxBody or BODY_MAX)
  if not answer then
    return lost(code, WORDS[code])
  end
  return { sent = true, status = answer.status, headers = answer.headers, body = answer.body }, answer.reusable
end

-- What raises before the first byte is no reason to think that one has left.
local function opened(self, socket, request, ends)
  local ran, good, failure = pcall(open, self, socket, request, ends)
  if ran then
    return good, failure
  end
  return nil, unsent("TRANSPORT", "the cosocket raised an error: " .. tostring(good))
end

local function send(self, request)
  local refused = check_phase() or check_place(request) or check_yield()
  if refused then
    return refused
  end
  local text = http1.request(request)
  if not text then
    return unsent("INVALID_REQUEST", "the request's target or a header holds what cannot stand there")
  end
  local socket, start = ngx.socket.tcp(), system.monotonic()
  local good, failure = opened(self, socket, request, start + math.min(request.connectTimeout, request.timeout))
  if not good then
    socket:close()
    return failure
  end
  local ran, outcome, reusable = pcall(exchange, socket, request, text, start + request.timeout)
  keep_session(self, socket, request)
  if ran and reusable and not request.fresh and socket:setkeepalive(self.idle * 1000, self.poolSize) then
    keeps = true
  else
    socket:close()
  end
  if not ran then
    error(outcome, 0) -- the driver takes it for sent
  end
  turn() -- before the answer is taken apart
  return outcome
end

-- Where there can be no wait, send says so.
local function take_turn()
  if not check_phase() and can_yield() then
    turn()
  end
end

local function sleep(seconds)
  local refused = check_phase()
  if refused then
    error(refused.message, 0)
  end
  ngx.sleep(seconds)
end

local function setting(given, name, default)
  local value = given[name]
  if value == nil then
    return default
  elseif type(value) ~= "number" or not (value >= 1 and value <= 86400) or value % 1 ~= 0 then
    error(("cosocket.new: %s must be a whole number from 1 to 86400"):format(name), 3)
  end
  return value
end

--- Makes a transport. It holds no connection itself: those are in the worker's pools.
--
-- `poolSize` is how many connections a worker keeps for one endpoint (256), `idle` for how many seconds one waits for
-- its next use (30).
---@param settings? {poolSize: integer?, idle: integer?}
---@return aliyun.sas.transport
function cosocket.new(settings)
  settings = settings or {}
  for name in pairs(settings) do
    if name ~= "poolSize" and name ~= "idle" then
      error("cosocket.new: unknown setting; poolSize and idle exist", 2)
    end
  end
  local self = {
    poolSize = setting(settings, "poolSize", POOL), idle = setting(settings, "idle", IDLE), sessions = {},
  }
  return {
    send = function(request) return send(self, request) end,
    sleep = sleep,
    turn = take_turn,
    now = ngx.now,
    monotonic = system.monotonic,
    close = function() self.sessions = {} end,
  }
end

return cosocket
