--- What may be meant where a chatbots file cannot be read: hints, made of words that are known here alone.

local core = require "aliyun.sas.core"

local hint = {}

local WORDS = { "env", "file", "group", "ipairs", "pairs" }

-- Names of Lua's own that such a file does not see, for which something else may be meant.
local INSTEAD = {
  os = 'for an environment variable write env "NAME"', io = 'for a webhook that stands in a file write file "path"',
  env = 'write env "..."', file = 'write file "..."', group = 'write group "..."',
}

--- For what Lua says of a name.
---@param message string
---@return string? hint
function hint.of_message(message)
  local name = message:match "global '([%a_][%w_]*)'"
  if not name then
    return nil
  end
  local near = not INSTEAD[name] and not rawget(_G, name) and core.suggest(name, WORDS)
  return INSTEAD[name] or near and ("did you mean %s?"):format(near)
    or ("such a file sees %s and %s, and nothing else"):format(table.concat(WORDS, ", ", 1, #WORDS - 1), WORDS[#WORDS])
end

--- For a text that is no Lua.
function hint.of_lua(text)
  return text:find "^%s*[%[{]" and "if it is JSON, let its name end in .json" or nil
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
