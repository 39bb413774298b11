--- One run of a command: its arguments, its console, and the client it may open.

local both = require "aliyun.sas.store.both"
local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local curl = require "aliyun.sas.curl"
local failure = require "aliyun.sas.failure"
local sas = require "aliyun.sas"
local status = require "aliyun.sas.cli.status"
local system = require "aliyun.sas.system"
local words = require "aliyun.sas.cli.words"

local Run = {}
Run.__index = Run

local run = {}

---@param args table what the parser answers
---@param console table
---@param host aliyun.sas.cli.host
function run.new(args, console, host)
  return setmetatable({ args = args, console = console, host = host, clients = {} }, Run)
end

--- Raises an error object of this command line.
function run.fail(kind, code, message, hint)
  error(core.error {
    kind = kind, code = code, message = message, hint = hint, retryable = false, sent = false,
  }, 0)
end

--- An argument that is wrong.
function run.usage(message, hint)
  error({ usage = hint or "", message = message }, 0)
end

--- Options whose values are wrong, all of them.
---@param problems {path: string, message: string, hint: string?}[]
function run.wrong(problems)
  error(run.problems("USAGE", problems), 0)
end

--- The error object of problems with the options.
---@param code "USAGE"|"INVALID_ARGUMENT"
function run.problems(code, problems)
  return core.error {
    kind = "argument", code = code, problems = problems, retryable = false, sent = false,
    message = #problems .. (#problems == 1 and " problem" or " problems") .. " with the options",
  }
end

--- The result of a call, or its error raised.
function run.must(result, err)
  if result == nil then
    error(err, 0)
  end
  return result
end

-- The client ------------------------------------------------------------------------------------------------------

local NO_REGION = "is missing: give cn-hangzhou (the Chinese site) or ap-southeast-1 (the international one), or "
  .. "ALIBABA_CLOUD_REGION_ID, or region_id in the profile of the aliyun command, or --endpoint; the two sites do not "
  .. "share chatbots, so there is no default"

--- The message of sas.new in the words of the command line.
function run.settings_error(message)
  local problems, code = {}, "INVALID_ARGUMENT"
  for path, text in tostring(message):gmatch "\n  ([^:\n]+): ([^\n]+)" do
    local missing = path == "regionId" and text:find "^is missing"
    code = words.settings[path] and not missing and "USAGE" or code -- a value that was given, and is wrong
    text = missing and NO_REGION or words.text(text)
    problems[#problems + 1] = { path = words.settings[path] or path, message = text }
  end
  if #problems == 0 then
    return message
  end
  return run.problems(code, problems)
end

-- Notes the interrupts that came, and says what the first of them means.
local function count_interrupts(self)
  local came = self.host.interrupted()
  if came then
    self.interrupts = self.interrupts + 1
    self.interrupted = came
  end
  if came and self.interrupts == 1 then
    self.console:say "Interrupted: nothing further is written; what was is looked at. Once more to end at once."
  end
end

-- Interrupted between two requests: what is under way ends first, and what was written may still be read back.
local function interruptible(self)
  local good, transport = pcall(curl.new, { caFile = self.args.ca_file, proxy = "env" })
  if not good then
    run.wrong { { path = "--ca-file", message = transport:match "caFile (.*)$" or transport } }
  end
  transport.settings = curl.settings
  self.interrupts = 0
  function transport.turn(action)
    count_interrupts(self)
    local operation = calls.operations[action]
    local is_read = operation ~= nil and operation.class == "read"
    if self.interrupts > 1 or self.interrupts == 1 and not is_read then
      run.fail("state", "INTERRUPTED", "interrupted before it was sent")
    end
  end
  return transport
end

-- Of a timeout that is wrong there is none, so that the mistake is told once.
local function connect_timeout(timeout)
  return timeout and timeout > 0 and math.min(timeout, 5) or nil
end

local function profile(name)
  local good, made = pcall(sas.credentials.profile, { profileName = name })
  if not good then
    run.wrong { { path = "--profile", message = "is no name of a profile" } }
  end
  return made
end

--- The settings of the client, from the options; `more` has further ones.
function Run:settings(more)
  local args = self.args
  local given = {
    regionId = args.region, endpoint = args.endpoint, caFile = args.ca_file, timeout = args.timeout,
    deadline = args.deadline, intervalUnit = args.interval_unit,
    connectTimeout = connect_timeout(args.timeout), userAgent = "sas-dingtalk",
    credentials = args.profile and profile(args.profile) or nil,
    onWarning = function(warning)
      self.console:warn(words.settings[warning.path] or warning.path, warning.message, warning.hint)
    end,
  }
  for _, from in ipairs { self.host.settings, more or {} } do
    for name, value in pairs(from) do
      given[name] = value
    end
  end
  return given
end

--- Opens a client.
function Run:client(more)
  local good, made = pcall(sas.new, self:settings(more))
  if not good then
    error(run.settings_error(made), 0)
  end
  self.clients[#self.clients + 1] = made
  return made
end

--- Opens a client that writes: from here on Ctrl-C, SIGTERM and SIGHUP wait for the answer that is under way.
function Run:writer(more)
  local given = more or {}
  if not self.host.settings.transport then
    given.transport = interruptible(self)
    self.transport = given.transport
  end
  local client = self:client(given)
  self.host.hold(true)
  return client
end

-- By the numbers of the signals, which are the same everywhere.
local BROKEN_OFF = { status.hangup, status.interrupted, [15] = status.terminated }

--- The status of a run that a signal has broken off between two requests; nil where none has.
function Run:broken_off()
  return self.interrupted and BROKEN_OFF[self.interrupted]
end

--- Closes what was opened.
function Run:close()
  for _, client in ipairs(self.clients) do
    client:close()
  end
  if self.transport then
    self.transport.close()
  end
end

-- Files ------------------------------------------------------------------------------------------------------------

-- A folder and those above it.
local function make_folders(path)
  local at = path:sub(1, 1) == "/" and "" or "."
  for part in path:gmatch "[^/]+" do
    at = at .. "/" .. part
    run.must(system.makefolder(at))
  end
end

local function is_there(path)
  local file = io.open(path)
  return file ~= nil and file:close() ~= nil
end

--- The folder in which single commands keep what they have sent, so that a `put` whose answer got lost makes no second
--- chatbot when it is called again: one for each profile, since each account needs its own.
function Run:state_folder()
  local top = self.host.getenv "XDG_STATE_HOME"
  if not top or top:sub(1, 1) ~= "/" then
    local home = self.host.getenv "HOME"
    if not home or home:sub(1, 1) ~= "/" or not is_there(home) then
      run.fail("state", "NOT_FOUND", "HOME names no folder, so there is no place for what was sent",
        "set HOME, or give --state")
    end
    top = home .. "/.local/state"
  end
  return top .. "/sas-dingtalk/" .. (self.args.profile or "default"):gsub("[^%w_.-]", "_"):gsub("^%.", "_")
end

--- The store in a folder, which is made where it is not there; one that others may write to ends the run.
function run.store(folder)
  make_folders(folder)
  run.must(system.checkfolder(folder))
  return sas.store.file(folder)
end

--- The same, which heeds what single commands of this user have sent, and other files. Where this user has no place for
--- that, as in a container, it is the folder alone; a place that others may write to ends the run.
function Run:shared_store(folder)
  local own = run.store(folder)
  local good, users = pcall(function() return run.store(self:state_folder()) end)
  if good then
    return both.new(own, users)
  elseif not failure.is(users) or users.code == "NOT_PRIVATE" then
    error(users, 0)
  elseif users.code ~= "NOT_FOUND" then
    self.console:warn("state", "what single commands and other files send is not heeded: " .. users.message, users.hint)
  end
  return own
end

--- The text of a file, of at most a mebibyte.
function run.read_file(path)
  local file, why = io.open(path, "rb")
  if not file then
    run.fail("state", "NOT_FOUND", "cannot read " .. tostring(why))
  end
  local text = file:read(1048577)
  file:close()
  if text == nil or #text > 1048576 then
    run.fail("state", "TOO_LARGE", path .. " is no file, is empty, or has more than a mebibyte")
  end
  return text
end

-- Questions --------------------------------------------------------------------------------------------------------

--- Raises where an answer will be needed and nobody can give it: before anything is done.
function Run:need_answer()
  local host = self.host
  if not self.args.yes and (self.console.json or not (host.is_terminal "in" and host.is_terminal "err")) then
    run.usage("--yes is needed where nobody can be asked")
  end
end

--- Asks on a terminal, unless --yes was given; elsewhere --yes is needed.
function Run:confirm(question)
  self:need_answer()
  if self.args.yes then
    return
  end
  local host = self.host
  host.write("err", question .. " Type yes to go on: ")
  if host.read() ~= "yes" then
    run.fail("state", "REFUSED", "nothing was changed")
  end
end

return run
