-- credentials_nginx_spec.lua - credentials inside a real nginx: one refresh for all, and what its environment lacks
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local openresty = require "spec.support.openresty"

local HTTP = [[
  lua_shared_dict credentials 1m; lua_shared_dict tiny 12k;
  init_by_lua_block { kept_provider = require "aliyun.sas".credentials.default() }
]]
local LOCATION = 'location / { content_by_lua_block { require "spec.support.nginx_credentials" () } }'

describe("credentials inside nginx", function()
  local missing = openresty.missing()
  if missing then
    pending("is not tried: " .. missing)
    return
  end

  local front

  setup(function()
    front = openresty.start { http = HTTP, server = LOCATION, level = "warn", environment = {
      ALIBABA_CLOUD_ACCESS_KEY_ID = "fromenv", ALIBABA_CLOUD_ACCESS_KEY_SECRET = canary.accessKeySecret,
    } }
  end)

  teardown(function()
    if front then
      front:stop()
    end
  end)

  local function get(path)
    local _, text = front:get(path)
    return text
  end

  it("are asked for by one of 200 calls, and none of the others fails or asks too", function()
    assert.equal("none: 0 failed, 1 of STS, in time\ndue: 0 failed, 2 of STS, in time\n"
      .. "ended: 0 failed, 3 of STS, in time", get "/crowd", front:log())
  end)

  it("are not waited for where the one who asks was killed", function()
    assert.equal("killed: 0 failed, 2 of STS, in time", get "/killed", front:log())
  end)

  it("are got once for all workers that share a dictionary", function()
    assert.equal("none: 0 failed, 1 of STS, in time\ndue: 0 failed, 2 of STS, in time\n"
      .. "ended: 0 failed, 3 of STS, in time\nlater: 0 failed, 3 of STS, in time\n"
      .. "another role: 0 failed, 4 of STS, in time\n2 keys", get "/shared", front:log())
  end)

  it("are not got while another worker holds the lock", function()
    assert.equal("due: 0 failed, 1 of STS, in time\nDEADLINE\nfree: 0 failed, 2 of STS, in time", get "/locked",
      front:log())
  end)

  it("are got by each for itself where the dictionary is full", function()
    assert.equal("full: 0 failed, 1 of STS, in time, nothing was thrown out", get "/full",
      front:log())
  end)

  it("cannot be shared in a dictionary that is not there", function()
    assert.is_truthy(get("/missing"):find("ecs: share: there is no lua_shared_dict nowhere", 1, true))
  end)

  it("are missing in a worker, and the error says which lines the configuration lacks", function()
    local text = get "/environment"
    assert.is_truthy(text:find("NO_CREDENTIALS", 1, true), text)
    assert.is_truthy(text:find("env ALIBABA_CLOUD_ACCESS_KEY_ID; env ALIBABA_CLOUD_ACCESS_KEY_SECRET;", 1, true), text)
    assert.is_nil(text:find(canary.accessKeySecret, 1, true))
  end)

  it("are there in a worker where the provider was made by init_by_lua", function()
    assert.equal("fromenv", get "/kept", front:log())
  end)
end)
