--- JSON, strict on reading (RFC 8259, no duplicate names), and exact with whole numbers.
--
-- A number that a double cannot hold exactly, or that is no plain integer, is read as a `number` box that keeps its
-- text. Arrays are marked, so that an empty one is not taken for an object.

local text = require "aliyun.sas.emulator.text"

local M = {}

local arrays = { __name = "emulator.array" }
local numbers = { __name = "emulator.number" }

M.null = setmetatable({}, { __tostring = function() return "null" end })

function M.array(list) return setmetatable(list or {}, arrays) end
function M.isArray(value) return getmetatable(value) == arrays end
function M.isNumber(value) return type(value) == "number" or getmetatable(value) == numbers end
function M.isObject(value)
  return type(value) == "table" and value ~= M.null and getmetatable(value) == nil
end

--- A number whose decimal text is known.
function M.number(decimal) return setmetatable({ text = decimal }, numbers) end

--- The text of a number that was read, as it would be written.
function M.textOf(number)
  return type(number) == "table" and number.text or text.whole(number)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(value)
  return '"' .. value:gsub('[%z\1-\31"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local encode

local function encodeList(list)
  local out = {}
  for i = 1, #list do out[i] = encode(list[i]) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function encodeObject(object)
  local names, out = {}, {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names, text.before)
  for i, name in ipairs(names) do out[i] = quoted(name) .. ":" .. encode(object[name]) end
  return "{" .. table.concat(out, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if value == M.null then return "null" end
  if kind == "string" then return quoted(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then
    return value == math.floor(value) and text.whole(value) or ("%.17g"):format(value)
  end
  if getmetatable(value) == numbers then return value.text end
  if M.isArray(value) or value[1] ~= nil then return encodeList(value) end
  return encodeObject(value)
end

M.encode = encode

local function fail(at, why) error({ at = at, why = why }, 0) end

local function skip(source, at) return source:find("[^ \t\r\n]", at) or #source + 1 end

local plain = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function unit(source, at)
  local hex = source:match("^\\u([0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f])", at)
  return hex and tonumber(hex, 16)
end

local function escaped(source, at)
  local code = unit(source, at)
  if not code then
    local character = plain[source:sub(at + 1, at + 1)]
    if not character then fail(at, "bad escape") end
    return character, at + 2
  end
  if code < 0xD800 or code > 0xDFFF then return utf8(code), at + 6 end
  local low = code < 0xDC00 and unit(source, at + 6)
  if not low or low < 0xDC00 or low > 0xDFFF then fail(at, "half of a surrogate pair") end
  return utf8(0x10000 + (code - 0xD800) * 1024 + low - 0xDC00), at + 12
end

local function readString(source, at)
  local out, from = {}, at + 1
  while true do
    local stop = source:find('[%z\1-\31"\\]', from)
    if not stop then fail(at, "string without an end") end
    out[#out + 1] = source:sub(from, stop - 1)
    local character = source:sub(stop, stop)
    if character == '"' then return table.concat(out), stop + 1 end
    if character ~= "\\" then fail(stop, "control character in a string") end
    out[#out + 1], from = escaped(source, stop)
  end
end

local function readNumber(source, at)
  local spelled = source:match("^%-?[0-9]+%.?[0-9]*[eE]?[%+%-]?[0-9]*", at)
  if not spelled then fail(at, "unexpected character") end
  local whole, rest = spelled:match("^%-?([0-9]+)(.*)$")
  local good = rest == "" or rest:match("^%.[0-9]+$") or rest:match("^%.[0-9]+[eE][%+%-]?[0-9]+$")
    or rest:match("^[eE][%+%-]?[0-9]+$")
  if not good or (#whole > 1 and whole:sub(1, 1) == "0") then fail(at, "bad number") end
  local small = rest == "" and #whole <= 15
  return small and tonumber(spelled) or M.number(spelled), at + #spelled
end

local readValue

local function readArray(source, at, depth)
  local list, next = M.array(), skip(source, at + 1)
  if source:sub(next, next) == "]" then return list, next + 1 end
  while true do
    list[#list + 1], next = readValue(source, next, depth)
    next = skip(source, next)
    local mark = source:sub(next, next)
    if mark == "]" then return list, next + 1 end
    if mark ~= "," then fail(next, "expected , or ]") end
    next = skip(source, next + 1)
  end
end

local function readMember(source, at, depth, object)
  if source:sub(at, at) ~= '"' then fail(at, "expected a name") end
  local name, next = readString(source, at)
  next = skip(source, next)
  if source:sub(next, next) ~= ":" then fail(next, "expected :") end
  if object[name] ~= nil then fail(at, "name given twice") end
  object[name], next = readValue(source, skip(source, next + 1), depth)
  return skip(source, next)
end

local function readObject(source, at, depth)
  local object, next = {}, skip(source, at + 1)
  if source:sub(next, next) == "}" then return object, next + 1 end
  while true do
    next = readMember(source, next, depth, object)
    local mark = source:sub(next, next)
    if mark == "}" then return object, next + 1 end
    if mark ~= "," then fail(next, "expected , or }") end
    next = skip(source, next + 1)
  end
end

local words = { { "true", true }, { "false", false }, { "null", M.null } }

function readValue(source, at, depth)
  if depth > 100 then fail(at, "nested too deep") end
  local first = source:sub(at, at)
  if first == '"' then return readString(source, at) end
  if first == "[" then return readArray(source, at, depth + 1) end
  if first == "{" then return readObject(source, at, depth + 1) end
  for _, word in ipairs(words) do
    if source:sub(at, at + #word[1] - 1) == word[1] then return word[2], at + #word[1] end
  end
  return readNumber(source, at)
end

--- The value of a JSON text, or nil and what is wrong with it. `anyBytes` lets texts be no UTF-8.
function M.decode(source, anyBytes)
  if not anyBytes and not text.codePoints(source) then return nil, "not UTF-8" end
  local ok, value, next = pcall(readValue, source, skip(source, 1), 0)
  if not ok then
    if type(value) ~= "table" then error(value, 0) end
    return nil, ("%s at byte %d"):format(value.why, value.at)
  end
  next = skip(source, next)
  if next <= #source then return nil, ("something after the value at byte %d"):format(next) end
  return value
end

--- What was read as plain Lua values: numbers as Lua has them, no marks, null as nil.
function M.plain(value)
  if value == M.null then return nil end
  if type(value) ~= "table" then return value end
  if getmetatable(value) == numbers then return tonumber(value.text) end
  local out = {}
  for key, inner in pairs(value) do out[key] = M.plain(inner) end
  return out
end

return M
