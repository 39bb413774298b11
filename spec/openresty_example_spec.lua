-- openresty_example_spec.lua - examples/openresty/ in a real nginx, against the emulator in another
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local emulator = require "aliyun.sas.emulator"
local http = require "aliyun.sas.http"
local openresty = require "spec.support.openresty"
local program = require "aliyun.sas.emulator.nginx_program"
local shell = require "aliyun.sas.emulator.shell"

local TOKEN = "a-token-of-the-on-call-tool"
local WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

local missing = openresty.missing()

-- The example as it stands, but for the places that are those of this machine.
local function configuration(port, ca_file, nginx)
  local text = assert(shell.read(openresty.top() .. "/examples/openresty/nginx.conf"))
  local function change(what, to)
    local at, stop = text:find(what, 1, true)
    assert(at, what)
    text = text:sub(1, at - 1) .. to .. text:sub(stop + 1)
  end
  change("listen 127.0.0.1:8080;", ("listen 127.0.0.1:%d;"):format(port))
  change("/etc/ssl/certs/ca-certificates.crt", ca_file)
  change('lua_package_path "${prefix}?.lua;;";', ('lua_package_path "${prefix}?.lua;%s/lua/?.lua;;"; '
    .. 'lua_package_cpath "%s/?.so;;";'):format(openresty.top(), openresty.build_folder()))
  return program.modules(nginx) .. ("user %s %s;\n"):format(shell.line "id -un", shell.line "id -gn") .. text
end

local Example = {}
Example.__index = Example

-- Starts it with these variables; answers nil and the log where it does not start.
local function start(variables, ca_file)
  local nginx, folder = program.find(), assert(shell.line 'mktemp -d "${TMPDIR:-/tmp}/aliyun-sas-spec.XXXXXXXX"')
  local self = setmetatable({ folder = folder, port = program.freePort() }, Example)
  shell.run("mkdir " .. folder .. "/logs && cp " .. shell.quote(openresty.top() .. "/examples/openresty/handler.lua")
    .. " " .. folder)
  shell.write(folder .. "/nginx.conf", configuration(self.port, ca_file, nginx))
  local words = {
    "env -i PATH=" .. shell.quote(os.getenv "PATH") .. " SAS_RUN=" .. shell.quote(os.getenv "SAS_RUN" or ""),
  }
  for name, value in pairs(variables) do
    words[#words + 1] = name .. "=" .. shell.quote(value)
  end
  local status = os.execute(("%s timeout 60 %s -p %s/ -c %s/nginx.conf >%s/logs/start 2>&1 </dev/null")
    :format(table.concat(words, " "), shell.quote(nginx), folder, folder, folder))
  if status ~= true and status ~= 0 then
    local log = self:log()
    self:stop()
    return nil, log
  end
  self.client = http.new { proxy = false }
  return self
end

function Example:log()
  return (shell.read(self.folder .. "/logs/start") or "") .. (shell.read(self.folder .. "/logs/error.log") or "")
end

function Example:stop()
  local pid = (shell.read(self.folder .. "/logs/nginx.pid") or ""):match "%d+"
  if pid then
    shell.run("kill -TERM " .. pid)
    shell.wait(function() return not shell.alive(pid) end, 60)
  end
  shell.run("rm -rf -- " .. self.folder)
end

-- Status, the answer as a table, headers.
function Example:post(body, headers, changes)
  local request = {
    method = "POST", scheme = "http", host = "127.0.0.1", port = self.port, path = "/chatbots", query = "",
    headers = { authorization = "Bearer " .. TOKEN, ["content-type"] = "application/json" },
    body = type(body) == "table" and core.encode(body) or body or "", timeout = 60, maxBody = 65536,
  }
  for name, value in pairs(headers or {}) do
    request.headers[name] = value or nil
  end
  for name, value in pairs(changes or {}) do
    request[name] = value
  end
  local outcome = self.client:send(request)
  return outcome.status or outcome.code, core.json(outcome.body or ""), outcome.headers, outcome.body
end

local function asked(changes)
  local made = { name = "on-call", webhook = WEBHOOK, levels = { "serious" } }
  for name, value in pairs(changes or {}) do
    made[name] = value ~= "(none)" and value or nil
  end
  return made
end

local function environment(server, changes)
  local variables = {
    CHATBOT_TOKEN = TOKEN, CHATBOT_GROUPS = "10417151, 10417152", CHATBOT_ENDPOINT = server.endpoint,
    ALIBABA_CLOUD_ACCESS_KEY_ID = "testid", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "testsecret",
  }
  for name, value in pairs(changes or {}) do
    variables[name] = value ~= "(none)" and value or nil
  end
  return variables
end

describe("the example for OpenResty", function()
  if missing then
    pending("is not tried: " .. missing)
    return
  end

  local server, example

  setup(function()
    server = emulator.serve { lifetime = 1800 }
    example = assert(start(environment(server), server.caFile))
  end)
  teardown(function()
    if example then
      example:stop()
    end
    server:stop()
  end)
  before_each(function()
    server:reset()
  end)

  it("makes a chatbot, and then changes that one", function()
    local status, answer, headers = example:post(asked())
    assert.equal(201, status)
    assert.same({ action = "created", id = "1001", name = "on-call" }, answer)
    assert.equal("application/json", headers["content-type"])
    status, answer = example:post(asked())
    assert.equal(200, status)
    assert.same({ action = "updated", id = "1001", name = "on-call" }, answer)
    status, answer = example:post(asked { levels = { "serious", "suspicious" } })
    assert.equal(200, status)
    assert.equal("updated", answer.action)
    assert.equal(WEBHOOK, server:chatbots()[1].SendUrl)
    assert.equal(1, #server:chatbots())
  end)

  it("names the asset groups", function()
    assert.equal(201, (example:post(asked())))
    assert.equal('["10417151","10417152"]', server:requests()[2].parameters.GroupIdList)
    assert.is_nil(example:log():find("GroupIdList", 1, true)) -- no warning
  end)

  it("takes another webhook, though the service hides its token", function()
    assert.equal(201, (example:post(asked())))
    assert.equal(200, (example:post(asked { webhook = WEBHOOK .. "0" })))
    assert.equal(WEBHOOK .. "0", server:chatbots()[1].SendUrl)
  end)

  it("makes one of two posts at once", function()
    local command = ("for i in 1 2 3 4; do curl -s -o /dev/null -w '%%{http_code} ' -H 'Authorization: Bearer %s' "
      .. "-H 'Content-Type: application/json' -d @%s/body http://127.0.0.1:%d/chatbots & done; wait"):format(TOKEN,
      example.folder, example.port)
    if not shell.run "command -v curl >/dev/null" then
      return pending "needs the curl command"
    end
    shell.write(example.folder .. "/body", core.encode(asked { name = "at once" }))
    local pipe = io.popen(command)
    local codes = pipe:read "*a"
    pipe:close()
    assert.equal(1, select(2, codes:gsub("201", "")), codes)
    assert.equal(3, select(2, codes:gsub("200", "")), codes)
    assert.equal(1, #server:chatbots())
  end)

  local refusals = {
    { "another method", nil, nil, { method = "GET" }, 405, "METHOD" },
    { "no token", asked(), { authorization = false }, nil, 401, "TOKEN" },
    { "another token", asked(), { authorization = "Bearer another-token-of-somebody" }, nil, 401, "TOKEN" },
    { "the beginning of the token", asked(), { authorization = "Bearer " .. TOKEN:sub(1, -2) }, nil, 401, "TOKEN" },
    { "another scheme", asked(), { authorization = "Basic " .. TOKEN }, nil, 401, "TOKEN" },
    { "no type", asked(), { ["content-type"] = false }, nil, 415, "CONTENT_TYPE" },
    { "a form", asked(), { ["content-type"] = "application/x-www-form-urlencoded" }, nil, 415, "CONTENT_TYPE" },
    { "nothing", "", nil, nil, 400, "BODY" },
    { "no JSON", "{", nil, nil, 400, "BODY" },
    { "a list", "[1]", nil, nil, 400, "BODY" },
    { "a field too many", asked { more = 1 }, nil, nil, 400, "BODY" },
    { "a field too few", asked { webhook = "(none)" }, nil, nil, 400, "BODY" },
    { "a name that is none", asked { name = 1 }, nil, nil, 400, "BODY" },
    { "no levels", '{"name":"on-call","webhook":"https://x/","levels":[]}', nil, nil, 400, "BODY" },
    { "a level that is none", asked { levels = { "seriuos" } }, nil, nil, 400, "INVALID_ARGUMENT" },
    { "a short name", asked { name = "x" }, nil, nil, 400, "INVALID_ARGUMENT" },
    { "a webhook that is none", asked { webhook = "oapi.dingtalk.com" }, nil, nil, 400, "INVALID_ARGUMENT" },
  }
  for _, row in ipairs(refusals) do
    it("refuses " .. row[1], function()
      local status, answer, _, text = example:post(row[2], row[3], row[4])
      assert.equal(row[5], status)
      assert.equal(row[6], answer.code)
      assert.is_nil(text:find(canary.accessToken, 1, true))
      assert.equal(0, #server:requests())
    end)
  end

  it("says all that is wrong with the words", function()
    local _, answer = example:post(asked { name = "x", levels = { "seriuos" } })
    assert.equal(2, #answer.problems)
  end)

  it("refuses what is too large", function()
    assert.equal(413, (example:post(asked { name = ("x"):rep(20000) })))
    assert.equal(0, #server:requests())
  end)

  local failures = {
    { "refusal", nil, 502, "NoPermission" },
    { "refusal", { value = "InvalidAccessKeyId.NotFound", status = 404 }, 500, "INTERNAL" },
    { "throttleduser", 30000, 503, "Throttling.User" },
    { "html", nil, 502, "BAD_REPLY" },
  }
  for _, row in ipairs(failures) do
    it(("turns %s into %d"):format(row[4], row[3]), function()
      for _ = 1, 4 do
        server:fault(row[1], row[2])
      end
      local status, answer, headers = example:post(asked())
      assert.equal(row[3], status)
      assert.equal(row[4], answer.code)
      assert.equal(row[3] == 503, headers["retry-after"] ~= nil)
    end)
  end

  it("turns two of the name into 409 with their Ids", function()
    assert.equal(201, (example:post(asked { name = "twice" })))
    local sas = require "aliyun.sas"
    local client = sas.new { endpoint = server.endpoint, caFile = server.caFile, accessKeyId = "testid",
      accessKeySecret = "testsecret", proxy = false }
    assert(client:createOrUpdateDingTalk { RuleActionName = "twice", SendUrl = WEBHOOK })
    client:close()
    local status, answer = example:post(asked { name = "twice" })
    assert.equal(409, status)
    assert.same({ "1001", "1002" }, { tostring(answer.ids[1]), tostring(answer.ids[2]) })
  end)

  it("turns a create whose fate is not known into 504 that says when to come again", function()
    server:fault("closed", { action = "CreateOrUpdateDingTalk" })
    local status, answer, headers = example:post(asked { name = "lost" })
    assert.equal(504, status)
    assert.equal("CONNECTION_LOST", answer.code)
    assert.is_true(tonumber(headers["retry-after"]) > 1800)
    assert.equal(504, (example:post(asked { name = "lost" }))) -- nor is it made twice
    assert.equal(0, #server:chatbots())
  end)

  it("logs drift, and no secret", function()
    local looking = assert(start(environment(server, { CHATBOT_DRIFT_SECONDS = "0.2" }), server.caFile))
    finally(function() looking:stop() end)
    assert.equal(201, (looking:post(asked { name = "drifts" })))
    server:reset() -- somebody deletes it
    shell.wait(function() return looking:log():find("drift: drifts is gone", 1, true) end, 60)
    assert.is_truthy(looking:log():find("drift: drifts is gone", 1, true))
    for _, example_log in ipairs { looking:log(), example:log() } do
      for _, secret in ipairs { canary.accessToken, "testsecret", TOKEN } do
        assert.is_nil(example_log:find(secret, 1, true))
      end
    end
  end)

  it("does not start without a token, a store, or keys", function()
    for name, changes in pairs {
      ["CHATBOT_TOKEN must be set"] = { CHATBOT_TOKEN = "(none)" }, ["16 characters"] = { CHATBOT_TOKEN = "short" },
      ["accessKeySecret"] = { ALIBABA_CLOUD_ACCESS_KEY_SECRET = "(none)" },
      ["endpoint"] = { CHATBOT_ENDPOINT = "http://example.org" },
    } do
      local made, log = start(environment(server, changes), server.caFile)
      if made then
        made:stop()
      end
      assert.is_nil(made, name)
      assert.is_truthy(log:find(name, 1, true), log)
    end
  end)
end)

describe("the README's lines for the example", function()
  it("install it, start it, and get 200 or 201", function()
    if missing or not rawget(_G, "jit") or child.run "command -v luarocks >/dev/null && command -v curl" == "" then
      return pending(missing or "runs once: with LuaJIT, LuaRocks and curl")
    end
    local readme = assert(shell.read(openresty.top() .. "/README.md"))
    local script = readme:match "<!%-%- run in nginx %-%->\n```sh\n(.-)```\n"
    local folder, port = shell.line 'mktemp -d "${TMPDIR:-/tmp}/aliyun-sas-spec.XXXXXXXX"', program.freePort()
    local chatbots = folder .. "/chatbots"
    finally(function()
      shell.run(("kill $(cat %s/logs/nginx.pid 2>/dev/null) 2>/dev/null"):format(chatbots))
      shell.wait(function() return not shell.exists(chatbots .. "/logs/nginx.pid") end, 60)
      shell.run("rm -rf -- " .. folder)
    end)
    -- a copy, since LuaRocks builds in the tree, and its workers may be somebody else's
    shell.run(("cd %s && cp -r lua src bin doc examples README.md LICENSE *.rockspec %s && chmod -R a+rX %s"):format(
      openresty.top(), folder, folder))
    shell.run(("sed -i 's/127.0.0.1:8080/127.0.0.1:%d/' %s/examples/openresty/nginx.conf"):format(port, folder))
    script = script:gsub("/srv/chatbots", chatbots):gsub("127%.0%.0%.1:8080", "127.0.0.1:" .. port)
      :gsub("lua5%.4", child.lua)
    -- as the section on installing says, since LuaRocks has no server here
    shell.write(folder .. "/luarocks.lua", 'rocks_provided = { argparse = "0.7.1-1" }\n')
    local env = ("PATH=%s HOME=%s LUAROCKS_CONFIG=%s/luarocks.lua SAS_RUN=%s"):format(shell.quote(os.getenv "PATH"),
      folder, folder, shell.quote(os.getenv "SAS_RUN" or ""))
    local text = child.run(("cd %s && env -i %s sh -c %s"):format(folder, env, child.quote(script)))
    local said = text .. "\n" .. (shell.read(chatbots .. "/logs/error.log") or "")
    assert.is_truthy(text:find('"action":"created"', 1, true), said)
    local codes = {}
    for code in ("\n" .. text .. "\n"):gmatch "\n(%d%d%d)%f[\n]" do
      codes[#codes + 1] = code
    end
    assert.equal("201 200", table.concat(codes, " "), said)
  end)
end)
