--- Finds nginx, and what it has to load for Lua.

local shell = require "aliyun.sas.emulator.shell"

local M = {}

--- The path of the program: what is given, NGINX of the environment, or what is installed. Raises where there is none.
function M.find(given)
  given = given or os.getenv("NGINX")
  if given then
    local word = shell.quote(given)
    if shell.run(("command -v %s >/dev/null 2>&1 && [ ! -d %s ]"):format(word, word)) then return given end
    error(("setting nginx: the program %s is not found"):format(given), 0)
  end
  return shell.line("PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/openresty/nginx/sbin command -v nginx")
    or error("nginx is not installed (Debian: nginx libnginx-mod-http-lua)", 0)
end

--- The lines of nginx.conf that load its Lua module, which is built in (OpenResty: no lines) or lies in a file that has
-- to be loaded after the one that it needs. Raises where there is none.
function M.modules(nginx)
  local pipe = assert(io.popen(shell.quote(nginx) .. " -V 2>&1"))
  local built = pipe:read("*a")
  pipe:close()
  if built:find("add%-module=%S*ngx_lua") or built:find("add%-module=%S*lua%-nginx%-module") then return "" end
  local folders = { "/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules" }
  table.insert(folders, 1, built:match("%-%-modules%-path=(%S+)"))
  for _, folder in ipairs(folders) do
    if shell.exists(folder .. "/ngx_http_lua_module.so") then
      return ("load_module %s/ndk_http_module.so;\nload_module %s/ngx_http_lua_module.so;\n"):format(folder, folder)
    end
  end
  error("nginx has no Lua module (Debian: libnginx-mod-http-lua)", 0)
end

--- A port of the loopback interface that is free now; it can be taken before it is used.
function M.freePort()
  local used = shell.usedPorts()
  for _ = 1, 1000 do
    local port = 20000 + shell.random(12000)
    if not used[port] then return port end
  end
  error("no free port", 0)
end

return M
