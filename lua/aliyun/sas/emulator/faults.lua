--- What can go wrong between client and service, by name.
--
--   name            executed  what the client gets                              argument (default)
--   lost            yes       the connection closed without an answer
--   closed          no        the same
--   reset           yes       the connection is reset without an answer
--   closedreused    no        the same, only on a connection that has answered before; waits for such a request
--   silent          no        nothing, for so long                              seconds (3600)
--   silentafter     yes       the same                                          seconds (3600)
--   delayed         yes       the answer, later                                 seconds (2)
--   stalled         yes       the head and half the body, then nothing          seconds (3600)
--   dripped         yes       the body byte by byte                             seconds a byte (0.05)
--   truncated       yes       half the body that the head announces
--   late            later     no answer; a copy arrives when the clock says so  seconds (60)
--   replayed        yes       the answer to a second copy of the same bytes
--   throttled       no        429 Throttling, with headers that say how long    milliseconds (2000)
--   throttleduser   no        400 Throttling.User, with the same headers        milliseconds (2000)
--   error500        no        500 ServerError                                   code ("ServerError")
--   error500after   yes       the same                                          code ("ServerError")
--   unavailable     no        503 ServiceUnavailable                            code ("ServiceUnavailable")
--   refusal         no        an error of the service                           code ("NoPermission"), { status = }
--   html            no        a proxy's page                                    status (502)
--   garbage         no        bytes that are no HTTP
--   badjson         yes       200 and half a JSON text, complete as HTTP
--   empty           yes       200 and no body
--   norequestid     yes       the answer without its RequestId
--   huge            yes       200 and a chunked body                            MiB (10)
--   hugeheaders     yes       the answer under so many headers                  KiB (1024)
--   redirect        no        302                                               Location
--   handshake       no        a TLS handshake that does not end; nothing sent   seconds (3600)
--   handshakefailed no        a TLS handshake that the server breaks off; nothing sent
-- (A handshake that resumes a TLS session passes by the last two.)
-- In process only, since a running server cannot do them:
--   refused         no        no connection; nothing sent
--   unresolved      no        no address of the host; nothing sent
--   badcertificate  no        no trust in the server; nothing sent
--   raised          yes       the transport raises
--   nonsense        yes       the transport answers what no transport should
--
-- The argument is the value itself or a table { value =, action =, skip =, commit =, status =, code = }: `action` names
-- the only operation that is hit, `skip` lets so many requests pass first, `commit` overrides "executed".

local json = require "aliyun.sas.emulator.json"
local tables = require "aliyun.sas.emulator.tables"
local text = require "aliyun.sas.emulator.text"

local M = {}

local function outcome(code, message) return { sent = true, code = code, message = message } end
local function unsent(code, message) return { sent = false, code = code, message = message } end

local nothing = outcome("CONNECTION_LOST", "the connection was closed without an answer")
local timeout = outcome("TIMEOUT", "no complete answer in time")

M.timeout = timeout

-- `wire` is how nginx does it, `outcome` what the in-process transport answers instead of an answer, `service` the
-- error that is answered in the service's form, `change` what is done to an answer. `always` answers 200 from nothing.
local kinds = {
  lost = { commit = true, wire = "close", outcome = nothing },
  closed = { wire = "close", outcome = nothing },
  reset = { commit = true, wire = "reset", outcome = outcome("CONNECTION_LOST", "the connection was reset") },
  closedreused = { wire = "close", outcome = nothing, reused = true },
  silent = { wire = "silent", outcome = timeout, value = 3600 },
  silentafter = { commit = true, wire = "silent", outcome = timeout, value = 3600 },
  delayed = { commit = true, wire = "delay", slow = "delay", value = 2 },
  stalled = { commit = true, wire = "stall", outcome = timeout, value = 3600 },
  dripped = { commit = true, wire = "drip", slow = "drip", value = 0.05 },
  truncated = { commit = true, wire = "truncate", outcome = outcome("TRUNCATED", "the answer was cut") },
  late = { wire = "close", outcome = timeout, late = true, value = 60 },
  replayed = { commit = true, twice = true },
  throttled = { service = { code = "Throttling", status = 429 }, change = "throttle", value = 2000 },
  throttleduser = { service = { code = "Throttling.User", status = 400 }, change = "throttle", value = 2000 },
  error500 = { service = { status = 500 }, codeValue = true, value = "ServerError" },
  error500after = { commit = true, service = { status = 500 }, codeValue = true, value = "ServerError" },
  unavailable = { service = { status = 503 }, codeValue = true, value = "ServiceUnavailable" },
  refusal = { service = {}, codeValue = true, value = "NoPermission" },
  html = { change = "html", value = 502 },
  garbage = { wire = "garbage", outcome = outcome("BAD_RESPONSE", "the answer is no HTTP") },
  badjson = { commit = true, change = "half" },
  empty = { commit = true, change = "empty" },
  norequestid = { commit = true, change = "anonymous" },
  huge = { commit = true, wire = "chunks", change = "huge", value = 10 },
  hugeheaders = { commit = true, change = "headers", value = 1024 },
  redirect = { change = "redirect", value = "https://localhost/elsewhere" },
  handshake = { handshake = true, outcome = unsent("TIMEOUT", "the TLS handshake did not end"), value = 3600 },
  handshakefailed = { handshake = true, outcome = unsent("TLS_HANDSHAKE", "the TLS handshake failed") },
  refused = { outcome = unsent("COULDNT_CONNECT", "connection refused"), inProcess = true },
  unresolved = { outcome = unsent("COULDNT_RESOLVE_HOST", "no address"), inProcess = true },
  badcertificate = { outcome = unsent("TLS_CERTIFICATE", "the certificate is not trusted"), inProcess = true },
  raised = { commit = true, inProcess = true, broken = "raise" },
  nonsense = { commit = true, inProcess = true, broken = "nonsense" },
}

local changes = {}

function changes.throttle(fault, status, headers, body)
  local wait = ("%.0f"):format(fault.value)
  headers["x-ratelimit-user-api"] = "Limit:1,Remain:0,TimeLeft:" .. wait .. ",Reset:1234"
  headers["x-ratelimit-user"] = "Limit:10,Remain:5,TimeLeft:0,Reset:1234"
  headers["x-acs-retry-after"] = wait
  headers["retry-after"] = ("%.0f"):format(math.ceil(fault.value / 1000))
  return status, headers, body
end

function changes.html(fault)
  return fault.value, { ["content-type"] = "text/html" },
    ("<html><head><title>%d</title></head><body><h1>Bad Gateway</h1></body></html>\n"):format(fault.value)
end

function changes.half(_, _, headers, body)
  return 200, headers, body:sub(1, math.floor(#body / 2))
end

function changes.empty(_, _, headers)
  return 200, headers, ""
end

function changes.anonymous(_, status, headers, body)
  local read = json.decode(body)
  if json.isObject(read) then
    read.RequestId = nil
    body = json.encode(read)
  end
  headers["x-acs-request-id"] = nil
  return status, headers, body
end

function changes.huge(fault, _, headers, body)
  local filler = ("x"):rep(math.floor(fault.value * 1048576))
  return 200, headers, (body:gsub("}%s*$", "")) .. ',"Filler":"' .. filler .. '"}'
end

function changes.headers(fault, status, headers, body)
  for i = 1, math.ceil(fault.value / 4) do headers["x-filler-" .. i] = ("x"):rep(4096) end
  return status, headers, body
end

function changes.redirect(fault)
  return 302, { location = fault.value, ["content-type"] = "text/html" }, "<a>moved</a>"
end

local argumentFields = {
  value = "number or string", action = "string", skip = "number", commit = "boolean", status = "number",
  code = "string", message = "string",
}

-- An operation that the emulator lacks may be meant; one that differs in case alone never comes.
local function checkAction(name, action)
  for known in pairs(tables.operations) do
    if known ~= action and known:lower() == action:lower() then
      error(("fault %s: unknown action %s (did you mean %s?)"):format(name, action, known), 0)
    end
  end
end

local function argumentOf(name, argument)
  if type(argument) ~= "table" then return { value = argument } end
  text.checkFields("fault " .. name, argument, argumentFields)
  if argument.action then checkAction(name, argument.action) end
  return argument
end

--- A fault by its name, ready to be queued. Raises a text for an unknown name or a wrong argument.
function M.new(name, argument, count)
  local kind = kinds[name]
  if not kind then error(("unknown fault %s%s"):format(tostring(name), text.hint(name, kinds)), 0) end
  if count ~= nil and type(count) ~= "number" then error(("fault %s: the count is a number"):format(name), 0) end
  local given = argumentOf(name, argument)
  local fault = { name = name, left = count or 1, skip = given.skip or 0, action = given.action, value = given.value }
  for key, value in pairs(kind) do
    if fault[key] == nil then fault[key] = value end
  end
  if kind.value ~= nil and type(fault.value) ~= type(kind.value) then
    error(("fault %s: its argument is a %s"):format(name, type(kind.value)), 0)
  end
  if given.commit ~= nil then fault.commit = given.commit end
  if kind.service then
    local code = given.code or (kind.codeValue and fault.value) or kind.service.code
    fault.service = { code = code, status = given.status or kind.service.status, message = given.message or code }
  end
  return fault
end

local function hits(fault, action, reused, stage)
  if stage and (stage == "handshake") ~= (fault.handshake or false) then return false end
  return (not fault.action or fault.action == action) and (not fault.reused or reused)
end

--- The fault that hits this request, taken off the queue; nil if none does. On the wire there are two stages,
-- "handshake" and "request"; in process there is but one, nil.
function M.take(queue, action, reused, stage)
  for place, fault in ipairs(queue) do
    local hit = hits(fault, action, reused, stage)
    if hit and fault.skip > 0 then
      fault.skip = fault.skip - 1
    elseif hit then
      fault.left = fault.left - 1
      if fault.left <= 0 then table.remove(queue, place) end
      return fault
    end
  end
end

--- What becomes of an answer under a fault.
function M.change(fault, status, headers, body)
  if not fault.change then return status, headers, body end
  return changes[fault.change](fault, status, headers, body)
end

--- How long a slow fault holds up an answer of this size.
function M.duration(fault, body)
  if fault.slow == "delay" then return fault.value end
  return fault.slow == "drip" and fault.value * #body or 0
end

return M
