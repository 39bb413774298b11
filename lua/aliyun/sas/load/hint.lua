--- What may be meant where a chatbots file cannot be read: hints, made of words that are known here alone.

local core = require "aliyun.sas.core"

local hint = {}

local WORDS = { "env", "file", "group", "ipairs", "pairs" }

-- Names of Lua's own that such a file does not see, for which something else may be meant.
local INSTEAD = {
  os = 'for an environment variable write env "NAME"', io = 'for a webhook that stands in a file write file "path"',
  env = 'write env "..."', file = 'write file "..."', group = 'write group "..."',
}

local SHOWN = 24 -- a name of so many characters may be a token

-- The words that a ConfigList and the other fields have as texts.
local function is_word(name)
  for _, kind in ipairs(core.catalog()) do
    if kind.name == name then
      return true
    end
  end
  return name == "all" or name == "on" or name == "off" or name == "zh" or name == "en"
end

local function nearest(name, near)
  local words = {}
  for _, list in ipairs { near, WORDS } do
    for _, word in ipairs(list) do
      words[#words + 1] = #word < SHOWN and word or nil
    end
  end
  return core.suggest(name, words)
end

--- For a name that has no value: what to call it, and what may be meant.
---@param name any
---@param near string[] names that have one there
---@return string shown, string hint
function hint.of_name(name, near)
  if type(name) ~= "string" or #name >= SHOWN or not name:find "^[%a_][%w_]*$" then
    return "a name", "a text stands in quotes"
  elseif INSTEAD[name] then
    return name, INSTEAD[name]
  elseif rawget(_G, name) ~= nil then
    return name, ("such a file sees %s and %s, and nothing else"):format(table.concat(WORDS, ", ", 1, #WORDS - 1),
      WORDS[#WORDS])
  end
  if is_word(name) then
    return name, ('a text stands in quotes: "%s"'):format(name)
  end
  local word = nearest(name, near)
  return name, word and ("did you mean %s? a text stands in quotes"):format(word)
    or "a text stands in quotes, and a name is given its value first: local name = ..."
end

--- For what Lua says of the words of such a file.
---@param message string
---@return string? hint
function hint.of_message(message)
  return INSTEAD[message:match "global '([%a_][%w_]*)'"]
end

local function line_of(text, number)
  local at = 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    at = at + 1
    if at == number then
      return line
    end
  end
  return ""
end

-- Signs of other keyboards: quotes, commas, colons, brackets.
local WIDE = { "\226\128[\152-\159]", "\239\188[\136\137\140\154\155\157]", "\239\189[\155\157]",
  "\227\128[\129\140\141]" }

local function is_wide(line)
  for _, pattern in ipairs(WIDE) do
    if line:find(pattern) then
      return true
    end
  end
  return false
end

-- Slips of those who write other languages more often.
local function slip(line)
  local word = (" " .. line):match "[^%w_](%l+)[ \t]+[%a_][%w_]*[ \t]*[,}%s]"
  if line:find "%f[%w_]%a[%w_]*%-[%w_-]*%s*=" then
    return 'a name with - in it stands in brackets and quotes: ["ak-leakage"]'
  elseif line:find '%f[%w_]%a[%w_]*%s*:%s*[^%s%w_:]' then
    return "a field is given by =, and not by :"
  elseif word == "env" or word == "file" or word == "group" then
    return INSTEAD[word]
  elseif is_wide(line) then
    return "a full-width or typographic sign stands there: Lua knows the ASCII ones alone"
  end
  return nil
end

--- For a text that is no Lua.
---@param number? integer the line that Lua complains of
---@param message string
---@return string? hint
function hint.of_lua(text, number, message)
  if text:find "^%s*[%[{]" then
    return "if it is JSON, let its name end in .json"
  end
  return number and message:find(" near ", 1, true) and slip(line_of(text, number)) or nil
end

--- For a text that is no JSON.
---@param byte integer where it is found out
---@return string? hint
function hint.of_json(text, byte)
  local before, at = text:sub(1, byte - 1):match "(%S)%s*$", text:sub(byte):match "^%s*(%S)"
  if text:find "^%s*return%f[^%w_]" or text:find "^%s*local%f[^%w_]" or text:find "^%s*%-%-" then
    return "if it is Lua, let its name end in .lua"
  elseif before == "," and (at == "]" or at == "}") then
    return "there is a comma too many before it"
  elseif at == "/" or at == "#" then
    return "JSON has no comments"
  elseif at == "'" or (before == "{" or before == ",") and at and at:find "[%a_]" then
    return "names and texts stand in double quotes"
  end
  return nil
end

return hint
