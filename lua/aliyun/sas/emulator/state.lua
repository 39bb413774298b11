--- What the service remembers: chatbots, used nonces, the requests that it saw.

local M = {}
M.__index = M

local logLength = 10000

function M.new(options)
  return setmetatable({
    options = options, chatbots = {}, nextId = options.firstId, nonces = {}, nonceQueue = { first = 1, last = 0 },
    log = {}, late = {}, faults = {}, ahead = 0,
  }, M)
end

--- The chatbot of an id (decimal text), and its place.
function M:find(id)
  for place, chatbot in ipairs(self.chatbots) do
    if chatbot.Id == id then return chatbot, place end
  end
end

function M:named(name)
  for _, chatbot in ipairs(self.chatbots) do
    if chatbot.RuleActionName == name then return chatbot end
  end
end

function M:add(chatbot)
  chatbot.Id = ("%.0f"):format(self.nextId)
  self.nextId = self.nextId + 1
  self.chatbots[#self.chatbots + 1] = chatbot
  return chatbot
end

function M:remove(id)
  local _, place = self:find(id)
  if place then table.remove(self.chatbots, place) end
end

-- Nonces expire in the order in which they came, but for a clock that was set back, which only keeps them longer.
local function forget(self, now)
  local queue = self.nonceQueue
  while queue[queue.first] and self.nonces[queue[queue.first]] <= now do
    self.nonces[queue[queue.first]] = nil
    queue[queue.first] = nil
    queue.first = queue.first + 1
  end
end

--- Marks a nonce as used; false where it was used within the memory's length.
function M:burn(nonce, now)
  forget(self, now)
  if self.nonces[nonce] then return false end
  self.nonces[nonce] = now + self.options.nonceMemory
  self.nonceQueue[self.nonceQueue.last + 1] = nonce
  self.nonceQueue.last = self.nonceQueue.last + 1
  return true
end

--- Keeps the newest requests, at least `logLength` of them; the cut is rare, so that a long run stays fast.
function M:record(entry)
  self.log[#self.log + 1] = entry
  if #self.log > 2 * logLength then
    local kept = {}
    for i = #self.log - logLength + 1, #self.log do kept[#kept + 1] = self.log[i] end
    self.log = kept
  end
  return entry
end

return M
