--- Webhooks as people and plans may see them: without what lets anybody post to the group.

local compare = require "aliyun.sas.compare"
local printable = require "aliyun.sas.printable"

local webhook = {}

--- A webhook without its secret: of a robot of DingTalk all but the query, of other hosts, which may have secrets in
--- the path too, the host alone.
---@param url any
---@return string?
function webhook.masked(url)
  if type(url) ~= "string" then
    return nil
  end
  local origin, path = compare.place(url)
  if not compare.is_dingtalk(origin) then
    return origin:gsub("//[^/]*@", "//***@") .. "/***"
  end
  return origin .. path .. (url:find("?", 1, true) and "?access_token=***" or "")
end

--- A webhook as it was declared, for people: `env "NAME"`, `file "path"`, or masked.
---@param declared any
---@return string?
function webhook.text(declared)
  if type(declared) ~= "table" then
    return webhook.masked(declared)
  elseif type(declared.env) == "string" then
    return "env " .. printable.quoted(declared.env)
  end
  return "file " .. printable.quoted(declared.file)
end

return webhook
