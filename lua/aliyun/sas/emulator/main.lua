--- The emulator from a shell.
--
--     lua main.lua [start] [--folder DIR] [--port N] [--certificate KIND] [--lifetime SECONDS] [--plain]
--     lua main.lua stop --folder DIR
--
-- `start` returns once the server answers, and prints `endpoint=`, `caFile=`, `folder=`, `accessKeyId=` and
-- `accessKeySecret=`, a line each. The server ends with `stop`, or by itself after its lifetime (900 seconds).

local root = arg[0]:match("^(.*)aliyun/sas/emulator/main%.lua$")
if root then
  if root == "" then root = "./" end
  package.path = root .. "?.lua;" .. root .. "?/init.lua;" .. package.path
end

local server = require "aliyun.sas.emulator.server"

local function fail(message)
  io.stderr:write("emulator: ", message, "\n")
  os.exit(2)
end

local named = {
  ["--folder"] = { "folder" }, ["--port"] = { "port", true }, ["--certificate"] = { "certificate" },
  ["--lifetime"] = { "lifetime", true },
}

local function value(word, text, number)
  local result = number and tonumber(text) or not number and text
  return result or fail(word .. " needs a " .. (number and "number" or "value"))
end

local function read(words)
  local verb, settings, i = "start", { detached = true }, 1
  while words[i] do
    local word = words[i]
    if i == 1 and (word == "start" or word == "stop") then
      verb = word
    elseif word == "--plain" then
      settings.tls = false
    elseif named[word] then
      i = i + 1
      settings[named[word][1]] = value(word, words[i], named[word][2])
    else
      fail("unknown argument " .. word)
    end
    i = i + 1
  end
  return verb, settings
end

local verbs = {}

function verbs.start(settings)
  local ok, made = pcall(server.start, settings)
  if not ok then fail(tostring(made)) end
  for _, name in ipairs { "endpoint", "caFile", "folder" } do
    if made[name] then print(name .. "=" .. made[name]) end
  end
  print("accessKeyId=testid\naccessKeySecret=testsecret")
end

function verbs.stop(settings)
  if not settings.folder then fail("stop needs --folder") end
  if not server.stopFolder(settings.folder) then fail("no server in " .. settings.folder) end
end

local verb, settings = read(arg)
verbs[verb](settings)
