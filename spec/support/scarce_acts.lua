-- scarce_acts.lua - an act for each public function of the library, for scarce.lua
-- SPDX-License-Identifier: MIT
--
-- By the name of the function: what uses it once, with all that it needs made anew, and answers something that is the
-- same each time. A name without an act fails memory_spec.

local account = require "spec.support.account"
local canary = require "spec.support.canary"
local core = require "aliyun.sas.core"
local providers = require "spec.support.providers"
local sas = require "aliyun.sas"
local scratch = require "spec.support.scratch"

local files = scratch.new()
local CHATBOTS = files:write("chatbots.lua", ('return { { RuleActionName = "made", SendUrl = env "HOOK", '
  .. 'ConfigList = { vul = "all" }, GroupIdList = { 1 } } }'))
local INI = files:write("ini", "[default]\ntype = access_key\naccess_key_id = i\naccess_key_secret = s\n")
local CLI = files:write("config.json", '{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"i",'
  .. '"access_key_secret":"s"}]}')
local TOKEN = files:write("token", "abc")
os.execute("chmod 600 " .. files.folder .. "/*")
local STORE = files.folder .. "/store"
os.execute("mkdir -m 700 " .. STORE)

local VARIABLES = {
  HOOK = account.webhook, ALIBABA_CLOUD_ACCESS_KEY_ID = "i", ALIBABA_CLOUD_ACCESS_KEY_SECRET = "s",
}
os.getenv = function(name) return VARIABLES[name] end -- luacheck: ignore 122

-- What the service answers, made before memory is scarce.
local function outcome(body)
  return { sent = true, status = 200, headers = { date = "Tue, 20 Feb 2024 08:00:00 GMT" }, body = body }
end

local ROW = ('{"RequestId":"R","PageInfo":{"CurrentPage":1,"PageSize":100,"TotalCount":1},"ActionList":[{"Id":7,'
  .. '"ActionName":"%%s","Url":"%s","Status":1,"IntervalTime":0,"DingTalkLang":"zh","GroupIdList":"[\\"1\\"]",'
  .. '"ConfigList":"[{\\"type\\":\\"sas_analysis_online-sas-operation-log-sas-event-vul\\",\\"configItemList\\":'
  .. '[{\\"key\\":\\"type\\",\\"valueList\\":[\\"all\\"]},'
  .. '{\\"key\\":\\"necessity\\",\\"valueList\\":[\\"all\\"]}]}]"}]}'):format(account.webhook)
local NONE = outcome '{"RequestId":"R","PageInfo":{"CurrentPage":1,"PageSize":100,"TotalCount":0},"ActionList":[]}'
local OTHER, MADE = outcome(ROW:format "other"), outcome(ROW:format "made")
local DONE = outcome '{"RequestId":"R"}'
local LOST = { sent = true, code = "CONNECTION_LOST", message = "lost" }
local GROUPS = outcome '{"RequestId":"R","GroupId":1,"GroupName":"all","Groups":[{"groupId":2,"groupName":"b"}]}'
local ISSUED = outcome('{"accessKeyId":"i","accessKeySecret":"s","securityToken":"t",'
  .. '"expiration":"2099-01-01T00:00:00Z","Code":"Success","AccessKeyId":"i","AccessKeySecret":"s","SecurityToken":"t",'
  .. '"Expiration":"2099-01-01T00:00:00Z","Credentials":{"AccessKeyId":"i","AccessKeySecret":"s",'
  .. '"SecurityToken":"t","Expiration":"2099-01-01T00:00:00Z"},"CloudCredential":{"AccessKeyId":"i",'
  .. '"AccessKeySecret":"s","SecurityToken":"t","Expiration":"2099-01-01T00:00:00Z"}}')

-- A client of an account; its list is `before` until something is written, and `after` then.
local function client_of(before, after, written)
  local at, list = 0, before or OTHER
  return sas.new {
    regionId = "cn-hangzhou", accessKeyId = "testid", accessKeySecret = canary.accessKeySecret, retries = 1,
    store = sas.store.memory(), now = function() return 1708416000 + at end,
    transport = {
      send = function(request)
        local action = request.headers["x-acs-action"]
        if action == "DescribeDingTalk" then
          return list
        elseif action == "DescribeGroupStruct" then
          return GROUPS
        elseif action ~= "DescribeDataSource" then
          list = after or list
          return written or DONE
        end
        return DONE
      end,
      sleep = function(seconds) at = at + seconds end, monotonic = function() return at end,
      boottime = function() return 1000 + at, "boot" end,
    },
  }
end

local function wanted()
  return {
    RuleActionName = "made", SendUrl = account.webhook, ConfigList = { vul = "all" }, GroupIdList = { 1 },
  }
end

local function declared()
  local entry = wanted()
  entry.Status = "on"
  return { entry }
end

-- What a provider answers; `body` is what its requests are answered.
local function fetched(provider)
  local transport = providers.scripted { ISSUED }
  local held, err = sas.credentials.fetch(provider, providers.context(transport))
  return held and tostring(held), held == nil and err or nil
end

-- Each method of a store; the place is a text for people.
local function used(store)
  local lock, err = store:lock("k", 1)
  local good = lock
  for _, ask in ipairs { { "write", "k", "text" }, { "read", "k" }, { "remove", "k" } } do
    if good then
      good, err = store[ask[1]](store, ask[2], ask[3])
    end
  end
  if lock then
    store:unlock("k", lock)
  end
  return good and type(store.place and store:place "k"), err
end

local function made(result, err)
  return result and result.action, err
end

local ROLE = { accessKeyId = "i", accessKeySecret = "s", roleArn = "acs:ram::1:role/a" }
local HANDLE

do -- a handle of a create that got lost
  local _, err = client_of(NONE, nil, LOST):ensure(wanted())
  HANDLE = assert(err.handle)
end

local acts = {
  ["sas.new"] = function() return tostring(client_of()) end,
  ["sas.load"] = function()
    local set, err = sas.load(CHATBOTS)
    return set and #set.chatbots, err
  end,
  ["sas.catalog"] = function() return #sas.catalog() end,
  ["sas.config"] = function() return tostring(sas.config { vul = { type = { "cms" } }, hc = "all" }) end,
  ["sas.config.parse"] = function() return tostring(sas.config.parse(tostring(sas.config { hc = "all" }))) end,
  ["sas.store.memory"] = function() return used(sas.store.memory()) end,
  ["sas.store.file"] = function() return used(sas.store.file(STORE)) end,
  ["sas.store.dict"] = function() return sas.store.dict "chatbots" end,
  ["sas.credentials.static"] = function()
    return fetched(sas.credentials.static { accessKeyId = "i", accessKeySecret = "s" })
  end,
  ["sas.credentials.environment"] = function() return fetched(sas.credentials.environment()) end,
  ["sas.credentials.chain"] = function()
    return fetched(sas.credentials.chain { sas.credentials.uri { credentialsURI = "http://127.0.0.1/" } })
  end,
  ["sas.credentials.default"] = function() return fetched(sas.credentials.default()) end,
  ["sas.credentials.profile"] = function() return fetched(sas.credentials.profile { file = CLI }) end,
  ["sas.credentials.ini"] = function() return fetched(sas.credentials.ini { file = INI }) end,
  ["sas.credentials.ecs"] = function() return fetched(sas.credentials.ecs { roleName = "r" }) end,
  ["sas.credentials.uri"] = function() return fetched(sas.credentials.uri { credentialsURI = "http://127.0.0.1/" }) end,
  ["sas.credentials.role"] = function() return fetched(sas.credentials.role(ROLE)) end,
  ["sas.credentials.oidc"] = function()
    return fetched(sas.credentials.oidc { roleArn = "a", oidcProviderArn = "b", oidcTokenFilePath = TOKEN })
  end,
  ["sas.credentials.external"] = function()
    return fetched(sas.credentials.external { processCommand = "cat " .. files.folder .. "/printed" })
  end,
  ["sas.credentials.cloudsso"] = function()
    return fetched(sas.credentials.cloudsso { signInUrl = "https://signin-cn-shanghai.alibabacloudsso.com/a/login",
      accountId = "1", accessConfig = "c", accessToken = "t", accessTokenExpire = 4e9 })
  end,
  ["sas.credentials.oauth"] = function()
    return fetched(sas.credentials.oauth { accessToken = "t", accessTokenExpire = 4e9 })
  end,
  ["sas.credentials.fetch"] = function()
    return fetched { fetch = function() return { accessKeyId = "i", accessKeySecret = "s" } end }
  end,
  ["client:call"] = function() return client_of():call("ListGroups", { A = { 1 } }, { class = "read" }) end,
  ["client:prepare"] = function()
    local request, err = client_of():prepare("CreateOrUpdateDingTalk", wanted(),
      { date = "2024-02-20T08:00:00Z", nonce = "n" })
    return request and tostring(request), err
  end,
  ["client:chatbots"] = function()
    local each, err = client_of(MADE):chatbots()
    return each and each().RuleActionName, err
  end,
  ["client:chatbot"] = function()
    local found, err = client_of(MADE):chatbot "made"
    return found and found.RuleActionName, err
  end,
  ["client:groups"] = function() return client_of():groups() end,
  ["client:ensure"] = function() return made(client_of(NONE, MADE):ensure(wanted())) end,
  ["client:resolve"] = function() return made(client_of(MADE):resolve(HANDLE)) end,
  ["client:plan"] = function()
    local plan, err = client_of():plan(declared())
    return plan and tostring(plan.entries[1].action), err
  end,
  ["client:apply"] = function()
    local client = client_of(NONE, MADE)
    local plan, err = client:plan(declared())
    local report
    if plan then
      report, err = client:apply(plan)
    end
    return report and report.summary, report and report.results[1].error or err
  end,
  ["client:close"] = function() return client_of():close() end,
  ["config:add"] = function() return tostring(sas.config():add("hc", { item_level = { "high" } })) end,
  ["config:remove"] = function() return tostring(sas.config { hc = "all", vul = "all" }:remove "hc") end,
  ["config:table"] = function() return sas.config({ hc = "all" }):table() end,
}
files:write("printed", '{"mode":"AK","access_key_id":"i","access_key_secret":"s"}')

local PARAMETERS = {
  createOrUpdateDingTalk = wanted(), deleteDingTalk = { Ids = { 7 } },
  modifyDingTalkStatus = { Ids = { 7 }, Status = 1 }, dingTalkOnlineTest = { Id = 7 },
  describeDingTalk = { CurrentPage = 1 },
}
for _, operation in ipairs(core.operations()) do
  local name = operation.method
  acts["client:" .. name] = function()
    local client = client_of()
    local answer, err = client[name](client, PARAMETERS[name])
    return answer and answer.RequestId, err
  end
end

--- The names that there have to be acts for.
local function public()
  local names = {}
  local function add(prefix, list)
    for name, value in pairs(list) do
      if type(value) == "function" or type(value) == "table" and debug.getmetatable(value) then
        names[#names + 1] = prefix .. name
      end
    end
  end
  add("sas.", sas)
  for _, room in ipairs { "store", "credentials" } do
    add(("sas.%s."):format(room), sas[room])
  end
  names[#names + 1] = "sas.config.parse"
  add("config:", debug.getmetatable(sas.config()).__index)
  for name in pairs(debug.getmetatable(client_of()).__index) do
    if name:find "^%l" then -- with a capital it names the right method
      names[#names + 1] = "client:" .. name
    end
  end
  table.sort(names)
  return names
end

return { acts = acts, public = public, files = files }
