--- The gateway's half of both signatures: takes a request apart, builds the string to sign anew, compares.
--
-- The order in which a request is refused:
--   1. structure    the method; which signature; the fields that it needs; a known algorithm   (`read`)
--   2. key          the AccessKeyId is known and active; the security token belongs to it      (`verify`, from here)
--   3. timestamp    its form, then its age
--   4. signature
--   5. nonce        burnt by a request that came this far, remembered for 31 minutes
-- Version, action, permission and parameters come after all of these, in check.lua.
--
-- A problem is a table { code =, message = }; raised, so that each step can be a plain statement.

local digest = require "openssl.digest"
local hmac = require "openssl.hmac"
local text = require "aliyun.sas.emulator.text"

local M = {}

local function refuse(code, message) error({ code = code, message = message }, 0) end

M.refuse = refuse

local hex = text.hex

function M.sha256(bytes) return hex(digest.new("sha256"):final(bytes)) end

local base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64Of(bytes)
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local value = a * 65536 + (b or 0) * 256 + (c or 0)
    for shift = 3, 0, -1 do
      local index = math.floor(value / 64 ^ shift) % 64
      out[#out + 1] = base64:sub(index + 1, index + 1)
    end
    if not b then out[#out - 1] = "=" end
    if not c then out[#out] = "=" end
  end
  return table.concat(out)
end

-- V3, ACS3-HMAC-SHA256 ----------------------------------------------------------------------------------------

local algorithm = "ACS3-HMAC-SHA256"

local function authorization(value)
  local name, rest = value:match("^(%S+) +(.*)$")
  if name ~= algorithm then
    refuse("InvalidSignatureMethod", "The signature algorithm of Authorization is not supported.")
  end
  local id, names, signature = rest:match("^Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)$")
  if not id or #signature ~= 64 then
    refuse("IncompleteSignature", "The Authorization header does not have the form of " .. algorithm .. ".")
  end
  return id, names, signature
end

-- Headers that must be under the signature wherever they are present. A content-type without a body is let pass,
-- since HTTP libraries add one by themselves.
local function mustBeSigned(name, request)
  return name == "host" or name:sub(1, 6) == "x-acs-" or (name == "content-type" and (request.body or "") ~= "")
end

local function signedNames(list, request)
  local names, last = {}, ""
  for name in (list .. ";"):gmatch("([^;]*);") do
    if name ~= name:lower() or not text.before(last, name) then
      refuse("IncompleteSignature", "SignedHeaders are not in lower case, sorted and without repetition.")
    end
    if not request.headers[name] then
      refuse("IncompleteSignature", "The signed header " .. name .. " is not in the request.")
    end
    names[#names + 1], names[name], last = name, true, name
  end
  for name in pairs(request.headers) do
    if mustBeSigned(name, request) and not names[name] then
      refuse("IncompleteSignature", "The header " .. name .. " is not signed.")
    end
  end
  return names
end

-- A header that occurs twice has its values sorted and joined.
local function valueOf(header)
  if type(header) ~= "table" then return text.trim(tostring(header)) end
  local values = {}
  for i, value in ipairs(header) do values[i] = text.trim(value) end
  table.sort(values, text.before)
  return table.concat(values, ",")
end

local function single(request, name)
  local value = request.headers[name]
  return value ~= nil and valueOf(value) or nil
end

M.header = single

local needed = {
  ["x-acs-action"] = "Action", ["x-acs-version"] = "Version", ["x-acs-date"] = "x-acs-date",
  ["x-acs-content-sha256"] = "x-acs-content-sha256", ["host"] = "Host",
}

local function readV3(request, options)
  local id, list, signature = authorization(single(request, "authorization"))
  for name, called in pairs(needed) do
    if not single(request, name) then refuse("MissingParameter", called .. " is mandatory for this action.") end
  end
  local nonce = single(request, "x-acs-signature-nonce")
  if (nonce or "") == "" and options.nonce == "required" then
    refuse("MissingParameter", "x-acs-signature-nonce is mandatory for this action.")
  end
  return {
    kind = "v3", accessKeyId = id, signature = signature, names = signedNames(list, request), list = list,
    token = single(request, "x-acs-security-token"), date = single(request, "x-acs-date"), nonce = nonce,
    action = single(request, "x-acs-action"), version = single(request, "x-acs-version"), format = "JSON",
    parameters = request.parameters, window = options.dateWindow,
  }
end

--- The canonical request of V3, from what arrived and not from what the headers claim.
function M.canonicalRequest(request, names, list)
  local lines = {}
  for i, name in ipairs(names) do lines[i] = name .. ":" .. valueOf(request.headers[name]) .. "\n" end
  return table.concat({
    request.method, request.path, text.canonical(text.pairsOf(request.query)), table.concat(lines), list,
    M.sha256(request.body or ""),
  }, "\n")
end

local function matchV3(request, claim, secret)
  local toSign = algorithm .. "\n" .. M.sha256(M.canonicalRequest(request, claim.names, claim.list))
  local expected = hex(hmac.new(secret, "sha256"):final(toSign))
  local claimed = single(request, "x-acs-content-sha256")
  return text.same(claim.signature, expected) and text.same(claimed, M.sha256(request.body or "")), toSign
end

-- V1, RPC with HMAC-SHA1 --------------------------------------------------------------------------------------

local common = { "AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp" }

local fixed = { SignatureMethod = "HMAC-SHA1", SignatureVersion = "1.0" }

M.common = { Action = true, Version = true, Format = true, SecurityToken = true, SignatureType = true }
for _, name in ipairs(common) do M.common[name] = true end

local function readV1(request, options)
  local given = {}
  for _, pair in ipairs(request.parameters) do given[pair[1]] = pair[2] end
  for _, name in ipairs(common) do
    if (given[name] or "") == "" then refuse("IncompleteSignature", name .. " is mandatory for a signed request.") end
  end
  for name, value in pairs(fixed) do
    if given[name] ~= value then refuse("InvalidSignatureMethod", name .. " must be " .. value .. ".") end
  end
  for _, name in ipairs { "Action", "Version" } do
    if (given[name] or "") == "" then refuse("MissingParameter", name .. " is mandatory for this action.") end
  end
  return {
    kind = "v1", accessKeyId = given.AccessKeyId, signature = given.Signature, token = given.SecurityToken,
    date = given.Timestamp, nonce = given.SignatureNonce, action = given.Action, version = given.Version,
    format = given.Format, parameters = request.parameters, window = options.rpcWindow,
  }
end

local function matchV1(request, claim, secret)
  local signed = {}
  for _, pair in ipairs(claim.parameters) do
    if pair[1] ~= "Signature" then signed[#signed + 1] = pair end
  end
  local toSign = request.method .. "&%2F&" .. text.encode(text.canonical(signed))
  local expected = base64Of(hmac.new(secret .. "&", "sha1"):final(toSign))
  return text.same(claim.signature, expected), toSign
end

-- Both ---------------------------------------------------------------------------------------------------------

local readers = { v3 = readV3, v1 = readV1 }
local matchers = { v3 = matchV3, v1 = matchV1 }

local function kindOf(request)
  local given = single(request, "authorization")
  if given and given ~= "" then return "v3" end
  for _, pair in ipairs(request.parameters) do
    if M.common[pair[1]] and pair[1]:find("^Signature") or pair[1] == "AccessKeyId" then return "v1" end
  end
  refuse("IncompleteSignature", "The request is not signed: it has neither an Authorization header nor a Signature.")
end

local function formOf(request)
  local kind = single(request, "content-type")
  local form = not kind or kind:lower():find("^application/x%-www%-form%-urlencoded")
  return form and text.pairsOf(request.body) or {}
end

--- Query and form body together, in the order of the wire.
function M.parametersOf(request)
  local list = text.pairsOf(request.query)
  for _, pair in ipairs(formOf(request)) do list[#list + 1] = pair end
  return list
end

--- Step 1. What a request claims about itself. `request.parameters` must be there.
function M.read(request, options)
  if request.method ~= "GET" and request.method ~= "POST" then
    refuse("UnsupportedHTTPMethod", "This http method is not supported.")
  end
  return readers[kindOf(request)](request, options)
end

local function checkToken(key, token, now)
  if key.securityToken then
    if not token or token == "" then
      refuse("MissingSecurityToken", "SecurityToken is mandatory for this action.")
    end
  elseif not token or token == "" then
    return
  end
  if not text.same(token, key.securityToken or "") then
    refuse("InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.")
  end
  if key.expires and now >= key.expires then
    refuse("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
  end
end

local function keyOf(claim, options, now)
  for _, key in ipairs(options.accessKeys) do
    if key.accessKeyId == claim.accessKeyId then
      if key.inactive then refuse("InvalidAccessKeyId.Inactive", "Specified access key is disabled.") end
      checkToken(key, claim.token, now)
      return key
    end
  end
  refuse("InvalidAccessKeyId.NotFound", "Specified access key is not found.")
end

local function checkDate(claim, now)
  local date = text.epoch(claim.date)
  if not date then
    refuse("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
  end
  if math.abs(now - date) > claim.window then
    refuse("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
  end
end

-- Clients compare what follows the colon with their own string to sign: equal means that the secret is wrong.
local mismatch = "Specified signature is not matched with our calculation. server string to sign is:"

--- Steps 2 to 5. Answers the key; `burn(nonce)` answers false where the nonce was used before.
function M.verify(request, claim, options, now, burn)
  local nonce = claim.nonce and claim.nonce ~= "" and claim.accessKeyId .. "\n" .. claim.nonce
  local fresh = true
  if nonce and options.nonceBurnt == "seen" then fresh = burn(nonce) end
  local key = keyOf(claim, options, now)
  checkDate(claim, now)
  local good, toSign = matchers[claim.kind](request, claim, key.accessKeySecret)
  if not good then refuse("SignatureDoesNotMatch", mismatch .. toSign) end
  if nonce and options.nonceBurnt == "signed" then fresh = burn(nonce) end
  if not fresh then refuse("SignatureNonceUsed", "Specified signature nonce was used already.") end
  return key
end

return M
