--- The outline of a JSON text: see outline.lua.

local tokens = require "aliyun.sas.load.tokens"

local SCALARS = { ["true"] = true, ["false"] = false }
local DEPTH = 64 -- more than core.json reads

local read_value

local function read_object(source, node, depth)
  node.fields = {}
  while source.kind == "string" do
    local name, line = source.value, source.where
    source:advance() -- the name
    source:advance() -- the colon
    local value = read_value(source, depth + 1)
    value.line = line
    node.fields[name or value] = value
    if source:is "," then
      source:advance()
    end
  end
  source:advance()
  return node
end

local function read_array(source, node, depth)
  node.items = {}
  while source.kind ~= "end" and not source:is "]" do
    node.items[#node.items + 1] = read_value(source, depth + 1)
    if source:is "," then
      source:advance()
    end
  end
  source:advance()
  return node
end

-- Always goes on by a token at least.
function read_value(source, depth)
  local kind, value = source.kind, source.value
  local node = { line = source.where }
  source:advance()
  if kind == "symbol" and depth < DEPTH and value == "{" then
    return read_object(source, node, depth)
  elseif kind == "symbol" and depth < DEPTH and value == "[" then
    return read_array(source, node, depth)
  elseif kind == "symbol" and value == "-" then
    source:advance()
  elseif kind == "string" or kind == "number" then
    node.value = kind == "number" and tonumber(value) or value
  elseif kind == "name" then
    node.value = SCALARS[value]
  end
  return node
end

---@param text string
---@return table? node, boolean certain
return function(text)
  local node = read_value(tokens.reader(text, true), 1)
  return node.items and node or nil, true
end
