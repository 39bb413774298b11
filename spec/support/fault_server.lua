-- fault_server.lua - a server for the fault specs: bad in its TLS by port, bad in its answers by a script
-- SPDX-License-Identifier: MIT
--
--   local server = fault_server.start()        nil and a reason where nginx or luaossl is missing
--   server.port.expired                        see `listeners` below for the names
--   server:play { "HTTP/1.1 200 OK\r\n" }      from now on each request meets this: texts are sent, tables are
--                                              { text =, times = }, { text =, pause = } byte by byte, { sleep = },
--                                              and then the connection ends
--   server:play { reset = true }               no answer but a reset; { silent = seconds }: no answer
--   server:play { reused = true, ... }         only from the second request of a connection on
--   server:play()                              good answers
--   server:mark(); server:seen()               the whole requests since the mark
--   server:partial()                           requests of any kind since the mark, also broken ones
--   server:stop()
--
-- It is nginx in a temporary folder on loopback, and ends by itself after a while.

local files = require "spec.support.files"

local fault_server = {}
local Server = {}
Server.__index = Server

local LIFE = 1800 -- seconds

local OLD = "ssl_ciphers ALL:@SECLEVEL=0; ssl_protocols "

-- name = { certificate or nil, more directives }
local listeners = {
  good = { "good" }, http = {}, tls12 = { "good", "ssl_protocols TLSv1.2;" },
  brief = { "good", "keepalive_timeout 4ms;" }, briefhttp = { nil, "keepalive_timeout 4ms;" },
  mute = { "good", "ssl_certificate_by_lua_block { ngx.sleep(60) }" },
  refusing = { "good", "ssl_certificate_by_lua_block { ngx.exit(ngx.ERROR) }" },
  tls10 = { "good", OLD .. "TLSv1;" }, tls11 = { "good", OLD .. "TLSv1.1;" },
  nullcipher = { "rsa", "ssl_ciphers NULL-SHA256:@SECLEVEL=0; ssl_protocols TLSv1.2;" },
  weakdh = {
    "rsa", "ssl_ciphers DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0; ssl_protocols TLSv1.2; ssl_dhparam %s/dh1024;",
  },
}
for _, kind in ipairs {
  "whole", "missing", "expired", "future", "selfsigned", "stranger", "wronghost", "noaddress", "cnonly", "nul",
  "noauthority", "limited", "forclients", "forlists", "large",
} do
  listeners[kind] = { kind }
end

local DH1024 = [[
-----BEGIN DH PARAMETERS-----
MIGHAoGBAKMTvsFrU2Uu6xpzaH0vTiH2t9wMfuOYagphNeIoODBFX3aeazbOG+lb
bW4WFxOlOBEd0Ar59N5fgeI6O9V0mXnXsUviZGFIKePIIomxm7qVvG5A4WG65pe0
Egk0Jit/LQsD58DyG8wL0Ddkn1QEUEis23vLcN2w1kD3kX0myOpjAgEF
-----END DH PARAMETERS-----
]]

local names = {}
for name in pairs(listeners) do
  names[#names + 1] = name
end
table.sort(names)

local function run(command)
  local pipe = io.popen(command .. " 2>/dev/null")
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local function here()
  local folder = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" or "."
  return run("cd '" .. folder .. "' && pwd")
end

-- nginx ------------------------------------------------------------------------------------

local function modules()
  for _, folder in ipairs { "/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules" } do
    if files.read(folder .. "/ngx_http_lua_module.so") then
      return ("load_module %s/ndk_http_module.so;\nload_module %s/ngx_http_lua_module.so;\n"):format(folder, folder)
    end
  end
end

local head = [[
%sdaemon off; master_process off; pid %s/nginx.pid; error_log %s/error.log warn;
events { worker_connections 512; }
http {
  client_body_temp_path %s/temp; proxy_temp_path %s/temp; fastcgi_temp_path %s/temp; uwsgi_temp_path %s/temp;
  scgi_temp_path %s/temp;
  log_format fault "$connection $status $request_length"; access_log %s/access.log fault;
  server_tokens off; client_body_buffer_size 4m; client_max_body_size 4m; large_client_header_buffers 8 64k;
  lingering_close off; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on; lua_socket_log_errors off;
  keepalive_requests 100000;
]]

local server_block = [[
  server {
    listen 127.0.0.1:%d%s;
    %s
    set $fault_folder %s;
    location = /-reset- { internal; reset_timedout_connection on; return 444; }
    location / { content_by_lua_file %s; }
  }
]]

local function configuration(folder, first_port)
  local f, ports, answers = folder, {}, here() .. "/fault_answers.lua"
  local text = { head:format(modules(), f, f, f, f, f, f, f, f) }
  for i, name in ipairs(names) do
    local certificate, more = listeners[name][1], listeners[name][2] or ""
    ports[name] = first_port + i - 1
    if certificate then
      more = ("ssl_certificate %s/%s.crt; ssl_certificate_key %s/%s.key; "):format(f, certificate, f, certificate)
        .. more:gsub("%%s", f)
    end
    text[#text + 1] = server_block:format(ports[name], certificate and " ssl" or "", more, f, answers)
  end
  ports.closed = first_port + #names -- where nobody listens
  return table.concat(text) .. "}\n", ports
end

local function wait_until_ready(folder, pid)
  for _ = 1, 600 do
    if (files.read(folder .. "/nginx.pid") or "") ~= "" then
      return true
    elseif run("kill -0 " .. pid .. " && echo alive") ~= "alive" then
      return false
    end
    os.execute "sleep 0.05"
  end
  return false
end

local function missing()
  if not pcall(require, "openssl.x509") then
    return "luaossl is not installed"
  elseif run "PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx" == "" or not modules() then
    return "nginx with its Lua module is not installed"
  end
end

local function launch(folder)
  -- a sanitizer that is loaded into this process is none of nginx's business
  local pid = run(("PATH=$PATH:/usr/sbin:/usr/local/sbin; env -u LD_PRELOAD timeout -k 5 %d nginx -p '%s' "
    .. "-c '%s/nginx.conf' >'%s/output' 2>&1 & echo $!"):format(LIFE, folder, folder, folder))
  return wait_until_ready(folder, pid) and pid
end

function fault_server.start()
  local reason = missing()
  if reason then
    return nil, reason
  end
  local folder = run "mktemp -d"
  assert(folder ~= "", "mktemp -d failed")
  require "spec.support.fault_certificates".write(folder)
  files.write(folder .. "/dh1024", DH1024)
  files.write(folder .. "/requests.log", "")
  local server = setmetatable({ folder = folder, caFile = folder .. "/ca.crt", marks = {} }, Server)
  server:play()
  for _ = 1, 5 do -- another may have taken a port
    local random = tonumber(run "od -An -N2 -tu2 /dev/urandom")
    local text
    text, server.port = configuration(folder, 10000 + random % 20000)
    files.write(folder .. "/nginx.conf", text)
    server.pid = launch(folder)
    if server.pid then
      server:mark()
      return server
    end
  end
  local output = (files.read(folder .. "/output") or "") .. (files.read(folder .. "/error.log") or "")
  os.execute("rm -rf '" .. folder .. "'")
  return nil, "nginx does not start: " .. output
end

-- Scripts ----------------------------------------------------------------------------------

local function literal(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value):gsub("\r", "\\r"):gsub("%z", "\\0") or tostring(value)
  end
  local fields = {}
  for key, field in pairs(value) do
    fields[#fields + 1] = ("[%s]=%s"):format(literal(key), literal(field))
  end
  return "{" .. table.concat(fields, ",") .. "}"
end

function Server:play(script)
  local played = { played = script ~= nil }
  for key, value in pairs(script or {}) do
    played[key] = value
  end
  files.write(self.folder .. "/script.new", "return " .. literal(played))
  assert(os.rename(self.folder .. "/script.new", self.folder .. "/script.lua"))
end

-- What it saw ------------------------------------------------------------------------------

local function lines_since(path, position)
  local list = {}
  for line in (files.read(path) or ""):sub(position + 1):gmatch "[^\n]+" do
    list[#list + 1] = line
  end
  return list
end

function Server:mark()
  for _, name in ipairs { "requests.log", "access.log" } do
    self.marks[name] = #(files.read(self.folder .. "/" .. name) or "")
  end
end

-- A list of { connection, nth = on this connection, action, nonce, body = length }.
function Server:seen()
  local list = lines_since(self.folder .. "/requests.log", self.marks["requests.log"])
  for i, line in ipairs(list) do
    local connection, nth, action, nonce, body = line:match "^(%S+) (%S+) (%S+) (%S+) (%S+)$"
    list[i] = { connection = connection, nth = tonumber(nth), action = action, nonce = nonce, body = tonumber(body) }
  end
  return list
end

-- Each is written down behind its answer: there is a wait for so many, if they are given.
function Server:partial(least)
  for _ = 1, 1500 do
    local count = #lines_since(self.folder .. "/access.log", self.marks["access.log"])
    if count >= (least or 0) then
      return count
    end
    os.execute "sleep 0.02"
  end
  return 0
end

function Server:stop()
  os.execute(("kill %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.folder))
end

return fault_server
