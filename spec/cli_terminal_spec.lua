-- cli_terminal_spec.lua - the command line as processes: over TLS, in a terminal, behind a pipe, interrupted
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local emulator = require "aliyun.sas.emulator"
local shell = require "aliyun.sas.emulator.shell"

local quote = child.quote
local top = (debug.getinfo(1, "S").source:match "^@(.*)spec/cli_terminal_spec%.lua$" or "") .. "./"

local WEBHOOK = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

local function has(text, piece)
  assert.is_truthy(text:find(piece, 1, true), ("%q is not in %q"):format(piece, text))
end

describe("sas-dingtalk", function()
  local server, folder, command, printed

  setup(function()
    server = emulator.serve()
    folder = child.run "mktemp -d"
    local set = ("env -u ALIBABA_CLOUD_REGION_ID -u NO_COLOR -u COLUMNS -u no_proxy -u https_proxy HOME=%s TERM=xterm "
      .. "ALIBABA_CLOUD_ACCESS_KEY_ID=testid ALIBABA_CLOUD_ACCESS_KEY_SECRET=testsecret HOOK=%s "):format(
      quote(folder), quote(WEBHOOK))
    command = set .. child.command(top .. "bin/sas-dingtalk")
  end)
  teardown(function()
    server:stop()
    child.run("rm -rf " .. quote(folder))
  end)
  before_each(function()
    server:reset()
    printed = ""
  end)
  after_each(function()
    assert.is_nil(printed:find(canary.accessToken, 1, true))
    assert.is_nil(printed:find("testsecret", 1, true))
  end)

  local function keep(text)
    printed = printed .. text
    return text
  end

  -- A command line for the server.
  local function line(words)
    return ("%s --endpoint %s --ca-file %s %s"):format(command, server.endpoint, server.caFile, words)
  end

  -- Runs a line of the shell; what it prints, and behind it the status.
  local function run(text)
    return keep(child.run(text .. "; echo status $?"))
  end

  -- The same in a terminal of so many columns.
  local function in_terminal(columns, words, typed)
    return keep(child.run(("printf %s | script -qec %s /dev/null"):format(quote(typed or ""),
      quote(("stty columns %d -echo; %s; echo status $?"):format(columns, line(words))))))
  end

  local function put(name, more)
    return line(("put --name %s --send-url-env HOOK --config-type vul=all --groups 10417151 %s"):format(quote(name),
      more or ""))
  end

  local function write(name, text)
    shell.write(folder .. "/" .. name, text)
    return quote(folder .. "/" .. name)
  end

  it("creates over TLS, lists as JSON behind a pipe, and drifts with 2", function()
    local text = run(put "夜班" .. " && " .. line "list --output json" .. " | cat && " .. line "list" .. " | cat")
    has(text, 'created 1001 "夜班"')
    has(text, '"RuleActionName": "夜班"')
    has(text, "1001  on      夜班  10417151  vul\nstatus 0")
    assert.is_nil(text:find "\27")
    local file = write("drift.lua", 'return { { RuleActionName = "夜班", SendUrl = env "HOOK", '
      .. 'ConfigList = { hc = "all" }, GroupIdList = { 10417151 } } }')
    has(run(line("plan " .. file)), "1 to update, 0 to delete.\nstatus 2")
    has(run(line("apply --yes " .. file)), "1 updated.\nstatus 0")
    has(run(line("plan " .. file)), "status 0")
  end)

  it("refuses a certificate that it does not trust, and says so where there is no network", function()
    has(run(("%s --endpoint %s list"):format(command, server.endpoint)), "TLS_CERTIFICATE")
    local text = run(command .. " --endpoint https://localhost:1 --timeout 2 list")
    has(text, "COULDNT_CONNECT")
    has(text, "status 1")
    text = run(command .. " --endpoint https://localhost:1 --timeout 2 doctor")
    has(text, "status 1")
    has(text, "check the network")
  end)

  it("fits into a terminal, with colours, and asks there", function()
    child.run(put "告警机器人告警机器人告警机器人告警机器人" .. "; " .. put "on-call")
    local text = in_terminal(60, "list")
    has(text, "\27[32mon\27[0m")
    has(text, "…")
    local widths = require "aliyun.sas.terminal.width"
    for row in text:gsub("\27%[%d*m", ""):gmatch "[^\r\n]+" do
      assert.is_true(widths.of(row) <= 60, row)
    end
    assert.is_nil(in_terminal(60, "--color never list"):find "\27")
    text = in_terminal(80, "delete on-call", "no\n")
    has(text, "Type yes to go on: ")
    has(text, "nothing was changed")
    has(text, "status 1")
    assert.equal(2, #server:chatbots())
    local typescript = quote(folder .. "/typescript")
    local asked = ("{ for i in $(seq 1200); do grep -qs Type %s && break; sleep 0.05; done; "
      .. "printf '\\003'; } | script -qefc %s %s"):format(typescript, quote(line "delete on-call"), typescript)
    assert.matches("Type yes to go on: [^\n]*status 130", run(asked):gsub("%c+status", "status"))
    assert.equal(2, #server:chatbots())
    has(in_terminal(80, "delete on-call", "yes\n"), "deleted: 1")
    assert.equal(1, #server:chatbots())
  end)

  it("ends in silence when its reader goes", function()
    local text = keep(child.run(("bash -c %s"):format(quote(("{ sleep 1; %s; echo status $? >&2; } | true"):format(
      line "catalog")))))
    assert.equal("status 141", text)
    -- the same where SIGPIPE is ignored, as a parent may leave it
    text = keep(child.run(("bash -c %s"):format(quote(("trap '' PIPE; { sleep 1; %s; echo status $? >&2; } | true")
      :format(line "catalog")))))
    assert.equal("status 141", text)
    if shell.exists "/dev/full" then
      text = run(line "catalog >/dev/full")
      has(text, "cannot write the output")
      has(text, "status 1")
    end
  end)

  -- Starts a command of this shell, sends it a signal when the server has such a request, and tells how it ended.
  local function interrupted(words, action, signal)
    local go = quote(folder .. "/go")
    local pipe = io.popen(("{ %s & p=$!; until [ -e %s ]; do sleep 0.02; done; kill -%s $p; wait $p; echo status $?; "
      .. "rm %s; } 2>&1"):format(words, go, signal, go))
    shell.wait(function()
      for _, request in ipairs(server:requests()) do
        if request.action == action then
          return true
        end
      end
    end, 60)
    write("go", "")
    local text = pipe:read "*a"
    pipe:close()
    return keep((text:gsub("%s+$", "")))
  end

  it("ends quietly at Ctrl-C where it reads, and tells what became of what it writes", function()
    server:fault("silent")
    local began = os.time()
    assert.equal("status 130", interrupted(line "--timeout 300 list", "DescribeDingTalk", "INT"))
    assert.is_true(os.time() - began < 60)
    local file = write("two.lua", [[return {
      { RuleActionName = "ab", SendUrl = env "HOOK", ConfigList = { vul = "all" }, GroupIdList = { 10417151 } },
      { RuleActionName = "cd", SendUrl = env "HOOK", ConfigList = { vul = "all" }, GroupIdList = { 10417151 } },
    }]])
    for signal, number in pairs { INT = 130, TERM = 143, HUP = 129 } do
      server:reset()
      server:fault("delayed", { action = "CreateOrUpdateDingTalk", value = 2 })
      local text = interrupted(line("apply --yes --concurrency 1 " .. file), "CreateOrUpdateDingTalk", signal)
      has(text, "INTERRUPTED")
      has(text, "status " .. number)
      has(text, "1 created, 1 skipped.") -- read back, though nothing more is written
      assert.is_nil(text:find("could not be read back", 1, true))
      assert.equal(1, #server:chatbots()) -- the one whose answer was awaited
      has(run(line("apply --yes " .. file)), "status 0")
      assert.equal(2, #server:chatbots())
    end
  end)

  it("runs the emulator until Ctrl-C, and leaves nothing", function()
    local out = folder .. "/emulator.txt"
    for _, signal in ipairs { "INT", "TERM" } do
      local text = keep(child.run(("%s emulator >%s 2>/dev/null & p=$!; for i in $(seq 200); do sleep 0.3; "
        .. "grep -q list %s && break; done; %s $(sed -n \"s/^alias .*'sas-dingtalk \\(.*\\)'$/\\1/p\" %s) list; "
        .. "kill -%s $p; wait $p; "
        .. "echo status $?"):format(command, out, out, command, out, signal)))
      has(text, "There are no chatbots.")
      assert.is_truthy(text:find(signal == "INT" and "status 0" or "status 143", 1, true), text)
      local temporary = assert(shell.read(out)):match "--ca%-file (%S+)/ca.pem"
      assert.is_true(shell.wait(function() return not shell.exists(temporary .. "/settings.json") end, 60))
      child.run("rm -f " .. out)
    end
  end)

  it("completes in bash", function()
    local script = folder .. "/completion.bash"
    child.run(command .. " completion bash >" .. quote(script))
    local function completed(...)
      local words, last = { ... }, select("#", ...)
      local quoted = {}
      for i, word in ipairs(words) do
        quoted[i] = quote(word)
      end
      return child.run("bash -c " .. quote(("source %s; COMP_WORDS=(sas-dingtalk %s); COMP_CWORD=%d; "
        .. "_sas-dingtalk sas-dingtalk %s %s; echo ${COMPREPLY[@]}"):format(quote(script), table.concat(quoted, " "),
        last, quoted[last], quoted[last - 1] or "sas-dingtalk")))
    end
    assert.equal("plan", completed "pl")
    assert.equal("--profile --prune", completed("apply", "--pr"))
    assert.equal("table json", completed("list", "--output", ""))
    assert.equal("", completed "nosuch")
    for name, check in pairs { bash = "bash -n", zsh = "zsh -n", fish = "fish -n" } do
      if child.run("command -v " .. name) ~= "" then
        assert.equal("", child.run(("%s completion %s >%s && %s %s"):format(command, name, quote(script), check,
          quote(script))))
      end
    end
  end)
end)
