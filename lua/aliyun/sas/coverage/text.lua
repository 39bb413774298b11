--- The coverage in a terminal: the sentence, the holes, then by group and by value.

local grid = require "aliyun.sas.terminal.table"
local printable = require "aliyun.sas.printable"
local width = require "aliyun.sas.terminal.width"
local words = require "aliyun.sas.coverage.words"

local text = {}

local STYLES = { uncovered = "1;31", unclear = "33", partly = "33", covered = "32" }
local CELLS = { uncovered = "NO", unclear = "?", partly = "part", covered = "yes" }
local STATES = { uncovered = "nobody", unclear = "unclear", partly = "partly", covered = "covered" }

-- Names in one line: a list of all would be longer than the rest.
local MOST = 8

-- Breaks a text at blanks, so that the terminal does not break it within words; `indent` stands before the further
-- lines. A word that is wider than the terminal is cut.
local function wrapped(line, options, indent)
  if not options.width or width.of(line) <= options.width then
    return printable.line(line)
  end
  indent = indent or ""
  local lines, current, first = {}, "", true
  for word in printable.line(line):gmatch " *[^ ]+" do
    if not first and width.of(current .. word) > options.width then
      lines[#lines + 1] = current
      word = indent .. word:gsub("^ +", "")
      current = ""
    end
    current, first = width.cut(current .. word, options.width), false
  end
  lines[#lines + 1] = current
  return table.concat(lines, "\n")
end

local function holes(data, options)
  local lines = {}
  local function add(label, names)
    if names ~= "" then
      lines[#lines + 1] = wrapped(("   %s: %s"):format(label, names), options, "     ")
    end
  end
  for i, hole in ipairs(data.holes) do
    local line = wrapped(("%d. %s"):format(i, words.what(hole)), options, "   ")
    if options.colour then
      line = "\27[" .. STYLES[hole.state] .. "m" .. line .. "\27[0m"
    end
    lines[#lines + 1] = line
    add("heard by", hole.state == "uncovered" and "nobody" or "nobody for certain")
    add("in", words.groups(data, hole.groups, MOST))
    add("perhaps by", words.names(hole.perhaps, MOST))
    add("disabled", words.names(hole.disabled, MOST))
  end
  return #lines > 0 and table.concat(lines, "\n") .. "\n" or nil
end

local function groups(data, options)
  local columns, rows = { { title = "Group", shrink = true } }, {}
  for t, row in ipairs(data.types) do
    columns[t + 1] = { title = row.name }
  end
  local lacking, complete = words.lacking(data)
  for i, group in ipairs(lacking) do
    rows[i] = { group.name }
    for t, state in ipairs(group.types) do
      rows[i][t + 1] = { CELLS[state], style = STYLES[state] }
    end
  end
  local rest = complete > 0 and wrapped(("Every alert is heard in %s%d group%s."):format(
    #lacking > 0 and "the other " or "", complete, complete == 1 and "" or "s"), options) .. "\n" or ""
  if #lacking == 0 then
    return rest
  end
  return grid.render(columns, rows, options) .. "\n"
    .. wrapped("yes: all of the type; part: some of it; ?: unclear; NO: nobody", options) .. "\n" .. rest
end

-- The count stands first, since the end may be cut.
local function heard_by(row)
  local names = words.names(row.chatbots, MOST)
  if #row.chatbots > 1 then
    names = #row.chatbots .. ": " .. names
  end
  if row.state ~= "covered" and #row.disabled > 0 then
    names = names .. (names ~= "" and "; " or "") .. "disabled: " .. words.names(row.disabled, MOST)
  end
  return names
end

local function values(data, options)
  local rows = {}
  for i, row in ipairs(data.values) do
    rows[i] = {
      { STATES[row.state], style = STYLES[row.state] }, row.type, ("%s (%s)"):format(row.value, row.key),
      heard_by(row), words.groups(data, row.missing, MOST),
    }
  end
  return grid.render({
    { title = "State" }, { title = "Type" }, { title = "Value", shrink = true }, { title = "Heard by", shrink = true },
    { title = "Not all in", shrink = true },
  }, rows, options)
end

local function not_counted(data, options)
  local rows = {}
  for i, word in ipairs(data.words) do
    rows[i] = { word.chatbot, word.word, words.note(word) }
  end
  return #rows > 0 and grid.render({
    { title = "Chatbot", shrink = true }, { title = "Word", shrink = true }, { title = "What it is", shrink = true },
  }, rows, options) or nil
end

local function doubts(data, options)
  local rows, unclear = {}, data.summary.unclear > 0
  for _, chatbot in ipairs(data.chatbots) do
    for _, doubt in ipairs(chatbot.doubts) do
      rows[#rows + 1] = { chatbot.name, doubt }
    end
  end
  if #rows == 0 and not unclear then
    return nil
  end
  return wrapped(words.unclear, options) .. "\n" .. (#rows > 0 and "\n" .. grid.render({
    { title = "Chatbot", shrink = true }, { title = "What it does", shrink = true },
  }, rows, options) or "")
end

-- A part is left out where it has nothing to say.
local PARTS = {
  { "Holes", holes }, { "By group", groups }, { "By value", values }, { "Words that are not counted", not_counted },
  { "What is unclear", doubts },
}

local function counted(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

--- `options` are those of a table.
---@param data aliyun.sas.coverage.data
---@param options aliyun.sas.table_options
---@return string
function text.render(data, options)
  local sum = data.summary
  local pieces = {
    wrapped(data.sentence, options), "\n",
    wrapped(("%s (%d enabled), %s of alert, %s."):format(counted(sum.chatbots, "chatbot"), sum.enabled,
      counted(sum.types, "type"), counted(sum.groups, "asset group")), options), "\n",
  }
  for _, part in ipairs(PARTS) do
    local body = part[2](data, options)
    if body then
      local title = options.colour and "\27[1m" .. part[1] .. "\27[0m" or part[1]
      pieces[#pieces + 1] = "\n" .. title .. "\n\n" .. body
    end
  end
  return table.concat(pieces)
end

return text
