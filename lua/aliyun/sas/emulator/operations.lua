--- What each operation does to the state and answers. Parameters arrive checked; see check.lua.

local check = require "aliyun.sas.emulator.check"
local json = require "aliyun.sas.emulator.json"
local tables = require "aliyun.sas.emulator.tables"
local text = require "aliyun.sas.emulator.text"
local refuse = require "aliyun.sas.emulator.signature".refuse

local M = {}

local function idOf(decimal, options)
  return options.idsAs == "strings" and decimal or json.number(decimal)
end

local function notFound(name, id, options)
  if options.missingCode == "ServerError" then refuse("ServerError", "ServerError") end
  check.invalid(name, options, "no chatbot has the id " .. id)
end

-- CreateOrUpdateDingTalk ---------------------------------------------------------------------------------------

local fields = { "RuleActionName", "SendUrl", "IntervalTime", "ConfigList", "GroupIdList", "DingTalkLang" }

local function fill(chatbot, values, keep)
  for _, name in ipairs(fields) do
    if values[name] ~= nil or not keep then chatbot[name] = values[name] end
  end
  chatbot.IntervalTime = chatbot.IntervalTime or "0"
  chatbot.DingTalkLang = chatbot.DingTalkLang or "zh"
end

local function checkUnique(state, values, options)
  local other = options.uniqueNames and state:named(values.RuleActionName)
  if other and other.Id ~= values.Id then
    check.invalid("RuleActionName", options, "a chatbot of this name exists")
  end
end

local function create(state, values, options, now)
  if options.maxChatbots and #state.chatbots >= options.maxChatbots then
    check.invalid("RuleActionName", options, "the account has as many chatbots as it may have")
  end
  local chatbot = {
    Status = options.statusAfterCreate, AliUid = options.aliUid, GmtCreate = now * 1000, GmtModified = now * 1000,
  }
  fill(chatbot, values)
  state:add(chatbot)
end

function M.CreateOrUpdateDingTalk(state, values, options, now)
  checkUnique(state, values, options)
  if not values.Id then return create(state, values, options, now) end
  local chatbot = state:find(values.Id)
  if chatbot then
    fill(chatbot, values, options.omitted == "keep")
    chatbot.GmtModified = now * 1000
  elseif options.missingUpdate == "error" then
    notFound("Id", values.Id, options)
  end
end

-- DescribeDingTalk ---------------------------------------------------------------------------------------------

local function matches(chatbot, wanted, options)
  if not wanted or wanted == "" then return true end
  if options.nameFilter == "exact" then return chatbot.RuleActionName == wanted end
  return chatbot.RuleActionName:find(wanted, 1, true) ~= nil
end

local function urlOf(chatbot, options)
  return options.token == "shown" and chatbot.SendUrl or (chatbot.SendUrl:gsub("[?#].*$", ""))
end

local function configOf(chatbot, options)
  if not chatbot.ConfigList then return nil end
  local wanted = tables.prefixes[options.typePrefix] .. tables.stem
  return (chatbot.ConfigList:gsub('"sas_analysis_[a-z]+%-sas%-operation%-log%-sas%-event%-', '"' .. wanted))
end

local function groupsOf(chatbot, options)
  local given = chatbot.GroupIdList
  if not given or given == "" or options.groupIdListAs == "json" then return given end
  local ids = {}
  for i, id in ipairs(json.decode(given)) do ids[i] = type(id) == "string" and id or json.textOf(id) end
  return table.concat(ids, ",")
end

local function intervalOf(chatbot, options)
  if options.intervalUnit == "seconds" then return json.number(chatbot.IntervalTime) end
  return math.ceil(tonumber(chatbot.IntervalTime) / 60)
end

local function shown(chatbot, options)
  return {
    Id = idOf(chatbot.Id, options), ActionName = chatbot.RuleActionName, Url = urlOf(chatbot, options),
    Status = chatbot.Status, ConfigList = configOf(chatbot, options), GroupIdList = groupsOf(chatbot, options),
    DingTalkLang = chatbot.DingTalkLang, IntervalTime = intervalOf(chatbot, options),
    AliUid = idOf(chatbot.AliUid, options), GmtCreate = chatbot.GmtCreate, GmtModified = chatbot.GmtModified,
  }
end

local function pageSize(values, options)
  local size = tonumber(values.PageSize or "20")
  if size <= options.maxPageSize then return size end
  if options.overPageSize == "error" then
    check.invalid("PageSize", options, "above " .. text.whole(options.maxPageSize))
  end
  return options.maxPageSize
end

local function found(state, values, options, now)
  local list = {}
  for _, chatbot in ipairs(state.chatbots) do
    local lags = now * 1000 < chatbot.GmtCreate + options.readLag * 1000
    if not lags and matches(chatbot, values.RuleActionName, options) then
      table.insert(list, options.order == "newest" and 1 or #list + 1, chatbot)
    end
  end
  return list
end

function M.DescribeDingTalk(state, values, options, now)
  local page, size = tonumber(values.CurrentPage or "1"), pageSize(values, options)
  local list, actions = found(state, values, options, now), json.array()
  for i = (page - 1) * size + 1, math.min(page * size, #list) do
    actions[#actions + 1] = shown(list[i], options)
  end
  return { PageInfo = { CurrentPage = page, PageSize = size, TotalCount = #list }, ActionList = actions }
end

-- Delete, status, test -----------------------------------------------------------------------------------------

local function checkAll(state, values, options, missing)
  local ids = check.ids(values.Ids)
  for _, id in ipairs(ids) do
    if missing == "error" and not state:find(id) then notFound("Ids", id, options) end
  end
  return ids
end

function M.DeleteDingTalk(state, values, options)
  for _, id in ipairs(checkAll(state, values, options, options.missingDelete)) do state:remove(id) end
end

function M.ModifyDingTalkStatus(state, values, options, now)
  for _, id in ipairs(checkAll(state, values, options, options.missingUpdate)) do
    local chatbot = state:find(id)
    if chatbot then chatbot.Status, chatbot.GmtModified = tonumber(values.Status), now * 1000 end
  end
end

function M.DingTalkOnlineTest(state, values, options, now)
  local chatbot = state:find(values.Id)
  if not chatbot then return notFound("Id", values.Id, options) end
  chatbot.tests = (chatbot.tests or 0) + 1
  chatbot.tested = now
end

-- DescribeDataSource -------------------------------------------------------------------------------------------

local function label(word, tail, key)
  if word == "all" then return "dingtalk_all" end
  return ("dingtalk_%s_%s"):format(tail, tables.labels[word] or (key.free and "event" or word))
end

local function wordsOf(key, lang)
  local words = {}
  for i, word in ipairs(key.values) do words[i] = word end
  for _, names in ipairs(key.free and tables.eventTypes or {}) do
    words[#words + 1] = names[lang == "en" and 1 or 2]
  end
  return words
end

local function fieldOf(key, tail, lang)
  local samples = {}
  for i, word in ipairs(wordsOf(key, lang)) do samples[i] = word .. ":" .. label(word, tail, key) end
  return {
    Filed = key.key, FiledName = ("dingtalk_%s_%s"):format(tail, key.key), ValueType = "string",
    Sample = table.concat(samples, ";"),
    OperatorList = json.array { { Name = "regex", Description = "dingtalk_" .. tail } },
  }
end

function M.DescribeDataSource(_, values, options)
  local sources = json.array()
  if (values.ConfigType or "DingTalk") ~= "DingTalk" then return { MetaDatas = sources } end
  for i, entry in ipairs(tables.catalog) do
    local metaFields = json.array()
    local tail = entry.tail:gsub("-", "_")
    for place, key in ipairs(entry.keys) do metaFields[place] = fieldOf(key, tail, values.Lang) end
    sources[i] = {
      DataSourceId = 1752 + i, DataSourceName = tables.prefixes[options.typePrefix] .. tables.stem .. entry.tail,
      Description = "dingtalk_" .. tail, MetaDataFields = metaFields,
    }
  end
  return { MetaDatas = sources }
end

-- DescribeGroupStruct ------------------------------------------------------------------------------------------

local root = "10417150"

local function tree(groups, father, level, options)
  local list = json.array()
  for i, group in ipairs(groups) do
    local id = tostring(group.id)
    list[i] = {
      groupId = idOf(id, options), groupName = group.name, groupFather = idOf(father, options), groupLevel = level,
      groupIndex = i, groupFlag = group.flag or 1, childGroups = tree(group.groups or {}, id, level + 1, options),
    }
  end
  return list
end

local function machines(groups)
  local sum = 0
  for _, group in ipairs(groups) do sum = sum + (group.machines or 0) + machines(group.groups or {}) end
  return sum
end

function M.DescribeGroupStruct(_, values, options)
  local groups = tree(options.groups, root, 1, options)
  if options.groupsAs == "strings" then groups = json.array { json.encode(groups) } end
  return {
    GroupId = idOf(root, options), GroupName = values.Lang == "en" and "All groups" or "所有分组",
    MachineNum = machines(options.groups), GroupIndex = 0, GroupFather = idOf("0", options), GroupLevel = 0,
    GroupFlag = 0, Groups = groups,
  }
end

-- DescribeVersionConfig ----------------------------------------------------------------------------------------

function M.DescribeVersionConfig(_, _, options)
  local number = tables.editions[options.edition]
  return { Version = number, HighestVersion = number, MVAuthCount = 0, IsTrialVersion = 0 }
end

return M
