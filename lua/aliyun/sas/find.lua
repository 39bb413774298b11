--- `client:chatbots` and `client:chatbot`: the list for a loop, and one of it.

local bound = require "aliyun.sas.bound"
local chatbots = require "aliyun.sas.chatbots"
local ids = require "aliyun.sas.ids"
local verdict = require "aliyun.sas.verdict"

local find = {}

local function read(state, limit, name)
  local found, err = chatbots.read(state, limit, name)
  if not found then
    return nil, err
  end
  return name and chatbots.named(found.list, name) or found.list
end

--- An iterator over chatbots, which are read before it begins.
---@return (fun(): aliyun.sas.readChatbot?)? iterator, aliyun.sas.error? err
function find.all(state, name)
  local list, err = read(state, bound.new(state), name)
  if not list then
    return nil, err
  end
  local place = 0
  return function()
    place = place + 1
    return list[place]
  end
end

local function by_id(state, limit, id)
  local list, err = read(state, limit)
  if not list then
    return nil, err
  end
  local found = chatbots.with_id(list, id)
  if not found then
    return verdict.not_found("the Id " .. id)
  end
  return found
end

--- One chatbot. A text is a name, and an Id only where no chatbot has that name.
---@param wanted integer|string
---@return aliyun.sas.readChatbot? chatbot, aliyun.sas.error? err
function find.one(state, wanted)
  local limit, id = bound.new(state), ids.text(wanted)
  if type(wanted) ~= "string" then
    if not id then
      return verdict.argument("Id", "is no Id", "give an integer from 1, or its digits as a string")
    end
    return by_id(state, limit, id)
  end
  local list, err = read(state, limit, wanted)
  if not list then
    return nil, err
  elseif #list > 1 then
    return verdict.duplicate(list)
  elseif #list == 1 then
    return list[1]
  elseif id then
    return by_id(state, limit, id)
  end
  return verdict.not_found("this name")
end

return find
