--- Error objects that are made in Lua: the same plain table with the same metatable as those made in C.

local core = require "aliyun.sas.core"

local failure = {}

--- Answers `nil, err`, for a `return`; what the texts have from outside is made printable.
---@param kind string one of the closed list of the README's section "Errors"
---@param code string
---@param message string
---@param hint? string
---@return nil, aliyun.sas.error
function failure.answer(kind, code, message, hint)
  return nil, core.error {
    kind = kind, code = code, message = core.printable(message), hint = hint and core.printable(hint),
    retryable = false, sent = false,
  }
end

--- True if the value is an error object, or a plain table that would be one but for its metatable.
function failure.is(value)
  return type(value) == "table" and type(rawget(value, "kind")) == "string" and type(rawget(value, "code")) == "string"
end

-- What a caller's part can have: the others say something of a write.
local OWN_KINDS = { state = true, credentials = true, network = true, service = true, reply = true }

--- An error of the caller's own parts (a provider, a store, a nonce function) as one of this module's: whatever it
-- says, no write was sent by it.
---@param err table
---@param kind string in the place of one that such a part cannot have
---@return aliyun.sas.error
function failure.unsent(err, kind)
  local own = rawget(err, "kind")
  local made = { kind = OWN_KINDS[own] and own or kind, sent = false, retryable = rawget(err, "retryable") == true }
  for _, name in ipairs { "code", "message", "hint", "requestId", "status" } do
    local value = rawget(err, name)
    made[name] = type(value) == "string" and core.printable(value) or value
  end
  made.problems = type(rawget(err, "problems")) == "table" and rawget(err, "problems") or nil
  if type(made.message) ~= "string" then
    made.message = "no message"
  end
  return core.error(made)
end

--- Raises it again where it says that memory ran out: that is no failure of the part that was called.
---@param raised any what a pcall has caught
function failure.pass_memory(raised)
  if type(raised) == "string" and raised:find "not enough memory$" then
    error(raised, 0)
  end
end

--- pcall for what raises where it is given something wrong. That memory ran out is no such mistake, and is raised on.
---@return boolean good, any result
function failure.try(f, ...)
  local good, result = pcall(f, ...)
  if not good then
    failure.pass_memory(result)
  end
  return good, result
end

--- A text of any value, even of one whose __tostring raises.
---@return string
function failure.text(value)
  local good, text = pcall(tostring, value)
  return good and text or "(an error that cannot be printed)"
end

return failure
