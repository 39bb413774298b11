--- Refuses secrets among the arguments: they are in the history of the shell, and other users see them while the
--- command runs.

local guard = {}

local ROTATE = "it is in the history of the shell now, and other users may have seen it: make a new one"

-- Options that other tools have for secrets.
local SECRET_OPTIONS = {
  ["--access-key-id"] = true, ["--access-key-secret"] = true, ["--access-key"] = true, ["--secret"] = true,
  ["--secret-key"] = true, ["--security-token"] = true, ["--sts-token"] = true, ["--token"] = true,
  ["--send-url"] = true, ["--webhook"] = true,
}

-- A placeholder of the documentation is no secret.
local function has_token(word)
  for token in word:gmatch "access_token=([^&%s\"']*)" do
    if not token:match "^[xX]*$" and not token:match "^[<%$*]" then
      return true
    end
  end
  return false
end

local function is_mixed(text)
  return (text:find "%l" and text:find "%u" and text:find "%d") ~= nil
end

-- A secret of a key has 30 letters and digits, a robot's token 64 hexadecimal digits.
local function looks_like_a_key(word)
  local value = word:match "=(%w+)$" or word
  return word:find "LTAI%w%w%w%w%w%w%w%w%w%w%w%w" ~= nil or word:find "STS%.%w%w%w%w%w%w%w%w" ~= nil
    or #value == 30 and value:find "^%w+$" ~= nil and is_mixed(value)
    or #value == 64 and value:find "^%x+$" ~= nil
end

--- What is wrong with the arguments, or nil. It never holds one of them.
---@param words string[]
---@return string? message, string? hint
function guard.check(words)
  for i, word in ipairs(words) do
    if SECRET_OPTIONS[word:match "^[^=]*"] then
      return ("argument %d: secrets are no arguments"):format(i), "give the webhook by --send-url-env, --send-url-file "
        .. "or --send-url-stdin, keys by the environment or --profile; if a secret stood there, " .. ROTATE
    elseif has_token(word) then
      return ("argument %d looks like a webhook with its token"):format(i), ROTATE
        .. ", and give it by --send-url-env, --send-url-file or --send-url-stdin"
    elseif looks_like_a_key(word) then
      return ("argument %d looks like an access key or a token"):format(i), ROTATE
        .. ", and give keys by the environment or --profile"
    end
  end
end

return guard
