-- examples_spec.lua - the scripts in examples/, each in a process of its own, against the emulator over TLS
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local emulator = require "aliyun.sas.emulator"
local files = require "spec.support.files"

local top = (debug.getinfo(1, "S").source:match "^@(.*)spec/examples_spec%.lua$" or "") .. "./"

local WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

local function take(path)
  local text = assert(files.read(path))
  os.remove(path)
  return text
end

-- Runs a script with nothing but these variables of the family; answers stdout, stderr and the exit status.
local function run(variables, script, ...)
  local words = { "env" }
  for _, name in ipairs {
    "ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN", "DINGTALK_WEBHOOK",
  } do
    words[#words + 1] = "-u " .. name
  end
  for name, value in pairs(variables) do
    words[#words + 1] = name .. "=" .. child.quote(value)
  end
  words[#words + 1] = child.command(top .. "examples/" .. script, ...)
  local out, err = os.tmpname(), os.tmpname()
  local pipe = io.popen(("%s >%s 2>%s </dev/null; echo $?"):format(table.concat(words, " "), out, err))
  local status = tonumber(pipe:read "*l")
  pipe:close()
  return take(out), take(err), status
end

local function assert_silent_about_secrets(...)
  local text = table.concat({ ... }, "\n")
  for _, secret in ipairs { canary.accessToken, canary.accessKeySecret, "testsecret", "access_token=" } do
    assert.is_nil(text:find(secret, 1, true))
  end
  for signature in text:gmatch "Signature=([^\n]*)" do
    assert.equal("***", signature)
  end
end

local function fails(words, out, err, status)
  assert.equal(1, status)
  for _, word in ipairs(words) do
    assert.is_truthy(err:find(word, 1, true), word .. " is not in: " .. err)
  end
  assert.is_nil(err:find("stack traceback", 1, true))
  assert_silent_about_secrets(out, err)
end

local function works(out, err, status)
  assert.equal("", err)
  assert.equal(0, status)
  assert_silent_about_secrets(out)
  return out
end

local function serve(options)
  return emulator.serve { lifetime = 1800, options = options }
end

describe("examples", function()
  local server

  setup(function()
    server = serve { token = "shown", maxPageSize = 20 }
  end)
  teardown(function()
    server:stop()
  end)
  before_each(function()
    server:reset()
  end)

  -- With the canary for a webhook, and a name in front of the endpoint where the script wants one.
  local function start(script, name)
    local environment = { DINGTALK_WEBHOOK = WEBHOOK }
    if name then
      return run(environment, script, name, server.endpoint, server.caFile)
    end
    return run(environment, script, server.endpoint, server.caFile)
  end

  describe("create_chatbot.lua", function()
    it("creates one, and shows request, RequestId and list", function()
      local out = works(start "create_chatbot.lua")
      assert.matches("POST https://localhost:%d+/ CreateOrUpdateDingTalk", out)
      assert.matches("SendUrl = https://oapi%.dingtalk%.com/robot/send%?%*%*%*\n", out)
      local id = out:match "RequestId: (%x+%-%x+%-%x+%-%x+%-%x+)\n"
      assert.is_string(id)
      assert.matches("Chatbots: 1%. The new one", out)
      assert.matches("\n  RuleActionName testNotify\n", out)
      assert.matches("\n  SendUrl        https://oapi%.dingtalk%.com/robot/send%?%*%*%*\n", out)
      local stored = server:chatbots()
      assert.equal(1, #stored)
      assert.equal(WEBHOOK, stored[1].SendUrl)
      local requests, created = server:requests(), nil
      for _, request in ipairs(requests) do
        if request.action == "CreateOrUpdateDingTalk" then
          created = request
        end
      end
      assert.equal(id, created.requestId)
    end)

    it("makes no second one", function()
      works(start "create_chatbot.lua")
      fails({ "create_chatbot: ", "already (Id 1001)" }, start "create_chatbot.lua")
      assert.equal(1, #server:chatbots())
    end)

    it("has a webhook and keys of its own for an endpoint", function()
      works(run({}, "create_chatbot.lua", server.endpoint, server.caFile))
      assert.matches("access_token=XXX$", server:chatbots()[1].SendUrl)
    end)

    it("says what to do when the answer gets lost", function()
      server:fault("lost", { action = "CreateOrUpdateDingTalk" })
      fails({ "unknown error [CONNECTION_LOST]", "look for its name" }, start "create_chatbot.lua")
      assert.equal(1, #server:chatbots())
    end)

    it("prints the RequestId of a refusal", function()
      server:fault("refusal", { action = "CreateOrUpdateDingTalk" })
      fails({ "service error [NoPermission]", "yundun-sas:CreateOrUpdateDingTalk", "RequestId: " },
        start "create_chatbot.lua")
      assert.equal(0, #server:chatbots())
    end)
  end)

  describe("update_chatbot.lua", function()
    it("changes the chatbot of that name", function()
      works(start "create_chatbot.lua")
      local out = works(start("update_chatbot.lua", "testNotify"))
      assert.matches("RequestId: %x+%-", out)
      assert.matches("\n  now    .*event%-hc", out)
      local stored = server:chatbots()
      assert.equal(1, #stored)
      assert.equal("60", tostring(stored[1].IntervalTime))
      assert.equal(WEBHOOK, stored[1].SendUrl)
    end)

    it("knows names that are not there, and wants one", function()
      fails({ "conflict error [NOT_FOUND]", "no chatbot has this name" }, start("update_chatbot.lua", "nobody"))
      fails({ "usage: " }, run({}, "update_chatbot.lua"))
    end)

    it("reads back what the documentation's examples show", function()
      local documented = serve(emulator.documented)
      local environment = { DINGTALK_WEBHOOK = WEBHOOK }
      local created = { run(environment, "create_chatbot.lua", documented.endpoint, documented.caFile) }
      local updated = { run(environment, "update_chatbot.lua", "testNotify", documented.endpoint, documented.caFile) }
      local listed = { run({}, "list.lua", documented.endpoint, documented.caFile) }
      local stored = documented:chatbots()
      documented:stop()
      for _, result in ipairs { created, updated, listed } do
        works(result[1], result[2], result[3])
      end
      assert.equal('["10417151"]', stored[1].GroupIdList)
      assert.matches("testNotify", listed[1])
    end)
  end)

  describe("ensure_chatbot.lua", function()
    local function ensure(folder, ...)
      return run({ DINGTALK_WEBHOOK = WEBHOOK }, "ensure_chatbot.lua", folder, ...)
    end

    local function with_store(act)
      local folder = child.run("mktemp -d"):match "%S+"
      local good, err = pcall(act, folder)
      child.run("rm -rf " .. child.quote(folder))
      assert(good, err)
    end

    it("makes one chatbot, however often it is run", function()
      with_store(function(folder)
        assert.equal("Chatbot on-call (Id 1001) created\n", works(ensure(folder, server.endpoint, server.caFile)))
        assert.equal("Chatbot on-call (Id 1001) unchanged\n", works(ensure(folder, server.endpoint, server.caFile)))
        assert.equal(1, #server:chatbots())
      end)
    end)

    it("says what was not compared", function()
      local hidden = serve()
      with_store(function(folder)
        works(ensure(folder, hidden.endpoint, hidden.caFile))
        assert.equal("Chatbot on-call (Id 1001) unchanged\nNot shown by the service, so not compared: SendUrl\n",
          works(ensure(folder, hidden.endpoint, hidden.caFile)))
      end)
      hidden:stop()
    end)

    it("makes none without a store, and wants one", function()
      fails({ "state error [NOT_FOUND]", "mkdir -m 700" }, ensure("/nowhere", server.endpoint, server.caFile))
      fails({ "usage: " }, run({}, "ensure_chatbot.lua"))
      assert.equal(0, #server:chatbots())
    end)
  end)

  describe("list.lua", function()
    it("lists chatbots and groups", function()
      works(start "create_chatbot.lua")
      local out = works(start "list.lua")
      assert.matches("Chatbots: 1\n  1001 +enabled +testNotify\n", out)
      assert.matches("Asset groups:\n  %d+ +%S[^\n]*\n  10417151 +Default\n  10417152 +Production\n  10417153 +Web\n",
        out)
    end)

    it("lists them as objects and Ids as strings too", function()
      local other = serve { groupsAs = "objects", idsAs = "strings", statusAfterCreate = 0 }
      run({}, "create_chatbot.lua", other.endpoint, other.caFile)
      local out, err, status = run({}, "list.lua", other.endpoint, other.caFile)
      other:stop()
      works(out, err, status)
      assert.matches("1001 +disabled +testNotify\n", out)
      assert.matches("10417153 +Web\n", out)
    end)

    it("fails without a server, with a stranger's certificate, and with a wrong key", function()
      fails({ "list: network error [COULDNT_CONNECT]" }, run({}, "list.lua", "https://localhost:1"))
      fails({ "list: network error [TLS_CERTIFICATE]" }, run({}, "list.lua", server.endpoint))
      fails({ "list: service error [SignatureDoesNotMatch]", "RequestId: " }, run({
        ALIBABA_CLOUD_ACCESS_KEY_ID = "testid", ALIBABA_CLOUD_ACCESS_KEY_SECRET = canary.accessKeySecret,
      }, "list.lua", server.endpoint, server.caFile))
    end)
  end)

  describe("print_request.lua", function()
    it("prints the request and sends nothing", function()
      local out = works(start "print_request.lua")
      assert.matches("POST https://localhost:%d+/ CreateOrUpdateDingTalk", out)
      assert.matches("%d+ bytes of query, 0 bytes of body\n$", out)
      assert.equal(0, #server:requests())
    end)

    it("takes region and keys from the environment", function()
      local out = works(run({
        ALIBABA_CLOUD_REGION_ID = "ap-southeast-1", DINGTALK_WEBHOOK = WEBHOOK,
        ALIBABA_CLOUD_ACCESS_KEY_ID = canary.accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET = canary.accessKeySecret,
        ALIBABA_CLOUD_SECURITY_TOKEN = canary.securityToken,
      }, "print_request.lua"))
      assert.matches("POST https://tds%.ap%-southeast%-1%.aliyuncs%.com/ ", out)
      assert.is_nil(out:find(canary.securityToken, 1, true))
      assert.is_nil(out:find(canary.accessKeyId, 1, true))
    end)
  end)

  it("run from any folder", function()
    local folder = child.run("cd " .. child.quote(top .. "examples") .. " && pwd")
    for place, path in pairs {
      ["/"] = folder .. "/list.lua", [folder] = "list.lua", [folder .. "/.."] = "examples/list.lua",
    } do
      local output = child.run(("cd %s && %s"):format(child.quote(place), child.command(path, "https://localhost:1")))
      assert.matches("^list: network error %[COULDNT_CONNECT%]", output)
    end
  end)

  it("need a webhook, a region and keys where no endpoint is given", function()
    fails({ "create_chatbot: set DINGTALK_WEBHOOK" }, run({}, "create_chatbot.lua"))
    fails({ "print_request: set DINGTALK_WEBHOOK" }, run({ DINGTALK_WEBHOOK = "" }, "print_request.lua"))
    fails({ "update_chatbot: set DINGTALK_WEBHOOK" }, run({}, "update_chatbot.lua", "testNotify"))
    local webhook = { DINGTALK_WEBHOOK = WEBHOOK }
    fails({ "create_chatbot: ", "regionId: is missing" }, run(webhook, "create_chatbot.lua"))
    fails({ "list: ", "regionId: is missing" }, run({}, "list.lua"))
    fails({ "list: credentials error [NO_CREDENTIALS]" }, run({ ALIBABA_CLOUD_REGION_ID = "cn-hangzhou" }, "list.lua"))
  end)
end)
