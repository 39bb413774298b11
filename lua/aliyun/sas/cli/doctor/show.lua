--- The findings of doctor, for people: a table, and below it in full what there is to do.

local printable = require "aliyun.sas.printable"
local width = require "aliyun.sas.terminal.width"

local STYLES = { good = "32", unsure = "33", bad = "31", skipped = "2" }

local COLUMNS = { { title = "State" }, { title = "Check" }, { title = "Found", shrink = true } }

local WIDTH = 100 -- where nothing limits the lines

local function table_of(console, findings)
  local rows = {}
  for i, finding in ipairs(findings) do
    rows[i] = { { finding.state, style = STYLES[finding.state] }, finding.check, finding.found }
  end
  console:table(COLUMNS, rows, "")
end

-- Lines of at most so many columns, broken at spaces.
local function wrapped(text, first, indent, columns)
  local lines, line = {}, first
  local bare = true
  for word in printable.line(text):gmatch "%S+" do
    if not bare and width.of(line) + 1 + width.of(word) > columns then
      lines[#lines + 1], line, bare = line, indent, true
    end
    line, bare = line .. (bare and "" or " ") .. word, false
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n") .. "\n"
end

local function fixes_of(console, findings)
  local texts = {}
  for _, finding in ipairs(findings) do
    if finding.fix then
      local columns = console.width or WIDTH
      texts[#texts + 1] = wrapped(("%s: %s"):format(finding.check, finding.found), "- ", "  ", columns)
        .. wrapped(finding.fix, "  -> ", "     ", columns)
    end
  end
  if #texts > 0 then
    console:text("\nWhat to do:\n" .. table.concat(texts))
  end
end

--- Shows them.
return function(console, findings)
  table_of(console, findings)
  fixes_of(console, findings)
end
