-- cli_policy_spec.lua - sas-dingtalk policy
-- SPDX-License-Identifier: MIT

local commands = require "aliyun.sas.cli.commands"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local permissions = require "aliyun.sas.cli.permissions"
local sas_dingtalk = require "spec.support.sas_dingtalk"

local function policy(...)
  return sas_dingtalk.run({}, "policy", ...)
end

-- What the policy allows, as one text.
local function allowed(...)
  local status, out, err = policy(...)
  assert.equal(0, status, err)
  local document = core.json(out)
  local statement = document.Statement[1]
  assert.same({ "1", "Allow", "*", 1 }, { document.Version, statement.Effect, statement.Resource, #document.Statement })
  return (table.concat(statement.Action, " "):gsub("yundun%-sas:", ""))
end

describe("sas-dingtalk policy", function()
  it("allows what a command calls, and no more", function()
    assert.equal("DescribeDingTalk", allowed "list")
    assert.equal("DescribeDingTalk DeleteDingTalk", allowed "delete")
    assert.equal("DescribeDingTalk ModifyDingTalkStatus", allowed "enable")
    assert.equal("DescribeDingTalk DescribeDataSource DescribeGroupStruct DescribeVersionConfig", allowed "doctor")
  end)

  it("allows what several commands call, each once", function()
    assert.equal("DescribeDingTalk DeleteDingTalk", allowed("delete", "list", "delete"))
  end)

  it("allows what an option adds, and only then", function()
    assert.is_nil(allowed("apply"):find "DeleteDingTalk")
    assert.is_nil(allowed("apply"):find "OnlineTest")
    assert.is_truthy(allowed("apply", "--prune"):find "DeleteDingTalk")
    assert.is_truthy(allowed("apply", "--test"):find "OnlineTest")
  end)

  it("allows every operation where no command is named", function()
    local actions = {}
    for i, operation in ipairs(core.operations()) do
      actions[i] = operation.action
    end
    actions[#actions + 1] = "DescribeVersionConfig" -- which doctor calls
    assert.equal(table.concat(actions, " "), allowed())
  end)

  it("knows the operations that the commands name", function()
    local known = {}
    for _, operation in ipairs(permissions.list()) do
      known[operation.action] = true
    end
    for _, command in ipairs(commands.list) do
      for _, name in ipairs(command.operations or {}) do
        assert.is_true(known[name], command.name .. ": " .. name)
      end
    end
  end)

  it("allows each operation that doctor calls", function()
    local server = emulator.serve { lifetime = 1800 }
    finally(function()
      server:stop()
    end)
    sas_dingtalk.doctor(sas_dingtalk.keys, "--endpoint", server.endpoint, "--ca-file", server.caFile)
    local policy_of_doctor = " " .. allowed "doctor" .. " "
    local calls = 0
    for _, request in ipairs(server:requests()) do
      if request.action then
        calls = calls + 1
        assert.is_truthy(policy_of_doctor:find(" " .. request.action .. " ", 1, true), request.action)
      end
    end
    assert.equal(4, calls)
  end)

  it("tells of each word that is no command", function()
    local status, out, err = policy("lst", "show", "shwo", "xyzzy")
    assert.same({ 64, "" }, { status, out })
    assert.is_truthy(err:find("name: lst (did you mean list?), shwo (did you mean show?), xyzzy", 1, true), err)
  end)

  it("cleans a word that would move the cursor", function()
    local _, _, err = policy "li\27[31mst"
    assert.is_nil(err:find "\27")
  end)

  it("has nothing for commands that call nothing", function()
    for _, name in ipairs { "sign", "emulator", "completion" } do
      local status, out, err = policy(name)
      assert.same({ 64, "" }, { status, out })
      assert.is_truthy(err:find "need no policy")
    end
  end)

  it("tells of a mistake as JSON where that is asked for", function()
    local status, out, err = sas_dingtalk.run({}, "--output", "json", "policy", "lst")
    assert.same({ 64, "" }, { status, out })
    assert.equal("USAGE", core.json(err).error.code)
  end)
end)
