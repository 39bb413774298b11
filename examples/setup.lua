-- setup.lua - what the examples share: a client from the arguments and the environment, and the end of a script
-- SPDX-License-Identifier: MIT

local sas = require "aliyun.sas"

local setup = {}

local script = arg[0]:match "([^/]+)%.lua$" or arg[0]

-- The value of a variable of the environment, or nil.
local function set(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- The result of a call; its error object goes to setup.run.
function setup.must(result, err)
  if result == nil then
    error(err, 0)
  end
  return result
end

-- A client. Without an endpoint: for the real service, with ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID and
-- ALIBABA_CLOUD_ACCESS_KEY_SECRET. With one: for that host, such as https://localhost:8443, without a proxy, and with
-- the emulator's keys where the environment has none. `further` has more settings.
function setup.connect(endpoint, ca_file, further)
  local settings = {
    onWarning = function(warning)
      io.stderr:write(("warning: %s %s\n"):format(warning.path, warning.message))
    end,
  }
  for name, value in pairs(further or {}) do
    settings[name] = value
  end
  if endpoint then
    settings.endpoint, settings.caFile, settings.proxy = endpoint, ca_file, false
    if not set "ALIBABA_CLOUD_ACCESS_KEY_ID" then
      settings.accessKeyId, settings.accessKeySecret = "testid", "testsecret"
    end
  end
  return sas.new(settings)
end

-- The robot's URL, from DINGTALK_WEBHOOK: it is a secret, and so it is no argument. The documentation's example will do
-- for an endpoint.
function setup.webhook(endpoint)
  local webhook = set "DINGTALK_WEBHOOK" or endpoint and "https://oapi.dingtalk.com/robot/send?access_token=XXX"
  if not webhook then
    error("set DINGTALK_WEBHOOK to the webhook URL of the DingTalk robot", 0)
  end
  return webhook
end

-- Runs a script. Exit status: 0, or 1 with the error on stderr.
function setup.run(main, ...)
  local good, err = pcall(main, ...)
  if good then
    return
  end
  io.stderr:write(script, ": ", tostring(err), "\n")
  if type(err) == "table" and err.requestId then
    io.stderr:write("RequestId: ", err.requestId, "\n")
  end
  os.exit(1)
end

return setup
