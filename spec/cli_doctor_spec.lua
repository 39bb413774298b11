-- cli_doctor_spec.lua - sas-dingtalk doctor, over TLS, against servers and surroundings that are wrong in one way each
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local emulator = require "aliyun.sas.emulator"
local sas_dingtalk = require "spec.support.sas_dingtalk"
local shell = require "aliyun.sas.emulator.shell"

local doctor, KEYS = sas_dingtalk.doctor, sas_dingtalk.keys

local READS = { "DescribeDingTalk", "DescribeDataSource", "DescribeGroupStruct" }
local WRITES = { "CreateOrUpdateDingTalk", "DeleteDingTalk", "ModifyDingTalkStatus", "DingTalkOnlineTest" }

local function has(text, piece)
  assert.is_truthy((text or "(nil)"):find(piece, 1, true), ("%q is not in %q"):format(piece, text or "(nil)"))
end

-- The states of the findings, as one text, bad ones first named.
local function bad_of(list)
  local names = {}
  for _, finding in ipairs(list) do
    names[#names + 1] = finding.state == "bad" and finding.check or nil
    assert.is_true(finding.state ~= "bad" or type(finding.fix) == "string", finding.check .. " says not what to do")
  end
  return table.concat(names, " ")
end

describe("sas-dingtalk doctor", function()
  local server

  local function start(changes, certificate)
    local options = {
      accessKeys = {
        { accessKeyId = "testid", accessKeySecret = "testsecret" },
        { accessKeyId = "denied", accessKeySecret = "testsecret", deny = { "DescribeDataSource" } },
        { accessKeyId = "blind", accessKeySecret = "testsecret", deny = { "DescribeVersionConfig" } },
        { accessKeyId = "inactive", accessKeySecret = "testsecret", inactive = true },
      },
    }
    for name, value in pairs(changes or {}) do
      options[name] = value
    end
    return emulator.serve { options = options, certificate = certificate, lifetime = 1800 }
  end

  setup(function()
    server = start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:reset()
  end)

  local function at(place, ...)
    return "--endpoint", place.endpoint, "--ca-file", place.caFile, ...
  end

  local function keys(id, secret)
    return { ALIBABA_CLOUD_ACCESS_KEY_ID = id, ALIBABA_CLOUD_ACCESS_KEY_SECRET = secret or "testsecret" }
  end

  it("finds all well, and changes nothing", function()
    local found, status, list = doctor(KEYS, at(server))
    assert.equal("", bad_of(list))
    assert.equal(0, status)
    for _, name in ipairs { "Lua", "libcurl", "OpenSSL", "cJSON", "argparse", "certificate", "answer", "clock",
      "accepted", "edition", READS[1], READS[2], READS[3] } do
      assert.equal("good", found[name][1].state, name)
    end
    for _, name in ipairs(WRITES) do
      assert.equal("skipped", found[name][1].state)
    end
    has(found.credentials[1].found, "ALIBABA_CLOUD_ACCESS_KEY_ID")
    has(found.endpoint[1].found, "from --endpoint")
    for _, request in ipairs(server:requests()) do
      assert.is_truthy(request.action == nil or request.action:find "^Describe", request.action)
    end
  end)

  it("is a table for people, with what there is to do below", function()
    local status, out, err = sas_dingtalk.run({ env = keys("denied") }, "doctor", at(server))
    assert.same({ 1, "" }, { status, err })
    has(out, "bad      DescribeDataSource")
    has(out, "What to do:\n- DescribeDataSource: NoPermission")
    has(out, "yundun-sas:DescribeDataSource")
  end)

  it("tells which call is not allowed", function()
    local found, status, list = doctor(keys "denied", at(server))
    assert.equal(1, status)
    assert.equal("DescribeDataSource", bad_of(list))
    has(found.DescribeDataSource[1].found, "RequestId")
    assert.equal("good", found.accepted[1].state)
  end)

  it("tells which action to allow where the edition may not be asked for", function()
    local found, status = doctor(keys "blind", at(server))
    assert.same({ 0, "unsure" }, { status, found.edition[1].state })
    has(found.edition[1].fix, "allow yundun-sas:DescribeVersionConfig to this user or role")
  end)

  it("tells keys that are not taken, and makes no further call", function()
    for code, env in pairs {
      SignatureDoesNotMatch = keys("testid", canary.accessKeySecret), ["InvalidAccessKeyId.NotFound"] = keys "nobody",
      ["InvalidAccessKeyId.Inactive"] = keys "inactive",
    } do
      local found, status, list = doctor(env, at(server))
      assert.equal(1, status)
      assert.equal("accepted", bad_of(list))
      has(found.accepted[1].found, code)
      assert.equal("skipped", found.DescribeDingTalk[1].state)
      assert.equal("skipped", found.edition[1].state)
    end
  end)

  it("tells what was copied with a key, and not to set what is set", function()
    local found, status = doctor(keys("testid", "testsecret\r"), at(server))
    assert.equal(1, status)
    assert.is_nil(found.credentials[1].fix:find("set ALIBABA", 1, true))
    has(found.credentials[2].found, "ALIBABA_CLOUD_ACCESS_KEY_SECRET: holds a carriage return at its end")
    has(found.credentials[2].fix, "mend")
    local _, _, err = sas_dingtalk.run({ env = keys("testid\n") }, "list", at(server))
    has(err, "ALIBABA_CLOUD_ACCESS_KEY_ID: holds a line break at its end")
  end)

  it("tells a clock that is wrong, and how far", function()
    server:advance(1000)
    local found, status, list = doctor(KEYS, at(server))
    assert.same({ 1, "clock" }, { status, bad_of(list) })
    assert.matches("^9?1?0?%d%d%d? seconds behind the service's$", found.clock[1].found)
    server:advance(-900)
    found, status = doctor(KEYS, at(server))
    assert.same({ 0, "unsure" }, { status, found.clock[1].state })
    has(found.clock[1].fix, "takes a fence (1950 s) longer to settle")
  end)

  for _, row in ipairs {
    { "wronghost", "not valid for this host" }, { "expired", "expired" }, { "otherca", "unknown authority" },
    { "selfsigned", "unknown authority" },
  } do
    it("tells a certificate that is not to be trusted: " .. row[1], function()
      local other = start(nil, row[1])
      finally(function()
        other:stop()
      end)
      local found, status, list = doctor(KEYS, at(other))
      assert.same({ 1, "certificate" }, { status, bad_of(list) })
      has(found.certificate[1].found, row[2])
      has(found.certificate[1].fix, "--ca-file")
      assert.same({ "good", "skipped" }, { found.connection[1].state, found.DescribeDingTalk[1].state })
    end)
  end

  it("tells a CA file that is none, and a system that does not know the server", function()
    local found = doctor(KEYS, "--endpoint", server.endpoint, "--ca-file", "/nonexistent/ca.pem")
    has(found.certificate[1].found, "CA_FILE")
    found = doctor(KEYS, "--endpoint", server.endpoint)
    local text = found.certificate[1].found
    -- a new system has no authorities at all, which libcurl calls a file that cannot be used
    assert.is_truthy(text:find("unknown authority", 1, true) or text:find("CA_FILE", 1, true), text)
  end)

  for _, row in ipairs {
    { { edition = "free" }, "Free", "bad" }, { { edition = "pro" }, "Advanced", "bad" },
    { { edition = "ultimate" }, "Ultimate", "good" },
    { { edition = "antivirus", editionLimits = "all" }, "NoPermission", "unsure" },
  } do
    it(("tells the edition: %s %s"):format(row[1].edition, row[3]), function()
      local other = start(row[1])
      finally(function()
        other:stop()
      end)
      local found, status = doctor(KEYS, at(other))
      assert.equal(row[3], found.edition[1].state)
      assert.equal(row[3] == "good" and 0 or 1, status)
      has(found.edition[1].found, row[2])
    end)
  end

  it("tells that there is no region and there are no keys, and checks the rest", function()
    local found, status, list = doctor {}
    assert.equal(1, status)
    assert.equal("endpoint credentials", bad_of(list))
    has(found.endpoint[1].fix, "cn-hangzhou")
    has(found.credentials[1].fix, "ALIBABA_CLOUD_ACCESS_KEY_ID")
    assert.same({ "good", "skipped" }, { found.libcurl[1].state, found.connection[1].state })
  end)

  it("checks the keys also where the region is wrong", function()
    local found, status = doctor(keys(canary.accessKeyId, canary.accessKeySecret), "--region", "moon")
    assert.equal(1, status)
    has(found.endpoint[1].fix, "is no region id")
    has(found.credentials[1].found, canary.accessKeyId:sub(1, 4))
    assert.is_nil(found.credentials[1].found:find(canary.accessKeyId, 1, true))
  end)

  it("tells where the region comes from", function()
    local env = { ALIBABA_CLOUD_REGION_ID = "ap-southeast-1", https_proxy = "http://user:" .. canary.accessToken
      .. "@localhost:1" }
    local found, _, list = doctor(env)
    has(found.endpoint[1].found, "the international site, from ALIBABA_CLOUD_REGION_ID")
    has(found.proxy[1].found, "https_proxy")
    has(bad_of(list), "connection")
    has(found.connection[1].fix, "the proxy that https_proxy names")
    assert.equal("skipped", found.name[1].state)
  end)

  it("tells a port that nobody listens on, and a name without an address, in little time", function()
    local began = os.time()
    local found = doctor(KEYS, "--endpoint", "https://localhost:1")
    has(found.connection[1].found, "COULDNT_CONNECT")
    found = doctor(KEYS, "--endpoint", "https://nosuch.invalid", "--timeout", "2")
    assert.equal("bad", (found.name[1].state == "bad" and found.name or found.connection)[1].state)
    assert.is_true(os.time() - began < 60)
  end)

  -- what chose the endpoint, what is to be checked
  for _, row in ipairs {
    { nil, "--endpoint" }, { "regionId", "--region" }, { "ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_REGION_ID" },
  } do
    it("names what chose a host without an address: " .. row[2], function()
      local noted = {}
      require "aliyun.sas.cli.doctor.connection" {
        at = { scheme = "https", host = "nosuch.invalid", source = row[1] },
        run = { args = {}, host = { getenv = function() end } }, monotonic = os.clock,
        transport = { send = function() return { sent = false, code = "COULDNT_RESOLVE_HOST", message = "m" } end },
        note = function(_, check, _, _, fix)
          noted[check] = fix
        end,
      }
      has(noted.name, "check the spelling of " .. row[2] .. ",")
    end)
  end

  it("tells a server that never answers, by the time that is given", function()
    server:fault("silent", 60, 1)
    local found, status = doctor(KEYS, "--timeout", "3", at(server))
    assert.equal(1, status)
    has(found.answer[1].found, "TIMEOUT")
    assert.equal("good", found.certificate[1].state)
  end)

  it("is not sure of an answer without a RequestId", function()
    server:fault("html", nil, 1)
    local found, status = doctor(KEYS, at(server))
    assert.same({ 0, "unsure" }, { status, found.answer[1].state })
  end)

  it("refuses a profile without a name, and tells one that is not there", function()
    local status, out, err = sas_dingtalk.run({}, "doctor", "--profile", "")
    assert.same({ 64, "" }, { status, out })
    has(err, "--profile: is no name of a profile")
    local found = doctor({}, at(server, "--profile", "nosuch"))
    assert.same({ "bad", "skipped" }, { found.credentials[1].state, found.accepted[1].state })
    has(found.credentials[1].fix, "aliyun configure --profile nosuch")
  end)

  it("tells when a token ends, and that one has ended", function()
    for seconds, expected in pairs { [90] = "good", [-5] = "bad" } do
      local noted = {}
      local provider = {
        fetch = function()
          local held = { accessKeyId = "STS.testid", accessKeySecret = "testsecret", securityToken = "token" }
          return held, os.time() + seconds
        end,
      }
      require "aliyun.sas.cli.doctor.keys" {
        given = { credentials = provider }, run = { args = {} }, now = os.time, monotonic = os.clock,
        note = function(_, check, state, found, fix)
          noted[check] = { state, found, fix }
        end,
      }
      assert.equal(expected, noted.token[1])
      has(noted.token[2], seconds > 0 and ", in 1 minutes" or "ended at")
      assert.equal(seconds < 0, noted.token[3] ~= nil)
      assert.equal("good", noted.credentials[1])
    end
  end)

  it("names the profile's troubles, and goes on", function()
    local home = child.run "mktemp -d"
    finally(function()
      shell.run("rm -rf " .. home)
    end)
    shell.run("mkdir -m 700 " .. home .. "/.aliyun")
    shell.write(home .. "/.aliyun/config.json", "{ torn")
    shell.run("chmod 600 " .. home .. "/.aliyun/config.json")
    local found, status = doctor({ HOME = home }, at(server))
    assert.equal(1, status)
    assert.equal(2, #found.credentials)
    has(found.credentials[2].found, "profile of the aliyun command")
    assert.equal("good", found.answer[1].state)
  end)

  describe("with a file of chatbots", function()
    local folder, file

    before_each(function()
      folder = child.run "mktemp -d"
      file = folder .. "/chatbots.lua"
      shell.write(file, "return {}\n")
    end)

    after_each(function()
      shell.run("chmod -R u+rwx " .. folder .. "; rm -rf " .. folder)
    end)

    it("leaves the folder of state as it was", function()
      local found = doctor(KEYS, at(server, "--file", file))
      assert.same({ "good", "good" }, { found.file[1].state, found.state[1].state })
      assert.is_false(shell.run("[ -e " .. file .. ".state ]"))
      shell.run("mkdir -m 700 " .. file .. ".state")
      found = doctor(KEYS, at(server, "--file", file))
      assert.same({ "good", "good" }, { found.state[1].state, found.fingerprints[1].state })
      assert.is_nil(shell.line("ls -A " .. file .. ".state"))
    end)

    it("tells what is wrong with the file, its folder and its fingerprints", function()
      shell.write(file, "return { 5 }\n")
      shell.write(file .. ".state", "no folder")
      local found, _, list = doctor(KEYS, at(server, "--file", file))
      assert.equal("file state", bad_of(list))
      has(found.state[1].fix, "chmod 700")
      shell.run(("rm %s.state; mkdir -m 700 %s.state"):format(file, file))
      shell.write(file .. ".state/fingerprints.json", "torn")
      shell.run("chmod 600 " .. file .. ".state/fingerprints.json")
      _, _, list = doctor(KEYS, at(server, "--file", file))
      assert.equal("file fingerprints", bad_of(list))
    end)

    it("tells a folder of state that others may write to, as apply does", function()
      shell.run(("mkdir %s.state; chmod 777 %s.state"):format(file, file))
      local found, status, list = doctor(KEYS, at(server, "--file", file))
      assert.same({ 1, "state" }, { status, bad_of(list) })
      has(found.state[1].found, "can be changed by other users")
      has(found.state[1].fix, "chmod 700 " .. file .. ".state")
      local _, _, err = sas_dingtalk.run({ env = KEYS }, "apply", file, "--yes", at(server))
      has(err, "NOT_PRIVATE")
      has(err, "chmod 700 ")
      _, _, err = sas_dingtalk.run({ env = KEYS, input = sas_dingtalk.webhook }, "put", "--name", "night watch",
        "--send-url-stdin", "--state", file .. ".state", at(server))
      has(err, "NOT_PRIVATE")
      assert.equal(0, #server:chatbots())
    end)

    it("tells a file that is not there", function()
      local found = doctor(KEYS, at(server, "--file", folder .. "/none.lua"))
      assert.equal("bad", found.file[1].state)
      has(found.file[1].fix, "check the path that --file names")
    end)

    it("counts the chatbots of the file", function()
      local entry = '{ RuleActionName = "night %d", SendUrl = env "W", ConfigList = { vul = "all" } },\n'
      for count, words in ipairs { "1 chatbot", "2 chatbots" } do
        local list = {}
        for i = 1, count do
          list[i] = entry:format(i)
        end
        shell.write(file, "return {\n" .. table.concat(list) .. "}\n")
        local found = doctor(KEYS, at(server, "--file", file))
        assert.same({ "good", words }, { found.file[1].state, found.file[1].found })
      end
    end)
  end)
end)
