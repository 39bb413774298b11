-- src/sign.c: every stage of both signatures, against what the official SDK really signs.

local core = require "aliyun.sas.core"

local KEYS = { accessKeyId = "testid", accessKeySecret = "testsecret" }

local function input_of(vector)
  return {
    version = vector.version, method = vector.method, host = vector.host, path = vector.path, action = vector.action,
    apiVersion = vector.apiVersion, date = vector.date, nonce = vector.nonce, query = vector.query,
    headers = vector.headers, exact = vector.headers and true, body = vector.body, contentType = vector.contentType,
    form = vector.form, format = vector.format, common = vector.common,
    accessKeyId = vector.accessKeyId, accessKeySecret = vector.accessKeySecret, securityToken = vector.securityToken,
  }
end

local function check_v3(vector, signed)
  assert.equal(vector.canonicalQuery, signed.canonicalQuery)
  assert.equal(vector.contentSha256, signed.contentSha256)
  assert.equal(vector.canonicalHeaders, signed.canonicalHeaders)
  assert.equal(vector.signedHeaders, signed.signedHeaders)
  assert.equal(table.concat({
    vector.method, vector.path, vector.canonicalQuery, vector.canonicalHeaders, vector.signedHeaders,
    vector.contentSha256,
  }, "\n"), signed.canonicalRequest)
  assert.equal(vector.canonicalRequestSha256, signed.canonicalRequestSha256)
  assert.equal("ACS3-HMAC-SHA256\n" .. vector.canonicalRequestSha256, signed.stringToSign)
  assert.equal(vector.signature, signed.signature)
  assert.equal(("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s"):format(
    vector.accessKeyId, vector.signedHeaders, vector.signature), signed.authorization)
  assert.equal(signed.authorization, signed.headers.authorization)
  assert.equal(vector.canonicalQuery, signed.query)
end

local function check_v1(vector, signed)
  local all = vector.canonicalQuery .. "&Signature=" .. core.percent(vector.signature)
  local in_form = vector.common == "form"
  assert.equal(vector.canonicalQuery, signed.canonicalQuery)
  assert.equal(vector.canonicalQuery, signed.canonicalRequest)
  assert.equal(vector.stringToSign, signed.stringToSign)
  assert.equal(vector.signature, signed.signature)
  assert.equal(vector.signedQuery or all, signed.query)
  if in_form then
    assert.equal(vector.signedBody or all, signed.body)
    assert.equal("application/x-www-form-urlencoded", signed.headers["content-type"])
  end
end

local function check(vector)
  local signed, err = core.sign(input_of(vector))
  assert.is_nil(err)
  local stages = vector.version == "v3" and check_v3 or check_v1
  stages(vector, signed)
end

local SETS = {
  { name = "ACS3-HMAC-SHA256", file = "spec.vectors.v3", count = 56 },
  { name = "RPC signature 1.0", file = "spec.vectors.v1", count = 45 },
  { name = "worked examples of the documentation", file = "spec.vectors.documentation", count = 5 },
}

for _, set in ipairs(SETS) do
  describe(set.name, function()
    local vectors = require(set.file)

    it("has all its vectors", function()
      assert.equal(set.count, #vectors)
    end)

    for _, vector in ipairs(vectors) do
      it("signs " .. vector.name, function()
        check(vector)
      end)
    end
  end)
end

-- A ConfigList of exactly 65536 bytes: 340 equal entries and one that fills up.
local function large_config()
  local entry = '{"type":"sas_analysis_online-sas-operation-log-sas-event-vul","configItemList":'
    .. '[{"key":"type","valueList":["cms","oval","sys","emg"]},'
    .. '{"key":"necessity","valueList":["asap","later","nntf"]}]},'
  local padding = ("padding~*+ "):rep(17) .. "xxxxxxxx"
  return "[" .. entry:rep(340) .. '{"type":"pad","configItemList":[{"key":"' .. padding .. '","valueList":[]}]}]'
end

local function large_parameters()
  return {
    Id = "1589", RuleActionName = "testNotify", IntervalTime = "0", DingTalkLang = "zh",
    SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX", GroupIdList = '["10417151"]',
    ConfigList = large_config(),
  }
end

describe("a ConfigList of 64 KiB", function()
  it("is made as the SDK's was", function()
    assert.equal(65536, #large_config())
  end)

  it("is signed with ACS3-HMAC-SHA256", function()
    local signed = core.sign {
      version = "v3", host = "tds.cn-shanghai.aliyuncs.com", action = "CreateOrUpdateDingTalk",
      date = "2024-02-20T08:00:00Z", nonce = "f0e1d2c3b4a5968778695a4b3c2d1e32", query = large_parameters(),
      accessKeyId = "testid", accessKeySecret = "testsecret",
    }
    assert.equal(106679, #signed.canonicalQuery)
    assert.equal("27886d15f6e9abb2f87f7f42ccedaf84c19f732bb0da754895ae0017736b3b46", signed.canonicalRequestSha256)
    assert.equal("624878cd55b02a4edf02b44f7522ff5a4aa883cf334ec7c6799fc8d9f7426f87", signed.signature)
  end)

  it("is signed with signature 1.0, all of it in the form", function()
    local signed = core.sign {
      version = "v1", method = "POST", host = "tds.cn-shanghai.aliyuncs.com", action = "CreateOrUpdateDingTalk",
      date = "2024-02-20T08:00:00Z", nonce = "v1-f0e1d2c3b4a5968778695a4b3c2d1e28", form = large_parameters(),
      common = "form", accessKeyId = "testid", accessKeySecret = "testsecret",
    }
    assert.equal("Pb3FaWNVm7+VaqorNrqGbDWjhXo=", signed.signature)
    assert.equal(106935, #signed.body)
  end)
end)

local function base()
  return {
    version = "v3", method = "POST", host = "tds.cn-shanghai.aliyuncs.com", action = "DescribeDingTalk",
    date = "2024-02-20T08:00:00Z", nonce = "abc", query = { PageSize = "20" },
    accessKeyId = KEYS.accessKeyId, accessKeySecret = KEYS.accessKeySecret,
  }
end

local function with(changes)
  local input = base()
  for name, value in pairs(changes) do
    input[name] = value ~= "(none)" and value or nil
  end
  return input
end

describe("sign makes its own headers", function()
  it("signs host, content-type and x-acs- headers only", function()
    local signed = core.sign(with { headers = { ["X-Acs-Extra"] = " a ", accept = "application/json" } })
    assert.equal("host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-extra;x-acs-signature-nonce;x-acs-version",
      signed.signedHeaders)
    assert.equal("a", signed.headers["x-acs-extra"])
    assert.equal("application/json", signed.headers.accept)
  end)

  it("adds the token of STS and the key id that goes with it", function()
    local signed = core.sign(with { securityToken = "TOKEN" })
    assert.equal("TOKEN", signed.headers["x-acs-security-token"])
    assert.equal("testid", signed.headers["x-acs-accesskey-id"])
    assert.is_truthy(signed.signedHeaders:find("x-acs-security-token", 1, true))
  end)

  it("sends a form as its body and signs its type", function()
    local signed = core.sign(with { query = {}, form = { b = "~ *", a = "1" } })
    assert.equal("a=1&b=~%20%2A", signed.body)
    assert.equal(core.sha256 "a=1&b=~%20%2A", signed.contentSha256)
    assert.is_truthy(signed.signedHeaders:find("content-type", 1, true))
  end)

  it("takes credentials as a userdata", function()
    local held = core.credentials(KEYS)
    local input = with { accessKeyId = "(none)", accessKeySecret = "(none)", credentials = held }
    assert.equal(core.sign(base()).signature, core.sign(input).signature)
  end)

  it("joins the values of a name that occurs twice, sorted", function()
    local signed = core.sign(with { headers = { ["x-acs-a"] = "2", ["X-Acs-A"] = "1" } })
    assert.equal("1,2", signed.headers["x-acs-a"])
  end)
end)

describe("the signature changes with", function()
  local original = core.sign(base()).signature
  local changes = {
    method = { method = "GET" }, host = { host = "tds.ap-southeast-1.aliyuncs.com" }, path = { path = "/x" },
    action = { action = "DescribeDingTall" }, version = { apiVersion = "2018-12-04" },
    date = { date = "2024-02-20T08:00:01Z" }, nonce = { nonce = "abd" }, query = { query = { PageSize = "21" } },
    body = { body = "x" }, secret = { accessKeySecret = "testsecreT" },
    token = { securityToken = "t" }, header = { headers = { ["x-acs-a"] = "1" } },
  }
  for what, change in pairs(changes) do
    it(what, function()
      assert.not_equal(original, core.sign(with(change)).signature)
    end)
  end

  it("nothing else", function()
    assert.equal(original, core.sign(base()).signature)
    assert.equal(original, core.sign(with { headers = { accept = "x", ["user-agent"] = "y" } }).signature)
  end)
end)

describe("sign refuses", function()
  local refused = {
    { "a missing action", { action = "(none)" }, "action" },
    { "a missing host", { host = "(none)" }, "host" },
    { "a missing nonce", { nonce = "(none)" }, "nonce" },
    { "a missing date", { date = "(none)" }, "date" },
    { "a date of another form", { date = "2024-02-20 08:00:00" }, "date" },
    { "a date with an offset", { date = "2024-02-20T08:00:00+8" }, "date" },
    { "a missing key id", { accessKeyId = "(none)" }, "accessKeyId" },
    { "a missing secret", { accessKeySecret = "(none)" }, "accessKeySecret" },
    { "an empty secret", { accessKeySecret = "" }, "accessKeySecret" },
    { "a line break in the host", { host = "a\r\nX: y" }, "host" },
    { "a line break in the nonce", { nonce = "a\nb" }, "nonce" },
    { "a line break in the token", { securityToken = "a\r\nb" }, "securityToken" },
    { "a NUL byte in the action", { action = "A\0B" }, "action" },
    { "a line break in a header", { headers = { ["x-acs-a"] = "1\r\nx: 2" } }, "headers" },
    { "a header name with a colon", { headers = { ["x:y"] = "1" } }, "headers" },
    { "a header value that is no text", { headers = { ["x-acs-a"] = 1 } }, "headers" },
    { "a query value that is no text", { query = { PageSize = 20 } }, "query" },
    { "a query that is a list", { query = { "a" } }, "query" },
    { "a body beside a form", { form = { a = "1" }, body = "x" }, "body" },
    { "a body beside common parameters in the form", { version = "v1", common = "form", body = "x" }, "body" },
    { "an unknown version", { version = "v2" }, "version" },
    { "an unknown input", { acton = "x" }, "acton" },
    { "a nonce that is a number", { nonce = 1 }, "nonce" },
  }
  for _, row in ipairs(refused) do
    it(row[1], function()
      local signed, err = core.sign(with(row[2]))
      assert.is_nil(signed)
      assert.equal("argument", err.kind)
      local paths = {}
      for _, problem in ipairs(err.problems) do
        paths[problem.path] = true
      end
      assert.is_true(paths[row[3]], tostring(err))
    end)
  end

  it("closed credentials", function()
    local held = core.credentials(KEYS)
    held:close()
    local signed, err = core.sign(with { accessKeyId = "(none)", accessKeySecret = "(none)", credentials = held })
    assert.is_nil(signed)
    assert.equal("accessKeyId", err.problems[1].path)
  end)

  it("without showing a secret", function()
    local _, err = core.sign(with { accessKeySecret = ("canary"):rep(4000), securityToken = "canary\n" })
    assert.is_nil(tostring(err):find("canary", 1, true))
  end)

  it("an argument that is no table", function()
    assert.has_error(function() core.sign "x" end)
  end)
end)
