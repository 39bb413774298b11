--- sas-dingtalk emulator

local number = require "aliyun.sas.cli.number"
local runs = require "aliyun.sas.cli.run"
local sas = require "aliyun.sas"

local KEYS = { accessKeyId = "testid", accessKeySecret = "testsecret" } -- the emulator's, and good for nothing else

-- What is said where another program is missing is said without the place in the code.
local function told(err)
  return (tostring(err):gsub("^.-emulator%.serve: ", "", 1))
end

local function serve(run)
  local loaded, emulator = pcall(require, "aliyun.sas.emulator")
  if not loaded then
    runs.fail("state", "NOT_FOUND", tostring(emulator):match "^[^\n]*")
  end
  local good, server = pcall(emulator.serve, { port = run.args.port, lifetime = run.args.lifetime })
  if not good and tostring(server):find("Address already in use", 1, true) then
    -- nginx says so for each of its tries
    runs.fail("state", "EMULATOR", ("the port %s is in use"):format(run.args.port or "that was free"),
      "give another --port, or none for a free one")
  elseif not good then
    runs.fail("state", "EMULATOR", told(server), "the emulator needs nginx with its Lua module, and luaossl")
  end
  return server
end

local function fill(server)
  local sample = require "aliyun.sas.emulator.sample"
  local client = sas.new {
    endpoint = server.endpoint, caFile = server.caFile, accessKeyId = KEYS.accessKeyId,
    accessKeySecret = KEYS.accessKeySecret, proxy = false,
  }
  local good, err = sample.fill(client)
  client:close()
  runs.must(good, err)
end

-- An alias, since no variable of the environment can name an endpoint: one could send keys anywhere.
local TEXT = [[
# The emulated service runs at %s. In another terminal:
export ALIBABA_CLOUD_ACCESS_KEY_ID=%s ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
alias sas-dingtalk='sas-dingtalk --endpoint %s --ca-file %s'
sas-dingtalk list
]]

local function show(console, server)
  if console.json then
    return console:value {
      endpoint = server.endpoint, caFile = server.caFile, accessKeyId = KEYS.accessKeyId,
      accessKeySecret = KEYS.accessKeySecret,
    }
  end
  console:text(TEXT:format(server.endpoint, KEYS.accessKeyId, KEYS.accessKeySecret, server.endpoint, server.caFile))
  console:say "Ctrl-C ends it."
end

-- The folder goes where nginx ends by itself.
local function is_there(server)
  local file = io.open(server.caFile)
  if file then
    file:close()
  end
  return file ~= nil
end

local function wait(run, server)
  while not run.host.interrupted() do
    if not is_there(server) then
      return run.console:say "The emulator has ended: its lifetime is over."
    end
    run.host.sleep(0.1)
  end
  run.console:say "The emulator has ended; in the other terminal: unalias sas-dingtalk"
end

return {
  name = "emulator", summary = "Run the emulated service, for trying out.",
  description = "Run the emulated service over TLS on the loopback interface until Ctrl-C, and print how to reach it.",
  operations = {},
  examples = { "sas-dingtalk emulator --sample", "sas-dingtalk emulator --port 8443 --output json" },
  define = function(parser)
    parser:option("--port", "Port (a free one)."):argname "N":convert(number.from(0, 65535))
    parser:option("--lifetime", "Seconds after which it ends by itself."):argname "SECONDS"
      :convert(number.from(1)):default "86400"
    parser:flag("--sample", "Begin with a few chatbots.")
  end,
  run = function(run)
    run.host.hold(true, true) -- before the start, so that nothing is left behind; nginx would hold SIGTERM, too
    local server = serve(run)
    local good, err = pcall(function()
      if run.args.sample then
        fill(server)
      end
      show(run.console, server)
      wait(run, server)
    end)
    server:stop()
    if not good then
      error(err, 0)
    end
  end,
}
