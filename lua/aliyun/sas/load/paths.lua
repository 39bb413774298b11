--- Paths of fields, as the errors of the C side write them: `ConfigList[2].configItemList[1].key`.

local printable = require "aliyun.sas.printable"

local paths = {}

local WORD = 64

-- A token or a URL may stand where a name should: what looks like one is not shown.
local function looks_secret(name)
  return #name > WORD or name:find "[=/%%?&]" ~= nil or name:find(("%w"):rep(24)) ~= nil
end

--- The path of a field.
---@param parent string
---@param name string
---@return string
function paths.name(parent, name)
  if looks_secret(name) then
    return parent .. "[...]"
  elseif name:find "^[%w_%-]+$" then
    return parent == "" and name or parent .. "." .. name
  end
  return ('%s["%s"]'):format(parent, printable.line(name))
end

--- The path of an item, from 1.
---@param parent string
---@param index integer
---@return string
function paths.item(parent, index)
  return ("%s[%d]"):format(parent, index)
end

local SEGMENTS = { "^%.?([%w_%-]+)()", '^%["(.-)"%]()', "^%[(%d+)%]()" }

local function next_segment(path, at)
  for kind, pattern in ipairs(SEGMENTS) do
    local segment, behind = path:match(pattern, at)
    if segment then
      return kind == 3 and tonumber(segment) or segment, behind
    end
  end
end

--- The names and positions on a path, as far as it can be read.
---@param path string
---@return (string|integer)[]
function paths.split(path)
  local segments, at = {}, 1
  while at <= #path do
    local segment, behind = next_segment(path, at)
    if not segment then
      break
    end
    segments[#segments + 1], at = segment, behind
  end
  return segments
end

return paths
