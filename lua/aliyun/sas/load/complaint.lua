--- What Lua says of a source, for people: the line, and the message without what may be secret in it.
--
-- Lua quotes the source: `unfinished string near '"https://...access_token=...'`.

local complaint = {}

local LENGTH = 200

-- What stands behind "near": a word or a sign is shown, a text is not.
local function near(word)
  if word:find "^'?<eof>'?$" then
    return "the end of the file"
  elseif word:find "^'[%a_][%w_]*'$" or word:find "^'[^%w%s%c\"'%[\128-\255]+'$" then
    return word
  end
  return "a text or a number"
end

-- A token in the place of a name.
local function without_secrets(message)
  message = message:gsub("[%w_%-]+", function(word)
    return #word >= 24 and "..." or nil
  end)
  return (message:gsub("%w+://%S*", "..."):gsub("[%c\128-\255]+", "?"))
end

--- Reads a message of Lua's.
---@param message any what was raised
---@param name string of the chunk
---@return {line: integer?, message: string}
function complaint.read(message, name)
  local text = type(message) == "string" and message:match "^[^\n]*" or "an error that is no text"
  local line
  if text:sub(1, #name + 1) == name .. ":" then
    local digits, behind = text:match("^(%d+): ?()", #name + 2)
    line, text = tonumber(digits), digits and text:sub(behind) or text
  end
  local head, word = text:match "^(.-) near (.*)$"
  text = head and without_secrets(head) .. " near " .. without_secrets(near(word)) or without_secrets(text)
  return { line = line, message = #text > LENGTH and text:sub(1, LENGTH) .. "..." or text }
end

return complaint
