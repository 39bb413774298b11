--- Whether a chatbot is as it is wished, field by field.
--
-- Three answers, since the service does not show all that it takes: "equal", "different", and "unseen" where what is
-- shown does not tell. Only what is wished for is compared.

local core = require "aliyun.sas.core"
local failure = require "aliyun.sas.failure"
local ids = require "aliyun.sas.ids"

local compare = {}

local EQUAL, DIFFERENT, UNSEEN = "equal", "different", "unseen"

local function judge(same)
  return same and EQUAL or DIFFERENT
end

-- Absent is empty; nil where a text is no config.
local function config_of(value)
  local good, config = failure.try(core.parse, tostring(value == nil and "[]" or value))
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

--- Scheme and host of a URL, in small letters, and its path.
---@param url string
---@return string origin, string path
function compare.place(url)
  local origin, path = url_parts(url)
  return origin, path
end

local function percent_decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- A value that stands for itself: not empty, not "***", not "c0ff...me", not "xxxxxx"; "XXX" is the documentation's.
local function is_token(value)
  return value:match "^[%w_-]+$" ~= nil and value:match "^[xX][xX][xX][xX]+$" == nil
end

--- True for the scheme and host of a robot of DingTalk.
---@param origin string
function compare.is_dingtalk(origin)
  local host = origin:match "^https?://([^:/]*)"
  return host ~= nil and (host:match "%.dingtalk%.com$" or host:match "%.dingtalk%.io$") ~= nil
end

--- True where a URL holds its token, as far as that can be told: a robot of DingTalk has it in access_token, and what
-- other hosts want is not known, beyond a query without asterisks.
---@param url any
function compare.shows_token(url)
  if type(url) ~= "string" then
    return false
  end
  local origin, _, query = url_parts(url)
  if not compare.is_dingtalk(origin) then
    return #query > 1 and not percent_decoded(query):find("*", 1, true)
  end
  local token = query:match "[?&]access_token=([^&]*)"
  return token ~= nil and is_token(percent_decoded(token))
end

--- True for a robot of DingTalk without its token, such as one that was read where the service hides it: nobody can
-- wish for that.
---@param url any
function compare.lacks_token(url)
  return type(url) == "string" and compare.is_dingtalk((url_parts(url))) and not compare.shows_token(url)
end

--- What a handle keeps of a webhook, to know it again: hashes that are salted with the handle's own id.
---@return {place: string, whole: string}
function compare.fingerprint(salt, url)
  local origin, path, query = url_parts(url)
  return { place = core.sha256(salt .. origin .. path), whole = core.sha256(salt .. origin .. path .. query) }
end

--- Whether a webhook that is read is certainly another than the one of a fingerprint: it is shown whole, and differs.
function compare.is_other_webhook(fingerprint, salt, url)
  return compare.shows_token(url) and compare.fingerprint(salt, url).whole ~= fingerprint.whole
end

--- Whether a webhook that is read can be the one of a fingerprint.
function compare.is_webhook(fingerprint, salt, url)
  if type(url) ~= "string" then
    return true -- it is not shown
  end
  return compare.fingerprint(salt, url).place == fingerprint.place
    and not compare.is_other_webhook(fingerprint, salt, url)
end

local function webhook(wished, read)
  if type(read) ~= "string" then
    return UNSEEN
  end
  if wished == read then
    return EQUAL
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
