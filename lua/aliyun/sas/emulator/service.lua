--- One emulated account: takes requests in, gives answers out, keeps the time. No input or output of its own.

local answer = require "aliyun.sas.emulator.answer"
local check = require "aliyun.sas.emulator.check"
local faults = require "aliyun.sas.emulator.faults"
local operations = require "aliyun.sas.emulator.operations"
local options = require "aliyun.sas.emulator.options"
local signature = require "aliyun.sas.emulator.signature"
local state = require "aliyun.sas.emulator.state"
local tables = require "aliyun.sas.emulator.tables"

local M = {}
M.__index = M

-- Time ---------------------------------------------------------------------------------------------------------

local function clock(self)
  return math.floor(self.options.now() + self.state.ahead)
end

-- Requests -----------------------------------------------------------------------------------------------------

local function hostOf(request)
  local port = request.port and tonumber(request.port)
  if not port or (port == 443 and request.scheme ~= "http") or (port == 80 and request.scheme == "http") then
    return request.host
  end
  return ("%s:%d"):format(request.host, port)
end

-- A copy, so that a request that arrives late is what it was; with the Host header that HTTP would add.
local function received(request)
  local headers = {}
  for name, value in pairs(request.headers or {}) do headers[name:lower()] = value end
  if headers.host == nil and request.host then headers.host = hostOf(request) end
  local copy = {
    method = request.method, path = request.path or "/", query = request.query or "", headers = headers,
    body = request.body or "", connection = request.connection, reused = request.reused, resumed = request.resumed,
  }
  copy.parameters = signature.parametersOf(copy)
  return copy
end

local function parameter(request, name)
  for _, pair in ipairs(request.parameters) do
    if pair[1] == name then return pair[2] end
  end
end

local function actionOf(request)
  return signature.header(request, "x-acs-action") or parameter(request, "Action")
end

local function formatOf(request)
  if request.headers.authorization or request.headers["x-acs-action"] and not parameter(request, "AccessKeyId") then
    return "JSON"
  end
  return (parameter(request, "Format") or ""):upper() == "JSON" and "JSON" or "XML"
end

local function businessParameters(request)
  local values = {}
  for _, pair in ipairs(request.parameters) do
    if not signature.common[pair[1]] then values[pair[1]] = pair[2] end
  end
  return values
end

-- Permission ---------------------------------------------------------------------------------------------------

local high = { enterprise = true, ultimate = true }

local function checkPermission(key, action, operation, settings)
  for _, denied in ipairs(key.deny or {}) do
    if denied == action then signature.refuse("NoPermission", "caller has no permission") end
  end
  local limited = operation.enterprise or settings.editionLimits == "all"
  if limited and not high[settings.edition] then
    signature.refuse(settings.editionError, settings.editionError == "ServerError" and "ServerError"
      or "caller has no permission")
  end
end

-- Execution ----------------------------------------------------------------------------------------------------

local function operationOf(request, claim)
  if request.path ~= "/" then signature.refuse("InvalidApi.NotFound", "Specified api is not found.") end
  if claim.version ~= tables.version then signature.refuse("NoSuchVersion", "Specified version does not exist.") end
  return tables.operations[claim.action] or tables.others[claim.action]
    or signature.refuse("InvalidAction.NotFound", "Specified action is not found.")
end

local function execute(self, request, now, entry)
  local settings = self.options
  local claim = signature.read(request, settings)
  entry.signature, entry.accessKeyId, entry.nonce, entry.date = claim.kind, claim.accessKeyId, claim.nonce, claim.date
  local key = signature.verify(request, claim, settings, now, function(nonce) return self.state:burn(nonce, now) end)
  local operation = operationOf(request, claim)
  checkPermission(key, claim.action, operation, settings)
  local given = check.byName(claim.parameters, settings)
  local values = check.parameters(operation, given, claim.kind == "v1" and signature.common, settings)
  return operations[claim.action](self.state, values, settings, now)
end

local function note(self, request, now, fault)
  return self.state:record {
    action = actionOf(request), parameters = businessParameters(request), time = now, method = request.method,
    connection = request.connection, resumed = request.resumed, fault = fault and fault.name, executed = false,
  }
end

local function respond(self, request, now, fault)
  local entry = note(self, request, now, fault)
  local format = formatOf(request)
  local ok, result = pcall(execute, self, request, now, entry)
  local status, headers, body
  if ok then
    entry.executed = true
    status, headers, body = answer.success(entry.action, result, format, now)
  elseif type(result) == "table" and result.code then
    entry.code = result.code
    status, headers, body = answer.failure(result, signature.header(request, "host"), format, now)
  else
    error(result, 0)
  end
  entry.status, entry.requestId = status, headers["x-acs-request-id"]
  return status, headers, body
end

-- Copies that the network kept back are executed at the time at which they arrive, whoever notices first.
local function settle(self)
  local now, late = clock(self), self.state.late
  while late[1] and late[1].due <= now do
    local copy = table.remove(late, 1)
    respond(self, copy.request, copy.due, copy.fault)
  end
end

local function keepBack(self, request, fault)
  local late, due = self.state.late, clock(self) + fault.value
  local place = #late + 1
  while place > 1 and late[place - 1].due > due do place = place - 1 end
  table.insert(late, place, { due = due, request = request, fault = fault })
end

--- The request's answer, without faults.
function M:handle(request)
  settle(self)
  return respond(self, received(request), clock(self))
end

local function failure(self, request, fault)
  return answer.failure(fault.service, signature.header(request, "host"), formatOf(request), clock(self))
end

--- The fault that hits a TLS handshake, or nil.
function M:handshake()
  return faults.take(self.state.faults, nil, nil, "handshake")
end

local function arrives(fault) return not fault.outcome or fault.outcome.sent end

--- The fault that hits the request, or nil, and the answer as the fault leaves it.
function M:exchange(request, stage)
  settle(self)
  request = received(request)
  local fault = faults.take(self.state.faults, actionOf(request), request.reused, stage)
  if not fault then return nil, respond(self, request, clock(self)) end
  local status, headers, body = 200, { ["content-type"] = "application/json;charset=utf-8" }, ""
  if fault.late then keepBack(self, request, fault) end
  if fault.commit then
    status, headers, body = respond(self, request, clock(self), fault)
  elseif not fault.late and arrives(fault) then
    note(self, request, clock(self), fault)
  end
  if fault.twice then status, headers, body = respond(self, request, clock(self), fault) end
  if fault.service then status, headers, body = failure(self, request, fault) end
  return fault, faults.change(fault, status, headers, body)
end

-- The in-process transport -------------------------------------------------------------------------------------

local function copyOf(outcome) return { sent = outcome.sent, code = outcome.code, message = outcome.message } end

local function outcomeOf(self, request, fault, body)
  local limit = request.timeout or 10
  local wait = fault and faults.duration(fault, body) or 0
  local outcome = fault and fault.outcome or wait > limit and faults.timeout
  if outcome and outcome.code == "TIMEOUT" then wait = limit end
  self.state.ahead = self.state.ahead + wait
  if outcome then return copyOf(outcome) end
  if #body > (request.maxBody or math.huge) or fault and fault.change == "headers" then
    return { sent = true, code = "TOO_LARGE", message = "the answer is too large" }
  end
end

local function send(self, request)
  local asked = {}
  for name, value in pairs(request) do asked[name] = value end
  asked.reused = not request.fresh and self.used
  self.used = true
  local fault, status, headers, body = self:exchange(asked)
  if fault and fault.broken == "raise" then error("the transport broke", 0) end
  if fault and fault.broken == "nonsense" then return "nonsense" end
  return outcomeOf(self, request, fault, body)
    or { sent = true, status = status, headers = headers, body = body }
end

-- For specs ----------------------------------------------------------------------------------------------------

local function copies(list)
  local out = {}
  for i, row in ipairs(list) do
    out[i] = {}
    for name, value in pairs(row) do out[i][name] = value end
  end
  return out
end

-- A dot for a colon is an easy slip, so what is called from outside looks at what it is called on.
local function own(self, name)
  if getmetatable(self) ~= M then error(("call it with a colon: service:%s(...)"):format(name), 3) end
end

--- Moves the clock, by as many seconds.
function M:advance(seconds)
  own(self, "advance")
  self.state.ahead = self.state.ahead + seconds
  settle(self)
end

--- The chatbots as they are stored: under the write names, with their tokens.
function M:chatbots()
  own(self, "chatbots")
  settle(self)
  return copies(self.state.chatbots)
end

--- The requests that arrived, oldest first.
function M:requests()
  own(self, "requests")
  settle(self)
  return copies(self.state.log)
end

--- The next `count` requests (1) suffer the fault `name`; faults.lua lists them.
function M:fault(name, argument, count)
  own(self, "fault")
  local ok, made = pcall(faults.new, name, argument, count)
  if not ok then error("service:fault: " .. made, 2) end
  table.insert(self.state.faults, made)
end

--- Forgets everything but the settings.
function M:reset()
  own(self, "reset")
  self.state = state.new(self.options)
  self.used = false
end

--- A new account. Raises a text where the settings are wrong.
function M.new(settings)
  local self = setmetatable({ options = options.read(settings) }, M)
  self:reset()
  function self.send(request) return send(self, request) end
  function self.now() return self.options.now() + self.state.ahead end
  self.monotonic = self.now
  function self.boottime() return self.now(), "emulated" end
  function self.sleep(seconds) self:advance(seconds) end
  return self
end

return M
