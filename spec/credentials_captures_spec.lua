-- credentials_captures_spec.lua - what is sent for credentials, and which are found: as the official SDK does, but for
-- its bugs
-- SPDX-License-Identifier: MIT

local core = require "aliyun.sas.core"
local providers = require "spec.support.providers"
local sas = require "aliyun.sas"
local vectors = require "spec.vectors.credentials"

-- Where the SDK is not to be followed: what is sent here instead, and what is found.
local exceptions = {
  default_chain_cli_cloudsso = { bodies = { [1] = '{"AccessConfigurationId":"ac-1","AccountId":"123"}' } },
  default_chain_cli_oauth = { requests = { 2 } },
  default_chain_ini_suffix_only = { requests = {}, result = "iniid" },
}

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function parameters_of(text)
  local list = {}
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do
    list[decode(name)] = decode(value)
  end
  return list
end

local function parts(capture, i)
  local request = capture.requests[i]
  local method, path, query = request[1]:match "^(%S+) ([^?]*)%??(.*)$"
  return {
    method = method, path = path, query = parameters_of(query), form = request.body, host = request.host,
    headers = request.headers,
  }
end

-- Without what differs from one request to the next.
local function constant(query)
  local copy = {}
  for name, value in pairs(query) do
    copy[name] = value
  end
  copy.SignatureNonce, copy.Signature = nil, nil
  return copy
end

local function percent(text)
  return (text:gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- The signature by another implementation than the module's.
local function signature_of(query, body, secret)
  local all, names = {}, {}
  for _, list in ipairs { query, parameters_of(body) } do
    for name, value in pairs(list) do
      all[name] = value
    end
  end
  all.Signature = nil
  for name in pairs(all) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    names[i] = percent(name) .. "=" .. percent(all[name])
  end
  local text = "POST&%2F&" .. percent(table.concat(names, "&"))
  return core.base64(require "openssl.hmac".new(secret .. "&", "sha1"):final(text))
end

describe("what is sent for credentials", function()
  local home

  after_each(function()
    providers.restore()
    if home then
      home.remove()
      home = nil
    end
  end)

  local function open(capture, answers)
    home = providers.home(capture.files)
    local variables = { HOME = home.path }
    for name, value in pairs(capture.environment or {}) do
      variables[name] = value:gsub("HOME/", home.path .. "/")
    end
    providers.environment(variables)
    local transport = providers.scripted(answers, vectors.seconds)
    return sas.credentials[capture.from](capture.options), transport
  end

  -- The numbers of the captured requests that are ours too.
  local function wanted_of(capture)
    local exception = exceptions[capture.name]
    if exception and exception.requests then
      return exception.requests
    end
    local all = {}
    for i = 1, #capture.requests do
      all[i] = i
    end
    return all
  end

  local function compare(capture, i, sent)
    local wanted = parts(capture, i)
    local bodies = exceptions[capture.name] and exceptions[capture.name].bodies
    local query = parameters_of(sent.query)
    assert.equal(wanted.method, sent.method)
    assert.equal(wanted.path, sent.path)
    assert.equal(wanted.host, sent.headers.host)
    assert.same(constant(wanted.query), constant(query))
    if bodies and bodies[i] then
      assert.equal(bodies[i], sent.body)
    else
      -- the SDK sends the newline at the end of a token's file too
      assert.same(parameters_of((wanted.form:gsub("%%0A&", "&"))), parameters_of(sent.body))
    end
    for name, value in pairs(wanted.headers) do
      assert.equal(value, sent.headers[name])
    end
    if capture.secret then
      assert.equal(signature_of(query, sent.body, capture.secret), query.Signature)
      -- with the captured nonce it is the captured one
      query.SignatureNonce = wanted.query.SignatureNonce
      assert.equal(wanted.query.Signature, signature_of(query, sent.body, capture.secret))
    end
  end

  for _, capture in ipairs(vectors.captures) do
    it("is what the SDK sends: " .. capture.name .. (capture.bug and ", but that " .. capture.bug or ""), function()
      local numbers, answers = wanted_of(capture), {}
      for n, i in ipairs(numbers) do
        answers[n] = capture.answers[math.min(i, #capture.answers)]
      end
      local provider, transport = open(capture, answers)
      local held, err = sas.credentials.fetch(provider, providers.context(transport))
      assert.equal(#numbers, #transport.requests)
      for n, i in ipairs(numbers) do
        compare(capture, i, transport.requests[n])
      end
      local result = exceptions[capture.name] and exceptions[capture.name].result or capture.result
      if result then
        assert.is_truthy(held, tostring(err))
        local id, token = providers.shown(held)
        assert.equal(result, id)
        assert.equal(capture.token and "STS.token" or nil, token)
      else
        assert.is_nil(held)
        assert.equal("credentials", err.kind)
      end
      provider:close()
    end)
  end

  it("is nothing to a URI that is not set, as the SDK's https://undefined/ is", function()
    local capture = { from = "default" }
    local provider, transport = open(capture, { { 404, "x" } })
    local held, err = sas.credentials.fetch(provider, providers.context(transport))
    assert.is_nil(held)
    assert.equal("NO_CREDENTIALS", err.code)
    for _, request in ipairs(transport.requests) do
      assert.equal("100.100.100.200", request.host)
    end
  end)

  it("is asked anew after all have failed, where the SDK stays with the last provider for good", function()
    local provider, transport = open({ from = "default" }, { { 404, "x" } })
    local context = providers.context(transport)
    assert.is_nil((sas.credentials.fetch(provider, context)))
    providers.environment { ALIBABA_CLOUD_ACCESS_KEY_ID = "now", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "there" }
    local held = assert(sas.credentials.fetch(provider, context))
    assert.equal("now", (providers.shown(held)))
  end)
end)
