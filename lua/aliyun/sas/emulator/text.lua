--- Bytes and texts: percent encoding, forms, times, whole numbers as decimal text.
-- Nothing here depends on the locale, the time zone or the width of a Lua number.

local M = {}

--- Byte order. `<` on strings follows the locale in PUC Lua, a signature must not.
function M.before(a, b)
  local shorter = math.min(#a, #b)
  for i = 1, shorter do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

--- Compares without telling by its duration where the first difference is.
function M.same(a, b)
  if #a ~= #b then return false end
  local differences = 0
  for i = 1, #a do
    if a:byte(i) ~= b:byte(i) then differences = differences + 1 end
  end
  return differences == 0
end

local encoded, hex = {}, {}
for byte = 0, 255 do
  encoded[string.char(byte)] = ("%%%02X"):format(byte)
  hex[string.char(byte)] = ("%02x"):format(byte)
end

function M.encode(text) return (text:gsub("[^A-Za-z0-9%-_.~]", encoded)) end

function M.hex(bytes) return (bytes:gsub(".", hex)) end

function M.decode(text)
  text = text:gsub("+", " ")
  return (text:gsub("%%([0-9A-Fa-f][0-9A-Fa-f])", function(digits) return string.char(tonumber(digits, 16)) end))
end

--- "a=1&b=2" as a list of { name, value }, in the order of the wire.
function M.pairsOf(form)
  local list = {}
  for piece in (form or ""):gmatch("[^&]+") do
    local name, value = piece:match("^([^=]*)=(.*)$")
    list[#list + 1] = { M.decode(name or piece), M.decode(value or "") }
  end
  return list
end

--- The canonical spelling that both signatures share: names in byte order, everything encoded.
function M.canonical(list)
  local sorted = {}
  for i = 1, #list do sorted[i] = list[i] end
  table.sort(sorted, function(a, b)
    if a[1] ~= b[1] then return M.before(a[1], b[1]) end
    return M.before(a[2], b[2])
  end)
  local out = {}
  for i, pair in ipairs(sorted) do out[i] = M.encode(pair[1]) .. "=" .. M.encode(pair[2]) end
  return table.concat(out, "&")
end

function M.trim(text)
  return (text:gsub("^[ \t]+", ""):gsub("[ \t]+$", ""))
end

-- Bytes that follow a first byte, and the range of the first of them: it rules out overlong forms and surrogates.
local function sequence(byte)
  if byte < 0x80 then return 0 end
  if byte >= 0xC2 and byte <= 0xDF then return 1, 0x80, 0xBF end
  if byte >= 0xE0 and byte <= 0xEF then return 2, byte == 0xE0 and 0xA0 or 0x80, byte == 0xED and 0x9F or 0xBF end
  if byte >= 0xF0 and byte <= 0xF4 then return 3, byte == 0xF0 and 0x90 or 0x80, byte == 0xF4 and 0x8F or 0xBF end
end

local function continued(text, from, count, low, high)
  for i = from, from + count - 1 do
    local byte = text:byte(i)
    if not byte or byte < low or byte > high then return false end
    low, high = 0x80, 0xBF
  end
  return true
end

--- Code points of a text, or nil where it is no UTF-8.
function M.codePoints(text)
  local count, i = 0, 1
  while i <= #text do
    local more, low, high = sequence(text:byte(i))
    if not more or not continued(text, i + 1, more, low, high) then return nil end
    count, i = count + 1, i + 1 + more
  end
  return count
end

-- Days since 1970-01-01 of a date of the Gregorian calendar. The year is taken to begin in March, so that the
-- leap day is its last one.
local function daysFrom(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local yearOfEra = year - era * 400
  local dayOfYear = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local dayOfEra = yearOfEra * 365 + math.floor(yearOfEra / 4) - math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468
end

local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function lengthOf(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or lengths[month]
end

--- "2024-02-20T08:00:00Z" as seconds since 1970, or nil.
function M.epoch(text)
  local year, month, day, hour, minute, second =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)Z$")
  if not year then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if month < 1 or month > 12 or day < 1 or day > lengthOf(year, month) then return nil end
  if hour > 23 or minute > 59 or second > 59 then return nil end
  return daysFrom(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
end

local weekdays = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }
local months = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

--- The Date header of an answer.
function M.httpDate(seconds)
  local days, rest = math.floor(seconds / 86400), math.floor(seconds % 86400)
  local year, month = 1970 + math.floor(days / 365.2425) + 1, 1
  while daysFrom(year, 1, 1) > days do year = year - 1 end
  while month < 12 and daysFrom(year, month + 1, 1) <= days do month = month + 1 end
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(weekdays[days % 7 + 1], days - daysFrom(year, month, 1) + 1,
    months[month], year, math.floor(rest / 3600), math.floor(rest % 3600 / 60), rest % 60)
end

--- A whole number of seconds, minutes and so on as text: `12`, never `12.0` or `1.2e+15`.
function M.whole(number)
  return ("%.0f"):format(number)
end

local limits = {
  Integer = { "2147483647", "2147483648" },
  Long = { "9223372036854775807", "9223372036854775808" },
}

--- Decimal text of the API's Integer or Long in its shortest spelling, or nil. Text, because Lua 5.1 has doubles.
function M.integer(text, kind)
  local sign, digits = text:match("^(%-?)0*([0-9]+)$")
  if not digits then return nil end
  local limit = limits[kind][sign == "-" and 2 or 1]
  if #digits > #limit or (#digits == #limit and M.before(limit, digits)) then return nil end
  return digits == "0" and digits or sign .. digits
end

-- What turning one text into the other takes: letters added, left out or changed.
local function edits(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local corner = row[0]
    row[0] = i
    for j = 1, #b do
      local changed = corner + (a:byte(i) == b:byte(j) and 0 or 1)
      corner = row[j]
      row[j] = math.min(changed, row[j] + 1, row[j - 1] + 1)
    end
  end
  return row[#b]
end

--- " (did you mean x?)" for the one of the names that is nearest to the word, or "" where none is near. The names are
-- the keys of the tables.
function M.hint(word, ...)
  word = tostring(word):sub(1, 40)
  local best, least = nil, math.min(2, #word / 2) + 1
  for _, names in ipairs { ... } do
    for name in pairs(names) do
      local distance = edits(word:lower(), name:lower())
      if distance < least or distance == least and best and M.before(name, best) then best, least = name, distance end
    end
  end
  return best and (" (did you mean %s?)"):format(best) or ""
end

--- Raises where a table is none, or has a field that is not listed, or is of another type. `fields` is name = types.
function M.checkFields(what, given, fields)
  if type(given) ~= "table" then error(("%s: expected a table, got a %s"):format(what, type(given)), 0) end
  for name, value in pairs(given) do
    if not fields[name] then error(("%s: unknown field %s%s"):format(what, tostring(name), M.hint(name, fields)), 0) end
    if not fields[name]:find(type(value), 1, true) then
      error(("%s: %s: expected a %s, got a %s"):format(what, name, fields[name], type(value)), 0)
    end
  end
end

return M
