--- Keys and certificates made on the spot: a CA, and a server certificate that is good or bad in one way.

local altname = require "openssl.x509.altname"
local bignum = require "openssl.bignum"
local extension = require "openssl.x509.extension"
local name = require "openssl.x509.name"
local pkey = require "openssl.pkey"
local rand = require "openssl.rand"
local x509 = require "openssl.x509"

local M = {}

local day = 86400

local function serial()
  local number = bignum.new(0)
  for _, byte in ipairs { rand.bytes(15):byte(1, -1) } do number = number * 256 + byte end
  return number
end

local function newKey() return pkey.new { type = "EC", curve = "prime256v1" } end

local function named(common)
  local made = name.new()
  made:add("O", "Emulator of a test")
  made:add("CN", common)
  return made
end

local function draft(subject, key, from, to)
  local cert = x509.new()
  cert:setVersion(3)
  cert:setSerial(serial())
  cert:setSubject(named(subject))
  cert:setPublicKey(key)
  cert:setLifetime(from, to)
  return cert
end

local function authority(common)
  local key, now = newKey(), os.time()
  local cert = draft(common, key, now - day, now + day)
  cert:setIssuer(named(common))
  cert:setBasicConstraints { CA = true }
  cert:setBasicConstraintsCritical(true)
  cert:addExtension(extension.new("keyUsage", "critical,keyCertSign,cRLSign"))
  cert:sign(key, "sha256")
  return { key = key, cert = cert, name = named(common) }
end

local function namesOf(kind)
  local names = altname.new()
  if kind == "wronghost" then
    names:add("DNS", "somewhere-else.invalid")
  else
    names:add("DNS", "localhost")
    names:add("IP", "127.0.0.1")
    names:add("IP", "::1")
  end
  return names
end

local function leaf(kind, issuer)
  local key, now = newKey(), os.time()
  local from, to = now - day, now + day
  if kind == "expired" then from, to = now - 3 * day, now - day end
  local cert = draft("Emulator server", key, from, to)
  cert:setIssuer(kind == "selfsigned" and named("Emulator server") or issuer.name)
  cert:setBasicConstraints { CA = false }
  cert:setBasicConstraintsCritical(true)
  cert:addExtension(extension.new("extendedKeyUsage", "serverAuth"))
  cert:setSubjectAlt(namesOf(kind))
  cert:sign(kind == "selfsigned" and key or issuer.key, "sha256")
  return { key = key, cert = cert }
end

M.kinds = { good = true, wronghost = true, expired = true, selfsigned = true, otherca = true }

--- PEM texts: `ca` to trust, `certificate` and `key` for the server.
function M.make(kind)
  local trusted = authority("Emulator CA")
  local issuer = kind == "otherca" and authority("Another CA") or trusted
  local server = leaf(kind, issuer)
  return {
    ca = trusted.cert:toPEM(), certificate = server.cert:toPEM(), key = server.key:toPEM("private"),
  }
end

return M
