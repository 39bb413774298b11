--- What the command line has of the process it runs in: streams, terminal, signals. Specs give another one.

local system = require "aliyun.sas.system"

---@class aliyun.sas.cli.host
---@field write fun(stream: "out"|"err", text: string): boolean?, string?, integer?
---@field read fun(): string? a line of the standard input
---@field readall fun(): string? all of it
---@field is_terminal fun(stream: "in"|"out"|"err"): boolean
---@field columns fun(stream: "out"|"err"): integer? nil: not limited
---@field getenv fun(name: string): string?
---@field hold fun(held: boolean, alone?: boolean) Ctrl-C, SIGTERM and SIGHUP wait, or end the process; `alone`: Ctrl-C
---@field interrupted fun(): integer|false the number of the signal
---@field settings table further settings of the client

local FILES = { ["in"] = 0, out = 1, err = 2 }
local LONGEST = 1048576 -- bytes of an input

local host = { settings = {} }

function host.write(stream, text)
  local file = stream == "out" and io.stdout or io.stderr
  local good, why, number = file:write(text)
  if good then
    good, why, number = file:flush()
  end
  return good and true, why, number
end

function host.read()
  return (io.read "*l")
end

function host.readall()
  return io.read(LONGEST)
end

function host.is_terminal(stream)
  return system.isatty(FILES[stream])
end

--- The terminal's width; COLUMNS counts before it, as with other tools.
function host.columns(stream)
  if not host.is_terminal(stream) then
    return nil
  end
  local said = tonumber((os.getenv "COLUMNS" or ""):match "^%d%d?%d?%d?$")
  return said and said > 0 and said or system.columns(FILES[stream]) or 80
end

host.getenv = os.getenv
host.hold = system.holdinterrupts
host.interrupted = system.interrupted
host.sleep = system.sleep

return host
