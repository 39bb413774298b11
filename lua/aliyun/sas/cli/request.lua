--- A signed request, printed: as text, as a command for curl, or as JSON; masked unless it is asked for.

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

-- A query or a form, its secret values masked.
local function masked_pairs(text)
  return (text:gsub("([^&=]+)=([^&]*)", function(name, value)
    return name .. "=" .. (is_secret(name) and value ~= "" and MASK or value)
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
    lines[#lines + 1] = "  --data-binary " .. quote(shown.body)
  end
  return table.concat(lines, " \\\n") .. "\n"
end

local function plain_text(shown)
  local lines = { shown.method .. " " .. shown.url }
  for _, name in ipairs(names_of(shown.headers)) do
    lines[#lines + 1] = name .. ": " .. shown.headers[name]
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = shown.body ~= "" and shown.body or nil
  return table.concat(lines, "\n") .. "\n"
end

--- Prints it.
---@param console table
---@param made aliyun.sas.request
---@param options {secrets: boolean?, curl: boolean?}
function request.print(console, made, options)
  local shown = fields_of(made, options.secrets)
  if options.curl then
    return console:text(curl_text(shown))
  elseif console.json then
    return console:value(shown)
  elseif options.secrets then
    return console:text(plain_text(shown))
  end
  console:text(tostring(made) .. "\n")
end

return request
