--- Declared chatbots as a Lua file.

local core = require "aliyun.sas.core"
local printable = require "aliyun.sas.printable"

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until
  while]]):gmatch "%a+" do
  KEYWORDS[word] = true
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

-- Three digits always: what follows may be one.
local function escape_byte(byte)
  return ("\\%03d"):format(byte:byte())
end

local function escape(character)
  return ESCAPES[character] or core.printable(character) ~= character and character:gsub(".", escape_byte) or nil
end

-- Between double quotes, the same for every Lua, which %q is not; what is not printable is escaped.
local function quote(text)
  return '"' .. text:gsub("[^\128-\191]?[\128-\191]*", escape) .. '"'
end

local function key_of(name)
  return name:match "^[%a_][%w_]*$" and not KEYWORDS[name] and name or "[" .. quote(name) .. "]"
end

local function value_list(values)
  if #values == 1 then
    return quote(values[1])
  end
  local texts = {}
  for i, value in ipairs(values) do
    texts[i] = quote(value)
  end
  return "{ " .. table.concat(texts, ", ") .. " }"
end

local function config(tree)
  local out = { "{" }
  for _, entry in ipairs(tree) do
    local keys = {}
    for i, key in ipairs(entry[2]) do
      keys[i] = ("%s = %s"):format(key_of(key[1]), value_list(key[2]))
    end
    out[#out + 1] = ("      %s = { %s },"):format(key_of(entry[1]), table.concat(keys, ", "))
  end
  out[#out + 1] = "    }"
  return #tree == 0 and "{}" or table.concat(out, "\n")
end

local function groups(list)
  local out = { "{" }
  for _, group in ipairs(list) do
    local note = group.name and " -- " .. printable.line(group.name) or ""
    out[#out + 1] = ("      %s,%s"):format(quote(group.id), note)
  end
  out[#out + 1] = "    }"
  return #list == 0 and "{}" or table.concat(out, "\n")
end

local VALUES = {
  text = quote, config = config, groups = groups,
  number = function(value) return ("%.0f"):format(value) end,
  env = function(value) return "env " .. quote(value) end,
}

local function field(item)
  local note = item.note and " -- " .. printable.line(item.note) or ""
  if not item.kind then
    return "    -- " .. item.name .. " is " .. printable.line(item.note)
  end
  return ("    %s = %s,%s"):format(item.name, VALUES[item.kind](item.value), note)
end

local HEAD = [[
-- The DingTalk chatbots of Security Center, as they were when this file was written.
--
-- Plan it against the same account, and it plans to no changes. Each webhook is a secret and stands outside of this
-- file: set its environment variable before something is sent, or name a private file with file "path". A chatbot
-- stands by its name; where a name is to change, give the chatbot its Id.
return {
]]

--- The text of the file.
---@param list aliyun.sas.exportField[][]
---@return string
return function(list)
  local out = {}
  for i, fields in ipairs(list) do
    local lines = { "  {" }
    for _, item in ipairs(fields) do
      lines[#lines + 1] = field(item)
    end
    lines[#lines + 1] = "  },"
    out[i] = table.concat(lines, "\n")
  end
  return HEAD .. table.concat(out, "\n") .. (#out > 0 and "\n" or "") .. "}\n"
end
