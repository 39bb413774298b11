--- A declared set of chatbots, checked before anything is compared: each entry as a wish, or all that is wrong with all
-- of them at once.
--
-- What the service takes is checked in C, as for a call. What is left is about the set: a name or an Id that stands in
-- it twice, groups by name, and webhooks that stand outside of the file.

local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local nearest_of = require "aliyun.sas.nearest"
local places = require "aliyun.sas.load.places"
local printable = require "aliyun.sas.printable"
local status = require "aliyun.sas.status"
local verdict = require "aliyun.sas.verdict"
local webhook = require "aliyun.sas.webhook"
local webhooks = require "aliyun.sas.load.webhook"
local wishes = require "aliyun.sas.wish"

local declare = {}

---@class aliyun.sas.declared a set, such as sas.load answers it
---@field chatbots table[] as createOrUpdateDingTalk takes them; SendUrl also { env = } or { file = }, a member of
--- GroupIdList also { group = name }, and Status "on" or "off"
---@field origin? table where they stand

---@class aliyun.sas.declaredItem
---@field index integer of the set
---@field place? string file and line, or file and position
---@field wish table of aliyun.sas.wish
---@field name? string
---@field id? string
---@field status? 0|1
---@field declared? table|string the webhook as it may be shown
---@field sends? string|true its webhook is to be sent, whatever it is: a note, or true
---@field is_literal boolean the webhook stood in the set itself
---@field need? {path: string, message: string, hint: string?} why the webhook is not known
---@field warnings table[]

-- What stands in the place of a group that is not known, so that the rest is checked all the same.
local ANY_GROUP = "1"

local function add(set, item, path, message, hint)
  local mine = set.problems[item.index] or {}
  mine[#mine + 1] = { index = item.index, path = path, message = message, hint = hint }
  set.problems[item.index] = mine
end

-- All problems in the order of the entries, still without their places.
local function problems_of(set)
  local all = {}
  for index = 1, #set.items do
    for _, problem in ipairs(set.problems[index] or {}) do
      all[#all + 1] = problem
    end
  end
  return all
end

local function located(set, problems)
  local all = {}
  for i, problem in ipairs(problems) do
    all[i] = {
      path = places.path(set.origin, problem.index, problem.path), message = problem.message, hint = problem.hint,
    }
  end
  return all
end

local function group_id(set, item, place, name)
  local found = set.groups and set.groups[name]
  if not set.groups or found and #found == 1 then
    return found and found[1] or ANY_GROUP
  elseif found then
    add(set, item, place, ("%d asset groups have the name, with the Ids %s"):format(#found, table.concat(found, ", ")),
      "give the Id of the one that is meant")
  else
    local near = set.nearestGroup(name)
    add(set, item, place, ("no asset group of the account has the name %s"):format(printable.quoted(name)),
      near and ("did you mean %s?"):format(printable.quoted(near))
        or "client:groups() and sas-dingtalk groups list them")
  end
  return ANY_GROUP
end

-- The list with Ids where it has names.
local function groups_of(set, item, value)
  if type(value) ~= "table" or getmetatable(value) ~= nil then
    return value
  end
  local list = {}
  for key, member in next, value do
    local name = type(member) == "table" and rawget(member, "group")
    list[key] = member
    if type(name) == "string" then
      list[key] = group_id(set, item, ("GroupIdList[%s]"):format(tostring(key)), name)
    end
  end
  return list
end

-- A webhook in the place of the name would be shown, and its token too.
local function misplaced(env, file)
  if env and env:find "^[%a_][%w_]*$" and webhooks.may_be_token(env) then
    return webhooks.IS_TOKEN
  elseif env and not env:find "^[%a_][%w_]*$" or file and (file == "" or file:find("://", 1, true)) then
    return "is no name of an environment variable, or no path of a file"
  end
end

-- The webhook for the check: a text, or nil where it is not known.
local function webhook_of(set, item, value)
  if type(value) ~= "table" then
    item.is_literal = value ~= nil
    item.declared = webhook.masked(value)
    return value
  end
  local env, file = rawget(value, "env"), rawget(value, "file")
  if (type(env) == "string") == (type(file) == "string") then
    add(set, item, "SendUrl", "is neither a text nor one of { env = NAME } and { file = PATH }")
    return nil
  end
  local wrong = misplaced(env, file)
  if wrong then
    add(set, item, "SendUrl", wrong, "a webhook is secret: give the name of a variable or a file that holds it")
    return nil
  end
  item.declared = { env = env, file = file }
  local url, need = webhooks.resolve(item.declared, set.origin and set.origin.folder)
  item.need = not url and {
    path = places.path(set.origin, item.index, "SendUrl"), message = need.message, hint = need.hint,
  } or nil
  return url
end

local function status_of(set, item, value)
  local message, hint = status.wrong(value)
  if message then
    add(set, item, "Status", message, hint)
  end
  return status.number(value)
end

-- A word that only a declared chatbot has is nearer than those of the operation.
local function hint_of(problem)
  local word = not problem.hint and problem.message:find "^is no parameter" and problem.path
  local near = word and core.suggest(word, { "Status" })
  return near and ("did you mean %s?"):format(near) or problem.hint
end

-- A text is taken as the service writes it, with words that the catalog lacks: what was exported can be declared.
local function config_of(item, value)
  local good, config = failure.try(core.parse, value)
  if type(value) ~= "string" or not good then
    return value
  elseif not failure.try(core.config, (core.json(value))) then
    item.unknownWords = true
  end
  return config
end

local function params_of(set, item, given)
  local params = {}
  for name, value in next, given do
    params[name] = value
  end
  params.Status = nil
  params.ConfigList = config_of(item, params.ConfigList)
  params.GroupIdList = groups_of(set, item, params.GroupIdList)
  params.SendUrl = webhook_of(set, item, params.SendUrl)
  return params
end

-- A webhook without its token is as it was read: nobody can wish for that.
local function settle(set, item)
  local wish = item.wish
  wish.IntervalTime = tonumber(wish.IntervalTime)
  if compare.lacks_token(wish.SendUrl) then
    wish.SendUrl = nil
    item.need = {
      path = places.path(set.origin, item.index, "SendUrl"), message = "is without its token",
      hint = "give it as the DingTalk group shows it",
    }
  end
end

-- An Id that is no group's would be taken, and no alert comes of it; known only where the groups were read.
local function note_groups(set, item)
  local unknown = {}
  for _, id in ipairs(set.groupIds and item.wish.GroupIdList or {}) do
    unknown[#unknown + 1] = not set.groupIds[id] and id or nil
  end
  item.warnings[#item.warnings + 1] = #unknown > 0 and {
    path = "GroupIdList", message = ("no asset group of the account has the Id%s %s"):format(
      #unknown == 1 and "" or "s", table.concat(unknown, ", ")),
    hint = "client:groups() and sas-dingtalk groups list them",
  } or nil
end

local function read(set, index, given)
  local item = { index = index, place = places.entry(set.origin, index), warnings = {} }
  if type(given) ~= "table" or getmetatable(given) ~= nil then
    add(set, item, nil, "is no table of a chatbot")
    return item
  end
  item.name, item.id = type(given.RuleActionName) == "string" and given.RuleActionName or nil, ids.text(given.Id)
  item.status = status_of(set, item, given.Status)
  local wish, err, warnings = wishes.read(set.settings, params_of(set, item, given))
  for _, problem in ipairs(err and err.problems or {}) do
    add(set, item, problem.path, problem.message, hint_of(problem))
  end
  item.wish, item.warnings = wish, warnings or {}
  item.warnings[#item.warnings + 1] = item.unknownWords and {
    path = "ConfigList", message = "has words that are not in the catalog",
    hint = "a table in the place of the text is checked word for word",
  } or nil
  item.warnings[#item.warnings + 1] = item.is_literal and set.origin and {
    path = "SendUrl", message = "the webhook itself stands in the file, and whoever reads it can post to the group",
    hint = 'write env "NAME" or file "path" in its place, and let the group have a new webhook',
  } or nil
  if wish then
    note_groups(set, item)
    settle(set, item)
  end
  return item
end

-- The set as a whole -------------------------------------------------------------------------------------------------

-- Where a name stands twice, each of its chatbots has to be named by its Id.
local function check_name(set, item, seen)
  local first = item.name and seen[item.name]
  if not first then
    seen[item.name or item] = item
  elseif not (first.id and item.id) then
    add(set, item, "RuleActionName", ("stands twice: %s has it too"):format(places.path(set.origin, first.index)),
      "give each chatbot a name of its own, or tell both by their Ids")
  end
end

local function check_id(set, item, seen)
  local id = item.id
  local first = id and seen[id]
  if first then
    add(set, item, "Id", ("stands twice: %s has it too"):format(places.path(set.origin, first.index)),
      "an Id stands for one chatbot")
  end
  seen[id or item] = seen[id] or item
end

local function check_twice(set)
  local names, seen_ids = {}, {}
  for _, item in ipairs(set.items) do
    check_name(set, item, names)
    check_id(set, item, seen_ids)
  end
end

local function is_list(value)
  local count = 0
  for key in next, value do
    if type(key) ~= "number" then
      return false
    end
    count = count + 1
  end
  return count == #value
end

--- The list of a declared set, with its origin; raises nothing, answers what is wrong.
---@return table[]? list, table|string origin_or_wrong
function declare.list(declared)
  local list, origin = declared, nil
  if type(rawget(declared, "chatbots")) == "table" then
    list, origin = declared.chatbots, declared.origin
  end
  if not is_list(list) then
    return nil, "is no list of chatbots"
  end
  return list, origin
end

--- True where a set names a group by its name, which takes the account's groups to be read.
---@param list table[]
function declare.names_groups(list)
  for _, given in ipairs(list) do
    local groups = type(given) == "table" and rawget(given, "GroupIdList")
    for _, member in next, type(groups) == "table" and groups or {} do
      if type(member) == "table" and type(rawget(member, "group")) == "string" then
        return true
      end
    end
  end
  return false
end

local function group_ids(groups)
  local set = {}
  for _, group in ipairs(groups) do
    set[ids.text(group.id)] = true
  end
  return set
end

local function by_name(groups)
  local found, names = {}, {}
  for _, group in ipairs(groups or {}) do
    local list = found[group.name]
    if not list then
      list = {}
      found[group.name], names[#names + 1] = list, group.name
    end
    list[#list + 1] = ids.text(group.id)
  end
  return found, names
end

local function read_all(settings, list, origin, groups)
  local set = { settings = settings, origin = origin, problems = {}, items = {} }
  if groups then
    local names
    set.groups, names = by_name(groups)
    set.nearestGroup = nearest_of(names)
    set.groupIds = group_ids(groups)
  end
  for index, given in ipairs(list) do
    set.items[index] = read(set, index, given)
  end
  check_twice(set)
  return set, problems_of(set)
end

--- Checks a set.
---@param settings table of core
---@param list table[]
---@param origin? table
---@param groups? aliyun.sas.group[] of the account, where they are known
---@return aliyun.sas.declaredItem[]? items, aliyun.sas.error? err with all problems
function declare.read(settings, list, origin, groups)
  local set, problems = read_all(settings, list, origin, groups)
  if #problems > 0 then
    return verdict.problems(located(set, problems), "the chatbots")
  end
  return set.items
end

-- What the checks take for a client: nothing is sent anywhere.
local NOWHERE = { scheme = "https", host = "localhost" }

--- What is wrong with a set as far as that can be told without the account.
---@return {index: integer, path: string?, message: string, hint: string?}[] problems without their places
function declare.check(list, origin)
  local _, problems = read_all(NOWHERE, list, origin)
  return problems
end

return declare
