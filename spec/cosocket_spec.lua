-- cosocket_spec.lua - the transport of OpenResty, in a worker of a real nginx, against another one over TLS
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local emulator = require "aliyun.sas.emulator"
local needing = require "spec.support.needing"
local openresty = require "spec.support.openresty"
local perl = require "spec.support.perl"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"
local tlsserver = require "spec.support.tlsserver"
local wire = require "spec.support.wire_cases"

local IN = "spec.support.in_cosocket"
local URL = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken
local secrets = { canary.accessKeySecret, canary.accessToken, canary.securityToken }

local CREATE = {
  RuleActionName = "安全告警 ~*'()", SendUrl = URL, IntervalTime = 0, ConfigList = { suspicious = "all", vul = "all" },
  GroupIdList = { 10417151 }, DingTalkLang = "zh",
}

local function copy(table_of, changes)
  local made = {}
  for _, from in ipairs { table_of, changes or {} } do
    for key, value in pairs(from) do
      made[key] = value
    end
  end
  return made
end

local function emulate(settings)
  return emulator.serve(copy({
    options = { accessKeys = { { accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret } } },
  }, settings))
end

local function failed(outcome, code, sent)
  assert.equal(code, outcome.code, outcome.message)
  assert.equal(sent, outcome.sent)
  assert.is_string(outcome.message)
  local allowed = { code = true, sent = true, message = true, hint = true }
  for key in pairs(outcome) do
    assert.is_true(allowed[key], "field " .. key)
  end
  for _, secret in ipairs(secrets) do
    assert.is_nil((outcome.message .. (outcome.hint or "")):find(secret, 1, true))
  end
  return outcome
end

local function answered(outcome, status)
  assert.is_nil(outcome.code, outcome.message)
  assert.is_true(outcome.sent)
  assert.equal(status, outcome.status)
  assert.is_table(outcome.headers)
  assert.is_string(outcome.body)
  return outcome
end

describe("aliyun.sas.cosocket", function()
  local server, front, reason

  setup(function()
    server, reason = tlsserver.start()
    if server then
      front, reason = openresty.start { trusted = { server.caFile } }
    end
  end)

  teardown(function()
    if server then server:stop() end
    if front then front:stop() end
  end)

  local it_in_nginx = needing({ it = it, pending = pending }, function()
    if front then
      server:mark()
    end
    return front, reason
  end)

  local function request(path, changes)
    return copy({
      method = "POST", scheme = "https", host = "localhost", port = server.port.good, path = "/" .. path,
      query = "access_token=" .. canary.accessToken, body = canary.accessKeySecret, connectTimeout = 60, timeout = 60,
      headers = { authorization = canary.accessKeySecret, ["x-token"] = canary.securityToken },
    }, changes)
  end

  local function send(...)
    return front:call(IN, "send", request(...))
  end

  describe("the server gives", function()
    for _, row in ipairs(wire.outcomes) do
      it_in_nginx(row[1], function()
        if row[3] and row[3].timeout then -- the time is for the answer, not for the connection
          answered(send "ok", 200)
          server:mark()
        end
        local outcome, seconds = send(row[2], row[3])
        assert.is_true(seconds < wire.MOST)
        if type(row[4]) == "number" then
          answered(outcome, row[4])
        else
          failed(outcome, row[4], true)
        end
        assert.equal(1, #server:seen())
        answered(send("ok", { fresh = true }), 200)
      end)
    end

    it_in_nginx("a body up to maxBody, which is enough", function()
      assert.equal('{"ok":true}', answered(send("ok", { maxBody = 11 }), 200).body)
      assert.equal(10 * 1024 * 1024, #answered(send("big", { maxBody = 2 ^ 24 }), 200).body)
    end)

    it_in_nginx("headers of the last head only, in lower case and joined", function()
      -- fresh, since this server closes what it says that it keeps open
      local function headers_of(path) return answered(send(path, { fresh = true }), 200).headers end
      assert.equal("one, two", headers_of("repeated")["x-twice"])
      local headers = headers_of "interim"
      assert.equal("1", headers["x-late"])
      assert.is_nil(headers["x-early"])
      assert.is_nil(headers_of("trailers")["x-late"])
    end)

    it_in_nginx("back what it was sent", function()
      local body = ("\1\r\n~"):rep(100000)
      local text = answered(send("echo", { body = body, maxBody = 2 ^ 20 }), 200).body
      assert.equal(body, text:sub(-#body))
      assert.truthy(text:find("POST /echo?access_token=" .. canary.accessToken .. " HTTP/1.1\r\n", 1, true))
      assert.truthy(text:find("\r\nhost: localhost:" .. server.port.good .. "\r\n", 1, true))
      assert.equal(1, select(2, text:gsub("\r\ncontent%-length:", "")))
    end)
  end)

  describe("nothing is sent to", function()
    for _, row in ipairs(wire.connections) do
      it_in_nginx(row[1], function()
        local outcome, seconds = send("ok", {
          port = server.port[row[2]], connectTimeout = row[4],
        })
        failed(outcome, row[3], false)
        assert.is_true(seconds < wire.MOST)
        assert.equal(0, #server:seen())
      end)
    end

    for _, row in ipairs {
      { "stranger", "lua_ssl_trusted_certificate" }, { "selfsigned", "lua_ssl_trusted_certificate" },
      { "expired", "clock" }, { "future", "clock" }, { "wrongname", "endpoint" }, { "wrongsan", "endpoint" },
    } do
      it_in_nginx(row[1] .. ", and the hint says what to look at", function()
        local hint = failed(send("ok", { port = server.port[row[1]] }), "TLS_CERTIFICATE", false).hint
        assert.truthy(hint:find(row[2], 1, true), hint)
        assert.equal(row[2] == "lua_ssl_trusted_certificate", hint:find("lua_ssl_trusted_certificate", 1, true) ~= nil)
      end)
    end

    it_in_nginx("anybody without a trusted certificate, and the hint names the directive", function()
      local bare = openresty.start {}
      finally(function() bare:stop() end)
      local outcome = bare:call(IN, "send", request "ok")
      assert.truthy(failed(outcome, "TLS_CERTIFICATE", false).hint:find("lua_ssl_trusted_certificate", 1, true))
      assert.equal(0, #server:seen())
    end)

    it_in_nginx("a stranger whose handshake is over at once", function()
      for _ = 1, 30 do
        local outcome = failed(send("ok", { port = server.port.instant }), "TLS_CERTIFICATE", false)
        assert.truthy(outcome.hint:find("lua_ssl_trusted_certificate", 1, true))
      end
      assert.equal(0, #server:seen())
    end)

    for _, host in ipairs { "127.0.0.1", "::1", "10.0.0.1" } do
      it_in_nginx("https at the address " .. host .. ", which nothing could verify", function()
        assert.truthy(failed(send("ok", { host = host }), "UNVERIFIABLE", false).hint:find("name", 1, true))
        assert.equal(0, #server:seen())
      end)
    end

    for _, host in ipairs { "example.com", "10.0.0.1", "localhost.example.com", "128.0.0.1", "0.0.0.0" } do
      it_in_nginx("plain http at " .. host, function()
        failed(send("ok", { scheme = "http", host = host }), "FORBIDDEN_ADDRESS", false)
      end)
    end

    for _, row in ipairs {
      { "a query with a line end", { query = "a\r\nb: c" } },
      { "a path with a space", { path = "/ok HTTP/1.1" } },
      { "a header with a line end", { headers = { ["x-a"] = "b\r\nc: d" } } },
      { "a method with more in it", { method = "GET / HTTP/1.1\r\n" } },
    } do
      it_in_nginx("anybody with " .. row[1], function()
        failed(send("ok", row[2]), "INVALID_REQUEST", false)
        assert.equal(0, #server:seen())
      end)
    end
  end)

  describe("plain http", function()
    it_in_nginx("reaches loopback hosts", function()
      for _, host in ipairs { "localhost", "127.0.0.1", "LOCALHOST" } do
        answered(send("ok", { scheme = "http", host = host, port = server.port.plain }), 200)
      end
      failed(send("ok", { scheme = "http", host = "::1", port = server.port.closed }), "COULDNT_CONNECT", false)
    end)
  end)

  describe("connections", function()
    it_in_nginx("are used again", function()
      for _ = 1, 3 do
        answered(send "ok", 200)
      end
      local seen = server:seen()
      assert.equal(seen[2].connection, seen[3].connection)
      assert.is_true(seen[3].nth > 1)
    end)

    for _, version in ipairs { "1.2", "1.3" } do
      it_in_nginx("are new when asked for, with the session resumed of TLS " .. version, function()
        local one = openresty.start { trusted = { server.caFile }, http = "lua_ssl_protocols TLSv" .. version .. ";" }
        finally(function() one:stop() end)
        for i = 1, 4 do
          answered(one:call(IN, "send", request("ok", { fresh = i > 1 })), 200)
        end
        -- no module of nginx before 0.10.30 has what resumes a session of TLS 1.3
        local resumed = version == "1.2" or one:call(IN, "tells_sessions")
        local seen = server:seen()
        assert.equal(4, #seen)
        for i = 2, 4 do
          assert.equal(1, seen[i].nth)
          assert.equal(resumed, seen[i].resumed)
        end
      end)
    end

    it_in_nginx("offer the session that is told after the last answer, and none over plain http", function()
      assert.same({ "nil 1 2", 3 }, { front:call(IN, "offers", request("ok", { fresh = true }), 3) })
      assert.same({ "nil nil", 0 }, { front:call(IN, "offers", request("ok", { port = server.port.hangup }), 2) })
      local plain = request("ok", { scheme = "http", host = "127.0.0.1", port = server.port.plain })
      assert.same({ "", 0 }, { front:call(IN, "offers", plain, 2) })
    end)

    it_in_nginx("that the server closes are not used again", function()
      for _ = 1, 3 do
        answered(send("ok", { port = server.port.impatient }), 200)
      end
      for _, one in ipairs(server:seen()) do
        assert.equal(1, one.nth)
      end
    end)

    for _, path in ipairs { "http10", "untilclose" } do
      it_in_nginx("that end with their answer are not used again: " .. path, function()
        answered(send(path), 200)
        answered(send "ok", 200)
        local seen = server:seen()
        assert.are_not.equal(seen[1].connection, seen[2].connection)
      end)
    end

    it_in_nginx("that die under a request do not make it go out again", function()
      for _, method in ipairs { "POST", "GET" } do
        local closing = request("closereused", { method = method, body = "" })
        server:mark()
        answered(front:call(IN, "send", copy(closing, { fresh = true })), 200)
        answered(send "ok", 200) -- there is a connection to be used again
        failed(front:call(IN, "send", closing), "CONNECTION_LOST", true)
        local seen = server:seen()
        assert.equal(3, #seen)
        assert.equal(seen[2].connection, seen[3].connection)
      end
    end)

    it_in_nginx("that were verified are not taken for those of another place", function()
      answered(send "ok", 200)
      failed(send("ok", { port = server.port.wrongname }), "TLS_CERTIFICATE", false)
      failed(send("ok", { port = server.port.wrongname }), "TLS_CERTIFICATE", false)
      answered(send("ok", { scheme = "http", port = server.port.plain }), 200)
      failed(send("ok", { port = server.port.plain }), "TLS_HANDSHAKE", false)
    end)

    it_in_nginx("are left behind by nothing that fails", function()
      local pid = front:workers()[1]
      answered(send "ok", 200)
      local paths = { "halfhead", "truncated", "reset", "big", "http09", "hugeheaders" }
      local function all()
        for _, path in ipairs(paths) do
          front:call(IN, "send_often", request(path), 8)
          front:call(IN, "send_often", request("ok", { port = server.port.wrongname }), 5)
          front:call(IN, "send_often", request("ok", { port = server.port.hangup }), 5)
        end
      end
      all()
      local _, before = front:size(pid)
      all()
      local _, after = front:size(pid)
      assert.is_true(after <= before + 2, before .. " descriptors, then " .. after)
    end)
  end)

  describe("the worker", function()
    for _, path in ipairs { "stall", "drip", "slowly" } do
      it_in_nginx("does not wait for a server that is slow: " .. path, function()
        answered(send "ok", 200)
        local code, turns = front:call(IN, "turns_beside", request(path, { timeout = 0.7 }))
        assert.equal("TIMEOUT", code)
        assert.is_true(turns >= 10, turns .. " turns")
      end)
    end

    it_in_nginx("does not wait for a server that is fast", function()
      local code, turns = front:call(IN, "turns_beside", request("big", { maxBody = 2 ^ 24 }))
      assert.equal(200, code)
      assert.is_true(turns >= 2, turns .. " turns")
    end)

    it_in_nginx("looks after others between the calls of a crowd", function()
      local done, most = front:call(IN, "turns", 100)
      assert.equal(100, done)
      assert.is_true(most < 30, most .. " at a time")
    end)

    for _, row in ipairs { { "stall", 0.2 }, { "slowly", 0.2 }, { "mute", 0.1 } } do
      it_in_nginx("outlives a thread that is killed in an exchange: " .. row[1], function()
        local listener = row[1] == "mute" and server.port.mute or server.port.good
        local asked = request(row[1], { port = listener, connectTimeout = row[1] == "mute" and 2 or nil })
        local good, outcome = front:call(IN, "killed", asked, row[2])
        assert.equal(1, good)
        if listener == server.port.good then
          answered(outcome, 200)
        end
        answered(send "ok", 200)
      end)
    end
  end)

  describe("below a function that cannot wait", function()
    for _, where in ipairs { "sort", "gsub", "require" } do
      it_in_nginx("nothing is sent, with a connection in the pool or without: " .. where, function()
        for _, fresh in ipairs { true, false } do
          answered(send "ok", 200)
          server:mark()
          local under, behind = front:call(IN, "below", where, request("ok", { fresh = fresh }))
          failed(under, "PHASE", false)
          assert.truthy(under.message:find("table.sort", 1, true))
          answered(behind, 200)
          assert.equal(1, #server:seen())
        end
      end)
    end
  end)
end)

describe("aliyun.sas.cosocket with a peer that", function()
  local front, reason, peers

  setup(function()
    front, reason = openresty.start {}
    peers = {}
  end)

  teardown(function()
    if front then front:stop() end
    for _, one in pairs(peers) do
      one:stop()
    end
  end)

  local it_in_nginx = needing({ it = it, pending = pending }, function() return front, reason end)

  for _, row in ipairs {
    { "takes no connection", "full", { connectTimeout = 0.5 }, "TIMEOUT", false },
    { "reads nothing", "deaf", { timeout = 0.7 }, "TIMEOUT", true },
    { "reads slowly", "sip", { timeout = 0.7 }, "TIMEOUT", true },
  } do
    it_in_nginx(row[1] .. " holds it up no longer than it may", function()
      local why
      peers[row[2]], why = perl.start("peer", row[2])
      if not peers[row[2]] then
        pending(why)
        return
      end
      local outcome, seconds = front:call(IN, "send", copy({
        method = "POST", scheme = "http", host = "127.0.0.1", port = peers[row[2]].port, path = "/", query = "",
        headers = {}, connectTimeout = 60, timeout = 60, fresh = true,
      }, row[3]), 16 * 1024 * 1024)
      failed(outcome, row[4], row[5])
      assert.is_true(seconds < wire.MOST, "took " .. seconds)
    end)
  end
end)

describe("aliyun.sas.cosocket and names", function()
  local server, front, dns, reason

  setup(function()
    server, reason = tlsserver.start()
    dns, reason = perl.start("peer", "dns")
    if server and dns then
      front, reason = openresty.start {
        trusted = { server.caFile },
        server = ("location = /resolving { resolver 127.0.0.1:%d ipv6=off; "):format(dns.port)
          .. 'content_by_lua_block { require "spec.support.in_worker".call() } }',
      }
    end
  end)

  teardown(function()
    if server then server:stop() end
    if front then front:stop() end
    if dns then dns:stop() end
  end)

  local function send(path, host, changes)
    return front:call_at(path, IN, "send", copy({
      method = "POST", scheme = "https", host = host, port = server.port.wrongname, path = "/ok", query = "",
      headers = {}, body = "", connectTimeout = 60, timeout = 60,
    }, changes))
  end

  local it_in_nginx = needing({ it = it, pending = pending }, function()
    if front then
      server:mark()
    end
    return front, reason
  end)

  it_in_nginx("without a resolver nothing is sent, and the hint is the directive", function()
    local outcome = send("/call", "elsewhere.example")
    assert.truthy(failed(outcome, "COULDNT_RESOLVE_HOST", false).hint:find("resolver 127", 1, true))
    assert.equal(0, #server:seen())
  end)

  it_in_nginx("without a resolver localhost is reached", function()
    answered(send("/call", "localhost", { port = server.port.good }), 200)
  end)

  it_in_nginx("a name is looked up, and the certificate compared with it", function()
    for _ = 1, 2 do
      answered(send("/resolving", "elsewhere.example"), 200)
    end
    failed(send("/resolving", "elsewhere.example", { port = server.port.good }), "TLS_CERTIFICATE", false)
    assert.equal(2, #server:seen())
    assert.equal(2, server:seen()[2].nth)
  end)

  it_in_nginx("a name that has no address is an error that names it", function()
    local outcome = failed((send("/resolving", "nowhere.example")), "COULDNT_RESOLVE_HOST", false)
    assert.truthy(outcome.message:find("nowhere.example", 1, true))
  end)

  it_in_nginx("a name server that is silent is given up in connectTimeout", function()
    local outcome, seconds = send("/resolving", "some.silent", { connectTimeout = 0.5 })
    failed(outcome, "TIMEOUT", false)
    assert.is_true(seconds >= 0.4 and seconds < wire.MOST, "took " .. seconds)
    outcome, seconds = send("/resolving", "other.silent", { timeout = 0.5 })
    failed(outcome, "TIMEOUT", false)
    assert.is_true(seconds < wire.MOST, "took " .. seconds)
    answered(send("/resolving", "elsewhere.example"), 200)
  end)

  it_in_nginx("below a function that cannot wait nothing is looked up", function()
    local under, behind = front:call_at("/resolving", IN, "below", "sort", {
      method = "POST", scheme = "https", host = "elsewhere.example", port = server.port.wrongname, path = "/ok",
      query = "", headers = {}, body = "", connectTimeout = 60, timeout = 60,
    })
    failed(under, "PHASE", false)
    answered(behind, 200)
  end)
end)

describe("a client inside nginx", function()
  local server, front, reason

  setup(function()
    server = emulate()
    front, reason = openresty.start { trusted = { server.caFile } }
  end)

  teardown(function()
    server:stop()
    if front then front:stop() end
  end)

  local it_in_nginx = needing({ it = it, pending = pending }, function()
    if front then
      server:reset()
    end
    return front, reason
  end)

  local function settings(changes)
    return copy({ endpoint = server.endpoint }, changes)
  end

  local function calls(list, changes)
    return front:call(IN, "calls", settings(changes), list)
  end

  for _, signature in ipairs { "v3", "v1" } do
    for _, parameters in ipairs { "query", "body" } do
      it_in_nginx(("makes every call, with %s in the %s"):format(signature, parameters), function()
        local reports = calls({
          { "createOrUpdateDingTalk", CREATE },
          { "describeDingTalk", { RuleActionName = CREATE.RuleActionName } },
          { "createOrUpdateDingTalk", copy(CREATE, { Id = 1001, IntervalTime = 60 }) },
          { "modifyDingTalkStatus", { Ids = { 1001 }, Status = 0 } },
          { "dingTalkOnlineTest", { Id = 1001 } },
          { "describeDataSource", { ConfigType = "DingTalk" } },
          { "describeGroupStruct", { Lang = "zh" } },
          { "deleteDingTalk", { Ids = 1001 } },
          { "describeDingTalk" },
        }, { signature = signature, parameters = parameters })
        for i, report in ipairs(reports) do
          assert.is_nil(report.text, i)
          assert.is_string(report.result.RequestId)
        end
        local chatbot = reports[2].result.ActionList[1]
        assert.equal(CREATE.RuleActionName, chatbot.ActionName)
        assert.equal(tostring(sas.config(CREATE.ConfigList)), chatbot.ConfigList)
        assert.is_true(#reports[7].result.Groups > 0)
        assert.equal(0, #reports[9].result.ActionList)
      end)
    end
  end

  it_in_nginx("reports wrong parameters, and sends nothing", function()
    local report = calls { { "createOrUpdateDingTalk", { RuleActionName = "x" } } }[1]
    assert.equal("argument", report.err.kind)
    assert.is_true(#report.err.problems >= 2)
    assert.equal(0, #server:requests())
  end)

  it_in_nginx("reports what the service refuses", function()
    server:fault("refusal", { value = "NoPermission" })
    local report = calls({ { "createOrUpdateDingTalk", CREATE } })[1]
    assert.equal("service NoPermission", report.err.kind .. " " .. report.err.code)
    report = calls({ { "describeDingTalk" } }, { accessKeySecret = canary.accessKeySecret .. "x" })[1]
    assert.equal("SignatureDoesNotMatch", report.err.code)
  end)

  it_in_nginx("uses a connection again for reads and updates, and never for creates and tests", function()
    local reports = calls {
      { "describeDingTalk" }, { "describeDingTalk" }, { "createOrUpdateDingTalk", CREATE },
      { "modifyDingTalkStatus", { Ids = 1001, Status = 1 } }, { "dingTalkOnlineTest", { Id = 1001 } },
      { "createOrUpdateDingTalk", copy(CREATE, { RuleActionName = "another" }) }, { "describeDataSource" },
    }
    for _, report in ipairs(reports) do
      assert.is_nil(report.text)
    end
    local on, count = {}, {}
    for i, request in ipairs(server:requests()) do
      on[i] = request.connection
      count[on[i]] = (count[on[i]] or 0) + 1
    end
    assert.equal(7, #on)
    for _, same in ipairs { 2, 4, 7 } do
      assert.equal(on[1], on[same])
    end
    for _, alone in ipairs { 3, 5, 6 } do
      assert.equal(1, count[on[alone]])
    end
  end)

  it_in_nginx("sends an update that dies on a used connection once", function()
    server:fault("lost", { action = "ModifyDingTalkStatus" })
    local report = calls({
      { "createOrUpdateDingTalk", CREATE }, { "describeDingTalk" },
      { "modifyDingTalkStatus", { Ids = 1001, Status = 0 } },
    }, { retries = 0 })[3]
    assert.equal("unknown CONNECTION_LOST", report.err.kind .. " " .. report.err.code)
    assert.is_true(report.err.sent)
    local requests = server:requests()
    assert.equal(3, #requests)
    assert.equal(requests[2].connection, requests[3].connection)
  end)

  it_in_nginx("keeps 200 calls at once apart", function()
    assert.same({}, front:call(IN, "crowd", settings(), 200, URL))
    local requests, nonces, count = server:requests(), {}, 0
    for _, request in ipairs(requests) do
      assert.is_string(request.nonce)
      count = count + (nonces[request.nonce] and 0 or 1)
      nonces[request.nonce] = true
    end
    assert.equal(400, #requests)
    assert.equal(400, count)
    assert.equal(200, #server:chatbots())
  end)

  for _, where in ipairs { "sort", "gsub", "require" } do
    it_in_nginx("answers below " .. where .. " that it cannot wait there", function()
      local err = front:call(IN, "call_below", where, settings())
      assert.equal("state PHASE", err.kind .. " " .. err.code)
      assert.is_false(err.sent)
      assert.is_false(err.retryable)
      assert.truthy(err.hint:find("outside", 1, true))
      assert.equal(0, #server:requests())
    end)
  end

  describe("refuses the setting", function()
    for _, row in ipairs {
      { "caFile", { caFile = "/etc/ssl/certs/ca-certificates.crt" }, "lua_ssl_trusted_certificate" },
      { "proxy", { proxy = "http://127.0.0.1:3128" }, "proxy" },
      { "proxy env", { proxy = "env" }, "proxy" },
      { "transport", { transport = "sockets" }, '"cosocket"' },
    } do
      it_in_nginx(row[1], function()
        local good, message = front:call(IN, "new", settings(row[2]))
        assert.is_false(good)
        assert.truthy(message:find(row[1]:match "%a+" .. ": ", 1, true), message)
        assert.truthy(message:find(row[3], 1, true), message)
      end)
    end
  end)

  for _, given in ipairs { { proxy = false }, { transport = "cosocket" }, { transport = "curl", proxy = false } } do
    it_in_nginx("takes the setting " .. next(given), function()
      assert.is_true((front:call(IN, "new", settings(given))))
    end)
  end

  describe("cosocket.new", function()
    for _, row in ipairs {
      { { poolSize = 0 }, "poolSize" }, { { poolSize = 1.5 }, "poolSize" }, { { poolSize = "9" }, "poolSize" },
      { { idle = -1 }, "idle" }, { { idle = 1e9 }, "idle" }, { { pool_size = 9 }, "unknown setting" },
    } do
      it_in_nginx("raises for a wrong " .. row[2], function()
        local good, message = front:call(IN, "new_transport", row[1])
        assert.is_false(good)
        assert.truthy(message:find(row[2], 1, true), message)
      end)
    end

    it_in_nginx("takes a pool of one's own size", function()
      assert.is_true((front:call(IN, "new_transport", { poolSize = 10, idle = 5 })))
    end)
  end)
end)

-- The same faults, over both transports: the same kind, code and sent, and the same count at the server.
describe("a call over cosockets is as over libcurl when the server", function()
  local server, front, reason

  setup(function()
    server = emulate()
    front, reason = openresty.start { trusted = { server.caFile } }
  end)

  teardown(function()
    server:stop()
    if front then front:stop() end
  end)

  local PLENTY = 60

  local made = {
    read = { "describeDingTalk" },
    update = { "modifyDingTalkStatus", { Ids = { 1001 }, Status = 1 } },
    create = { "createOrUpdateDingTalk", CREATE },
  }

  local function over_curl(call, seconds)
    local client = sas.new {
      timeout = seconds, connectTimeout = seconds, retries = 2, endpoint = server.endpoint, caFile = server.caFile,
      accessKeyId = canary.accessKeyId, accessKeySecret = canary.accessKeySecret, jitter = function() return 0 end,
    }
    local _, err = client[call[1]](client, call[2])
    client:close()
    return err
  end

  local function over_cosocket(call, seconds)
    return front:call(IN, "calls", {
      timeout = seconds, connectTimeout = seconds, retries = 2, endpoint = server.endpoint,
    }, { call })[1]
  end

  local function summary(err)
    return ("%s %s %s %d"):format(err and err.kind or "good", err and err.code or "-", tostring(err and err.sent),
      #server:requests())
  end

  local it_in_nginx = needing({ it = it, pending = pending }, function() return front, reason end)

  -- fault, argument, how often, the time limit of an exchange, whether it takes new connections
  local rows = {
    { "closed", nil, 9 }, { "lost", nil, 9 }, { "reset", nil, 9 }, { "truncated", nil, 9 },
    { "silent", nil, 9, 0.4 }, { "stalled", nil, 9, 0.4 }, { "dripped", 1, 9, 0.4 }, { "garbage", nil, 9 },
    { "html", nil, 9 }, { "empty", nil, 9 }, { "badjson", nil, 9 }, { "norequestid", nil, 9 },
    { "huge", 5, 9 }, { "hugeheaders", nil, 9 }, { "redirect", nil, 9 }, { "error500", nil, 9 },
    { "error500after", nil, 9 }, { "unavailable", nil, 9 }, { "throttled", 10, 9 },
    { "throttleduser", 10, 9 }, { "handshakefailed", nil, 9, nil, true },
    { "handshake", nil, 9, 0.4, true }, { "closed", nil, 1 },
    { "silent", nil, 1, 0.4 }, { "unavailable", nil, 1 }, { "refusal", "NoPermission", 9 },
  }
  for _, row in ipairs(rows) do
    for class, call in pairs(made) do
      local name = ("fails %s, %d of a %s"):format(row[1], row[3], class)
      it_in_nginx(name, function()
        local limit = row[4] or PLENTY
        local expected, found, report, seconds
        repeat -- where the time is short, a busy machine may need more of it before the request has left
          server:reset()
          server:fault(row[1], row[2], row[3])
          expected = summary(over_curl(call, limit))
          if row[5] then
            front:reload() -- the pool is empty then
          end
          server:reset()
          server:fault(row[1], row[2], row[3])
          local start = system.monotonic()
          report = over_cosocket(call, limit)
          seconds, found = system.monotonic() - start, summary(report.err)
          limit = 3 * limit
        until expected == found or limit > 20
        assert.equal(expected, found)
        if row[3] > 1 then
          assert.is_nil(report.result)
          for _, secret in ipairs(secrets) do
            assert.is_nil(report.text:find(secret, 1, true))
          end
        end
        assert.is_true(seconds < (row[4] and limit or 0) + wire.MOST, "took " .. seconds)
      end)
    end
  end
end)

describe("a server that is not to be trusted", function()
  for _, kind in ipairs { "wronghost", "expired", "selfsigned", "otherca" } do
    it("gets nothing from a worker: " .. kind, function()
      local server = emulate { certificate = kind }
      finally(function() server:stop() end)
      local front, reason = openresty.start { trusted = { server.caFile } }
      if not front then
        pending(reason)
        return
      end
      finally(function()
        server:stop()
        front:stop()
      end)
      for _, call in ipairs { { "describeDingTalk" }, { "createOrUpdateDingTalk", CREATE } } do
        local err = front:call(IN, "calls", { endpoint = server.endpoint }, { call })[1].err
        assert.equal("network TLS_CERTIFICATE", err.kind .. " " .. err.code)
        assert.is_false(err.sent)
        assert.is_false(err.retryable)
        -- where the handshake is over at once, nobody can tell what was wrong, and the hint names all of it
        local words = { wronghost = "endpoint", expired = "clock" }
        assert.truthy(err.hint:find(words[kind] or "lua_ssl_trusted_certificate", 1, true), err.hint)
      end
      assert.equal(0, #server:requests())
    end)
  end
end)

describe("outside nginx", function()
  it("the transport is refused by name", function()
    local good, message = pcall(sas.new, { regionId = "cn-hangzhou", transport = "cosocket" })
    assert.is_false(good)
    assert.truthy(message:find("transport: there are no cosockets outside nginx", 1, true), message)
  end)
end)
