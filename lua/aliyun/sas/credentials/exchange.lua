--- One HTTP exchange of a provider, over the client's transport and within the call's deadline.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local protected = require "aliyun.sas.protected"

local exchange = {}

local CONNECT_TIMEOUT, TIMEOUT = 5, 10 -- as the official SDKs
local MAX_BODY = 65536

--- Seconds that the call has left for its credentials.
---@param context table
---@return number
function exchange.left(context)
  return context.deadline and context.deadline - context.monotonic() or math.huge
end

--- The error that the call's time is over.
function exchange.too_late(what)
  local _, err = failure.answer("credentials", "DEADLINE", what .. ": the deadline was over",
    "give more time with the setting deadline")
  err.retryable = true
  return nil, err
end

--- Turns the error of an exchange into one of the credentials.
---@param what string who was asked
---@param found aliyun.sas.error
---@param hint? string
function exchange.failed(what, found, hint)
  return nil, core.error {
    kind = "credentials", code = found.code, message = what .. ": " .. found.message, hint = hint,
    status = found.status, requestId = found.requestId, retryable = found.retryable or false, sent = false,
  }
end

--- The value of a Host header; a port that is the scheme's own is left out.
---@param host string
---@param port? integer
---@param standard? integer
function exchange.authority(host, port, standard)
  local name = host:find(":", 1, true) and "[" .. host .. "]" or host
  return name .. (port and port ~= standard and ":" .. port or "")
end

local function complete(context, request)
  local left = exchange.left(context)
  local standard = request.scheme == "https" and 443 or 80
  request.port = request.port or standard
  request.path = request.path or "/"
  request.query = request.query or ""
  request.body = request.body or ""
  request.headers = request.headers or {}
  request.headers.host = request.headers.host or exchange.authority(request.host, request.port, standard)
  request.timeout = math.min(request.timeout or TIMEOUT, left)
  request.connectTimeout = math.min(request.connectTimeout or CONNECT_TIMEOUT, request.timeout)
  request.maxBody = request.maxBody or MAX_BODY
  request.fresh = false
end

-- `body` stands in the place of the answer's own.
local function judge(outcome, secrets, body)
  local field = type(outcome) == "table" and outcome or {}
  local _, err = core.reply {
    status = rawget(field, "status"), body = body or rawget(field, "body"), sent = rawget(field, "sent"),
    code = rawget(field, "code"), message = rawget(field, "message"), class = "read", secrets = secrets,
  }
  -- the code of an answer with keys is no error's: the status alone counts
  if err and err.code == "Success" and not body then
    return judge(outcome, secrets, "{}")
  end
  return err
end

local function has_answer(outcome)
  return type(outcome) == "table" and type(rawget(outcome, "status")) == "number"
    and type(rawget(outcome, "body")) == "string"
end

-- The hints of the API's codes speak of chatbots and their permissions.
local function hint_of(err)
  if err.code:find "^NoPermission" or err.code:find "^Forbidden" then
    return nil
  end
  return err.status and err.hint or nil
end

local function refused(what, request, outcome, more)
  local err = judge(outcome, more.secrets)
  if not err then -- a body that says all is well, with another status
    err = select(2, failure.answer("credentials", "BAD_REPLY", ("the status is %d"):format(outcome.status)))
    err.status, err.sent = outcome.status, true
  end
  local hint = more.hints and more.hints[err.code] or hint_of(err)
  if not err.sent then
    hint = "check that this machine reaches " .. request.host
  end
  local _, failed = exchange.failed(what, err, hint)
  return nil, failed, err.sent
end

--- Sends a request; answers the body where the status is 200. `hints` has what to do by the service's code.
---@param context table of the call
---@param what string who is asked, for errors
---@param request table for the transport; what is left out is filled in
---@param more? {secrets: (string|userdata)[]?, hints: table<string, string>?} `secrets` are those of the request
---@return string? body, aliyun.sas.error? err, boolean? sent false if certainly nothing has left
function exchange.send(context, what, request, more)
  if exchange.left(context) <= 0 then
    return exchange.too_late(what)
  end
  complete(context, request)
  local good, outcome = protected(context.transport.send, request)
  if not good then
    failure.pass_memory(outcome)
    outcome = { sent = true, code = "TRANSPORT", message = "the transport raised an error: " .. failure.text(outcome) }
  end
  if has_answer(outcome) and outcome.status == 200 then
    return outcome.body
  end
  return refused(what, request, outcome, more or {})
end
--- Reads an answer with credentials.
---@param what string
---@param body string|userdata
---@param form string as core.issued knows it
---@param context? table keeps the answer where it is to be shared
---@return userdata? credentials, number|aliyun.sas.error|nil
function exchange.issued(what, body, form, context)
  local held, expiry = core.issued(body, form)
  if held then
    if context and context.share then
      context.answer = { form = form, body = body }
    end
    return held, expiry
  end
  return failure.answer("credentials", expiry.code, what .. ": the answer cannot be used: " .. expiry.message,
    expiry.hint or "check that nothing between here and there changes answers")
end

return exchange
