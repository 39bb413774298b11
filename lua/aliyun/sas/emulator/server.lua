--- Starts and stops an nginx that holds an emulated account.

local certificate = require "aliyun.sas.emulator.certificate"
local folders = require "aliyun.sas.emulator.folder"
local json = require "aliyun.sas.emulator.json"
local nginxProgram = require "aliyun.sas.emulator.nginx_program"
local options = require "aliyun.sas.emulator.options"
local shell = require "aliyun.sas.emulator.shell"
local text = require "aliyun.sas.emulator.text"

local M = {}
M.__index = M

local legal = {
  options = "table", certificate = "string", tls = "boolean", port = "number", folder = "string",
  lifetime = "number", keepalive = "number", timeout = "number", detached = "boolean", nginx = "string",
}

-- What a number may be: from, to, and whether it is whole. The most is what nginx' timers take.
local ranges = {
  port = { 0, 65535, true }, lifetime = { 1, 2000000 }, keepalive = { 0, 2000000, true }, timeout = { 0.1, 2000000 },
}

local function checkRange(name, value)
  local range = ranges[name]
  if not range then return end
  local from, to, whole = range[1], range[2], range[3]
  if not (value >= from and value <= to) or whole and value % 1 ~= 0 then
    error(("setting %s: expected a %s from %s to %d"):format(name, whole and "whole number" or "number", from, to), 0)
  end
end

local function unknown(name)
  if options.known(name) then
    return ("unknown setting %s (it is an option: give options = { %s = ... })"):format(name, name)
  end
  return ("unknown setting %s%s"):format(tostring(name), text.hint(name, legal))
end

local function read(given)
  if given ~= nil and type(given) ~= "table" then
    error("the settings must be a table, not a " .. type(given), 0)
  end
  local settings = { certificate = "good", tls = true, port = 0, lifetime = 900, keepalive = 65, timeout = 10 }
  for name, value in pairs(given or {}) do
    if not legal[name] then error(unknown(name), 0) end
    if type(value) ~= legal[name] then error(("setting %s: expected a %s"):format(name, legal[name]), 0) end
    checkRange(name, value)
    settings[name] = value
  end
  if not certificate.kinds[settings.certificate] then
    error(("setting certificate: unknown kind %s%s"):format(settings.certificate,
      text.hint(settings.certificate, certificate.kinds)), 0)
  end
  if (settings.options or {}).now then error("option now: a function cannot be taken into nginx; use advance", 0) end
  options.read(settings.options)
  return settings
end

-- What is installed --------------------------------------------------------------------------------------------

-- A search path, or one folder, for nginx, which does not run in the current folder.
local function absolute(path)
  local current = shell.line("pwd") .. "/"
  return (path:gsub("[^;]+", function(entry) return entry:sub(1, 1) ~= "/" and current .. entry or nil end))
end

-- The folder that holds `aliyun/`, from the place of this file.
local function sources()
  local here = debug.getinfo(1, "S").source:match("^@(.*)aliyun/sas/emulator/server%.lua$")
  if not here then error("the emulator must be loaded from a file", 0) end
  return absolute(here == "" and "./" or here)
end

-- nginx has LuaJIT, so only a 5.1 knows where its modules are; for the others the built-in places must do.
local function luaPaths()
  local own = sources()
  local path, cpath = own .. "?.lua;" .. own .. "?/init.lua;", ""
  if _VERSION == "Lua 5.1" then path, cpath = path .. absolute(package.path) .. ";", absolute(package.cpath) .. ";" end
  return path .. ";", cpath .. ";;"
end

-- The folder ---------------------------------------------------------------------------------------------------

local template = [[
%sdaemon on;
# one process: it stays who it was started as, and holds the one Lua state
master_process off;
pid %s/nginx.pid;
error_log %s/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path %s/temp; proxy_temp_path %s/temp; fastcgi_temp_path %s/temp;
  uwsgi_temp_path %s/temp; scgi_temp_path %s/temp;
  # a body never becomes a file, which somebody would have to remove
  client_max_body_size 32m; client_body_buffer_size 32m; large_client_header_buffers 8 1m;
  keepalive_timeout %ds; keepalive_requests 1000000; server_tokens off; default_type application/json;
  lua_package_path "%s"; lua_package_cpath "%s"; lua_check_client_abort on; lua_socket_log_errors off;
  init_by_lua_block { require "aliyun.sas.emulator.nginx".init(%q) }
  init_worker_by_lua_block { require "aliyun.sas.emulator.nginx".watch() }
  server {
    listen 127.0.0.1:%d%s;
%s    location = /-reset- { internal; reset_timedout_connection on; return 444; }
    location / { content_by_lua_block { require "aliyun.sas.emulator.nginx".content() } }
  }
}
]]

local tlsPart = [[
    ssl_certificate %s/server.pem; ssl_certificate_key %s/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate_by_lua_block { require "aliyun.sas.emulator.nginx".handshake() }
]]

local function configuration(settings, folder, port, loaded)
  local path, cpath = luaPaths()
  local tls = settings.tls and tlsPart:format(folder, folder) or ""
  local f = folder
  return template:format(loaded, f, f, f, f, f, f, f, settings.keepalive, path, cpath, folder, port,
    settings.tls and " ssl" or "", tls)
end

local function fillFolder(settings, folder)
  local owner = not settings.detached and shell.self() or nil
  shell.write(folder .. "/settings.json", json.encode {
    options = settings.options or {}, lifetime = settings.lifetime, owner = owner,
  })
  if settings.tls then
    local made = certificate.make(settings.certificate)
    shell.write(folder .. "/ca.pem", made.ca)
    shell.write(folder .. "/server.pem", made.certificate)
    shell.write(folder .. "/server.key", made.key)
  end
end

-- Start and stop -----------------------------------------------------------------------------------------------

local function tail(folder)
  local said = (shell.read(folder .. "/start.log") or "") .. (shell.read(folder .. "/error.log") or "")
  return said:sub(-4000)
end

-- Descriptors are closed, so that whoever waits for the end of a pipe of this process does not wait for nginx. It runs
-- in the root folder: its own search path has the current one in it.
local function launch(nginx, folder)
  return shell.run(("n=$(command -v %s); case $n in /*) ;; *) n=$PWD/$n ;; esac; cd / && "
    .. "exec env -u LUA_PATH -u LUA_CPATH -u LUA_INIT \"$n\" -p %s/ -c %s/nginx.conf >%s/start.log 2>&1"
    .. " </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"):format(shell.quote(nginx), folder, folder, folder))
end

-- A port can be taken between the look and the start, hence the tries.
local function launchSomewhere(settings, nginx, folder)
  local loaded = nginxProgram.modules(nginx)
  for _ = 1, 5 do
    local port = settings.port ~= 0 and settings.port or nginxProgram.freePort()
    shell.write(folder .. "/nginx.conf", configuration(settings, folder, port, loaded))
    if launch(nginx, folder) then return port end
    if settings.port ~= 0 or not tail(folder):find("bind()", 1, true) then break end
  end
  local said = tail(folder)
  local missing = said:find("module '_?openssl") and "nginx' LuaJIT has no luaossl (Debian: lua-luaossl): " or ""
  error("nginx did not start: " .. missing .. said, 0)
end

-- The pid of the nginx of a folder, while it runs. The command line is looked at, so that a stranger with a reused pid
-- is left alone.
local function running(folder)
  local pid = (shell.read(folder .. "/nginx.pid") or ""):match("^([1-9]%d*)")
  local command = pid and (shell.read("/proc/" .. pid .. "/cmdline") or shell.line("ps -o args= -p " .. pid))
  if command and (command:gsub("%c", " ") .. " "):find(" " .. folder .. "/nginx.conf ", 1, true) then return pid end
end

local function halt(folder, seconds)
  local pid = running(folder)
  if not pid then return end
  shell.run("kill -TERM " .. pid .. " 2>/dev/null")
  local function gone() return not shell.alive(pid) end
  if not shell.wait(gone, seconds) then
    shell.run("kill -KILL " .. pid .. " 2>/dev/null")
    shell.wait(gone, seconds)
  end
end

local function begin(self, settings, nginx)
  fillFolder(settings, self.folder)
  self.port = launchSomewhere(settings, nginx, self.folder)
  self.endpoint = ("%s://localhost:%d"):format(settings.tls and "https" or "http", self.port)
  self.caFile = settings.tls and self.folder .. "/ca.pem" or nil
  self:command("ping")
end

--- A running server.
function M.start(given)
  local settings = read(given)
  local nginx = nginxProgram.find(settings.nginx)
  local self = setmetatable({ folder = folders.make(settings.folder), timeout = settings.timeout, commands = 0 }, M)
  local ok, why = pcall(begin, self, settings, nginx)
  if not ok then
    self:stop()
    error(why, 0)
  end
  return self
end

local function stop(folder, seconds)
  halt(folder, seconds)
  folders.remove(folder)
end

--- Stops nginx, waits for its end and removes what it had. A second call does nothing.
function M:stop()
  if getmetatable(self) ~= M then error("call it with a colon: server:stop()", 2) end
  if not self.folder then return end
  stop(self.folder, self.timeout)
  self.folder = nil
end

--- The same, for a server that another process of this user started. False where the folder is no such server's.
function M.stopFolder(given)
  local folder = folders.of(given)
  if not folder then return false end
  stop(folder, 10)
  return true
end

-- Control ------------------------------------------------------------------------------------------------------

local function answerOf(self, id)
  local written = shell.takeFile(self.folder .. "/answer")
  local answer = written and json.plain(assert(json.decode(written, true)))
  return answer and answer.id == id and answer or nil
end

--- Has the server do something, and waits until it is done.
function M:command(name, ...)
  if not self.folder then error("the server is stopped", 2) end
  self.commands = self.commands + 1
  local id, arguments = self.commands, json.array()
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    arguments[i] = value == nil and json.null or value
  end
  shell.publish(self.folder .. "/command", json.encode { id = id, name = name, arguments = arguments })
  local answer = shell.wait(function() return answerOf(self, id) end, self.timeout)
  if not answer then error("the server does not answer: " .. tail(self.folder), 0) end
  if answer.error then error(("server:%s: %s"):format(name, answer.error), 0) end
  return answer.result
end

local function control(self, name, ...)
  if getmetatable(self) ~= M then error(("call it with a colon: server:%s(...)"):format(name), 3) end
  return self:command(name, ...)
end

function M.chatbots(self) return (control(self, "chatbots")) end
function M.requests(self) return (control(self, "requests")) end
function M.reset(self) return (control(self, "reset")) end
function M.advance(self, seconds) return (control(self, "advance", seconds)) end
function M.fault(self, name, argument, count) return (control(self, "fault", name, argument, count or 1)) end

--- What nginx wrote into its error log.
function M:log() return shell.read(self.folder .. "/error.log") or "" end

return M
