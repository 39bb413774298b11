--- A store in a `lua_shared_dict` of nginx, which all its workers see. It needs no other library.
--
-- Source: the README of lua-nginx-module, "ngx.shared.DICT". `safe_add` and `safe_set` never throw out what is there to
-- make room: a full dictionary is an error. A lock ends by itself, later than whoever took it can need it, since a
-- worker may be killed.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"

local Dict = {}
Dict.__index = Dict

local dict = {}

--- The store, or nil and what is wrong.
function dict.new(name)
  local ngx = rawget(_G, "ngx")
  if not ngx or not ngx.shared then
    return nil, "there is no ngx.shared here: it is for nginx with its Lua module"
  elseif not ngx.shared[name] then
    return nil, ("there is no lua_shared_dict %s: nginx.conf needs the line lua_shared_dict %s 1m;"):format(name, name)
  end
  return setmetatable({ dict = ngx.shared[name], name = name }, Dict)
end

-- A key of fixed length, whatever the chatbot's name is.
local function lock_key(key)
  return "lock:" .. core.sha256(key)
end

local function intent_key(key)
  return "intent:" .. core.sha256(key)
end

local function failed(self, doing, err)
  return failure.answer("state", "STORE", ("the lua_shared_dict %s cannot %s: %s"):format(self.name, doing,
    tostring(err)), err == "no memory" and "give it more memory, and use it for nothing else" or nil)
end

function Dict:lock(key, seconds)
  local owner, err = core.nonce()
  if not owner then
    return nil, err
  end
  local good
  good, err = self.dict:safe_add(lock_key(key), owner, seconds)
  if good then
    return owner
  elseif err == "exists" then
    return failure.answer("state", "LOCKED", "another holds the lock")
  end
  return failed(self, "lock", err)
end

function Dict:unlock(key, owner)
  if self.dict:get(lock_key(key)) == owner then
    self.dict:delete(lock_key(key))
  end
end

function Dict:read(key)
  local text, err = self.dict:get(intent_key(key))
  if text == nil and type(err) == "string" then
    return failed(self, "read", err)
  end
  return text
end

function Dict:write(key, text)
  local good, err = self.dict:safe_set(intent_key(key), text)
  if not good then
    return failed(self, "write", err)
  end
  return true
end

function Dict:remove(key)
  self.dict:delete(intent_key(key))
  return true
end

function Dict:place(key)
  return ("the lua_shared_dict %s under %s"):format(self.name, intent_key(key))
end

return dict
