--- The emulator from a shell.
--
--     lua main.lua [start] [--folder DIR] [--port N] [--certificate KIND] [--lifetime SECONDS] [--plain]
--     lua main.lua stop --folder DIR
--     lua main.lua --help

-- Nothing is run from the current folder: what is relative leaves the search paths before the first require.
for _, name in ipairs { "path", "cpath" } do
  package[name] = (";" .. package[name]):gsub(";[^/;][^;]*", ""):gsub("^;+", "")
end

local root = arg[0]:match("^(.*)aliyun/sas/emulator/main%.lua$")
if root then
  if root == "" then root = "./" end
  package.path = root .. "?.lua;" .. root .. "?/init.lua;" .. package.path
end

local help = [[
usage: lua main.lua [start] [--folder DIR] [--port N] [--certificate KIND] [--lifetime SECONDS] [--plain]
       lua main.lua stop --folder DIR

Starts the emulated service in nginx on the loopback interface, or stops it. start returns once the server answers, and
prints endpoint=, caFile=, folder=, accessKeyId= and accessKeySecret=, a line each, as a shell reads them.

  --folder DIR         where its files lie: new, in a folder that exists, and removed at the end; or empty, and
                       then left (default: a temporary folder)
  --port N             default: a free one
  --certificate KIND   good (default), wronghost, expired, selfsigned, otherca
  --lifetime SECONDS   after which the server ends by itself (900)
  --plain              http without TLS; there is no caFile= then
]]

local function fail(message)
  io.stderr:write("emulator: ", message, "\n")
  os.exit(2)
end

local loaded, why = pcall(require, "aliyun.sas.emulator")
if not loaded then fail(why) end
local server = require "aliyun.sas.emulator.server"

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
    if word == "--help" or word == "-h" then
      io.write(help)
      os.exit(0)
    elseif i == 1 and (word == "start" or word == "stop") then
      verb = word
    elseif word == "--plain" then
      settings.tls = false
    elseif named[word] then
      i = i + 1
      settings[named[word][1]] = value(word, words[i], named[word][2])
    else
      fail("unknown argument " .. word .. " (see --help)")
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
  if not server.stopFolder(settings.folder) then fail("no server of this user in " .. settings.folder) end
end

local verb, settings = read(arg)
verbs[verb](settings)
