--- The emulator inside nginx: the content handler, the faults on the wire, and the control files.
--
-- nginx runs as a single process, so the account is a plain value of this Lua state. Control goes through files in
-- the server's folder, since the process that started the server is plain Lua and has no sockets: it publishes
-- `command`, this side answers with `answer`.

-- luacheck: globals ngx

local faults = require "aliyun.sas.emulator.faults"
local folders = require "aliyun.sas.emulator.folder"
local json = require "aliyun.sas.emulator.json"
local service = require "aliyun.sas.emulator.service"
local shell = require "aliyun.sas.emulator.shell"

local M = {}

local account, settings

-- Start and end ------------------------------------------------------------------------------------------------

--- init_by_lua: what it raises stops nginx' start, with the reason on its standard error.
function M.init(folder)
  settings = json.plain(assert(json.decode(assert(shell.read(folder .. "/settings.json")))))
  settings.folder = folder
  account = service.new(settings.options)
end

-- nginx catches the signal like one from outside, and ends as it should.
local function finish()
  folders.remove(settings.folder)
  shell.run("kill -TERM " .. ngx.worker.pid())
end

local function orphaned()
  return settings.owner and shell.identity(settings.owner:match("^%d+")) ~= settings.owner
end

-- Control ------------------------------------------------------------------------------------------------------

local commands = {}

function commands.ping() return true end
function commands.chatbots() return json.array(account:chatbots()) end
function commands.requests() return json.array(account:requests()) end
function commands.reset() account:reset() end
function commands.advance(seconds) account:advance(seconds) end

function commands.fault(name, argument, count)
  if faults.new(name, argument, count).inProcess then
    error("the fault " .. name .. " is for the transport in process", 0)
  end
  account:fault(name, argument, count)
end

local function control()
  local text = shell.takeFile(settings.folder .. "/command")
  if not text then return end
  local command = json.plain(assert(json.decode(text, true)))
  local given = command.arguments
  local ok, result = pcall(commands[command.name], given[1], given[2], given[3])
  local reply = { id = command.id, result = ok and result or nil, error = not ok and tostring(result) or nil }
  shell.publish(settings.folder .. "/answer", json.encode(reply))
end

local function every(seconds, action)
  assert(ngx.timer.every(seconds, function(premature)
    if not premature then action() end
  end))
end

--- init_worker_by_lua.
function M.watch()
  every(0.01, control)
  every(1, function()
    if orphaned() then finish() end
  end)
  assert(ngx.timer.at(settings.lifetime, function(premature)
    if not premature then finish() end
  end))
end

-- Requests -----------------------------------------------------------------------------------------------------

local function request()
  ngx.req.read_body()
  return {
    method = ngx.req.get_method(), path = ngx.var.request_uri:match("^[^?]*"), query = ngx.var.args or "",
    headers = ngx.req.get_headers(0), body = ngx.req.get_body_data() or "", connection = tonumber(ngx.var.connection),
    reused = tonumber(ngx.var.connection_requests) > 1, resumed = ngx.var.ssl_session_reused == "r",
  }
end

local function head(status, headers, length)
  ngx.status = status
  for name, value in pairs(headers) do ngx.header[name] = value end
  ngx.header["content-length"] = length
end

-- 444 closes the connection, without an answer if none has begun.
local function close() return ngx.exit(444) end

local wire = {}

function wire.close() return close() end

-- nginx sends a reset instead of an orderly end only where the location says so
function wire.reset() return ngx.exec("/-reset-") end

function wire.silent(fault)
  ngx.sleep(fault.value)
  return close()
end

function wire.delay(fault, status, headers, body)
  ngx.sleep(fault.value)
  head(status, headers, #body)
  ngx.print(body)
end

function wire.stall(fault, status, headers, body)
  head(status, headers, #body)
  ngx.print(body:sub(1, math.floor(#body / 2)))
  ngx.flush(true)
  ngx.sleep(fault.value)
  return close()
end

function wire.drip(fault, status, headers, body)
  head(status, headers, #body)
  for i = 1, #body do
    ngx.print(body:sub(i, i))
    ngx.flush(true)
    ngx.sleep(fault.value)
  end
end

function wire.truncate(_, status, headers, body)
  head(status, headers, #body)
  ngx.print(body:sub(1, math.floor(#body / 2)))
  ngx.flush(true)
  return close()
end

function wire.garbage()
  local socket = assert(ngx.req.socket(true))
  socket:send("\0\1\2 this is no HTTP \255\254\r\n\r\n")
  return close()
end

function wire.chunks(_, status, headers, body)
  head(status, headers)
  for from = 1, #body, 65536 do
    ngx.print(body:sub(from, from + 65535))
    ngx.flush(true)
  end
end

--- ssl_certificate_by_lua: the place where a handshake can be held up or refused.
function M.handshake()
  control()
  local fault = account:handshake()
  if not fault then return end
  if fault.value then ngx.sleep(fault.value) end
  return ngx.exit(ngx.ERROR)
end

--- content_by_lua.
function M.content()
  control()
  local fault, status, headers, body = account:exchange(request(), "request")
  local manner = fault and fault.wire and wire[fault.wire]
  if manner then return manner(fault, status, headers, body) end
  head(status, headers, #body)
  ngx.print(body)
end

return M
