--- The text of a chatbots file.

local failure = require "aliyun.sas.failure"

local source = {}

--- The largest file: a thousand chatbots are a third of it.
source.MAX = 1024 * 1024

local CODES = { [2] = "NOT_FOUND", [13] = "PERMISSION", [20] = "NOT_FOUND" } -- errno, the same on all systems

local function refuse(path, code, message, hint)
  return failure.answer("state", code, path .. ": " .. message, hint)
end

-- The system's words, without the path that stands before them.
local function reason_of(path, message)
  message = tostring(message)
  return message:sub(1, #path + 2) == path .. ": " and message:sub(#path + 3) or message
end

--- Reads the file whole.
---@param path string
---@return string? text, aliyun.sas.error? err of kind `state`
function source.read(path)
  local file, message, number = io.open(path, "rb")
  if not file then
    return refuse(path, CODES[number] or "IO", "cannot open it: " .. reason_of(path, message))
  end
  local text, why = file:read(source.MAX + 1)
  file:close()
  if not text and why then -- a folder, say
    return refuse(path, "IO", "cannot read it: " .. reason_of(path, why))
  elseif text and #text > source.MAX then
    return refuse(path, "TOO_LARGE", ("is larger than %d KiB"):format(source.MAX / 1024),
      "a chatbots file is source, not data; split it")
  end
  return text or ""
end

--- The text without a byte order mark, which editors put before it.
---@param text string
---@return string
function source.without_mark(text)
  return (text:gsub("^\239\187\191", ""))
end

--- A Lua source without a byte order mark, and without a first line that begins with `#`; the lines stay as they are.
---@param text string
---@return string
function source.strip(text)
  return (source.without_mark(text):gsub("^#[^\r\n]*", ""))
end

return source
