-- tlsserver.lua - a server for the HTTP specs: TLS with good and bad certificates, and
-- answers of every kind
-- SPDX-License-Identifier: MIT
--
--   local server = tlsserver.start()   -- nil and a reason where nginx or luaossl is missing
--   server.port.good                   -- see `listeners` below for the names
--   server:mark(); ...; server:seen()  -- the requests that were read in full since the mark
--   server:stop()
--
-- It is nginx with its Lua module, in a temporary folder, on loopback; what it answers is
-- chosen by the path and stands in tlsserver_answers.lua. It ends by itself after a while.

local files = require "spec.support.files"

local tlsserver = {}
local Server = { }
Server.__index = Server

local LIFE = 1800 -- seconds

-- As over any network: on the loopback interface the answer can be there before the client waits for it.
local later = "ssl_certificate_by_lua_block { ngx.sleep(0.02) }"

-- name, TLS certificate or nil, more directives
local listeners = {
  { "good", "good" },
  { "wrongname", "wrongname", later },
  { "wrongsan", "wrongsan", later },
  { "expired", "expired", later },
  { "future", "future", later },
  { "stranger", "stranger", later },
  { "selfsigned", "selfsigned", later },
  { "clientonly", "clientonly", later },
  { "instant", "stranger" },
  { "old", "good", "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;" },
  { "mute", "good", "ssl_certificate_by_lua_block { ngx.sleep(60) }" },
  { "hangup", "good", "ssl_certificate_by_lua_block { ngx.exit(ngx.ERROR) }" },
  { "impatient", "good", "keepalive_timeout 0;" },
  { "plain" },
}

local function run(command)
  local pipe = io.popen(command .. " 2>/dev/null")
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

local function here()
  local folder = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."
  return run("cd '" .. folder .. "' && pwd")
end

-- Certificates ---------------------------------------------------------------------------

local DAY = 86400

local function certificate(subject, options)
  local x509, x509name = require "openssl.x509", require "openssl.x509.name"
  local altname, extension = require "openssl.x509.altname", require "openssl.x509.extension"
  local bignum, pkey = require "openssl.bignum", require "openssl.pkey"
  local key = pkey.new { type = "EC", curve = "prime256v1" }
  local made = x509.new()
  local issuer = options.issuer
  made:setVersion(3)
  made:setSerial(bignum.new(math.random(1, 2 ^ 30)))
  local name = x509name.new():add("CN", subject)
  made:setSubject(name)
  made:setIssuer(issuer and issuer.certificate:getSubject() or name)
  made:setLifetime(os.time() + (options.from or -1) * DAY, os.time() + (options.to or 1) * DAY)
  made:setPublicKey(key)
  made:addExtension(extension.new("basicConstraints", options.ca and "critical,CA:TRUE" or "CA:FALSE"))
  if options.names then
    local names = altname.new()
    for _, one in ipairs(options.names) do
      names:add(one:find("^%d") and "IP" or "DNS", one)
    end
    made:setSubjectAlt(names)
  end
  if options.usage then
    made:addExtension(extension.new("extendedKeyUsage", options.usage))
  end
  made:sign(issuer and issuer.key or key, "sha256")
  return { certificate = made, key = key }
end

local function make_certificates(folder)
  local ours = certificate("Spec CA", { ca = true })
  local other = certificate("Stranger CA", { ca = true })
  local names = { "localhost", "127.0.0.1" }
  local all = {
    good = certificate("localhost", { issuer = ours, names = names }),
    wrongname = certificate("elsewhere.example", { issuer = ours, names = { "elsewhere.example" } }),
    wrongsan = certificate("localhost", { issuer = ours, names = { "elsewhere.example" } }),
    expired = certificate("localhost", { issuer = ours, names = names, from = -10, to = -2 }),
    future = certificate("localhost", { issuer = ours, names = names, from = 2, to = 10 }),
    stranger = certificate("localhost", { issuer = other, names = names }),
    selfsigned = certificate("localhost", { names = names }),
    clientonly = certificate("localhost", { issuer = ours, names = names, usage = "clientAuth" }),
  }
  for name, one in pairs(all) do
    files.write(folder .. "/" .. name .. ".crt", one.certificate:toPEM())
    files.write(folder .. "/" .. name .. ".key", one.key:toPEM("private"))
  end
  files.write(folder .. "/ca.crt", ours.certificate:toPEM())
  files.write(folder .. "/empty.crt", "")
  files.write(folder .. "/garbage.crt", "this is no certificate\n")
end

-- nginx ----------------------------------------------------------------------------------

local function module_path(name)
  for _, folder in ipairs { "/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules" } do
    if files.read(folder .. "/" .. name) then
      return folder .. "/" .. name
    end
  end
end

local function configuration(folder, first_port, answers)
  local text, ports = {}, {}
  local function add(line, ...)
    text[#text + 1] = line:format(...)
  end
  for _, name in ipairs { "ndk_http_module.so", "ngx_http_lua_module.so" } do
    local path = module_path(name)
    if path then
      add("load_module %s;", path)
    end
  end
  add("daemon off; master_process off; pid %s/nginx.pid; error_log %s/error.log warn;", folder, folder)
  add("events { worker_connections 256; }")
  add("http {")
  for _, kind in ipairs { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" } do
    add("  %s_temp_path %s/temp;", kind, folder)
  end
  add("  access_log off; server_tokens off; client_body_buffer_size 4m; client_max_body_size 4m;")
  add("  large_client_header_buffers 8 64k; lingering_close off;")
  add("  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on;")
  for i, listener in ipairs(listeners) do
    local name, tls, more = listener[1], listener[2], listener[3] or ""
    ports[name] = first_port + i - 1
    add("  server {")
    add("    listen 127.0.0.1:%d%s;", ports[name], tls and " ssl" or "")
    if tls then
      add("    ssl_certificate %s/%s.crt; ssl_certificate_key %s/%s.key;", folder, tls, folder, tls)
    end
    add("    %s", more)
    add("    set $spec_log %s/requests.log;", folder)
    add("    location / { content_by_lua_file %s; }", answers)
    add("  }")
  end
  add("}")
  ports.closed = first_port + #listeners -- where nobody listens
  return table.concat(text, "\n") .. "\n", ports
end

local function wait_until_ready(folder, pid)
  for _ = 1, 300 do
    if (files.read(folder .. "/nginx.pid") or "") ~= "" then
      return true
    end
    if run("kill -0 " .. pid .. " && echo alive") ~= "alive" then
      return false
    end
    os.execute("sleep 0.1")
  end
  return false
end

local function missing()
  if not pcall(require, "openssl.x509") then
    return "luaossl is not installed"
  end
  if run("command -v nginx") == "" or not module_path("ngx_http_lua_module.so") then
    return "nginx with its Lua module is not installed"
  end
end

function tlsserver.start()
  local reason = missing()
  if reason then
    return nil, reason
  end
  local folder = run("mktemp -d")
  local answers = here() .. "/tlsserver_answers.lua"
  assert(folder ~= "", "mktemp -d failed")
  make_certificates(folder)
  for _ = 1, 5 do
    local random = tonumber(run("od -An -N2 -tu2 /dev/urandom"))
    local text, ports = configuration(folder, 10000 + random % 20000, answers)
    files.write(folder .. "/nginx.conf", text)
    files.write(folder .. "/requests.log", "")
    -- A sanitizer that is loaded into this process is none of nginx's business.
    local pid = run(("env -u LD_PRELOAD timeout -k 5 %d nginx -p '%s' -c '%s/nginx.conf' >'%s/output' 2>&1 & echo $!")
      :format(LIFE, folder, folder, folder))
    if wait_until_ready(folder, pid) then
      local server = { folder = folder, pid = pid, port = ports, position = 0 }
      server.caFile = folder .. "/ca.crt"
      return setmetatable(server, Server)
    end
  end
  local output = files.read(folder .. "/output")
  os.execute("rm -rf '" .. folder .. "'")
  return nil, "nginx does not start: " .. tostring(output)
end

function Server:mark()
  self.position = #files.read(self.folder .. "/requests.log")
end

-- A list of { method, target, connection, nth = on this connection, resumed, body = length }.
function Server:seen()
  local list = {}
  for line in files.read(self.folder .. "/requests.log"):sub(self.position + 1):gmatch("[^\n]+") do
    local method, target, connection, nth, resumed, body = line:match("^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$")
    list[#list + 1] = {
      method = method, target = target, connection = connection, nth = tonumber(nth),
      resumed = resumed == "r", body = tonumber(body),
    }
  end
  return list
end

function Server:log()
  return files.read(self.folder .. "/error.log")
end

function Server:stop()
  os.execute(("kill %s 2>/dev/null; rm -rf '%s'"):format(self.pid, self.folder))
end

return tlsserver
