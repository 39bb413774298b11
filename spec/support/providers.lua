-- providers.lua - what the specs of credentials share: a home folder, an environment, scripted answers, a context
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local files = require "spec.support.files"

local providers = {}

-- A folder for a home, with files in it; `remove` takes it away.
function providers.home(given)
  local home = { path = child.run("mktemp -d") }
  assert(home.path:find "^/")
  function home.write(name, text, mode)
    local path = home.path .. "/" .. name
    os.execute("mkdir -p " .. child.quote(path:match "^(.*)/"))
    files.write(path, text)
    os.execute(("chmod %s %s"):format(mode or "600", child.quote(path)))
    return path
  end
  function home.remove()
    os.execute("chmod -R u+rwx " .. child.quote(home.path) .. "; rm -rf " .. child.quote(home.path))
  end
  for name, text in pairs(given or {}) do
    home.write(name, text)
  end
  return home
end

local real = os.getenv

-- Puts an environment of these variables alone in the place of the real one, until `restore`.
function providers.environment(variables)
  os.getenv = function(name) return variables[name] end -- luacheck: ignore 122
end

function providers.restore()
  os.getenv = real -- luacheck: ignore 122
end

-- A transport that answers one after the other, the last for ever: outcomes, { status, body }, or functions of the
-- request. Its clock moves by its sleeps, and by `seconds` of an answer.
function providers.scripted(answers, start)
  local transport = { requests = {}, slept = {}, at = 0, start = start or 1795484954 }
  function transport.send(request)
    transport.requests[#transport.requests + 1] = request
    local answer = answers[math.min(#transport.requests, #answers)]
    if type(answer) == "function" then
      answer = answer(request, transport)
    end
    transport.at = transport.at + (answer.seconds or 0)
    if answer[1] then
      return { sent = true, status = answer[1], headers = {}, body = answer[2] }
    end
    return answer
  end
  function transport.now() return transport.start + transport.at end
  function transport.monotonic() return transport.at end
  function transport.sleep(seconds)
    transport.slept[#transport.slept + 1] = seconds
    transport.at = transport.at + seconds
  end
  return transport
end

-- What a client asks a provider with.
function providers.context(transport, changes)
  local context = {
    transport = transport, now = transport.now, monotonic = transport.monotonic, sleep = transport.sleep,
    deadline = transport.monotonic() + 60, warnings = {},
  }
  function context.warn(message, hint)
    context.warnings[#context.warnings + 1] = { message = message, hint = hint }
  end
  for name, value in pairs(changes or {}) do
    context[name] = value
  end
  return context
end

-- What credentials sign with: AccessKeyId and security token, as a request shows them.
function providers.shown(held)
  local signed = assert(core.sign {
    version = "v3", host = "h", action = "A", date = "2026-11-24T01:49:14Z", nonce = "n", credentials = held,
  })
  return signed.headers.authorization:match "Credential=([^,]*)", signed.headers["x-acs-security-token"]
end

function providers.date(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
end

-- An answer of STS, with credentials that live for so many seconds from `now`.
function providers.sts(now, seconds, id, secret, token)
  return ('{"RequestId":"R","Credentials":{"AccessKeyId":"%s","AccessKeySecret":"%s","SecurityToken":"%s",'
    .. '"Expiration":"%s"}}'):format(id or "STS.id", secret or "STS.secret", token or "STS.token",
    providers.date(now + seconds))
end

-- The same of the metadata service and of a URI.
function providers.flat(now, seconds, id, secret, token)
  return ('{"Code":"Success","AccessKeyId":"%s","AccessKeySecret":"%s","SecurityToken":"%s","Expiration":"%s"}')
    :format(id or "STS.id", secret or "STS.secret", token or "STS.token", providers.date(now + seconds))
end

return providers
