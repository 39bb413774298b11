-- store_nginx_spec.lua - sas.store.dict inside a real nginx: its workers share locks and intents
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local child = require "spec.support.child"
local emulator = require "aliyun.sas.emulator"
local http = require "aliyun.sas.http"
local shell = require "aliyun.sas.emulator.shell"

local template = [[
%s
daemon on;
worker_processes 2;
user root;
pid %s/nginx.pid;
error_log %s/error.log warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/fastcgi;
  uwsgi_temp_path %s/uwsgi; scgi_temp_path %s/scgi;
  lua_package_path "%s"; lua_package_cpath "%s";
  lua_shared_dict names 1m; lua_shared_dict tiny 12k;
  server {
    listen 127.0.0.1:%d;
    location / { content_by_lua_block { require "spec.support.nginx_store" () } }
  }
}
]]

-- nginx' Lua modules, as Debian has them; an OpenResty has them built in.
local function modules()
  local folder = "/usr/lib/nginx/modules/"
  if not shell.exists(folder .. "ngx_http_lua_module.so") then
    return ""
  end
  return ("load_module %sndk_http_module.so; load_module %sngx_http_lua_module.so;"):format(folder, folder)
end

-- The build for nginx' LuaJIT, or nil.
local function build()
  local out = os.getenv "OUT"
  local folder = out and out:gsub("/[^/]*$", "/luajit")
  if not folder or not shell.exists(folder .. "/aliyun/sas/http.so") then
    return nil
  end
  return folder:sub(1, 1) == "/" and folder or shell.line "pwd" .. "/" .. folder
end

describe("sas.store.dict inside nginx", function()
  local folder, port, server
  local nginx = shell.line "PATH=$PATH:/usr/sbin command -v nginx"
  local built = build()

  if not nginx or not built then
    pending(not nginx and "needs nginx" or "needs the build for LuaJIT")
    return
  end

  local function free_port()
    local used = shell.usedPorts()
    repeat
      port = 20000 + shell.random(12000)
    until not used[port]
    return port
  end

  local function start()
    local f, here = folder, shell.line "pwd"
    local path = ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;"):format(here, here, here)
    local config = template:format(modules(), f, f, f, f, f, f, f, path, built .. "/?.so;;", free_port())
    if child.run "id -u" ~= "0" then
      config = config:gsub("user root;\n", "")
    end
    shell.write(folder .. "/nginx.conf", config)
    return shell.run(("env -u LUA_PATH -u LUA_CPATH -u LUA_INIT -u LD_PRELOAD %s -p %s/ -c %s/nginx.conf"
      .. " >%s/start.log 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"):format(nginx, folder, folder, folder))
  end

  setup(function()
    server = emulator.serve { lifetime = 300 }
    folder = child.run "mktemp -d"
    local tries = 0
    repeat
      tries = tries + 1
    until start() or tries == 5
  end)

  teardown(function()
    local pid = (shell.read(folder .. "/nginx.pid") or ""):match "%d+"
    if pid then
      shell.run("kill -TERM " .. pid)
      shell.wait(function() return not shell.alive(pid) end, 10)
    end
    shell.run("rm -rf " .. child.quote(folder))
    server:stop()
  end)

  local function get(path)
    local handle = http.new { proxy = false }
    local outcome = handle:send {
      method = "GET", scheme = "http", host = "127.0.0.1", port = port, path = path, query = "", headers = {},
      body = "", timeout = 30, connectTimeout = 5,
    }
    handle:close()
    return outcome.body or tostring(outcome.code)
  end

  local function assert_answer(wanted, path)
    assert.equal(wanted, get(path), shell.read(folder .. "/error.log"))
  end

  it("lets one of three light threads create", function()
    assert_answer("created 1001, unchanged 1001, unchanged 1001; 4 1; 0 keys", "/threads")
  end)

  it("bounds the lock of a thread that was killed", function()
    assert_answer("state LOCKED; bounded; 0 0", "/killed")
  end)

  it("is an error where it is full, and throws nothing out", function()
    local text = get "/full"
    assert.is_truthy(text:find "^state STORE .*no memory", text)
    assert.is_truthy(text:find("; 0 0; nothing was thrown out", 1, true), text)
  end)

  it("keeps an intent from one request to the next", function()
    assert_answer("unknown CONNECTION_LOST, unknown PENDING, created 1001; 0 keys", "/pending")
  end)

  it("makes one chatbot where eight requests come at once to two workers", function()
    local query = ("endpoint=%s&caFile=%s"):format(server.endpoint, server.caFile)
    local script = ([[
      local handle = require "aliyun.sas.http".new { proxy = false }
      local outcome = handle:send { method = "GET", scheme = "http", host = "127.0.0.1", port = %d, path = "/ensure",
        query = %q, headers = {}, body = "", timeout = 40, connectTimeout = 5 }
      print(outcome.body or outcome.code)]]):format(port, query)
    local text = child.run(("for i in 1 2 3 4 5 6 7 8; do %s & done; wait"):format(child.command("-e", script)))
    local answers = {}
    for line in text:gmatch "[^\n]+" do
      answers[line] = (answers[line] or 0) + 1
    end
    assert.equal(1, answers["created 1001"], text)
    assert.equal(7, (answers["unchanged 1001"] or 0) + (answers["state LOCKED"] or 0), text)
    assert.equal("1001", account.ids(server))
  end)
end)
