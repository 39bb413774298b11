-- src/mask.c and src/plain.c: what a service or proxy echoes of a secret does not come through.

local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local sas = require "aliyun.sas"

local TOKEN = "9f86d081" .. "884c7d659a2feaa0c55ad015a3bf4f1b"
local STS = "CAISabc+def/ghi" .. "jklmnop+qr/stuv=="

-- The error of a create with this webhook whose answer is a refusal with this message.
local function echoed(url, message, settings)
  local call = assert(core.createOrUpdateDingTalk(settings or { host = "h" }, {
    RuleActionName = "name", SendUrl = url, ConfigList = { vul = "all" },
  }))
  call:next(0)
  assert(call:sign(core.credentials {
    accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = STS,
  }, "2024-02-20T08:00:00Z", "nonce"))
  call:next(0)
  message = message:gsub('[\\"]', "\\%0"):gsub("\t", "\\t")
  call:feed {
    sent = true, status = 400, body = '{"RequestId":"r","Code":"InvalidParameter","Message":"' .. message .. '"}',
  }
  local _, _, err = call:next(0)
  return tostring(err)
end

local WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=" .. TOKEN

local function hides(secret, text)
  assert.is_nil(text:find(secret, 1, true), text)
  assert.is_truthy(text:find("***", 1, true), text)
end

local function percent(text, every)
  return (text:gsub(every and "." or "[^%w]", function(c) return ("%%%02x"):format(c:byte()) end))
end

local function json(text)
  return (text:gsub("[^%w]", function(c) return ("\\u%04x"):format(c:byte()) end))
end

local function xml(text)
  return (text:gsub("[^%w]", function(c) return ("&#%d;"):format(c:byte()) end))
end

-- As programs write bytes in their logs and scripts.
local function escaped(form)
  return function(text)
    return (text:gsub(".", function(c) return form:format(c:byte()) end))
  end
end

describe("a secret of the call is hidden", function()
  local spellings = {
    ["as it is"] = function(text) return text end,
    ["in capitals"] = string.upper,
    ["percent-encoded"] = percent,
    ["percent-encoded, every byte"] = function(text) return percent(text, true) end,
    ["percent-encoded twice"] = function(text) return percent(percent(text)) end,
    ["percent-encoded three times"] = function(text) return percent(percent(percent(text))) end,
    ["as JSON escapes it"] = json,
    ["as XML escapes it"] = xml,
    ["in escapes \\xNN"] = escaped "\\x%02x",
    ["in escapes \\xNN, percent-encoded"] = function(text) return percent(escaped "\\x%02X"(text)) end,
    ["in escapes \\NNN"] = escaped "\\%03o",
    ["in escapes %uNNNN"] = escaped "%%u%04x",
    ["in character references without their ends"] = escaped "&#%d",
    ["in character references with many zeros"] = escaped "&#x000000000%x;",
    ["percent-encoded in JSON"] = function(text) return json(percent(text)) end,
    ["with spaces for plus signs"] = function(text) return (text:gsub("+", " ")) end,
    ["without its padding"] = function(text) return (text:gsub("=", "")) end,
    ["but for its end"] = function(text) return text:sub(1, -3) end,
    ["but for its start"] = function(text) return text:sub(3) end,
    ["a half of it"] = function(text) return text:sub(1, math.floor(#text / 2)) end,
  }
  for name, spell in pairs(spellings) do
    it("the webhook's token, " .. name, function()
      local spelt = spell(TOKEN)
      local text = echoed(WEBHOOK, "the value " .. spelt .. " is not good")
      hides(spelt, text)
      assert.is_truthy(text:find("is not good", 1, true), text)
    end)

    it("the security token, " .. name, function()
      local spelt = spell(STS)
      hides(spelt, echoed(WEBHOOK, "token " .. spelt .. ", expired"))
    end)
  end

  local urls = {
    ["a token that needs encoding"] = { "ab%2Bcdefgh%2Fijk", "ab+cdefgh/ijk" },
    ["a token behind many parameters"] = { ("a=1&"):rep(40) .. "access_token=" .. TOKEN, TOKEN },
    ["a token behind a semicolon"] = { "a=1;access_token=" .. TOKEN, TOKEN },
    ["a token behind two equals signs"] = { "access_token=a=" .. TOKEN, TOKEN },
    ["a token in a fragment"] = { "a=1#access_token=" .. TOKEN, TOKEN },
    ["a parameter of another name"] = { "key=" .. TOKEN, TOKEN },
    ["a query without names"] = { TOKEN, TOKEN },
  }
  for name, row in pairs(urls) do
    it(name, function()
      hides(row[2], echoed("https://oapi.dingtalk.com/robot/send?" .. row[1], "the value " .. row[2] .. " is bad"))
    end)
  end

  it("a token in the path of another kind of webhook", function()
    local url = "https://example.org/hook/" .. TOKEN .. "?x=1"
    hides(TOKEN, echoed(url, "the path " .. TOKEN .. " is bad"))
    local shown = tostring(core.createOrUpdateDingTalk({ host = "h" }, { RuleActionName = "ab", SendUrl = url }))
    hides(TOKEN, shown)
    assert.is_truthy(shown:find("SendUrl = https://example.org/***", 1, true), shown)
  end)

  it("the values of an operation that nothing is known of", function()
    for _, value in ipairs { TOKEN, "https://example.org/" .. TOKEN, '{"url":"https://x/?t=' .. TOKEN .. '"}' } do
      local call = core.call({ host = "h", retries = 0 }, "SetToken", { Token = value }, "read")
      call:next(0)
      call:sign(core.credentials { accessKeyId = "a", accessKeySecret = "b" }, "2024-02-20T08:00:00Z", "n")
      call:next(0)
      call:feed { sent = true, code = "X", message = "echo: " .. TOKEN }
      local _, _, err = call:next(0)
      hides(TOKEN, tostring(err))
    end
  end)
end)

-- No piece of a secret is in the text that is long enough to mean anything.
local function hides_all(secret, text)
  for i = 1, #secret - 5 do
    assert.is_nil(text:lower():find(secret:sub(i, i + 5):lower(), 1, true), text)
  end
  assert.is_truthy(text:find("***", 1, true), text)
end

local function unescaped(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- What a masked message says; secrets as core.reply takes them.
local function masked(message, ...)
  local _, err = core.reply {
    status = 400, body = core.encode { RequestId = "r", Code = "X", Message = message }, class = "read",
    secrets = { ... },
  }
  return err.message
end

local ECHOES = {
  ["as it is"] = function(text) return text end,
  ["percent-encoded"] = core.percent,
  ["percent-encoded twice"] = function(text) return core.percent(core.percent(text)) end,
  ["as a form"] = function(text) return (core.percent(text):gsub("%%20", "+")) end,
  ["as a form is read"] = function(text) return (text:gsub("+", " ")) end,
  ["as JSON escapes it"] = json,
  ["as JSON with \\/"] = function(text) return (text:gsub('["\\/]', "\\%0")) end,
  ["as XML escapes it"] = xml,
}

describe("a secret that was made for the call is hidden by its value", function()
  -- What a call sends of itself: its signature, for many nonces, since each is another one.
  local function signatures(act)
    for i = 1, 40 do
      local call = assert(core.describeDingTalk({ host = "h", signature = i % 2 == 0 and "v1" or "v3", retries = 0 }))
      call:next(0)
      local request = assert(call:sign(core.credentials {
        accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = STS,
      }, "2024-02-20T08:00:00Z", "nonce" .. i))
      call:next(0)
      act(call, unescaped((request.query .. (request.headers.authorization or "")):match "Signature=([^&]*)"))
    end
  end

  for name, spell in pairs(ECHOES) do
    it("the signature, " .. name, function()
      signatures(function(call, signature)
        call:feed { sent = true, code = "X", message = "got Signature=" .. spell(signature) .. ", and expired" }
        local _, _, err = call:next(0)
        hides_all(signature, unescaped(unescaped(err.message)))
        assert.is_truthy(err.message:find(", and expired", 1, true))
      end)
    end)

    it("the AccessKeySecret, " .. name, function()
      hides(spell(canary.accessKeySecret), echoed(WEBHOOK, "the key " .. spell(canary.accessKeySecret) .. " is wrong"))
    end)
  end

  it("and by its name, with each plus sign in it", function()
    for _, signature in ipairs { "ab+cd/efgh+ijkl==", "+bcdefghijkl", "a+b" } do
      local text = masked("got &Signature=" .. signature .. "&Action=A")
      assert.equal("got &Signature=***&Action=A", text)
      assert.equal("got access_token : *** here", (masked("got access_token : " .. signature .. " here")))
    end
    assert.equal("access_token+=***", masked "access_token+=abc")
  end)

  -- What the providers send, echoed by whom they ask.
  local function context(answer)
    return { now = os.time, monotonic = function() return 0 end, sleep = function() end, transport = { send = answer } }
  end

  local function refused(text)
    return {
      sent = true, status = 403, headers = {}, body = core.encode { RequestId = "r", Code = "No", Message = text },
    }
  end

  for name, spell in pairs(ECHOES) do
    it("what AssumeRole was sent, " .. name, function()
      local seen = 0
      for _ = 1, 40 do
        local provider = sas.credentials.role {
          accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, securityToken = STS,
          roleArn = "acs:ram::1:role/r", externalId = "externalOf" .. "Somebody",
        }
        local signature
        local _, err = provider:fetch(context(function(request)
          signature = unescaped(request.query:match "Signature=([^&]*)")
          return refused(("%s; %s; %s; %s"):format(spell(signature), spell(STS), spell(canary.accessKeySecret),
            spell("externalOf" .. "Somebody")))
        end))
        assert.is_truthy(err.message:find("***; ***; ***; ***", 1, true), err.message)
        hides_all(signature, err.message)
        seen = seen + (signature:find("+", 1, true) and 1 or 0)
      end
      assert.is_true(seen > 0) -- those that were shown in part
    end)

    it("the token of the metadata service, " .. name, function()
      local token = "AQ+imds/Token" .. "==0123456789"
      local _, err = sas.credentials.ecs { roleName = "role" }:fetch(context(function(request)
        if request.method == "PUT" then
          return { sent = true, status = 200, headers = {}, body = token }
        end
        return refused("bad " .. spell(token) .. " here")
      end))
      assert.is_truthy(err.message:find("bad *** here", 1, true), err.message)
    end)

    it("a value of the credentials URI, " .. name, function()
      local _, err = sas.credentials.uri {
        credentialsURI = "https://localhost/path?token=a+b/c=d&user=someone",
      }:fetch(context(function() return refused("bad " .. spell "a+b/c=d" .. " of " .. spell "someone") end))
      hides_all("a+b/c=d", err.message)
      assert.is_truthy(err.message:find("*** of ***", 1, true), err.message)
    end)
  end
end)

describe("a secret of any bytes is hidden", function()
  local secrets = {
    ["that looks percent-encoded"] = "%41%42%43%44", ["that looks like JSON"] = [[a\u0041\"b\/c\n]],
    ["that looks like XML"] = "a&amp;b&#61;c", ["with a quote and a backslash"] = [[ab"cd\ef]],
    ["beyond ASCII"] = "pässwörd夜🔔", ["with spaces"] = "a b+c d", ["with an end of a line"] = "abc\ndef",
    ["of six bytes"] = "a-b/c=",
  }
  for name, secret in pairs(secrets) do
    for way, spell in pairs {
      raw = ECHOES["as it is"], percent = core.percent, twice = ECHOES["percent-encoded twice"],
      form = ECHOES["as a form"], json = function(text) return core.encode(text):sub(2, -2) end,
      ["JSON, in ASCII"] = function(text)
        return (core.encode(text):sub(2, -2):gsub("[\194-\244][\128-\191]+", {
          ["ä"] = "\\u00e4", ["ö"] = "\\u00F6", ["夜"] = "\\u591c", ["🔔"] = "\\ud83d\\udd14",
        }))
      end,
      XML = function(text)
        return (text:gsub("[\194-\244][\128-\191]+", {
          ["ä"] = "&#228;", ["ö"] = "&#xf6;", ["夜"] = "&#22812;", ["🔔"] = "&#x1F514;",
        }))
      end,
    } do
      it(name .. ", " .. way, function()
        assert.equal("got *** here", masked("got " .. spell(secret) .. " here", secret))
      end)
    end
  end

  it("that is percent-encoded twice, and echoed as it is meant", function()
    assert.equal("got *** here", masked("got abcdefghijkl here", percent(percent("abcdefghijkl", true))))
  end)

  it("beyond ASCII, in escapes \\NNN", function()
    assert.equal("got *** here", masked("got " .. escaped "\\%03o"("夜\127\128äö") .. " here", "夜\127\128äö"))
  end)

  it("each time", function()
    local secret = "abcdefghijklmnop"
    assert.equal("got ***, *** and ***", masked("got " .. secret .. ", " .. secret .. " and " .. secret, secret))
  end)

  it("but not five bytes of it, nor its neighbours", function()
    assert.equal("got abcde here", masked("got abcde here", "abcde"))
    assert.equal("abcdef", masked("abcdef", "abcdeg"))
    assert.equal("got bcdefghij", masked("got bcdefghij", "abcdefghijklmnop"))
    assert.equal("got ***", masked("got bcdefghijk", "abcdefghijklmnop"))
  end)
end)

describe("a stranger's secret is hidden by its name", function()
  local other = "0123456789" .. "abcdefghij0123456789"
  local forms = {
    "access_token=%s", "access_token: %s", "access_token = '%s'", "access_token: <%s>", '"access_token":"%s"',
    "<access_token>%s</access_token>", "access_token\t=%s", "accessToken=%s", "ACCESS_TOKEN=%s", "access-token: %s",
    "send%%3Faccess_token%%3D%s", "send%%253Faccess_token%%253D%s", "a%%2Caccess_token%%3D%s", "?Signature=%s",
    "%%3FSignature%%3D%s", "&sign=%s", "SecurityToken=%s", "AccessKeySecret: %s", "x-acs-security-token: %s",
    '\\"access_token\\":\\"%s\\"', "access_token\\u003d%s", "access_token&#61;%s",
  }
  for _, form in ipairs(forms) do
    it(form, function()
      hides(other, echoed(WEBHOOK, "refused: " .. form:format(other) .. " and more"))
    end)
  end
end)

describe("what is no secret stays", function()
  local kept = {
    "The specified parameter RuleActionName is not valid.", "https://oapi.dingtalk.com/robot/send is not reachable",
    "signature nonce was used already", "access_token is missing", "the design is not assigned: 5",
    "中文 message with 100% of what it says", "a tab\\tand a quote \\'", "sendUrl", "name",
  }
  for _, message in ipairs(kept) do
    it(message, function()
      local text = echoed(WEBHOOK, message)
      assert.is_truthy(text:find(message, 1, true), text)
      assert.is_nil(text:find("***", 1, true), text)
    end)
  end

  it("and is cut where it is long", function()
    local text = echoed(WEBHOOK, ("word "):rep(1000))
    assert.is_true(#text < 700)
    assert.is_truthy(text:find("...", 1, true))
  end)

  it("and a secret at the cut is not begun", function()
    for pad = 460, 520 do
      local text = echoed(WEBHOOK, ("x"):rep(pad) .. " " .. TOKEN)
      assert.is_nil(text:find(TOKEN:sub(1, 8), 1, true))
    end
  end)
end)

describe("a key that may be a secret is not printed", function()
  local secret = canary.accessKeySecret
  local acts = {
    ["of a parameter"] = function()
      return select(2, core.describeDingTalk({ host = "h" }, { [secret] = 1 }))
    end,
    ["of an unchecked parameter"] = function()
      return select(2, core.call({ host = "h", retries = 0 }, "X", { ["SendUrl=" .. WEBHOOK] = print }))
    end,
    ["that stands twice"] = function()
      return select(2, core.call({ host = "h", retries = 0 }, "X", { [secret .. ".1"] = 1, [secret] = { 2 } }))
    end,
    ["of a request that is shown"] = function()
      return core.call({ host = "h", retries = 0 }, "X", { [secret] = "x" })
    end,
    ["of a setting"] = function()
      return select(2, pcall(sas.new, { [secret] = 1 }))
    end,
    ["of a setting of the transport"] = function()
      return select(2, pcall(require "aliyun.sas.http".new, { [secret] = 1 }))
    end,
  }
  for name, act in pairs(acts) do
    it(name, function()
      local text = tostring(act())
      assert.is_nil(text:find(secret, 1, true), text)
      assert.is_nil(text:find(TOKEN, 1, true), text)
    end)
  end
end)

describe("what a request has under a name is public", function()
  for _, name in ipairs { "host", "x-acs-date", "Timestamp", "SignatureNonce" } do
    it("as " .. name .. " is", function()
      assert.is_true(core.ispublic(name))
    end)
  end

  for _, name in ipairs { "authorization", "x-acs-security-token", "AccessKeyId", "Signature", "SecurityToken", "Host",
    "x-acs-date ", "x-acs-date\0", "", "SendUrl", "cookie" } do
    it(("only where it is known: not %q"):format(name), function()
      assert.is_false(core.ispublic(name))
    end)
  end

  it("by its name alone", function()
    for _, value in ipairs { 1, true, {} } do
      assert.is_false((pcall(core.ispublic, value)))
    end
    assert.is_false((pcall(core.ispublic)))
  end)
end)
