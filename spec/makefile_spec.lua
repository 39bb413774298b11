-- makefile_spec.lua - what `make clean` and `make uninstall` remove: what make has made, and nothing else
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local scratch = require "spec.support.scratch"

local quote = child.quote
local lua = os.getenv "LUA" or child.lua

describe("the Makefile", function()
  local files

  -- A checkout without its history.
  before_each(function()
    files = scratch.new()
    child.run(("mkdir -p %s/top/src && cp -R Makefile tools lua bin doc %s/top"):format(quote(files.folder),
      quote(files.folder)))
  end)

  after_each(function() files:remove() end)

  -- Runs it there; answers what the shell says at the end.
  local function run(line, ...)
    return child.run(("cd %s/top && unset MAKEFLAGS MFLAGS MAKELEVEL; { %s; } 2>&1"):format(quote(files.folder),
      line:format(...)))
  end

  it("refuses to remove a folder that the environment or the caller names", function()
    run "mkdir -p build/lua ../mine && touch build/lua/x src/x.o ../mine/it"
    run "BUILD=../mine make clean; make clean BUILD=../mine"
    assert.equal("it", run "ls -A ../mine; ls -d build src/*.o 2>/dev/null")
  end)

  it("refuses to remove a folder aliyun with more in it than what luarocks make leaves", function()
    run "mkdir -p aliyun/sas && touch aliyun/sas/core.so aliyun/sas/http.so aliyun/sas/system.so aliyun/notes"
    run "make clean"
    assert.equal("aliyun/notes", run "find aliyun -type f")
    run "rm aliyun/notes && mkdir -p aliyun/sas && touch aliyun/sas/core.so && make clean"
    assert.equal("", run "ls -d aliyun 2>/dev/null")
  end)

  it("refuses to uninstall through a link, which may lead to the sources", function()
    run "mkdir -p ../to/share/lua ../to/lib/lua && ln -s $PWD/lua/aliyun ../to/share/lua/aliyun"
    run("make uninstall LUA=%s PREFIX=$PWD/../to LUA_LMOD=$PWD/../to/share/lua LUA_CMOD=$PWD/../to/lib/lua", lua)
    assert.equal("lua/aliyun/sas.lua", run "ls lua/aliyun/sas.lua")
  end)

  it("refuses to uninstall what others have put beside it", function()
    run "mkdir -p ../to/share/lua/aliyun/sas ../to/share/lua/aliyun/oss/empty ../to/lib/lua"
    run "touch ../to/share/lua/aliyun/sas.lua ../to/share/lua/aliyun/sas/mine.lua"
    run("make uninstall LUA=%s PREFIX=$PWD/../to LUA_LMOD=$PWD/../to/share/lua LUA_CMOD=$PWD/../to/lib/lua", lua)
    assert.equal("../to/share/lua/aliyun/oss/empty\n../to/share/lua/aliyun/sas/mine.lua",
      run "find ../to/share/lua/aliyun -type d -empty -o -type f | sort")
  end)
end)
