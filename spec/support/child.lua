-- child.lua - runs Lua code in a process of its own, with the modules of this one
-- SPDX-License-Identifier: MIT

local child = {}

-- The Lua that runs this: tools/run-specs says it, otherwise it is guessed.
child.lua = os.getenv("LUA") or (rawget(_G, "jit") and "luajit") or _VERSION:lower():gsub(" ", "")

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end
child.quote = quote

local function command(lua, cpath, words)
  local list = { "LUA_PATH=" .. quote(package.path), "LUA_CPATH=" .. quote(cpath), lua }
  for _, word in ipairs(words) do
    list[#list + 1] = quote(tostring(word))
  end
  return table.concat(list, " ")
end

-- The shell command that runs this Lua with these arguments.
function child.command(...)
  return command(child.lua, package.cpath, { ... })
end

-- The same with LuaJIT, for its ffi; nil and a reason where it or its build is missing.
function child.luajit_command(...)
  if rawget(_G, "jit") then
    return child.command(...)
  end
  local out = os.getenv("OUT")
  local folder = out and out:gsub("/[^/]*$", "/luajit")
  local built = folder and io.open(folder .. "/aliyun/sas/http.so")
  if not built then
    return nil, "needs the build for LuaJIT"
  end
  built:close()
  if child.run("command -v luajit") == "" then
    return nil, "luajit is not installed"
  end
  return "env -u LD_PRELOAD " .. command("luajit", folder .. "/?.so;;", { ... })
end

-- What the shell command prints, both streams.
function child.run(line)
  local pipe = io.popen("{ " .. line .. "; } 2>&1")
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

return child
