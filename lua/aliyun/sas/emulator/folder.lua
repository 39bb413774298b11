--- The folder of a server. What is removed is what the emulator has put there, by name; the folder itself only if the
-- emulator has made it. A mark tells: it names the folder, and belongs to the user who started the server.

local shell = require "aliyun.sas.emulator.shell"

local M = {}

-- All that a server has in its folder. nginx makes the last three, and leaves `temp` empty.
local NAMES = {
  "settings.json", "ca.pem", "server.pem", "server.key", "nginx.conf", "start.log", "command", "command.new", "answer",
  "answer.new", "nginx.pid", "error.log", "temp",
}

local MARK = "emulator.mark"

local function checkPath(path)
  if path:find("[^A-Za-z0-9._/+@~,=%-]") then error("the path " .. path .. " cannot stand in nginx.conf", 0) end
end

-- The path of a folder without links; a character that no line has room for becomes one that checkPath refuses.
local function real(folder)
  if folder:sub(1, 1) ~= "/" then folder = "./" .. folder end
  return shell.line(("cd -- %s && printf %%s \"$(pwd -P)\" | tr '\\n' '?'"):format(shell.quote(folder)))
end

-- Whether it belongs to this user, is no link, and nobody else can change it.
local function private(path)
  return shell.run(("[ -n \"$(find %s -prune -user \"$(id -u)\" ! -type l ! -perm -020 ! -perm -002 2>/dev/null)\" ]")
    :format(shell.quote(path)))
end

local function prepare(folder, made)
  checkPath(folder)
  if not private(folder) then
    error(("setting folder: %s belongs to another user, or can be changed by other users"):format(folder), 0)
  end
  -- the mark is made last, and only if it is not there: of two servers one gets the folder
  local mark = shell.quote(("%s %s"):format(made and "made" or "found", folder))
  if not shell.run(("umask 077; set -C; [ \"$(ls -A %s && echo .)\" = . ] && echo %s 2>/dev/null >%s/%s")
    :format(folder, mark, folder, MARK)) then
    error(("setting folder: %s is not empty"):format(folder), 0)
  end
end

local function temporary()
  checkPath(os.getenv("TMPDIR") or "")
  return shell.line("mktemp -d \"${TMPDIR:-/tmp}/aliyun-sas-emulator.XXXXXXXX\"") or error("no temporary folder", 0)
end

-- The folder, and whether it was made: without those above it, since only this one is removed.
local function find(folder)
  checkPath(folder)
  local quoted = shell.quote((folder:gsub("(.)/+$", "%1")))
  if shell.run(("mkdir -m 700 -- %s 2>/dev/null"):format(quoted)) then return folder, true end
  if shell.run(("[ -d %s ]"):format(quoted)) then return folder, false end
  error(("setting folder: %s cannot be made (the folder above it must exist)"):format(folder), 0)
end

--- The path of a folder for a server: a temporary one, or the one that is given, which is new or empty. Raises.
function M.make(given)
  local folder, made
  if given then folder, made = find(given) else folder, made = temporary(), true end
  local path = real(folder) or folder
  local ok, why = pcall(prepare, path, made)
  if not ok then
    if made then os.remove(folder) end
    error(why, 0)
  end
  return path
end

-- "made" or "found"; nil where the folder is no server's of this user.
local function marked(folder)
  local mark = folder .. "/" .. MARK
  if not (private(folder) and private(mark)) then return nil end
  local how, named = (shell.read(mark) or ""):match("^(%l+) (.*)\n$")
  return named == folder and how or nil
end

--- The path of the folder that some server of this user has, or had and did not remove; else nil.
function M.of(given)
  local folder = real(given)
  return folder and marked(folder) and shell.exists(folder .. "/nginx.conf") and folder or nil
end

--- Removes the files of a server, and the folder if it was made for it and nothing else has come into it.
function M.remove(folder)
  local how = marked(folder)
  if not how then return end
  for _, name in ipairs(NAMES) do os.remove(folder .. "/" .. name) end
  os.remove(folder .. "/" .. MARK)
  if how == "made" then os.remove(folder) end
end

return M
