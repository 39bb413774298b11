--- Chatbots as the command line shows them.

local dates = require "aliyun.sas.dates"
local json = require "aliyun.sas.cli.json"
local statuses = require "aliyun.sas.status"
local webhooks = require "aliyun.sas.webhook"

local view = {}

-- "on", "off", or nothing where the service does not say.
local function status_of(chatbot)
  return statuses.word(chatbot.state and chatbot.state.Status)
end

local function list_of(value)
  return type(value) == "table" and json.list(value) or value
end

-- A config by type, else what was read.
local function config_of(value)
  if type(value) ~= "userdata" then
    return value
  end
  local by_type = value:table()
  for _, keys in pairs(by_type) do
    for _, values in pairs(type(keys) == "table" and keys or {}) do
      list_of(values)
    end
  end
  return by_type
end

--- A chatbot as plain data under the vendor's names, with its Status as a file of chatbots has it.
function view.plain(chatbot)
  local state = chatbot.state or {}
  return {
    Id = chatbot.Id, RuleActionName = chatbot.RuleActionName, SendUrl = webhooks.masked(chatbot.SendUrl),
    IntervalTime = chatbot.IntervalTime, ConfigList = config_of(chatbot.ConfigList),
    GroupIdList = list_of(chatbot.GroupIdList), DingTalkLang = chatbot.DingTalkLang, Status = status_of(chatbot),
    AliUid = state.AliUid, GmtCreate = state.GmtCreate, GmtModified = state.GmtModified,
  }
end

local function sorted(keyed)
  local names = {}
  for name in pairs(keyed) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The types of a config by their short names.
function view.types(chatbot)
  local config = chatbot.ConfigList
  if type(config) ~= "userdata" then
    return tostring(config or "")
  end
  return table.concat(sorted(config:table()), ", ")
end

--- The config, a line for each key of a type.
function view.config_lines(chatbot)
  local config, lines = chatbot.ConfigList, {}
  if type(config) ~= "userdata" then
    return { config and tostring(config) or nil }
  end
  local by_type = config:table()
  for _, name in ipairs(sorted(by_type)) do
    local keys = by_type[name]
    for _, key in ipairs(type(keys) == "table" and sorted(keys) or {}) do
      lines[#lines + 1] = ("%s.%s = %s"):format(name, key, table.concat(keys[key], ", "))
    end
    if type(keys) ~= "table" then
      lines[#lines + 1] = name .. " = " .. tostring(keys)
    end
  end
  return lines
end

--- The Ids of the groups.
function view.groups(chatbot)
  local value = chatbot.GroupIdList
  if type(value) ~= "table" then
    return tostring(value or "")
  end
  local texts = {}
  for i, id in ipairs(value) do
    texts[i] = tostring(id)
  end
  return table.concat(texts, ", ")
end

local COLUMNS = {
  { title = "Id" }, { title = "Status" }, { title = "Name", shrink = true }, { title = "Groups", shrink = true },
  { title = "Types", shrink = true },
}

--- A table of chatbots.
function view.list(console, chatbots, empty)
  local rows = {}
  for i, chatbot in ipairs(chatbots) do
    local said = status_of(chatbot) or "?"
    rows[i] = {
      tostring(chatbot.Id), { said, style = said == "on" and "32" or "2" }, chatbot.RuleActionName,
      view.groups(chatbot), view.types(chatbot),
    }
  end
  console:table(COLUMNS, rows, empty)
end

local function date_of(milliseconds)
  local seconds = (tonumber(milliseconds) or -1) / 1000
  return dates.is(seconds) and dates.text(seconds) or nil
end

--- One chatbot, a row for each field.
function view.one(console, chatbot)
  local rows, state = {}, chatbot.state or {}
  local function add(name, value)
    if value ~= nil and value ~= "" then
      rows[#rows + 1] = { name, tostring(value) }
    end
  end
  add("Id", chatbot.Id)
  add("RuleActionName", chatbot.RuleActionName)
  add("Status", status_of(chatbot))
  add("SendUrl", webhooks.masked(chatbot.SendUrl))
  add("IntervalTime", chatbot.IntervalTime)
  add("DingTalkLang", chatbot.DingTalkLang)
  add("GroupIdList", view.groups(chatbot))
  for i, line in ipairs(view.config_lines(chatbot)) do
    rows[#rows + 1] = { i == 1 and "ConfigList" or "", line }
  end
  add("GmtCreate", date_of(state.GmtCreate))
  add("GmtModified", date_of(state.GmtModified))
  console:table({ { title = "Field" }, { title = "Value", shrink = true } }, rows, "")
end

--- Warnings of a result, told.
function view.warn(console, warnings, name)
  for _, warning in ipairs(warnings or {}) do
    local path = warning.path or ""
    console:warn(name and (path == "" and name or name .. ": " .. path) or path, warning.message, warning.hint)
  end
end

return view
