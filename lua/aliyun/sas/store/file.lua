--- A store of files in a folder: each text is written whole and synced, and only its owner can read it.
--
-- Two files belong to a key, named by its SHA-256: KEY.lock, which is empty and stays, and KEY.intent. The system frees
-- a lock when its process ends, however it does.

local core = require "aliyun.sas.core"
local system = require "aliyun.sas.system"

local File = {}
File.__index = File

local file = {}

local SIZE = 16 * 1024 * 1024 -- what is read at most
local ABSENT = 2 -- ENOENT

function file.new(folder)
  return setmetatable({ folder = folder:gsub("(.)/+$", "%1") }, File)
end

function File:path(key, ending)
  return self.folder .. "/" .. core.sha256(key) .. ending
end

-- Looked at each time: a folder may be opened to others at any time, and a forged intent would be believed.
local function check(self)
  local good, err = system.checkfolder(self.folder)
  if not good and err.code == "NOT_FOUND" then
    err.hint = "the folder must exist: mkdir -m 700 " .. self.folder
  end
  return good, err
end

function File:lock(key)
  local good, err = check(self)
  if not good then
    return nil, err
  end
  return system.lock(self:path(key, ".lock"))
end

function File.unlock(_, _, lock)
  lock:unlock()
end

function File:read(key)
  local text, err = check(self)
  if text then
    text, err = system.readprivate(self:path(key, ".intent"), SIZE)
  end
  if not text and err.code == "NOT_FOUND" then
    return nil
  end
  return text, err
end

function File:write(key, text)
  local good, err = check(self)
  if not good then
    return nil, err
  end
  return system.writefile(self:path(key, ".intent"), text, "600")
end

function File:remove(key)
  local good, message, number = os.remove(self:path(key, ".intent"))
  if good or number == ABSENT then
    return true
  end
  return nil, message
end

function File:place(key)
  return self:path(key, ".intent")
end

return file
