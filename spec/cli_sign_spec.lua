-- cli_sign_spec.lua - sas-dingtalk sign
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local sas_dingtalk = require "spec.support.sas_dingtalk"

describe("sas-dingtalk sign", function()
  local given

  before_each(function()
    given = {
      env = {
        ALIBABA_CLOUD_ACCESS_KEY_ID = canary.accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET = canary.accessKeySecret,
        ALIBABA_CLOUD_REGION_ID = "cn-hangzhou", HOOK = sas_dingtalk.webhook,
      },
    }
  end)

  local function sign(...)
    return sas_dingtalk.run(given, "sign", ...)
  end

  local function has(text, piece)
    assert.is_truthy(text:find(piece, 1, true), ("%q is not in %q"):format(piece, text))
  end

  local function refused(code, piece, ...)
    local status, out, err = sign(...)
    assert.same({ code, "" }, { status, out })
    has(err, piece)
  end

  it("prints a request that is masked", function()
    local status, out = sign("CreateOrUpdateDingTalk", "RuleActionName=night watch", "--send-url-env", "HOOK")
    assert.equal(0, status)
    has(out, "POST https://tds.cn-shanghai.aliyuncs.com/ CreateOrUpdateDingTalk")
    has(out, "SendUrl = https://oapi.dingtalk.com/robot/send?***")
    has(out, "Signature=***")
    assert.is_nil(out:find(canary.accessKeyId, 1, true))
  end)

  it("prints the same request each time for the same date and nonce, as JSON too", function()
    local date, nonce = "2026-11-24T00:00:00Z", "abcdef"
    local function once()
      local _, out = sign("DescribeDingTalk", "PageSize=5", "--date", date, "--nonce", nonce, "--as", "json",
        "--show-secrets")
      return out
    end
    local shown = core.json(once())
    assert.equal("https://tds.cn-shanghai.aliyuncs.com/?PageSize=5", shown.url)
    assert.equal("2026-11-24T00:00:00Z", shown.headers["x-acs-date"])
    assert.matches("Signature=" .. ("%x"):rep(64), shown.headers.authorization)
    assert.equal(once(), once())
  end)

  it("masks in every form, in the query and in the body, with either signature", function()
    for _, form in ipairs { "http", "curl", "json" } do
      for place, signature in pairs { query = "v3", body = "v1" } do
        local status, out = sign("CreateOrUpdateDingTalk", "RuleActionName=ab", "--send-url-env", "HOOK", "--as", form,
          "--parameters-in", place, "--signature", signature)
        assert.equal(0, status)
        assert.is_nil(out:find(canary.accessKeyId, 1, true))
        assert.is_nil(out:find "Signature[=%s]+%x%x%x%x")
      end
    end
  end)

  it("masks all values of an operation that is not known: anything may be secret there", function()
    for _, value in ipairs { "plain", "https://oapi.dingtalk.com/robot/send?access%5Ftoken=" .. canary.accessToken } do
      for _, form in ipairs { "http", "curl", "json" } do
        given.input = ('{"Link":"%s","SendUrl":"%s"}'):format(value, value)
        local status, out = sign("SomethingElse", "-", "--as", form)
        assert.equal(0, status)
        assert.is_nil(out:find(value, 1, true))
        has(out, form == "http" and ('"Link" = <%d bytes>'):format(#value) or "Link=***")
      end
    end
  end)

  it("masks only what is secret of an operation that is known, and of either signature", function()
    for signature, common in pairs { v3 = "x-acs-version: 2018-12-03", v1 = "Version=2018-12-03&" } do
      local _, out = sign("CreateOrUpdateDingTalk", "RuleActionName=night", "--send-url-env", "HOOK", "--as", "curl",
        "--signature", signature)
      has(out, "RuleActionName=night")
      has(out, "SendUrl=***")
      has(out .. "&", common)
      assert.is_nil(out:find "AccessKeyId=[^*]")
    end
  end)

  it("reads parameters from a file and from the standard input", function()
    given.input = '{"RuleActionName":"ab","ConfigList":{"vul":"all"},"GroupIdList":[1,2],"IntervalTime":5}'
    local status, out, err = sign("CreateOrUpdateDingTalk", "-", "DingTalkLang=en", "--send-url-env", "HOOK")
    assert.equal(0, status, err)
    has(out, 'GroupIdList = ["1","2"]')
    has(out, "IntervalTime = 5")
    has(out, "DingTalkLang = en")
  end)

  -- What a shell gives to curl, as the request that curl would send.
  local function request_of(text)
    local words = {}
    local printed = child.run("curl() { printf '%s\\n' \"$@\"; }; " .. text:gsub("\n$", "")) .. "\n"
    for word in printed:gmatch "([^\n]*)\n" do
      words[#words + 1] = word
    end
    local request = { method = words[2], scheme = "https", headers = {}, body = "", timeout = 10, connectTimeout = 5 }
    request.host, request.port, request.path, request.query = words[3]:match "^https://([^:]+):(%d+)(/)%??(.*)$"
    request.port = tonumber(request.port)
    for i = 4, #words - 1 do
      local name, value = words[i + 1]:match "^([^:]+): (.*)$"
      if words[i] == "-H" and name then
        request.headers[name] = value
      elseif words[i] == "--data-binary" then
        request.body = words[i + 1]
      end
    end
    return request
  end

  it("prints a command for curl that the service takes, and takes once", function()
    local server = require "aliyun.sas.emulator".serve()
    local http = require "aliyun.sas.http".new { caFile = server.caFile, proxy = false }
    finally(function()
      http:close()
      server:stop()
    end)
    for name, value in pairs(sas_dingtalk.keys) do
      given.env[name] = value
    end
    given.secrets = true
    for _, place in ipairs { "query", "body" } do
      local _, out, err = sas_dingtalk.run(given, "--endpoint", server.endpoint, "sign", "CreateOrUpdateDingTalk",
        "RuleActionName=it's " .. place, "--send-url-env", "HOOK", "--as", "curl", "--show-secrets", "--parameters-in",
        place)
      has(err, "Whoever reads this can send it")
      local request = request_of(out)
      assert.equal(200, http:send(request).status)
      has(http:send(request).body, "SignatureNonceUsed")
    end
    assert.equal("it's body", server:chatbots()[2].RuleActionName)
  end)

  -- a status, what is said, and the words
  local WRONG = {
    { 1, "Status: must be from 0 to 1", "ModifyDingTalkStatus", "Ids=1", "Status=5" },
    { 1, "SendUrl: is missing", "CreateOrUpdateDingTalk", "RuleActionName=ab" },
    { 64, "parameter 2 is neither NAME=VALUE nor @FILE nor -", "DingTalkOnlineTest", "Id=1", "x" },
    { 64, "Id is given twice", "DingTalkOnlineTest", "Id=1", "Id=2" },
    { 64, "SendUrl is given twice", "CreateOrUpdateDingTalk", "SendUrl=x", "--send-url-env", "HOOK" },
    { 64, "begins with a capital", "rm -rf", "Id=1" },
    { 1, "cannot read", "DingTalkOnlineTest", "@/nonexistent/params.json" },
    { 1, "the standard input holds no JSON object", "DingTalkOnlineTest", "-" },
    { 64, "looks like a webhook with its token", "CreateOrUpdateDingTalk", "SendUrl=" .. sas_dingtalk.webhook },
    { 1, "--send-url-env: the variable NOSUCH is not set", "CreateOrUpdateDingTalk", "--send-url-env", "NOSUCH" },
  }
  for _, row in ipairs(WRONG) do
    it("says: " .. row[2], function()
      given.input = "[1]"
      refused((table.unpack or unpack)(row)) -- luacheck: ignore 113 143
    end)
  end

  it("refuses what is no JSON object", function()
    for _, text in ipairs { "", "[]", "3", "{", '{"Id":1,"Id":2}', "null" } do
      given.input = text
      local status, out = sign("DingTalkOnlineTest", "-")
      assert.same({ 1, "" }, { status, out })
    end
  end)

  it("warns of an operation that is not known, and says which is like it", function()
    local status, _, err = sign("DingTalkOnlineTes", "Id=1")
    assert.equal(0, status)
    has(err, "did you mean DingTalkOnlineTest?")
  end)

  it("needs a region and keys, and no network", function()
    given.env.ALIBABA_CLOUD_REGION_ID = ""
    refused(1, "--region", "DingTalkOnlineTest", "Id=1")
    given.env = { ALIBABA_CLOUD_REGION_ID = "cn-hangzhou" }
    refused(1, "NO_CREDENTIALS", "DingTalkOnlineTest", "Id=1")
  end)
end)
