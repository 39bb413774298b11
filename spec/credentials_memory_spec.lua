-- credentials_memory_spec.lua - a key that stands in a file is nowhere in memory once its client is closed
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local providers = require "spec.support.providers"

local KEYS = { accessKeyId = "access_key_id", accessKeySecret = "access_key_secret" }

-- This process' own memory can be read by its ancestors, and a sanitizer keeps what was freed.
local function possible()
  if child.run "uname -s" ~= "Linux" or child.run "perl -MIPC::Open2 -e 'print 1'" ~= "1" then
    return nil, "needs Linux and Perl"
  elseif os.getenv "ASAN_OPTIONS" or (os.getenv "LD_PRELOAD" or "") ~= "" or child.lua:find "valgrind" then
    return nil, "another allocator keeps what is freed"
  end
  local probe = providers.home { secret = "a text of some length" }
  local output = child.run(("perl spec/support/memory_scan.pl %s/secret sh -c 'echo a; read b'"):format(probe.path))
  probe.remove()
  if not output:match "^a %d+$" then
    return nil, "the memory of a process cannot be read here"
  end
  return true
end

describe("a key that stands in a file", function()
  local good, why = possible()
  if not good then
    pending(why)
    return
  end

  local home

  before_each(function()
    home = providers.home { secret = canary.accessKeySecret }
    home.write("sts", providers.sts(os.time(), 3600, "STS.id", "issued", canary.securityToken))
  end)

  after_each(function()
    home.remove()
  end)

  local function profile(fields)
    local all = { name = "a" }
    for name, value in pairs(fields) do
      all[name] = value
    end
    for name, key in pairs(KEYS) do
      all[key] = canary[name]
    end
    return core.encode { current = "a", profiles = { all } }
  end

  local rows = {
    { "config.json, with an AK, signature v3", "v3", ".aliyun/config.json", profile { mode = "AK" } },
    { "config.json, with an AK, signature v1", "v1", ".aliyun/config.json", profile { mode = "AK" } },
    { "config.json, for a role", "v3", ".aliyun/config.json", profile { mode = "RamRoleArn", ram_role_arn = "r" },
      true },
    { "an ini file", "v3", ".alibabacloud/credentials",
      ("[default]\ntype = access_key\naccess_key_id = %s\naccess_key_secret = %s\n"):format(canary.accessKeyId,
        canary.accessKeySecret) },
  }
  for _, row in ipairs(rows) do
    it("is wiped by the end of the client: in " .. row[1], function()
      home.write(row[3], row[4])
      local output = child.run(("env -u ALIBABA_CLOUD_ACCESS_KEY_ID HOME=%s STS_ANSWER=%s/sts "
        .. "perl spec/support/memory_scan.pl %s/secret env %s"):format(home.path, home.path, home.path,
        child.command("spec/support/memory_child.lua", row[2])))
      local open, closed = output:match "^open (%d+)\nclosed (%d+)$"
      assert.is_truthy(open, output)
      if not row[5] then -- the keys that a role is assumed with may be gone already
        assert.is_true(tonumber(open) > 0, output)
      end
      assert.equal("0", closed, output)
    end)
  end

  it("is wiped once it was masked, also where it is percent-encoded", function()
    local encoded = canary.accessKeySecret:gsub(".", function(byte) return ("%%%02X"):format(byte:byte()) end)
    home.write("secret", encoded)
    local output = child.run(("perl spec/support/memory_scan.pl %s/secret env %s"):format(home.path,
      child.command("spec/support/mask_child.lua", home.path .. "/secret")))
    assert.equal("closed 0", output)
  end)
end)
