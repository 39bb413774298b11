-- lua/aliyun/sas.lua, client.lua and driver.lua: from a Lua table to a signed request, and back.

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local recorder = require "spec.support.recorder"
local sas = require "aliyun.sas"
local vectors = require "spec.vectors.v3"

local function vector_of(name)
  for _, vector in ipairs(vectors) do
    if vector.name == name then
      return vector
    end
  end
  error("no vector " .. name)
end

local function new(changes)
  local settings = {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = "testsecret", transport = recorder.new(),
    retries = 0, -- retry_spec has what is sent again
  }
  for name, value in pairs(changes or {}) do
    settings[name] = value ~= "(none)" and value or nil
  end
  return sas.new(settings), settings.transport
end

-- The fields of a form or query, in no order.
local function fields_of(text)
  local fields = {}
  for field in text:gmatch "[^&]+" do
    fields[#fields + 1] = field
  end
  table.sort(fields)
  return fields
end

-- The example of the API page, as a Lua programmer writes it.
local function example()
  return {
    Id = 1589,
    RuleActionName = "testNotify",
    SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX",
    IntervalTime = 0,
    ConfigList = { suspicious = { item_level = { "all" }, event_type = "all" } },
    GroupIdList = { "10417151" },
    DingTalkLang = "zh",
  }
end

describe("the example of the API page", function()
  local vector = vector_of "seed_example_all_params"

  local function fixed(changes)
    local settings = {
      now = function() return 1708416000 end, -- 2024-02-20T08:00:00Z
      nonce = function() return vector.nonce end,
    }
    for name, value in pairs(changes or {}) do
      settings[name] = value
    end
    return new(settings)
  end

  it("is sent byte for byte as the official SDK signs it", function()
    local client, transport = fixed()
    local result, err = client:createOrUpdateDingTalk(example())
    assert.is_nil(err)
    assert.equal(recorder.RequestId, result.RequestId)
    assert.equal(1, #transport.requests)
    local request = transport.requests[1]
    assert.equal("POST", request.method)
    assert.equal("https", request.scheme)
    assert.equal(vector.host, request.host)
    assert.equal("/", request.path)
    assert.equal(vector.canonicalQuery, request.query)
    assert.equal("", request.body)
    for name, value in pairs(vector.headers) do
      assert.equal(value, request.headers[name])
    end
    assert.equal(("ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=%s,Signature=%s"):format(
      vector.signedHeaders, vector.signature), request.headers.authorization)
    assert.is_nil(request.headers["content-type"])
  end)

  local forms = {
    ["a config"] = function() return sas.config { suspicious = "all" } end,
    ["the table that sas.config takes"] = function() return { suspicious = "all" } end,
    ["the API's own array"] = function()
      return { {
        type = "sas_analysis_online-sas-operation-log-sas-event-suspicious",
        configItemList = {
          { key = "event_type", valueList = { "all" } }, { key = "item_level", valueList = { "all" } },
        },
      } }
    end,
    ["JSON text"] = function() return tostring(sas.config { suspicious = "all" }) end,
  }
  for name, form in pairs(forms) do
    it("is the same with its ConfigList as " .. name, function()
      local client, transport = fixed()
      local params = example()
      params.ConfigList = form()
      assert.is_truthy(client:createOrUpdateDingTalk(params))
      assert.equal(vector.canonicalQuery, transport.requests[1].query)
    end)
  end

  local groups = { ["numbers"] = { 10417151 }, ["JSON text"] = '["10417151"]', ["JSON numbers"] = "[10417151]" }
  for name, form in pairs(groups) do
    it("is the same with its GroupIdList as " .. name, function()
      local client, transport = fixed()
      local params = example()
      params.GroupIdList = form
      assert.is_truthy(client:createOrUpdateDingTalk(params))
      assert.equal(vector.canonicalQuery, transport.requests[1].query)
    end)
  end

  it("has the fields of vector form_body_seed where the parameters travel in the body", function()
    local form = vector_of "form_body_seed"
    local client, transport = fixed { parameters = "body" }
    assert.is_truthy(client:createOrUpdateDingTalk(example()))
    local request = transport.requests[1]
    assert.equal("", request.query)
    assert.same(fields_of(form.body), fields_of(request.body)) -- the SDK sends them in no order, we sort
    assert.equal(form.headers["content-type"], request.headers["content-type"])
    assert.equal(core.sha256(request.body), request.headers["x-acs-content-sha256"])
    assert.equal(form.signedHeaders, request.headers.authorization:match "SignedHeaders=([^,]+)")
  end)
end)

describe("the request", function()
  it("has what the transport contract names", function()
    local client, transport = new { connectTimeout = 2, timeout = 3, userAgent = "my-tool/1" }
    assert.is_truthy(client:describeDingTalk())
    local request = transport.requests[1]
    local types = {
      method = "string", scheme = "string", host = "string", port = "number", path = "string", query = "string",
      headers = "table", body = "string", connectTimeout = "number", timeout = "number", maxBody = "number",
      fresh = "boolean",
    }
    for name, kind in pairs(types) do
      assert.equal(kind, type(request[name]), name)
    end
    for name in pairs(request) do
      assert.is_truthy(types[name], name)
    end
    for name, value in pairs(request.headers) do
      assert.equal(name:lower(), name)
      assert.equal("string", type(value))
    end
    assert.equal(2, request.connectTimeout)
    assert.equal(3, request.timeout)
    assert.equal("aliyun-sas/" .. sas._VERSION .. " my-tool/1", request.headers["user-agent"])
  end)

  it("asks for a fresh connection for creates and test messages only", function()
    local client, transport = new()
    local create = example()
    create.Id = nil
    client:createOrUpdateDingTalk(create)
    client:createOrUpdateDingTalk(example())
    client:describeDingTalk()
    client:deleteDingTalk { Ids = 1 }
    client:modifyDingTalkStatus { Ids = { 1 }, Status = 1 }
    client:dingTalkOnlineTest { Id = 1 }
    client:call("SomethingElse", {})
    client:call("SomethingElse", {}, { class = "read" })
    local fresh = {}
    for i, request in ipairs(transport.requests) do
      fresh[i] = request.fresh
    end
    assert.same({ true, false, false, false, false, true, true, false }, fresh)
  end)

  it("bounds the answer by the operation", function()
    local client, transport = new()
    client:describeDingTalk()
    client:deleteDingTalk { Ids = 1 }
    assert.equal(4 * 1024 * 1024, transport.requests[1].maxBody)
    assert.equal(256 * 1024, transport.requests[2].maxBody)
  end)

  it("never gets longer than the deadline", function()
    local client, transport = new { deadline = 2 }
    client:describeDingTalk()
    assert.is_true(transport.requests[1].timeout <= 2)
    assert.is_true(transport.requests[1].connectTimeout <= 2)
  end)

  it("has a new nonce each time", function()
    local client, transport = new()
    client:describeDingTalk()
    client:describeDingTalk()
    assert.not_equal(transport.requests[1].headers["x-acs-signature-nonce"],
      transport.requests[2].headers["x-acs-signature-nonce"])
  end)

  it("keeps the port of the endpoint in the signed host", function()
    local client, transport = new { regionId = "(none)", endpoint = "https://example.org:8443" }
    client:describeDingTalk()
    assert.equal("example.org:8443", transport.requests[1].headers.host)
    assert.equal("example.org", transport.requests[1].host)
    assert.equal(8443, transport.requests[1].port)
  end)
end)

describe("a call over the emulator", function()
  for _, signature in ipairs { "v3", "v1" } do
    for _, parameters in ipairs { "query", "body" } do
      it(("does all seven operations with %s and %s"):format(signature, parameters), function()
        local service = emulator.new {}
        local client = new { transport = service, signature = signature, parameters = parameters }
        local create = example()
        create.Id = nil
        assert.is_truthy(assert(client:createOrUpdateDingTalk(create)).RequestId)
        local list = assert(client:describeDingTalk { RuleActionName = "testNotify" })
        assert.equal(1, list.PageInfo.TotalCount)
        local id = list.ActionList[1].Id
        assert.is_truthy(assert(client:createOrUpdateDingTalk {
          Id = id, RuleActionName = "other", SendUrl = create.SendUrl, ConfigList = { hc = "all" },
        }))
        assert.equal("other", service:chatbots()[1].RuleActionName or service:chatbots()[1].name)
        assert.is_truthy(client:modifyDingTalkStatus { Ids = { id }, Status = 0 })
        assert.equal(0, tonumber(client:describeDingTalk().ActionList[1].Status))
        assert.is_truthy(client:dingTalkOnlineTest { Id = id })
        assert.is_truthy(#client:describeDataSource({ ConfigType = "DingTalk" }).MetaDatas >= 6)
        assert.is_truthy(client:describeGroupStruct { Lang = "en" }.GroupName)
        assert.is_truthy(client:deleteDingTalk { Ids = id })
        assert.equal(0, client:describeDingTalk().PageInfo.TotalCount)
      end)
    end
  end

  it("checks a config against the account's own catalog", function()
    local client = new { transport = emulator.new {} }
    local live = assert(client:describeDataSource())
    assert.is_truthy(sas.config({ vul = "all" }, { catalog = live }))
    assert.has_error(function() sas.config({ vulx = "all" }, { catalog = live }) end)
  end)

  local refusals = {
    { "a wrong secret", { accessKeySecret = "wrong0" }, "service", "SignatureDoesNotMatch" },
    { "an unknown key", { accessKeyId = "nobody" }, "credentials", "InvalidAccessKeyId.NotFound" },
  }
  for _, row in ipairs(refusals) do
    it("answers " .. row[4] .. " for " .. row[1], function()
      row[2].transport = emulator.new {}
      local result, err = new(row[2]):describeDingTalk()
      assert.is_nil(result)
      assert.equal(row[3], err.kind)
      assert.equal(row[4], err.code)
      assert.is_truthy(err.requestId)
      assert.is_truthy(err.hint)
      assert.is_true(err.sent)
      assert.is_false(err.retryable)
    end)
  end

  it("refuses a nonce that was used before", function()
    local client = new { transport = emulator.new {}, nonce = function() return "the-same" end }
    assert.is_truthy(client:describeDingTalk())
    local _, err = client:describeDingTalk()
    assert.equal("SignatureNonceUsed", err.code)
    assert.equal("service", err.kind)
  end)

  it("does not take a class that is milder than what an operation does", function()
    local rows = {
      { "CreateOrUpdateDingTalk", {}, "read" }, { "CreateOrUpdateDingTalk", {}, "update" },
      { "CreateOrUpdateDingTalk", { Id = 1 }, "read" }, { "DeleteDingTalk", { Ids = 1 }, "read" },
      { "DingTalkOnlineTest", { Id = 1 }, "update" },
    }
    for _, row in ipairs(rows) do
      local client, transport = new()
      local result, err = client:call(row[1], row[2], { class = row[3] })
      assert.is_nil(result)
      assert.equal("argument", err.kind)
      assert.equal("class", err.problems[1].path)
      assert.equal(0, #transport.requests)
    end
    local client = new { transport = recorder.new { sent = true, code = "TIMEOUT", message = "m" } }
    local kinds = {}
    for i, row in ipairs { { "DescribeDingTalk" }, { "DeleteDingTalk", { Ids = 1 } }, { "CreateOrUpdateDingTalk" } } do
      kinds[i] = select(2, client:call(row[1], row[2])).kind
    end
    assert.same({ "network", "unknown", "unknown" }, kinds)
  end)

  it("does not take the parameters of the signature from a caller", function()
    for _, name in ipairs { "Action", "Version", "Format", "AccessKeyId", "Signature", "SignatureNonce", "Timestamp",
      "SignatureMethod", "SignatureVersion", "SecurityToken" } do
      for _, signature in ipairs { "v1", "v3" } do
        local request, err = new({ signature = signature }):prepare("ListGroups", { [name] = "x" })
        assert.is_nil(request)
        assert.equal(name, err.problems[1].path)
      end
    end
  end)

  it("calls an operation that the module does not know", function()
    local result, err = new { transport = emulator.new {} }:call("NoSuchOperation", { A = { 1, 2 }, B = true })
    assert.is_nil(result)
    assert.equal("service", err.kind)
    assert.is_truthy(err.code:find "NotFound")
  end)
end)

describe("an exchange that fails", function()
  local failures = {
    lost = { sent = true, read = "network", write = "unknown" },
    closed = { sent = true, read = "network", write = "unknown" },
    truncated = { sent = true, read = "reply", write = "unknown" },
    garbage = { sent = true, read = "reply", write = "unknown" },
    html = { sent = true, read = "reply", write = "unknown" },
    badjson = { sent = true, read = "reply", write = "unknown" },
    empty = { sent = true, read = "reply", write = "unknown" },
    norequestid = { sent = true, read = "reply", write = "unknown" },
    redirect = { sent = true, read = "reply", write = "unknown" },
    huge = { sent = true, read = "reply", write = "unknown" },
    error500 = { sent = true, read = "service", write = "unknown" },
    error500after = { sent = true, read = "service", write = "unknown" },
    unavailable = { sent = true, read = "service", write = "unknown" },
    throttled = { sent = true, read = "service", write = "service" },
    throttleduser = { sent = true, read = "service", write = "service" },
    refused = { sent = false, read = "network", write = "network" },
    unresolved = { sent = false, read = "network", write = "network" },
    badcertificate = { sent = false, read = "network", write = "network" },
    raised = { sent = true, read = "network", write = "unknown" },
    nonsense = { sent = true, read = "network", write = "unknown" },
  }
  local create = example()
  create.Id = nil
  local calls = {
    read = function(client) return client:describeDingTalk() end,
    create = function(client) return client:createOrUpdateDingTalk(create) end,
    update = function(client) return client:createOrUpdateDingTalk(example()) end,
    test = function(client) return client:dingTalkOnlineTest { Id = 1589 } end,
  }
  for fault, expected in pairs(failures) do
    for class, call in pairs(calls) do
      it(("%s: a %s"):format(fault, class), function()
        local service = emulator.new { firstId = 1589 }
        local client = new { transport = service }
        assert.is_truthy(client:createOrUpdateDingTalk(create))
        service:fault(fault)
        local result, err = call(client)
        assert.is_nil(result)
        assert.equal(class == "read" and expected.read or expected.write, err.kind, tostring(err))
        assert.equal(expected.sent, err.sent)
        assert.equal("string", type(err.code))
        if err.kind == "unknown" then
          assert.is_truthy(err.hint)
          assert.equal(class == "update", err.retryable)
        end
        assert.is_true(#service:requests() <= 2) -- the create above, and at most one
      end)
    end
  end

  it("ends unknown whatever bytes the answer is made of", function()
    for _, body in ipairs { '{"RequestId":"\\\0"}', '"\\\0"', "\0", '{"RequestId":"\\', '{"a":"\\\0' } do
      local _, err = new({ transport = recorder.new { sent = true, status = 200, body = body } })
        :createOrUpdateDingTalk(create)
      assert.equal("unknown", err.kind)
      assert.is_true(err.sent)
    end
  end)

  it("ends unknown where the clock fails behind the send", function()
    local transport = recorder.new { sent = true, code = "TIMEOUT", message = "m" }
    transport.monotonic = function()
      if #transport.requests > 0 then
        error "no clock"
      end
      return 1
    end
    local _, err = new({ transport = transport }):createOrUpdateDingTalk(create)
    assert.equal("unknown", err.kind)
  end)

  local GOOD = recorder.good().body -- it would be a success, were it not for the status
  local outcomes = {
    ["a status over 32 bits"] = function() return { sent = true, status = 2 ^ 32 + 200, body = GOOD } end,
    ["a status with a fraction"] = function() return { sent = true, status = 200.5, body = GOOD } end,
    ["a status that is no number"] = function() return { sent = true, status = 0 / 0, body = GOOD } end,
    ["a good answer that was not sent"] = function() return { sent = false, status = 200, body = GOOD } end,
    ["nothing"] = function() return nil end,
    ["a string"] = function() return "ok" end,
    ["a table without sent"] = function() return {} end,
    ["sent = false without a code"] = function() return { sent = false } end,
    ["a status without a body"] = function() return { sent = true, status = 200 } end,
    ["a status that was not sent"] = function() return { sent = false, status = 200, body = "{}" } end,
    ["a status that is a string"] = function() return { sent = true, status = "200", body = "{}" } end,
    ["an error"] = function() error "no" end,
    ["an error that is a table"] = function() error {} end,
  }
  for name, answer in pairs(outcomes) do
    it("counts as sent when the transport answers " .. name, function()
      local _, err = (new { transport = recorder.new(answer) }):createOrUpdateDingTalk(create)
      assert.equal("unknown", err.kind)
      assert.is_true(err.sent)
    end)
  end
end)

describe("misuse raises:", function()
  local client = new()
  local rows = {
    ["a dot for a colon"] = function() client.describeDingTalk {} end,
    ["a dot without anything"] = function() client.describeDingTalk() end,
    ["a method on another object"] = function() client.close {} end,
    ["params that are a string"] = function() client:describeDingTalk "x" end,
    ["params that are a number"] = function() client:deleteDingTalk(5) end,
    ["no params where some are required"] = function() client:createOrUpdateDingTalk() end,
    ["two tables"] = function() client:describeDingTalk({}, {}) end,
    ["call without a name"] = function() client:call({}) end,
    ["call with a misspelt method"] = function() client:call("describeDingTak") end,
    ["prepare with a misspelt method"] = function() client:prepare("createOrUpdateDingTak", {}) end,
    ["new with a colon"] = function() sas:new { regionId = "cn-hangzhou" } end,
    ["call with an unknown option"] = function() client:call("X", {}, { clas = "read" }) end,
    ["call with an unknown class"] = function() client:call("X", {}, { class = "reed" }) end,
    ["prepare without a name"] = function() client:prepare() end,
    ["prepare with an option of another type"] = function() client:prepare("X", {}, { date = 1 }) end,
  }
  for name, act in pairs(rows) do
    it(name, function()
      assert.has_error(act)
    end)
  end

  it("and names the place of the caller", function()
    local _, message = pcall(function() client.describeDingTalk {} end)
    assert.is_truthy(message:find("client_spec.lua", 1, true))
    assert.is_truthy(message:find("colon", 1, true))
  end)
end)

describe("prepare", function()
  it("answers the signed request with its URL", function()
    local client, transport = new()
    local vector = vector_of "seed_example_all_params"
    local fixed = { date = vector.date, nonce = vector.nonce }
    local request = assert(client:prepare("CreateOrUpdateDingTalk", example(), fixed))
    assert.equal("https://tds.cn-shanghai.aliyuncs.com/?" .. vector.canonicalQuery, request.url)
    assert.is_truthy(request.headers.authorization:find(vector.signature, 1, true))
    assert.equal(0, #transport.requests)
  end)

  it("takes the method's name too", function()
    local client = new()
    assert.equal(client:prepare("deleteDingTalk", { Ids = 1 }, { date = "2024-02-20T08:00:00Z", nonce = "a" }).url,
      client:prepare("DeleteDingTalk", { Ids = 1 }, { date = "2024-02-20T08:00:00Z", nonce = "a" }).url)
  end)

  it("is masked as text", function()
    local client = new {
      accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken,
    }
    local params = example()
    params.SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken
    local request = assert(client:prepare("CreateOrUpdateDingTalk", params))
    local shown = tostring(request)
    assert.is_truthy(request.query:find(canary.accessToken, 1, true)) -- the fields have it
    for _, secret in pairs(canary) do
      assert.is_nil(shown:find(secret, 1, true))
      assert.is_nil(shown:find(core.percent(secret), 1, true))
    end
    assert.is_nil(shown:find(request.headers.authorization:match "Signature=(%x+)", 1, true))
    assert.is_truthy(shown:find("testNotify", 1, true))
    assert.is_truthy(shown:find("robot/send?***", 1, true))
  end)

  it("shows only sizes of an operation that it does not know", function()
    local shown = tostring(new():prepare("Unknown", { Password = canary.accessKeySecret }))
    assert.is_nil(shown:find(canary.accessKeySecret, 1, true))
    assert.is_truthy(shown:find('"Password" = <%d+ bytes>'))
  end)

  it("refuses what the call would refuse", function()
    local request, err = new():prepare("CreateOrUpdateDingTalk", { RuleActionName = "x" })
    assert.is_nil(request)
    assert.equal("argument", err.kind)
    assert.equal(2, #err.problems)
  end)

  it("refuses a date of another form", function()
    local request, err = new():prepare("DescribeDingTalk", {}, { date = "yesterday" })
    assert.is_nil(request)
    assert.equal("date", err.problems[1].path)
  end)
end)

describe("a closed client", function()
  it("answers a state error to every call", function()
    local client, transport = new()
    client:close()
    client:close()
    local calls = {
      function() return client:describeDingTalk() end,
      function() return client:createOrUpdateDingTalk(example()) end,
      function() return client:call("X", {}) end,
      function() return client:prepare("DescribeDingTalk") end,
    }
    for _, call in ipairs(calls) do
      local result, err = call()
      assert.is_nil(result)
      assert.equal("state", err.kind)
      assert.equal("CLOSED", err.code)
      assert.is_false(err.sent)
    end
    assert.equal(0, #transport.requests)
    assert.is_truthy(tostring(client):find "closed")
  end)

  it("leaves a provider that others may use", function()
    local provider = sas.credentials.static { accessKeyId = "testid", accessKeySecret = "testsecret" }
    local settings = { regionId = "cn-hangzhou", credentials = provider, transport = recorder.new() }
    local first, second = sas.new(settings), sas.new(settings)
    first:close()
    assert.is_truthy(second:describeDingTalk())
    provider:close()
    local _, err = second:describeDingTalk()
    assert.equal("credentials", err.kind)
  end)
end)

describe("a client", function()
  it("shows no secret, whatever is printed of it", function()
    local client = new {
      accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = canary.securityToken,
    }
    assert.equal("aliyun.sas.client", getmetatable(client)) -- a name, not the table
    local seen = { tostring(client) }
    for name, value in pairs(client) do
      seen[#seen + 1] = tostring(name) .. tostring(value)
    end
    local text = table.concat(seen, "\n")
    for _, secret in pairs(canary) do
      assert.is_nil(text:find(secret, 1, true))
    end
  end)

  it("can be used by many coroutines at once", function()
    local client = new { transport = recorder.new(function(request)
      coroutine.yield(request.query)
      return recorder.good()
    end) }
    local threads = {}
    for i = 1, 5 do
      threads[i] = coroutine.create(function()
        return client:deleteDingTalk { Ids = i }
      end)
      local good, query = coroutine.resume(threads[i])
      assert.is_true(good, query)
      assert.equal("Ids=" .. i, query)
    end
    for i = 5, 1, -1 do
      local good, result = coroutine.resume(threads[i])
      assert.is_true(good)
      assert.equal(recorder.RequestId, result.RequestId)
      assert.equal("dead", coroutine.status(threads[i]))
    end
  end)

  it("lives until its call ends, also where nobody holds it", function()
    for _, act in ipairs { "describeDingTalk", "describeGroupStruct" } do
      local count = 0
      local transport = { send = function()
        count = count + 1
        collectgarbage()
        collectgarbage()
        return count < 2 and { sent = true, code = "TIMEOUT", message = "m" } or recorder.good()
      end, sleep = function() end }
      local client = setmetatable({ new { transport = transport, retries = 1 } }, { __mode = "v" })
      local result, err = client[1][act](client[1])
      assert.is_truthy(result, tostring(err))
      assert.equal(2, count)
    end
  end)

  it("takes a send that is a C function", function()
    local _, err = new { transport = { send = math.abs } }:describeDingTalk()
    assert.equal("network", err.kind)
    assert.is_true(err.sent)
  end)

  it("passes errors on that a transport raises behind a yield", function()
    local client = new { transport = recorder.new(function()
      coroutine.yield()
      error "broken"
    end) }
    local thread = coroutine.wrap(function() return client:deleteDingTalk { Ids = 1 } end)
    thread()
    local _, err = thread()
    assert.equal("unknown", err.kind)
  end)

  it("warns of a create that nobody may hear, and sends it", function()
    local warnings = {}
    local client, transport = new { onWarning = function(warning) warnings[#warnings + 1] = warning end }
    client:createOrUpdateDingTalk {
      RuleActionName = "ab", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX", GroupIdList = {},
    }
    assert.equal(1, #transport.requests)
    local paths = {}
    for _, warning in ipairs(warnings) do
      paths[warning.path] = true
      assert.equal("CreateOrUpdateDingTalk", warning.action)
      assert.equal("string", type(warning.message))
    end
    assert.same({ ConfigList = true, GroupIdList = true }, paths)
  end)

  for _, operation in ipairs(core.operations()) do
    it("raises for the API's own spelling where it is called, " .. operation.action, function()
      local client, transport = new {}
      assert.equal("function", type(client[operation.action]))
      for _, params in ipairs { {}, { Id = 1 }, "x", false } do
        local good, message = pcall(function() client[operation.action](client, params) end)
        assert.is_false(good)
        assert.is_truthy(message:find("client:" .. operation.method .. "(", 1, true), message)
        assert.is_truthy(message:find("client_spec.lua", 1, true), message)
      end
      client:close()
      assert.has_error(client[operation.action])
      assert.equal(0, #transport.requests)
    end)
  end

  it("has no other names than its methods", function()
    local client = new {}
    assert.is_nil(client.CreateOrUpdateDingtalk)
    assert.is_nil(client.DescribeNoticeConfig)
  end)

  it("is not ended by an onWarning that raises, and tells of the warnings that follow", function()
    local seen = {}
    local client, transport = new { onWarning = function(warning)
      seen[#seen + 1] = warning.path
      error "stop"
    end }
    assert.is_truthy(client:createOrUpdateDingTalk {
      RuleActionName = "ab", SendUrl = "https://example.org/", GroupIdList = {},
    })
    assert.equal(1, #transport.requests)
    assert.is_true(#seen > 1)
    assert.is_truthy(client:prepare("CreateOrUpdateDingTalk", {
      RuleActionName = "ab", SendUrl = "https://example.org/",
    }))
  end)

  it("makes a call that is over its deadline a network error, unsent", function()
    local time = 0
    local transport = recorder.new()
    transport.monotonic = function()
      time = time + 10
      return time
    end
    local result, err = new { transport = transport, deadline = 5 }:describeDingTalk()
    assert.is_nil(result)
    assert.equal("network", err.kind)
    assert.equal("DEADLINE", err.code)
    assert.is_false(err.sent)
    assert.equal(0, #transport.requests)
  end)

  local injected = {
    ["a nonce that answers nothing"] = { { nonce = function() end }, "NO_NONCE" },
    ["a nonce that answers a number"] = { { nonce = function() return 5 end }, "NO_NONCE" },
    ["a nonce that answers an empty text"] = { { nonce = function() return "" end }, "NO_NONCE" },
    ["a nonce that answers a text for an error"] = { { nonce = function() return nil, "no" end }, "NO_NONCE" },
    ["a clock that answers nothing"] = { { now = function() end }, "NO_CLOCK" },
    ["a clock that answers a text"] = { { now = function() return "now" end }, "NO_CLOCK" },
    ["a clock that is no number"] = { { now = function() return 0 / 0 end }, "NO_CLOCK" },
    ["a clock from before the epoch"] = { { now = function() return -1 end }, "NO_CLOCK" },
    ["a clock at the end of time"] = { { now = function() return math.huge end }, "NO_CLOCK" },
  }
  for name, row in pairs(injected) do
    it("answers a state error for " .. name, function()
      local client, transport = new(row[1])
      for _, act in ipairs { "describeDingTalk", "prepare" } do
        local result, err = client[act](client, act == "prepare" and "DescribeDingTalk" or nil)
        assert.is_nil(result)
        assert.equal("state", err.kind)
        assert.equal(row[2], err.code)
      end
      assert.equal(0, #transport.requests)
    end)
  end

  it("answers one value where all went well", function()
    assert.equal(1, select("#", new():describeDingTalk()))
  end)

  it("knows what a call of one of its own operations is about", function()
    local service = emulator.new { accessKeys = {
      { accessKeyId = "testid", accessKeySecret = "testsecret", deny = { "DescribeDingTalk" } },
    } }
    local _, err = new { transport = service }:call("DescribeDingTalk", {}, { class = "read" })
    assert.is_truthy(err.hint:find("yundun-sas:DescribeDingTalk", 1, true), tostring(err))
    service:fault "lost"
    _, err = new { transport = service }:call("SomethingElse")
    assert.equal("unknown", err.kind)
    assert.is_nil(err.hint:find("chatbot", 1, true))
  end)

  it("answers a state error when there are no random numbers", function()
    local transport = recorder.new()
    local _, err = new { transport = transport, nonce = function()
      return nil, core.error { kind = "state", code = "NO_RANDOM_NUMBERS", message = "none", sent = false }
    end }:describeDingTalk()
    assert.equal("state", err.kind)
    assert.equal(0, #transport.requests)
  end)

  it("is closed by a to-be-closed variable", function()
    if _VERSION ~= "Lua 5.4" then
      return
    end
    local scope = assert(load [[
      local new = ...
      local kept
      do
        local client <close> = new()
        kept = client
      end
      return kept
    ]])
    local _, err = scope(function() return (new()) end):describeDingTalk()
    assert.equal("CLOSED", err.code)
  end)
end)
