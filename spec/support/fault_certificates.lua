-- fault_certificates.lua - certificates that are bad in one way each, made on the spot
-- SPDX-License-Identifier: MIT
--
--   fault_certificates.write(folder)   KIND.crt (the chain that a server shows) and KIND.key for each kind, ca.crt

local altname = require "openssl.x509.altname"
local bignum = require "openssl.bignum"
local extension = require "openssl.x509.extension"
local files = require "spec.support.files"
local pkey = require "openssl.pkey"
local rand = require "openssl.rand"
local x509 = require "openssl.x509"
local x509name = require "openssl.x509.name"

local certificates = {}

local DAY = 86400
local HOST = "localhost"
local NAMES = { HOST, "127.0.0.1", "sas.example" }
local ELSEWHERE = { "elsewhere.example" }

local function serial()
  local number = bignum.new(0)
  for _, byte in ipairs { rand.bytes(8):byte(1, -1) } do
    number = number * 256 + byte
  end
  return number
end

local function alternatives(names)
  local list = altname.new()
  for _, name in ipairs(names) do
    list:add(name:find "^%d+%.%d+%." and "IP" or "DNS", name)
  end
  return list
end

-- Without an issuer it signs itself. `extensions` are { name, value, ... } in OpenSSL's own words.
local function make(subject, options)
  local key = pkey.new(options.rsa and { type = "RSA", bits = 2048 } or { type = "EC", curve = "prime256v1" })
  local made, issuer, name = x509.new(), options.issuer, x509name.new():add("CN", subject)
  made:setVersion(3)
  made:setSerial(serial())
  made:setSubject(name)
  made:setIssuer(issuer and issuer.certificate:getSubject() or name)
  made:setLifetime(os.time() + (options.from or -1) * DAY, os.time() + (options.to or 1) * DAY)
  made:setPublicKey(key)
  made:addExtension(extension.new("basicConstraints", options.ca and "critical,CA:TRUE" or "CA:FALSE"))
  if options.names then
    made:setSubjectAlt(alternatives(options.names))
  end
  for _, one in ipairs(options.extensions or {}) do
    made:addExtension(extension.new(one[1], one[2], one[3]))
  end
  made:sign(issuer and issuer.key or key, "sha256")
  return { certificate = made, key = key }
end

-- A SubjectAltName by its bytes: one DNS name that a C string function reads as "localhost".
local function name_with_nul()
  local name = HOST .. "\0.elsewhere.example"
  local inner = "\130" .. string.char(#name) .. name
  return { "subjectAltName", "DER", "\48" .. string.char(#inner) .. inner }
end

-- kind = a leaf, and what stands between it and the root
local function leaves(root)
  local stranger = make("Stranger CA", { ca = true })
  local between = make("Intermediate CA", { ca = true, issuer = root })
  local no_authority = make("No CA", { issuer = root, names = { "no-authority.example" } })
  local limited = make("Limited CA", {
    ca = true, issuer = root, extensions = { { "nameConstraints", "critical,permitted;DNS:elsewhere.example" } },
  })
  local large = make("Large", { issuer = root, extensions = { { "nsComment", ("x"):rep(200 * 1024) } } })
  local function leaf(issuer, options, ...)
    options = options or {}
    options.issuer, options.names = issuer, options.names or NAMES
    if #options.names == 0 then
      options.names = nil
    end
    return { make(options.subject or HOST, options), ... }
  end
  return {
    good = leaf(root),
    rsa = leaf(root, { rsa = true }),
    whole = leaf(between, nil, between),
    missing = leaf(between),
    expired = leaf(root, { from = -10, to = -2 }),
    future = leaf(root, { from = 2, to = 10 }),
    selfsigned = leaf(nil),
    stranger = leaf(stranger, nil, stranger),
    wronghost = leaf(root, { subject = "elsewhere.example", names = ELSEWHERE }),
    noaddress = leaf(root, { names = { HOST } }),
    cnonly = leaf(root, { names = ELSEWHERE }),
    nul = leaf(root, { subject = "elsewhere.example", names = {}, extensions = { name_with_nul() } }),
    noauthority = leaf(no_authority, nil, no_authority),
    limited = leaf(limited, nil, limited),
    forclients = leaf(root, { extensions = { { "extendedKeyUsage", "clientAuth" } } }),
    forlists = leaf(root, { extensions = { { "keyUsage", "critical,cRLSign" } } }),
    large = leaf(root, nil, large),
  }
end

function certificates.write(folder)
  local root = make("Fault CA", { ca = true })
  for kind, chain in pairs(leaves(root)) do
    local text = {}
    for i, one in ipairs(chain) do
      text[i] = one.certificate:toPEM()
    end
    files.write(("%s/%s.crt"):format(folder, kind), table.concat(text))
    files.write(("%s/%s.key"):format(folder, kind), chain[1].key:toPEM "private")
  end
  files.write(folder .. "/ca.crt", root.certificate:toPEM())
  files.write(folder .. "/empty.crt", "")
  files.write(folder .. "/garbage.crt", "this is no certificate\n")
end

return certificates
