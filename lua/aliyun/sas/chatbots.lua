--- The list of chatbots, all pages of it, or an error: never a list that is silently short.
--
-- Pages shift while chatbots come and go. A list of several pages counts only where two readings of it agree, and
-- TotalCount stayed what it was; one that does not come to rest, or does not add up, is an error.

local calls = require "aliyun.sas.calls"
local chatbot = require "aliyun.sas.chatbot"
local core = require "aliyun.sas.core"
local ids = require "aliyun.sas.ids"
local protected = require "aliyun.sas.protected"

local chatbots = {}

---@class aliyun.sas.readChatbot under the names that createOrUpdateDingTalk takes
---@field Id aliyun.sas.id
---@field RuleActionName string
---@field SendUrl? string as a rule without its token
---@field IntervalTime? integer as it was read: its unit may be another than on writing
---@field ConfigList? aliyun.sas.config|string a config, or the text where it does not read well
---@field GroupIdList? aliyun.sas.id[]|string
---@field DingTalkLang? string
---@field state {Status: integer?, AliUid: aliyun.sas.id?, GmtCreate: aliyun.sas.id?, GmtModified: aliyun.sas.id?}

-- The largest page is not documented. A service that refuses this one gets the documented default.
local PAGE, DEFAULT_PAGE = 100, 20
local MAX_PAGES, MAX_ROUNDS = 1000, 4

local function reply_error(answer, code, message)
  return core.error {
    kind = "reply", code = code, message = message, requestId = answer.RequestId, retryable = false, sent = true,
    hint = "the list cannot be trusted, so nothing was done with it",
  }
end

local function bad(answer, message)
  return nil, reply_error(answer, "BAD_REPLY", "the answer of DescribeDingTalk " .. message)
end

local function count_of(value)
  local count = tonumber(value)
  return count and count >= 0 and count % 1 == 0 and count or nil
end

-- Every key of a list is one of 1 to n; null leaves a hole, and an object has names.
local function is_list(value)
  local count = 0
  for key in pairs(value) do
    if type(key) ~= "number" then
      return false
    end
    count = count + 1
  end
  for i = 1, count do
    if value[i] == nil then
      return false
    end
  end
  return true
end

-- The parts of an answer: chatbots, TotalCount, and the size that a full page has.
local function parts(answer, size)
  local info = answer.PageInfo
  local total = type(info) == "table" and count_of(info.TotalCount)
  if not total then
    return bad(answer, "has no TotalCount")
  elseif answer.ActionList == nil and total == 0 then
    return { list = {}, total = 0, size = size } -- null, as some services write an empty list
  elseif type(answer.ActionList) ~= "table" then
    return bad(answer, "has no ActionList")
  elseif not is_list(answer.ActionList) then
    return bad(answer, "has an ActionList that is no list of chatbots")
  end
  local list = {}
  for i, row in ipairs(answer.ActionList) do
    local read, wrong = chatbot.read(row)
    if not read then
      return bad(answer, wrong)
    end
    list[i] = read
  end
  local full = count_of(info.PageSize)
  return { list = list, total = total, size = full and full >= 1 and full or size }
end

-- A refusal that may be about the size of the page.
local function refuses_size(err)
  return err.kind == "service" and (err.code:find "PageSize" or err.code:find "Parameter") ~= nil
end

local function fetch(reader, number)
  local state = reader.state
  local size = state.pageSize or PAGE
  reader.trace = {} -- of this page: a clock may jump between two
  local answer, err = calls.run(state, reader.bound, "describeDingTalk",
    { RuleActionName = reader.filter, CurrentPage = number, PageSize = size }, reader.trace)
  if answer then
    local page, wrong = parts(answer, size)
    return page, page and answer or wrong
  elseif size > DEFAULT_PAGE and number == 1 and refuses_size(err) then
    state.pageSize = DEFAULT_PAGE
    return fetch(reader, number)
  end
  return nil, err
end

-- Adds what is new; a chatbot that is read again replaces what was read before.
local function add(found, list)
  local added = 0
  for _, read in ipairs(list) do
    local id = ids.text(read.Id)
    if not found.places[id] then
      added = added + 1
      found.places[id] = #found.list + 1
    end
    found.list[found.places[id]] = read
  end
  return added
end

local function new_found()
  return { list = {}, places = {}, pages = 0 }
end

-- One reading of all pages. Answers what was found, whether it cannot be relied on, and what does not add up; or nil
-- and the error.
local function round(reader)
  local found, total, changed = new_found(), nil, false
  for number = 1, MAX_PAGES + 1 do -- a full last page is followed by one that is empty
    local page, answer = fetch(reader, number)
    if not page then
      return nil, answer
    end
    changed = changed or total ~= nil and total ~= page.total
    total = page.total
    found.pages = found.pages + (#page.list > 0 and 1 or 0)
    local added, count = add(found, page.list), #found.list
    if added > 0 and number > MAX_PAGES then
      break
    end
    if added == 0 or count > total or count == total and #page.list < page.size then
      local wrong = count < total and "stops before the TotalCount that it tells"
        or count > total and "has more chatbots than the TotalCount that it tells"
      return found, changed or wrong ~= false, wrong and not changed and reply_error(answer, "INCOMPLETE_LIST",
        "the list of chatbots " .. wrong)
    end
  end
  return nil, reply_error({}, "INCOMPLETE_LIST", "the list of chatbots has more than 1000 pages")
end

local function same_ids(a, b)
  for id in pairs(a.places) do
    if not b.places[id] then
      return false
    end
  end
  return #a.list == #b.list
end

local function moving()
  local err = reply_error({}, "INCOMPLETE_LIST", "the list of chatbots changes while it is read")
  err.retryable = true
  return nil, err
end

-- One page is a snapshot. Over several, a chatbot can slip from a page that is yet to be read to one that was, and the
-- numbers add up all the same: so two rounds have to agree.
local function read_rounds(reader)
  local last, wrong
  for _ = 1, MAX_ROUNDS do
    local found, doubtful, why = round(reader)
    if not found then
      return nil, doubtful
    elseif doubtful then
      last, wrong = nil, why or wrong
    elseif found.pages <= 1 or last and same_ids(last, found) then
      return found.list
    else
      last = found
    end
  end
  if wrong then
    return nil, wrong
  end
  return moving()
end

---@class aliyun.sas.chatbotList
---@field list aliyun.sas.readChatbot[]
---@field asOf number the service's clock when the reading began, seconds since 1970
---@field at? number the boot's clock when the reading began; nil where that failed
---@field boot? string whose clock it is
---@field clock? number the service's clock minus the boot's
---@field byDate? boolean that is known by the Date of an answer
---@field accepted? number the date that the service took minus the boot's clock

-- The service's clock by the Date of the last answer; without one by ours, corrected where the service once refused it.
local function service_now(state, trace)
  local good, now = protected(state.now)
  if good and type(now) == "number" and now == now then
    return trace.clock or now + (state.offset or 0)
  end
end

local function read_list(state, bound, filter)
  local reader = { state = state, bound = bound, filter = filter }
  local at, boot = state.boottime()
  local list, err = read_rounds(reader)
  if not list then
    return nil, err
  end
  local made, service, now = { list = list, asOf = -math.huge }, service_now(state, reader.trace), state.boottime()
  if at and now and service then -- otherwise nothing is known to be past
    made.at, made.boot, made.clock, made.accepted = at, boot, service - now, reader.trace.date - now
    made.asOf, made.byDate = at + made.clock, reader.trace.clock ~= nil
  end
  return made
end

--- Reads all chatbots, or those that the service finds by a name.
---@param state table of a client
---@param bound table
---@param filter? string
---@return aliyun.sas.chatbotList? list, aliyun.sas.error? err
function chatbots.read(state, bound, filter)
  if state.gate and not filter then
    return state.gate:read(read_list, state, bound)
  end
  return read_list(state, bound, filter)
end

-- Of each list that was searched: its chatbots by name and by Id.
local indexes = setmetatable({}, { __mode = "k" })

local function index_of(list)
  local index = indexes[list]
  if index then
    return index
  end
  index = { names = {}, ids = {} }
  for _, read in ipairs(list) do
    local id, name = ids.text(read.Id), read.RuleActionName
    if name then
      index.names[name] = index.names[name] or {}
      table.insert(index.names[name], read)
    end
    if id and not index.ids[id] then
      index.ids[id] = read
    end
  end
  indexes[list] = index
  return index
end

--- Those of exactly this name: whether the service's filter matches parts of names is not documented.
---@param list aliyun.sas.readChatbot[] which does not change any more
---@param name string
---@return aliyun.sas.readChatbot[]
function chatbots.named(list, name)
  return index_of(list).names[name] or {}
end

--- The one of this Id, or nil.
---@param list aliyun.sas.readChatbot[] which does not change any more
---@param id string decimal text
function chatbots.with_id(list, id)
  return index_of(list).ids[id]
end

return chatbots
