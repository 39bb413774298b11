--- Tables for a terminal: columns as wide as what they hold, cut where the terminal is narrower.
--
-- Where not even the cut columns fit side by side, each row becomes a block of lines, "Title: text".

local width = require "aliyun.sas.terminal.width"

local grid = {}

---@class aliyun.sas.table_column
---@field title string
---@field shrink? boolean may be cut where the table is too wide
---@field align? "left"|"right"

---@alias aliyun.sas.table_cell string|number|{[1]: string, style: string?} style: what an SGR sequence takes, "1;31"

---@class aliyun.sas.table_options
---@field width? integer columns of the terminal; without it nothing is cut
---@field colour? boolean whether the styles are used, and titles are bold

local GAP = 2
-- A column is not cut below this: less tells nothing.
local LEAST = 6

local function text_of(cell)
  return tostring(type(cell) == "table" and cell[1] or cell == nil and "" or cell)
end

local function styled(text, style, options)
  if not options.colour or not style or text == "" then
    return text
  end
  return "\27[" .. style .. "m" .. text .. "\27[0m"
end

local function natural_widths(columns, rows)
  local widths = {}
  for i, column in ipairs(columns) do
    widths[i] = width.of(column.title)
    for _, row in ipairs(rows) do
      widths[i] = math.max(widths[i], width.of(text_of(row[i])))
    end
  end
  return widths
end

local function total(widths)
  local sum = GAP * (#widths - 1)
  for _, taken in ipairs(widths) do
    sum = sum + taken
  end
  return sum
end

-- The shrinkable column that is widest, or nil where none can be narrower.
local function widest(columns, widths)
  local found
  for i, column in ipairs(columns) do
    if column.shrink and widths[i] > LEAST and (not found or widths[i] > widths[found]) then
      found = i
    end
  end
  return found
end

-- Answers false where the table cannot be made to fit.
local function shrink(columns, widths, limit)
  local over = total(widths) - limit
  while over > 0 do
    local i = widest(columns, widths)
    if not i then
      return false
    end
    widths[i] = widths[i] - 1
    over = over - 1
  end
  return true
end

-- Blanks at the end of a line are left away, also where the last cells are empty.
local function line(columns, widths, cells, options, title_style)
  local pieces, pending = {}, ""
  for i, column in ipairs(columns) do
    local fitted = width.fit(text_of(cells[i]), widths[i], column.align)
    local before, text, after = fitted:match "^( *)(.-)( *)$"
    if text == "" then
      pending = pending .. fitted
    else
      local cell = cells[i]
      local style = title_style or type(cell) == "table" and cell.style or nil
      pieces[#pieces + 1] = pending .. before .. styled(text, style, options)
      pending = after
    end
    pending = pending .. (" "):rep(GAP)
  end
  return table.concat(pieces)
end

local function dashes(widths)
  local pieces = {}
  for i, taken in ipairs(widths) do
    pieces[i] = ("-"):rep(taken)
  end
  return table.concat(pieces, (" "):rep(GAP))
end

local function side_by_side(columns, widths, rows, options)
  local titles, lines = {}, {}
  for i, column in ipairs(columns) do
    titles[i] = column.title
  end
  lines[1] = line(columns, widths, titles, options, "1")
  lines[2] = dashes(widths)
  for _, row in ipairs(rows) do
    lines[#lines + 1] = line(columns, widths, row, options)
  end
  return lines
end

-- One line of a block; the title stays, and of the text what fits.
local function block_line(column, cell, options)
  local title = width.cut(column.title, math.max(options.width - LEAST - 2, 1))
  local text = width.cut(text_of(cell), options.width - width.of(title) - 2)
  local style = type(cell) == "table" and cell.style or nil
  return width.cut(title .. ":", options.width) .. (text ~= "" and " " .. styled(text, style, options) or "")
end

local function blocks(columns, rows, options)
  local lines = {}
  for number, row in ipairs(rows) do
    if number > 1 then
      lines[#lines + 1] = ""
    end
    for i, column in ipairs(columns) do
      if text_of(row[i]) ~= "" then
        lines[#lines + 1] = block_line(column, row[i], options)
      end
    end
  end
  return lines
end

--- A table as text, each line ended.
---@param columns aliyun.sas.table_column[]
---@param rows aliyun.sas.table_cell[][]
---@param options? aliyun.sas.table_options
---@return string
function grid.render(columns, rows, options)
  options = options or {}
  local widths = natural_widths(columns, rows)
  local lines
  if not options.width or shrink(columns, widths, options.width) then
    lines = side_by_side(columns, widths, rows, options)
  else
    lines = blocks(columns, rows, options)
  end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

return grid
