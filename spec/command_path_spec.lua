-- command_path_spec.lua - where the command looks for its modules: never in the current folder
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local scratch = require "spec.support.scratch"

local quote = child.quote
local version = _VERSION:match "%d.%d"
local top = child.run "pwd"
local out = assert(os.getenv "OUT")
local luas = ("LUA_PATH=%s LUA_CPATH=%s"):format(quote(top .. "/lua/?.lua;" .. top .. "/lua/?/init.lua;;"),
  quote(out .. "/?.so;;"))

-- What runs it says so, whatever becomes of the run and its streams.
local PLANT = 'io.stdout:write "planted " io.stderr:write "planted " io.open("%s/ran", "w"):close() return {}\n'

describe("the command's modules", function()
  local made, folder

  -- A folder in which somebody has put files of the names that are required.
  setup(function()
    made = scratch.new()
    folder = made.folder .. "/planted"
    for _, name in ipairs {
      "argparse", "aliyun/sas", "aliyun/sas/system", "aliyun/sas/core", "aliyun/sas/http", "aliyun/sas/cli",
      "aliyun/sas/cli/init", "aliyun/sas/cli/command/policy", "aliyun/sas/emulator", "aliyun/sas/emulator/server",
      "aliyun/sas/emulator/shell", "openssl/rand", "_openssl/rand", "_openssl",
    } do
      child.run(("mkdir -p $(dirname %s/%s)"):format(folder, name))
      made:write("planted/" .. name .. ".lua", PLANT:format(made.folder))
      made:write("planted/" .. name .. ".so", "no library")
    end
    made:write("planted/loadall.so", "no library")
  end)

  teardown(function() made:remove() end)

  -- Whether something planted has run since the last look.
  local function planted()
    return os.remove(made.folder .. "/ran") ~= nil
  end

  -- Runs a shell command in that folder, without the keys and settings of whoever runs this.
  local function run(line, ...)
    return child.run(("cd %s && env -i PATH=\"$PATH\" HOME=%s %s"):format(folder, made.folder, line:format(...)))
  end

  local function works(text)
    assert.matches("^sas%-dingtalk %d+%.%d+%.%d+[%w.-]*$", text)
  end

  it("are planted where a Lua would take them", function()
    assert.is_truthy(run("%s %s -e %s", luas, child.lua, quote 'require "aliyun.sas.system"'):find "planted")
    assert.is_true(planted())
  end)

  -- LUA_PATH and LUA_CPATH: %s are the places of the real modules
  for _, paths in ipairs {
    { "%s;;", "%s;;" }, { "./?.lua;%s;;", "./?.so;%s;;" }, { "?.lua;%s", "?.so;%s" },
    { "././?.lua;./?/init.lua;%s", "././?.so;./loadall.so;%s" }, { ";;%s", ";;%s" },
    { "../planted/?.lua;%s", "../planted/?.so;%s" }, { ".//?.lua;;;%s;./?.lua", ".//?.so;;;%s;./?.so" },
  } do
    it(("come from no relative entry of LUA_PATH %s"):format(paths[1]), function()
      local path = paths[1]:format(("%s/lua/?.lua;%s/lua/?/init.lua;/usr/share/lua/%s/?.lua"):format(top, top, version))
      for _, words in ipairs { "--version", "policy apply", "--region cn-hangzhou catalog" } do
        local text = run("LUA_PATH=%s LUA_CPATH=%s %s %s/bin/sas-dingtalk %s", quote(path),
          quote(paths[2]:format(out .. "/?.so")), child.lua, top, words)
        assert.is_nil(text:find "planted", text)
        assert.is_false(planted())
        assert.is_nil(text:find("no library", 1, true), text)
      end
    end)
  end

  it("come from absolute entries of LUA_PATH, and LUA_INIT is run", function()
    local text = run("LUA_PATH=%s/?.lua LUA_CPATH=%s/?.so %s %s/bin/sas-dingtalk --version", folder, out, child.lua,
      top)
    assert.is_truthy(text:find "planted")
    assert.is_true(planted())
    text = run("LUA_INIT='io.write \"first \"' %s %s %s/bin/sas-dingtalk --version", luas, child.lua, top)
    works(text:match "^first (.*)")
  end)

  it("come from no relative entry where make has installed it", function()
    local prefix = made.folder .. "/installed"
    local text = child.run(("OUT=%s tools/install-command %s '' %s %s/lua %s"):format(quote(out), child.lua, prefix,
      top, quote(out)))
    assert.equal("", text)
    works(run("%s/bin/sas-dingtalk --version", prefix))
    made:write("planted/" .. child.lua:match "[^/]*$", "#!/bin/sh\necho planted\n")
    child.run(("chmod +x %s/%s"):format(folder, child.lua:match "[^/]*$"))
    works(run("PATH=.:\"$PATH\" %s/bin/sas-dingtalk --version", prefix))
    works(run("LUA_PATH='./?.lua;;' LUA_CPATH='./?.so;;' ../installed/bin/sas-dingtalk --version", prefix))
  end)

  describe("where LuaRocks has installed it", function()
    local tree, path

    -- A tree as LuaRocks makes it, and a folder that has this Lua by the name of its version.
    before_each(function()
      tree, path = made.folder .. "/tree", made.folder .. "/path"
      child.run(("mkdir -p %s/bin %s/share/lua %s/lib/lua %s"):format(tree, tree, tree, path))
      child.run(("cp bin/sas-dingtalk %s/bin; ln -s %s/lua %s/share/lua/%s; ln -s %s %s/lib/lua/%s"):format(tree, top,
        tree, version, out, tree, version))
      made:write("path/lua" .. version, ("#!/bin/sh\nexec %s \"$@\"\n"):format(child.run("command -v " .. child.lua)))
      child.run(("chmod +x %s/lua%s"):format(path, version))
    end)

    after_each(function() child.run(("rm -rf %s %s"):format(tree, path)) end)

    local function command(name, words)
      return run("PATH=%s:\"$PATH\" %s %s", path, name, words or "--version")
    end

    it("come from its tree, however it is called", function()
      works(command(tree .. "/bin/sas-dingtalk"))
      works(command "../tree/bin/sas-dingtalk")
      works(command("env PATH=../tree/bin:" .. path .. ":\"$PATH\" sas-dingtalk"))
      works(command("sh " .. tree .. "/bin/sas-dingtalk"))
      child.run(("ln -s ../tree/bin/sas-dingtalk %s/link; ln -s link %s/again"):format(path, path))
      works(command "again")
      works(command("env LUA_PATH='./?.lua;;' LUA_CPATH='./?.so;;' " .. tree .. "/bin/sas-dingtalk"))
    end)

    it("keep the words and the streams of the command", function()
      local text = command(tree .. "/bin/sas-dingtalk", "'a  b'")
      assert.is_truthy(text:find("'a  b'", 1, true), text)
      assert.equal("64", command(tree .. "/bin/sas-dingtalk", "'' '*' >/dev/null 2>&1; echo $?"))
      for _, closed in ipairs { "0<&-", "2>&-", "0<&- 2>&-" } do
        works(command(tree .. "/bin/sas-dingtalk", "--version " .. closed))
      end
      assert.equal("1", command(tree .. "/bin/sas-dingtalk", "--version >&- 2>/dev/null; echo $?"))
    end)

    it("are those of the Lua that they are for", function()
      child.run(("mv %s/lua%s %s/other; ln -s other %s/lua"):format(path, version, path, path))
      made:write("path/lua" .. version, "#!/bin/sh\necho 'Lua 5.9'\n")
      child.run(("chmod +x %s/lua%s"):format(path, version))
      works(command(tree .. "/bin/sas-dingtalk"))
    end)

    it("run LUA_INIT once", function()
      local text = command("env LUA_INIT='io.write \"first \"' " .. tree .. "/bin/sas-dingtalk")
      works(text:match "^first (.*)")
    end)

    it("are refused a Lua and a readlink of the current folder, wherever PATH has it", function()
      local script = "#!/bin/sh\n: >%s/ran\necho 'Lua %s'\n"
      for _, name in ipairs { "readlink", "lua" .. version, "lua-" .. version, "lua", "luajit" } do
        made:write("planted/" .. name, script:format(made.folder, version))
        child.run(("chmod +x %s/%s"):format(folder, name))
      end
      for _, search in ipairs { ".:%s:%s", ":%s:%s", "%s::%s", "../planted:%s:%s:", "./:%s:.:%s" } do
        local text = run("env PATH=%s %s/bin/sas-dingtalk --version", quote(search:format(path, os.getenv "PATH")),
          tree)
        assert.is_false(planted(), search)
        works(text)
      end
      child.run(("rm %s/lua%s"):format(path, version))
      for _, search in ipairs { ".", "", ":", "../planted:." } do
        local text = run("PATH=%s /bin/sh %s/bin/sas-dingtalk --version", quote(search), tree)
        assert.is_false(planted(), search)
        assert.is_nil(text:find "planted")
      end
    end)

    it("are refused without a Lua for them", function()
      child.run(("mkdir -p %s/share/lua/5.0; mv %s/share/lua/%s %s/share/lua/old"):format(tree, tree, version, tree))
      child.run(("mkdir %s/share/lua/5.3 && ln -s %s/lua/aliyun %s/share/lua/5.3/aliyun"):format(tree, top, tree))
      for _, name in ipairs { "lua5.3", "lua-5.3", "lua53", "lua", "luajit" } do
        made:write("path/" .. name, "#!/bin/sh\nexit 1\n")
        child.run(("chmod +x %s/%s"):format(path, name))
      end
      local text = command(tree .. "/bin/sas-dingtalk", "--version; echo $?")
      assert.equal("sas-dingtalk: no Lua 5.3 is found, for which it is installed in " .. tree .. "\n127", text)
    end)
  end)

  it("are the emulator's own, also inside nginx", function()
    local script = top .. "/lua/aliyun/sas/emulator/main.lua"
    local where = made.folder .. "/server"
    local first = "LUA_PATH='./?.lua;;' LUA_CPATH='./?.so;;' " .. child.lua
    local text = run("%s %s start --plain --folder %s", first, script, where)
    local stopped = run("%s %s stop --folder %s; echo $?", first, script, where)
    assert.is_truthy(text:find "^endpoint=http://localhost:%d+\n", text)
    assert.equal("0", stopped)
    assert.is_false(planted())
  end)

  -- nginx has LuaJIT, and gets the search paths of a 5.1.
  if version == "5.1" then
    it("come from relative entries of a program's own, also inside the emulator's nginx", function()
      child.run(("mkdir -p %s/own/openssl"):format(made.folder))
      made:write("own/openssl/rand.lua",
        ('if ngx then io.open("%s/ran", "w"):close() end return require "_openssl.rand"'):format(made.folder))
      local text = child.run(("cd %s && LUA_PATH=%s LUA_CPATH=%s %s -e %s"):format(made.folder,
        quote("own/?.lua;" .. top .. "/lua/?.lua;;"), quote(out .. "/?.so;;"), child.lua,
        quote 'require("aliyun.sas.emulator").serve({ tls = false }):stop() print "stopped"'))
      assert.equal("stopped", text)
      assert.is_true(planted())
    end)
  end
end)
