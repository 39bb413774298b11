--- A client for the emulator's specs: the shortest signer that does the job, and the calls that specs make.

local digest = require "openssl.digest"
local dkjson = require "dkjson"
local hmac = require "openssl.hmac"

local M = {}

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

function M.encode(value)
  return (tostring(value):gsub("[^A-Za-z0-9%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function joined(parameters)
  local names, out = {}, {}
  for name in pairs(parameters) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do out[i] = M.encode(name) .. "=" .. M.encode(parameters[name]) end
  return table.concat(out, "&")
end

M.joined = joined

local count = 0

local function fresh()
  count = count + 1
  return ("nonce-%d-%d-%s"):format(os.time(), count, tostring({}):gsub("%W", ""))
end

local function stamp(time)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", time)
end

--- Signs whatever the request holds, so that a spec can spoil it first.
function M.sign(request, id, secret)
  local names, lines = {}, {}
  for name in pairs(request.headers) do
    if name == "host" or name == "content-type" or name:find("^x%-acs%-") then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do lines[i] = name .. ":" .. request.headers[name] .. "\n" end
  local signed = table.concat(names, ";")
  local canonical = table.concat({
    request.method, request.path, request.query, table.concat(lines), signed,
    hex(digest.new("sha256"):final(request.body)),
  }, "\n")
  local toSign = "ACS3-HMAC-SHA256\n" .. hex(digest.new("sha256"):final(canonical))
  request.headers.authorization = ("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s"):format(
    id or "testid", signed, hex(hmac.new(secret or "testsecret", "sha256"):final(toSign)))
  return request
end

--- A signed request. `with`: time, id, secret, token, method, body (a table: a form), headers, path, version, nonce.
function M.request(action, parameters, with)
  with = with or {}
  local form = with.body and joined(with.body) or ""
  local headers = {
    host = "tds.example", ["x-acs-action"] = action, ["x-acs-version"] = with.version or "2018-12-03",
    ["x-acs-date"] = with.date or stamp(with.time or os.time()), ["x-acs-signature-nonce"] = with.nonce or fresh(),
    ["x-acs-content-sha256"] = hex(digest.new("sha256"):final(form)), ["x-acs-security-token"] = with.token,
    ["content-type"] = form ~= "" and "application/x-www-form-urlencoded" or nil,
  }
  for name, value in pairs(with.headers or {}) do headers[name] = value or nil end
  local request = {
    method = with.method or "POST", scheme = "https", host = "tds.example", port = 443, path = with.path or "/",
    query = joined(parameters or {}), headers = headers, body = form,
  }
  return M.sign(request, with.id, with.secret)
end

--- Makes the call through `handle`; answers the decoded body and the status.
function M.call(service, action, parameters, with)
  local status, _, body = service:handle(M.request(action, parameters, with))
  return dkjson.decode(body), status
end

M.webhook = "https://oapi.dingtalk.com/robot/send?access_token=0123"

--- The parameters of a small, good chatbot, with changes; a change to false takes the parameter away.
function M.chatbot(changes)
  local parameters = { RuleActionName = "night watch", SendUrl = M.webhook }
  for name, value in pairs(changes or {}) do parameters[name] = value or nil end
  return parameters
end

return M
