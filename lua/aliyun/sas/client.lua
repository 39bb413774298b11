--- The client: settings, credentials and a transport put together; its methods make calls and drive them.

local apply = require "aliyun.sas.apply"
local bound = require "aliyun.sas.bound"
local calls = require "aliyun.sas.calls"
local core = require "aliyun.sas.core"
local driver = require "aliyun.sas.driver"
local endpoint = require "aliyun.sas.endpoint"
local ensure = require "aliyun.sas.ensure"
local failure = require "aliyun.sas.failure"
local find = require "aliyun.sas.find"
local groups = require "aliyun.sas.groups"
local lanes = require "aliyun.sas.lanes"
local misuse = require "aliyun.sas.misuse"
local plan = require "aliyun.sas.plan"
local resolve = require "aliyun.sas.resolve"
local settings = require "aliyun.sas.settings"
local store = require "aliyun.sas.store"

local client = {}

---@class aliyun.sas.error what every method answers behind nil
---@field kind "argument"|"state"|"credentials"|"network"|"unknown"|"service"|"reply"|"conflict"
---@field code string stable name: the service's Code, the transport's, or ours
---@field message string
---@field hint? string what to do
---@field problems? {path: string, message: string, hint: string?}[] for "argument": all of them; the path "" is the whole
---@field status? integer HTTP status, where there was an answer
---@field requestId? string
---@field retryable boolean the same call may be made again, and may then succeed
---@field sent boolean bytes of the request may have left
---@field resolveAfter? number for "unknown" of ensure: from then on, by this machine's clock, resolve decides
---@field handle? aliyun.sas.handle for "unknown" of ensure: plain data for resolve
---@field ids? aliyun.sas.id[] for "conflict": the chatbots in question
---@field warnings? {path: string, message: string, hint: string?}[] of ensure, where there are any

---@class aliyun.sas.request a signed request; its text is masked, its fields are not
---@field method string
---@field scheme string
---@field host string
---@field port integer
---@field path string
---@field query string without the question mark
---@field headers table<string, string> by lower-case name
---@field body string
---@field url string

---@class aliyun.sas.client
---@field createOrUpdateDingTalk fun(self: aliyun.sas.client, params: aliyun.sas.CreateOrUpdateDingTalk): aliyun.sas.result?, aliyun.sas.error?
---@field describeDingTalk fun(self: aliyun.sas.client, params?: aliyun.sas.DescribeDingTalk): aliyun.sas.DescribeDingTalkResult?, aliyun.sas.error?
---@field deleteDingTalk fun(self: aliyun.sas.client, params: aliyun.sas.DeleteDingTalk): aliyun.sas.result?, aliyun.sas.error?
---@field modifyDingTalkStatus fun(self: aliyun.sas.client, params: aliyun.sas.ModifyDingTalkStatus): aliyun.sas.result?, aliyun.sas.error?
---@field dingTalkOnlineTest fun(self: aliyun.sas.client, params: aliyun.sas.DingTalkOnlineTest): aliyun.sas.result?, aliyun.sas.error?
---@field describeDataSource fun(self: aliyun.sas.client, params?: aliyun.sas.DescribeDataSource): aliyun.sas.DescribeDataSourceResult?, aliyun.sas.error?
---@field describeGroupStruct fun(self: aliyun.sas.client, params?: aliyun.sas.DescribeGroupStruct): aliyun.sas.DescribeGroupStructResult?, aliyun.sas.error?
local Client = { __name = "aliyun.sas.client" }
local methods = {}
Client.__index = methods

-- The key under which a client keeps its state: no name that a caller could hit, and nothing secret behind it, since
-- keys are held by userdata without getters.
local STATE = {}

local function state_of(self, method)
  local state = type(self) == "table" and rawget(self, STATE)
  if not state then
    error(("call it with a colon: client:%s(...)"):format(method), 3)
  end
  return state
end

local function closed()
  return failure.answer("state", "CLOSED", "the client is closed", "make a new one with sas.new")
end

local DEADLINE = 60

-- How long behind its date a signature may still be taken: the 31 minutes that the vendor documents at most, a minute
-- for the clocks, and half of one for lists that lag.
local FENCE = 31 * 60 + 90

local function core_settings(given, at)
  local agent = "aliyun-sas/" .. core._VERSION
  return {
    signature = given.signature,
    parameters = given.parameters,
    scheme = at.scheme,
    host = at.host,
    port = at.port,
    userAgent = given.userAgent and agent .. " " .. given.userAgent or agent,
    connectTimeout = given.connectTimeout,
    timeout = given.timeout,
    deadline = given.deadline or DEADLINE,
    retries = given.retries,
  }
end

local function open_transport(chosen, given)
  if type(chosen) == "table" then
    return chosen
  end
  -- loaded where it is chosen: inside nginx libcurl stays out of the worker
  if chosen == "cosocket" then
    return require "aliyun.sas.cosocket".new(), true
  end
  return require "aliyun.sas.curl".new { caFile = given.caFile, proxy = given.proxy }, true
end

local function clock(transport, name)
  return transport[name] or require "aliyun.sas.system"[name]
end

-- A clock that fails behind a send must not lose the outcome: it stands still then.
local function steady(monotonic)
  local last = 0
  return function()
    local good, now = pcall(monotonic)
    if good and type(now) == "number" and now == now then
      last = now
    end
    return last
  end
end

local function warn_of_region(observer, at)
  local message, hint = endpoint.doubt(at)
  if message then
    driver.observe(observer, { action = "sas.new", path = at.source, message = message, hint = hint })
  end
end

-- The clock that runs on through sleep, and the name of the boot that it belongs to: only what was read under one name
-- is compared. Where there is none the client has one of its own. nil where the clock fails.
local function boot_clock(read)
  local own
  return function()
    local good, at, boot = pcall(read)
    if not good or type(at) ~= "number" or not (at >= 0 and at < math.huge) then
      return nil
    elseif type(boot) == "string" and boot ~= "" then
      return at, boot
    end
    own = own or core.nonce()
    return own and at, own
  end
end

--- Makes a client. Raises when a setting is unknown, wrong, or one that the transport cannot honour.
--
-- Settings (times in seconds): `regionId` or `endpoint`; `credentials`, or `accessKeyId`, `accessKeySecret` and
-- `securityToken`, or neither for the chain of providers; `signature` "v3" or "v1"; `parameters` "query" or "body";
-- `connectTimeout` 5, `timeout` 10, `deadline` 60; `retries` 2; `caFile`; `proxy` "env", false or a URL; `userAgent`;
-- `transport` "curl" or a table; `store`, `fence` 1950 and `intervalUnit` for `ensure`; `now`, `nonce`, `jitter`; `onWarning`, `onRequest`, `onResponse`, `onRetry`.
---@param given aliyun.sas.settings
---@return aliyun.sas.client
function client.new(given)
  local chosen = settings.check(given, 2)
  given = chosen.given
  warn_of_region(given.onWarning, chosen.endpoint)
  local transport, owned = open_transport(chosen.transport, given)
  local state = {
    core = core_settings(given, chosen.endpoint),
    onWarning = given.onWarning,
    ownsProvider = chosen.owned,
    ownsTransport = owned,
    provider = chosen.provider,
    transport = transport,
    now = given.now or clock(transport, "now"),
    nonce = given.nonce or driver.default_nonce,
    jitter = given.jitter or driver.default_jitter,
    budget = core.budget(),
    onRequest = given.onRequest,
    onResponse = given.onResponse,
    onRetry = given.onRetry,
    monotonic = steady(clock(transport, "monotonic")),
    boottime = boot_clock(clock(transport, "boottime")),
    sleep = clock(transport, "sleep"),
    store = given.store or store.memory(),
    fence = given.fence or FENCE,
    intervalUnit = given.intervalUnit,
    site = endpoint.site(chosen.endpoint),
  }
  -- The state stands on the stack while a call is under way: a client that nobody else holds must not be collected, and
  -- so closed, below it.
  state.client = setmetatable({ [STATE] = state }, Client)
  return state.client
end

local function is_optional(operation)
  for _, parameter in ipairs(operation.parameters) do
    if parameter.required then
      return false
    end
  end
  return true
end

-- One method for each operation of the C table: nothing about an operation is written here. The API's own spelling is
-- no method, but whoever copies it from the API page is told of the right one.
for _, operation in ipairs(core.operations()) do
  local name, optional = operation.method, is_optional(operation)
  methods[name] = function(self, ...)
    local state = state_of(self, name)
    local params = ...
    if select("#", ...) > 1 then
      error(name .. " takes one table of parameters", 2)
    end
    misuse.params(name, params, optional)
    if state.closed then
      return closed()
    end
    return calls.drive(state, operation.action, calls.make(state.core, name, params))
  end
  methods[operation.action] = function()
    error(("there is no method %s: it is client:%s(...)"):format(operation.action, name), 2)
  end
end

--- Calls any other RPC operation of the product; its parameters are not checked.
--
-- Texts, integers and booleans are sent as they are, lists as `Name.1`, `Name.2`, tables as `Name.key`. The call counts
-- as a create, which is never repeated, unless the class says "read" or "update".
---@param action string as the API page spells it
---@param params? table
---@param options? {class: "read"|"update"|"create"|nil}
---@return table? result, aliyun.sas.error? err
function methods:call(action, params, options)
  local state = state_of(self, "call")
  misuse.action("call", action)
  if calls.operations[action] then
    action = calls.operations[action].action
  end
  misuse.params("call", params, true)
  options = misuse.options("call", options, { class = "string" })
  misuse.class("call", options.class)
  if state.closed then
    return closed()
  end
  return calls.drive(state, action, core.call(state.core, action, params, options.class))
end

local function url_of(request)
  local standard = request.scheme == "https" and 443 or 80
  local host = request.host:find(":", 1, true) and "[" .. request.host .. "]" or request.host
  local port = request.port ~= standard and ":" .. request.port or ""
  local query = request.query ~= "" and "?" .. request.query or ""
  return request.scheme .. "://" .. host .. port .. request.path .. query
end

--- The signed request of a call, which is not sent.
--
-- `tostring(request)` masks what is secret in it; the fields do not, and hold a webhook token and a signature that is
-- good for 15 minutes.
---@param action string an operation of this module (either spelling), or any other, unchecked
---@param params? table
---@param options? {date: string?, nonce: string?} yyyy-MM-ddTHH:mm:ssZ, and a text of your own
---@return aliyun.sas.request? request, aliyun.sas.error? err
function methods:prepare(action, params, options)
  local state = state_of(self, "prepare")
  misuse.action("prepare", action)
  misuse.params("prepare", params, true)
  options = misuse.options("prepare", options, { date = "string", nonce = "string" })
  if state.closed then
    return closed()
  end
  local operation = calls.operations[action]
  local call, err
  if operation then
    call, err = calls.make(state.core, operation.method, params)
  else
    call, err = core.call(state.core, action, params)
  end
  if not call then
    return nil, err
  end
  calls.warn(state, operation and operation.action or action, call)
  call:next(state.monotonic())
  local request
  request, err = driver.sign(state, call, { action = action }, options)
  if not request then
    return nil, err
  end
  local shown = tostring(call)
  local answer = {
    method = request.method, scheme = request.scheme, host = request.host, port = request.port, path = request.path,
    query = request.query, headers = request.headers, body = request.body, url = url_of(request),
  }
  return setmetatable(answer, { __tostring = function() return shown end, __name = "aliyun.sas.request" })
end

--- All chatbots, or those of exactly this name, for a loop: `for chatbot in assert(client:chatbots()) do`.
--
-- All pages are read first, within `deadline`; a list that cannot be trusted to be whole is an error.
---@param name? string
---@return (fun(): aliyun.sas.readChatbot?)? iterator, aliyun.sas.error? err
function methods:chatbots(name)
  local state = state_of(self, "chatbots")
  misuse.argument("chatbots", "a name or nothing", name, "string", "nil")
  if state.closed then
    return closed()
  end
  return find.all(state, name)
end

--- One chatbot, by its Id or its name. None is a "conflict" with the code NOT_FOUND, several of the name one with the
--- code DUPLICATE and their `ids`. A text is an Id only where no chatbot has it for a name.
---@param wanted integer|string
---@return aliyun.sas.readChatbot? chatbot, aliyun.sas.error? err
function methods:chatbot(wanted)
  local state = state_of(self, "chatbot")
  misuse.argument("chatbot", "an Id or a name", wanted, "string", "number", "cdata")
  if state.closed then
    return closed()
  end
  return find.one(state, wanted)
end

--- The asset groups, flat, the root first.
---@return aliyun.sas.group[]? list, aliyun.sas.error? err
function methods:groups()
  local state = state_of(self, "groups")
  if state.closed then
    return closed()
  end
  return groups.read(state, bound.new(state))
end

--- Makes a chatbot what it is wished to be, and never a second one: finds it by its Id or its name, then creates it,
--- updates it, or leaves it alone. One that ends "unknown" has a `handle` for `resolve`.
---@param chatbot aliyun.sas.CreateOrUpdateDingTalk an update sends what is left out as it was read
---@param options? {resend: boolean?} true: what cannot be compared is sent again
---@return aliyun.sas.ensured? result, aliyun.sas.error? err
function methods:ensure(chatbot, options)
  local state = state_of(self, "ensure")
  misuse.params("ensure", chatbot)
  options = misuse.options("ensure", options, { resend = "boolean" })
  if state.closed then
    return closed()
  end
  return ensure.run(state, chatbot, options)
end

--- What would have to be done to make the account's chatbots those of a declared set. Nothing is written. All mistakes
--- of the set are one "argument" error with all `problems`.
---@param declared aliyun.sas.declared|table[] what `sas.load` answers, or a list of chatbots
---@param options? aliyun.sas.planOptions
---@return aliyun.sas.plan? plan, aliyun.sas.error? err
function methods:plan(declared, options)
  local state = state_of(self, "plan")
  misuse.argument("plan", "what sas.load answers, or a list of chatbots", declared, "table")
  options = misuse.options("plan", options, {
    prune = "boolean", allowEmpty = "boolean", resendWebhooks = "boolean", fingerprints = "table",
  })
  misuse.fingerprints("plan", options)
  if state.closed then
    return closed()
  end
  return plan.make(state, declared, options)
end

--- Carries a plan out, and reads back what became of it. The account is read first: one that has moved since is a
--- "conflict" with the code MOVED, and nothing is changed. A failure of one entry does not stop the others: the report
--- has a result for each.
---@param planned aliyun.sas.plan of `plan`, also where it was read back from JSON
---@param options? aliyun.sas.applyOptions
---@return aliyun.sas.report? report, aliyun.sas.error? err where nothing was changed
function methods:apply(planned, options)
  local state = state_of(self, "apply")
  misuse.argument("apply", "what client:plan answers", planned, "table")
  options = misuse.options("apply", options, {
    concurrency = "number", rate = "number", test = "boolean", fingerprints = "table", onProgress = "function",
  })
  misuse.positive("apply", options, "concurrency", "rate")
  misuse.most("apply", options, "concurrency", lanes.MOST)
  misuse.fingerprints("apply", options)
  if state.closed then
    return closed()
  end
  return apply.run(state, planned, options)
end

--- Goes on with an `ensure` that ended "unknown", from the `handle` of its error; in another process too.
---@param handle aliyun.sas.handle
---@return aliyun.sas.ensured? result, aliyun.sas.error? err
function methods:resolve(handle)
  local state = state_of(self, "resolve")
  misuse.argument("resolve", "the table err.handle (core.json reads it from a text)", handle, "table")
  if state.closed then
    return closed()
  end
  return resolve.run(state, handle)
end

--- Wipes the credentials that the client made itself and closes its connections. A call afterwards is a "state" error.
-- A provider or a transport table that was handed to `sas.new` stays open: others may use it.
function methods:close()
  local state = state_of(self, "close")
  if state.closed then
    return
  end
  state.closed = true
  if state.ownsProvider and state.provider.close then
    state.provider:close()
  end
  if state.ownsTransport then
    state.transport.close()
  end
end

-- A table that only has the metatable is no client, and its collection must not raise.
local function collect(self)
  if rawget(self, STATE) then
    methods.close(self)
  end
end

Client.__gc = collect
Client.__close = collect

Client.__metatable = Client.__name
Client.__tostring = function(self)
  local state = rawget(self, STATE)
  if not state then
    return Client.__name
  end
  local port = state.core.port and ":" .. state.core.port or ""
  return ("aliyun.sas client (%s%s%s)"):format(state.core.host, port, state.closed and ", closed" or "")
end

return client
