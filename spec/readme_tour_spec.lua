-- readme_tour_spec.lua - the README's way from an export to a reviewed apply, as a new user goes it
-- SPDX-License-Identifier: MIT
--
-- Its blocks are run as they stand, in a terminal, against `sas-dingtalk emulator`, and each status is the one that the
-- comment of its line gives.

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local shell = require "aliyun.sas.emulator.shell"

local quote = child.quote
local top = child.run "pwd" .. "/" .. (debug.getinfo(1, "S").source:match "^@(.*)spec/readme_tour_spec%.lua$" or "")
local readme = assert(shell.read(top .. "README.md"))
local chapter = assert(readme:match "\n## Chatbots as code\n(.-)\n## ")

-- What "hear of suspicious alerts too" is in the file that was exported; one word, as EDITOR is here.
local EDIT = [[#!/bin/sh
sed -i '1,/item_level = "serious"/s/item_level = "serious"/item_level = { "serious", "suspicious" }/' "$1"
]]

local WITH = "export DINGTALK_WEBHOOK_ON_CALL='https://oapi.dingtalk.com/robot/send?access_token=%s'\n"

local function block(language, place)
  local found = 0
  for code in chapter:gmatch("\n```" .. language .. "\n(.-\n)```\n") do
    found = found + 1
    if found == place then
      return code
    end
  end
  error(("no block %d of %s"):format(place, language))
end

-- The lines of the tour, each followed by its status.
local function with_statuses(code)
  return (code:gsub("[^\n]+", "%0\necho status $?"))
end

describe("the README's tour", function()
  local folder, pid, prepare, told

  local function path(name)
    return folder .. "/" .. name
  end

  local function write(name, text)
    shell.write(path(name), text)
  end

  local function program(name, text)
    write("bin/" .. name, text)
    shell.run("chmod +x " .. quote(path("bin/" .. name)))
  end

  -- Lines of a shell, in the folder, with what the emulator printed pasted before them.
  local function run(code, terminal)
    write("lines.sh", prepare .. code)
    local line = ("cd %s && env -i PATH=%s HOME=%s TERM=xterm NO_COLOR=1 sh lines.sh"):format(quote(folder),
      quote(path "bin" .. ":" .. os.getenv "PATH"), quote(folder))
    if terminal then
      line = ("printf 'yes\\n' | script -qec %s /dev/null"):format(quote(line))
    end
    local text = child.run(line .. "; echo status $?"):gsub("\r", "\n")
    for _, secret in ipairs { canary.accessToken, "testsecret" } do
      assert.is_nil(text:find(secret, 1, true))
    end
    return text
  end

  setup(function()
    folder = child.run "mktemp -d"
    shell.run("mkdir " .. quote(path "bin"))
    program("sas-dingtalk", ("#!/bin/sh\nexec env %s \"$@\"\n"):format(child.command(top .. "bin/sas-dingtalk")))
    program("edit", EDIT)
    pid = shell.line(("cd %s && TMPDIR=%s sh -c 'exec \"$@\"' - bin/sas-dingtalk emulator --sample --lifetime 1800"
      .. " >emulator.out 2>emulator.err </dev/null & echo $!"):format(quote(folder), quote(folder)))
    assert.is_truthy(shell.wait(function()
      return (shell.read(path "emulator.out") or ""):find "sas%-dingtalk list\n"
    end, 60), "the emulator does not start")
    local export, alias = shell.read(path "emulator.out"):match "\n(export [^\n]+\n)(alias [^\n]+\n)"
    prepare = export .. alias .. "EDITOR=edit\n"
    told = run(with_statuses((block("sh", 1):gsub("access_token=%.%.%.", "access_token=" .. canary.accessToken))), true)
  end)

  teardown(function()
    shell.run(("kill -TERM %s 2>/dev/null"):format(pid))
    assert.is_truthy(shell.wait(function() return not shell.alive(pid) end, 60))
    shell.run("rm -rf " .. quote(folder))
  end)

  it("ends each line with the status that its comment gives", function()
    local given, found = {}, {}
    for line in block("sh", 1):gmatch "[^\n]+" do
      given[#given + 1] = line:match "# exit status (%d)" or "0"
    end
    for status in told:gmatch "%f[^\n%z]status (%d+)" do
      found[#found + 1] = status
    end
    table.remove(found) -- of all of them
    assert.same(given, found)
    assert.equal("2", given[4])
  end)

  -- Without what differs each time, the port and the time.
  local function comparable(text)
    return (text:gsub("localhost:%d+", "localhost:PORT"):gsub("as of %d[%dT:Z-]+", "as of TIME"))
  end

  it("shows what the README shows", function()
    local place, text = 1, comparable(told)
    for line in comparable(block("text", 1)):gmatch "[^\n]+" do
      local piece = line:gsub("%s+$", ""):gsub("( to go on:) yes$", "%1") -- what is typed is echoed before
      local _, stop = text:find(piece, place, true)
      assert.is_truthy(stop, ("%q is not behind %d of %q"):format(piece, place, text))
      place = stop + 1
    end
  end)

  it("is as declared behind it, and the token stands in no file", function()
    local text = run(WITH:format(canary.accessToken) .. "sas-dingtalk plan chatbots.lua")
    assert.matches("No changes: 3 as declared%..*\nstatus 0$", text)
    assert.is_nil(text:find('"on call": SendUrl', 1, true)) -- what was sent is known now
    assert.equal("", child.run(("cd %s && grep -rl %s chatbots.lua*"):format(quote(folder), canary.accessToken)))
    assert.is_truthy(shell.read(path "chatbots.lua.state/fingerprints.json"))
  end)

  it("sees from then on that a token was rotated", function()
    local text = run(WITH:format "another" .. "sas-dingtalk plan chatbots.lua")
    assert.matches('~ update "on call".-\n +SendUrl', text)
    assert.matches("status 2$", text)
  end)

  -- The block of the API's chapter, against this emulator, on a copy of the file in a folder of its own.
  local function from_lua(settings)
    local code = assert(readme:match "\n### plan and apply\n\n```lua\n(.-)\n```\n")
    code = code:gsub('regionId = "cn%-hangzhou"', function() return settings end)
    write("library.lua", 'local sas = require "aliyun.sas"\n' .. code
      .. '\nprint(report.ok, report.summary.unchanged)\n')
    shell.run(("cd %s && mkdir -p library && cp chatbots.lua library"):format(quote(folder)))
    return run(WITH:format(canary.accessToken) .. "cd library\nenv " .. child.command(path "library.lua"))
  end

  it("goes from Lua too, without a folder of state at first", function()
    local shown = shell.read(path "emulator.out")
    local settings = ('endpoint = "%s", caFile = "%s", proxy = false'):format(
      shown:match "%-%-endpoint (%S+)", shown:match "%-%-ca%-file ([^%s']+)")
    assert.matches("No changes: 3 as declared%..*\ntrue\t3\nstatus 0$", from_lua(settings))
  end)

  it("ends from Lua with an error where the service is not there", function()
    local text = from_lua 'endpoint = "https://localhost:1", proxy = false'
    assert.matches("COULDNT_CONNECT", text)
    assert.matches("status 1$", text)
  end)

  describe("and its job that looks for drift", function()
    it("is quiet where nothing has changed", function()
      assert.equal("status 0", run(block("sh", 2)))
    end)

    it("tells what somebody has changed by hand, and fails", function()
      run 'sas-dingtalk disable "on call"'
      assert.equal("somebody changed the chatbots; see plan.json\nstatus 1", run(block("sh", 2)))
      local plan = assert(core.json(shell.read(path "plan.json")))
      assert.equal("on call", plan.entries[1].name)
      assert.equal("status", plan.entries[1].action)
    end)

    it("does not call an error drift", function()
      local code = block("sh", 2):gsub("chatbots%.lua", "absent.lua")
      local text = run(code)
      assert.matches("status 1$", text)
      assert.matches("absent%.lua", text)
      assert.is_nil(text:find("somebody changed", 1, true))
    end)

    it("does not call a wrong key drift", function()
      local text = run(block("sh", 2):gsub("^", "export ALIBABA_CLOUD_ACCESS_KEY_SECRET=wrong\n", 1))
      assert.matches("SignatureDoesNotMatch", text)
      assert.matches("status 1$", text)
      assert.is_nil(text:find("somebody changed", 1, true))
    end)
  end)
end)
