--- A chatbot that was renamed in the file without its Id looks like one that is new and one that is gone. Nobody can
-- know, so it is said: where the content is the same, and where the names hardly differ.

local ids = require "aliyun.sas.ids"
local printable = require "aliyun.sas.printable"
local words = require "aliyun.sas.plan.words"

local renames = {}

-- What is the same of both: the notifications, the groups and the language.
local function content(config, groups, lang)
  return table.concat({
    words.config_text(config) or "",
    table.concat(ids.list(groups == nil and {} or groups) or {}, ","), tostring(lang or "zh"),
  }, "\n")
end

-- The letters with accents from U+00C0 to U+00FF, capitals and small ones, without them; a dot is no such letter.
local BASES = "aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y"

local function base(byte)
  local place = byte:byte() - 127
  local letter = BASES:sub(place, place)
  return letter ~= "." and letter or nil
end

-- In UTF-8; what separates nothing and what combines.
local LEFT_OUT = {
  "[ \t\n\v\f\r]", "\194\160", "\227\128\128", "\226\128[\128-\141]", -- U+00A0, U+3000, U+2000 to U+200D
  "\204[\128-\191]", "\205[\128-\175]", -- U+0300 to U+036F
}

-- What is left of a name where letters, white space and accents are not told apart.
local function likeness(name)
  name = name:gsub("\195([\128-\191])", base)
  for _, pattern in ipairs(LEFT_OUT) do
    name = name:gsub(pattern, "")
  end
  return name:lower()
end

local function by_key(rest, key_of)
  local found = {}
  for _, read in ipairs(rest) do
    local key = key_of(read)
    found[key] = found[key] or read
  end
  return found
end

local function add(entry, read, message)
  entry.warnings[#entry.warnings + 1] = {
    path = "RuleActionName",
    message = ("the chatbot %s with the Id %s, which no entry stands for, %s"):format(
      printable.quoted(read.RuleActionName), ids.text(read.Id), message),
    hint = ("if it is to be renamed, give the entry Id = %s"):format(ids.text(read.Id)),
  }
end

--- Warns where a chatbot that is to be created has nearly the name, or the content, of one that no entry stands for.
---@param entries aliyun.sas.planEntry[] with the same places as the pairs
---@param pairs_ aliyun.sas.matched[]
---@param rest aliyun.sas.readChatbot[] that no entry stands for
function renames.warn(entries, pairs_, rest)
  local alike = by_key(rest, function(read) return likeness(read.RuleActionName) end)
  local same = by_key(rest, function(read)
    return content(read.ConfigList, read.GroupIdList, read.DingTalkLang)
  end)
  for i, pair in ipairs(pairs_) do
    local wish, entry = pair.item.wish, entries[i]
    if entry.action == "create" then
      local name = alike[likeness(wish.RuleActionName)]
      local read = same[content(wish.ConfigList, wish.GroupIdList, wish.DingTalkLang)]
      if name then
        add(entry, name, "has a name that hardly differs")
      end
      if read and read ~= name then
        add(entry, read, "has the same notifications and groups")
      end
    end
  end
end

return renames
