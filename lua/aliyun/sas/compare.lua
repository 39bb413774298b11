--- Whether a chatbot is as it is wished, field by field.
--
-- Three answers, since the service does not show all that it takes: "equal", "different", and "unseen" where what is
-- shown does not tell. Only what is wished for is compared.

local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"

local compare = {}

local EQUAL, DIFFERENT, UNSEEN = "equal", "different", "unseen"

local function judge(same)
  return same and EQUAL or DIFFERENT
end

-- Absent is empty; nil where a text is no config.
local function config_of(value)
  local good, config = pcall(core.parse, tostring(value == nil and "[]" or value))
  return good and config or nil
end

--- True where two ConfigLists mean the same: configs or texts, with either of the two prefixes of types.
function compare.same_config(a, b)
  local first, second = config_of(a), config_of(b)
  if first and second then
    return first == second
  end
  return a == b
end

-- Absent is empty, and a text that is no list equals nothing.
local function same_groups(a, b)
  local first, second = ids.list(a == nil and {} or a), ids.list(b == nil and {} or b)
  if not first or not second or #first ~= #second then
    return false
  end
  local set = ids.set(first)
  for _, text in ipairs(second) do
    if not set[text] then
      return false
    end
  end
  return true
end

-- Scheme and host, which have no case, the path, and the query with its question mark.
local function url_parts(url)
  local origin, path, query = url:match "^(%a[%w+.-]*://[^/?#]*)([^?#]*)([^#]*)"
  return (origin or ""):lower(), path == "" and "/" or path or url, query or ""
end

--- True where a URL that was read shows its token: with a query, and none with asterisks in it.
---@param url string?
function compare.shows_token(url)
  if type(url) ~= "string" then
    return false
  end
  local _, _, query = url_parts(url)
  return #query > 1 and not query:find("*", 1, true)
end

local function webhook(wished, read)
  if type(read) ~= "string" then
    return UNSEEN
  end
  local origin, path, query = url_parts(wished)
  local read_origin, read_path, read_query = url_parts(read)
  if origin ~= read_origin or path ~= read_path then
    return DIFFERENT
  elseif not compare.shows_token(read) then
    return UNSEEN
  end
  return judge(query == read_query)
end

-- Whether so many minutes can stand for so many seconds, however a rest is rounded.
local function minutes_of(minutes, seconds)
  return minutes == seconds / 60 or minutes >= 1 and seconds % 60 ~= 0 and math.abs(minutes * 60 - seconds) < 60
end

-- The vendor documents seconds on writing and minutes on reading, and nothing that settles it.
local function interval(wished, read, unit)
  if type(read) ~= "number" then
    return DIFFERENT
  elseif unit == "minutes" then
    return judge(minutes_of(read, wished))
  elseif read == wished then
    return EQUAL
  elseif unit == nil and (minutes_of(read, wished) or read == wished * 60) then
    return UNSEEN
  end
  return DIFFERENT
end

local FIELDS = {
  { "RuleActionName", function(wished, read) return judge(wished == read) end },
  { "SendUrl", webhook },
  { "IntervalTime", interval },
  { "ConfigList", function(wished, read) return judge(compare.same_config(wished, read)) end },
  { "GroupIdList", function(wished, read) return judge(same_groups(wished, read)) end },
  { "DingTalkLang", function(wished, read) return judge(wished == read) end },
}

--- The names of the fields that differ, and of those that cannot be compared.
---@param wish table
---@param read aliyun.sas.readChatbot
---@param unit? "seconds"|"minutes" of an IntervalTime that is read
---@return string[] different, string[] unseen
function compare.fields(wish, read, unit)
  local different, unseen = {}, {}
  for _, field in ipairs(FIELDS) do
    local name, same = field[1], field[2]
    local answer = wish[name] ~= nil and same(wish[name], read[name], unit)
    different[#different + 1] = answer == DIFFERENT and name or nil
    unseen[#unseen + 1] = answer == UNSEEN and name or nil
  end
  return different, unseen
end

return compare
