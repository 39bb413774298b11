-- sas_dingtalk.lua - runs the command line in a process of its own, in an environment of its own
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local files = require "spec.support.files"

local sas_dingtalk = {}

-- No file of whoever runs this, and no metadata service, is asked for keys.
local BARE = "env -i PATH=\"$PATH\" HOME=/nonexistent ALIBABA_CLOUD_ECS_METADATA_DISABLED=true "

local KEYS = { ALIBABA_CLOUD_ACCESS_KEY_ID = "testid", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "testsecret" }

sas_dingtalk.keys = KEYS
sas_dingtalk.webhook = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

-- The shell command for it, with these variables.
function sas_dingtalk.command(env, ...)
  local words = { BARE }
  for name, value in pairs(env or {}) do
    words[#words + 1] = name .. "=" .. child.quote(value)
  end
  words[#words + 1] = child.command("bin/sas-dingtalk", ...)
  return table.concat(words, " ")
end

-- Runs it; answers its status, its output and its errors. `given` has `env`, and `input` for its standard input.
function sas_dingtalk.run(given, ...)
  local folder = child.run "mktemp -d"
  files.write(folder .. "/in", given.input or "")
  local streams = ("<%s/in >%s/out 2>%s/err"):format(folder, folder, folder)
  local line = ("%s %s; echo $?"):format(sas_dingtalk.command(given.env, ...), streams)
  local status = tonumber(child.run(line))
  local out, err = assert(files.read(folder .. "/out")), assert(files.read(folder .. "/err"))
  os.execute("rm -rf " .. folder)
  for _, secret in ipairs { canary.accessToken, canary.accessKeySecret, "testsecret" } do
    assert(given.secrets or not (out .. err):find(secret, 1, true), "a secret is shown")
  end
  return status, out, err
end

-- The findings of doctor by their check, each a list, and the status.
function sas_dingtalk.doctor(env, ...)
  local status, out, err = sas_dingtalk.run({ env = env }, "--output", "json", "doctor", ...)
  local list = assert(core.json(out), out .. err)
  local by_check = {}
  for _, finding in ipairs(list) do
    by_check[finding.check] = by_check[finding.check] or {}
    table.insert(by_check[finding.check], finding)
  end
  return by_check, status, list
end

return sas_dingtalk
