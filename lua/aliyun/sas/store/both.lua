--- Two stores as one: what is sent is written down in both, and a name is locked in both. So a chatbots file whose
-- folder is shared with others heeds what single commands of this user have sent, and they heed the file.

local core = require "aliyun.sas.core"

local Both = {}
Both.__index = Both

local both = {}

---@param first aliyun.sas.store
---@param second aliyun.sas.store another one
---@return aliyun.sas.store
function both.new(first, second)
  return setmetatable({ first = first, second = second }, Both)
end

function Both:lock(key, seconds)
  local one, err = self.first:lock(key, seconds)
  if not one then
    return nil, err
  end
  local two
  two, err = self.second:lock(key, seconds)
  if two then
    return { one, two }
  end
  self.first:unlock(key, one)
  return nil, err
end

function Both:unlock(key, locks)
  self.second:unlock(key, locks[2])
  self.first:unlock(key, locks[1])
end

local function signed(text)
  local value = core.json(text)
  return type(value) == "table" and tonumber(value.signedAt) or math.huge -- what cannot be read is looked at
end

--- Of two texts, which are of writers that did not see each other, that of the later signature: once it is settled, the
--- other one is too.
function Both:read(key)
  local one, err = self.first:read(key)
  if err then
    return nil, err
  end
  local two
  two, err = self.second:read(key)
  if err then
    return nil, err
  elseif one and two then
    return signed(two) > signed(one) and two or one
  end
  return one or two
end

function Both:write(key, text)
  local good, err = self.first:write(key, text)
  if not good then
    return nil, err
  end
  good, err = self.second:write(key, text)
  if not good then
    self.first:remove(key) -- nothing is sent then
  end
  return good, err
end

function Both:remove(key)
  local good, err = self.first:remove(key)
  local other, why = self.second:remove(key)
  if good and other then
    return true
  end
  return nil, err or why
end

function Both:place(key)
  return self.first:read(key) and self.first:place(key) or self.second:place(key)
end

return both
