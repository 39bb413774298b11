--- Declared chatbots as a JSON file. JSON has no comments, so what is left out is left out in silence.

local core = require "aliyun.sas.core"

local function list_of(texts)
  return "[" .. table.concat(texts, ", ") .. "]"
end

local function config(tree)
  local types = {}
  for i, entry in ipairs(tree) do
    local keys = {}
    for j, key in ipairs(entry[2]) do
      keys[j] = core.encode(key[1]) .. ": " .. core.encode(key[2])
    end
    types[i] = ("      %s: { %s }"):format(core.encode(entry[1]), table.concat(keys, ", "))
  end
  return #types == 0 and "{}" or "{\n" .. table.concat(types, ",\n") .. "\n    }"
end

local function groups(list)
  local texts = {}
  for i, group in ipairs(list) do
    texts[i] = core.encode(group.id)
  end
  return list_of(texts)
end

local VALUES = {
  text = core.encode, config = config, groups = groups,
  number = function(value) return ("%.0f"):format(value) end,
  env = function(value) return core.encode { env = value } end,
}

--- The text of the file.
---@param list aliyun.sas.exportField[][]
---@return string
return function(list)
  local out = {}
  for i, fields in ipairs(list) do
    local lines = {}
    for _, item in ipairs(fields) do
      lines[#lines + 1] = item.kind and ("    %s: %s"):format(core.encode(item.name), VALUES[item.kind](item.value))
    end
    out[i] = "  {\n" .. table.concat(lines, ",\n") .. "\n  }"
  end
  return #out == 0 and "[]\n" or "[\n" .. table.concat(out, ",\n") .. "\n]\n"
end
