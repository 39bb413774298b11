-- inside.lua - runs specs in a worker of nginx, in a timer, with `ngx` present
-- SPDX-License-Identifier: MIT
--
--   local result, reason = inside.run { "spec/client_spec.lua", ... }
--   result.passed, result.failed, result.pending, result.text

local child = require "spec.support.child"
local openresty = require "spec.support.openresty"
local program = require "aliyun.sas.emulator.nginx_program"
local shell = require "aliyun.sas.emulator.shell"

local inside = {}

-- One process, which the runner ends; its status is that of the specs.
local template = [[
{loaded}
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log notice;
env PATH; env TMPDIR; env HOME; env SAS_RUN; env LUA=luajit; env OUT={build};
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t;
  uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
  lua_package_path "{top}/lua/?.lua;{top}/lua/?/init.lua;{top}/?.lua;;"; lua_package_cpath "{build}/?.so;;";
  init_worker_by_lua_block {
    ngx.timer.at(0, function()
      arg = { [0] = "busted", "-o", "TAP", {specs} }
      local good, why = pcall(function() require "busted.runner" { standalone = false } end)
      -- where a spec failed it has ended the process already
      io.stdout:write(good and "" or tostring(why), "\n")
      os.exit(good and 0 or 9)
    end)
  }
}
]]

local function count(text, pattern)
  return select(2, ("\n" .. text):gsub("\n" .. pattern, ""))
end

--- Runs the specs; nil and a reason where there is no nginx.
function inside.run(specs)
  local reason = openresty.missing()
  if reason then
    return nil, reason
  end
  local folder = assert(shell.line 'mktemp -d "${TMPDIR:-/tmp}/aliyun-sas-spec.XXXXXXXX"')
  local nginx, quoted = program.find(), {}
  for i, spec in ipairs(specs) do
    quoted[i] = ("%q"):format(spec)
  end
  shell.write(folder .. "/nginx.conf", (template:gsub("{(%l+)}", {
    loaded = program.modules(nginx), folder = folder, top = openresty.top(), build = openresty.build_folder(),
    specs = table.concat(quoted, ", "),
  })))
  local text = child.run(("cd %s && env -u LUA_PATH -u LUA_CPATH -u LUA_INIT -u LD_PRELOAD timeout -k 5 1800 %s -p %s "
    .. "-c %s/nginx.conf </dev/null; echo status $?; cat %s/error.log"):format(openresty.top(), nginx, folder, folder,
    folder))
  shell.run("rm -rf -- " .. shell.quote(folder))
  return {
    passed = count(text, "ok %d+ %- ") - count(text, "ok %d+ %- # SKIP"), pending = count(text, "ok %d+ %- # SKIP"),
    failed = count(text, "not ok %d+ %- "), planned = tonumber(text:match "\n1%.%.(%d+)"),
    status = tonumber(text:match "\nstatus (%d+)"), text = text,
  }
end

return inside
