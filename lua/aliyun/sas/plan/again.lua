--- Whether a plan shows what would be done of it: it may have been read back from JSON, and edited on the way.
--
-- What is wished is planned once more, with the account as it was read. The webhooks are left out of that, since which
-- of them differ depends on what was set in the environment, and on the fingerprints, when it was planned: where the
-- plan shows one as a change, it has to be the declared one.

local changes = require "aliyun.sas.plan.changes"
local declare = require "aliyun.sas.declare"
local entries = require "aliyun.sas.plan.entries"
local ids = require "aliyun.sas.ids"
local printable = require "aliyun.sas.printable"

local again = {}

local HINT = "plan again"

local function add(found, path, message)
  found[#found + 1] = { path = "plan." .. path, message = message, hint = HINT }
end

local function add_to(found, place, field, message)
  add(found, ("entries[%d].%s"):format(place, field), message)
end

-- Equal as plain data, whatever library read it.
local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

-- What is planned once more -------------------------------------------------------------------------------------------

-- Tables of our own: what a library read may have a metatable.
local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local made = {}
  for key, item in pairs(value) do
    made[key] = copy(item)
  end
  return made
end

local function wish_of(entry)
  local wish = copy(entry.wish)
  wish.SendUrl = nil
  return wish
end

-- The wishes of all entries but the deletions, which stand behind them.
local function wishes_of(found, plan)
  local wishes = {}
  for i, entry in ipairs(plan.entries) do
    if entry.action ~= "delete" then
      wishes[#wishes + 1] = wish_of(entry)
      if entry.index ~= i or #wishes ~= i then
        add_to(found, i, "index", "is not its place among the entries")
      end
    end
  end
  return wishes
end

local function in_plan(text)
  return (text:gsub("chatbots%[(%d+)%]", "plan.entries[%1].wish"))
end

-- The change of the webhook that a plan shows: its note, or true.
local function sent(entry)
  local change = changes.find(entry, "SendUrl")
  return change and (changes.is_note(change.note) and change.note or true)
end

local function items_of(found, state, plan)
  local items, err = declare.read(state.core, wishes_of(found, plan))
  for _, problem in ipairs(err and err.problems or {}) do
    found[#found + 1] = { path = in_plan(problem.path), message = in_plan(problem.message), hint = HINT }
  end
  for i, item in ipairs(items or {}) do
    local entry = plan.entries[i]
    item.declared = entry.wish.SendUrl
    item.sends = item.declared ~= nil and sent(entry) or nil
  end
  return #found == 0 and items or nil
end

-- What differs --------------------------------------------------------------------------------------------------------

local function without_webhook(fields)
  local rest = {}
  for _, field in ipairs(fields) do
    rest[#rest + 1] = field ~= "SendUrl" and field or nil
  end
  return rest
end

local function check_entry(found, place, entry, made)
  if entry.action ~= made.action then
    return add_to(found, place, "action", ("is %s, and what is wished makes it %s"):format(entry.action, made.action))
  end
  if ids.text(entry.id) ~= ids.text(made.id) then
    add_to(found, place, "id", "is not the chatbot that is meant by the wish")
  end
  if entry.name ~= made.name then
    add_to(found, place, "name", "is not the name of the chatbot")
  end
  if not same(entry.changes, made.changes) then
    add_to(found, place, "changes",
      "are not what would be changed, or show an asset group by a name that it has no longer")
  end
  if not same(without_webhook(entry.notCompared), without_webhook(made.notCompared)) then
    add_to(found, place, "notCompared", "are not the fields that cannot be compared")
  end
  if entry.resend and not (entry.action == "update" and sent(entry)) then
    add_to(found, place, "resend", "is set where no webhook is shown to be sent")
  end
  if entry.conflict and entry.conflict.code ~= (made.conflict or {}).code then
    add_to(found, place, "conflict", "is another one")
  end
end

-- Deletions by their Ids, which stand once each.
local function deletions(list)
  local by_id = {}
  for _, entry in ipairs(list) do
    by_id[entry.action == "delete" and ids.text(entry.id) or false] = entry
  end
  by_id[false] = nil
  return by_id
end

local function check_deletion(found, place, entry, made, told)
  local id = ids.text(entry.id)
  if told[id] then
    add_to(found, place, "id", "stands twice")
  elseif not made[id] then
    add_to(found, place, "action", "is delete, and the chatbot is declared, or prune is not set")
  else
    check_entry(found, place, entry, made[id])
  end
  told[id] = true
end

local function check_entries(found, plan, made)
  local gone, told = deletions(made.entries), {}
  for i, entry in ipairs(plan.entries) do
    if entry.action == "delete" then
      check_deletion(found, i, entry, gone, told)
    else
      check_entry(found, i, entry, made.entries[i])
    end
  end
  for _, entry in ipairs(made.entries) do
    if entry.action == "delete" and not told[entry.id] then
      add(found, "entries", ("lack the deletion of the chatbot with the Id %s, as prune is set"):format(entry.id))
    end
  end
end

-- The folder to which files of webhooks are relative is that of the file that is shown.
local function check_origin(found, origin)
  if not origin or not origin.path or not origin.folder then
    return
  end
  local folder = printable.line(origin.path):match "^(.*)/[^/]*$"
  if printable.line(origin.folder) ~= (folder == "" and "/" or folder or ".") then
    add(found, "origin.folder", "is not that of the file")
  end
end

local function unmanaged(list)
  local plain = {}
  for i, chatbot in ipairs(list) do
    plain[i] = { id = ids.text(chatbot.id), name = chatbot.name }
  end
  return plain
end

--- All in which a plan of the right form does not show what would be done; an empty list where nothing is.
---@param state table of a client
---@param plan aliyun.sas.plan
---@param list aliyun.sas.readChatbot[] the account, which is as it was planned
---@param names table<string, string> of the asset groups
---@return {path: string, message: string, hint: string}[]
function again.problems(state, plan, list, names)
  local found = {}
  check_origin(found, plan.origin)
  local items = items_of(found, state, plan)
  if not items then
    return found
  end
  local made = entries.of({
    site = plan.site, unit = state.intervalUnit, options = { prune = plan.prune }, list = list, groupNames = names,
  }, items)
  check_entries(found, plan, made)
  if not same(unmanaged(plan.unmanaged), made.unmanaged) then
    add(found, "unmanaged", "are not the chatbots that are left alone")
  end
  for action, number in pairs(made.summary) do
    if plan.summary[action] ~= number and #found == 0 then
      add(found, "summary", "does not count the entries")
    end
  end
  return found
end

return again
