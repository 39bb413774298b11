--- The settings of a client: one table of what exists, and the check of what a caller gives.

local core = require "aliyun.sas.core"
local credentials = require "aliyun.sas.credentials"
local endpoint = require "aliyun.sas.endpoint"
local failure = require "aliyun.sas.failure"
local printable = require "aliyun.sas.printable"

local settings = {}

local function is_text(value)
  return type(value) == "string" and value ~= "" and not value:find "[%z\1-\31\127]"
end

local function check_text(value)
  if type(value) ~= "string" then
    return "is a " .. type(value) .. ": give a string"
  elseif value == "" then
    return "is empty"
  end
  return not is_text(value) and "holds a control character" or nil
end

local LONGEST = 4096 -- bytes of what libcurl is given

local function check_length(value)
  return #value > LONGEST and ("has more than %d bytes"):format(LONGEST) or nil
end

local function check_file(value)
  return check_text(value) or check_length(value)
end

local function check_seconds(value)
  if type(value) ~= "number" or not (value > 0 and value <= 86400) then
    return "must be a number of seconds from above 0 to 86400"
  end
end

local function check_retries(value)
  if type(value) ~= "number" or value < 0 or value > 10 or value % 1 ~= 0 then
    return "must be a whole number from 0 to 10"
  end
end

-- The service documents that it takes a signature for up to 31 minutes; nobody needs a fence of more than a week.
local function check_fence(value)
  if type(value) ~= "number" or not (value >= 0 and value <= 604800 and value % 1 == 0) then
    return "must be a whole number of seconds from 0 to 604800"
  end
end

local STORE_FUNCTIONS = { "lock", "unlock", "read", "write", "remove" }

local function check_store(value)
  if type(value) ~= "table" then
    return "must be a store (sas.store)"
  end
  for _, name in ipairs(STORE_FUNCTIONS) do
    if type(value[name]) ~= "function" then
      return "is a store without the function " .. name
    end
  end
end

local function check_function(value)
  return type(value) ~= "function" and "must be a function" or nil
end

local function one_of(...)
  local words = { ... }
  return function(value)
    for _, word in ipairs(words) do
      if value == word then
        return nil
      end
    end
    return 'must be "' .. table.concat(words, '" or "') .. '"'
  end
end

local function check_user_agent(value)
  if type(value) ~= "string" or #value > 128 or not value:match "^[%w%._/%-][%w%._/%- ]*$" then
    return "must be up to 128 letters, digits, spaces, and . _ / -"
  end
end

local function check_proxy(value)
  if value == false or value == "env" then
    return nil
  end
  if not is_text(value) or not (value:match "^https?://.") then
    return 'must be "env", false, or a URL with http:// or https://'
  end
  return check_length(value)
end

local function check_provider(value)
  local good = type(value) == "table" and type(value.fetch) == "function"
  return not good and "must be a provider (sas.credentials, or a table with fetch)" or nil
end

local function check_transport(value)
  if value == "curl" or value == "cosocket" then
    return nil
  elseif type(value) ~= "table" then
    return 'must be "curl", "cosocket" or a table with send'
  end
  if type(value.send) ~= "function" then
    return "is a table without the function send"
  end
  for _, name in ipairs { "sleep", "now", "monotonic", "boottime", "turn" } do
    if value[name] ~= nil and type(value[name]) ~= "function" then
      return "has a " .. name .. " that is no function"
    end
  end
end

-- name = check; a check answers what is wrong, or nil
local CHECKS = {
  regionId = check_text,
  endpoint = check_text,
  credentials = check_provider,
  accessKeyId = check_text,
  accessKeySecret = check_text,
  securityToken = check_text,
  signature = one_of("v3", "v1"),
  parameters = one_of("query", "body"),
  connectTimeout = check_seconds,
  timeout = check_seconds,
  deadline = check_seconds,
  retries = check_retries,
  fence = check_fence,
  store = check_store,
  intervalUnit = one_of("seconds", "minutes"),
  caFile = check_file,
  proxy = check_proxy,
  userAgent = check_user_agent,
  transport = check_transport,
  now = check_function,
  nonce = check_function,
  jitter = check_function,
  onRequest = check_function,
  onResponse = check_function,
  onRetry = check_function,
  onWarning = check_function,
}

--- The names of all settings, sorted.
---@return string[]
function settings.names()
  local names = {}
  for name in pairs(CHECKS) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- The settings that only some transports honour.
local TRANSPORT_SETTINGS = { "caFile", "proxy" }

local function name_of(key)
  -- no setting has a digit or more letters than these; a key of an account has
  if type(key) == "string" and #key <= 24 and key:match "^[%a_%-]+$" then
    return key
  end
  return "(a key that is no name)"
end

local function note_unknown(problems, key)
  local name = name_of(key)
  local near = core.suggest(name, settings.names())
  if near then
    problems[#problems + 1] = ("%s: unknown setting (did you mean %s?)"):format(name, near)
  elseif name:lower():find "verif" or name:lower():find "insecure" then
    problems[#problems + 1] = name .. ": unknown setting (certificates are always verified; give caFile to trust "
      .. "another authority)"
  else
    problems[#problems + 1] = name .. ": unknown setting (see the README)"
  end
end

-- What a metatable adds is no setting, and what the caller changes afterwards changes nothing.
local function copy_of(given)
  local copy = {}
  for key, value in next, given do
    copy[key] = value
  end
  return copy
end

local function check_values(given, problems)
  for key, value in pairs(given) do
    local check = CHECKS[key]
    if not check then
      note_unknown(problems, key)
    else
      local wrong = check(value)
      if wrong then
        problems[#problems + 1] = key .. ": " .. wrong
      end
    end
  end
end

local function check_keys(given, problems)
  local short = given.accessKeyId ~= nil or given.accessKeySecret ~= nil or given.securityToken ~= nil
  if short and given.credentials ~= nil then
    problems[#problems + 1] = "credentials: stands beside accessKeyId or accessKeySecret"
  elseif short and (given.accessKeyId == nil or given.accessKeySecret == nil) then
    problems[#problems + 1] = (given.accessKeyId == nil and "accessKeyId" or "accessKeySecret") .. ": is missing"
  end
end

-- What nginx.conf says, and not the client.
local COSOCKET_HINTS = {
  caFile = "give nginx.conf lua_ssl_trusted_certificate",
  proxy = "a cosocket goes through no proxy",
}

local function check_transport_settings(given, transport, problems)
  if transport == "curl" then
    return
  end
  local settings_of = type(transport) == "table" and transport.settings
  for _, name in ipairs(TRANSPORT_SETTINGS) do
    local honoured = type(settings_of) == "table" and settings_of[name]
    if transport == "cosocket" and name == "proxy" and given.proxy == false then
      honoured = true -- there is none
    end
    if given[name] ~= nil and not honoured then
      local why = transport == "cosocket" and (" (%s)"):format(COSOCKET_HINTS[name]) or ""
      problems[#problems + 1] = name .. ": the transport cannot honour it" .. why
    end
  end
end

local NO_REGION = 'regionId: is missing (give regionId = "cn-hangzhou" for the Chinese site, "ap-southeast-1" for the '
  .. "international one, or ALIBABA_CLOUD_REGION_ID, or region_id in the profile of the aliyun command, or endpoint; "
  .. "the two sites do not share chatbots, so there is no default)"

-- The provider that may know a region: the caller's, or the chain where nobody gives keys.
local function region_provider(given)
  if given.credentials == nil and given.accessKeyId == nil then
    return credentials.default()
  end
  return type(given.credentials) == "table" and given.credentials or {}
end

-- The region: { value =, name = of what names it, file = that it is from, err = why a provider has none }. No file is
-- read where one is given.
local function find_region(given)
  if given.regionId ~= nil then
    return { value = given.regionId, name = "regionId" }
  end
  local region = os.getenv "ALIBABA_CLOUD_REGION_ID"
  if region and region ~= "" then
    return { value = region, name = "ALIBABA_CLOUD_REGION_ID" }
  end
  local provider = region_provider(given)
  if type(provider.regionId) == "function" then
    local found, err, file = provider:regionId()
    return { value = found, name = "region_id of the profile", err = err, file = file }
  end
  return {}
end

-- A provider's error on the line of a problem.
local function reason_of(err)
  local hint = rawget(err, "hint")
  return printable.line(failure.text(rawget(err, "message")) .. (hint and " (" .. failure.text(hint) .. ")" or ""))
end

local function resolve_endpoint(given, problems)
  if given.endpoint ~= nil then
    local parts, wrong
    if is_text(given.endpoint) then
      parts, wrong = endpoint.parse(given.endpoint)
    end
    problems[#problems + 1] = wrong and "endpoint: " .. wrong or nil
    return parts
  end
  local region = find_region(given)
  if region.value == nil or region.value == "" then
    problems[#problems + 1] = NO_REGION
    problems[#problems + 1] = failure.is(region.err) and "credentials: " .. reason_of(region.err) or nil
    return nil
  end
  local wrong, host = check_text(region.value), nil
  if not wrong then
    host, wrong = endpoint.of_region(region.value)
  elseif region.name == "regionId" then
    return nil -- it was checked with the other settings
  end
  if wrong then
    problems[#problems + 1] = region.name .. ": " .. wrong
      .. (type(region.file) == "string" and (" (in %s)"):format(printable.line(region.file)) or "")
    return nil
  end
  return { scheme = "https", host = host, source = region.name, region = region.value }
end

-- Inside nginx a worker is blocked only where the caller asks for that by name.
local function choose_transport(given, problems)
  local inside = rawget(_G, "ngx") ~= nil
  if given.transport == "cosocket" and not inside then
    problems[#problems + 1] = "transport: there are no cosockets outside nginx"
  end
  return given.transport or (inside and "cosocket" or "curl")
end

local function choose_provider(given)
  if given.credentials then
    return given.credentials, false
  end
  if given.accessKeyId then
    local keys = {
      accessKeyId = given.accessKeyId, accessKeySecret = given.accessKeySecret, securityToken = given.securityToken,
    }
    local good, provider = pcall(credentials.static, keys)
    if not good then
      return nil, tostring(provider)
    end
    return provider, true
  end
  return credentials.default(), true
end

--- Checks the settings that a caller gives; raises one message with everything that is wrong.
---@param given aliyun.sas.settings
---@param level integer of the caller, for error
---@return table chosen { given, provider, owned, transport, endpoint }; `given` is a copy of the settings, the only one
--- to be used from then on; `endpoint.source` is what names the region, and `endpoint.region` the region itself
function settings.check(given, level)
  if type(given) ~= "table" or type(rawget(given, "new")) == "function" then
    error("sas.new takes a table of settings, and is called with a dot", level + 1)
  end
  given = copy_of(given)
  local problems = {}
  check_values(given, problems)
  check_keys(given, problems)
  local transport = choose_transport(given, problems)
  check_transport_settings(given, transport, problems)
  local at = resolve_endpoint(given, problems)
  local provider, owned
  if #problems == 0 then
    provider, owned = choose_provider(given)
    problems[1] = not provider and owned or nil
  end
  if #problems > 0 then
    table.sort(problems)
    error("sas.new: " .. #problems .. (#problems == 1 and " problem" or " problems") .. " in the settings\n  "
      .. table.concat(problems, "\n  "), level + 1)
  end
  return { given = given, provider = provider, owned = owned, transport = transport, endpoint = at }
end

return settings
