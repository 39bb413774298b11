--- A signed request, printed: as HTTP, as a command for curl, or as JSON; masked unless it is asked otherwise.

local json = require "aliyun.sas.cli.json"

local request = {}

local MASK = "***"

local function is_secret(name)
  name = name:lower()
  for _, word in ipairs { "url", "token", "secret", "signature$", "accesskey", "password" } do
    if name:find(word) then
      return true
    end
  end
  return false
end

-- Whatever its name, a value with a webhook in it is one; encoded as often as it may be.
local function holds_webhook(value)
  return value:find "access_token" ~= nil or value:find "access%%%d*5[Ff]token" ~= nil
end

-- A query or a form, its secret values masked.
local function masked_pairs(text)
  return (text:gsub("([^&=]+)=([^&]*)", function(name, value)
    local secret = value ~= "" and (is_secret(name) or holds_webhook(value))
    return name .. "=" .. (secret and MASK or value)
  end))
end

local function masked_header(name, value)
  if name == "authorization" then
    return (value:gsub("(Credential=)[^,]*", "%1" .. MASK):gsub("(Signature=).*", "%1" .. MASK))
  end
  return is_secret(name) and not name:find "nonce" and MASK or value
end

-- The fields that are shown.
local function fields_of(made, secrets)
  local shown = { method = made.method, headers = {}, body = secrets and made.body or masked_pairs(made.body) }
  local base, query = made.url:match "^([^?]*)%??(.*)$"
  query = secrets and query or masked_pairs(query)
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
---@param secrets? boolean true: nothing is masked
---@return string
function request.text(made, form, secrets)
  if form == "http" and not secrets then
    return tostring(made) .. "\n" -- easier to read, and masked by the core
  end
  return FORMS[form](fields_of(made, secrets))
end

return request
