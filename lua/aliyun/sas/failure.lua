--- Error objects that are made in Lua: the same plain table with the same metatable as those made in C.

local core = require "aliyun.sas.core"

local failure = {}

--- Answers `nil, err`, for a `return`.
---@param kind string one of the closed list of the README's section "Errors"
---@param code string
---@param message string
---@param hint? string
---@return nil, aliyun.sas.error
function failure.answer(kind, code, message, hint)
  return nil, core.error {
    kind = kind, code = code, message = message, hint = hint, retryable = false, sent = false,
  }
end

--- True if the value is an error object, or a plain table that would be one but for its metatable.
function failure.is(value)
  return type(value) == "table" and type(value.kind) == "string" and type(value.code) == "string"
end

--- A text of any value, even of one whose __tostring raises.
---@return string
function failure.text(value)
  local good, text = pcall(tostring, value)
  return good and text or "(an error that cannot be printed)"
end

return failure
