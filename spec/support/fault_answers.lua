-- fault_answers.lua - plays the script of the fault server's folder to each request; runs in nginx
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local folder = ngx.var.fault_folder

ngx.req.read_body()
local body = ngx.req.get_body_data() or ""
local headers = ngx.req.get_headers(0)

-- Nothing of the request itself, which holds a signature and a webhook.
local log = io.open(folder .. "/requests.log", "a")
log:write(("%s %s %s %s %d\n"):format(ngx.var.connection, ngx.var.connection_requests,
  headers["x-acs-action"] or "-", headers["x-acs-signature-nonce"] or "-", #body))
log:close()

local function good()
  local text = '{"RequestId":"76975B7A-34DC-5CB6-9538-91700D4F112E"}'
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Content-Length"] = #text
  ngx.print(text)
end

local steps = {}

function steps.times(socket, step)
  for _ = 1, step.times do
    if not socket:send(step.text) then
      return
    end
  end
end

function steps.pause(socket, step)
  for i = 1, #step.text do
    if not socket:send(step.text:sub(i, i)) then
      return
    end
    ngx.sleep(step.pause)
  end
end

function steps.sleep(_, step)
  ngx.sleep(step.sleep)
end

local function take(socket, step)
  if type(step) == "string" then
    return socket:send(step)
  end
  for name, act in pairs(steps) do
    if step[name] then
      act(socket, step)
    end
  end
end

local script = dofile(folder .. "/script.lua")
if not script.played or (script.reused and tonumber(ngx.var.connection_requests) == 1) then
  return good()
elseif script.reset then
  return ngx.exec("/-reset-") -- only there nginx sends a reset instead of an orderly end
elseif script.silent then
  return ngx.sleep(script.silent)
end
local socket = assert(ngx.req.socket(true))
for _, step in ipairs(script) do
  take(socket, step)
end
ngx.exit(ngx.OK)
