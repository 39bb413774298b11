-- store_spec.lua - sas.store: locks and texts in memory, in files, and in a lua_shared_dict as its documentation has it
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local both = require "aliyun.sas.store.both"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local dictionary = require "aliyun.sas.store.dict"
local endpoint = require "aliyun.sas.endpoint"
local failure = require "aliyun.sas.failure"
local sas = require "aliyun.sas"

local KEY = "tds.cn-shanghai.aliyuncs.com|night watch"

-- A lua_shared_dict: values, expiry by a clock of its own, room for so many values.
local function shared(room)
  local dict = { values = {}, ends = {}, now = 0 }
  local function alive(key)
    if dict.ends[key] and dict.ends[key] <= dict.now then
      dict.values[key], dict.ends[key] = nil, nil
    end
    return dict.values[key]
  end
  local function put(key, value, seconds)
    local count = 0
    for _ in pairs(dict.values) do
      count = count + 1
    end
    if room and count >= room and dict.values[key] == nil then
      return nil, "no memory"
    end
    dict.values[key], dict.ends[key] = value, seconds and dict.now + seconds
    return true
  end
  function dict.safe_add(_, key, value, seconds)
    if alive(key) ~= nil then
      return false, "exists"
    end
    return put(key, value, seconds)
  end
  function dict.safe_set(_, key, value) return put(key, value) end
  function dict.get(_, key) return alive(key) end
  function dict.delete(_, key) dict.values[key], dict.ends[key] = nil, nil end
  return dict
end

local function with_ngx(dicts, work)
  local before = rawget(_G, "ngx")
  rawset(_G, "ngx", { shared = dicts })
  local good, result = pcall(work)
  rawset(_G, "ngx", before)
  if not good then
    error(result, 0)
  end
  return result
end

local function of_dict(dict)
  return with_ngx({ names = dict }, function() return dictionary.new "names" end)
end

local folder

local function make_folder()
  folder = child.run("mktemp -d")
  assert.is_truthy(folder:find "^/")
end

local function remove_folder()
  if folder then
    os.execute(("chmod -R u+rwx %s 2>/dev/null; rm -rf %s"):format(child.quote(folder), child.quote(folder)))
  end
  folder = nil
end

local kinds = {
  memory = sas.store.memory,
  file = function()
    make_folder()
    return sas.store.file(folder)
  end,
  dict = function() return of_dict(shared()) end,
  both = function() return both.new(sas.store.memory(), sas.store.memory()) end,
}

for kind, make in pairs(kinds) do
  describe("sas.store." .. kind, function()
    local store

    before_each(function() store = make() end)
    after_each(remove_folder)

    it("keeps texts by key", function()
      assert.is_nil((store:read(KEY)))
      assert.is_nil(select(2, store:read(KEY)))
      assert.is_true(store:write(KEY, "one\0two"))
      assert.is_true(store:write("another", "three"))
      assert.equal("one\0two", store:read(KEY))
      assert.is_true(store:write(KEY, "four"))
      assert.equal("four", store:read(KEY))
      assert.is_true(store:remove(KEY))
      assert.is_nil((store:read(KEY)))
      assert.equal("three", store:read("another"))
      assert.is_true(store:remove(KEY))
    end)

    it("takes keys of any bytes", function()
      local keys = { "", "a/../b", "/etc/passwd", ("x"):rep(5000), "\0", "\n", "天", "lock:a", "." }
      for i, key in ipairs(keys) do
        assert.is_true(store:write(key, "text " .. i))
      end
      for i, key in ipairs(keys) do
        assert.equal("text " .. i, store:read(key))
        local lock = assert(store:lock(key, 60))
        store:unlock(key, lock)
      end
    end)

    it("gives a lock to one", function()
      local lock = assert(store:lock(KEY, 60))
      for _ = 1, 2 do
        local second, err = store:lock(KEY, 60)
        assert.is_nil(second)
        assert.equal("LOCKED", err.code)
        assert.is_true(failure.is(err))
      end
      assert.is_truthy(store:lock("another", 60))
      store:unlock(KEY, lock)
      local next_lock = assert(store:lock(KEY, 60))
      store:unlock(KEY, lock) -- of the one before: the new one stays
      if kind ~= "file" then
        assert.equal("LOCKED", select(2, store:lock(KEY, 60)).code)
      end
      store:unlock(KEY, next_lock)
      assert.is_truthy(store:lock(KEY, 60))
    end)

    it("keeps texts and locks apart", function()
      local lock = assert(store:lock(KEY, 60))
      assert.is_true(store:write(KEY, "text"))
      assert.is_true(store:remove(KEY))
      assert.equal("LOCKED", select(2, store:lock(KEY, 60)).code)
      store:unlock(KEY, lock)
      assert.is_nil((store:read(KEY)))
    end)

    it("says where a text is", function()
      assert.is_truthy(store:place(KEY):find "%w")
    end)

    it("serves ensure", function()
      local a = account.new({}, { store = store })
      assert.equal("created", a.client:ensure(account.chatbot()).action)
      a.service:fault("closed", { action = "CreateOrUpdateDingTalk" })
      local _, err = a.client:ensure(account.chatbot { RuleActionName = "day watch" })
      assert.equal("unknown", err.kind)
      local other = a.open { store = store }
      _, err = other:ensure(account.chatbot { RuleActionName = "day watch" })
      assert.equal("PENDING", err.code)
      a.service:advance(2000)
      assert.equal("created", other:ensure(account.chatbot { RuleActionName = "day watch" }).action)
      assert.equal("unchanged", a.client:ensure(account.chatbot { RuleActionName = "day watch" }).action)
    end)
  end)
end

describe("sas.store.file", function()
  before_each(make_folder)
  after_each(remove_folder)

  local function intent()
    return folder .. "/" .. core.sha256(KEY) .. ".intent"
  end

  it("shows files to their owner alone, and no name in theirs", function()
    local store = sas.store.file(folder .. "//")
    child.run("umask 000")
    assert(store:lock(KEY, 60))
    assert(store:write(KEY, "text"))
    local list = child.run("ls -l " .. child.quote(folder))
    assert.equal(2, select(2, list:gsub("%-rw%-%-%-%-%-%-%-", "")))
    assert.is_nil(list:find("night", 1, true))
    assert.equal(intent(), store:place(KEY))
  end)

  it("is shared by those who name the same folder", function()
    local one, two = sas.store.file(folder), sas.store.file(folder .. "/")
    assert(one:write(KEY, "text"))
    assert.equal("text", two:read(KEY))
    local lock = assert(one:lock(KEY, 60))
    assert.equal("LOCKED", select(2, two:lock(KEY, 60)).code)
    one:unlock(KEY, lock)
    assert(two:lock(KEY, 60))
  end)

  it("has no lock of a process that is gone", function()
    local store = sas.store.file(folder)
    local script = ("local s = require 'aliyun.sas.store'.file(%q) assert(s:lock(%q, 60)) io.write 'held' "
      .. "io.stdout:flush() os.execute('kill -9 ' .. require 'aliyun.sas.system'.pid())"):format(folder, KEY)
    assert.equal("held", child.run(child.command("-e", script)):match "held")
    assert.is_truthy(store:lock(KEY, 60))
  end)

  local function ensured()
    local a = account.new({}, { store = sas.store.file(folder) })
    local result, err = a.client:ensure(account.chatbot())
    return result and result.action or err.kind .. " " .. err.code, tostring(err), a.counts(), err
  end

  -- what is in the way; the error; requests
  for _, row in ipairs {
    { "no folder", "rmdir .", "state NOT_FOUND", "0 0" },
    { "a file for the folder", "rmdir . && printf x >%s", "state NOT_FOUND", "0 0" },
    { "a folder that all may write to", "chmod 777 .", "state NOT_PRIVATE", "0 0" },
    { "a folder that the group may write to", "chmod 770 .", "state NOT_PRIVATE", "0 0" },
    { "a folder for the intent", "mkdir -m 700 %s", "state NOT_REGULAR", "0 0" },
    { "an intent that others can read", "printf '{}' >%s && chmod 644 %s", "state NOT_PRIVATE", "0 0" },
    { "an intent that is torn", "printf '{\"version\":1,' >%s && chmod 600 %s", "state BAD_INTENT", "0 0" },
    { "an empty intent", "touch %s && chmod 600 %s", "state BAD_INTENT", "0 0" },
    { "a FIFO for the intent", "mkfifo -m 600 %s", "state NOT_REGULAR", "0 0" },
    { "an intent that is a link to nowhere", "ln -s nowhere %s", "created", "2 1" },
  } do
    it("stops where there is " .. row[1], function()
      local path = row[2]:find("rmdir", 1, true) and folder or intent()
      child.run("cd " .. child.quote(folder) .. " && " .. row[2]:gsub("rmdir %.", "rmdir " .. folder)
        :gsub("%%s", function() return child.quote(path) end))
      local told, text, counts = ensured()
      assert.equal(row[3], told)
      assert.equal(row[4], counts)
      if told ~= "created" then
        assert.is_truthy(text:find(folder, 1, true))
      end
    end)
  end

  it("says how to make the folder", function()
    child.run("rmdir " .. child.quote(folder))
    local _, text = ensured()
    assert.is_truthy(text:find("mkdir -m 700 " .. folder, 1, true))
  end)

  it("says how to make the folder private, and trusts no text in it", function()
    local store = sas.store.file(folder)
    assert(store:write(KEY, "text"))
    child.run("chmod 777 " .. child.quote(folder))
    local _, text = ensured()
    assert.is_truthy(text:find("chmod 700 " .. folder, 1, true))
    assert.equal("NOT_PRIVATE", select(2, store:read(KEY)).code)
    assert.equal("NOT_PRIVATE", select(2, store:write(KEY, "more")).code)
    child.run("chmod 700 " .. child.quote(folder))
    assert.equal("text", store:read(KEY))
  end)

  it("looks at what a link leads to", function()
    child.run(("mkdir %s/real && ln -s real %s/link"):format(child.quote(folder), child.quote(folder)))
    local store = sas.store.file(folder .. "/link")
    assert(store:lock(KEY, 60))
    child.run(("chmod 777 %s/real"):format(child.quote(folder)))
    assert.equal("NOT_PRIVATE", select(2, store:lock("another", 60)).code)
  end)

  it("stops where the folder cannot be written, before anything is sent", function()
    if child.run("id -u") == "0" then
      pending("root may write everywhere")
      return
    end
    child.run("chmod 500 " .. child.quote(folder))
    local told, _, counts = ensured()
    assert.equal("state PERMISSION", told)
    assert.equal("0 0", counts)
  end)

  it("tells of an intent that cannot be removed", function()
    child.run(("mkdir -m 700 %s && touch %s/x"):format(child.quote(intent()), child.quote(intent())))
    local good, err = sas.store.file(folder):remove(KEY)
    assert.is_nil(good)
    assert.is_truthy(err:find(folder, 1, true))
  end)

  for _, wrong in ipairs { "", 7, {}, true, "a\0b" } do
    it("raises for a folder that is " .. type(wrong), function()
      assert.has_error(function() sas.store.file(wrong) end)
    end)
  end

  it("raises for none", function()
    assert.has_error(function() sas.store.file() end)
  end)
end)

describe("sas.store.memory", function()
  it("is shared by those who share the table alone", function()
    local one, two = sas.store.memory(), sas.store.memory()
    one:write(KEY, "text")
    assert.is_nil((two:read(KEY)))
  end)

  it("lets go of a lock that nobody has any more", function()
    local store = sas.store.memory()
    local lock = store:lock(KEY, 60)
    assert.is_nil((store:lock(KEY, 60)))
    assert.is_truthy(lock)
    lock = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_truthy(store:lock(KEY, 60))
  end)
end)

describe("sas.store.dict", function()
  it("raises outside nginx, and for a dictionary that is not there", function()
    local _, message = pcall(sas.store.dict, "names")
    assert.is_truthy(message:find("ngx.shared", 1, true))
    _, message = pcall(with_ngx, {}, function() return sas.store.dict "names" end)
    assert.is_truthy(message:find("lua_shared_dict names", 1, true))
    assert.has_error(function() sas.store.dict() end)
    assert.has_error(function() sas.store.dict "" end)
  end)

  it("is a setting of a client", function()
    with_ngx({ names = shared() }, function()
      local a = account.new({}, { store = sas.store.dict "names" })
      assert.equal("created", a.client:ensure(account.chatbot()).action)
    end)
  end)

  it("lets a lock end by itself, and no earlier", function()
    local dict = shared()
    local store = of_dict(dict)
    local lock = assert(store:lock(KEY, 90))
    dict.now = 89
    assert.is_nil((store:lock(KEY, 90)))
    dict.now = 91
    local second = assert(store:lock(KEY, 90))
    store:unlock(KEY, lock) -- which another holds by now
    assert.is_nil((store:lock(KEY, 90)))
    store:unlock(KEY, second)
    assert.is_truthy(store:lock(KEY, 90))
  end)

  it("does not let a text end", function()
    local dict = shared()
    local store = of_dict(dict)
    store:write(KEY, "text")
    dict.now = 1e9
    assert.equal("text", store:read(KEY))
  end)

  it("is an error where it is full, and nothing is sent", function()
    for room, counts in pairs { [0] = "0 0", [1] = "1 0" } do
      local a = account.new({}, { store = of_dict(shared(room)) })
      local result, err = a.client:ensure(account.chatbot())
      assert.is_nil(result)
      assert.equal("state STORE", err.kind .. " " .. err.code)
      assert.is_truthy(err.message:find("no memory", 1, true))
      assert.equal(counts, a.counts())
    end
  end)
end)

describe("the setting store", function()
  for _, wrong in ipairs { true, "folder", {}, { lock = print, unlock = print, read = print, write = print } } do
    it("refuses a " .. type(wrong), function()
      assert.has_error(function() account.new({}, { store = wrong }) end)
    end)
  end
end)

describe("the site of an endpoint", function()
  local CHINA, ABROAD = "tds.cn-shanghai.aliyuncs.com", "tds.ap-southeast-1.aliyuncs.com"
  for _, row in ipairs {
    { "tds.cn-shanghai.aliyuncs.com", CHINA }, { "tds.aliyuncs.com", CHINA }, { "TDS.ALIYUNCS.COM:443", CHINA },
    { "tds.vpc-proxy.aliyuncs.com", CHINA }, { "tds.ap-southeast-1.aliyuncs.com", ABROAD },
    { "tds-intl.vpc-proxy.aliyuncs.com", ABROAD }, { "tds-vpc.ap-southeast-2.aliyuncs.com", ABROAD },
    { "tds.aliyuncs.com:8443", "tds.aliyuncs.com:8443" }, { "localhost", "localhost:443" },
    { "https://localhost:8443", "localhost:8443" }, { "http://localhost", "localhost:80" },
    { "sas.cn-hangzhou.aliyuncs.com", "sas.cn-hangzhou.aliyuncs.com:443" }, { "[::1]:99", "::1:99" },
  } do
    it("of " .. row[1], function()
      assert.equal(row[2], endpoint.site(assert(endpoint.parse(row[1]))))
    end)
  end

  it("keeps the two sites' intents apart", function()
    local store = sas.store.memory()
    local a = account.new({}, { store = store })
    a.service:fault("closed", { action = "CreateOrUpdateDingTalk" }, 2)
    assert.equal("unknown", select(2, a.client:ensure(account.chatbot())).kind)
    local abroad = a.open { store = store, regionId = "ap-southeast-1" }
    assert.equal("CONNECTION_LOST", select(2, abroad:ensure(account.chatbot())).code)
    assert.is_truthy(store.texts["tds.cn-shanghai.aliyuncs.com|night watch"])
    assert.is_truthy(store.texts["tds.ap-southeast-1.aliyuncs.com|night watch"])
    local beijing = a.open { store = store, regionId = "cn-beijing" }
    assert.equal("PENDING", select(2, beijing:ensure(account.chatbot())).code)
  end)
end)

describe("two stores as one", function()
  local first, second, one

  before_each(function()
    first, second = sas.store.memory(), sas.store.memory()
    one = both.new(first, second)
  end)

  it("write in both, and read what either has", function()
    assert.is_true(one:write(KEY, "text"))
    assert.same({ "text", "text" }, { first:read(KEY), second:read(KEY) })
    first:remove(KEY)
    assert.equal("text", one:read(KEY))
    assert.is_true(one:remove(KEY))
    assert.is_nil((second:read(KEY)))
  end)

  it("lock in both, or in neither", function()
    local other = assert(second:lock(KEY, 60))
    local lock, err = one:lock(KEY, 60)
    assert.is_nil(lock)
    assert.equal("LOCKED", err.code)
    local free = assert(first:lock(KEY, 60))
    first:unlock(KEY, free)
    second:unlock(KEY, other)
    lock = assert(one:lock(KEY, 60))
    assert.is_nil((first:lock(KEY, 60)))
    assert.is_nil((second:lock(KEY, 60)))
    one:unlock(KEY, lock)
    assert(second:lock(KEY, 60))
  end)

  it("answer the intent that was signed later, and the one that cannot be read before any other", function()
    for _, row in ipairs { { 5, 7 }, { 7, 5 }, { 5, "torn" }, { "torn", 5 } } do
      local texts = {}
      for i, at in ipairs(row) do
        texts[i] = at == "torn" and "{" or ('{"signedAt":%d}'):format(at)
      end
      first:write(KEY, texts[1])
      second:write(KEY, texts[2])
      local expected = row[1] == 7 and texts[1] or row[1] == "torn" and texts[1] or texts[2]
      assert.equal(expected, one:read(KEY))
    end
  end)

  for _, name in ipairs { "read", "write", "remove" } do
    it("answer the error of either: " .. name, function()
      for _, broken in ipairs { first, second } do
        broken[name] = function() return nil, "no room" end
        local _, err = one[name](one, KEY, "text")
        assert.equal("no room", err)
        broken[name] = nil
      end
    end)
  end

  it("leave nothing in the first where the second takes nothing", function()
    second.write = function() return nil, "no room" end
    one:write(KEY, "text")
    assert.is_nil((first:read(KEY)))
  end)
end)
