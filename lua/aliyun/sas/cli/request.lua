--- A signed request, printed: as HTTP, as a command for curl, or as JSON; masked unless it is asked otherwise.

local core = require "aliyun.sas.core"
local json = require "aliyun.sas.cli.json"

local request = {}

local MASK = "***"

-- The names of an operation's parameters that hold no secret; nothing is known of an operation that the table lacks.
local function public_of(operation)
  local public = {}
  for _, parameter in ipairs(operation and operation.parameters or {}) do
    public[parameter.name] = not parameter.secret or nil
  end
  return public
end

-- A query or a form: what is known to be no secret is shown.
local function masked_pairs(text, public)
  return (text:gsub("([^&=]+)=([^&]*)", function(name, value)
    local is_shown = value == "" or public[name] or core.ispublic(name)
    return name .. "=" .. (is_shown and value or MASK)
  end))
end

local function masked_header(name, value)
  if name == "authorization" then
    return (value:gsub("(Credential=)[^,]*", "%1" .. MASK):gsub("(Signature=).*", "%1" .. MASK))
  end
  return core.ispublic(name) and value or MASK
end

-- The fields that are shown.
local function fields_of(made, operation, secrets)
  local public = public_of(operation)
  local shown = { method = made.method, headers = {}, body = secrets and made.body or masked_pairs(made.body, public) }
  local base, query = made.url:match "^([^?]*)%??(.*)$"
  query = secrets and query or masked_pairs(query, public)
  shown.url = query ~= "" and base .. "?" .. query or base
  for name, value in pairs(made.headers) do
    shown.headers[name] = secrets and value or masked_header(name, value)
  end
  return shown
end

local function names_of(headers)
  local names = {}
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function curl_text(shown)
  local lines = { "curl -X " .. shown.method .. " " .. quote(shown.url) }
  for _, name in ipairs(names_of(shown.headers)) do
    lines[#lines + 1] = "  -H " .. quote(name .. ": " .. shown.headers[name])
  end
  if shown.body ~= "" or shown.method == "POST" then
    -- curl would add a content-type of its own
    lines[#lines + 1] = not shown.headers["content-type"] and "  -H 'content-type:'" or nil
    lines[#lines + 1] = "  --data-binary " .. quote(shown.body)
  end
  return table.concat(lines, " \\\n") .. "\n"
end

local function http_text(shown)
  local lines = { shown.method .. " " .. shown.url }
  for _, name in ipairs(names_of(shown.headers)) do
    lines[#lines + 1] = name .. ": " .. shown.headers[name]
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = shown.body ~= "" and shown.body or nil
  return table.concat(lines, "\n") .. "\n"
end

local FORMS = { curl = curl_text, http = http_text, json = json.text }

--- The text of a request.
---@param made aliyun.sas.request
---@param form "http"|"curl"|"json"
---@param operation? table of core.operations; nil for another one: all of its parameters are masked
---@param secrets? boolean true: nothing is masked
---@return string
function request.text(made, form, operation, secrets)
  if form == "http" and not secrets then
    return tostring(made) .. "\n" -- easier to read, and masked by the core
  end
  return FORMS[form](fields_of(made, operation, secrets))
end

return request
