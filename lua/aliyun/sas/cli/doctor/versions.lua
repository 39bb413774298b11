--- What doctor says of the program and the libraries below it.

local core = require "aliyun.sas.core"
local system = require "aliyun.sas.system"

local LEAST_CURL, LEAST_OPENSSL = { 7, 80 }, { 3, 0 }

-- The first two numbers of a version as texts tell it, behind a word.
local function numbers_of(text, word)
  local major, minor = text:match(word .. "[/ ](%d+)%.(%d+)")
  return tonumber(major), tonumber(minor)
end

local function is_old(text, word, least)
  local major, minor = numbers_of(text, word)
  return major ~= nil and (major < least[1] or major == least[1] and minor < least[2])
end

-- Modules of two installations side by side do not fit each other.
local function module(patient, http)
  local found = {}
  for _, part in ipairs { { "core", core }, { "http", http }, { "system", system } } do
    if part[2] and part[2]._VERSION ~= core._VERSION then
      found[#found + 1] = part[1] .. " " .. tostring(part[2]._VERSION)
    end
  end
  if #found == 0 then
    return patient:note("aliyun-sas", "good", core._VERSION)
  end
  patient:note("aliyun-sas", "bad", ("core %s, but %s"):format(core._VERSION, table.concat(found, ", ")),
    "install it again, and look for an older copy in the folders of package.cpath")
end

local function libcurl(patient, http)
  if type(http) ~= "table" then
    return patient:note("libcurl", "bad", "aliyun.sas.http cannot be loaded: " .. tostring(http):match "^[^\n]*",
      "install libcurl 7.80 or newer (Debian: libcurl4), then aliyun-sas again")
  end
  local text = http.version()
  local shown = text:match "^%S+ %S+" or text
  if is_old(text, "libcurl", LEAST_CURL) then
    return patient:note("libcurl", "bad", shown, "install libcurl 7.80 or newer: older ones may send a request twice")
  end
  patient:note("libcurl", "good", shown)
end

local function openssl(patient, text)
  if is_old(text, "OpenSSL", LEAST_OPENSSL) then
    return patient:note("OpenSSL", "bad", text, "install OpenSSL 3, then aliyun-sas again")
  end
  patient:note("OpenSSL", "good", text)
end

--- Notes the versions.
return function(patient)
  local below = core.versions()
  local jit = rawget(_G, "jit")
  local loaded, http = pcall(require, "aliyun.sas.http")
  patient:note("Lua", "good", jit and jit.version or _VERSION)
  module(patient, loaded and http or nil)
  libcurl(patient, http)
  openssl(patient, below.openssl)
  patient:note("cJSON", "good", below.cjson)
  local good, argparse = pcall(require, "argparse")
  patient:note("argparse", "good", good and type(argparse) == "table" and argparse.version or "loaded")
end
