--- A plan for people: a block for each change, and a line that sums it up.

local changes = require "aliyun.sas.plan.changes"
local dates = require "aliyun.sas.dates"
local form = require "aliyun.sas.plan.form"
local ids = require "aliyun.sas.ids"
local printable = require "aliyun.sas.printable"
local verdict = require "aliyun.sas.verdict"
local webhook = require "aliyun.sas.webhook"
local width = require "aliyun.sas.terminal.width"

local text = {}

local SIGNS = {
  create = { "+", "create", "32" }, update = { "~", "update", "33" }, status = { "~", "status", "33" },
  delete = { "-", "delete", "31" }, conflict = { "!", "conflict", "35" }, unchanged = { "=", "unchanged", nil },
}

local WIDTH = 80
local INDENT = "      "

local line, quoted = printable.line, printable.quoted

local function painted(out, colour, value)
  return out.colour and colour and ("\27[%sm%s\27[0m"):format(colour, value) or value
end

local function add(out, value)
  out[#out + 1] = value
end

-- Breaks a long list between its parts.
local function add_wrapped(out, head, parts, between, colour)
  local indent = (" "):rep(width.of(head))
  local current, is_fresh = head, true
  for i, part in ipairs(parts) do
    local piece = i < #parts and part .. between or part
    if not is_fresh and width.of(current) + width.of(piece) + 1 > out.width then
      add(out, painted(out, colour, current))
      current, is_fresh = indent, true
    end
    current, is_fresh = current .. (is_fresh and "" or " ") .. piece, false
  end
  add(out, painted(out, colour, current))
end

local function list_change(out, change)
  add(out, INDENT .. change.field .. ":")
  for _, part in ipairs { { "+ ", change.added, "32" }, { "- ", change.removed, "31" } } do
    if #(part[2] or {}) > 0 then
      local shown = {}
      for i, item in ipairs(part[2]) do
        shown[i] = line(item)
      end
      add_wrapped(out, INDENT .. "  " .. part[1], shown, ",", part[3])
    end
  end
end

local function value_text(value)
  return (value == nil or value == "") and "(none)" or line(value) -- an empty list is an empty text
end

local function add_change(out, change, action)
  local note = change.note and (" (%s)"):format(line(change.note)) or ""
  if action == "create" or action == "delete" then
    local value = action == "create" and change.new or change.old
    add(out, ("%s%s: %s%s"):format(INDENT, change.field, value_text(value), note))
  elseif #(change.added or {}) + #(change.removed or {}) > 0 then
    list_change(out, change)
  else
    add(out, ("%s%s: %s -> %s%s"):format(INDENT, change.field, value_text(change.old), value_text(change.new), note))
  end
end

local function head(out, entry)
  local sign = SIGNS[entry.action]
  local parts = { ("  %s %s %s"):format(sign[1], sign[2], quoted(entry.name)) }
  parts[#parts + 1] = entry.id and ("(Id %s)"):format(line(entry.id)) or nil
  local shown = painted(out, sign[3], table.concat(parts, " "))
  add(out, entry.place and shown .. "  " .. line(entry.place) or shown)
end

local function add_problem(out, what, item)
  local hint = item.hint and (" (%s)"):format(line(item.hint)) or ""
  local path = item.path and item.path ~= "" and line(item.path) .. ": " or ""
  local words = {}
  for word in (path .. line(item.message) .. hint):gmatch "[^ ]+" do
    words[#words + 1] = word
  end
  add_wrapped(out, INDENT .. what .. ": ", words, "")
end

-- Where a webhook comes from that stands elsewhere, by the name alone: whoever sets that decides where alerts go.
local function source_of(entry)
  local declared = entry.wish and entry.wish.SendUrl
  return type(declared) == "table" and webhook.text(declared) or nil
end

-- What is sent of a field, though it cannot be compared.
local function value_of(entry, field)
  if field == "SendUrl" then
    return source_of(entry)
  end
  local seconds = field == "IntervalTime" and tonumber(entry.wish and entry.wish.IntervalTime)
  return seconds and ("%.0f"):format(seconds) or nil
end

local function not_compared(entry)
  local shown = {}
  for i, field in ipairs(entry.notCompared) do
    local value = value_of(entry, field)
    shown[i] = value and ("%s (%s)"):format(line(field), line(value)) or line(field)
  end
  return table.concat(shown, ", ")
end

local function names_webhook(entry)
  return changes.find(entry, "SendUrl") ~= nil or ids.set(entry.notCompared).SendUrl == true
end

-- An update sends the webhook also where it stays what it is.
local function add_source(out, entry)
  local source = source_of(entry)
  if entry.action == "update" and source and not names_webhook(entry) then
    add(out, ("%sSendUrl: sent along, %s"):format(INDENT, source))
  end
end

local function block(out, entry)
  add(out, "")
  head(out, entry)
  for _, change in ipairs(entry.changes) do
    add_change(out, change, entry.action)
  end
  add_source(out, entry)
  if entry.conflict then
    add_problem(out, "conflict", entry.conflict)
  end
  for _, item in ipairs(entry.needs) do
    add_problem(out, "needs", item)
  end
  for _, item in ipairs(entry.warnings) do
    add_problem(out, "warning", item)
  end
  if #entry.notCompared > 0 then
    add(out, INDENT .. "not compared: " .. not_compared(entry))
  end
end

-- An entry that changes nothing is shown only where there is something to say of it.
local function is_shown(entry)
  return entry.action ~= "unchanged" or #entry.warnings > 0
end

local function title(out, plan)
  local account = plan.account and (", account %s"):format(line(plan.account)) or ""
  local at = plan.asOf and (", as of %s"):format(dates.text(plan.asOf)) or ""
  local origin = plan.origin or {}
  local from = (origin.path or origin.folder) and line(origin.path or origin.folder) .. " -> " or ""
  add(out, ("%s%s%s%s"):format(from, line(plan.site), account, at))
end

local function add_names(out, plan)
  local names = {}
  for i, chatbot in ipairs(plan.unmanaged) do
    names[i] = quoted(chatbot.name)
  end
  if #names > 0 then
    add(out, "")
    add_wrapped(out, ("Not declared, and left alone (%d): "):format(#names), names, ",")
  end
end

-- The names of those whose webhooks could not be compared, in one line: most say nothing else.
local function add_unseen(out, plan)
  local names = {}
  for _, entry in ipairs(plan.entries) do
    if not is_shown(entry) and #entry.notCompared > 0 then
      names[#names + 1] = ("%s: %s"):format(quoted(entry.name), not_compared(entry))
    end
  end
  if #names > 0 then
    add(out, "")
    add_wrapped(out, ("Not compared (%d): "):format(#names), names, ";")
  end
end

--- True where a plan would change something, or has a conflict.
---@param plan aliyun.sas.plan
---@return boolean
function text.has_changes(plan)
  local summary = plan.summary
  return summary.create + summary.update + summary.status + summary.delete + summary.conflict > 0
end

--- The line that sums a plan up.
---@param plan aliyun.sas.plan
---@return string
function text.summary(plan)
  local summary = plan.summary
  if not text.has_changes(plan) then
    return ("No changes: %d as declared."):format(summary.unchanged)
  end
  local parts = {}
  for _, row in ipairs {
    { "create", "to create" }, { "update", "to update" }, { "status", "to enable or disable" },
    { "delete", "to delete" }, { "conflict", "in conflict" }, { "unchanged", "unchanged" },
  } do
    local number = summary[row[1]]
    parts[#parts + 1] = (number > 0 or row[1] == "create" or row[1] == "update" or row[1] == "delete")
      and ("%.0f %s"):format(number, row[2]) or nil
  end
  return "Plan: " .. table.concat(parts, ", ") .. "."
end

--- The plan as text, with a line feed at its end; an error where it is none, such as JSON that was edited.
---@param plan aliyun.sas.plan
---@param options? {colour: boolean?, width: integer?} width: 80 columns
---@return string? text, aliyun.sas.error? err
function text.render(plan, options)
  local problems = form.problems(plan)
  if #problems > 0 then
    return verdict.problems(problems, "the plan")
  end
  options = options or {}
  local out = { colour = options.colour, width = math.max(options.width or WIDTH, 40) }
  title(out, plan)
  for _, entry in ipairs(plan.entries) do
    if is_shown(entry) then
      block(out, entry)
    end
  end
  add_unseen(out, plan)
  add_names(out, plan)
  add(out, "")
  add(out, text.summary(plan))
  return table.concat(out, "\n") .. "\n"
end

return text
