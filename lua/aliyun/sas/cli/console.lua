--- What goes to the standard output and to the standard error: results there, everything else here; colours where a
--- terminal is; JSON where a program reads.

local dates = require "aliyun.sas.dates"
local failure = require "aliyun.sas.failure"
local grid = require "aliyun.sas.terminal.table"
local json = require "aliyun.sas.cli.json"
local printable = require "aliyun.sas.printable"
local width = require "aliyun.sas.terminal.width"
local words = require "aliyun.sas.cli.words"

local PROGRAM = "sas-dingtalk"
local EPIPE = 32

local Console = {}
Console.__index = Console

local console = { program = PROGRAM }

local function wants_colour(host, choice, stream)
  if choice ~= "auto" then
    return choice == "always"
  end
  local refused = host.getenv "NO_COLOR"
  return host.is_terminal(stream) and (refused == nil or refused == "") and host.getenv "TERM" ~= "dumb"
end

--- The console of a run.
---@param host aliyun.sas.cli.host
---@param options {output: "table"|"json", color: "auto"|"always"|"never"}
function console.new(host, options)
  return setmetatable({
    host = host, json = options.output == "json", colour = wants_colour(host, options.color, "out"),
    width = host.columns "out",
  }, Console)
end

-- What cannot be written is no result: the reader has gone, or the disk is full.
local function put(self, stream, text)
  local good, why, number = self.host.write(stream, text)
  if not good and stream == "out" then
    error({ closed = number == EPIPE, message = "cannot write the output: " .. tostring(why) }, 0)
  end
end

-- Each line made safe, and the line ends left.
local function clean(text)
  return (text:gsub("[^\n]+", printable.line))
end

--- Text that was made here, for people.
function Console:text(text)
  put(self, "out", text)
end

--- A value as JSON.
function Console:value(value)
  put(self, "out", json.text(value))
end

--- A table with rows, or what is said where there are none.
function Console:table(columns, rows, empty)
  if #rows == 0 then
    return self:text(empty .. "\n")
  end
  put(self, "out", grid.render(columns, rows, { width = self.width, colour = self.colour }))
end

--- A line for people, on the standard error; programs that read JSON get none.
function Console:say(text)
  if not self.json then
    put(self, "err", clean(text) .. "\n")
  end
end

--- A line that the next one replaces, on a terminal alone.
function Console:progress(text)
  if self.json or not self.host.is_terminal "err" then
    return
  end
  put(self, "err", "\r" .. (text and width.cut(text, (self.host.columns "err" or 80) - 1) or "") .. "\27[K")
end

function Console:warn(path, message, hint)
  message, hint = words.text(message), words.text(hint)
  if self.json then
    return put(self, "err", json.text { warning = { path = path, message = message, hint = hint } })
  end
  put(self, "err", clean(("%s: warning: %s%s%s\n"):format(PROGRAM, path and path .. " " or "", message,
    hint and " (" .. hint .. ")" or "")))
end

local FIELDS = {
  "kind", "code", "message", "hint", "problems", "status", "requestId", "retryable", "sent", "resolveAfter", "handle",
  "ids", "usage",
}

local LISTS = { ids = true, problems = true, before = true, GroupIdList = true }

--- An error as plain data, in the words of the command line.
function console.plain(err)
  if not failure.is(err) then
    return { kind = "error", code = "ERROR", message = failure.text(err) }
  end
  err = words.error(err)
  local plain = {}
  for _, name in ipairs(FIELDS) do
    plain[name] = rawget(err, name)
  end
  return json.mark(plain, LISTS)
end

-- Until when: in UTC, as all dates here.
local function until_text(seconds)
  return dates.text(math.ceil(seconds))
end
console.until_text = until_text

--- An error: for people on several lines, for programs as one JSON document.
function Console:fail(err)
  if self.json then
    return put(self, "err", json.text { error = console.plain(err) })
  end
  err = failure.is(err) and words.error(err) or err
  local text = PROGRAM .. ": " .. failure.text(err)
  if failure.is(err) then
    text = text .. (err.requestId and "\n  RequestId: " .. err.requestId or "")
    text = text .. (err.resolveAfter and "\n  can be settled after " .. until_text(err.resolveAfter) or "")
  end
  put(self, "err", clean(text) .. "\n")
end

return console
