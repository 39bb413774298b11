--- The words of a Lua or JSON source with their lines, as far as it takes to tell where things stand: no operator has a
-- meaning here, and what is no token ends the source.
--
-- One pass, in time linear to the source.

local tokens = {}

local ESCAPES = { n = "\n", t = "\t", r = "\r", ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["/"] = "/" }

local Reader = {}
Reader.__index = Reader

-- Lua takes \r\n and \n\r for one end of a line. The next end is kept: a source may be one long line.
local function count_lines(self, to)
  while self.ending <= to do
    local pair = self.text:sub(self.ending, self.ending + 1)
    self.line = self.line + 1
    local behind = self.ending + ((pair == "\r\n" or pair == "\n\r") and 2 or 1)
    self.ending = self.text:find("[\r\n]", behind) or math.huge
  end
end

local function move(self, to)
  count_lines(self, to)
  self.at = to + 1
end

-- The end of a long string or comment whose opening bracket is here, and its level; nil where there is none.
local function long_bracket(self)
  local equals = self.text:match("^%[(=*)%[", self.at)
  if not equals then
    return nil
  end
  local _, stop = self.text:find("]" .. equals .. "]", self.at, true)
  return stop or #self.text, #equals
end

local function skip_comment(self)
  self.at = self.at + 2
  move(self, long_bracket(self) or (self.text:find("[\r\n]", self.at) or #self.text + 1) - 1)
end

local function skip_blanks(self)
  while true do
    local _, stop = self.text:find("^%s+", self.at)
    if stop then
      move(self, stop)
    elseif not self.json and self.text:find("^%-%-", self.at) then
      skip_comment(self)
    else
      return
    end
  end
end

-- The place behind an escape; `\z` goes on to what is no blank.
local function skip_escape(text, at)
  local letter = text:sub(at + 1, at + 1)
  if letter == "z" then
    return select(2, text:find("^%s*", at + 2)) + 1
  elseif text:find("^\r\n", at + 1) or text:find("^\n\r", at + 1) then
    return at + 3
  end
  return at + 2
end

-- A text in quotes. Its value is nil where an escape in it is a rare one.
local function short_string(self, quote)
  local text, from, parts = self.text, self.at + 1, {}
  local at, known = from, true
  while true do
    local stop = text:find("[\\" .. quote .. "]", at)
    if not stop then
      self.at = #text + 1
      return "end"
    end
    parts[#parts + 1] = text:sub(at, stop - 1)
    if text:sub(stop, stop) == quote then
      move(self, stop)
      return "string", known and table.concat(parts) or nil
    end
    local letter = ESCAPES[text:sub(stop + 1, stop + 1)]
    known = known and letter ~= nil
    parts[#parts + 1] = letter
    at = skip_escape(text, stop)
  end
end

local function long_string(self)
  local stop, level = long_bracket(self)
  local value = self.text:sub(self.at + level + 2, stop - level - 2)
  move(self, stop)
  -- ends of lines become \n, and the first is left out
  return "string", not value:find "[\r\n]" and value or nil
end

-- The shapes of the other tokens. A byte from 128 is part of a name for LuaJIT.
local SHAPES = {
  { "name", "^[%a_\128-\255][%w_\128-\255]*" }, { "number", "^0[xX][%x%.pP]*[%w_]*" },
  { "number", "^%.?%d[%d%.]*[eE][%+%-]?[%w_%.]*" }, { "number", "^%.?%d[%w_%.]*" },
  { "symbol", "^%.%.%.?" }, { "symbol", "^::" }, { "symbol", "^[=~<>]=" }, { "symbol", "^%p" },
}

local function other(self)
  for _, shape in ipairs(SHAPES) do
    local value = self.text:match(shape[2], self.at)
    if value then
      self.at = self.at + #value
      return shape[1], value
    end
  end
  return "end"
end

--- Goes on to the next token: `self.kind` is name, string, number, symbol or end, `self.value` its text (of a string
-- what it stands for, if that is known), `self.where` the line in which it begins.
function Reader:advance()
  skip_blanks(self)
  self.where = self.line
  local first = self.text:sub(self.at, self.at)
  if first == '"' or first == "'" and not self.json then
    self.kind, self.value = short_string(self, first)
  elseif first == "[" and not self.json and self.text:find("^%[=*%[", self.at) then
    self.kind, self.value = long_string(self)
  else
    self.kind, self.value = other(self)
  end
end

--- True if the token is this symbol or word.
function Reader:is(value)
  return (self.kind == "symbol" or self.kind == "name") and self.value == value
end

--- Reads a source, from its first token on.
---@param text string
---@param json? boolean without comments and long strings
function tokens.reader(text, json)
  local reader = setmetatable({ text = text, json = json, at = 1, line = 1 }, Reader)
  reader.ending = text:find "[\r\n]" or math.huge
  reader:advance()
  return reader
end

return tokens
