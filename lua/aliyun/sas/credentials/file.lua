--- Files with credentials, and where they are.

local failure = require "aliyun.sas.failure"
local variables = require "aliyun.sas.credentials.variables"

local file = {}

--- Seconds after which keys that stand in a file are looked up again.
file.RECHECK = 60

--- The path of a file below the home folder.
---@param home? string the value of HOME
---@param name string
---@return string? path, aliyun.sas.error? err
function file.at_home(home, name)
  if not home or home:sub(1, 1) ~= "/" then
    return failure.answer("credentials", "NO_CREDENTIALS", "HOME is not set, so there is no ~/" .. name,
      variables.hint({ "HOME" }, "set HOME, or name the file"))
  end
  return home:gsub("/+$", "") .. "/" .. name
end

--- The whole text, as a secret. A file that is not there is NO_CREDENTIALS.
---@param context table
---@param path string
---@param warned? table the paths that were warned of; none: the file is meant to be readable by others
---@return userdata? secret, aliyun.sas.error? err
function file.read(context, path, warned)
  local secret, more = require "aliyun.sas.system".readsecret(path)
  if not secret then
    local code = more.code == "NOT_FOUND" and "NO_CREDENTIALS" or more.code
    return failure.answer("credentials", code, more.message, more.hint)
  end
  if more and warned and not warned[path] and context.warn then
    warned[path] = true
    context.warn(path .. " can be read by other users", "chmod 600 " .. path)
  end
  return secret
end

--- The error of a parser, with the path.
function file.bad(path, err)
  return failure.answer("credentials", err.code, path .. ": " .. err.message, err.hint)
end

return file
