--- Reads a chatbots file: a Lua file that returns a list of chatbots, or the same as JSON.
--
-- It is for scripts: the file is read, and may run for a second, in one go.

local check = require "aliyun.sas.load.check"
local core = require "aliyun.sas.core"
local declare = require "aliyun.sas.declare"
local hint = require "aliyun.sas.load.hint"
local outline = require "aliyun.sas.load.outline"
local places = require "aliyun.sas.load.places"
local plain = require "aliyun.sas.load.plain"
local printable = require "aliyun.sas.printable"
local sandbox = require "aliyun.sas.load.sandbox"
local source = require "aliyun.sas.load.source"

local load = {}

-- Nobody reads the thousandth.
local SHOWN = 100

-- The line of the byte, and the byte's place in it.
local function line_at(text, byte)
  local before = text:sub(1, byte - 1)
  local _, ends = before:gsub("\n", "")
  return ends + 1, byte - (before:match "^.*\n()" or 1) + 1
end

local function read_json(text)
  local value, err = core.json(text)
  if err then
    local why, byte = err.problems[1].message:match "^is not JSON: (.*) at byte (%d+)$"
    byte = tonumber(byte) or 1
    local line, column = line_at(text, byte)
    return nil, {
      line = line, message = ("is not JSON: %s at column %d"):format(why or "it cannot be read", column),
      hint = hint.of_json(text, byte),
    }, {}
  elseif not text:find "^%s*%[" then -- an empty object would pass as a list
    return nil, { message = "is no list of chatbots", hint = "the file is a JSON array: [ { ... }, ... ]" }, {}
  end
  return value, nil, {}
end

-- A problem for each name and line, and whether Lua's own complaint is about one of them.
local function undefined_names(undefined, wrong)
  local problems, told, is_known = {}, {}, false
  for _, found in ipairs(undefined) do
    local name, advice = hint.of_name(found.name, found.near)
    local key = found.line .. " " .. name
    if not told[key] then
      problems[#problems + 1] = { line = found.line, message = name .. " is not defined", hint = advice }
    end
    told[key] = true
    is_known = is_known or wrong ~= nil and wrong.line == found.line and wrong.message:find("global '" .. name, 1, true)
  end
  return problems, is_known
end

local function read_lua(text)
  local results, wrong, undefined = sandbox.run(text)
  local problems, is_told = undefined_names(undefined, wrong)
  if wrong then
    wrong.hint = wrong.hint or hint.of_message(wrong.message) or hint.of_lua(text, wrong.line, wrong.message)
  elseif results.n > 1 then
    wrong = { message = ("returns %d values"):format(results.n), hint = "put the chatbots into one list" }
  end
  return results and results[1], not is_told and wrong or nil, problems
end

-- Compiled Lua can do anything to the Lua that runs it.
local function no_text(text)
  if text:find "^%s*\27" then
    return { message = "is compiled Lua", hint = "give the source" }
  end
  return text:find "%z" and { message = "holds a NUL byte", hint = "is it a text?" } or nil
end

local READERS = { lua = read_lua, json = read_json }

-- Where the problem is, for people and for the order.
local function located(origin, problem)
  local place, line = places.path(origin, problem.index, problem.path), problem.line
  if line then
    place = ("%s:%d"):format(origin.path, line)
  else
    line = select(2, places.at(origin, problem.index, problem.path))
  end
  return { path = place, message = problem.message, hint = problem.hint }, line or math.huge
end

-- The problems with their places, in the order of the file; those without a line in the order of the list.
local function sorted(origin, problems)
  local rows = {}
  for i, problem in ipairs(problems) do
    local made, line = located(origin, problem)
    rows[i] = { problem = made, line = line, index = problem.index or 0, at = i }
  end
  table.sort(rows, function(a, b)
    if a.line ~= b.line then
      return a.line < b.line
    elseif a.index ~= b.index then
      return a.index < b.index
    end
    return a.at < b.at
  end)
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = row.problem
  end
  return list
end

-- Entries of which something is wrong as a whole.
local function broken_entries(problems)
  local set = {}
  for _, problem in ipairs(problems) do
    if problem.index and problem.path == "" then
      set[problem.index] = true
    end
  end
  return set
end

local function begins(text, with)
  return text:sub(1, #with) == with
end

-- The paths of problems, by the position of the chatbot.
local function paths_of(problems)
  local by_index = {}
  for _, problem in ipairs(problems) do
    local index = problem.index or 0
    local list = by_index[index] or {}
    by_index[index], list[#list + 1] = list, problem.path or ""
  end
  return by_index
end

-- Whether the form is wrong already there, around it, or in it.
local function is_told(told, path)
  path = path or ""
  for _, other in ipairs(told or {}) do
    if begins(path, other) or begins(other, path) then
      return true
    end
  end
  return false
end

-- What is wrong with the form, and what is wrong with the chatbots beside it, in the order of the file.
local function all_problems(declared, form)
  local all = {}
  for i, problem in ipairs(form) do
    all[i] = problem
  end
  local told = paths_of(form)
  for _, problem in ipairs(declared and declare.check(declared.chatbots, declared.origin) or {}) do
    all[#all + 1] = not is_told(told[problem.index or 0], problem.path) and problem or nil
  end
  return sorted(declared and declared.origin or form.origin, all)
end

-- Names that Lua has lost by now: of two it takes the last.
local function note_twice(problems, twice)
  for _, found in ipairs(twice) do
    local name = found.name:find "^[%w_-]+$" and #found.name <= 32 and found.name or "a name"
    problems[#problems + 1] = {
      line = found.line, message = ("%s stands twice in one table, first in line %d"):format(name, found.first),
      hint = "only the last of them would count",
    }
  end
end

local function origin_of(path)
  local folder = path:match "^(.*)/[^/]*$"
  return { path = printable.line(path), folder = folder == "" and "/" or folder or "." }
end

--- Reads the file alone: the set, and what is wrong with its form.
---@param path string
---@return aliyun.sas.declared? declared nil where the file is no list at all, or cannot be read
---@return table[]|aliyun.sas.error problems as they are found, still without their places; or why it cannot be read
function load.read(path)
  local text, err = source.read(path)
  if not text then
    return nil, err
  end
  local origin = origin_of(path)
  local language = path:lower():find "%.json$" and "json" or "lua"
  text = language == "lua" and source.strip(text) or source.without_mark(text)
  local value, wrong, undefined = nil, no_text(text), {}
  if not wrong then
    value, wrong, undefined = READERS[language](text)
  end
  if wrong or value == nil and #undefined > 0 then
    undefined[#undefined + 1], undefined.origin = wrong, origin
    return nil, undefined
  end
  local list, problems = plain.list(value)
  for _, problem in ipairs(undefined) do
    problems[#problems + 1] = problem
  end
  if not list then
    problems.origin = origin
    return nil, problems
  end
  local twice
  origin.nodes, twice = outline.of(language, text, value)
  note_twice(problems, twice)
  for _, problem in ipairs(check.list(list, broken_entries(problems))) do
    problems[#problems + 1] = problem
  end
  return { chatbots = list, origin = origin }, problems
end

local function refuse(path, problems)
  local shown = {}
  for i = 1, math.min(#problems, SHOWN) do
    shown[i] = problems[i]
  end
  return nil, core.error {
    kind = "argument", code = "INVALID_ARGUMENT", problems = shown, retryable = false, sent = false,
    message = ("%d problem%s in %s"):format(#problems, #problems == 1 and "" or "s", printable.line(path)),
  }
end

--- Reads a chatbots file: Lua that returns a list, or JSON where the name ends in `.json`.
--
-- A chatbot has the names of `createOrUpdateDingTalk`, and `Status`, which is "on" or "off". For its webhook may stand
-- `env "NAME"` or `file "path"`, relative to the chatbots file; for an asset group `group "name"`; in JSON
-- `{ "env": "NAME" }` and so on. Besides these a Lua file sees `pairs` and `ipairs`, and is stopped where it takes
-- more than a second or 32 MiB.
---@param path string
---@return aliyun.sas.declared? declared for client:plan
---@return aliyun.sas.error? err `argument`, with all problems and their places; `state` where it cannot be read
function load.load(path)
  if type(path) ~= "string" or path == "" or path:find "%z" then
    error("load takes the path of a chatbots file", 2)
  end
  local declared, problems = load.read(path)
  if not declared and problems.kind then
    return nil, problems
  end
  problems = all_problems(declared, problems)
  if #problems > 0 then
    return refuse(path, problems)
  end
  return declared
end

return load
