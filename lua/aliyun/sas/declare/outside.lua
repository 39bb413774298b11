--- What a declared set knows of the world: where its entries stand, and the webhooks that stand elsewhere.

local outside = {}

local function optional(name)
  local good, module = pcall(require, name)
  return good and module or nil
end

-- Written by another part; until it is there nothing has a place.
local places = optional "aliyun.sas.load.places"
local webhooks = optional "aliyun.sas.load.webhook"

--- File and line of an entry or of a field of it; nil where the set has no file.
---@return string?
function outside.place(origin, index, path)
  return origin and places and (places.at(origin, index, path)) or nil
end

--- What a problem names: the place and the field, or the position in the list and the field.
---@return string
function outside.path(origin, index, path)
  if places then
    return places.path(origin, index, path)
  end
  return path and ("chatbots[%d].%s"):format(index, path) or ("chatbots[%d]"):format(index)
end

local function from_env(name)
  local value = os.getenv(name)
  if value and value ~= "" then
    return value
  end
  return nil, { message = ("the environment variable %s is not set"):format(name) }
end

--- The webhook of `{ env = }` or `{ file = }`; nil and why it is not known.
---@return string? url, {message: string, hint: string?}? need
function outside.webhook(declared, origin)
  if webhooks then
    return webhooks.resolve(declared, origin and origin.folder)
  elseif declared.env then
    return from_env(declared.env)
  end
  return nil, { message = "webhooks in files cannot be read" }
end

return outside
