--- The settings of an emulator: their names, legal values and defaults.
--
-- Whatever the service's documentation leaves open is a setting with both readings, so that a client can be tried
-- against each. The first value listed is the default.

local tables = require "aliyun.sas.emulator.tables"
local text = require "aliyun.sas.emulator.text"

local M = {}

M.choices = {
  -- fields left out of an update
  omitted = { "keep", "clear" },
  -- the filter RuleActionName of DescribeDingTalk
  nameFilter = { "exact", "part" },
  -- whether Url is read back with its access_token; the documented example has none
  token = { "hidden", "shown" },
  -- beginning of the ConfigList types that are read back
  typePrefix = { "online", "pre" },
  groupsAs = { "strings", "objects" },
  idsAs = { "numbers", "strings" },
  -- unit of IntervalTime on reading; it is written in seconds
  intervalUnit = { "seconds", "minutes" },
  -- GroupIdList on reading
  groupIdListAs = { "json", "comma" },
  -- a PageSize above the largest
  overPageSize = { "clamp", "error" },
  -- an Id that does not exist: in DeleteDingTalk; in an update, a status change, a test
  missingDelete = { "ok", "error" },
  missingUpdate = { "error", "ok" },
  -- what that error is: the operations' pages list no code but NoPermission and ServerError
  missingCode = { "InvalidParameter", "ServerError" },
  statusAfterCreate = { 1, 0 },
  -- event_type of alerts: any word, or only those that some page prints
  eventTypes = { "any", "documented" },
  uniqueNames = { false, true },
  nameLength = { "characters", "bytes" },
  sendUrlCheck = { "url", "none", "dingtalk" },
  emptyConfigList = { "ok", "error" },
  emptyGroupIdList = { "ok", "error" },
  unknownGroup = { "ok", "error" },
  unknownParameters = { "ignored", "refused" },
  -- codes of parameter errors: MissingParameter and InvalidParameter, or MissingSendUrl and InvalidSendUrl
  parameterCodes = { "general", "named" },
  order = { "oldest", "newest" },
  edition = { "enterprise", "ultimate", "pro", "antivirus", "free" },
  -- which calls a lower edition may not make, and what it is told
  editionLimits = { "status", "all" },
  editionError = { "NoPermission", "ServerError" },
  -- whether a V3 request needs x-acs-signature-nonce
  nonce = { "required", "optional" },
  -- when a nonce is burnt: after a good signature, or by whatever request shows it
  nonceBurnt = { "signed", "seen" },
  -- an empty text for a parameter that is a number
  emptyNumber = { "absent", "error" },
}

-- Free values, by the Lua type that they must have.
M.defaults = {
  accessKeys = { { accessKeyId = "testid", accessKeySecret = "testsecret" } },
  now = os.time,
  groups = tables.groups,
  aliUid = "1234567890123456",
  firstId = 1001,
  maxPageSize = 100,
  -- seconds that a date may be off: the signature pages say 15 minutes, one page says 31 for the old signature
  dateWindow = 900,
  rpcWindow = 900,
  nonceMemory = 1860,
  -- seconds after which a chatbot that was created is found
  readLag = 0,
}

local keyFields = {
  accessKeyId = "string", accessKeySecret = "string", securityToken = "string", expires = "number",
  inactive = "boolean", deny = "table",
}

local groupFields = {
  id = "string or number", name = "string", flag = "number", machines = "number", groups = "table",
}

local types = { accessKeys = "table", now = "function", groups = "table", maxChatbots = "number" }

local function typeOf(name)
  return types[name] or type(M.defaults[name])
end

--- Every setting as the documentation's examples show it, where the documentation shows anything.
M.documented = {
  token = "hidden", typePrefix = "pre", groupsAs = "strings", idsAs = "numbers", intervalUnit = "minutes",
  groupIdListAs = "comma",
}

local function listed(values)
  local out = {}
  for i, value in ipairs(values) do out[i] = tostring(value) end
  return table.concat(out, ", ")
end

local function checkChoice(name, value)
  for _, legal in ipairs(M.choices[name]) do
    if legal == value then return value end
  end
  error(("option %s: %s is none of %s"):format(name, tostring(value), listed(M.choices[name])), 0)
end

local function checkKeys(keys)
  if keys[1] == nil and next(keys) ~= nil then error("option accessKeys: expected a list of tables", 0) end
  for i, key in ipairs(keys) do
    local what = ("option accessKeys[%d]"):format(i)
    text.checkFields(what, key, keyFields)
    if not key.accessKeyId or not key.accessKeySecret then
      error(what .. " needs accessKeyId and accessKeySecret", 0)
    end
  end
end

local function checkGroups(groups, what)
  for i, group in ipairs(groups) do
    local place = ("%s[%d]"):format(what, i)
    text.checkFields(place, group, groupFields)
    if not group.id or not group.name then error(place .. " needs id and name", 0) end
    checkGroups(group.groups or {}, place .. ".groups")
  end
end

local function checkFree(name, value)
  if name == "aliUid" and type(value) == "number" then value = ("%.0f"):format(value) end
  if type(value) ~= typeOf(name) then
    error(("option %s: expected a %s, got a %s"):format(name, typeOf(name), type(value)), 0)
  end
  if name == "accessKeys" then checkKeys(value) end
  if name == "groups" then checkGroups(value, "option groups") end
  return value
end

--- Whether there is an option of this name.
function M.known(name)
  return M.choices[name] ~= nil or M.defaults[name] ~= nil or types[name] ~= nil
end

--- A full set of settings. Raises a text where a name or a value is wrong.
function M.read(given)
  if given ~= nil and type(given) ~= "table" then
    error("the options must be a table, not a " .. type(given), 0)
  end
  local options = {}
  for name, values in pairs(M.choices) do options[name] = values[1] end
  for name, value in pairs(M.defaults) do options[name] = value end
  for name, value in pairs(given or {}) do
    if not M.known(name) then
      error(("unknown option %s%s"):format(tostring(name), text.hint(name, M.choices, M.defaults, types)), 0)
    end
    local check = M.choices[name] and checkChoice or checkFree
    options[name] = check(name, value)
  end
  return options
end

return M
