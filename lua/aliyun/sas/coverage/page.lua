--- The coverage as one HTML page that a security officer can file.
--
-- It holds all that it needs and asks nobody for anything; the policy in its head would refuse to. Names are hostile
-- until they are escaped, and stand in <bdi>, so that none turns the line around it.

local printable = require "aliyun.sas.printable"
local style = require "aliyun.sas.coverage.style"
local words = require "aliyun.sas.coverage.words"

local page = {}

local MARKS = {
  uncovered = "\226\156\149 nobody", unclear = "? unclear", partly = "\226\151\144 partly",
  covered = "\226\156\147 heard",
}

-- Names in one cell of a table.
local MOST = 6

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

local function escape(text)
  return (printable.line(text):gsub("[&<>\"']", ENTITIES))
end

local function name(text)
  return "<bdi>" .. escape(text) .. "</bdi>"
end

local function names(list, most)
  local pieces = {}
  for i, row in ipairs(list) do
    if i > most then
      pieces[i] = ("and %d more"):format(#list - most)
      break
    end
    pieces[i] = name(row.name)
  end
  return table.concat(pieces, ", ")
end

-- A long list starts with its count.
local function counted(list)
  return (#list > MOST and #list .. ": " or "") .. names(list, MOST)
end

local function groups(data, list, most)
  return #list == #data.groups and "every group" or names(list, most)
end

local function mark(state)
  return ('<span class="mark %s">%s</span>'):format(state, MARKS[state])
end

local function soft(meaning)
  return (meaning or "") ~= "" and ' <span class="soft">(<bdi>' .. escape(meaning) .. "</bdi>)</span>" or ""
end

-- `head` are titles; the first cell of each row is its heading. All cells are HTML.
local function html_table(caption, head, rows, class)
  local out = { ('<div class="scroll"><table%s>'):format(class and ' class="' .. class .. '"' or "") }
  out[#out + 1] = "<caption>" .. caption .. "</caption><thead><tr>"
  for _, title in ipairs(head) do
    out[#out + 1] = '<th scope="col">' .. title .. "</th>"
  end
  out[#out + 1] = "</tr></thead><tbody>"
  for _, row in ipairs(rows) do
    out[#out + 1] = '<tr><th scope="row">' .. row[1] .. "</th>"
    for i = 2, #head do
      out[#out + 1] = "<td>" .. row[i] .. "</td>"
    end
    out[#out + 1] = "</tr>"
  end
  out[#out + 1] = "</tbody></table></div>"
  return table.concat(out, "\n")
end

local function section(title, body)
  return ("<section>\n<h2>%s</h2>\n%s\n</section>\n"):format(title, body)
end

local function verdict(data)
  local first = data.holes[1]
  return ('<p class="verdict %s">%s</p>\n'):format(first and first.state or "covered", escape(data.sentence))
end

local function tiles(data)
  local sum, out = data.summary, { '<dl class="tiles">' }
  local function tile(label, value)
    out[#out + 1] = ("<div><dt>%s</dt><dd>%s</dd></div>"):format(label, value)
  end
  tile("Holes: nobody hears", sum.uncovered)
  tile("Holes: unclear", sum.unclear)
  tile("Values heard everywhere", sum.coveredValues .. " of " .. sum.values)
  tile("Groups that hear everything", sum.coveredGroups .. " of " .. sum.groups)
  tile("Chatbots enabled", sum.enabled .. " of " .. sum.chatbots)
  out[#out + 1] = "</dl>\n"
  return table.concat(out, "\n")
end

local function holes(data)
  if #data.holes == 0 then
    return section("Holes", "<p>There are none.</p>")
  end
  local rows = {}
  for i, hole in ipairs(data.holes) do
    rows[i] = {
      name(words.what(hole)) .. soft(hole.meaning), mark(hole.state), groups(data, hole.groups, 40),
      names(hole.perhaps, MOST), names(hole.disabled, MOST),
    }
  end
  return section("Holes", html_table("Alerts that no enabled chatbot is sure to hear, the broadest first",
    { "Alerts", "Heard by", "In groups", "Perhaps by", "Would hear it, but disabled" }, rows))
end

local function matrix(data)
  local head, rows = { "Group" }, {}
  for t, row in ipairs(data.types) do
    head[t + 1] = escape(row.name)
  end
  for i, group in ipairs(data.groups) do
    rows[i] = { name(group.name) }
    for t, state in ipairs(group.types) do
      rows[i][t + 1] = mark(state)
    end
  end
  return section("Groups and types", html_table(
    "Whether every alert of a type is heard in a group; those with holes first", head, rows, "matrix"))
end

local function values(data)
  local rows = {}
  for i, row in ipairs(data.values) do
    rows[i] = {
      name(row.value) .. soft(row.meaning), escape(row.type) .. " " .. escape(row.key), mark(row.state),
      counted(row.chatbots), #row.missing > 0 and groups(data, row.missing, MOST) or "", names(row.disabled, MOST),
    }
  end
  return section("Values", html_table("Every value of the catalog: those that are not heard first",
    { "Value", "Type and key", "State", "Heard by", "Not all in", "Disabled" }, rows))
end

local STATUS = { enabled = "enabled", disabled = "disabled", unknown = "not told" }

local function types_heard(data, chatbot)
  local list = {}
  for t, state in ipairs(chatbot.types) do
    if state == "covered" then
      list[#list + 1] = escape(data.types[t].name)
    elseif state ~= "uncovered" then
      list[#list + 1] = escape(data.types[t].name) .. (state == "partly" and " (partly)" or " (unclear)")
    end
  end
  return table.concat(list, ", ")
end

local function chatbots(data)
  local rows = {}
  for i, row in ipairs(data.chatbots) do
    rows[i] = {
      name(row.name), escape(row.id or ""), STATUS[row.status], types_heard(data, row), groups(data, row.groups, MOST),
      escape(table.concat(row.doubts, "; ")),
    }
  end
  return #rows == 0 and "" or section("Chatbots", html_table("What was counted",
    { "Name", "Id", "Status", "Types", "Groups", "Unclear because it" }, rows))
end

local function not_counted(data)
  local rows = {}
  for i, word in ipairs(data.words) do
    rows[i] = { name(word.chatbot), name(word.word), escape(words.note(word)) }
  end
  return #rows == 0 and "" or section("Words that are not counted", html_table(
    "Words of chatbots that the catalog or the account does not know", { "Chatbot", "Word", "What it is" }, rows))
end

local function about(options)
  local parts = {}
  local function part(label, value)
    if value ~= nil and value ~= "" then
      parts[#parts + 1] = label .. " " .. name(value)
    end
  end
  part("Account", options.account)
  part("Site", options.site)
  part("As of", options.generated)
  return #parts > 0 and '<p class="soft">' .. table.concat(parts, " &#183; ") .. "</p>\n" or ""
end

local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>%s</title>
<style>
%s</style>
</head>
<body>
<main>
<h1>%s</h1>
]]

local FOOT = [[
<p class="soft">%s</p>
<p class="soft">That a chatbot hears an alert does not prove that its message arrives: a test message does.</p>
</main>
</body>
</html>
]]

--- One page, UTF-8. What is in `options` is shown where it is given.
---@param data aliyun.sas.coverage.data
---@param options {title: string?, account: string?, site: string?, generated: string?}
---@return string
function page.render(data, options)
  local title = escape(options.title or "Coverage of security alerts by DingTalk chatbots")
  return table.concat {
    HEAD:format(title, style, title), about(options), verdict(data), tiles(data), holes(data), matrix(data),
    values(data), chatbots(data), not_counted(data), FOOT:format(escape(words.unclear)),
  }
end

return page
