-- fuzz_spec.lua - the kept corpus of the fuzz targets, and the machine that calls the modules from Lua
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local files = require "spec.support.files"
local scratch = require "spec.support.scratch"

local function all_bytes()
  local bytes = {}
  for i = 0, 255 do
    bytes[#bytes + 1] = string.char(i)
  end
  return table.concat(bytes)
end

local folder

before_each(function()
  folder = scratch.new()
end)

after_each(function()
  folder:remove()
end)

describe("the kept corpus", function()
  local function corpus(...)
    return child.run(child.command("tools/fuzz-corpus.lua", ...))
  end

  it("gives back each byte that was packed", function()
    local inputs = { "", "\n", "\\", "\\n", "\\x41", "\nab\\\n12", all_bytes() }
    local paths = {}
    for i, input in ipairs(inputs) do
      paths[i] = folder:write("in" .. i, input)
    end
    local text = folder.folder .. "/corpus.txt"
    assert.equal("", corpus("pack", text, (unpack or table.unpack)(paths))) -- luacheck: ignore
    assert.is_nil(files.read(text):find "[^\n -~]")
    child.run("mkdir " .. child.quote(folder.folder .. "/out"))
    assert.equal("", corpus("unpack", text, folder.folder .. "/out"))
    local found = {}
    for i = 1, #inputs do
      found[files.read(("%s/out/%05d"):format(folder.folder, i))] = true
    end
    for _, input in ipairs(inputs) do
      assert.is_true(found[input], ("%q is lost"):format(input))
    end
  end)

  it("keeps an input once, the shortest first", function()
    local text = folder.folder .. "/corpus.txt"
    corpus("pack", text, folder:write("a", "long"), folder:write("b", "s"), folder:write("c", "long"))
    assert.equal("s\nlong\n", files.read(text))
  end)

  for _, line in ipairs { "\\q", "\\x4", "\\x41", "\\", "tab\there", "\\xFF", "\195\169" } do
    it("refuses the line " .. ("%q"):format(line), function()
      local printed = corpus("unpack", folder:write("corpus.txt", "good\n" .. line .. "\n"), folder.folder)
      assert.is_truthy(printed:find("corpus.txt:2: is not escaped", 1, true), printed)
    end)
  end

  it("can be read for each target", function()
    for path in child.run("ls fuzz/corpus/*.txt"):gmatch "[^\n]+" do
      assert.equal("", corpus("unpack", path, folder.folder), path)
      assert.is_string(files.read((path:gsub("/corpus/(.*)%.txt$", "/%1.c"))), path .. " is of no target")
    end
  end)
end)

describe("the machine", function()
  -- What it prints with a changed core, in a folder of its own and without programs to run.
  local function machine(change, seed)
    folder:write("changed.lua", ([[
      local core = require "aliyun.sas.core"
      %s
      arg = { [0] = "machine", "%d", "1500", "600" }
      dofile %q
    ]]):format(change, seed, child.run "pwd" .. "/fuzz/machine.lua"))
    return child.run(("cd %s && lua=$(command -v %s) && PATH= LUA_PATH=%s LUA_CPATH=%s \"$lua\" changed.lua; "
      .. "echo \"status $?\""):format(child.quote(folder.folder), child.quote(child.lua), child.quote(package.path),
      child.quote(package.cpath)))
  end

  it("finds nothing in the modules as they are", function()
    assert.equal("status 0", machine("", 1))
  end)

  it("finds an error that is no error object", function()
    local printed = machine("core.utf8 = function() error({}) end", 1)
    assert.is_truthy(printed:find("machine: core.utf8: raises a table", 1, true), printed)
    assert.is_truthy(printed:find "status 1$", printed)
  end)

  it("finds a nil with something else than an error object", function()
    local printed = machine("core.percent = function() return nil, 'text' end", 2)
    assert.is_truthy(printed:find("machine: core.percent: answers nil and a string", 1, true), printed)
  end)

  it("calls a function that is new", function()
    local printed = machine("core.brandnew = function() error({}) end", 3)
    assert.is_truthy(printed:find("machine: core.brandnew: raises a table", 1, true), printed)
  end)
end)
