-- table_spec.lua - tables in a terminal: widths, what is cut, and what a name must not be able to do there
-- SPDX-License-Identifier: MIT

local grid = require "aliyun.sas.terminal.table"
local core = require "aliyun.sas.core"
local width = require "aliyun.sas.terminal.width"

local UNKNOWN = "\239\191\189"

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do
    lines[#lines + 1] = line
  end
  return lines
end

local columns = {
  { title = "Id", align = "right" }, { title = "Name", shrink = true }, { title = "Groups", shrink = true },
  { title = "Status" },
}
local rows = {
  { 7, "夜间值班告警机器人", "生产 prod", "on" },
  { "1234567", "a name that is rather long for a chatbot", "", { "off", style = "31" } },
}

describe("the width of a text", function()
  it("is that of a terminal", function()
    assert.equal(5, width.of "plain")
    assert.equal(4, width.of "夜间")
    assert.equal(2, width.of "Ａ") -- full width
    assert.equal(1, width.of "e\204\129") -- a combining accent
    assert.equal(2, width.of "🔔")
    assert.equal(2, width.of "a\226\128\139") -- ZERO WIDTH SPACE is shown: two names must not look alike
    assert.are_not.equal("ab", core.printable "a\226\128\141b")
    assert.equal(0, width.of "")
  end)

  it("does not count bytes that are no UTF-8 as part of what follows", function()
    for _, broken in ipairs { "\255", "\192\128", "\224\128\128", "\237\160\128", "\244\144\128\128", "\228\184" } do
      local clean = core.printable("a" .. broken .. "b")
      assert.equal("a", clean:sub(1, 1))
      assert.equal("b", clean:sub(-1))
      assert.equal(("a" .. UNKNOWN:rep(#broken) .. "b"), clean)
      assert.equal(#broken + 2, width.of("a" .. broken .. "b"))
    end
  end)
end)

describe("a text that is cut", function()
  it("never takes more columns than it may, nor half a character", function()
    for columns_left = 0, 12 do
      local cut = width.cut("夜间值班 watch", columns_left)
      assert.is_true(width.of(cut) <= columns_left)
      assert.is_nil(cut:find(UNKNOWN, 1, true))
    end
    assert.equal("夜…", width.cut("夜间值班", 4))
    assert.equal("夜间值班", width.cut("夜间值班", 8))
    assert.equal("夜…  ", width.fit("夜间值班", 4, "left") .. " ")
  end)
end)

describe("a hostile text", function()
  local hostile = {
    "\27[2J\27[1;31mred", "\155" .. "2J", "\194\155" .. "31m", "bell\7", "back\8\8\8\8", "del\127", "zero\0",
    "\226\128\174gnp.exe", "\226\129\166isolate", "\226\128\168line", "cut\27]0;title\7",
  }

  it("loses what could move the cursor, recolour or turn the line", function()
    for _, text in ipairs(hostile) do
      local clean = core.printable(text)
      assert.is_nil(clean:find "[%z\1-\31\127]")
      assert.is_nil(clean:find "\194[\128-\159]")
      assert.is_nil(clean:find "\226\128[\168-\174]")
      assert.is_nil(clean:find "\226\129[\166-\169]")
      assert.is_not_nil(clean:find(UNKNOWN, 1, true))
      assert.equal(width.of(text), width.of(clean))
      assert.equal(clean, core.printable(clean))
    end
  end)

  it("cannot add a line to a table", function()
    local all = {}
    for _, text in ipairs(hostile) do
      all[#all + 1] = { "1", text .. "\r\n2  forged", text, text }
    end
    local rendered = grid.render(columns, all, { width = 60 })
    assert.equal(#hostile + 2, #lines_of(rendered))
    assert.is_nil(rendered:find "[%z\1-\9\11-\31\127]")
  end)
end)

describe("a table", function()
  it("puts whole texts side by side where there is room", function()
    local lines = lines_of(grid.render(columns, rows))
    assert.equal("     Id  Name                                      Groups     Status", lines[1])
    assert.equal("-------  ----------------------------------------  ---------  ------", lines[2])
    assert.equal("      7  夜间值班告警机器人                        生产 prod  on", lines[3])
    assert.equal("1234567  a name that is rather long for a chatbot             off", lines[4])
  end)

  it("cuts only the columns that may be, until it fits", function()
    local lines = lines_of(grid.render(columns, rows, { width = 44 }))
    for _, line in ipairs(lines) do
      assert.is_true(width.of(line) <= 44, line)
      assert.is_nil(line:find " $")
    end
    assert.is_not_nil(lines[4]:find("1234567", 1, true))
    assert.is_not_nil(lines[4]:find("…", 1, true))
    assert.is_not_nil(lines[4]:find("off", 1, true))
  end)

  it("becomes blocks where the terminal is too narrow for columns, and never wider than that", function()
    for limit = 1, 30 do
      for _, line in ipairs(lines_of(grid.render(columns, rows, { width = limit }))) do
        assert.is_true(width.of(line) <= limit, limit .. ": " .. line)
        assert.is_nil(line:find " $")
      end
    end
    local text = grid.render(columns, rows, { width = 20 })
    assert.is_not_nil(text:find("Id: 1234567\n", 1, true))
    assert.is_nil(text:find("Groups: \n", 1, true))
  end)

  it("colours only when it is asked to", function()
    assert.is_nil(grid.render(columns, rows):find("\27", 1, true))
    local coloured = grid.render(columns, rows, { colour = true })
    assert.is_not_nil(coloured:find("\27[31moff\27[0m\n", 1, true))
    assert.equal(grid.render(columns, rows), (coloured:gsub("\27%[[%d;]*m", "")))
  end)

  it("of no rows has its titles only", function()
    assert.equal("A  B\n-  -\n", grid.render({ { title = "A" }, { title = "B" } }, {}))
  end)

  it("shows holes in a row as blanks", function()
    assert.equal("A  B  C\n-  -  -\n      3\n",
      grid.render({ { title = "A" }, { title = "B" }, { title = "C" } }, { { nil, nil, 3 } }))
  end)
end)
