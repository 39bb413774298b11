--- What chose the endpoint, in the words of the command line.

local source = {}

local NAMES = { regionId = "--region" }

---@param at {source: string?} an endpoint of the settings
---@return string
function source.of(at)
  return NAMES[at.source] or at.source or "--endpoint"
end

return source
