--- The same signed request in plain Lua, with luaossl and dkjson: what one would write without this module.
-- SPDX-License-Identifier: MIT
--
-- It checks nothing and masks nothing. Specification: "V3 request structure and signature" of Alibaba Cloud.

local digest = require "openssl.digest"
local hmac = require "openssl.hmac"
local json = require "dkjson"

local M = {}

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function sha256(text)
  return hex(digest.new("sha256"):final(text))
end

local function encode(text)
  return (tostring(text):gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function pairs_sorted(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  local i = 0
  return function()
    i = i + 1
    return names[i], t[names[i]]
  end
end

--- The signed request: { query =, headers = }.
function M.sign(keys, host, action, params, date, nonce)
  local sent = {}
  for name, value in pairs(params) do
    sent[name] = type(value) == "table" and json.encode(value) or value
  end
  local query = {}
  for name, value in pairs_sorted(sent) do
    query[#query + 1] = encode(name) .. "=" .. encode(value)
  end
  query = table.concat(query, "&")

  local body_hash = sha256("")
  local headers = {
    host = host,
    ["x-acs-action"] = action,
    ["x-acs-content-sha256"] = body_hash,
    ["x-acs-date"] = date,
    ["x-acs-signature-nonce"] = nonce,
    ["x-acs-version"] = "2018-12-03",
  }
  local lines, names = {}, {}
  for name, value in pairs_sorted(headers) do
    lines[#lines + 1] = name .. ":" .. value .. "\n"
    names[#names + 1] = name
  end
  names = table.concat(names, ";")
  local canonical = table.concat({ "POST", "/", query, table.concat(lines), names, body_hash }, "\n")
  local to_sign = "ACS3-HMAC-SHA256\n" .. sha256(canonical)
  local signature = hex(hmac.new(keys.accessKeySecret, "sha256"):final(to_sign))
  headers.authorization = ("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s"):format(
    keys.accessKeyId, names, signature)
  return { query = query, headers = headers }
end

return M
