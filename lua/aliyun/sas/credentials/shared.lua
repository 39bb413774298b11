--- One refresh for all workers of an nginx: what was answered to one of them stands in a lua_shared_dict.
--
-- It is the answer itself, with a secret key in it: any code of this nginx can read it. It stands there until the
-- credentials end. A lock, with an end of its own, says which worker asks.

local core = require "aliyun.sas.core"

local Shared = {}
Shared.__index = Shared

local LOCK_LIFE = 60 -- seconds, for one that dies meanwhile
local SECRET = { accessKeySecret = true, securityToken = true, accessToken = true }

local shared = {}

-- Providers with the same options share, others do not.
local function key_of(name, given)
  local parts = { name }
  for option, value in pairs(given) do
    if type(value) ~= "table" and type(value) ~= "userdata" and not SECRET[option] then
      parts[#parts + 1] = core.percent(option) .. "=" .. core.percent(tostring(value))
    end
  end
  table.sort(parts)
  return "aliyun.sas.credentials:" .. core.sha256(table.concat(parts, "&"))
end

--- What stands there, if it has not ended: credentials and when they end. The same as before is not taken for new.
---@param now number
---@param anew? boolean true: only what this worker does not have yet
function Shared:read(now, anew)
  local text = self.dict:get(self.key)
  if type(text) ~= "string" or anew and text == self.last then
    return nil
  end
  local form, body = text:match "^(%l+)\n(.*)$"
  local good, held, expiry = pcall(core.issued, body, form)
  if not good or not held or not expiry or expiry <= now then
    return nil
  end
  self.last = text
  return held, expiry
end

--- Puts down an answer until it ends.
---@param answer {form: string, body: string}
---@param seconds number
function Shared:write(answer, seconds)
  self.last = answer.form .. "\n" .. answer.body
  self.dict:safe_set(self.key, self.last, seconds)
end

--- True where this worker is to ask; it has to unlock then. A dictionary without room is no reason not to ask.
function Shared:lock()
  self.mine = core.nonce()
  if not self.mine then
    return true
  end
  local good, why = self.dict:safe_add(self.key .. ":lock", self.mine, LOCK_LIFE)
  return good == true or why ~= "exists"
end

--- Gives the lock back, if it is this worker's.
function Shared:unlock()
  if self.mine and self.dict:get(self.key .. ":lock") == self.mine then
    self.dict:delete(self.key .. ":lock")
  end
end

--- Where providers share; nil where they do not. Raises where there is no such lua_shared_dict.
---@param name string of the kind of provider
---@param given table its options; `share` names the lua_shared_dict
---@param level integer of the caller, for error
function shared.new(name, given, level)
  if not given.share then
    return nil
  end
  local ngx = rawget(_G, "ngx")
  local dict = ngx and type(ngx.shared) == "table" and ngx.shared[given.share]
  if not dict then
    error(("%s: share: there is no lua_shared_dict %s"):format(name, given.share), level + 1)
  end
  return setmetatable({ dict = dict, key = key_of(name, given) }, Shared)
end

return shared
