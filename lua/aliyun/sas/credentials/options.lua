--- What a provider is given: a mistake raises, at the line that makes the provider.

local core = require "aliyun.sas.core"
local endpoint = require "aliyun.sas.endpoint"

local options = {}

-- What is wrong with a value, or nil.
local function problem(value, kind)
  if kind == "provider" then
    return (type(value) ~= "table" or type(value.fetch) ~= "function") and "must be a provider" or nil
  elseif kind == "secret" and getmetatable(value) == "aliyun.sas.secret" then
    return nil
  elseif kind == "secret" or kind == "endpoint" then
    kind = "string"
  end
  return (type(value) ~= kind or value == "") and "must be a " .. kind .. " with something in it" or nil
end

local function check_endpoint(value)
  local at, wrong = endpoint.parse(value)
  return not at and wrong or nil
end

--- Checks options and answers a copy of them.
---@param name string of the function that makes the provider
---@param given? table
---@param legal table<string, string> the type of each option: a type of Lua, "provider", "secret" or "endpoint"
---@param level integer of the caller, for error
---@return table
function options.check(name, given, legal, level)
  if given ~= nil and type(given) ~= "table" then
    error(name .. " takes a table of options", level + 1)
  end
  local copy, names = {}, {}
  for key in pairs(legal) do
    names[#names + 1] = key
  end
  table.sort(names)
  for key, value in next, given or {} do -- what a metatable adds is no option
    if not legal[key] then
      local near = type(key) == "string" and #key <= 32 and key:match "^%a+$" and core.suggest(key, names)
      error(("%s: unknown option%s"):format(name, near and (" (did you mean %s?)"):format(near)
        or "; " .. table.concat(names, ", ") .. " exist"), level + 1)
    end
    local wrong = problem(value, legal[key]) or legal[key] == "endpoint" and check_endpoint(value)
    if wrong then
      error(("%s: %s %s"):format(name, key, wrong), level + 1)
    end
    copy[key] = value
  end
  return copy
end

return options
