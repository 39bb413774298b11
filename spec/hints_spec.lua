-- hints_spec.lua - what an error advises: the table of codes, and the hints that depend on what came back
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"

local URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

local function refusal(status, code, class, action)
  local body = ('{"RequestId":"%s","Code":"%s","Message":"m"}'):format(recorder.RequestId, code)
  return select(2, core.reply { status = status, body = body, class = class or "read", action = action })
end

local function silence(sent, code, class, action)
  return select(2, core.reply { sent = sent, code = code, message = "m", class = class or "read", action = action })
end

local function shows(pattern, err)
  assert.is_truthy(err.hint, tostring(err))
  assert.is_truthy(err.hint:find(pattern, 1, true), err.hint)
  assert.is_truthy(tostring(err):find(err.hint, 1, true))
  assert.is_true(#err.hint <= 250, err.hint)
end

describe("a refusal of the service", function()
  local rows = {
    { 400, "Throttling.User", "service", "call again after a pause" },
    { 400, "Rejected.Throttling", "service", "call again after a pause" },
    { 403, "Forbidden.RAM", "service", "grant the RAM action" },
    { 400, "SignatureDoesNotMatch", "service", "check the AccessKeySecret" },
    { 400, "IncompleteSignature", "service", "check the endpoint" },
    { 400, "SignatureNonceUsed", "service", "every call needs a new nonce" },
    { 400, "InvalidTimeStamp.Expired", "service", "clock" },
    { 400, "InvalidTimeStamp.Format", "service", "clock" },
    { 400, "IllegalTimestamp", "service", "clock" },
    { 404, "InvalidAccessKeyId.NotFound", "credentials", "check the AccessKeyId" },
    { 400, "InvalidAccessKeyId.Inactive", "credentials", "check the AccessKeyId" },
    { 400, "InvalidSecurityToken.Expired", "credentials", "new temporary credentials" },
    { 400, "MissingSecurityToken", "credentials", "security token" },
    { 503, "ServiceUnavailable", "service", "call again later" },
    { 500, "InternalError", "service", "call again later" },
    { 500, "UnknownError", "service", "call again later" },
    { 500, "ServerError", "service", "call again later" },
    { 404, "InvalidAction.NotFound", "service", "check the endpoint" },
    { 404, "InvalidApi.NotFound", "service", "check the endpoint" },
    { 404, "InvalidProduct.NotFound", "service", "check the endpoint" },
    { 404, "NoSuchVersion", "service", "check the endpoint" },
    { 404, "InvalidRegion.NotFound", "service", "check regionId" },
    { 400, "InvalidProtocol.NeedSsl", "service", "https" },
    { 400, "MissingRuleActionName", "service", "misses a parameter" },
    { 400, "InvalidParameter", "service", "refuses a parameter" },
  }
  for _, row in ipairs(rows) do
    it(row[2] .. " has its hint", function()
      local err = refusal(row[1], row[2])
      assert.equal(row[3], err.kind)
      shows(row[4], err)
    end)
  end

  it("of a code that nobody knows has none", function()
    assert.is_nil(refusal(400, "Whatever").hint)
  end)

  for _, operation in ipairs(core.operations()) do
    it("NoPermission names the RAM action and the edition: " .. operation.action, function()
      for _, code in ipairs { "NoPermission", "Forbidden", "NoPermission.Edition" } do
        local err = refusal(403, code, operation.class, operation.action)
        shows(operation.ramAction .. " ", err)
        shows("Enterprise or Ultimate", err)
      end
    end)
  end
end)

describe("no answer", function()
  local unsent = {
    { "COULDNT_RESOLVE_HOST", "check regionId or endpoint" }, { "COULDNT_RESOLVE_PROXY", "proxy" },
    { "COULDNT_CONNECT", "reaches the endpoint" }, { "PROXY", "check the proxy" },
    { "PROXY_REFUSED", "user and the password" },
    { "TIMEOUT", "raise connectTimeout" },
    { "DEADLINE", "raise deadline" }, { "TLS_CERTIFICATE", "caFile" }, { "TLS_HANDSHAKE", "TLS server" },
    { "CA_FILE", "PEM file" }, { "FORBIDDEN_ADDRESS", "loopback" }, { "UNSUPPORTED", "libcurl" },
    { "CLOSED", "make a new client" }, { "TOO_MANY", "have ended" },
  }
  for _, row in ipairs(unsent) do
    it(row[1] .. " has its hint", function()
      shows(row[2], silence(false, row[1]))
      shows(row[2], silence(false, row[1], "create"))
    end)
  end

  -- the class, the operation, what to do next
  local lost = {
    { "read", "DescribeDingTalk", "a read may be repeated" },
    { "update", "ModifyDingTalkStatus", "the same call may be made again" },
    { "create", "CreateOrUpdateDingTalk", "look for its name with describeDingTalk" },
    { "create", "Whatever", "look before making the call again" },
    { "test", "DingTalkOnlineTest", "look into the DingTalk group" },
  }
  for _, row in ipairs(lost) do
    it(("behind a send says what to do next: %s, a %s"):format(row[2], row[1]), function()
      for _, code in ipairs { "TIMEOUT", "CONNECTION_LOST", "WHATEVER" } do
        shows(row[3], silence(true, code, row[1], row[2]))
      end
      if row[1] ~= "read" then
        shows(row[3], silence(true, "TRUNCATED", row[1], row[2]))
        shows(row[3], refusal(500, "ServerError", row[1], row[2]))
        shows(row[3], select(2, core.reply { status = 502, body = "<html>", class = row[1], action = row[2] }))
      end
    end)
  end
end)

describe("SignatureDoesNotMatch", function()
  local function client(changes, service)
    local settings = {
      regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = canary.accessKeySecret, transport = service,
    }
    for name, value in pairs(changes) do
      settings[name] = value
    end
    return sas.new(settings)
  end

  local function assert_hides(err, request)
    for _, text in ipairs { tostring(err), err.message, err.hint } do
      for _, secret in ipairs { canary.accessKeySecret, canary.accessToken, "string to sign is", "POST&" } do
        assert.is_nil(text:find(secret, 1, true), text)
      end
      local hash = request.headers["x-acs-content-sha256"]
      assert.is_nil(hash and text:find(hash, 1, true))
    end
  end

  for _, signature in ipairs { "v3", "v1" } do
    it("where the service signed the same text says that the secret is wrong: " .. signature, function()
      local service, seen = emulator.new(), nil
      local transport = { send = function(request)
        seen = request
        return service.send(request)
      end }
      local _, err = client({ signature = signature }, transport):createOrUpdateDingTalk {
        RuleActionName = "name", SendUrl = URL }
      assert.equal("SignatureDoesNotMatch", err.code)
      shows("the AccessKeySecret is wrong", err)
      assert_hides(err, seen)
    end)

    it("where it signed another text says that something changes the request: " .. signature, function()
      local service, seen = emulator.new(), nil
      local transport = { send = function(request)
        local changed = {}
        for name, value in pairs(request) do
          changed[name] = value
        end
        seen, changed.query = request, request.query:gsub("RuleActionName=name", "RuleActionName=game")
        return service.send(changed)
      end }
      local _, err = client({ signature = signature, accessKeySecret = "testsecret" }, transport)
        :createOrUpdateDingTalk { RuleActionName = "name", SendUrl = URL }
      assert.equal("SignatureDoesNotMatch", err.code)
      shows("changes the request", err)
      assert_hides(err, seen)
    end)
  end

  it("without the service's text says to check both", function()
    shows("check the AccessKeySecret, and that nothing between", refusal(400, "SignatureDoesNotMatch"))
  end)
end)
