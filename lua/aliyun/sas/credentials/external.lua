--- Credentials that a program prints: the mode External of the aliyun command.

local exchange = require "aliyun.sas.credentials.exchange"
local failure = require "aliyun.sas.failure"
local options = require "aliyun.sas.credentials.options"
local refresh = require "aliyun.sas.credentials.refresh"
local variables = require "aliyun.sas.credentials.variables"

local external = {}

local DISABLED = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"
local LONGEST = 60 -- seconds
local WHAT = "the program of processCommand"

local Source = {}
Source.__index = Source

-- In double quotes a backslash escapes these only, as in POSIX.
local ESCAPED = { ['"'] = true, ["\\"] = true, ["$"] = true, ["`"] = true, ["\n"] = true }

-- Adds what stands in quotes to the pieces of a word: the place after it, or nil where the quotes do not end.
local function split_quoted(text, at, pieces)
  while at <= #text do
    local c, following = text:sub(at, at), text:sub(at + 1, at + 1)
    if c == '"' then
      return at + 1
    elseif c == "\\" and ESCAPED[following] then
      pieces[#pieces + 1] = following
      at = at + 2
    else
      pieces[#pieces + 1] = c
      at = at + 1
    end
  end
end

-- One word from `at` on, and the place after it; nil and what is wrong.
local function split_word(text, at)
  local pieces = {}
  while at <= #text and not text:find("^%s", at) do
    local c = text:sub(at, at)
    if c == "'" then
      local stop = text:find("'", at + 1, true)
      if not stop then
        return nil, "has a quote that does not end"
      end
      pieces[#pieces + 1] = text:sub(at + 1, stop - 1)
      at = stop + 1
    elseif c == '"' then
      at = split_quoted(text, at + 1, pieces)
      if not at then
        return nil, "has a quote that does not end"
      end
    elseif c == "\\" then
      if at == #text then
        return nil, "ends with a backslash"
      end
      pieces[#pieces + 1] = text:sub(at + 1, at + 1)
      at = at + 2
    else
      pieces[#pieces + 1] = c
      at = at + 1
    end
  end
  return table.concat(pieces), at
end

--- The words of a command, as the official SDKs split it; no shell sees it.
---@param text string
---@return string[]? words, string? wrong
function external.split(text)
  local words, at = {}, text:find "%S"
  while at do
    local word, following = split_word(text, at)
    if not word then
      return nil, following
    end
    words[#words + 1] = word
    at = text:find("%S", following)
  end
  if not words[1] or words[1] == "" then
    return nil, "names no program"
  end
  return words
end

-- A worker of nginx must not stand still, unless the transport was asked for that does it too.
local function must_not_block(context)
  return variables.in_nginx() and not (type(context.transport) == "table" and context.transport.blocking)
end

function Source:fetch(context)
  if variables.is_yes(self.read(DISABLED)) then
    return failure.answer("credentials", "NO_CREDENTIALS", "programs are switched off by " .. DISABLED)
  elseif must_not_block(context) then
    return failure.answer("credentials", "BLOCKING", "a program would stop this worker of nginx until it ends",
      'give transport = "curl", which blocks too, or other credentials')
  end
  local words, wrong = external.split(self.given.processCommand)
  if not words then
    return failure.answer("credentials", "BAD_COMMAND", "processCommand " .. wrong)
  end
  local left = exchange.left(context)
  if left <= 0 then
    return exchange.too_late(WHAT)
  end
  local output, err = require "aliyun.sas.system".run(words, math.max(math.min(LONGEST, left), 0.001))
  if not output then
    return failure.answer("credentials", err.code, WHAT .. ": " .. err.message, err.hint)
  end
  local held, expiry = exchange.issued(WHAT, output, "external")
  output:close()
  return held, expiry
end

--- One that asks each time.
function external.source(given)
  return setmetatable({ given = given, read = variables.reader { DISABLED } }, Source)
end

--- What a program prints, as JSON { mode, access_key_id, access_key_secret, sts_token, expiration }. Without an
--- expiration it is run for each signature.
---@param given {processCommand: string}
---@return aliyun.sas.provider
function external.new(given)
  given = options.check("external", given, { processCommand = "string" }, 2)
  if not given.processCommand then
    error("external: processCommand is missing", 2)
  end
  return refresh.new("a program", external.source(given), 0)
end

return external
