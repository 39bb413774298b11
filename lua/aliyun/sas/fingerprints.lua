--- Fingerprints of the webhooks that were last sent: since the service hides tokens, a rotated one is noticed by them.
--
-- A file keeps, for each site and chatbot, a hash of the webhook salted with the file's own random salt, and the time
-- of the chatbot's last change as it was then read. No token can be read back from it. What is new is kept in memory
-- until `save`, which adds it to the file as it is then, under a lock: two processes may share it.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"
local system = require "aliyun.sas.system"

local fingerprints = {}

---@class aliyun.sas.fingerprints
local Fingerprints = { __name = "aliyun.sas.fingerprints" }
local methods = {}
Fingerprints.__index = methods

local VERSION = 1
local SIZE = 16 * 1024 * 1024 -- what is read at most
local LOCK_SECONDS, STEP = 10, 0.05

local function bad(path, what)
  return failure.answer("state", "BAD_FINGERPRINTS", ("the fingerprints in %s %s"):format(path, what),
    "remove the file; webhooks are then compared again after they were sent once more")
end

local function is_entry(id, entry)
  return type(id) == "string" and ids.text(id) ~= nil and type(entry) == "table" and type(entry.hash) == "string"
    and (entry.modified == nil or type(entry.modified) == "string")
end

-- A site's entries and nothing else, or nil.
local function read_site(name, site)
  if type(name) ~= "string" or type(site) ~= "table" then
    return nil
  end
  local entries = {}
  for id, entry in pairs(site) do
    if not is_entry(id, entry) then
      return nil
    end
    entries[id] = { hash = entry.hash, modified = entry.modified }
  end
  return entries
end

-- What belongs into the file of what was read from it, or nil and what is wrong.
local function read_data(value)
  if type(value) ~= "table" or value.version == nil then
    return nil, "are none"
  elseif value.version ~= VERSION then
    return nil, "are of another version than this one writes"
  elseif type(value.salt) ~= "string" or #value.salt < 16 or type(value.sites) ~= "table" then
    return nil, "have no salt or no sites"
  end
  local data = { version = VERSION, salt = value.salt, sites = {} }
  for name, site in pairs(value.sites) do
    local entries = read_site(name, site)
    if not entries then
      return nil, "hold what is no fingerprint"
    end
    data.sites[name] = entries
  end
  return data
end

local function new()
  local salt, err = core.nonce()
  if not salt then
    return nil, err
  end
  return { version = VERSION, salt = salt, sites = {} }
end

local function load(path)
  local text, err = system.readprivate(path, SIZE)
  if not text then
    if err.code == "NOT_FOUND" then
      return new()
    end
    return nil, failure.unsent(err, "state")
  end
  local value, broken = core.json(text)
  if broken then
    return bad(path, "cannot be read: they are torn, or no JSON")
  end
  local data, what = read_data(value)
  if not data then
    return bad(path, what)
  end
  return data
end

--- Opens the file of a path; one that is not there holds nothing.
---@param path string
---@return aliyun.sas.fingerprints? object, aliyun.sas.error? err
function fingerprints.open(path)
  local data, err = load(path)
  if not data then
    return nil, err
  end
  return setmetatable({ path = path, data = data, pending = {} }, Fingerprints)
end

local function hash(data, site, id, url)
  return core.sha256(table.concat({ data.salt, site, id, url }, "\n"))
end

local function entry_of(data, site, id)
  return data.sites[site] and data.sites[site][id]
end

--- What is known of a webhook: "unknown" where none was sent by us, "different" from the one that was, "equal", or
--- "moved": equal to the one that was sent, and somebody may have changed the chatbot since.
---@param site string
---@param id aliyun.sas.id
---@param url string
---@param modified any GmtModified as it is read now
---@return "unknown"|"different"|"equal"|"moved"
function methods:compare(site, id, url, modified)
  id = ids.text(id)
  local entry = entry_of(self.data, site, id)
  if not entry then
    return "unknown"
  elseif entry.hash ~= hash(self.data, site, id, url) then
    return "different"
  end
  return entry.modified ~= nil and entry.modified == ids.text(modified) and "equal" or "moved"
end

-- What is done to the data of now, and once more to that of the file when it is saved: its salt may be another.
local function change(self, act)
  act(self.data)
  self.pending[#self.pending + 1] = act
end

--- Notes the webhook that a chatbot was sent, and the time of its last change behind that.
function methods:set(site, id, url, modified)
  id, modified = ids.text(id), ids.text(modified)
  change(self, function(data)
    data.sites[site] = data.sites[site] or {}
    data.sites[site][id] = { hash = hash(data, site, id, url), modified = modified }
  end)
end

--- Notes a change by us that left the webhook alone: what was known of it is known still.
function methods:touch(site, id, before, after)
  id, before, after = ids.text(id), ids.text(before), ids.text(after)
  change(self, function(data)
    local entry = entry_of(data, site, id)
    if entry and before and entry.modified == before then -- nil afterwards where somebody else changed it since
      entry.modified = after
    end
  end)
end

--- Forgets a chatbot.
function methods:forget(site, id)
  id = ids.text(id)
  change(self, function(data)
    if data.sites[site] then
      data.sites[site][id] = nil
    end
  end)
end

local function take_lock(path)
  local waited = 0
  while true do
    local lock, err = system.lock(path)
    if lock or err.code ~= "LOCKED" or waited >= LOCK_SECONDS then
      return lock, err
    end
    system.sleep(STEP)
    waited = waited + STEP
  end
end

local function merge(self)
  local data, err = load(self.path)
  if not data then
    return nil, err
  end
  for _, act in ipairs(self.pending) do
    act(data)
  end
  local good
  good, err = system.writefile(self.path, core.encode(data), "600")
  if not good then
    return nil, failure.unsent(err, "state")
  end
  self.data, self.pending = data, {}
  return true
end

--- Adds what is new to the file.
---@return boolean? good, aliyun.sas.error? err
function methods:save()
  if #self.pending == 0 then
    return true
  end
  local lock, err = take_lock(self.path .. ".lock")
  if not lock then
    return nil, failure.unsent(err, "state")
  end
  local good, saved, why = pcall(merge, self)
  lock:unlock()
  if not good then
    error(saved, 0)
  end
  return saved, why
end

--- True for an object of `open`.
function fingerprints.is(value)
  return getmetatable(value) == Fingerprints
end

return fingerprints
