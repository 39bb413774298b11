--- What is wrong with the parameters of a call: the first thing that a service would refuse.

local json = require "aliyun.sas.emulator.json"
local tables = require "aliyun.sas.emulator.tables"
local text = require "aliyun.sas.emulator.text"
local refuse = require "aliyun.sas.emulator.signature".refuse

local M = {}

local function missing(name, options)
  local code = options.parameterCodes == "named" and "Missing" .. name or "MissingParameter"
  refuse(code, name .. " is mandatory for this action.")
end

local function invalid(name, options, why)
  local code = options.parameterCodes == "named" and "Invalid" .. name or "InvalidParameter"
  refuse(code, ("The specified parameter %s is not valid: %s."):format(name, why))
end

M.invalid = invalid

local function has(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end

-- ConfigList ---------------------------------------------------------------------------------------------------

local function onlyKeys(object, names, where)
  if not json.isObject(object) then return where .. " is no object" end
  for name in pairs(object) do
    if not has(names, name) then return ("%s has the unknown field %s"):format(where, name) end
  end
  for _, name in ipairs(names) do
    if object[name] == nil then return ("%s has no %s"):format(where, name) end
  end
end

local function documentedEvent(word)
  for _, names in ipairs(tables.eventTypes) do
    if has(names, word) then return true end
  end
  return false
end

local function valueProblem(entry, value, where, options)
  if type(value) ~= "string" or value == "" then return where .. " is no text" end
  if has(entry.values, value) then return end
  if entry.free and (options.eventTypes == "any" or documentedEvent(value)) then return end
  return ("%s: %s is none of the values of %s"):format(where, value, entry.key)
end

local function itemProblem(catalogType, item, where, options)
  local problem = onlyKeys(item, { "key", "valueList" }, where)
  if problem then return problem end
  local entry
  for _, candidate in ipairs(catalogType.keys) do
    if candidate.key == item.key then entry = candidate end
  end
  if not entry then return ("%s: %s is no key of %s"):format(where, tostring(item.key), catalogType.tail) end
  if not json.isArray(item.valueList) or #item.valueList == 0 then return where .. ".valueList is no list of values" end
  for i, value in ipairs(item.valueList) do
    problem = valueProblem(entry, value, ("%s.valueList[%d]"):format(where, i), options)
    if problem then return problem end
  end
end

local function catalogType(name)
  for _, prefix in pairs(tables.prefixes) do
    for _, entry in ipairs(tables.catalog) do
      if name == prefix .. tables.stem .. entry.tail then return entry end
    end
  end
end

local function typeProblem(entry, where, options)
  local problem = onlyKeys(entry, { "type", "configItemList" }, where)
  if problem then return problem end
  local known = catalogType(entry.type)
  if not known then return ("%s: %s is no known type"):format(where, tostring(entry.type)) end
  if not json.isArray(entry.configItemList) or #entry.configItemList == 0 then
    return where .. ".configItemList is no list of keys"
  end
  for i, item in ipairs(entry.configItemList) do
    problem = itemProblem(known, item, ("%s.configItemList[%d]"):format(where, i), options)
    if problem then return problem end
  end
end

local function arrayOf(value)
  local list, why = json.decode(value)
  if list == nil then return nil, "no JSON, " .. why end
  if not json.isArray(list) then return nil, "no JSON array" end
  return list
end

local checks = {}

function checks.config(value, options)
  if value == "" then return options.emptyConfigList == "error" and "empty" or nil end
  local list, why = arrayOf(value)
  if not list then return why end
  if #list == 0 and options.emptyConfigList == "error" then return "empty" end
  for i, entry in ipairs(list) do
    local problem = typeProblem(entry, ("[%d]"):format(i), options)
    if problem then return problem end
  end
end

-- The others ---------------------------------------------------------------------------------------------------

local function groupIn(groups, id)
  for _, group in ipairs(groups) do
    if tostring(group.id) == id or groupIn(group.groups or {}, id) then return true end
  end
  return false
end

local function idOf(value)
  local decimal = type(value) == "string" and value or (json.isNumber(value) and json.textOf(value))
  return decimal and text.integer(decimal, "Long")
end

function checks.groups(value, options)
  if value == "" then return options.emptyGroupIdList == "error" and "empty" or nil end
  local list, why = arrayOf(value)
  if not list then return why end
  if #list == 0 and options.emptyGroupIdList == "error" then return "empty" end
  for i, element in ipairs(list) do
    local id = idOf(element)
    if not id then return ("[%d] is no group id"):format(i) end
    if options.unknownGroup == "error" and not groupIn(options.groups, id) then
      return ("[%d] is no group of the account"):format(i)
    end
  end
end

--- A comma list of ids as a list of decimal texts, or nil.
function M.ids(value)
  local list = {}
  for piece in (value .. ","):gmatch("([^,]*),") do
    local id = text.integer(piece, "Long")
    if not id or id == "0" or id:find("^%-") then return nil end
    list[#list + 1] = id
  end
  return list
end

function checks.ids(value)
  if not M.ids(value) then return "no comma list of ids" end
end

local function dingtalkHost(host)
  host = "." .. host:lower()
  return host:sub(-13) == ".dingtalk.com" or host:sub(-12) == ".dingtalk.io"
end

function checks.url(value, options)
  if options.sendUrlCheck == "none" then return end
  local host = value:match("^https?://([^/?#%s@]+)")
  if not host or value:find("[%z\1-\32\127]") then return "no URL" end
  if options.sendUrlCheck == "dingtalk" and not dingtalkHost(host:gsub(":%d+$", "")) then
    return "no host of DingTalk"
  end
end

local function less(a, b)
  local negativeA, negativeB = a:sub(1, 1) == "-", b:sub(1, 1) == "-"
  if negativeA ~= negativeB then return negativeA end
  if #a ~= #b then return (#a < #b) ~= negativeA end
  return a ~= b and text.before(a, b) ~= negativeA
end

local function lengthProblem(row, value, options)
  local length = options.nameLength == "bytes" and #value or text.codePoints(value)
  if not length then return "not UTF-8" end
  if length < row.shortest or length > row.longest then
    return ("%d to %d characters"):format(row.shortest, row.longest)
  end
end

local function problemOf(row, value, options)
  if row.minimum and less(value, row.minimum) then return "below " .. row.minimum end
  if row.values and not has(row.values, value) then return "none of " .. table.concat(row.values, ", ") end
  if row.shortest then return lengthProblem(row, value, options) end
  if not text.codePoints(value) then return "not UTF-8" end
  return row.check and checks[row.check](value, options)
end

local function numberOf(row, value, options)
  return text.integer(value, row.type) or invalid(row.name, options, "no " .. row.type)
end

local function checkOne(row, value, options)
  local empty = value == ""
  if empty and row.type ~= "String" and options.emptyNumber == "absent" then value = nil end
  if empty and (row.values or row.shortest) and not row.required then value = nil end
  if row.required and (value == nil or value == "") then missing(row.name, options) end
  if value == nil then return nil end
  if row.type ~= "String" then value = numberOf(row, value, options) end
  local problem = problemOf(row, value, options)
  if problem then invalid(row.name, options, problem) end
  return value
end

--- The parameters by name. A name that comes twice is refused: which of the two would count is nobody's promise.
function M.byName(list, options)
  local values = {}
  for _, pair in ipairs(list) do
    if values[pair[1]] ~= nil then invalid(pair[1], options, "given twice") end
    values[pair[1]] = pair[2]
  end
  return values
end

local function refuseUnknown(rows, given, common, options)
  for name in pairs(given) do
    local known = common and common[name]
    for _, row in ipairs(rows) do known = known or row.name == name end
    if not known then invalid(name, options, "not a parameter of this action") end
  end
end

--- The operation's parameters as checked texts; whole numbers in their shortest decimal spelling.
function M.parameters(operation, given, common, options)
  if options.unknownParameters == "refused" then refuseUnknown(operation.parameters, given, common, options) end
  local values = {}
  for _, row in ipairs(operation.parameters) do
    if row.required and (given[row.name] or "") == "" then missing(row.name, options) end
  end
  for _, row in ipairs(operation.parameters) do values[row.name] = checkOne(row, given[row.name], options) end
  return values
end

return M
