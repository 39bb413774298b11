--- Where the parts of a list stand in the source of which it was made: a tree of lines.
--
-- `{ line =, fields = { [name] = node }, items = { node } }`, for the list itself and everything in it that is written
-- out. A file may build its list in any way, so nothing is believed that the list does not bear out: an entry whose
-- values are not those that stand there has no line. No line is better than a wrong one.

local outline = {}

local readers = { lua = require "aliyun.sas.load.outline_lua", json = require "aliyun.sas.load.outline_json" }

local agrees

local function fields_agree(node, value)
  for name, field in pairs(node.fields or {}) do
    if not agrees(field, value[name]) then
      return false
    end
  end
  return true
end

-- The last of the items may stand for any number of values.
local function items_agree(node, value)
  local items = node.items or {}
  local certain = #items - (node.is_open and 1 or 0)
  if node.is_computed then
    return true
  elseif not node.is_open and value[certain + 1] ~= nil then
    return false
  end
  for i = 1, certain do
    if not agrees(items[i], value[i]) then
      return false
    end
  end
  return true
end

-- Whether the value can have been made of what stands there.
function agrees(node, value)
  if node.value ~= nil then
    return node.value == value
  elseif node.fields or node.items then
    return type(value) == "table" and fields_agree(node, value) and items_agree(node, value)
  end
  return true
end

-- What is kept of a node: lines alone.
local function kept(node)
  local made = { line = node.line }
  for name, field in pairs(node.fields or {}) do
    made.fields = made.fields or {}
    made.fields[name] = type(name) == "string" and kept(field) or nil
  end
  for i, item in ipairs(not node.is_computed and node.items or {}) do
    made.items = made.items or {}
    made.items[i] = kept(item)
  end
  return made
end

-- An entry of a list that was changed on its way is told by what stands for nothing else.
local function is_told(node)
  local fields = node.fields or {}
  return fields.RuleActionName and fields.RuleActionName.value ~= nil or fields.Id and fields.Id.value ~= nil
end

--- The outline of the list.
---@param language "lua"|"json"
---@param text string the source, which is one
---@param list table what it says, before anything was left out of it
---@return table<integer, table> nodes by the position of the entry
---@return {name: string, line: integer, first: integer}[] twice the names that stand twice in one table
function outline.of(language, text, list)
  local nodes = {}
  local root, certain, twice = readers[language](text)
  twice = twice or {}
  if not root or root.is_computed then
    return nodes, twice
  end
  local items = root.items
  local last = root.is_open and #items - 1 or #items
  if #list < last or #list > last and not root.is_open then
    return nodes, twice
  end
  for i = 1, last do
    if agrees(items[i], list[i]) and (certain or is_told(items[i])) then
      nodes[i] = kept(items[i])
    end
  end
  return nodes, twice
end

return outline
