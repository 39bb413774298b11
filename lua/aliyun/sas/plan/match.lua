--- Which chatbot of the account each entry of a declared set stands for, and what is not to be guessed.

local chatbots = require "aliyun.sas.chatbots"
local ids = require "aliyun.sas.ids"
local verdict = require "aliyun.sas.verdict"

local match = {}

---@class aliyun.sas.matched
---@field item aliyun.sas.declaredItem
---@field read? aliyun.sas.readChatbot absent where it is to be created, or in conflict
---@field conflict? {code: string, message: string, hint: string?, ids: aliyun.sas.id[]}

-- A conflict as plain data, of the error that says it.
local function plain(_, err)
  return { code = err.code, message = err.message, hint = err.hint, ids = err.ids }
end

local function by_id(list, item)
  local wish = item.wish
  local read = chatbots.with_id(list, wish.Id)
  if not read then
    return nil, plain(verdict.not_found("the Id " .. wish.Id))
  end
  local name = wish.RuleActionName
  local others = name and name ~= read.RuleActionName and chatbots.named(list, name) or {}
  if #others > 0 then
    return nil, plain(verdict.conflict("DUPLICATE", "another chatbot has the new name already, with the Id",
      "rename or delete that one first", others))
  end
  return read
end

local function by_name(list, item)
  local found = chatbots.named(list, item.wish.RuleActionName)
  if #found > 1 then
    return nil, plain(verdict.duplicate(found))
  end
  return found[1]
end

-- Two entries for one chatbot, by its Id and by its name: what is meant cannot be told.
local function claimed(pair, other)
  local place = other.item.place or ("entry %d"):format(other.item.index)
  return plain(verdict.conflict("CLAIMED", ("another entry (%s) stands for the same chatbot"):format(place),
    "tell them apart by their Ids, or remove one", { pair.read }))
end

local function check_claims(pairs_)
  local owners = {}
  for _, pair in ipairs(pairs_) do
    local id = pair.read and ids.text(pair.read.Id)
    local owner = id and owners[id]
    if owner then
      pair.conflict = claimed(pair, owner)
      owner.conflict = owner.conflict or claimed(owner, pair)
    elseif id then
      owners[id] = pair
    end
  end
end

--- Matches the items of a set with the chatbots of an account.
---@param items aliyun.sas.declaredItem[]
---@param list aliyun.sas.readChatbot[]
---@return aliyun.sas.matched[]
function match.all(items, list)
  local made = {}
  for i, item in ipairs(items) do
    local read, conflict = (item.wish.Id and by_id or by_name)(list, item)
    made[i] = { item = item, read = read, conflict = conflict }
  end
  check_claims(made)
  return made
end

-- What an entry may mean: what it was matched with, what it names by its Id, and what stands in its conflict.
local function spare(pair, spared)
  if pair.item.wish.Id then
    spared[pair.item.wish.Id] = true
  end
  if pair.read then
    spared[ids.text(pair.read.Id)] = true
  end
  for _, id in ipairs(pair.conflict and pair.conflict.ids or {}) do
    spared[ids.text(id)] = true
  end
end

--- The chatbots that no entry stands for, in the order of their Ids. One that has the name of an entry is not among
-- them, nor one that stands in a conflict.
---@param made aliyun.sas.matched[]
---@param list aliyun.sas.readChatbot[]
---@return aliyun.sas.readChatbot[]
function match.unclaimed(made, list)
  local spared, names, rest = {}, {}, {}
  for _, pair in ipairs(made) do
    spare(pair, spared)
    local name = pair.item.wish.RuleActionName or spared
    names[name] = names[name] or pair.conflict ~= nil
  end
  for _, read in ipairs(list) do
    if not spared[ids.text(read.Id)] and not names[read.RuleActionName] then
      rest[#rest + 1] = read
    end
  end
  table.sort(rest, function(a, b)
    local first, second = ids.text(a.Id), ids.text(b.Id)
    return #first < #second or #first == #second and first < second
  end)
  return rest
end

return match
