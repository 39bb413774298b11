-- openresty.lua - a real nginx with its Lua module, whose workers have this module in them
-- SPDX-License-Identifier: MIT
--
--   local server, reason = openresty.start { trusted = { emulated.caFile } }   -- nil and a reason where it cannot be
--   server:call("spec.support.x", "name", ...)   -- runs that function in a worker, and answers what it answers
--   server:get("/path"); server:post("/path", body, headers)
--   server:reload(); server:workers(); server:log()
--   server:stop()
--
-- It lies in a temporary folder, listens on loopback, and ends by itself after a while. What it loads is built for
-- LuaJIT, whichever Lua runs the specs.

local http = require "aliyun.sas.http"
local json = require "dkjson"
local program = require "aliyun.sas.emulator.nginx_program"
local shell = require "aliyun.sas.emulator.shell"

local openresty = {}
local Server = {}
Server.__index = Server

local LIFE = 1800 -- seconds

--- The folder of the sources.
function openresty.top()
  local folder = debug.getinfo(1, "S").source:match "^@(.*)spec/support/openresty%.lua$" or ""
  return shell.line("cd " .. shell.quote(folder == "" and "." or folder) .. " && pwd")
end

--- The build that nginx loads: beside the one of the Lua that runs the specs.
function openresty.build_folder()
  local out = os.getenv "OUT"
  local folder = out and out:gsub("/[^/]*$", "/luajit") or "build/luajit"
  return folder:sub(1, 1) == "/" and folder or openresty.top() .. "/" .. folder
end

--- Why there can be no such nginx here; nil where there can.
function openresty.missing()
  if not shell.exists(openresty.build_folder() .. "/aliyun/sas/core.so") then
    return "needs the build for LuaJIT"
  elseif not shell.exists "/proc/self/stat" then
    return "needs /proc"
  end
  local good, why = pcall(function() return program.modules(program.find()) end)
  return not good and tostring(why) or nil
end

local template = [[
{loaded}
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log {level};
user {user};
{main}
events { worker_connections 4096; }
http {
  access_log off; server_tokens off; client_body_buffer_size 1m; client_max_body_size 4m;
  client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t;
  uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
  lua_package_path "{top}/lua/?.lua;{top}/lua/?/init.lua;{top}/?.lua;;";
  lua_package_cpath "{build}/?.so;;";
  lua_socket_log_errors off;
{tls}
{http}
  server {
    listen 127.0.0.1:{port} backlog=4096;
    location = /call { content_by_lua_block { require "spec.support.in_worker".call() } }
{server}
  }
}
]]

local function filled(values)
  return (template:gsub("{(%l+)}", values))
end

local function trusted_text(files)
  local parts = {}
  for i, file in ipairs(files) do
    parts[i] = assert(shell.read(file))
  end
  return table.concat(parts, "\n")
end

local function configuration(given, folder, port, nginx)
  local tls = given.tls or ""
  if given.trusted then
    tls = tls .. "\n  lua_ssl_trusted_certificate " .. folder .. "/trusted.pem; lua_ssl_verify_depth 3;"
  end
  return filled {
    loaded = program.modules(nginx), workers = given.workers or 1, folder = folder, level = given.level or "notice",
    user = shell.line "id -un" .. " " .. shell.line "id -gn", main = given.main or "", top = openresty.top(),
    build = openresty.build_folder(), tls = tls, http = given.http or "", port = port, server = given.server or "",
  }
end

-- In the background, below a clock that ends it whatever happens to the specs.
local function launch(folder, nginx, variables)
  local words = {}
  for name, value in pairs(variables or {}) do
    words[#words + 1] = name .. "=" .. shell.quote(value)
  end
  return shell.line(("exec 2>&1; env -u LUA_PATH -u LUA_CPATH -u LUA_INIT -u LD_PRELOAD %s timeout -k 5 %d %s -p %s "
    .. "-c %s/nginx.conf >%s/start.log 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- & echo $!")
    :format(table.concat(words, " "), LIFE, shell.quote(nginx), folder, folder, folder))
end

function Server:log()
  return (shell.read(self.folder .. "/start.log") or "") .. (shell.read(self.folder .. "/error.log") or "")
end

function Server:master()
  return (shell.read(self.folder .. "/nginx.pid") or ""):match "^(%d+)"
end

local function command_line(pid)
  return shell.read("/proc/" .. pid .. "/cmdline") or ""
end

-- The pids of the workers; also of those that are shutting down, if asked for.
function Server:workers(all)
  local master = self:master()
  local pids = {}
  for pid in (shell.read("/proc/" .. master .. "/task/" .. master .. "/children") or ""):gmatch "%d+" do
    local line = command_line(pid)
    if line:find("worker process", 1, true) and (all or not line:find("shutting down", 1, true)) then
      pids[#pids + 1] = pid
    end
  end
  return pids
end

local function is_ready(self)
  return self:master() and #self:workers() == self.count
end

local function begin(self, given, nginx)
  shell.write(self.folder .. "/trusted.pem", trusted_text(given.trusted or {}))
  for name, text in pairs(given.files or {}) do
    shell.write(self.folder .. "/" .. name, text)
  end
  for _ = 1, 5 do
    self.port = program.freePort()
    shell.write(self.folder .. "/nginx.conf", configuration(given, self.folder, self.port, nginx))
    self.pid = launch(self.folder, nginx, given.environment)
    local ended = false
    shell.wait(function()
      ended = not shell.alive(self.pid)
      return ended or is_ready(self)
    end, 60)
    if not ended then
      return
    elseif not self:log():find("bind()", 1, true) then
      break
    end
  end
  error("nginx does not start: " .. self:log(), 0)
end

---@class spec.openresty.Settings
---@field trusted? string[] files with authorities, for lua_ssl_trusted_certificate; without it there is none
---@field workers? integer 1
---@field main? string more for nginx.conf, outside of http
---@field http? string more for http
---@field server? string more for the server: locations
---@field tls? string instead of nothing, before the trusted authorities
---@field level? string of the error log
---@field environment? table<string, string> variables that the master sees
---@field files? table<string, string> what else lies in the folder, by name

---@param given? spec.openresty.Settings
function openresty.start(given)
  given = given or {}
  local reason = openresty.missing()
  if reason then
    return nil, reason
  end
  local folder = assert(shell.line 'mktemp -d "${TMPDIR:-/tmp}/aliyun-sas-spec.XXXXXXXX"')
  local self = setmetatable({ folder = folder, count = given.workers or 1 }, Server)
  self.client = http.new { proxy = false }
  local good, why = pcall(begin, self, given, program.find())
  if not good then
    self:stop()
    error(why, 0)
  end
  return self
end

function Server:ask(method, path, body, headers)
  local before, query = path:match "^([^?]*)%??(.*)$"
  return self.client:send {
    method = method, scheme = "http", host = "127.0.0.1", port = self.port, path = before, query = query,
    headers = headers or {}, body = body or "", timeout = 300, maxBody = 2 ^ 24, fresh = true,
  }
end

-- Status (or the code of a failure), body, headers.
function Server:get(path, headers)
  local outcome = self:ask("GET", path, "", headers)
  return outcome.status or outcome.code, outcome.body, outcome.headers
end

function Server:post(path, body, headers)
  local outcome = self:ask("POST", path, body, headers)
  return outcome.status or outcome.code, outcome.body, outcome.headers
end

-- Runs a function of a module in a worker. What it raises is raised here.
function Server:call(module, name, ...)
  return self:call_at("/call", module, name, ...)
end

-- The same at another location, which has such a handler too.
function Server:call_at(path, module, name, ...)
  local count, arguments = select("#", ...), setmetatable({ ... }, { __jsontype = "array" })
  for i = 1, count do
    if arguments[i] == nil then
      arguments[i] = json.null
    end
  end
  local asked = json.encode { module = module, name = name, count = count, arguments = arguments }
  local status, body = self:post(path, asked)
  if status ~= 200 then
    error(("%s in a worker: %s %s"):format(name, tostring(status), tostring(body)), 2)
  end
  local answer = json.decode(body)
  return (unpack or table.unpack)(answer.values, 1, answer.count) -- luacheck: ignore
end

-- Has the master start new workers, and waits until they are there; the old ones may still be at work.
function Server:reload()
  local old = {}
  for _, pid in ipairs(self:workers(true)) do
    old[pid] = true
  end
  shell.run("kill -HUP " .. self:master())
  local renewed = shell.wait(function()
    local pids = self:workers()
    for _, pid in ipairs(pids) do
      if old[pid] then
        return false
      end
    end
    return #pids == self.count
  end, 60)
  assert(renewed, "no new workers")
end

-- Waits until the workers of before the last reload are gone.
function Server:settle()
  return shell.wait(function() return #self:workers(true) == self.count end, 60)
end

-- Memory in KB of a process, and its descriptors.
function Server:size(pid) -- luacheck: ignore self
  local status = shell.read("/proc/" .. pid .. "/status") or ""
  return tonumber(status:match "VmRSS:%s*(%d+)"), tonumber(shell.line("ls /proc/" .. pid .. "/fd | wc -l"))
end

-- The libraries of a process whose name has the text, each once.
function Server:libraries(pid, text) -- luacheck: ignore self
  local found, list = {}, {}
  for path in (shell.read("/proc/" .. pid .. "/maps") or ""):gmatch "(/[^\n]*)" do
    if path:find(text, 1, true) and not found[path] then
      found[path] = true
      list[#list + 1] = path
    end
  end
  return list
end

function Server:stop()
  if not self.folder then
    return
  end
  local master = self:master()
  if self.pid and shell.alive(self.pid) then
    shell.run("kill -TERM " .. (master or self.pid))
    if not shell.wait(function() return not shell.alive(self.pid) end, 10) then
      shell.run("kill -KILL " .. self.pid .. (master and " " .. master or ""))
    end
  end
  self.client:close()
  shell.run("rm -rf -- " .. shell.quote(self.folder))
  self.folder = nil
end

return openresty
