-- fingerprints_spec.lua - what is kept of webhooks that were sent, and what is not
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local child = require "spec.support.child"
local files = require "spec.support.files"
local fingerprints = require "aliyun.sas.fingerprints"
local system = require "aliyun.sas.system"

local URL = account.webhook

local function write(path, text, mode)
  assert(system.writefile(path, text, mode or "600"))
end

describe("fingerprints", function()
  local path
  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function()
    os.remove(path)
    os.remove(path .. ".lock")
  end)

  local function saved(act)
    local known = assert(fingerprints.open(path))
    act(known)
    assert(known:save())
    return assert(fingerprints.open(path))
  end

  it("of no file are none, and saving nothing makes none", function()
    local known = saved(function() end)
    assert.equal("unknown", known:compare("site", 1, URL, 5))
    assert.is_nil(io.open(path))
  end)

  it("tell the same webhook from another, and a chatbot that was changed since", function()
    local known = saved(function(it) it:set("site", 1, URL, 5) end)
    assert.equal("equal", known:compare("site", "1", URL, "5"))
    assert.equal("different", known:compare("site", 1, URL .. "x", 5))
    assert.equal("moved", known:compare("site", 1, URL, 6))
    assert.equal("moved", known:compare("site", 1, URL, nil))
    assert.equal("unknown", known:compare("other", 1, URL, 5))
    assert.equal("unknown", known:compare("site", 2, URL, 5))
  end)

  it("without a time are never certain", function()
    local known = saved(function(it) it:set("site", 1, URL, nil) end)
    assert.equal("moved", known:compare("site", 1, URL, nil))
    assert.equal("different", known:compare("site", 1, URL .. "x", nil))
  end)

  it("hold no token, and are for their owner alone", function()
    saved(function(it) it:set("site", 1, URL, 5) end)
    assert.is_nil(files.read(path):find(canary.accessToken, 1, true))
    assert.is_nil(files.read(path):find("dingtalk", 1, true))
    assert.matches("^%-rw%-%-%-%-%-%-%-", child.run("ls -l " .. child.quote(path)))
  end)

  it("have a salt of each file", function()
    saved(function(it) it:set("site", 1, URL, 5) end)
    local first = files.read(path):match '"hash":"(%x+)"'
    os.remove(path)
    saved(function(it) it:set("site", 1, URL, 5) end)
    assert.are_not.equal(first, files.read(path):match '"hash":"(%x+)"')
  end)

  it("follow a change of ours, where they were certain before it", function()
    saved(function(it) it:set("site", 1, URL, 5) end)
    assert.equal("equal", saved(function(it) it:touch("site", 1, 5, 9) end):compare("site", 1, URL, 9))
    assert.equal("moved", saved(function(it) it:touch("site", 1, 8, 10) end):compare("site", 1, URL, 10))
    assert.equal("unknown", saved(function(it) it:touch("site", 7, nil, 10) end):compare("site", 7, URL, 10))
  end)

  it("forget", function()
    saved(function(it) it:set("site", 1, URL, 5) end)
    assert.equal("unknown", saved(function(it) it:forget("site", 1) end):compare("site", 1, URL, 5))
    saved(function(it) it:forget("elsewhere", 1) end)
  end)

  it("of two that share a file are both kept, also where both began without one", function()
    local first, second = assert(fingerprints.open(path)), assert(fingerprints.open(path))
    first:set("site", 1, URL, 5)
    second:set("site", 2, URL .. "2", 5)
    assert(first:save())
    assert(second:save())
    local known = assert(fingerprints.open(path))
    assert.equal("equal", known:compare("site", 1, URL, 5))
    assert.equal("equal", known:compare("site", 2, URL .. "2", 5))
    assert.equal("equal", second:compare("site", 1, URL, 5))
  end)

  it("leave out what they do not know, so that all that was read can be written", function()
    write(path, '{"version":1,"salt":"0123456789abcdef","more":[null,1],'
      .. '"sites":{"x":{"1":{"hash":"h","more":[null,1]}}}}')
    assert(saved(function(it) it:set("site", 1, URL, 5) end))
    assert.is_nil(files.read(path):find("more", 1, true))
    assert.is_truthy(files.read(path):find('"hash":"h"', 1, true))
  end)

  describe("that cannot be used are an error, and stay as they are:", function()
    for what, text in pairs {
      torn = '{"version":1,"salt":"0123', ["no JSON"] = "hello", ["no table"] = "1", ["an empty file"] = "",
      ["another version"] = '{"version":2,"salt":"0123456789abcdef","sites":{}}',
      ["no salt"] = '{"version":1,"sites":{}}', ["no sites"] = '{"version":1,"salt":"0123456789abcdef"}',
      ["a strange site"] = '{"version":1,"salt":"0123456789abcdef","sites":{"a":1}}',
      ["a strange entry"] = '{"version":1,"salt":"0123456789abcdef","sites":{"a":{"1":{"hash":1}}}}',
      ["a site that is a list"] = '{"version":1,"salt":"0123456789abcdef","sites":{"a":[{"hash":"x"}]}}',
      ["a list of sites"] = '{"version":1,"salt":"0123456789abcdef","sites":[{"1":{"hash":"x"}}]}',
      ["a strange Id"] = '{"version":1,"salt":"0123456789abcdef","sites":{"a":{"x":{"hash":"1"}}}}',
    } do
      it(what, function()
        write(path, text)
        local known, err = fingerprints.open(path)
        assert.is_nil(known)
        assert.equal("state BAD_FINGERPRINTS", err.kind .. " " .. err.code)
        assert.matches("remove the file", err.hint)
        assert.equal(text, files.read(path))
      end)
    end

    it("others may read them", function()
      write(path, '{"version":1,"salt":"0123456789abcdef","sites":{}}', "644")
      local known, err = fingerprints.open(path)
      assert.is_nil(known)
      assert.equal("state NOT_PRIVATE", err.kind .. " " .. err.code)
    end)

    it("broken while they are under way", function()
      local known = assert(fingerprints.open(path))
      known:set("site", 1, URL, 5)
      write(path, "hello")
      local good, err = known:save()
      assert.is_nil(good)
      assert.equal("BAD_FINGERPRINTS", err.code)
      assert.equal("hello", files.read(path))
      os.remove(path)
      assert(known:save())
      assert.equal("equal", assert(fingerprints.open(path)):compare("site", 1, URL, 5))
    end)

    it("no folder", function()
      path = path .. ".nowhere/file"
      local known = assert(fingerprints.open(path))
      known:set("site", 1, URL, 5)
      local good, err = known:save()
      assert.is_nil(good)
      assert.equal("state NOT_FOUND", err.kind .. " " .. err.code)
    end)
  end)
end)
