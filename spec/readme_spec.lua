-- readme_spec.lua - what the README prints runs, and what it lists is what there is
-- SPDX-License-Identifier: MIT
--
-- A Lua block below the line <!-- run --> is run in a process of its own; the text block that follows it is its output,
-- in which any RequestId may stand for any other.

local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local files = require "spec.support.files"
local options = require "aliyun.sas.emulator.options"
local sas = require "aliyun.sas"
local settings = require "aliyun.sas.settings"

local top = (debug.getinfo(1, "S").source:match "^@(.*)spec/readme_spec%.lua$" or "") .. "./"

local readme = assert(files.read(top .. "README.md"))

local UUID = ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(3) .. "%-" .. ("%x"):rep(12)

local function comparable(text)
  return (text:gsub(UUID, "<RequestId>"):gsub("%s+$", ""))
end

-- The blocks to run: { code, output, line }
local function runnable_blocks()
  local found, place = {}, 1
  while true do
    local start, stop, code = readme:find("<!%-%- run %-%->\n```lua\n(.-\n)```\n", place)
    if not start then
      return found
    end
    local _, lines = readme:sub(1, start):gsub("\n", "")
    local output = readme:match("^\n```text\n(.-)\n```\n", stop + 1)
    found[#found + 1] = { code = code, output = output, line = lines + 3 }
    place = stop
  end
end

local function run(code)
  local path = files.write(os.tmpname(), code)
  local text = child.run("env -u ALIBABA_CLOUD_REGION_ID " .. child.command(path))
  os.remove(path)
  return text
end

-- The first row of a table that has the text, in a section or in all of it.
local function row_with(text, title)
  local section = title and readme:match("\n## " .. title .. "\n(.-)\n## ") or readme
  for line in section:gmatch "[^\n]+" do
    if line:sub(1, 1) == "|" and line:find(text, 1, true) then
      return line
    end
  end
end

local function is_named(name)
  return readme:find("[`.:]" .. name .. "%f[^%w_]") ~= nil
end

describe("README", function()
  local blocks = runnable_blocks()

  it("has the blocks that are to be run", function()
    assert.equal(select(2, readme:gsub("<!%-%- run %-%->\n```lua\n", "")), #blocks)
    assert.is_true(#blocks >= 5)
    local _, lines = blocks[1].code:gsub("\n", "")
    assert.is_true(lines <= 15)
  end)

  for _, block in ipairs(blocks) do
    it("prints what the block at line " .. block.line .. " prints", function()
      assert.equal(comparable(block.output), comparable(run(block.code)))
    end)
  end

  it("names every setting", function()
    for _, name in ipairs(settings.names()) do
      assert.is_true(is_named(name), name)
    end
  end)

  it("refuses cosockets where there are none", function()
    local good, message = pcall(sas.new, { regionId = "cn-hangzhou", transport = "cosocket" })
    assert.is_false(good)
    assert.matches("no cosockets outside nginx", message)
  end)

  it("lists every operation with its parameters and its RAM action", function()
    for _, operation in ipairs(core.operations()) do
      local row = row_with("`client:" .. operation.method .. "` |")
      assert.is_string(row, operation.method)
      assert.is_truthy(row:find("`" .. operation.ramAction .. "`", 1, true), operation.ramAction)
      local listed = {}
      for bold, name in row:gmatch "(%**)`(%u%w+)`" do
        listed[name] = bold == "**" and "required" or "optional"
      end
      for _, parameter in ipairs(operation.parameters) do
        assert.equal(parameter.required and "required" or "optional", listed[parameter.name], parameter.name)
        listed[parameter.name] = nil
      end
      assert.is_nil(next(listed))
    end
  end)

  it("links to the vendor's page of every operation, and says what its answer holds", function()
    local base = "https://www.alibabacloud.com/help/en/security-center/developer-reference/api-sas-2018-12-03-"
    for _, operation in ipairs(core.operations()) do
      local action = operation.action
      assert.is_truthy(readme:find(("\n[%s]: %s%s\n"):format(action, base, action:lower()), 1, true), action)
      assert.is_string(row_with("| [" .. action .. "] |"), action)
    end
  end)

  it("names every field of the answers", function()
    local client = sas.new {
      regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret",
      transport = emulator.new { groupsAs = "objects" },
    }
    assert(client:createOrUpdateDingTalk {
      RuleActionName = "night watch", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX",
      ConfigList = { vul = "all" }, GroupIdList = { 1 },
    })
    local function check(answer, row)
      for name, value in pairs(answer) do
        if type(name) == "string" and name ~= "RequestId" then
          assert.is_truthy(row:find("`" .. name .. "`", 1, true), name)
        end
        if type(value) == "table" then
          check(value, row)
        end
      end
    end
    for _, action in ipairs { "DescribeDingTalk", "DescribeDataSource", "DescribeGroupStruct" } do
      local answer = assert(client[action:gsub("^D", "d")](client))
      check(answer, row_with("| [" .. action .. "] |"))
    end
  end)

  it("says how to run the examples against the emulator", function()
    local script = readme:match "<!%-%- run %-%->\n```sh\n(.-)```\n"
    local folder = child.run "mktemp -d" -- for the store that the script makes, and leaves
    finally(function() child.run("rm -rf " .. child.quote(folder)) end)
    local output = child.run(("cd %s && env -u ALIBABA_CLOUD_ACCESS_KEY_ID -u DINGTALK_WEBHOOK LUA_PATH=%s LUA_CPATH=%s"
      .. " TMPDIR=%s sh -c %s"):format(child.quote(top), child.quote(package.path), child.quote(package.cpath),
      child.quote(folder), child.quote((script:gsub("lua5%.4", child.lua)))))
    assert.matches("\nChatbots: 2\n  1001 +enabled +testNotify\n  1002 +enabled +on%-call\nAsset groups:\n", output)
    assert.is_nil(output:find("error", 1, true))
  end)

  it("lists every setting of serve", function()
    local source = assert(files.read(top .. "lua/aliyun/sas/emulator/server.lua"))
    for name in source:match "\nlocal legal = {\n(.-)\n}":gmatch "(%w+) = " do
      assert.is_string(row_with("| `" .. name .. "` |", "Emulator"), name)
    end
  end)

  it("has annotations for every operation and its parameters, for editors", function()
    local methods = assert(files.read(top .. "lua/aliyun/sas/client.lua"))
    local types = assert(files.read(top .. "lua/aliyun/sas/types.lua"))
    for _, operation in ipairs(core.operations()) do
      local all_optional = not operation.parameters[1].required and operation.class == "read"
      local line = ("---@field %s fun(self: aliyun.sas.client, params%s: aliyun.sas.%s): aliyun.sas."):format(
        operation.method, all_optional and "?" or "", operation.action)
      assert.is_truthy(methods:find(line, 1, true), operation.method)
      local class = types:match("%-%-%-@class aliyun%.sas%." .. operation.action .. "\n(.-)\n\n")
      assert.is_truthy(class, operation.action)
      for _, parameter in ipairs(operation.parameters) do
        local field = "---@field " .. parameter.name .. (parameter.required and " " or "? ")
        assert.is_truthy(class:find(field, 1, true), operation.action .. " " .. parameter.name)
      end
    end
  end)

  it("names every function of the modules", function()
    for _, name in ipairs { "aliyun.sas", "aliyun.sas.http", "aliyun.sas.system", "aliyun.sas.core" } do
      for key in pairs(require(name)) do
        assert.is_true(is_named(key), name .. "." .. key)
      end
    end
    for key in pairs(sas.credentials) do
      assert.is_true(is_named("credentials." .. key), key)
    end
    for key in pairs(sas.store) do
      assert.is_true(is_named("sas.store." .. key), key)
    end
  end)

  it("names every code of the transport", function()
    local source = assert(files.read(top .. "src/codes.c"))
    for code in source:gmatch '{"([%u_]+)", SAS_' do
      assert.is_true(is_named(code), code)
    end
  end)

  it("names every code of the Lua side that an error is made with", function()
    local count = 0
    local sources = child.run(("cd %s && find lua -name '*.lua' -exec cat {} +"):format(child.quote(top)))
    for _, maker in ipairs { "fail", "answer" } do
      for code in sources:gmatch("%f[%w]" .. maker .. '%("%l+", "([%u_]+)"') do
        assert.is_true(is_named(code), code)
        count = count + 1
      end
    end
    assert.is_true(count > 20)
  end)

  it("lists every option of the emulator with its values", function()
    for name, values in pairs(options.choices) do
      local row = row_with("`" .. name .. "`", "Emulator")
      assert.is_string(row, name)
      for _, value in ipairs(values) do
        local text = type(value) == "string" and '"' .. value .. '"' or tostring(value)
        assert.is_truthy(row:find(text, 1, true), name .. " " .. text)
      end
    end
    for name in pairs(options.defaults) do
      assert.is_true(is_named(name), name)
    end
  end)

  it("lists faults that the emulator knows", function()
    local section = readme:match "\n| faults |.-\n\n"
    local service, count = emulator.new(), 0
    for name in section:gmatch "`(%l[%l%d]+)`" do
      service:fault(name)
      count = count + 1
    end
    assert.is_true(count > 30)
    local source = assert(files.read(top .. "lua/aliyun/sas/emulator/faults.lua"))
    for name in source:match "\nlocal kinds = {\n(.-)\n}":gmatch "%f[^\n%z]  (%w+) = {" do
      assert.is_truthy(section:find("`" .. name .. "`", 1, true), name)
    end
  end)

  it("links to what exists", function()
    for target in readme:gmatch "%]%(([^)]+)%)" do
      local anchor = target:match "^#(.+)$"
      if target:find "^https://" then
        assert.is_nil(target:find "[%s<>]")
      elseif anchor then
        local found = false
        for title in readme:gmatch "\n#+ ([^\n]+)" do
          found = found or title:lower():gsub("[^%w%- ]", ""):gsub(" ", "-") == anchor -- as GitHub makes them
        end
        assert.is_true(found, target)
      else
        assert.is_string(files.read(top .. target), target)
      end
    end
  end)
end)
