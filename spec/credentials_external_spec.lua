-- credentials_external_spec.lua - programs that print credentials, and how programs are run
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local external = require "aliyun.sas.credentials.external"
local providers = require "spec.support.providers"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

-- What a program has printed, which only the parsers of the core may see.
local function text_of(secret)
  return core.form { { "x", secret } }:sub(3)
end

describe("a command", function()
  local rows = {
    { "tool", "tool" },
    { "  tool  a\tb\n", "tool|a|b" },
    { [[tool "a b" 'c d']], "tool|a b|c d" },
    { [[tool "" '' x]], "tool|||x" },
    { [[tool a"b c"d'e f']], "tool|ab cde f" },
    { [["C:\Program Files\tool.exe" x]], [[C:\Program Files\tool.exe|x]] },
    { [[tool "say \"hi\"" "\\" "\$" "\a"]], [[tool|say "hi"|\|$|\a]] },
    { [[tool 'a\b"c']], [[tool|a\b"c]] },
    { [[tool a\ b \"c]], [[tool|a b|"c]] },
    { "tool $HOME `x` $(y) | z > f; rm *", "tool|$HOME|`x`|$(y)|||z|>|f;|rm|*" },
  }
  for _, row in ipairs(rows) do
    it(("is split as the SDKs do: %q"):format(row[1]), function()
      assert.equal(row[2], table.concat(assert(external.split(row[1])), "|"))
    end)
  end

  local wrong = {
    { "", "names no program" }, { "  \t\n", "names no program" }, { [[""]], "names no program" },
    { [['' x]], "names no program" }, { [[tool "a]], "quote that does not end" },
    { [[tool 'a]], "quote that does not end" }, { [[tool "a\"]], "quote that does not end" },
    { [[tool a\]], "ends with a backslash" },
  }
  for _, row in ipairs(wrong) do
    it(("is refused: %q"):format(row[1]), function()
      local words, why = external.split(row[1])
      assert.is_nil(words)
      assert.is_truthy(why:find(row[2], 1, true), why)
    end)
  end
end)

describe("system.run", function()
  it("answers what a program prints, as a secret", function()
    local secret = assert(system.run { "printf", "%s|", "a b", "$HOME", "*" })
    assert.equal("<secret 12 bytes>", tostring(secret))
    assert.equal(core.percent "a b|$HOME|*|", text_of(secret))
    assert.equal("<secret 0 bytes>", tostring(system.run { "true" }))
  end)

  it("finds programs in PATH and by their path", function()
    assert.is_truthy(system.run { "/bin/sh", "-c", "true" })
  end)

  it("gives a program no input, and none of its error output to anybody", function()
    local output = child.run(child.command("-e", [[
      local system = require "aliyun.sas.system"
      print(system.run { "sh", "-c", "cat; echo seen >&2" })]]))
    assert.equal("<secret 0 bytes>", output)
  end)

  it("gives a program none of its files", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    local secret = assert(system.run { "sh", "-c", "ls /dev/fd/ | wc -l" })
    file:close()
    os.remove(path)
    -- input, output, error output, and the folder that ls reads
    assert.is_true(tonumber((text_of(secret):gsub("%%%x%x", ""))) <= 4, text_of(secret))
  end)

  it("leaves no zombie, and the signals as they were", function()
    local output = child.run(child.command("-e", [[
      local system = require "aliyun.sas.system"
      for _ = 1, 20 do system.run { "true" } end
      system.run({ "sleep", "5" }, 0.05)
      system.run { "no such program" }
      local pipe = io.popen("ps -o stat= --ppid " .. system.pid() .. " | grep -c Z")
      print(pipe:read "*l")
      pipe:close()]]))
    assert.equal("0", output)
  end)

  local failing = {
    { "does not exist", { "no-such-program-here" }, "NOT_FOUND" },
    { "is no program", { "/dev/null" }, "PERMISSION" },
    { "ends with a status", { "sh", "-c", "echo x; exit 3" }, "EXIT", "status 3" },
    { "is killed", { "sh", "-c", "kill -9 $$" }, "EXIT", "signal 9" },
    { "takes too long", { "sleep", "60" }, "TIMEOUT" },
    { "has closed its output and takes too long", { "sh", "-c", "exec >/dev/null; sleep 60" }, "TIMEOUT" },
    { "has a child that takes too long", { "sh", "-c", "sleep 60 & wait" }, "TIMEOUT" },
    { "prints too much", { "sh", "-c", "yes" }, "TOO_LARGE" },
  }
  for _, row in ipairs(failing) do
    it("is an error where a program " .. row[1], function()
      local before = system.monotonic()
      local secret, err = system.run(row[2], row[3] == "TIMEOUT" and 0.3 or 60, 1000)
      assert.is_nil(secret)
      assert.equal("state", err.kind)
      assert.equal(row[3], err.code)
      assert.is_truthy(err.message:find(row[4] or "", 1, true))
      assert.is_true(system.monotonic() - before < 20)
    end)
  end

  it("takes what a program printed once it has ended, whatever it leaves running", function()
    local mark = ("60.%d%d"):format(system.pid(), math.floor(system.monotonic()))
    local before = system.monotonic()
    assert.equal("<secret 3 bytes>", tostring(system.run({ "sh", "-c", "sleep " .. mark .. " & echo hi" }, 60)))
    assert.equal("<secret 70000 bytes>", tostring(system.run({ "sh", "-c", "sleep " .. mark
      .. " & head -c 70000 /dev/zero" }, 60, 1e6)))
    local _, err = system.run({ "sh", "-c", "sleep " .. mark .. " & exit 3" }, 60)
    assert.equal("EXIT", err.code)
    assert.equal("<secret 3 bytes>", tostring(system.run({ "sh", "-c", "{ sleep 0.05; echo hi; } & exit 0" }, 60)))
    assert.is_true(system.monotonic() - before < 20)
    assert.equal("3", child.run("ps -eo args | grep -c '^sleep " .. mark .. "'"))
    child.run("ps -eo pid,args | sed -n 's/^ *\\([0-9]*\\) sleep " .. mark .. "$/\\1/p' | xargs kill")
  end)

  it("ends what a program has started, with it", function()
    local mark = ("97.%d%d"):format(system.pid(), math.floor(system.monotonic()))
    system.run({ "sh", "-c", "sleep " .. mark .. " & sleep " .. mark }, 0.2)
    local count
    for _ = 1, 600 do -- the system takes a moment to bury them
      count = child.run("ps -eo args | grep -c '^sleep " .. mark .. "'")
      if count == "0" then
        break
      end
      system.sleep(0.05)
    end
    assert.equal("0", count)
  end)

  local many = {}
  for i = 1, 257 do
    many[i] = "x"
  end
  local misuse = {
    {}, { {} }, { { "" } }, { { "a", 5 } }, { { "a\0b" } }, { "true" }, { many }, { { "true" }, -1 },
    { { "true" }, 1, 0 }, { { "true" }, 0 / 0 },
  }
  for i, arguments in ipairs(misuse) do
    it("raises for wrong arguments, " .. i, function()
      assert.has_error(function() system.run(arguments[1], arguments[2], arguments[3]) end)
    end)
  end
end)

describe("credentials of a program", function()
  local home, transport

  before_each(function()
    home = providers.home()
    providers.environment {}
    transport = providers.scripted { { 200, "" } }
  end)

  after_each(function()
    providers.restore()
    home.remove()
  end)

  local function program(text)
    return home.write("tool", "#!/bin/sh\n" .. text, "700")
  end

  local function answer(expiration, secret)
    return ([[cat <<'END'
{"mode":"StsToken","access_key_id":"%s","access_key_secret":"%s","sts_token":"%s"%s}
END
]]):format(canary.accessKeyId, secret or canary.accessKeySecret, canary.securityToken,
      expiration and ',"expiration":"' .. expiration .. '"' or "")
  end

  local function fetch(provider, changes)
    local held, more = sas.credentials.fetch(provider, providers.context(transport, changes))
    for _, secret in ipairs { canary.accessKeySecret, canary.securityToken } do
      assert.is_nil((tostring(held) .. tostring(more)):find(secret, 1, true))
    end
    return held, more
  end

  it("are kept until they end", function()
    local path = program(("echo x >>%s/runs\n"):format(home.path) .. answer(providers.date(transport.start + 3600)))
    local provider = sas.credentials.external { processCommand = path }
    for _ = 1, 3 do
      local held, expiry = fetch(provider)
      assert.equal(transport.start + 3600, expiry)
      local id, token = providers.shown(held)
      assert.equal(canary.accessKeyId, id)
      assert.equal(canary.securityToken, token)
    end
    assert.equal("1", child.run(("wc -l <%s/runs"):format(home.path)))
  end)

  it("are asked for each time where they have no end", function()
    local path = program(("echo x >>%s/runs\n"):format(home.path) .. answer())
    local provider = sas.credentials.external { processCommand = path }
    for _ = 1, 3 do
      assert.is_truthy((fetch(provider)))
    end
    assert.equal("3", child.run(("wc -l <%s/runs"):format(home.path)))
  end)

  local failing = {
    { "prints nothing", "true", "BAD_REPLY" },
    { "prints garbage", "echo " .. canary.accessKeySecret, "BAD_REPLY" },
    { "prints another mode", [[echo '{"mode":"OIDC"}']], "BAD_REPLY" },
    { "prints half", [[echo '{"mode":"AK","access_key_id":"a"}']], "BAD_REPLY" },
    { "prints what has ended", answer "2020-01-01T00:00:00Z", "EXPIRED" },
    { "prints a date that is none", answer "tomorrow", "BAD_REPLY" },
    { "fails", answer() .. "exit 1", "EXIT" },
    { "prints too much", "yes " .. canary.accessKeySecret, "TOO_LARGE" },
  }
  for _, row in ipairs(failing) do
    it("are an error where it " .. row[1], function()
      local held, err = fetch(sas.credentials.external { processCommand = program(row[2]) })
      assert.is_nil(held)
      assert.equal("credentials", err.kind)
      assert.equal(row[3], err.code)
    end)
  end

  it("are an error within the call's deadline where it hangs", function()
    local before = system.monotonic()
    local held, err = fetch(sas.credentials.external { processCommand = program "sleep 60" }, { deadline = 0.3 })
    assert.is_nil(held)
    assert.equal("TIMEOUT", err.code)
    assert.is_true(system.monotonic() - before < 20)
    held, err = fetch(sas.credentials.external { processCommand = program "sleep 60" }, { deadline = 0 })
    assert.is_nil(held)
    assert.equal("DEADLINE", err.code)
  end)

  for _, command in ipairs { "", "no-such-program-here", "'" } do
    it(("are an error with the command %q"):format(command), function()
      home.write(".aliyun/config.json", core.encode { current = "a",
        profiles = { { name = "a", mode = "External", process_command = command } } })
      providers.environment { HOME = home.path }
      local held, err = fetch(sas.credentials.profile())
      assert.is_nil(held)
      assert.equal("credentials", err.kind)
      assert.is_truthy(({ BAD_FILE = true, NOT_FOUND = true, BAD_COMMAND = true })[err.code], err.code)
    end)
  end

  it("are switched off by ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", function()
    for _, value in ipairs { "1", "true" } do
      providers.environment { ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS = value }
      local held, err = fetch(sas.credentials.external { processCommand = program("touch " .. home.path .. "/ran") })
      assert.is_nil(held)
      assert.equal("NO_CREDENTIALS", err.code)
      assert.is_nil(io.open(home.path .. "/ran"))
    end
  end)

  it("are not waited for by a worker of nginx, unless the transport stops it too", function()
    rawset(_G, "ngx", {})
    local provider = sas.credentials.external { processCommand = program(answer()) }
    local held, err = fetch(provider)
    transport.blocking = true
    local blocking = fetch(provider)
    rawset(_G, "ngx", nil)
    assert.is_nil(held)
    assert.equal("BLOCKING", err.code)
    assert.is_truthy(blocking)
  end)
end)
