--- Stores: where `ensure` locks a chatbot's name, and writes down what it is about to create.
--
-- A store is a table with the functions below, called as methods; a database will do as well. Clients that share one
-- never create a chatbot of one name twice. Keys are texts of any bytes; the texts hold no secrets. Whatever fails is
-- `nil` and an error (an error object, or a text): nothing is sent then.
--
-- Each account needs a store of its own, and each host that makes chatbots of the account the same one.

local store = {}

---@class aliyun.sas.store
---@field lock fun(self, key: string, seconds: number): any, any a lock (any true value) without waiting; nil and an
--- error whose code is "LOCKED" where another holds it. It must be held for so many seconds at least, unless its owner
--- lets go of it or is gone
---@field unlock fun(self, key: string, lock: any): any, any what `lock` answered; a lock that another holds by now
--- stays. nil alone is good here; false, or nil and an error, is a lock that could not be let go of
---@field read fun(self, key: string): string?, any the text; nil alone where there is none
---@field write fun(self, key: string, text: string): boolean?, any true when the text is kept as well as this store can
---@field remove fun(self, key: string): boolean?, any true also where there was none
---@field place? fun(self, key: string): string where the text is, for messages

local function checked(name, value, what)
  if type(value) ~= "string" or value == "" or value:find "%z" then
    error(("sas.store.%s takes %s"):format(name, what), 3)
  end
  return value
end

--- The memory of this process: what a client has that is given no store. Shared by those who share the table.
---@return aliyun.sas.store
function store.memory()
  return require "aliyun.sas.store.memory".new()
end

--- Files in a folder that exists, for scripts and processes of one machine: locks end with the process that holds them.
---@param folder string which nobody else may write to
---@return aliyun.sas.store
function store.file(folder)
  return require "aliyun.sas.store.file".new(checked("file", folder, "the path of a folder"))
end

--- A `lua_shared_dict` of nginx, for its workers. It should hold nothing else, since a full one throws out what is old.
---@param name string
---@return aliyun.sas.store
function store.dict(name)
  checked("dict", name, "the name of a lua_shared_dict")
  local made, wrong = require "aliyun.sas.store.dict".new(name)
  return made or error("sas.store.dict: " .. wrong, 2)
end

return store
