--- What a method is called with: mistakes of the programmer raise, at the line that calls the method.
--
-- Each check is called by a method itself, hence the levels.

local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"

local misuse = {}

--- Parameters are a table, which may be left out where nothing in it is required.
function misuse.params(name, params, optional)
  if type(params) ~= "table" and not (params == nil and optional) then
    error(name .. " takes a table of parameters", 3)
  end
end

local function legal_names(legal)
  local names = {}
  for key in pairs(legal) do
    names[#names + 1] = key
  end
  table.sort(names)
  return table.concat(names, " and ") .. (#names == 1 and " exists" or " exist")
end

--- Options are a table or nil; `legal` has the type of each by its name. Answers a copy: what a metatable adds is no
--- option.
---@param legal table<string, string>
---@return table
function misuse.options(name, options, legal)
  if options ~= nil and type(options) ~= "table" then
    error(name .. ": the options must be a table", 3)
  end
  local copy = {}
  for key, value in next, options or {} do
    if not legal[key] then
      error(name .. ": unknown option; " .. legal_names(legal), 3)
    end
    if type(value) ~= legal[key] then
      error(("%s: the option %s must be a %s"):format(name, key, legal[key]), 3)
    end
    copy[key] = value
  end
  return copy
end

--- Options that are numbers above 0; below 1 a rate makes sense, and nothing else.
---@param options table that `misuse.options` took
function misuse.positive(name, options, ...)
  for _, key in ipairs { ... } do
    local value = options[key]
    if value ~= nil and not (value > 0 and value < math.huge and (key == "rate" or value % 1 == 0)) then
      error(("%s: the option %s must be a %snumber above 0"):format(name, key, key == "rate" and "" or "whole "), 3)
    end
  end
end

--- An option that is a number of at most so much.
---@param options table that `misuse.positive` took
function misuse.most(name, options, key, most)
  if options[key] and options[key] > most then
    error(("%s: the option %s must be at most %d"):format(name, key, most), 3)
  end
end

--- The option `fingerprints` is an object of its module.
---@param options table that `misuse.options` took
function misuse.fingerprints(name, options)
  local value = options.fingerprints
  if value ~= nil and not require "aliyun.sas.fingerprints".is(value) then
    error(name .. ": the option fingerprints must be what aliyun.sas.fingerprints.open answers", 3)
  end
end

local CLASSES = { read = true, update = true, create = true }

--- The class of a raw call.
function misuse.class(name, class)
  if class ~= nil and not CLASSES[class] then
    error(name .. ': the class is "read", "update" or "create"', 3)
  end
end

--- The name of an operation. Every action begins with a capital; a method's name in its place would be sent, and
--- refused from afar.
function misuse.action(name, action)
  if type(action) ~= "string" then
    error(name .. " takes the name of an operation first", 3)
  end
  if not calls.operations[action] and action:match "^%l" then
    local known = {}
    for spelling in pairs(calls.operations) do
      known[#known + 1] = spelling
    end
    table.sort(known)
    local near = core.suggest(action, known)
    error(("%s: %s is no operation%s"):format(name, #action <= 64 and action or "this",
      near and (" (did you mean %s?)"):format(near) or ""), 3)
  end
end

--- One argument of one of these types.
function misuse.argument(name, what, value, ...)
  for _, kind in ipairs { ... } do
    if type(value) == kind then
      return
    end
  end
  error(("%s takes %s"):format(name, what), 3)
end

return misuse
