--- The outline of a Lua source: see outline.lua.
--
-- The list that the file returns is the table that stands behind its `return`, or the one that was given to the name
-- that stands there.

local tokens = require "aliyun.sas.load.tokens"

local SCALARS = { ["true"] = true, ["false"] = false }
local DEPTH = 200 -- as Lua has it

local OPENING = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true }
local CLOSING = { ["end"] = true, ["until"] = true }
local BRACKETS = { ["("] = 1, ["["] = 1, ["{"] = 1, [")"] = -1, ["]"] = -1, ["}"] = -1 }

local read_table

local function is_separator(source)
  return source:is "," or source:is ";" or source:is "}" or source.kind == "end"
end

-- Skips the rest of an expression within a table.
local function skip_expression(source)
  local depth = 0
  while source.kind ~= "end" and (depth > 0 or not is_separator(source)) do
    if source.kind == "symbol" then
      depth = depth + (BRACKETS[source.value] or 0)
    elseif source.kind == "name" then
      depth = depth + (OPENING[source.value] and 1 or CLOSING[source.value] and -1 or 0)
    end
    source:advance()
  end
end

local function scalar_of(kind, value)
  if kind == "number" then
    return tonumber(value)
  elseif kind == "string" then
    return value
  end
  return kind == "name" and SCALARS[value] or nil
end

-- A table or a value that stands there as it is, or else only its line.
local function read_value(source, depth)
  local node = { line = source.where }
  if source:is "{" and depth < DEPTH then
    read_table(source, node, depth + 1)
  elseif not source:is "{" and not is_separator(source) then
    local kind, value = source.kind, source.value
    if kind ~= "symbol" and not OPENING[value] then
      source:advance()
    end
    if is_separator(source) then
      node.value = scalar_of(kind, value)
      -- a call, say, may answer several values
      node.is_one = node.value ~= nil or kind ~= "symbol"
      return node
    end
  end
  if not is_separator(source) then
    skip_expression(source)
    return { line = node.line }
  end
  node.is_one = true
  return node
end

-- Lua takes the last of two, and loses the first without a word.
local function set_field(node, source, name, value)
  local first = node.fields[name]
  if first then
    source.twice[#source.twice + 1] = { name = name, line = value.line, first = first.line }
  end
  node.fields[name] = value
end

local function add_field(node, source, depth)
  local line, name = source.where, nil
  source:advance()
  if source.kind == "string" then
    name = source.value
    source:advance()
    name = source:is "]" and name or nil
  end
  while source.kind ~= "end" and not source:is "]" do
    source:advance()
  end
  source:advance()
  source:advance() -- the sign "="
  local value = read_value(source, depth)
  value.line = line
  if name then
    set_field(node, source, name, value)
  else
    node.is_computed = true -- may stand at any place, also of the list
  end
end

-- A name may be a field's or begin an expression; the token behind it tells.
local function add_named(node, source, depth)
  local name, line, kind = source.value, source.where, source.kind
  source:advance()
  if kind == "name" and source:is "=" then
    source:advance()
    local value = read_value(source, depth)
    value.line = line
    set_field(node, source, name, value)
    return
  end
  local value = { line = line }
  if is_separator(source) then
    value.value, value.is_one = scalar_of(kind, name), true
  else
    skip_expression(source)
  end
  node.items[#node.items + 1] = value
end

-- Fills the node with the table whose brace is here, and goes behind it.
function read_table(source, node, depth)
  node.fields, node.items = {}, {}
  source:advance()
  while source.kind ~= "end" and not source:is "}" do
    if source:is "[" then
      add_field(node, source, depth)
    elseif source.kind == "name" and not OPENING[source.value] then
      add_named(node, source, depth)
    elseif source:is "," or source:is ";" then
      source:advance()
    else
      node.items[#node.items + 1] = read_value(source, depth)
    end
  end
  local last = node.items[#node.items]
  node.is_open = last ~= nil and not last.is_one
  source:advance()
end

-- The file as a whole ------------------------------------------------------------------------------------------------

-- Notes what a name is given at the top of the file; a name that is given two tables is none to go by.
local function note_table(state, source, name)
  local node = { line = source.where }
  read_table(source, node, 1)
  state.tables[name] = state.tables[name] == nil and node or false
end

local function note_return(state, source)
  state.returns = state.returns + 1
  if source:is "{" then
    state.root = { line = source.where }
    state.is_direct = true
    read_table(source, state.root, 1)
  elseif source.kind == "name" and not OPENING[source.value] then
    local name = source.value
    source:advance()
    state.root = (source.kind == "end" or source:is ";") and state.tables[name] or nil
    state.is_direct = false
  else
    state.root = nil
  end
end

-- Blocks and brackets are counted alike; `functions` has the depths at which a function began.
local function note_depth(state, source)
  local value = source.value
  local change = source.kind == "symbol" and BRACKETS[value]
    or source.kind == "name" and (OPENING[value] and 1 or CLOSING[value] and -1) or 0
  local functions = state.functions
  if change < 0 and functions[#functions] == state.depth then
    functions[#functions] = nil
  end
  state.depth = state.depth + change
  if value == "function" and source.kind == "name" then
    functions[#functions + 1] = state.depth
  end
end

local function note_word(state, source)
  local name = source.value
  source:advance()
  if name == "return" then
    if state.depth == 0 then
      note_return(state, source)
    elseif #state.functions == 0 then
      state.returns = state.returns + 1 -- within an if, say
    end
  elseif state.depth == 0 and source:is "=" then
    source:advance()
    if source:is "{" then
      note_table(state, source, name)
    end
  end
end

---@param text string
---@return table? node, boolean certain the list can only be what stands there
---@return {name: string, line: integer, first: integer}[] twice the names that stand twice in one table
return function(text)
  local state = { depth = 0, functions = {}, tables = {}, returns = 0 }
  local source = tokens.reader(text)
  source.twice = {}
  while source.kind ~= "end" do
    if source.kind == "name" and not OPENING[source.value] and not CLOSING[source.value] then
      note_word(state, source)
    else
      note_depth(state, source)
      source:advance()
    end
  end
  return state.root or nil, state.is_direct == true and state.returns == 1, source.twice
end
