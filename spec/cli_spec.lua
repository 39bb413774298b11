-- cli_spec.lua - the command line sas-dingtalk, in this process, over an emulated account
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local commandline = require "spec.support.commandline"
local commands = require "aliyun.sas.cli.commands"
local core = require "aliyun.sas.core"
local files = require "spec.support.files"
local parser = require "aliyun.sas.cli.parser"
local providers = require "spec.support.providers"
local view = require "aliyun.sas.cli.view"
local words = require "aliyun.sas.cli.words"

local function has(text, piece)
  assert.is_truthy(text:find(piece, 1, true), ("%q is not in %q"):format(piece, text))
end

local function has_not(text, piece)
  assert.is_nil(text:find(piece, 1, true))
end

describe("sas-dingtalk", function()
  local account, run, folder

  before_each(function()
    account = commandline.new()
    run = account.run
    folder = child.run "mktemp -d"
    account.env = { HOME = folder, HOOK = commandline.webhook }
  end)

  after_each(function()
    child.run("rm -rf " .. child.quote(folder))
    has_not(account.printed(), canary.accessToken)
    has_not(account.printed(), "testsecret")
  end)

  local function put(name, ...)
    local status, out, err = run("put", "--name", name, "--send-url-env", "HOOK", "--config-type", "vul=all",
      "--groups", "10417151", ...)
    assert.equal(0, status, err)
    return out
  end

  local function file(name, text)
    local path = files.write(folder .. "/" .. name, text)
    child.run("chmod 600 " .. child.quote(path))
    return path
  end

  describe("usage", function()
    it("is told for each command, with examples", function()
      for _, command in ipairs(commands.list) do
        local status, out, err = run(command.name, "--help")
        assert.same({ 0, "" }, { status, err })
        has(out, "Usage: sas-dingtalk " .. command.name)
        has(out, "Examples:\n  ")
        has(out, "sas-dingtalk " .. command.name)
      end
      for line in select(2, run "--help"):gmatch "[^\n]+" do
        assert.is_true(#line <= 80, line)
      end
      has(select(2, run "--help"), "\n64 wrong usage; 129")
      has(select(2, run("put", "--help")), "--name NAME")
      local status, out = run "--version"
      assert.same({ 0, "sas-dingtalk " .. core._VERSION .. "\n" }, { status, out })
    end)

    local wrong = {
      { { "lst" }, "Did you mean 'list'?" }, { {}, "a command is required" }, { { "list", "--nosuch" }, "--nosuch" },
      { { "show" }, "missing argument" }, { { "show", "a", "b" }, "too many arguments" },
      { { "--output", "xml", "list" }, "must be one of" }, { { "--timeout", "soon", "list" }, "malformed argument" },
      { { "apply", "x", "--concurrency", "0" }, "whole number from 1 to 64" },
      { { "apply", "x", "--concurrency", "65" }, "whole number from 1 to 64" },
      { { "apply", "x", "--rate", "1e3" }, "1e3: must be" }, { { "apply", "x", "--fence", "1.5" }, "1.5: must be" },
      { { "put" }, "--name or --id" }, { { "put", "--name", "ab", "--config-type", "vul" }, "TYPE=all" },
      { { "put", "--name", "ab", "--config", "{}", "--config-type", "vul=all" }, "give one of them" },
      { { "put", "--name", "ab", "--send-url-env", "A", "--send-url-stdin" }, "can not be used together" },
      { { "delete", "a" }, "--yes is needed" }, { { "test", "a" }, "--yes is needed" },
      { { "sign", "describeDingTalk2" }, "begins with a capital" },
      { { "sign", "DescribeDingTalk", "x" }, "parameter 1" },
      { { "policy", "nosuch" }, "no command of this name" }, { { "policy", "emulator" }, "need no policy" },
      { { "list", "--timeout", "0" }, "--timeout: must be" },
      { { "list", "--deadline", "1e9" }, "--deadline: must be" },
      { { "list", "--timeout", "-1" }, "no option takes a number below 0" },
      { { "list", "--timeout=-1" }, "--timeout: must be" }, { { "list", "--profile", "" }, "--profile: " },
      { { "put", "--name", "ab", "--groups", "Web" }, "--groups: takes Ids alone" },
      { { "put", "--name", "ab", "--groups", ",," }, "--groups: takes Ids alone" },
      { { "put", "--name", "ab", "--groups", "" }, "--groups: takes Ids alone" },
      { { "put", "--name", "ab", "--groups", " , " }, "--groups: takes Ids alone" },
      { { "put", "--name", "ab", "--config", '{"vul":"all"' }, "--config: is not JSON" },
      { { "put", "--name", "a" }, "--name: must have 2" }, { { "put", "--id", "x" }, "--id: is no decimal integer" },
      { { "put", "--name", "ab", "--config-type", "vul.x=y" }, "--config-type vul" },
      { { "sign", "DescribeDingTalk", "--date", "2026-11-24" }, "--date: is not of the form" },
      { { "emulator", "--port", "99999" }, "whole number from 0 to 65535" },
      { { "plan", "" }, "the path is empty" }, { { "apply", "", "--yes" }, "the path is empty" },
      { { "doctor", "--file", "" }, "the path is empty" }, { { "export", "--out", "" }, "the path is empty" },
      { { "coverage", "--html=" }, "the path is empty" },
      { { "put", "--name", "ab", "--state", "" }, "the path is empty" },
      { { "put", "--name", "ab", "--send-url-file", "" }, "the path is empty" },
      { { "sign", "DescribeDingTalk", "--send-url-file=" }, "the path is empty" },
    }
    for _, row in ipairs(wrong) do
      it("is refused: " .. table.concat(row[1], " "), function()
        local status, out, err = run((table.unpack or unpack)(row[1])) -- luacheck: ignore 113 143
        assert.same({ 64, "" }, { status, out })
        has(err, row[2])
        assert.same({}, account.service:requests())
      end)
    end

    it("is refused in JSON where that was asked for", function()
      local status, out, err = run("--output", "json", "nosuch")
      assert.same({ 64, "" }, { status, out })
      local said = assert(core.json(err)).error
      assert.same({ "argument", "USAGE" }, { said.kind, said.code })
    end)

    it("shows no control character of an argument", function()
      local _, _, err = run "li\27[31mst\7"
      has_not(err, "\27")
      has_not(err, "\7")
    end)
  end)

  describe("secrets among the arguments", function()
    local token = canary.accessToken
    local rows = {
      { "put", "--name", "ab", "--send-url-env", "https://oapi.dingtalk.com/robot/send?access_token=" .. token },
      { "sign", "CreateOrUpdateDingTalk", "SendUrl=https://oapi.dingtalk.com/robot/send?access_token=" .. token },
      { "put", "--send-url", "https://oapi.dingtalk.com/" .. token }, { "list", "--access-key-secret=" .. token },
      { "list", "--profile", "LTAI5t" .. ("aB3"):rep(6) }, { "list", "--region", ("aB3"):rep(10) },
      { "show", ("0123456789abcdef"):rep(4) }, { "sign", "X", "SecurityToken=STS.abcdefgh123" },
    }
    for i, row in ipairs(rows) do
      it("are refused and not repeated, " .. i, function()
        local status, out, err = run((table.unpack or unpack)(row)) -- luacheck: ignore 113 143
        assert.same({ 64, "" }, { status, out })
        has(err, "make a new one")
        for _, word in ipairs(row) do
          if #word > 16 then
            has_not(err, word)
          end
        end
        assert.same({}, account.service:requests())
      end)
    end

    it("do not stand in what an ordinary word, a placeholder or a long name is taken for", function()
      local status = run("sign", "CreateOrUpdateDingTalk", "RuleActionName=ab",
        "SendUrl=https://oapi.dingtalk.com/robot/send?access_token=XXX")
      assert.equal(0, status)
      status = run("show", ("a"):rep(30))
      assert.equal(1, status)
    end)
  end)

  describe("chatbots", function()
    it("are created once, changed, listed and shown", function()
      assert.equal('created 1001 "夜班"\n', put "夜班")
      assert.equal('unchanged 1001 "夜班"\n', put "夜班")
      local status, out, err = run("put", "--name", "夜班", "--interval", "60", "--lang", "en", "--resend",
        "--send-url-env", "HOOK", "--config-type", "hc.item_level=high,medium", "--config-type", "hc.item_level=low")
      assert.equal(0, status, err)
      has(out, "updated 1001")
      status, out = run "list"
      assert.equal(0, status)
      assert.matches("1001  on      夜班  10417151  hc\n$", out)
      status, out = run("show", "夜班")
      assert.equal(0, status)
      has(out, "hc.item_level = high, medium, low")
      status, out = run("show", "1001", "--output", "json")
      assert.equal(0, status)
      local shown = assert(core.json(out))
      assert.same({ "夜班", "on", "en", { "high", "medium", "low" } },
        { shown.RuleActionName, shown.Status, shown.DingTalkLang, shown.ConfigList.hc.item_level })
    end)

    it("never show a webhook's secret, also where another host has it in the path", function()
      local secret = "s3cr3t"
      for _, url in ipairs {
        "https://hooks.example.com/in/" .. secret, "https://me:" .. secret .. "@hooks.example.com/in",
        "https://oapi.dingtalk.com/robot/send?access_token=" .. secret,
      } do
        local shown = view.plain({ SendUrl = url }).SendUrl
        has_not(shown, secret)
        has(shown, "***")
      end
    end)

    -- What the service shows of the chatbot, with a number that nobody expects.
    local function spoil(field, number)
      local send = account.service.send
      account.service.send = function(request)
        local outcome = send(request)
        outcome.body = outcome.body:gsub('"' .. field .. '":%d+', '"' .. field .. '":' .. number)
        return outcome
      end
    end

    for _, field in ipairs { "GmtCreate", "GmtModified", "AliUid", "IntervalTime" } do
      for number, printed in pairs {
        ["1e300"] = "1e+300", ["-1e300"] = "-1e+300", ["1e30"] = "1e+30", ["1e17"] = "1e+17", ["1e308"] = "1e+308",
      } do
        it(("show a chatbot whose %s is %s"):format(field, number), function()
          put("ab", "--interval", "60")
          spoil(field, number)
          local status, out, err = run("show", "ab")
          assert.same({ 0, "" }, { status, err })
          has_not(out, ".lua:")
          status, out, err = run("list", "--output", "json")
          assert.same({ 0, "" }, { status, err })
          has(out, ('"%s": %s'):format(field, printed))
          assert.equal(tonumber(number), core.json(out)[1][field])
        end)
      end
    end

    it("do not call a number a date that is none", function()
      put("ab")
      spoil("GmtCreate", "253402300800000")
      spoil("GmtModified", "-1")
      local status, out = run("show", "ab")
      assert.equal(0, status)
      has_not(out, "GmtCreate")
      has_not(out, "GmtModified")
    end)

    it("show dates as plans do, in UTC", function()
      put "ab"
      local _, out = run("show", "ab")
      assert.matches("GmtCreate +%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ", out)
    end)

    it("are empty lists in the JSON of errors, too", function()
      local status, _, err = run("put", "--id", "77", "--send-url-env", "HOOK", "--output", "json")
      assert.equal(1, status)
      has(err, '"ids": []')
      account.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      _, _, err = run("put", "--name", "ab", "--send-url-env", "HOOK", "--output", "json")
      has(err, '"before": []')
    end)

    it("are counted as one where there is one", function()
      put "ab"
      local _, out = run "coverage"
      has(out, "1 chatbot (1 enabled)")
      account.terminal, account.input = true, { "no" }
      local _, _, err = run("test", "ab")
      has(err, "groups of 1 chatbot will see")
    end)

    it("are an empty list where there are none", function()
      local status, out = run "list"
      assert.same({ 0, "There are no chatbots.\n" }, { status, out })
      status, out = run("list", "--output", "json")
      assert.same({ 0, "[]\n" }, { status, out })
    end)

    it("take their webhook from a private file or the standard input, and from no other", function()
      local path = file("hook", commandline.webhook .. "\n")
      assert.equal(0, (run("put", "--name", "ab", "--send-url-file", path)))
      account.input = { commandline.webhook }
      assert.equal(0, (run("put", "--name", "cd", "--send-url-stdin")))
      assert.equal(commandline.webhook, account.service:chatbots()[2].SendUrl)
      child.run("chmod 644 " .. path)
      local status, _, err = run("put", "--name", "ef", "--send-url-file", path)
      assert.equal(1, status)
      has(err, "NOT_PRIVATE")
      account.input = { commandline.webhook .. "\n" .. commandline.webhook }
      status, _, err = run("put", "--name", "ef", "--send-url-stdin")
      assert.equal(1, status)
      has(err, "--send-url-stdin: the input holds more than one line")
      status, _, err = run("put", "--name", "ef", "--send-url-env", "NOSUCH")
      assert.equal(1, status)
      has(err, "NOSUCH is not set")
      status, _, err = run("put", "--name", "ef")
      assert.equal(1, status)
      has(err, "--send-url-env: is missing")
      account.input = nil
      status, _, err = run("put", "--id", "1001", "--name", "new")
      assert.equal(1, status)
      has(err, "--send-url-env: is missing, or without its token")
      has(err, "by --send-url-env, --send-url-file or --send-url-stdin)")
      assert.equal(2, #account.service:chatbots())
    end)

    it("whose create got lost are not created again by another call", function()
      account.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      local status, _, err = run("put", "--name", "ab", "--send-url-env", "HOOK")
      assert.equal(1, status)
      has(err, "unknown error")
      has(err, "can be settled after")
      status, _, err = run("put", "--name", "ab", "--send-url-env", "HOOK", "--output", "json")
      assert.equal(1, status)
      assert.same({ "unknown", "PENDING" }, { core.json(err).error.kind, core.json(err).error.code })
      account.service:advance(601)
      assert.equal(0, (run("put", "--name", "ab", "--send-url-env", "HOOK")))
      assert.equal(1, #account.service:chatbots())
    end)

    it("are disabled, enabled, tested and deleted, by name or Id", function()
      put "ab"
      put "cd"
      local status, out = run("disable", "ab", "1002", "1001")
      assert.same({ 0, "disabled: 2\n" }, { status, out })
      assert.equal(0, account.service:chatbots()[2].Status)
      assert.equal(0, (run("enable", "cd")))
      assert.equal(1, account.service:chatbots()[2].Status)
      status, out = run("test", "cd", "--yes", "--output", "json")
      assert.equal(0, status)
      assert.same({ { action = "tested", Id = 1002, RuleActionName = "cd" } }, core.json(out))
      assert.equal(0, (run("delete", "ab", "--yes")))
      assert.equal(1, #account.service:chatbots())
    end)

    it("that are unknown or of several names stop all, and are all told", function()
      put "night watch"
      local status, out, err = run("delete", "night wach", "77", "night watch", "--yes")
      assert.same({ 1, "" }, { status, out })
      has(err, 'did you mean "night watch"?')
      has(err, "77: is no chatbot")
      assert.equal(1, #account.service:chatbots())
    end)

    it("that share a name are told apart by an Id alone", function()
      account = commandline.new { uniqueNames = false }
      run, account.env = account.run, { HOME = folder, HOOK = commandline.webhook }
      local client = require "aliyun.sas".new {
        transport = account.service, regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret",
      }
      for _ = 1, 2 do
        assert(client:createOrUpdateDingTalk {
          RuleActionName = "twin", SendUrl = commandline.webhook, ConfigList = { vul = "all" },
        })
      end
      for _, command in ipairs { { "show", "twin" }, { "delete", "twin", "--yes" } } do
        local status, _, err = run((table.unpack or unpack)(command)) -- luacheck: ignore 113 143
        assert.equal(1, status)
        has(err, "[DUPLICATE]")
        has(err, "give one of the Ids 1001, 1002")
      end
      has(select(3, run("delete", "twin", "nobody", "--yes")), "[NOT_FOUND]")
    end)

    it("are deleted only when yes is typed", function()
      put "ab"
      account.terminal = true
      for _, answer in ipairs { "y", "", "no", "Yes " } do
        account.input = { answer }
        local status, _, err = run("delete", "ab")
        assert.equal(1, status)
        has(err, "nothing was changed")
      end
      account.input = nil -- the end of the input
      assert.equal(1, (run("delete", "ab")))
      assert.equal(1, #account.service:chatbots())
      account.input = { "yes" }
      assert.equal(0, (run("delete", "ab")))
      assert.equal(0, #account.service:chatbots())
    end)
  end)

  describe("the words of the library", function()
    local top = (debug.getinfo(1, "S").source:match "^@(.*)spec/cli_spec%.lua$" or "") .. "./"

    -- The sources without the command line, their strings joined.
    local function sources()
      local text = child.run("cd " .. child.quote(top) .. " && find lua src -name '*.lua' -not -path '*/cli/*' -o "
        .. "-name '*.c' | xargs cat")
      return (text:gsub('"%s*%.%.%s*"', ""):gsub('"%s*\n%s*"', ""))
    end

    it("are still said where they are translated", function()
      local all = sources()
      for _, list in ipairs(words.sentences) do
        for _, pair in ipairs(list) do
          local said = all:find(pair[1], 1, true)
          for _, other in ipairs(words.sentences[1]) do
            said = said or other[2]:find(pair[1], 1, true)
          end
          assert.is_truthy(said, pair[1])
        end
      end
    end)

    it("become options in errors, problems and warnings, on the way out only", function()
      local path = file("none.json", "[]")
      local status, _, err = run("plan", path, "--prune")
      assert.equal(1, status)
      has(err, "(--allow-empty does that)")
      path = file("wrong.lua", 'return { { RuleActionName = "ab", ConfigList = { suspicious = { event_type = '
        .. '{ "x" } } } } }')
      status, _, err = run("plan", path)
      assert.equal(1, status)
      has(err, "(sas-dingtalk catalog lists them; ConfigList as JSON text, in the vendor's form, takes any other)")
      local made = core.error { kind = "network", code = "TIMEOUT", message = "raise deadline", hint = "raise deadline",
        problems = { { path = "a", message = "b", hint = "allowEmpty = true does that" } } }
      local said = words.error(made)
      has(tostring(said), "raise --deadline")
      has(tostring(said), "--allow-empty")
      assert.equal("raise deadline", made.hint)
      assert.equal("allowEmpty = true does that", made.problems[1].hint)
    end)

    it("become options in a plan", function()
      local hook = file("hook", commandline.webhook)
      local path = file("doubt.lua", ('return { { RuleActionName = "ab", SendUrl = file %q, ConfigList = '
        .. '{ vul = "all" }, GroupIdList = { 10417151 } } }'):format(hook))
      assert.equal(0, (run("apply", path, "--yes")))
      account.service:advance(5)
      put("ab", "--lang", "en", "--resend")
      local _, out = run("plan", path)
      has(out:gsub("%s+", " "), "--resend-webhooks sends it again")
      _, out = run("plan", path, "--output", "json")
      has(out, "--resend-webhooks sends it again")
    end)
  end)

  describe("errors", function()
    it("of the service are told with the RequestId, status 1", function()
      account.service:fault("refusal", { action = "DescribeDingTalk" })
      local status, out, err = run "list"
      assert.same({ 1, "" }, { status, out })
      has(err, "NoPermission")
      has(err, "RequestId: ")
    end)

    for _, region in ipairs { "cn-hangzhou\r", "\27[2Jcn-hangzhou", "cn-hangzhou\n", "cn-\127" } do
      it(("of a region with a control character are told in words: %q"):format(region), function()
        account.no_region = true
        local status, out, err = run("list", "--region", region)
        assert.same({ 64, "" }, { status, out })
        assert.equal("sas-dingtalk: argument error [USAGE]: 1 problem with the options\n"
          .. "  --region: holds a control character\n", err)
        providers.environment { ALIBABA_CLOUD_REGION_ID = region }
        status, out, err = run "list"
        providers.restore()
        assert.same({ 1, "" }, { status, out })
        assert.equal("sas-dingtalk: argument error [INVALID_ARGUMENT]: 1 problem with the options\n"
          .. "  ALIBABA_CLOUD_REGION_ID: holds a control character\n", err)
      end)
    end

    it("of a region that nobody knows are a warning, and the command goes on", function()
      account.no_region = true
      local status, _, err = run("list", "--region", "cn-hangzhuo")
      assert.equal(0, status)
      has(err, "warning: --region cn-hangzhuo is no region that is known")
      has(err, "did you mean cn-hangzhou? --endpoint names a host")
      status, _, err = run("list", "--region", "cn-atlantis", "--endpoint", "localhost:8443")
      assert.same({ 0, "" }, { status, err })
    end)

    it("of the options are told in the words of the options", function()
      account.no_region = true
      local status, _, err = run "list"
      assert.equal(1, status)
      has(err, "--region: is missing")
      status, _, err = run("list", "--endpoint", "http://example.com", "--timeout", "0")
      assert.equal(64, status)
      has(err, "2 problems with the options")
      has(err, "--endpoint: ")
      has(err, "--timeout: ")
      has_not(err, "connectTimeout")
    end)

    it("of the output end it: a reader that has gone in silence, a full disk with a message", function()
      account.broken = { "Broken pipe", 32 }
      local status, _, err = run "catalog"
      assert.same({ 141, "" }, { status, err })
      account.broken = { "No space left on device", 28 }
      status, _, err = run "catalog"
      assert.equal(1, status)
      has(err, "No space left on device")
    end)
  end)

  it("lists groups and the catalog, the documented one without a request", function()
    local status, out = run "catalog"
    assert.equal(0, status)
    assert.matches("\nvul +type +cms ", out)
    assert.same({}, account.service:requests())
    status, out = run("catalog", "--live", "--output", "json")
    assert.equal(0, status)
    assert.is_true(#core.json(out) > 10)
    status, out = run "groups"
    assert.equal(0, status)
    has(out, "10417153      Web")
  end)

  it("signs without sending, and masks", function()
    local status, out = run("sign", "CreateOrUpdateDingTalk", "RuleActionName=12", "--send-url-env", "HOOK")
    assert.equal(0, status)
    has(out, "Signature=***")
    status, out = run("sign", "CreateOrUpdateDingTalk", "RuleActionName=12", "--send-url-env", "HOOK", "--as", "curl",
      "--signature", "v1", "--parameters-in", "body")
    assert.equal(0, status)
    has(out, "curl -X POST 'https://tds.cn-shanghai.aliyuncs.com/?AccessKeyId=***&")
    has(out, "Signature=***")
    has(out, "SendUrl=***")
    local params = file("params.json", '{"Ids":[1,2],"Status":1}')
    status, out = run("sign", "ModifyDingTalkStatus", "@" .. params, "--output", "json", "--nonce", "n", "--date",
      "2026-11-24T00:00:00Z")
    assert.equal(0, status)
    assert.matches("Credential=%*%*%*,", core.json(out).headers.authorization)
    assert.same({}, account.service:requests())
    assert.equal(1, (run("sign", "ModifyDingTalkStatus", "@" .. folder .. "/none")))
    assert.equal(1, (run("sign", "ModifyDingTalkStatus", "Status=5")))
  end)

  it("shows a signature where that is asked for", function()
    local _, out = run("sign", "DescribeDingTalk", "PageSize=5", "--show-secrets")
    assert.matches("Signature=%x+\n", out)
    has(out, "POST https://tds.cn-shanghai.aliyuncs.com/?PageSize=5\n")
  end)

  it("prints the smallest policy, with which the command works", function()
    local function actions(...)
      local _, out = run("policy", ...)
      return core.json(out).Statement[1].Action
    end
    assert.same({ "yundun-sas:DescribeDingTalk" }, actions("list"))
    assert.same({ "yundun-sas:CreateOrUpdateDingTalk", "yundun-sas:DescribeDingTalk" }, actions("put", "show"))
    assert.equal(8, #actions("--prune", "--test"))
    local status, _, err = run("policy", "completion")
    assert.equal(64, status)
    has(err, "need no policy")
    for _, command in ipairs(commands.list) do
      for _, operation in ipairs(command.operations or {}) do
        local method = operation:gsub("^%u", string.lower)
        assert.is_true(type(core[method]) == "function" or operation == "DescribeVersionConfig", operation)
      end
    end
  end)

  it("is well, or says what is not, and never the secret", function()
    local status, out = run "doctor"
    assert.equal(0, status, out)
    has(out, "not called, since it would change something")
    account.service:fault("refusal", { action = "DescribeDataSource" })
    status, out = run "doctor"
    assert.equal(1, status)
    has(out, "allow yundun-sas:DescribeDataSource")
    account.no_region = true
    status, out = run("doctor", "--output", "json")
    assert.equal(1, status)
    local bad = {}
    for _, finding in ipairs(core.json(out)) do
      bad[#bad + 1] = finding.state == "bad" and finding.check or nil
    end
    assert.same({ "endpoint" }, bad)
    for _, request in ipairs(account.service:requests()) do
      assert.matches("^Describe", request.action or "Describe")
    end
  end)

  it("reads the date of an answer", function()
    local of_header = require "aliyun.sas.dates".of_header
    assert.equal(0, of_header "Thu, 01 Jan 1970 00:00:00 GMT")
    assert.equal(1795518365, of_header "Tue, 24 Nov 2026 11:06:05 GMT")
    assert.equal(951782400, of_header "Tue, 29 Feb 2000 00:00:00 GMT")
    for _, wrong in ipairs { "", "yesterday", "Tue, 24 Foo 2026 11:06:05 GMT", false } do
      assert.is_nil(of_header(wrong or nil))
    end
  end)

  describe("a file of chatbots", function()
    local chatbots

    before_each(function()
      local hook = file("hook", commandline.webhook)
      chatbots = file("chatbots.lua", ([[return {
  { RuleActionName = "ab", SendUrl = file %q, ConfigList = { vul = "all" }, GroupIdList = { 10417151 }, Status = "on" },
  { RuleActionName = "cd", SendUrl = file %q, ConfigList = { hc = "all" }, GroupIdList = { group "Test" },
    Status = "off" },
}]]):format(hook, hook))
    end)

    it("is planned, applied, and then as declared", function()
      local status, out = run("plan", chatbots)
      assert.equal(2, status)
      has(out, "Plan: 2 to create")
      has_not(child.run("ls " .. folder), ".state")
      status, out = run("apply", chatbots, "--yes")
      assert.equal(0, status)
      assert.matches("\ncreated +1001 +ab *\ncreated +1002 +cd *\n2 created%.", out)
      assert.matches("^drwx%-%-%-%-%-%-", child.run("ls -ld " .. chatbots .. ".state"))
      status, out = run("plan", chatbots, "--output", "json")
      assert.equal(0, status)
      assert.equal(2, core.json(out).summary.unchanged)
      has(out, '"changes": []')
      status, out = run("apply", chatbots, "--yes")
      assert.equal(0, status)
      has_not(out, "1001") -- what stays as it is is only counted
      has(out, "2 unchanged.")
      status, out = run("apply", chatbots, "--yes", "--output", "json")
      assert.equal(0, status)
      assert.is_true(core.json(out).ok)
      local account_writes = 0
      for _, request in ipairs(account.service:requests()) do
        account_writes = account_writes + (request.action == "CreateOrUpdateDingTalk" and 1 or 0)
      end
      assert.equal(2, account_writes)
    end)

    it("is not applied where nobody says yes", function()
      local status, _, err = run("apply", chatbots)
      assert.equal(64, status)
      has(err, "--yes is needed")
      account.terminal, account.input = true, { "no" }
      assert.equal(1, (run("apply", chatbots)))
      assert.same({}, account.service:chatbots())
    end)

    it("is refused where a webhook is not known, before anybody is asked", function()
      local path = file("unset.lua", 'return { { RuleActionName = "ab", SendUrl = env "NOT_SET_HERE", ConfigList = '
        .. '{ vul = "all" } } }')
      for _, terminal in ipairs { true, false } do
        account.terminal, account.input = terminal, { "yes" }
        local status, _, err = run("apply", path)
        assert.equal(1, status)
        has(err, "[WEBHOOK_UNKNOWN]: 1 webhook cannot be had, so nothing was changed")
        has(err, "unset.lua:1 SendUrl: the environment variable NOT_SET_HERE is not set")
        has_not(err, "yes")
      end
    end)

    it("leaves what it lacks, unless --prune", function()
      put "stranger"
      assert.equal(0, (run("apply", chatbots, "--yes")))
      assert.equal(3, #account.service:chatbots())
      assert.equal(0, (run("apply", chatbots, "--yes", "--prune")))
      assert.equal(2, #account.service:chatbots())
    end)

    it("tells on the standard error what was done where the report cannot be written", function()
      for form, broken in pairs {
        table = { "No space left on device", 28, behind = 1 }, -- of the plan
        json = { "Broken pipe", 32 },
      } do
        account.service:reset()
        account.broken = broken
        local _, _, err = run("apply", chatbots, "--yes", "--output", form)
        has(err, "the report could not be written; what was done: 2 created.")
        assert.equal(2, #account.service:chatbots())
      end
    end)

    it("reports what failed and what is unknown, and ends with 1", function()
      account.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      local status, out, err = run("apply", chatbots, "--yes")
      assert.equal(1, status)
      has(out, "1 created, 1 unknown")
      has(err, "can be settled after")
    end)

    local one = [[return { { RuleActionName = "ab", SendUrl = file "hook", ConfigList = { vul = "all" },
      GroupIdList = { 10417151 } } }]]

    it("makes no second of what a single command, another file, or the same by another path may still bring", function()
      account.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      assert.equal(1, (run("put", "--name", "ab", "--send-url-env", "HOOK", "--config-type", "vul=all")))
      local first, second = file("one.lua", one), file("two.lua", one)
      local link = folder .. "/link.lua"
      child.run(("ln -s one.lua %s"):format(child.quote(link)))
      for _, path in ipairs { first, second, link } do
        local status, out = run("apply", path, "--yes", "--output", "json")
        assert.equal(1, status)
        assert.equal("PENDING", core.json(out).results[1].error.code)
      end
      account.service:advance(601)
      assert.equal(0, (run("apply", second, "--yes")))
      assert.equal(1, #account.service:chatbots())
    end)

    it("is heeded by single commands, and by those to whom the folder beside the file alone is known", function()
      account.service:fault("late", { action = "CreateOrUpdateDingTalk", value = 600 })
      local path = file("one.lua", one)
      assert.equal(1, (run("apply", path, "--yes")))
      local _, _, err = run("put", "--name", "ab", "--send-url-env", "HOOK")
      has(err, "PENDING")
      for _, home in ipairs { folder .. "/nowhere", "relative", "" } do
        account.env.HOME = home
        local status, out = run("apply", path, "--yes")
        assert.equal(1, status)
        has(out, "PENDING")
      end
      assert.is_nil((io.open(folder .. "/nowhere")))
    end)

    it("is not applied where others may write to the user's folder, and says where that cannot be had", function()
      local path, top = file("one.lua", one), folder .. "/.local"
      child.run(("mkdir -p %s/state/sas-dingtalk/default && chmod 777 %s/state/sas-dingtalk/default"):format(
        child.quote(top), child.quote(top)))
      local status, _, err = run("apply", path, "--yes")
      assert.equal(1, status)
      has(err, "NOT_PRIVATE")
      has(err, "chmod 700")
      assert.same({}, account.service:chatbots())
      child.run(("chmod 700 %s/state/sas-dingtalk/default && chmod 777 %s"):format(child.quote(top), child.quote(top)))
      for _, given in ipairs { { "apply", path, "--yes" }, { "put", "--name", "ab", "--send-url-env", "HOOK" } } do
        status, _, err = run((table.unpack or unpack)(given)) -- luacheck: ignore 113 143
        assert.equal(1, status)
        has(err, "NOT_PRIVATE")
        has(err, "chmod go-w " .. top)
      end
      assert.same({}, account.service:chatbots())
      child.run(("rm -r %s && touch %s"):format(child.quote(top), child.quote(top)))
      status, _, err = run("apply", path, "--yes")
      assert.equal(0, status)
      has(err, "what single commands and other files send is not heeded")
    end)

    it("with mistakes is told with their places, and nothing is sent", function()
      local path = file("wrong.lua", 'return {\n  { RuleActionName = "x" },\n  { RuleActionname = "ab" },\n}\n')
      local status, out, err = run("plan", path)
      assert.same({ 1, "" }, { status, out })
      has(err, "wrong.lua:2")
      has(err, "wrong.lua:3")
      status, out, err = run("apply", folder .. "/none.lua", "--yes")
      assert.same({ 1, "" }, { status, out })
      has(err, "none.lua")
      assert.same({}, account.service:chatbots())
    end)

    it("is written by export, once, and plans to no changes", function()
      put "ab"
      local path = folder .. "/out.lua"
      assert.equal(0, (run("export", "--out", path)))
      local status, _, err = run("export", "--out", path)
      assert.equal(1, status)
      has(err, "--force writes over it")
      assert.equal(0, (run("export", "--out", path, "--force")))
      assert.equal(0, (run("plan", path)))
      local _, out = run("export", "--format", "json")
      assert.equal("ab", core.json(out)[1].RuleActionName)
    end)
  end)

  it("writes files that are as private as the umask, or the file in their place, says", function()
    local written = child.run(("cd %s && umask 077 && %s && stat -c %%a export.lua page.html"):format(
      child.quote(folder), child.command("-e", [[
        local account = require "spec.support.commandline".new()
        assert(account.run("export", "--out", "export.lua") == 0)
        assert(account.run("coverage", "--html", "page.html") == 0)]])))
    assert.equal("600\n600", written)
    assert.equal(0, (run("export", "--out", folder .. "/export.lua", "--force")))
    assert.equal(0, (run("coverage", "--html", folder .. "/page.html")))
    assert.equal("600\n600", child.run(("cd %s && stat -c %%a export.lua page.html"):format(child.quote(folder))))
  end)

  -- /dev/stdout is one: root would put a file in its place
  it("refuses to write a file in the place of a link", function()
    child.run(("cd %s && ln -s none link"):format(child.quote(folder)))
    for _, given in ipairs { { "export", "--force", "--out" }, { "export", "--out" }, { "coverage", "--html" } } do
      given[#given + 1] = folder .. "/link"
      local status, _, err = run((table.unpack or unpack)(given)) -- luacheck: ignore 113 143
      assert.equal(1, status)
      has(err, "is a link")
    end
    assert.equal("none", child.run(("cd %s && readlink link && ls -A | grep -x none"):format(child.quote(folder))))
  end)

  it("refuses a wrong --ca-file where it writes, as where it reads", function()
    for _, wrong in ipairs { "", ("x"):rep(4097), "a\nb" } do
      for _, given in ipairs { { "list" }, { "put", "--id", "1", "--state", folder } } do
        local status, _, err = require "spec.support.sas_dingtalk".run({ env = { ALIBABA_CLOUD_ACCESS_KEY_ID = "testid",
          ALIBABA_CLOUD_ACCESS_KEY_SECRET = "testsecret" } }, "--endpoint", "localhost:1", "--ca-file", wrong,
          (table.unpack or unpack)(given)) -- luacheck: ignore 113 143
        assert.equal(64, status, err)
        has(err, "--ca-file: ")
      end
    end
  end)

  it("refuses to write over a pipe, and does not wait for it", function()
    local said = child.run(("cd %s && mkfifo pipe && timeout 60 env %s"):format(child.quote(folder),
      child.command("-e", [[
        io.write(select(3, require "spec.support.commandline".new().run("export", "--out", "pipe")))]])))
    has(said, "pipe is there already")
    assert.equal("fifo", child.run(("cd %s && stat -c %%F pipe"):format(child.quote(folder))))
  end)

  it("shows the coverage as text, JSON and a page", function()
    put "ab"
    local status, out = run "coverage"
    assert.equal(0, status)
    has(out, "nobody")
    status, out = run("coverage", "--output", "json")
    assert.equal(0, status)
    assert.is_table(core.json(out))
    assert.equal(0, (run("coverage", "--html", folder .. "/page.html")))
    has(child.run("cat " .. folder .. "/page.html"), "<!DOCTYPE html>")
    status = run("coverage", "--html", folder .. "/none/page.html")
    assert.equal(1, status)
  end)

  describe("the manual", function()
    local top = (debug.getinfo(1, "S").source:match "^@(.*)spec/cli_spec%.lua$" or "") .. "./"
    local manual = assert(files.read(top .. "doc/sas-dingtalk.1")):gsub("\\%-", "-")
    local readme = assert(files.read(top .. "README.md"))

    local function section_of(name)
      local start, stop = manual:find("\n.SS " .. name .. "%f[^%w][^\n]*\n")
      assert.is_truthy(start, name)
      return manual:sub(stop):match "^(.-)\n%.S[SH] " or manual:sub(stop)
    end

    it("has every command and every option of the parser, in its place, and no others", function()
      local root, known = parser.new(), {}
      local function check(of, text)
        for _, option in ipairs(of._options) do
          for _, alias in ipairs(option._aliases) do
            known[alias] = true
            if alias ~= "-h" and (alias ~= "--help" or of == root) then
              assert.is_truthy((" " .. text):find("[ \n]" .. alias:gsub("%-", "%%-") .. "%f[^%w-]")
                or alias:find "^%-%-send%-url" or alias == "--prune" or alias == "--allow-empty"
                or alias == "--resend-webhooks" or alias == "--yes", alias)
              has(manual, alias)
            end
          end
        end
      end
      check(root, manual:match "\n%.SH OPTIONS\n(.-)\n%.SH ")
      for _, command in ipairs(root._commands) do
        check(command, section_of(command._name))
        has(readme, "`" .. command._name)
      end
      for alias in manual:gmatch "[ \n](%-%-[%a-]+)" do
        assert.is_true(known[alias], alias)
      end
    end)

    it("and the README have every exit status", function()
      local section = manual:match "\n%.SH EXIT STATUS\n(.-)\n%.SH "
      for _, number in pairs(require "aliyun.sas.cli.status") do
        assert.is_truthy(("\n" .. section):find("\n.B " .. number .. "\n", 1, true), number)
        assert.is_truthy(readme:find("\n| " .. number .. " |", 1, true), number)
      end
    end)

    it("is set without a warning", function()
      if child.run "command -v groff" == "" then
        return pending "groff is not installed"
      end
      local path = child.quote(top .. "doc/sas-dingtalk.1")
      assert.equal("", child.run("groff -man -ww -Tutf8 " .. path .. " 2>&1 >/dev/null"))
    end)
  end)
end)
