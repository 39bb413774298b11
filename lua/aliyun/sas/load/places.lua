--- Where a declared chatbot, or a part of it, stands: `chatbots.lua:12`.

local paths = require "aliyun.sas.load.paths"

local places = {}

---@class aliyun.sas.origin where a set of chatbots was read
---@field path string as it was given
---@field folder string in which the file stands: its own paths are relative to it
---@field nodes? table<integer, table> the lines, by the position of the chatbot

local function step(node, segment)
  if type(segment) == "number" then
    return node.items and node.items[segment]
  end
  return node.fields and node.fields[segment]
end

-- The line of the innermost thing on the path that has one.
local function line_of(node, path)
  local line = node.line
  for _, segment in ipairs(paths.split(path or "")) do
    node = step(node, segment)
    if not node then
      return line
    end
    line = node.line
  end
  return line
end

--- File and line of a chatbot, or of a field of it: of the nearest thing around it whose line is known. The file alone
-- where no line is known, nil where there is no file.
---@param origin? aliyun.sas.origin
---@param index? integer of the chatbot in the list
---@param path? string such as "ConfigList.vul.type" or "GroupIdList[2]"
---@return string? place, integer? line
function places.at(origin, index, path)
  if type(origin) ~= "table" then
    return nil
  end
  local node = type(origin.nodes) == "table" and origin.nodes[index] or nil
  if not node then
    return origin.path
  end
  local line = line_of(node, path)
  return ("%s:%d"):format(origin.path, line), line
end

--- Where a chatbot stands: file and line, or else the file and the position in its list.
---@param origin? aliyun.sas.origin
---@param index integer
---@return string?
function places.entry(origin, index)
  local place, line = places.at(origin, index)
  return place and not line and ("%s [%d]"):format(place, index) or place
end

--- What a problem names: the place and the field; without a line, the position in the list.
---@param origin? aliyun.sas.origin
---@param index? integer
---@param path? string
---@return string
function places.path(origin, index, path)
  local place, line = places.at(origin, index, path)
  local field = path ~= "" and path or nil
  if not line and index then
    local entry = ("chatbots[%d]"):format(index)
    field = field and (field:find "^%[" and entry .. field or entry .. "." .. field) or entry
  end
  return place and field and place .. " " .. field or place or field or "chatbots"
end

return places
