-- growth_rows.lua - the entry points whose work is measured as its input grows, for growth_child.lua
-- SPDX-License-Identifier: MIT
--
-- Each row is an entry point, a size that takes some milliseconds, and what makes the input of a size: it answers the
-- function that is measured, and what ends that, if anything does. `files` is a folder for it. Where the size is how
-- many values a list has that is documented to be limited, four times the size is still within the limit.

local account = require "spec.support.account"
local chance = require "spec.support.chance"
local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local coverage = require "aliyun.sas.coverage"
local export = require "aliyun.sas.export"
local external = require "aliyun.sas.credentials.external"
local grid = require "aliyun.sas.terminal.table"
local http = require "aliyun.sas.http"
local http1 = require "aliyun.sas.http1"
local ids = require "aliyun.sas.ids"
local plan_text = require "aliyun.sas.plan.text"
local printable = require "aliyun.sas.printable"
local raw = require "spec.support.raw"
local sas = require "aliyun.sas"
local select_chatbots = require "aliyun.sas.cli.select"
local system = require "aliyun.sas.system"


-- Making inputs -------------------------------------------------------------------------------------------------------

local function list_of(n, item)
  local list = {}
  for i = 1, n do
    list[i] = item(i)
  end
  return list
end

local function joined(n, item, between)
  return table.concat(list_of(n, item), between or ",")
end

local function word(i)
  return ("w%06d"):format(i)
end

-- Words whose order is not that in which they come.
local function mixed(i)
  return ("w%06d"):format(i * 7919 % 1000003)
end

local function chatbot(i)
  return {
    Id = i, RuleActionName = "bot " .. i, SendUrl = account.webhook, IntervalTime = 60, DingTalkLang = "en",
    ConfigList = '[{"type":"sas_analysis_online-sas-operation-log-sas-event-hc","configItemList":[]}]',
    GroupIdList = { 10417151 }, state = { Status = 1, GmtModified = 1700000000000 },
  }
end

local function row(i)
  return ('{"Id":%d,"ActionName":"bot %d","Url":"%s","Status":1,"ConfigList":"[]","GroupIdList":"[\\"10417151\\"]",'
    .. '"DingTalkLang":"en","IntervalTime":60}'):format(i, i, account.webhook)
end

local function answer(body)
  return { sent = true, status = 200, headers = {}, body = body }
end

local CREDENTIALS = core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" }

local function groups_body(n)
  return ('{"RequestId":"R","GroupId":1,"GroupName":"root","Groups":[%s]}'):format(joined(n, function(i)
    return ('{"groupId":%d,"groupName":"group %d","childGroups":[]}'):format(i + 1, i)
  end))
end

-- A client of an account of so many chatbots, and groups, whose answers are made before.
local function client_of(n, more)
  local pages = {}
  for first = 1, n + 1, 100 do -- a page that is full is not known to be the last
    local last = math.min(first + 99, n)
    pages[#pages + 1] = answer(('{"RequestId":"R","PageInfo":{"CurrentPage":%d,"PageSize":100,"TotalCount":%d},'
      .. '"ActionList":[%s]}'):format(#pages + 1, n, joined(last - first + 1, function(i)
        return row(first + i - 1)
      end)))
  end
  local group_answer, done = answer(groups_body(more or 1)), answer '{"RequestId":"R"}'
  return sas.new {
    regionId = "cn-hangzhou", credentials = { fetch = function() return CREDENTIALS end },
    transport = {
      send = function(request)
        local action = request.headers["x-acs-action"]
        return action == "DescribeGroupStruct" and group_answer
          or action == "DescribeDingTalk" and pages[tonumber(request.query:match "CurrentPage=(%d+)")]
          or done
      end,
    },
  }
end

local function declared(i)
  return {
    RuleActionName = "bot " .. i, SendUrl = account.webhook, ConfigList = { hc = "all" }, GroupIdList = { 10417151 },
  }
end

local function config_of(types, keys, values)
  local config = {}
  for t = 1, types do
    config[word(t)] = {}
    for k = 1, keys do
      config[word(t)][word(k)] = list_of(values, mixed)
    end
  end
  return config
end

local UNCHECKED = { unchecked = true }

-- The API's own array.
local function config_text(types, keys, values)
  return "[" .. joined(types, function(t)
    return ('{"type":"%s","configItemList":[%s]}'):format(mixed(t), joined(keys, function(k)
      return ('{"key":"%s","valueList":[%s]}'):format(mixed(k), joined(values, function(v)
        return '"' .. mixed(v) .. '"'
      end))
    end))
  end) .. "]"
end

local function create(params)
  params.RuleActionName = params.RuleActionName or "name"
  params.SendUrl = params.SendUrl or account.webhook
  return function()
    return core.createOrUpdateDingTalk({ host = "h" }, params)
  end
end

-- A call that is signed, and waits for its answer.
local function sent(params)
  local call = assert(core.call({ host = "h", retries = 0 }, "X", params or {}, "read"))
  call:next(0)
  local request = assert(call:sign(CREDENTIALS, "2024-02-20T08:00:00Z", "nonce"))
  return call, request
end

local function reply(outcome)
  outcome.class = "read"
  return function()
    return core.reply(outcome)
  end
end

local function reading(text, size)
  return function()
    local at = 1
    return http1.read(function()
      if at > #text then
        return nil, "closed"
      end
      at = at + (size or #text)
      return text:sub(at - (size or #text), at - 1)
    end, 1e7)
  end
end

local HEAD = "HTTP/1.1 200 OK\r\n"

-- What libcurl reads from a server that answers these bytes.
local function fetching(bytes)
  local server, reason = raw.start()
  assert(server, reason)
  server:answer("size", bytes)
  local handle = http.new { proxy = false, userAgent = "x" }
  local request = {
    method = "GET", scheme = "http", host = "127.0.0.1", port = server.port, path = "/size", query = "", headers = {},
    body = "", maxBody = 1e7, timeout = 600, connectTimeout = 60, fresh = true,
  }
  return function()
    local outcome = handle:send(request)
    assert(outcome.status, outcome.message)
  end, function() server:stop() end
end

local function load(files, name, text)
  local path = files:write(#text .. name, text)
  return function()
    return sas.load(path)
  end
end

-- What asks the client, and must be good.
local function good(f)
  return function()
    local result, err = f()
    assert(result, tostring(err))
    return result
  end
end

local function groups_of(n)
  return list_of(n, function(i) return { id = i, name = "group " .. i, level = 1 } end)
end

local function heard(count, groups_count)
  local chatbots, list = list_of(count, function(i)
    local read = chatbot(i)
    read.GroupIdList = { i % groups_count + 1 }
    return read
  end), groups_of(groups_count)
  return assert(coverage.of(chatbots, list, sas.catalog())), chatbots, list
end

-- The table -----------------------------------------------------------------------------------------------------------

local ROWS = {
  -- JSON
  { "core.json reads numbers", 4000, function(n)
    local text = "[" .. joined(n, tostring) .. "]"
    return function() return core.json(text) end
  end },
  { "core.json reads objects", 500, function(n)
    local text = "[" .. joined(n, function(i) return ('{"a":%d,"b":"x"}'):format(i) end) .. "]"
    return function() return core.json(text) end
  end },
  { "core.json reads the names of one object", 62, function(n)
    local text = "{" .. joined(n, function(i) return ('"%s":%d'):format(mixed(i), i) end) .. "}"
    return function() return core.json(text) end
  end },
  { "core.json refuses a name that stands twice at the end", 4000, function(n)
    local text = "[" .. ("{\"a\":1},"):rep(n) .. '{"b":1,"b":2}]'
    return function() return core.json(text) end
  end },
  { "core.json reads a text", 5000, function(n)
    local text = '"' .. ("\\u4e2d"):rep(n) .. '"'
    return function() return core.json(text) end
  end },
  { "core.json refuses what is wrong at the end", 4000, function(n)
    local text = "[" .. ("1,"):rep(n) .. "x]"
    return function() return core.json(text) end
  end },
  { "core.encode writes a list", 250, function(n)
    local list = list_of(n, function(i) return { a = i, b = "x" } end)
    return function() return core.encode(list) end
  end },

  -- ConfigList
  { "sas.config takes values of a key", 200, function(n)
    local given = config_of(1, 1, n)
    return function() return sas.config(given, UNCHECKED) end
  end },
  { "sas.config takes keys of a type", 150, function(n)
    local given = { hc = {} }
    for i = 1, n do
      given.hc[mixed(i)] = "all"
    end
    return function() return sas.config(given, UNCHECKED) end
  end },
  { "sas.config takes types", 200, function(n)
    local given = config_of(n, 1, 1)
    return function() return sas.config(given, UNCHECKED) end
  end },
  { "sas.config takes values of a catalog of the account's own", 200, function(n)
    local live = { MetaDatas = { { DataSourceName = "sas_analysis_online-sas-operation-log-sas-event-hc",
      MetaDataFields = { { Filed = "item_level", Sample = joined(n, mixed, ";") } } } } }
    local given, options = { hc = { item_level = list_of(n, mixed) } }, { catalog = live }
    return good(function() return sas.config(given, options) end)
  end },
  { "sas.config refuses values that a catalog of the account's own has not", 100, function(n)
    local live = { MetaDatas = { { DataSourceName = "sas_analysis_online-sas-operation-log-sas-event-hc",
      MetaDataFields = { { Filed = "item_level", Sample = joined(n, mixed, ";") } } } } }
    local given, options = { hc = { item_level = list_of(n, word) } }, { catalog = live }
    return function() assert(not pcall(sas.config, given, options)) end
  end },
  { "sas.config refuses unknown values", 250, function(n)
    local given = { vul = { type = list_of(n, mixed) } }
    return function() return pcall(sas.config, given) end
  end },
  { "sas.config.parse reads values of a key", 200, function(n)
    local text = config_text(1, 1, n)
    return function() return sas.config.parse(text) end
  end },
  { "sas.config.parse reads keys of a type", 200, function(n)
    local text = config_text(1, n, 1)
    return function() return sas.config.parse(text) end
  end },
  { "sas.config.parse reads types", 200, function(n)
    local text = config_text(n, 1, 1)
    return function() return sas.config.parse(text) end
  end },
  { "sas.config takes the API's own array with many keys", 200, function(n)
    local given = assert(core.json(config_text(1, n, 1)))
    return function() return sas.config(given, UNCHECKED) end
  end },
  { "sas.config takes the API's own array with many types", 200, function(n)
    local given = assert(core.json(config_text(n, 1, 1)))
    return function() return sas.config(given, UNCHECKED) end
  end },
  { "a config is written", 250, function(n)
    local config = sas.config(config_of(1, 1, n), UNCHECKED)
    return function() return tostring(config) end
  end },
  { "a config is copied", 250, function(n)
    local config = sas.config(config_of(1, 1, n), UNCHECKED)
    return function() return config:table() end
  end },
  { "two configs of many types are compared", 200, function(n)
    local a, b = sas.config(config_of(n, 1, 1), UNCHECKED), sas.config(config_of(n, 1, 1), UNCHECKED)
    return function() return a == b end
  end },
  { "a config of many types is added to and taken from", 250, function(n)
    local config = sas.config(config_of(n, 1, 1), UNCHECKED)
    return function() config:add("hc", "all"):remove "hc" end
  end },

  -- parameters
  { "parameters: a name that is too long is refused", 100000, function(n)
    return create { RuleActionName = ("x"):rep(n) }
  end },
  { "parameters: unknown names are refused", 1000, function(n)
    local params = {}
    for i = 1, n do
      params[mixed(i)] = i
    end
    return create(params)
  end },
  { "parameters: Ids in a list", 250, function(n)
    local list = list_of(n, function(i) return i * 7919 % 1000003 end)
    return function() return core.deleteDingTalk({ host = "h" }, { Ids = list }) end
  end },
  { "parameters: Ids in a text", 250, function(n)
    local text = joined(n, tostring)
    return function() return core.deleteDingTalk({ host = "h" }, { Ids = text }) end
  end },
  { "parameters: GroupIdList in a list", 250, function(n)
    return create { GroupIdList = list_of(n, function(i) return i end) }
  end },
  { "parameters: a webhook with many parameters", 100, function(n)
    return create { SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=x" .. ("&a=b"):rep(n) }
  end },
  { "client:call: many parameters", 62, function(n)
    local params = {}
    for i = 1, n do
      params[mixed(i)] = i
    end
    return function() return core.call({ host = "h" }, "X", params, "read") end
  end },
  { "client:call: a list", 62, function(n)
    local params = { List = list_of(n, word) }
    return function() return core.call({ host = "h" }, "X", params, "read") end
  end },

  -- signing
  { "signing many parameters", 62, function(n)
    local params = {}
    for i = 1, n do
      params[mixed(i)] = word(i)
    end
    return function() return sent(params) end
  end },
  { "signing a long parameter", 10000, function(n)
    local params = { A = ("/"):rep(n) }
    return function() return sent(params) end
  end },

  -- answers
  { "an answer with many chatbots", 400, function(n)
    return reply { status = 200, body = '{"RequestId":"R","ActionList":[' .. joined(n, row) .. "]}" }
  end },
  { "an answer that is an error with a long message", 2000, function(n)
    return reply { status = 400, body = '{"RequestId":"R","Code":"X","Message":"' .. ("m "):rep(n) .. '"}' }
  end },
  { "an answer that is no JSON", 20000, function(n)
    return reply { status = 200, body = '{"RequestId":"R","x":[' .. ("1,"):rep(n) }
  end },
  { "an answer with many headers", 500, function(n)
    local headers = {}
    for i = 1, n do
      headers[word(i)] = "x"
    end
    return reply { status = 400, headers = headers, body = "{}" }
  end },

  -- HTTP
  { "http1 reads a head", 30, function(n)
    return reading(HEAD .. joined(n, function(i) return ("X-%d: %s\r\n"):format(i, ("y"):rep(300)) end, "")
      .. "Content-Length: 0\r\n\r\n")
  end },
  { "http1 reads headers of one name", 30, function(n)
    return reading(HEAD .. joined(n, function() return ("X: %s\r\n"):format(("y"):rep(300)) end, "")
      .. "Content-Length: 0\r\n\r\n")
  end },
  { "http1 reads a head byte by byte", 10000, function(n)
    return reading(HEAD .. "X: " .. ("y "):rep(n / 2) .. "\r\nContent-Length: 0\r\n\r\n", 1)
  end },
  { "http1 reads a header of blanks", 12000, function(n)
    return reading(HEAD .. "X: a" .. (" "):rep(n) .. "b\r\nContent-Length: 0\r\n\r\n")
  end },
  { "http1 refuses a length of zeros and a letter", 12000, function(n)
    return reading(HEAD .. "Content-Length: " .. ("0"):rep(n) .. "x\r\n\r\n")
  end },
  { "http1 reads a chunked body", 2000, function(n)
    return reading(HEAD .. "Transfer-Encoding: chunked\r\n\r\n" .. ("1\r\nx\r\n"):rep(n) .. "0\r\n\r\n")
  end },
  { "http1 reads a chunked body byte by byte", 1000, function(n)
    return reading(HEAD .. "Transfer-Encoding: chunked\r\n\r\n" .. ("1\r\nx\r\n"):rep(n) .. "0\r\n\r\n", 1)
  end },
  { "http1 reads a body in pieces", 100000, function(n)
    return reading(HEAD .. ("Content-Length: %d\r\n\r\n"):format(n) .. ("x"):rep(n), 50)
  end },
  { "http1 reads a body without a length", 100000, function(n)
    return reading(HEAD .. "\r\n" .. ("x"):rep(n), 50)
  end },
  { "libcurl reads a long header", 12000, function(n)
    return fetching(HEAD .. "X: " .. ("y "):rep(n / 2) .. "\r\nContent-Length: 0\r\n\r\n")
  end },
  { "libcurl reads many headers", 30, function(n)
    return fetching(HEAD .. joined(n, function(i) return ("X-%d: %s\r\n"):format(i, ("y"):rep(300)) end, "")
      .. "Content-Length: 0\r\n\r\n")
  end },
  { "libcurl reads a chunked body", 20000, function(n)
    return fetching(HEAD .. "Transfer-Encoding: chunked\r\n\r\n" .. ("1\r\nx\r\n"):rep(n) .. "0\r\n\r\n")
  end },
  { "libcurl reads a body without a length", 500000, function(n)
    return fetching(HEAD .. "\r\n" .. ("x"):rep(n))
  end },
  { "http1 writes a request", 2000, function(n)
    local headers = {}
    for i = 1, n do
      headers[word(i)] = "x"
    end
    local request = {
      method = "POST", scheme = "https", host = "h", path = "/", headers = headers, body = ("x"):rep(n),
    }
    return function() return http1.request(request) end
  end },

  -- credentials
  { "profiles of the SDKs", 1000, function(n)
    local text = joined(n, function(i)
      return ("[%s]\naccess_key_id = a\naccess_key_secret = b\n"):format(word(i))
    end, "")
    return function() return core.iniprofile(text, "wanted") end
  end },
  { "profiles of the SDKs: a line with many comments and blanks", 20000, function(n)
    local text = "[a]\naccess_key_id = " .. (" #"):rep(n) .. "\nx = " .. ("y "):rep(n) .. "\n"
    return function() return core.iniprofile(text, "a") end
  end },
  { "profiles of the command aliyun", 1000, function(n)
    local text = ('{"current":"wanted","profiles":[%s]}'):format(joined(n, function(i)
      return ('{"name":"%s","mode":"AK"}'):format(word(i))
    end))
    return function() return core.cliprofile(text) end
  end },
  { "a profile with many members", 60, function(n)
    local text = ('{"current":"a","profiles":[{"name":"a","mode":"AK",%s}]}'):format(joined(n, function(i)
      return ('"%s":1'):format(mixed(i))
    end))
    return function() return core.cliprofile(text) end
  end },
  { "the answer of a provider", 20000, function(n)
    local text = '{"x":[' .. ("1,"):rep(n) .. '1],"AccessKeyId":"a","AccessKeySecret":"b"}'
    return function() return core.issued(text, "sts") end
  end },
  { "the words of a command", 500, function(n)
    local text = joined(n, word, " ")
    return function() return external.split(text) end
  end },
  { "one long word of a command", 1000, function(n)
    local text = ("x"):rep(n)
    return function() return external.split(text) end
  end },
  { "one long word of a command in quotes", 1000, function(n)
    local text = '"' .. ("\\$"):rep(n) .. '"'
    return function() return external.split(text) end
  end },

  -- a chatbots file
  { "sas.load reads a file in Lua", 50, function(n, files)
    return good(load(files, "many.lua", "return {" .. joined(n, function(i)
      return ('{ RuleActionName = "bot %d", SendUrl = env "PATH", ConfigList = { hc = "all" } }'):format(i)
    end, ",\n") .. "}"))
  end },
  { "sas.load reads a file in JSON", 50, function(n, files)
    return good(load(files, "many.json", "[" .. joined(n, function(i)
      return ('{ "RuleActionName": "bot %d", "SendUrl": { "env": "PATH" }, "ConfigList": { "hc": "all" } }'):format(i)
    end, ",\n") .. "]"))
  end },
  { "sas.load refuses a list of numbers", 1000, function(n, files)
    return load(files, "numbers.lua", "return {" .. joined(n, tostring) .. "}")
  end },
  { "sas.load refuses a list of chatbots with mistakes", 50, function(n, files)
    return load(files, "mistakes.lua", "return {" .. joined(n, function(i)
      return ("{ RuleActionName = %d, Status = 5, SendUrl = { env = 1 }, Unknown = 1 }"):format(i)
    end, ",\n") .. "}")
  end },
  { "sas.load reads a table that many chatbots share", 50, function(n, files)
    return load(files, "shared.lua", 'local c = { hc = "all" } local t = {} return {' .. joined(n, function(i)
      return ('{ RuleActionName = "bot %d", SendUrl = env "PATH", ConfigList = c }'):format(i)
    end, ",\n") .. "}")
  end },
  { "sas.load refuses JSON that is wrong at the end of one long line", 20000, function(n, files)
    return load(files, "line.json", "[" .. ("1,"):rep(n) .. "x]")
  end },
  { "sas.load refuses JSON that is wrong behind one long line", 10000, function(n, files)
    return load(files, "behind.json", "[" .. ("1,"):rep(n) .. "\nx]")
  end },
  { "sas.load refuses JSON that is wrong behind many blanks", 20000, function(n, files)
    return load(files, "blanks.json", "[" .. (" "):rep(n) .. "\n" .. (" "):rep(n) .. "x]")
  end },
  -- The hints at what is wrong in a file in Lua are left out: they are about to go.

  -- sets, plans and the account
  { "client:chatbots reads an account", 400, function(n)
    local client = client_of(n)
    return good(function() return client:chatbots() end)
  end },
  { "client:chatbot finds one", 400, function(n)
    local client = client_of(n)
    return good(function() return client:chatbot("bot " .. n) end)
  end },
  { "client:groups reads groups", 400, function(n)
    local client = client_of(1, n)
    return good(function() return client:groups() end)
  end },
  { "client:plan compares a set with an account that has its chatbots", 100, function(n)
    local client, set = client_of(n), list_of(n, declared)
    return good(function() return client:plan(set) end)
  end },
  { "client:plan compares a set by its Ids", 100, function(n)
    local client, set = client_of(n), list_of(n, function(i)
      local made = declared(i)
      made.Id, made.RuleActionName = i, "other " .. i
      return made
    end)
    return good(function() return client:plan(set) end)
  end },
  { "client:plan of a set that is new, and an account without it", 100, function(n)
    local client, set = client_of(n), list_of(n, function(i) return declared(i + 100000) end)
    return good(function() return client:plan(set, { prune = true }) end)
  end },
  { "client:plan of groups by their names", 100, function(n)
    local client, set = client_of(1, n), list_of(n, function(i)
      local made = declared(i)
      made.GroupIdList = { { group = "group " .. i } }
      return made
    end)
    return good(function() return client:plan(set) end)
  end },
  { "client:plan refuses groups that are not there", 100, function(n)
    local client, set = client_of(1, n), list_of(n, function(i)
      local made = declared(i)
      made.GroupIdList = { { group = "graup " .. i } }
      return made
    end)
    return function() assert(not client:plan(set)) end
  end },
  { "client:plan of a chatbot with many groups", 100, function(n)
    local client, made = client_of(1), declared(1)
    made.GroupIdList = list_of(n, function(i) return i end)
    return good(function() return client:plan { made } end)
  end },
  { "a plan is printed", 100, function(n)
    local client = client_of(n)
    local plan = assert(client:plan(list_of(n, function(i) return declared(i + n / 2) end), { prune = true }))
    return function() return plan_text.render(plan) end
  end },
  { "client:ensure finds a chatbot that is as it should be", 400, function(n)
    local client = client_of(n)
    return good(function()
      return client:ensure { RuleActionName = "bot " .. n, SendUrl = account.webhook, GroupIdList = { 10417151 } }
    end)
  end },
  { "client:resolve goes on with a handle that knows many chatbots", 400, function(n)
    local client = client_of(n)
    local handle = {
      version = 2, kind = "create", id = ("0"):rep(32), site = "tds.cn-shanghai.aliyuncs.com", name = "bot 1",
      fence = 1950, signedAt = 1000, ahead = 0, looks = { { boot = "emulated", at = 1 } },
      wanted = {}, before = list_of(n, tostring),
    }
    local _, err = client:resolve(handle)
    assert(not err or err.kind ~= "argument", tostring(err))
    return function() return client:resolve(handle) end
  end },

  -- what is made of an account
  { "export.text in Lua", 50, function(n)
    local list, all = list_of(n, chatbot), groups_of(n)
    return function() return export.text(list, all) end
  end },
  { "export.text in JSON", 50, function(n)
    local list, all = list_of(n, chatbot), groups_of(n)
    return function() return export.text(list, all, { format = "json" }) end
  end },
  { "export.text of chatbots of one name", 50, function(n)
    local list = list_of(n, function(i)
      local read = chatbot(i)
      read.RuleActionName = "one"
      return read
    end)
    return function() return export.text(list) end
  end },
  { "coverage of many chatbots", 100, function(n)
    return function() return heard(n, 4) end
  end },
  { "coverage of many groups", 100, function(n)
    return function() return heard(4, n) end
  end },
  { "coverage as a text", 100, function(n)
    local data = heard(n, 4)
    return function() return coverage.text(data, { width = 80 }) end
  end },
  { "coverage as a page", 100, function(n)
    local data = heard(n, 4)
    return function() return coverage.html(data) end
  end },
  { "coverage of many groups as a text", 100, function(n)
    local data = heard(4, n)
    return function() return coverage.text(data, { width = 80 }) end
  end },

  -- texts and lists
  { "core.suggest", 1000, function(n)
    local words = list_of(n, mixed)
    return function() return core.suggest("w0000x1", words) end
  end },
  { "ids.list of a list", 1000, function(n)
    local list = list_of(n, function(i) return i end)
    return function() return ids.list(list) end
  end },
  { "ids.list of a comma list", 500, function(n)
    local text = joined(n, function(i) return " " .. i .. " " end)
    return function() return ids.list(text) end
  end },
  { "ids.list of blanks", 1000, function(n)
    local text = (" "):rep(n) .. "x" .. (" "):rep(n) .. "y"
    return function() return ids.list(text) end
  end },
  { "chatbots by the words of a command", 400, function(n)
    local list, words = list_of(n, chatbot), list_of(n, function(i) return "bot " .. i end)
    return function() return select_chatbots.of(list, words) end
  end },
  { "chatbots by words of a command that no chatbot has", 100, function(n)
    local list, words = list_of(n, chatbot), list_of(n, function(i) return "bat " .. i end)
    return function() assert(not pcall(select_chatbots.of, list, words)) end
  end },
  { "a text is made printable", 10000, function(n)
    local text = ("\27[31mx\228\184\173"):rep(n)
    return function() return printable.line(text) end
  end },
  { "a table for a terminal", 100, function(n)
    local columns, rows = { { title = "a", shrink = true }, { title = "b" } }, list_of(n, function(i)
      return { ("\228\184\173"):rep(20), word(i) }
    end)
    return function() return grid.render(columns, rows, { width = 40 }) end
  end },
  { "a cell for a terminal", 10000, function(n)
    local columns, rows = { { title = "a", shrink = true } }, { { ("\228\184\173 "):rep(n) } }
    return function() return grid.render(columns, rows, { width = 40 }) end
  end },
  { "core.percent, core.base64 and core.hex", 5000, function(n)
    local text = ("\228/"):rep(n)
    return function() return core.percent(text), core.base64(text), core.hex(text) end
  end },
  { "system.run takes what a program prints", 200000, function(n, files)
    local path = files:write("output" .. n, ("x"):rep(n))
    return good(function() return system.run({ "cat", path }, 60, 8e6) end)
  end },
  { "system.readprivate reads a file", 100000, function(n, files)
    local path = files:write("private" .. n, ("x"):rep(n))
    child.run("chmod 600 " .. child.quote(path))
    return good(function() return system.readprivate(path, 1e6) end)
  end },
}

-- Masking: each text with each kind of secrets, and both grow. A text is looked at up to 8192 bytes.
local MASKED = {
  { "words", ("the value abcdef "):rep(480) }, { "one letter", ("a"):rep(8160) }, { "escapes", ("%2525"):rep(1632) },
  { "names", ("sign="):rep(1632) }, { "names and values", ("sign=ab "):rep(1020) },
  { "names and joints", ("sign=::::::::::: "):rep(480) },
}
local MOST_SECRETS = 240000 -- bytes

local function letters(n)
  local lot = chance(1)
  return joined(n, function() return string.char(96 + lot.upto(26)) end, "")
end

local function pieces(text, length)
  return list_of(math.floor(#text / length), function(i) return text:sub((i - 1) * length + 1, i * length) end)
end

local SECRETS = {
  { "no secret", function() return {} end },
  { "one secret", function(n) return { letters(n) } end },
  { "one secret of one letter", function(n) return { ("a"):rep(n) } end },
  { "one secret of escapes", function(n) return { ("%25"):rep(n / 3) } end },
  { "many short secrets", function(n) return pieces(letters(n), 6) end },
  { "many secrets that are the same", function(n) return pieces(("a"):rep(n), 7) end },
}

for _, masked in ipairs(MASKED) do
  for _, secrets in ipairs(SECRETS) do
    ROWS[#ROWS + 1] = { ("%s in a message of %s"):format(secrets[1], masked[1]), MOST_SECRETS / 4, function(n)
      local message = masked[2]:sub(1, #masked[2] * n / MOST_SECRETS)
      return reply {
        status = 400, body = core.encode { RequestId = "r", Code = "X", Message = message }, secrets = secrets[2](n),
      }
    end }
  end
end

-- What has to be over the limit.
local SQUARED = {
  { "Lua that squares its work", 100, function(n)
    return function()
      local last
      for i = 1, n * n do
        last = i
      end
      return last
    end
  end },
  { "C that squares its work", 300, function(n)
    local text = (" "):rep(n)
    return function() return text:find " -x" end -- from each blank to the end
  end },
}

return { rows = ROWS, squared = SQUARED }
