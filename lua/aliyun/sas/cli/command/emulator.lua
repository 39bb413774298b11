--- sas-dingtalk emulator

local number = require "aliyun.sas.cli.number"
local runs = require "aliyun.sas.cli.run"

local function serve(run)
  local loaded, emulator = pcall(require, "aliyun.sas.emulator")
  if not loaded then
    runs.fail("state", "NOT_FOUND", (tostring(emulator):gsub("^.-: ", "", 0)))
  end
  local good, server = pcall(emulator.serve, { port = run.args.port, lifetime = run.args.lifetime })
  if not good then
    runs.fail("state", "EMULATOR", (tostring(server):gsub("^[^\n]-emulator%.serve: ", "")))
  end
  return server
end

local function show(console, server)
  if console.json then
    return console:value {
      endpoint = server.endpoint, caFile = server.caFile, accessKeyId = "testid", accessKeySecret = "testsecret",
    }
  end
  console:text(("export ALIBABA_CLOUD_ACCESS_KEY_ID=testid ALIBABA_CLOUD_ACCESS_KEY_SECRET=testsecret\n"
    .. "sas-dingtalk --endpoint %s --ca-file %s list\n"):format(server.endpoint, server.caFile))
  console:say "The emulator runs until Ctrl-C."
end

local function wait(run)
  while not run.host.interrupted() do
    run.host.sleep(0.1)
  end
end

return {
  name = "emulator", summary = "Run the emulated service, for trying out.",
  description = "Run the emulated service over TLS on the loopback interface until Ctrl-C, and print how to reach it.",
  examples = { "sas-dingtalk emulator", "sas-dingtalk emulator --port 8443" },
  define = function(parser)
    parser:option("--port", "Port (a free one)."):argname "N":convert(number.from(0))
    parser:option("--lifetime", "Seconds after which it ends by itself (86400)."):argname "SECONDS"
      :convert(number.from(1)):default "86400"
  end,
  run = function(run)
    local server = serve(run)
    run.host.hold(true)
    local good, err = pcall(function()
      show(run.console, server)
      wait(run)
    end)
    server:stop()
    if not good then
      error(err, 0)
    end
  end,
}
