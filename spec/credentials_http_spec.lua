-- credentials_http_spec.lua - STS, the metadata service, a credentials URI and logins, over real HTTP
-- SPDX-License-Identifier: MIT

local answerer = require "spec.support.answerer"
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local curl = require "aliyun.sas.curl"
local http = require "aliyun.sas.http"
local perl = require "spec.support.perl"
local providers = require "spec.support.providers"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local SECRETS = { canary.accessKeySecret, canary.securityToken, canary.accessToken }

local function shows_nothing(...)
  for _, value in ipairs { ... } do
    for _, secret in ipairs(SECRETS) do
      assert.is_nil(tostring(value):find(secret, 1, true))
    end
  end
end

local function sts(seconds, id, token)
  return providers.sts(os.time(), seconds, id or canary.accessKeyId, canary.accessKeySecret,
    token or canary.securityToken)
end

local function flat(seconds, id, token)
  return providers.flat(os.time(), seconds, id or canary.accessKeyId, canary.accessKeySecret,
    token or canary.securityToken)
end

local function oauth(seconds)
  return ('{"requestId":"r","accessKeyId":"%s","accessKeySecret":"%s","securityToken":"%s","expiration":"%s"}'):format(
    canary.accessKeyId, canary.accessKeySecret, canary.securityToken, providers.date(os.time() + seconds))
end

describe("credentials over HTTP", function()
  local possible, why = perl.possible()
  if not possible then
    pending(why)
    return
  end

  local server, home, transport, provider

  setup(function()
    home = providers.home { ["oidc.token"] = canary.accessToken .. "\n" }
    server = answerer.start()
  end)

  teardown(function()
    server:stop()
    home.remove()
  end)

  before_each(function()
    providers.environment {}
    transport = curl.new { proxy = false }
  end)

  after_each(function()
    providers.restore()
    if provider and provider.close then
      provider:close()
    end
    transport.close()
    provider = nil
  end)

  local function keys()
    return { accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, roleArn = "acs:ram::1:role/r",
      endpoint = server.url }
  end

  -- name = { make, the answers before the last one, the last one when all is well, requests }
  local kinds = {
    role = { function() return sas.credentials.role(keys()) end, {}, sts, { "POST /" } },
    oidc = { function()
      return sas.credentials.oidc { roleArn = "a", oidcProviderArn = "b",
        oidcTokenFilePath = home.path .. "/oidc.token", endpoint = server.url }
    end, {}, sts, { "POST /" } },
    ecs = { function() return sas.credentials.ecs { roleName = "role", endpoint = server.url } end,
      { { 200, "meta-token" } }, flat,
      { "PUT /latest/api/token", "GET /latest/meta-data/ram/security-credentials/role" } },
    ["ecs without a name"] = { function() return sas.credentials.ecs { endpoint = server.url } end,
      { { 200, "meta-token" }, { 200, "role\n" }, { 200, "meta-token" } }, flat,
      { "PUT /latest/api/token", "GET /latest/meta-data/ram/security-credentials/", "PUT /latest/api/token",
        "GET /latest/meta-data/ram/security-credentials/role" } },
    uri = { function() return sas.credentials.uri { credentialsURI = server.url .. "/c?a=b" } end, {}, flat,
      { "GET /c?a=b" } },
    cloudsso = { function()
      return sas.credentials.cloudsso { accountId = "1", accessConfig = "2", accessToken = canary.accessToken,
        endpoint = server.url }
    end, {}, function(seconds) return '{"CloudCredential":' .. flat(seconds) .. "}" end,
      { "POST /cloud-credentials" } },
    oauth = { function()
      return sas.credentials.oauth { accessToken = canary.accessToken, endpoint = server.url }
    end, {}, oauth, { "POST /v1/exchange" } },
  }

  local function start(kind, ...)
    local answers = {}
    for _, last in ipairs { ... } do
      for _, answer in ipairs(kind[2]) do
        answers[#answers + 1] = answer
      end
      answers[#answers + 1] = last
    end
    server:load(answers)
    provider = kind[1]()
    return #answers
  end

  local PLENTY = 60

  local function context(seconds)
    return {
      transport = transport, now = system.now, monotonic = system.monotonic, sleep = system.sleep,
      deadline = system.monotonic() + (seconds or PLENTY),
    }
  end

  local function fetch(seconds)
    local before = system.monotonic()
    local held, more = sas.credentials.fetch(provider, context(seconds))
    shows_nothing(held, more)
    return held, more, system.monotonic() - before
  end

  local echo = ('{"RequestId":"R","Code":"NoPermission","Message":"no: SecurityToken=%s OIDCToken %s %s"}'):format(
    canary.securityToken, canary.accessToken, canary.accessToken)

  -- what happens, the last answer, the code
  local failing = {
    { "a refusal that repeats secrets", { 403, echo }, "NoPermission" },
    { "a refusal without a form", { 500, "<html>broken</html>" }, "BAD_REPLY" },
    { "nothing behind a status", { 404, "" }, "BAD_REPLY" },
    { "a redirect", { 302, "" }, "BAD_REPLY" },
    { "a page", { 200, "<html>" .. canary.accessKeySecret .. "</html>" }, "BAD_REPLY" },
    { "half an answer", { 200, '{"AccessKeySecret":"' .. canary.accessKeySecret }, "BAD_REPLY" },
    { "another form of answer", { 200, '{"x":"' .. canary.accessKeySecret .. '"}' }, "BAD_REPLY" },
    { "an end without an answer", { 200, "", "close" }, "CONNECTION_LOST" },
    { "a cut answer", { 200, ("x"):rep(200), "cut" }, "TRUNCATED" },
    { "too large an answer", { 200, "", "huge" }, "TOO_LARGE" },
    { "no answer", { 200, "", "hang" }, "TIMEOUT" },
    { "an answer that drips", { 200, ("x"):rep(100), "drip" }, "TIMEOUT" },
  }

  for name, kind in pairs(kinds) do
    describe("of " .. name, function()
      it("are got", function()
        start(kind, { 200, kind[3](3600) })
        local held, expiry = fetch()
        assert.is_truthy(held, tostring(expiry))
        local id, token = providers.shown(held)
        assert.equal(canary.accessKeyId, id)
        assert.equal(canary.securityToken, token)
        assert.is_true(math.abs(expiry - os.time() - 3600) < 60)
        local lines = server:lines()
        for i, line in ipairs(kind[4]) do
          assert.equal(line, lines[i]:sub(1, #line))
        end
        assert.equal(#kind[4], #lines)
        assert.is_nil(server:seen():find(canary.accessKeySecret, 1, true))
      end)

      it("are an error when they have ended already", function()
        start(kind, { 200, kind[3](-60) })
        local held, err = fetch()
        assert.is_nil(held)
        assert.equal("EXPIRED", err.code)
      end)

      for _, row in ipairs(failing) do
        it("are an error in time, with " .. row[1], function()
          local limit = row[3] == "TIMEOUT" and not name:find "ecs" and 0.4 or PLENTY
          local held, err, seconds
          repeat -- a busy machine may need more time before it comes so far
            start(kind, row[2])
            held, err, seconds = fetch(limit)
            limit = 2 * limit
          until held or err.code ~= "DEADLINE" or limit > 20
          assert.is_nil(held)
          assert.equal("credentials", err.kind)
          assert.equal(row[3], err.code, tostring(err))
          assert.is_false(err.sent)
          assert.is_true(seconds < math.min(limit, PLENTY) / 2 + 20, seconds)
          assert.equal(row[2][1] ~= 200 and row[2][1] or nil, err.status)
        end)
      end

      it("rotate: the old ones until they are due, then the new ones", function()
        local count = start(kind, { 200, kind[3](8) },
          { 200, (kind[3](3600):gsub(canary.accessKeyId, "rotated")) })
        local moved = 0
        local ask = context()
        ask.now = function() return system.now() + moved end
        assert.equal(canary.accessKeyId, (providers.shown((sas.credentials.fetch(provider, ask)))))
        assert.equal(canary.accessKeyId, (providers.shown((sas.credentials.fetch(provider, ask)))))
        moved = 7
        local held, err = sas.credentials.fetch(provider, ask)
        assert.is_truthy(held, tostring(err))
        assert.equal("rotated", (providers.shown(held)))
        assert.equal("rotated", (providers.shown((sas.credentials.fetch(provider, ask)))))
        assert.equal(count, #server:lines())
      end)

      it("are used on while the service is away", function()
        start(kind, { 200, kind[3](100) }, { 200, "", "close" })
        local moved = 0
        local ask = context()
        ask.now = function() return system.now() + moved end
        assert.is_truthy((sas.credentials.fetch(provider, ask)))
        moved = 90
        assert.equal(canary.accessKeyId, (providers.shown((sas.credentials.fetch(provider, ask)))))
        moved = 101
        local held, err = sas.credentials.fetch(provider, ask)
        assert.is_nil(held)
        assert.equal("CONNECTION_LOST", err.code)
        assert.is_true(err.retryable)
      end)
    end)
  end

  it("replace a token that ends in the middle of a call", function()
    server:load {
      { 200, sts(3600, "first", "first-token") },
      { 403, '{"RequestId":"r","Code":"InvalidSecurityToken.Expired","Message":"Specified token is expired."}' },
      { 200, sts(3600, "second", "second-token") },
      { 200, '{"RequestId":"r"}' },
    }
    provider = sas.credentials.role(keys())
    local client = sas.new { endpoint = server.url, credentials = provider, transport = transport }
    local result, err = client:deleteDingTalk { Ids = { 1 } }
    assert.is_truthy(result, tostring(err))
    local tokens = {}
    for token in server:seen():gmatch "x%-acs%-security%-token: ([^\r]*)" do
      tokens[#tokens + 1] = token
    end
    assert.equal("first-token second-token", table.concat(tokens, " "))
    client:close()
  end)

  it("say what is not reached", function()
    server:load {}
    local given = keys()
    given.endpoint = "http://127.0.0.1:1"
    provider = sas.credentials.role(given)
    local held, err = fetch()
    assert.is_nil(held)
    assert.equal("COULDNT_CONNECT", err.code)
    assert.is_true(err.retryable)
    assert.equal("check that this machine reaches 127.0.0.1", err.hint)
  end)

  for status, code in pairs { [500] = "BAD_REPLY", [503] = "BAD_REPLY", [403] = "BAD_REPLY", [429] = "Throttling" } do
    it(("are as little there with Code: Success as without, under the status %d"):format(status), function()
      local uri = { function() return sas.credentials.uri { credentialsURI = server.url .. "/c" } end, {} }
      start(uri, { status, '{"Message":"no"}' })
      local _, plain = fetch()
      provider:close()
      start(uri, { status, flat(3600) })
      local held, err = fetch()
      assert.is_nil(held)
      assert.equal("credentials", err.kind)
      assert.equal(code, err.code)
      assert.same({ plain.code, plain.status, plain.retryable }, { err.code, err.status, err.retryable })
      shows_nothing(err)
    end)
  end

  it("keep to the call's deadline, and the call ends with the provider's error", function()
    server:load { { 200, "", "hang" } }
    provider = sas.credentials.role(keys())
    local client = sas.new { endpoint = server.url, credentials = provider, transport = transport, deadline = 1,
      timeout = PLENTY, connectTimeout = PLENTY }
    local before = system.monotonic()
    local result, err = client:deleteDingTalk { Ids = { 1 } }
    assert.is_nil(result)
    assert.equal("credentials", err.kind)
    assert.equal("TIMEOUT", err.code)
    assert.is_true(system.monotonic() - before < 20)
    client:close()
  end)

  describe("of the metadata service", function()
    local function ecs(options, ...)
      server:load { ... }
      options = options or {}
      options.endpoint = server.url
      provider = sas.credentials.ecs(options)
    end

    it("come without a token where the service has none, unless that is switched off", function()
      for _, first in ipairs { { 404, "" }, { 403, "no" }, { 405, "<html>" }, { 200, "no token\n" }, { 200, "" } } do
        ecs({ roleName = "r" }, first, { 200, flat(3600) })
        assert.is_truthy((fetch()))
        assert.equal(2, #server:lines())
        ecs({ roleName = "r", disableIMDSv1 = true }, first, { 200, flat(3600) })
        local held, err = fetch()
        assert.is_nil(held)
        assert.equal("BAD_REPLY", err.code)
        assert.equal(1, #server:lines())
        providers.environment { ALIBABA_CLOUD_IMDSV1_DISABLED = "true" }
        ecs({ roleName = "r" }, first, { 200, flat(3600) })
        assert.is_nil((fetch()))
        assert.equal(1, #server:lines())
        providers.environment {}
      end
    end)

    it("come within 2.5 s, or not at all, where each question hangs", function()
      ecs(nil, { 200, "", "hang" })
      local patient, patience = transport, 0
      transport = setmetatable({ send = function(request)
        patience = patience + request.timeout
        return patient.send(request)
      end }, { __index = patient })
      local held, err = fetch()
      transport = patient
      assert.is_nil(held)
      assert.equal("TIMEOUT", err.code)
      assert.is_true(patience > 0 and patience <= 2.5, patience)
    end)

    for _, role in ipairs { "../x", "a/b", "a b", "", "\n", "<html>", ("r"):rep(65), "a\nb", "..", "." } do
      it(("do not come for a role named %q"):format(role:sub(1, 10)), function()
        ecs(nil, { 200, "token" }, { 200, role }, { 200, "token" }, { 200, flat(3600) })
        local held, err = fetch()
        assert.is_nil(held)
        assert.equal("BAD_REPLY", err.code)
        assert.equal(2, #server:lines())
      end)
    end

    it("are missing where the instance has no role", function()
      ecs(nil, { 200, "token" }, { 404, "" })
      local held, err = fetch()
      assert.is_nil(held)
      assert.equal("NO_CREDENTIALS", err.code)
      assert.is_truthy(err.hint:find("attach a RAM role", 1, true))
    end)

    it("come for the role of ALIBABA_CLOUD_ECS_METADATA, and not with ALIBABA_CLOUD_ECS_METADATA_DISABLED", function()
      ecs(nil, { 200, "token" }, { 200, flat(3600) })
      providers.environment { ALIBABA_CLOUD_ECS_METADATA = "mine" }
      assert.is_truthy((fetch()))
      assert.equal("GET /latest/meta-data/ram/security-credentials/mine", server:lines()[2])
      ecs(nil, { 200, "token" })
      providers.environment { ALIBABA_CLOUD_ECS_METADATA_DISABLED = "true" }
      local held, err = fetch()
      assert.is_nil(held)
      assert.equal("NO_CREDENTIALS", err.code)
      assert.equal(0, #server:lines())
    end)
  end)

  describe("in plain http", function()
    local function send(request)
      local handle = http.new { proxy = "env" }
      request.scheme, request.method = "http", "GET"
      request.connectTimeout, request.timeout = 0.3, 0.3
      local outcome = handle:send(request)
      handle:close()
      return outcome
    end

    it("go to a stranger only where the request says so", function()
      local outcome = send { host = "100.100.100.200" }
      assert.equal("FORBIDDEN_ADDRESS", outcome.code)
      assert.is_false(outcome.sent)
      outcome = send { host = "100.100.100.200", plain = false }
      assert.equal("FORBIDDEN_ADDRESS", outcome.code)
      outcome = send { host = "100.100.100.200", plain = true }
      assert.are_not.equal("FORBIDDEN_ADDRESS", outcome.code) -- somebody may answer there, or nobody
      assert.equal("INVALID_REQUEST", send({ host = "100.100.100.200", plain = "yes" }).code)
    end)

    it("never go through a proxy", function()
      server:load { { 200, "seen by the proxy" } }
      local script = [[
        local handle = require "aliyun.sas.http".new { proxy = "env" }
        local outcome = handle:send { method = "GET", scheme = "http", host = "100.100.100.200", plain = true,
          connectTimeout = 0.3, timeout = 0.3 }
        print(outcome.code == "FORBIDDEN_ADDRESS")
      ]]
      local output = child.run(("env http_proxy=%s HTTP_PROXY=%s all_proxy=%s %s"):format(server.url, server.url,
        server.url, child.command("-e", script)))
      assert.equal("false", output)
      assert.equal("", server:seen())
    end)
  end)

  local bad_uris = {
    "ftp://127.0.0.1/x", "127.0.0.1/x", "http://", "http://user:word@127.0.0.1/", "http://127.0.0.1:99999/",
    "http://127.0.0.1/a b", "http://127.0.0.1/a\nb", "https://exa mple/",
  }
  for _, text in ipairs(bad_uris) do
    it(("are not asked of %q"):format(text), function()
      providers.environment { ALIBABA_CLOUD_CREDENTIALS_URI = text }
      provider = sas.credentials.uri()
      local held, err = fetch()
      assert.is_nil(held)
      assert.equal("BAD_URI", err.code)
      assert.is_nil(tostring(err):find(text, 1, true))
      assert.has_error(function() sas.credentials.uri { credentialsURI = text } end)
    end)
  end
end)
