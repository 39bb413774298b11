-- printable_spec.lua - text from outside, wherever it is shown: one list of what does harm, held against each way out
-- SPDX-License-Identifier: MIT

local account = require "spec.support.account"
local core = require "aliyun.sas.core"
local json = require "aliyun.sas.cli.json"
local lua_text = require "aliyun.sas.export.lua_text"
local view = require "aliyun.sas.cli.view"
local width = require "aliyun.sas.terminal.width"

local UNKNOWN = "\239\191\189"

-- As UTF-8, and what JSON escapes it with.
local harmful = {
  { "SOH", "\1", "0001" }, { "ESC", "\27", "001b" }, { "BEL", "\7", "0007" }, { "DEL", "\127", "007f" },
  { "U+0080", "\194\128", "0080" }, { "NEL", "\194\133", "0085" }, { "CSI of one byte", "\194\155", "009b" },
  { "U+009F", "\194\159", "009f" }, { "a soft hyphen", "\194\173", "00ad" },
  { "ARABIC LETTER MARK", "\216\156", "061c" }, { "MONGOLIAN VOWEL SEPARATOR", "\225\160\142", "180e" },
  { "ZERO WIDTH SPACE", "\226\128\139", "200b" }, { "ZERO WIDTH JOINER", "\226\128\141", "200d" },
  { "LRM", "\226\128\142", "200e" }, { "RLM", "\226\128\143", "200f" },
  { "LINE SEPARATOR", "\226\128\168", "2028" }, { "PARAGRAPH SEPARATOR", "\226\128\169", "2029" },
  { "LRE", "\226\128\170", "202a" }, { "RLO", "\226\128\174", "202e" }, { "WORD JOINER", "\226\129\160", "2060" },
  { "LRI", "\226\129\166", "2066" }, { "PDI", "\226\129\169", "2069" }, { "U+206F", "\226\129\175", "206f" },
  { "a byte order mark", "\239\187\191", "feff" }, { "U+FFF9", "\239\191\185", "fff9" },
  { "a tag", "\243\160\129\129", "db40\\udc41" },
}

-- Next to those above, and whole texts of people.
local harmless = {
  " ", "~", "\194\160", "\194\172", "\194\174", "\216\155", "\226\128\138", "\226\128\144", "\226\128\167",
  "\226\128\175", "\226\129\159", "\226\129\176", UNKNOWN, "夜间值班", "día", "🔔", "e\204\129", "\\x1b[31m", 'a "b" \\',
}

local function refusal(text)
  local _, err = core.reply {
    class = "read", status = 400,
    body = core.encode { RequestId = "r", Code = "Bad" .. text .. "Code", Message = "evil" .. text .. "name" },
  }
  return err
end

-- Each way out: what it makes of a text.
local shown = {
  ["printable"] = core.printable,
  ["the message of an error"] = function(text) return refusal(text).message end,
  ["the code of an error"] = function(text) return refusal(text).code end,
  ["the text of an error"] = function(text) return tostring(refusal(text)) end,
  ["the text of a caller's error"] = function(text)
    return tostring(core.error { kind = "state", code = "X" .. text, message = "evil" .. text, hint = "h" .. text,
      problems = { { path = "p" .. text, message = "m" .. text, hint = "h" .. text } } })
  end,
  ["a transport that failed"] = function(text)
    local _, err = core.reply { class = "read", sent = true, code = "X" .. text, message = "m" .. text }
    return tostring(err)
  end,
  ["an unknown parameter"] = function(text)
    return tostring(select(2, core.describeDingTalk({ host = "h" }, { ["a" .. text .. "b"] = 1 })))
  end,
  ["a cell of a table"] = function(text) return width.fit("a" .. text .. "b", 9) end,
}

describe("what does harm", function()
  for _, row in ipairs(harmful) do
    local name, text, escape = row[1], row[2], row[3]
    for way, show in pairs(shown) do
      it(("is not shown: %s in %s"):format(name, way), function()
        local out = show("a" .. text .. "b")
        assert.is_nil(out:find(text, 1, true))
        assert.is_truthy(out:find("a" .. UNKNOWN .. "b", 1, true), out)
      end)
    end

    it("is escaped in JSON, and read back: " .. name, function()
      for _, encode in ipairs { core.encode, json.text } do
        local out = encode { ["k" .. text] = "a" .. text .. "b" }
        assert.is_nil(out:find(text, 1, true))
        assert.is_truthy(out:find("a\\u" .. escape .. "b", 1, true), out)
        assert.equal("a" .. text .. "b", assert(core.json(out))["k" .. text])
      end
    end)

    it("is escaped in exported Lua, and loads: " .. name, function()
      local value = "a" .. text .. "7"
      local out = lua_text { { { name = "RuleActionName", kind = "text", value = value, note = value } } }
      assert.is_nil(out:find(text, 1, true))
      assert.is_truthy(out:find(("\\%03d7"):format(text:byte(-1)), 1, true), out)
      assert.is_truthy(out:find("-- a" .. UNKNOWN .. "7", 1, true), out)
      assert.equal(value, assert((loadstring or load)(out))()[1].RuleActionName) -- luacheck: ignore
    end)
  end

  it("is no line of a log either: the end of a line is a space", function()
    for _, ending in ipairs { "\n", "\r", "\t" } do
      for way, show in pairs(shown) do
        local out = show("a" .. ending .. "b")
        assert.is_truthy(out:find("a b", 1, true), way .. ": " .. out)
        assert.is_nil(out:find("a" .. ending, 1, true))
      end
    end
  end)

  it("is each byte that is no UTF-8", function()
    for _, broken in ipairs { "\255", "\192\128", "\224\128\128", "\237\160\128", "\244\144\128\128", "\228\184" } do
      assert.equal("a" .. UNKNOWN:rep(#broken) .. "b", core.printable("a" .. broken .. "b"))
      assert.is_nil(json.text { "a" .. broken .. "b" }:find(broken, 1, true))
    end
  end)

  it("is not shown where a name of a chatbot is listed", function()
    local a = account.new()
    a.add()
    a.service.state.chatbots[1].RuleActionName = "evil\194\155" .. "31m\226\128\174name"
    for chatbot in assert(a.client:chatbots()) do
      local out = json.text(view.plain(chatbot))
      assert.is_nil(out:find "\194\155")
      assert.is_nil(out:find "\226\128\174")
      assert.is_truthy(out:find("evil\\u009b31m\\u202ename", 1, true), out)
    end
  end)
end)

describe("what does no harm", function()
  for _, text in ipairs(harmless) do
    it(("stays: %q"):format(text), function()
      assert.equal("a" .. text .. "b", core.printable("a" .. text .. "b"))
      assert.is_truthy(refusal("a" .. text .. "b").message:find("a" .. text .. "b", 1, true))
      assert.is_nil(core.encode(text):find("\\u", 1, true))
      assert.equal(text, core.json(core.encode { text })[1])
    end)
  end

  it("is any text, and nothing else", function()
    assert.equal("", core.printable "")
    for _, value in ipairs { 1, true, {} } do
      assert.has_error(function() core.printable(value) end)
    end
  end)
end)
