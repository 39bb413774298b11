--- The form of a plan, which may come from anywhere, such as from JSON: whether each part has the type that it should.

local entries = require "aliyun.sas.plan.entries"
local ids = require "aliyun.sas.ids"

local form = {}

--- The version of plans that is made and taken.
form.VERSION = 1

local LAST = 253402300799 -- the last second of the year 9999

-- A shape is called with a function that takes what is wrong, the path, and the value.
local function shape(is_good)
  return function(add, path, value)
    if not is_good(value) then
      add(path, value == nil and "is missing" or "is not what a plan has there")
    end
  end
end

local function of_type(kind)
  return shape(function(value) return type(value) == kind end)
end

local function number_to(last)
  return shape(function(value)
    return type(value) == "number" and value >= 0 and value <= last and value % 1 == 0
  end)
end

local function optional(inner)
  return function(add, path, value)
    if value ~= nil then
      inner(add, path, value)
    end
  end
end

local is_table = of_type "table"

local function record(fields)
  return function(add, path, value)
    is_table(add, path, value)
    for _, field in ipairs(type(value) == "table" and fields or {}) do
      field[2](add, path .. "." .. field[1], value[field[1]])
    end
  end
end

local function is_list(value)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value
end

local function list(inner)
  return function(add, path, value)
    if type(value) ~= "table" or not is_list(value) then
      return add(path, value == nil and "is missing" or "is no list")
    end
    for i, item in ipairs(value) do
      inner(add, ("%s[%d]"):format(path, i), item)
    end
  end
end

local function map(inner)
  return function(add, path, value)
    is_table(add, path, value)
    for key, item in pairs(type(value) == "table" and value or {}) do
      if type(key) ~= "string" then
        return add(path, "is not what a plan has there")
      end
      inner(add, path, item)
    end
  end
end

local text, boolean = of_type "string", of_type "boolean"
local id = shape(function(value) return ids.text(value) ~= nil end)
local texts = list(text)

local webhook = shape(function(value)
  return type(value) == "string"
    or type(value) == "table" and (type(value.env) == "string") ~= (type(value.file) == "string")
end)

local problems = list(record { { "path", optional(text) }, { "message", text }, { "hint", optional(text) } })

local changes = list(record {
  { "field", text }, { "old", optional(text) }, { "new", optional(text) }, { "note", optional(text) },
  { "added", optional(texts) }, { "removed", optional(texts) },
})

local conflict = record {
  { "code", text }, { "message", text }, { "hint", optional(text) }, { "ids", optional(list(id)) },
}

-- What all entries have, and what those of each action have besides.
local ENTRY = {
  { "name", text }, { "place", optional(text) }, { "changes", changes }, { "notCompared", texts },
  { "needs", problems }, { "warnings", problems }, { "resend", optional(boolean) }, { "id", optional(id) },
}
local wish = record { { "SendUrl", optional(webhook) } }
local BESIDES = {
  create = { { "wish", wish } }, update = { { "wish", wish }, { "id", id } },
  status = { { "wish", wish }, { "id", id } }, unchanged = { { "wish", wish }, { "id", id } },
  delete = { { "id", id } },
  conflict = { { "wish", wish }, { "conflict", conflict } },
}

local function entry(add, path, value)
  local besides = type(value) == "table" and BESIDES[value.action]
  if not besides then
    return add(path, "has no action that is known")
  end
  record(ENTRY)(add, path, value)
  record(besides)(add, path, value)
end

local function summary_fields()
  local fields = {}
  for i, action in ipairs(entries.ACTIONS) do
    fields[i] = { action, number_to(2 ^ 31) }
  end
  return fields
end

local PLAN = record {
  { "site", text }, { "intervalUnit", optional(text) }, { "account", optional(id) },
  { "asOf", optional(number_to(LAST)) }, { "prune", optional(boolean) },
  { "origin", optional(record { { "path", optional(text) }, { "folder", optional(text) } }) }, { "salt", text },
  { "seen", map(text) }, { "entries", list(entry) },
  { "unmanaged", list(record { { "id", id }, { "name", text } }) }, { "summary", record(summary_fields()) },
}

--- All that is wrong with the form of a plan; an empty list where nothing is.
---@param plan any
---@return {path: string, message: string, hint: string}[]
function form.problems(plan)
  local found = {}
  local function add(path, message)
    found[#found + 1] = {
      path = path, message = message, hint = "give what client:plan answered, or what core.json reads back of it",
    }
  end
  if type(plan) ~= "table" or plan.version == nil then
    add("plan", "is no plan")
  elseif plan.version ~= form.VERSION then
    add("plan", "is of another version")
  else
    PLAN(add, "plan", plan)
  end
  return found
end

return form
