--- Variables of the environment, as providers read them.
--
-- They are read when they are wanted, as the official SDKs do. nginx clears the environment of its workers but for what
-- `env` lines name; while it reads its configuration (init_by_lua) the environment is whole. So inside nginx the values
-- that a provider needs are kept from when it is made. Secrets are not kept here.

local variables = {}

local function read(name)
  local value = os.getenv(name)
  return value and value ~= "" and value or nil
end

--- True inside nginx.
function variables.in_nginx()
  return rawget(_G, "ngx") ~= nil
end

--- A reader of these variables: a function that takes a name and answers the value, or nil where it is unset or empty.
---@param names string[]
---@return fun(name: string): string?
function variables.reader(names)
  local kept = {}
  if variables.in_nginx() then
    for _, name in ipairs(names) do
      kept[name] = read(name)
    end
  end
  return function(name)
    return read(name) or kept[name]
  end
end

variables.read = read

local YES = { ["true"] = true, ["1"] = true, yes = true, on = true }

--- Whether a value switches something on.
function variables.is_yes(value)
  return value ~= nil and YES[value:lower()] == true
end

--- What to do about variables that are not there.
---@param names string[]
---@param otherwise string where this is not nginx
function variables.hint(names, otherwise)
  if not variables.in_nginx() then
    return otherwise
  end
  local lines = {}
  for i, name in ipairs(names) do
    lines[i] = "env " .. name .. ";"
  end
  return "nginx clears the environment: put " .. table.concat(lines, " ") .. " into nginx.conf, outside of any block"
end

return variables
