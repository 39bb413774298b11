-- credentials_nginx_spec.lua - credentials inside a real nginx: one refresh for all, and what its environment lacks
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local http = require "aliyun.sas.http"
local shell = require "aliyun.sas.emulator.shell"

local template = [[
%s
daemon on;
worker_processes 1;
user root;
pid %s/nginx.pid;
error_log %s/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/fastcgi;
  uwsgi_temp_path %s/uwsgi; scgi_temp_path %s/scgi;
  lua_package_path "%s"; lua_package_cpath "%s";
  lua_shared_dict credentials 1m; lua_shared_dict tiny 12k;
  init_by_lua_block { kept_provider = require "aliyun.sas".credentials.default() }
  server {
    listen 127.0.0.1:%d;
    location / { content_by_lua_block { require "spec.support.nginx_credentials" () } }
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

describe("credentials inside nginx", function()
  local folder, port
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
    return shell.run(("env -u LUA_PATH -u LUA_CPATH -u LUA_INIT -u LD_PRELOAD ALIBABA_CLOUD_ACCESS_KEY_ID=fromenv "
      .. "ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s %s -p %s/ -c %s/nginx.conf"
      .. " >%s/start.log 2>&1 </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-"):format(canary.accessKeySecret, nginx,
      folder, folder, folder))
  end

  setup(function()
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

  it("are asked for by one of 200 calls, and none of the others fails or asks too", function()
    assert.equal("none: 0 failed, 1 of STS, in time\ndue: 0 failed, 2 of STS, in time\n"
      .. "ended: 0 failed, 3 of STS, in time", get "/crowd", shell.read(folder .. "/error.log"))
  end)

  it("are not waited for where the one who asks was killed", function()
    assert.equal("killed: 0 failed, 2 of STS, in time", get "/killed", shell.read(folder .. "/error.log"))
  end)

  it("are got once for all workers that share a dictionary", function()
    assert.equal("none: 0 failed, 1 of STS, in time\ndue: 0 failed, 2 of STS, in time\n"
      .. "ended: 0 failed, 3 of STS, in time\nlater: 0 failed, 3 of STS, in time\n"
      .. "another role: 0 failed, 4 of STS, in time\n2 keys", get "/shared", shell.read(folder .. "/error.log"))
  end)

  it("are not got while another worker holds the lock", function()
    assert.equal("due: 0 failed, 1 of STS, in time\nDEADLINE\nfree: 0 failed, 2 of STS, in time", get "/locked",
      shell.read(folder .. "/error.log"))
  end)

  it("are got by each for itself where the dictionary is full", function()
    assert.equal("full: 0 failed, 1 of STS, in time, nothing was thrown out", get "/full",
      shell.read(folder .. "/error.log"))
  end)

  it("cannot be shared in a dictionary that is not there", function()
    assert.is_truthy(get("/missing"):find("ecs: share: there is no lua_shared_dict nowhere", 1, true))
  end)

  it("are missing in a worker, and the error says which lines the configuration lacks", function()
    local text = get "/environment"
    assert.is_truthy(text:find("NO_CREDENTIALS", 1, true), text)
    assert.is_truthy(text:find("env ALIBABA_CLOUD_ACCESS_KEY_ID; env ALIBABA_CLOUD_ACCESS_KEY_SECRET;", 1, true), text)
    assert.is_nil(text:find(canary.accessKeySecret, 1, true))
  end)

  it("are there in a worker where the provider was made by init_by_lua", function()
    assert.equal("fromenv", get "/kept", shell.read(folder .. "/error.log"))
  end)
end)
