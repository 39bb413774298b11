--- The errors of what stands above single calls: conflicts, outcomes that stay unknown, creates that failed for good.

local core = require "aliyun.sas.core"
local dates = require "aliyun.sas.dates"
local ids = require "aliyun.sas.ids"
local intent = require "aliyun.sas.intent"

local verdict = {}

local function shown(list)
  local texts = {}
  for i, id in ipairs(list) do
    texts[i] = tostring(id)
  end
  return table.concat(texts, ", ")
end

--- Somebody else's doing; nothing was touched because of it.
---@param found aliyun.sas.readChatbot[]
---@param sent boolean this method sent a write
function verdict.conflict(code, message, hint, found, sent)
  local list = ids.of(found)
  return nil, core.error {
    kind = "conflict", code = code, message = #list > 0 and message .. ": " .. shown(list) or message, hint = hint,
    ids = list, retryable = false, sent = sent or false,
  }
end

function verdict.duplicate(found, sent)
  return verdict.conflict("DUPLICATE", ("%d chatbots have the name, with the Ids"):format(#found),
    "nothing was touched; delete or rename all but one, or name one by its Id", found, sent)
end

function verdict.foreign(found, sent)
  return verdict.conflict("FOREIGN", "another client made a chatbot of the name meanwhile, with the Id",
    "it is not as the one that was to be created, which may still appear; it was not touched", found, sent)
end

function verdict.renamed(found, sent)
  return verdict.conflict("RENAMED", "a chatbot was given the name while one of it was to be created; it has the Id",
    "the one that was to be created may still appear; it was not touched", found, sent)
end

function verdict.not_found(what, sent)
  return verdict.conflict("NOT_FOUND", "no chatbot has " .. what,
    "client:chatbots() and sas-dingtalk list show them; see also the region: the two sites share no chatbots", {}, sent)
end

local HINTS = {
  create = "call ensure again then, or resolve with the handle; until then this name is not created again",
  update = "call ensure again then, or resolve with the handle",
}

--- An outcome that is not known yet.
---@param state table of a client
---@param made aliyun.sas.handle
---@param cause? table the error that left it so
---@param fields {list: aliyun.sas.chatbotList?, message: string, sent: boolean, code: string}
function verdict.unknown(state, made, cause, fields)
  cause = cause or {}
  local settled = intent.resolve_after(state, made, fields.list)
  return nil, core.error {
    kind = "unknown", code = cause.code or fields.code, hint = HINTS[made.kind], status = cause.status,
    message = ("%s; it is settled at %s"):format(fields.message, dates.text(settled)),
    requestId = cause.requestId, retryable = true, sent = fields.sent, resolveAfter = settled, handle = made,
  }
end

--- The service said that it created the chatbot, and none of the name is there: somebody deleted or renamed it, or the
-- service spells the name in another way. Made anew without a look it might be there twice.
---@param made aliyun.sas.handle
function verdict.vanished(made)
  local _, err = verdict.conflict("VANISHED", "the service said that it created the chatbot, and none has its name",
    "look for it under another spelling; resolve with the handle lets the name be created again", {}, false)
  err.handle = made
  return nil, err
end

--- A create was not executed, or an update does not show, and no copy of it can be executed any more.
function verdict.failed(made)
  local create = made.kind == "create"
  return nil, core.error {
    kind = "network", code = create and "NOT_CREATED" or "NOT_APPLIED", retryable = true, sent = true,
    message = create and "the chatbot was not created, and no copy of the request can create it any more"
      or "the chatbot is not as the update would have it, and no copy of the request can be executed any more",
    hint = not create and not made.changes
      and "the service shows nothing of what was to change: call ensure again with resend = true"
      or "call ensure again",
  }
end

--- All that is wrong with what was given.
---@param problems {path: string, message: string, hint: string?}[]
---@param what? string they are in; the arguments
function verdict.problems(problems, what)
  return nil, core.error {
    kind = "argument", code = "INVALID_ARGUMENT", retryable = false, sent = false, problems = problems,
    message = ("%d problem%s in %s"):format(#problems, #problems == 1 and "" or "s", what or "the arguments"),
  }
end

--- Parameters that turn out to be wrong in Lua.
function verdict.argument(path, message, hint)
  return verdict.problems { { path = path, message = message, hint = hint } }
end

return verdict
