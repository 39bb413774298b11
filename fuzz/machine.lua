-- machine.lua - calls the C modules in random order with random values, beside finalizers that act
-- SPDX-License-Identifier: MIT
--
-- usage: lua machine.lua SEED [STEPS [SECONDS]]       in a folder of its own, where no program is in the PATH
--
-- It ends after so many steps, or seconds of the processor.
--
-- What there is to call is found by walking the modules and their metatables, so that a new function is called without
-- a row here; where there are shapes for its arguments (below), it gets further. Each argument may be something else:
-- of another class, closed, hidden behind a metatable, changed by a finalizer, a hook or a coroutine in the middle of
-- the call. Holds: a call returns, or raises a text or an error object; what answers nil gives an error object or an
-- outcome. The sanitizers watch the memory. The same seed makes the same calls, as far as collections fall alike.

-- What is tried here is C, which LuaJIT does not compile. Compiled, it sometimes never ends the machine's own loops,
-- which finalizers and hooks interrupt.
if rawget(_G, "jit") then
  require "jit".off()
end

local modules = { core = require "aliyun.sas.core", http = require "aliyun.sas.http",
  system = require "aliyun.sas.system" }

local CLASS = "^aliyun%.sas%."
local OBJECTS = 6   -- kept of a class
local DEPTH = 3     -- calls within calls
local FINALIZERS = 6

local seed, steps, seconds = tonumber(arg[1]), tonumber(arg[2] or 1500), tonumber(arg[3] or 2)
local registry, metatable_of = debug.getregistry(), debug.getmetatable
local proxy = _VERSION == "Lua 5.1" and rawget(_G, "newproxy")
local unpack = unpack or table.unpack -- luacheck: ignore

local number = seed % 2147483646 + 1

local function random(most)
  number = (number * 16807) % 2147483647
  return number % most + 1
end

local function chance(percent)
  return random(100) <= percent
end

local function pick(list)
  if list and #list > 0 then
    return list[random(#list)]
  end
end

-- The names in an order that is the same each time.
local function names_of(t)
  local names = {}
  for name in pairs(t) do
    if type(name) == "string" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

-- ---- What can be called ----

local core_names = names_of(modules.core)
local functions -- a list of { name, f, class }

local function add_function(name, f, class)
  if type(f) == "function" then
    functions[#functions + 1] = { name = name, f = f, class = class }
  end
end

local function find_functions()
  functions = {}
  for _, module in ipairs(names_of(modules)) do
    for _, name in ipairs(names_of(modules[module])) do
      add_function(module .. "." .. name, modules[module][name])
    end
  end
  for _, class in ipairs(names_of(registry)) do
    if class:find(CLASS) then
      for _, event in ipairs(names_of(registry[class])) do
        add_function(class .. "." .. event, registry[class][event], class)
      end
      local methods = registry[class].__index
      for _, name in ipairs(type(methods) == "table" and names_of(methods) or {}) do
        add_function(class .. ":" .. name, methods[name], class)
      end
    end
  end
end

-- ---- Values ----

local objects = {} -- class or type -> what calls have answered
local classes = {} -- the names in it; a finalizer may add one while somebody looks
local current = {} -- the arguments of the calls that run
local step, act    -- below
local depth, live = 0, true

local function keep(class, value)
  local list = objects[class] or {}
  if not objects[class] then
    objects[class] = list
    classes[#classes + 1] = class
  end
  list[#list < OBJECTS and #list + 1 or random(OBJECTS)] = value
end

local function class_of(value)
  local metatable = metatable_of(value)
  local class = type(metatable) == "table" and rawget(metatable, "__name")
  return type(class) == "string" and class or type(value)
end

local huge = math.huge
local NUMBERS = { 0, -0.0, 1, -1, 2, 3, 0.5, 0.001, 60, 100, 200, 404, 429, 503, 512, 999, 1000, 65535, 65536, 86400,
  86401,
  1700000000, 2 ^ 31, 2 ^ 32, 2 ^ 53, 2 ^ 53 + 2, 2 ^ 63, -2 ^ 63, 1e15, 1e300, -1e300, 5e-324, huge, -huge,
    huge - huge }
if math.maxinteger then -- luacheck: ignore
  NUMBERS[#NUMBERS + 1] = math.maxinteger -- luacheck: ignore
  NUMBERS[#NUMBERS + 1] = math.mininteger -- luacheck: ignore
end

local WORDS = { "", "a", "all", "\0", "a\0b", "\255\254", "\r\n", "\226\128\174", "é", "%s%n", "{}", "[]", "null",
  "POST", "/",
  "env", "https", "read", "create", "v1", "v3", "body", "form", "sts", "ecs", "uri", "2024-02-20T08:00:00Z", "file",
    "folder",
  "Tue, 20 Feb 2024 08:00:00 GMT", "https://oapi.dingtalk.com/robot/send?access_token=0", "9223372036854775808",
    "0600", "TIMEOUT" }
local NAMES = {} -- of fields; the shapes and the tables of the core add to them

local function learn(value)
  if type(value) == "string" then
    WORDS[#WORDS + 1] = value
  elseif type(value) == "table" then
    for i = 1, #value do
      learn(value[i])
    end
    for _, name in ipairs(names_of(value)) do
      learn(value[name])
    end
  end
end

local count, clean = 0, false -- clean: the arguments that are being made are good ones

-- A text that nothing but its table holds: the number makes it new.
local function fresh_text()
  count = count + 1
  return (clean and "" or pick(WORDS)) .. ("x"):rep(random(60)) .. count
end

local function text()
  local chosen = random(10)
  if chosen <= 4 then
    return pick(WORDS)
  elseif chosen <= 8 then
    return fresh_text()
  elseif chosen == 9 then
    return (pick(WORDS) .. "\0"):rep(random(300))
  end
  local word, at = pick(WORDS), random(8)
  return word:sub(1, at) .. string.char(random(256) - 1) .. word:sub(at + random(3))
end

local value -- below

local function a_function()
  return function(...)
    if chance(30) then
      step()
    elseif chance(20) then
      error(chance(50) and fresh_text() or (objects["aliyun.sas.error"] or {})[1] or "none", 0)
    elseif chance(10) then
      return ("x"):rep(random(100000))
    elseif chance(10) then
      for _ = 1, random(3000) do end -- luacheck: ignore
    end
    return ...
  end
end

local function a_coroutine()
  local made = coroutine.create(function()
    for _ = 1, 3 do
      step()
      coroutine.yield(value(2))
    end
  end)
  if chance(50) then
    coroutine.resume(made)
  end
  return made
end

-- Metamethods that change the table, call the modules, or raise.
local function a_metatable(t)
  local metatable = {}
  for _, event in ipairs { "__index", "__newindex", "__pairs", "__len", "__tostring", "__eq", "__call", "__gc" } do
    if chance(25) then
      metatable[event] = function()
        if live then
          rawset(t, pick(NAMES), nil)
          act()
          if event ~= "__gc" and chance(20) then
            error("raised by " .. event, 0)
          end
        end
        return event == "__tostring" and "t" or nil
      end
    end
  end
  return metatable
end

local shapes = {} -- below: name -> a value as a function expects it

local function a_table(level)
  local t, chosen = {}, random(8)
  if chosen <= 3 then
    for i = 1, random(6) do
      t[i] = value(level + 1)
    end
  elseif chosen <= 6 then
    for _ = 1, random(6) do
      local name = pick(NAMES)
      t[name] = shapes[name] and shapes[name](level + 1) or value(level + 1)
    end
  elseif chosen == 7 then
    t[1], t.self = t, t
  else
    local inner = t
    for _ = 1, random(120) do
      inner[1] = {}
      inner = inner[1]
    end
  end
  return chance(15) and setmetatable(t, a_metatable(t)) or t
end

local KINDS = {
  function() return nil end,
  function() return chance(50) end,
  function() return pick(NUMBERS) end,
  function() return random(2000) - 1000 end,
  text, text, text,
  a_function, a_coroutine,
  function() return modules.core[pick(core_names)] end, -- none of the system: a caller would not be held back
  function() return pick(objects[pick(classes)]) end,
  function() return pick(objects[pick(classes)]) end,
  function() return pick(current) end,
}

function value(level)
  if (level or 1) < 4 and chance(35) then
    return a_table(level or 1)
  end
  return pick(KINDS)()
end

-- ---- Arguments as functions expect them ----

-- The first is a good one.
local function one_of(...)
  local list = { ... }
  return function()
    if clean and chance(85) then
      return list[1]
    end
    return pick(list)
  end
end

local MAKERS = {} -- class -> the name of a function that answers an object of it

local arguments_of, find -- below

-- An object of the class: one that is there, or a new one.
local function object(class)
  class = "aliyun.sas." .. class
  return function()
    local maker = find(MAKERS[class])
    if not maker or #(objects[class] or {}) > 0 and chance(60) then
      return pick(objects[class])
    end
    local given = arguments_of(maker)
    local _, made = pcall(maker.f, unpack(given, 1, given.n))
    keep(class_of(made), made)
    return made
  end
end

-- A table with some of these fields, each by its shape.
local function record(...)
  local fields = { ... }
  for _, name in ipairs(fields) do
    NAMES[#NAMES + 1] = name
  end
  return function(level)
    local t = {}
    for _, name in ipairs(fields) do
      if shapes.always[name] and chance(97) or chance(40) then
        local good = shapes[name] or clean and fresh_text
        t[name] = (good and (clean or chance(92)) and good or value)((level or 1) + 1)
      end
    end
    return t
  end
end

local function list_of(shape, most)
  return function(level)
    local t = {}
    for i = 1, random(most) - 1 do
      t[i] = ((clean or chance(95)) and shape or value)(level)
    end
    return t
  end
end

local BODIES = { '{"RequestId":"r"}',
  '{"RequestId":"r","Data":{"a":[1,2.5,null,true,"\\u00e9",12345678901234567890]}}', "", "{",
  '{"RequestId":"r","Code":"Throttling.User","Message":"m"}',
    '{"RequestId":"r","Code":"InvalidTimeStamp.Expired","Message":"m"}',
  '{"RequestId":"r","Code":"ServerError","Message":"\\u202e"}', ("["):rep(70) .. ("]"):rep(70), "<html>", '"\\ud800"',
  '{"AccessKeyId":"k","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2099-01-01T00:00:00Z","Code":"Success"}',
  '{"Credentials":{"AccessKeyId":"k","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2099-01-01T00:00:00Z"}}',
  '{"mode":"StsToken","access_key_id":"k","access_key_secret":"s","sts_token":"t"}',
  '{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"k","access_key_secret":"s"}]}',
  "[a]\ntype = access_key\naccess_key_id = k\naccess_key_secret = s\n",
  '[{"type":"sas_analysis_online-sas-operation-log-sas-event-vul",'
    .. '"configItemList":[{"key":"type","valueList":["cms"]}]}]' }

local function body()
  local chosen = pick(BODIES)
  if not clean and chance(30) then
    local at = random(#chosen + 1)
    return chosen:sub(1, at - 1) .. pick(WORDS) .. chosen:sub(at + random(4) - 1)
  end
  return chosen .. (" "):rep(random(3) - 1) -- a new text now and then
end

shapes.always = { host = true, accessKeyId = true, accessKeySecret = true, action = true, date = true, nonce = true,
  body = true,
  status = true, scheme = true, port = true, plain = true }
-- Nothing but this machine, and no port where somebody listens.
shapes.host = one_of("127.0.0.1", "127.0.0.1", "localhost", "127.0.0.1:1", "", "127.0.0.1\r\n", "\0", 5)
shapes.port = one_of(1, 1, 1, 0, 65536, -1, 1.5, huge, "1")
shapes.scheme = one_of("https", "http", "http", "ftp")
shapes.signature, shapes.version = one_of("v3", "v1"), one_of("v3", "v1", "v2")
shapes.parameters, shapes.common = one_of("query", "body"), one_of("form", "query")
shapes.retries, shapes.status = one_of(0, 2, 10, 11), one_of(200, 200, 200, 400, 403, 429, 500, 503, 302, 99, 1e300)
shapes.connectTimeout, shapes.timeout, shapes.deadline = one_of(1, 5, 0, huge), one_of(1, 10, 1e300), one_of(60, 0.001,
  1e9)
shapes.maxBody = one_of(1000, 0, 1e300, 2 ^ 40, 0.5)
shapes.method, shapes.path, shapes.action = one_of("POST", "GET", "P\0"), one_of("/", "", "/a b"),
  one_of("DescribeDingTalk", "Other")
shapes.date, shapes.nonce, shapes.secretUrl = one_of "2024-02-20T08:00:00Z", fresh_text,
  one_of("https://a.invalid/b?c=d", "")
shapes.class, shapes.body, shapes.code = one_of("read", "update", "create", "test"), body, one_of("TIMEOUT",
  "COULDNT_CONNECT", "")
shapes.sent, shapes.fresh, shapes.plain, shapes.exact = one_of(false, true), one_of(true, false), one_of(true, false),
  one_of(true, false)
shapes.unchecked = one_of(true, false)
shapes.accessKeyId, shapes.accessKeySecret, shapes.securityToken = fresh_text, fresh_text, fresh_text
shapes.credentials, shapes.secrets = object "credentials",
  list_of(function() return (chance(50) and fresh_text or object "secret")() end, 4)
shapes.memory, shapes.instructions, shapes.seconds = one_of(1e4, 1e6, 1e12), one_of(100, 1e5, 1e12), one_of(0.01, 1)
shapes.proxy, shapes.caFile, shapes.userAgent = one_of("env", false, "http://127.0.0.1:1"), one_of "no-such-file",
  one_of("agent", "a\0b")

local pairs_of_texts = function()
  local t = {}
  for _ = 1, random(5) - 1 do
    t[fresh_text()] = fresh_text()
  end
  return t
end
shapes.query, shapes.form = pairs_of_texts, pairs_of_texts
shapes.headers = function()
  local t = { date = pick { "Tue, 20 Feb 2024 08:00:00 GMT", fresh_text() }, ["content-type"] = "text/plain" }
  t[pick { "x-acs-retry-after", "x-ratelimit-user-api", "x-ratelimit-user", "x-acs-a", "date" }] = pick { "1", "1e9",
    fresh_text() }
  return t
end

shapes.settings = record("signature", "parameters", "scheme", "host", "userAgent", "port", "retries", "connectTimeout",
  "timeout",
  "deadline", "secretUrl")
shapes.keys = record("accessKeyId", "accessKeySecret", "securityToken")
shapes.signing = record("version", "method", "host", "path", "action", "apiVersion", "date", "nonce", "query",
  "headers", "exact",
  "body", "contentType", "form", "format", "common", "credentials", "accessKeyId", "accessKeySecret", "securityToken")
shapes.outcome = record("status", "body", "headers", "sent", "code", "message", "hint", "class", "action", "secrets")
shapes.request = record("method", "scheme", "host", "port", "path", "query", "headers", "body", "connectTimeout",
  "timeout",
  "maxBody", "fresh", "plain")
shapes.limits = record("memory", "instructions", "seconds")
shapes.options = record("unchecked", "catalog")
shapes.handle = record("proxy", "caFile", "userAgent")
shapes.problem = record("code", "path", "message", "hint")
shapes.problems = list_of(shapes.problem, 4)
shapes.error = record("kind", "code", "message", "hint", "problems", "requestId")

local EVENT = "sas_analysis_online-sas-operation-log-sas-event-"
local catalog = modules.core.catalog()

shapes.catalog = function() -- as describeDataSource answers; texts that nothing else holds
  local types = {}
  for i = 1, random(4) do
    local kind, fields = pick(catalog), {}
    for j = 1, random(4) - 1 do
      fields[j] = { Filed = #kind.keys > 0 and chance(80) and pick(kind.keys).key or fresh_text(),
        Sample = pick { "cms:CMS;emg:x", ";", ":", fresh_text() } }
    end
    types[i] = { DataSourceName = EVENT .. (chance(70) and kind.name or fresh_text()), MetaDataFields = fields,
      Description = fresh_text() }
  end
  return { MetaDatas = types }
end

shapes.ConfigList = function()
  local t = {}
  for _ = 1, random(4) - 1 do
    local kind = pick(catalog)
    local keys = {}
    for _, key in ipairs(kind.keys) do
      if chance(70) then
        keys[key.key] = chance(30) and "all" or { fresh_text(),
          #key.values > 0 and pick(key.values).value or fresh_text() }
      end
    end
    t[chance(85) and kind.name or fresh_text()] = chance(30) and "all" or keys
  end
  return chance(80) and t or object "config" ()
end

-- Parameters by the table of operations, which is the core's own.
local BY_TYPE = { id = one_of(1, 12, "12", 2 ^ 53), ids = list_of(one_of(1, "2", 2 ^ 53), 5), name = fresh_text,
  text = fresh_text,
  url = one_of("https://oapi.dingtalk.com/robot/send?access_token=0123", "http://a"), integer = one_of(0, 1, 60, 1440),
  groups = list_of(one_of(1, "2"), 4), config = shapes.ConfigList }

local arguments = {
  ["core.call"] = { shapes.settings, shapes.action, pairs_of_texts, shapes.class },
  ["core.credentials"] = { shapes.keys },
  ["core.sign"] = { shapes.signing },
  ["core.reply"] = { shapes.outcome },
  ["core.json"] = { body },
  ["core.parse"] = { body },
  ["core.config"] = { shapes.ConfigList, shapes.options },
  ["core.cliprofile"] = { body, one_of("a", "b") },
  ["core.iniprofile"] = { body, one_of("a", "b") },
  ["core.issued"] = { body, one_of("sts", "ecs", "uri", "cloudsso", "oauth", "external") },
  ["core.bearer"] = { fresh_text },
  ["core.form"] = { list_of(function() return { fresh_text(), chance(60) and fresh_text() or object "secret" () } end,
    5) },
  ["core.suggest"] = { fresh_text, list_of(fresh_text, 8) },
  ["core.error"] = { shapes.error },
  ["http.new"] = { shapes.handle },
  ["system.run"] = { list_of(fresh_text, 4), one_of(0.1), one_of(1000) },
  ["system.writefile"] = { one_of("file", "secret"), fresh_text, one_of(384, "600", 1e300) },
  ["system.readprivate"] = { one_of("file", "none"), one_of(1, 1000) },
  ["system.readsecret"] = { one_of("file", "secret"), one_of(1, 1000) },
  ["system.lock"] = { one_of("lock", "other"), one_of(0, 0.001) },
  ["system.makefolder"] = { one_of("folder", "a/b") },
  ["system.bounded"] = { shapes.limits, a_function, value },
  ["aliyun.sas.config:add"] = { object "config", function() return pick(catalog).name end,
    function() return chance(50) and "all" or shapes.ConfigList() end, shapes.options },
  ["aliyun.sas.config:remove"] = { object "config", function() return pick(catalog).name end },
  ["aliyun.sas.call:next"] = { object "call", one_of(0, 1, 30, 1e9, 1e300) },
  ["aliyun.sas.call:sign"] = { object "call", object "credentials", shapes.date, fresh_text },
  ["aliyun.sas.call:feed"] = { object "call", shapes.outcome, one_of(0, 0.5, 1), object "budget" },
  ["aliyun.sas.call:left"] = { object "call", one_of(0, 1e300) },
  ["aliyun.sas.http.handle:send"] = { object "http.handle", shapes.request },
  ["aliyun.sas.http.handle:start"] = { object "http.handle", shapes.request },
  ["aliyun.sas.http.handle:poll"] = { object "http.handle", one_of(0, 0.001) },
}

for _, operation in ipairs(modules.core.operations()) do
  local names = {}
  for _, parameter in ipairs(operation.parameters) do
    names[#names + 1] = parameter.name
    local words = parameter.words and one_of(unpack(parameter.words))
    shapes[parameter.name] = words or BY_TYPE[parameter.type] or fresh_text
    shapes.always[parameter.name] = parameter.required
  end
  arguments["core." .. operation.method] = { shapes.settings, record(unpack(names)) }
end

MAKERS = { ["aliyun.sas.config"] = "core.config", ["aliyun.sas.credentials"] = "core.credentials",
  ["aliyun.sas.budget"] = "core.budget", ["aliyun.sas.http.handle"] = "http.new", ["aliyun.sas.error"] = "core.error",
  ["aliyun.sas.call"] = "core.describeDingTalk", ["aliyun.sas.system.lock"] = "system.lock" }

function find(name)
  for _, entry in ipairs(functions) do
    if entry.name == name then
      return entry
    end
  end
end

-- ---- What must not happen to this machine ----

local WAITS = { ["system.sleep"] = 1, ["system.lock"] = 2, ["system.run"] = 2, ["aliyun.sas.http.handle:poll"] = 2 }

local function hold_back(entry, given)
  local at = WAITS[entry.name]
  if at and (tonumber(given[at]) or 0) > 0.01 then -- a text may be a number too
    given[at] = 0.001
  elseif at == 2 and entry.name == "system.run" and given[2] == nil then
    given[2], given.n = 0.01, math.max(given.n, 2)
  end
  if entry.name:find "^system%." then
    for i = 1, given.n do
      if type(given[i]) == "string" and (given[i]:find "^/" or given[i]:find("..", 1, true)) then
        given[i] = "file"
      end
    end
  end
end

-- The list of arguments, with its length in n.
function arguments_of(entry)
  local made = arguments[entry.name] or { entry.class and object((entry.class:gsub(CLASS, ""))) or fresh_text }
  local given, before = { n = 0 }, clean
  clean = chance(60)
  given.n = (clean or chance(80)) and #made or random(5) - 1
  for i = 1, given.n do
    if made[i] and (clean or chance(85)) then
      given[i] = made[i](1)
    else
      given[i] = value()
    end
  end
  clean = before
  hold_back(entry, given)
  return given
end

-- ---- Steps ----

local function fail(entry, why)
  io.stderr:write("machine: ", entry.name, ": ", why, "\n")
  os.exit(1, true)
end

local function is_error(err)
  return type(err) == "table" and metatable_of(err) == registry["aliyun.sas.error"]
end

local function check(entry, good, first, second)
  if not good then
    if type(first) ~= "string" and not is_error(first) then
      fail(entry, "raises a " .. type(first))
    end
    tostring(first)
  elseif first == nil and second ~= nil and entry.name:find "^core%." and not is_error(second) then
    fail(entry, "answers nil and a " .. type(second))
  end
end

local function forget(given)
  for i = #current, 1, -1 do
    if current[i] == given then
      return table.remove(current, i)
    end
  end
end

local function invoke(entry)
  local given = arguments_of(entry)
  current[#current + 1] = given
  local results = { pcall(entry.f, unpack(given, 1, given.n)) }
  forget(given)
  check(entry, results[1], results[2], results[3])
  for i = 2, 4 do
    local kind = type(results[i])
    if kind == "userdata" or kind == "table" or kind == "thread" then
      keep(class_of(results[i]), results[i])
    end
  end
end

function step()
  if depth < DEPTH then
    depth = depth + 1
    invoke(pick(functions))
    depth = depth - 1
  end
end

-- Changes one of the tables that a running call has been given.
local function change(t)
  for _ = 1, random(4) do
    local inner = {}
    for name, field in pairs(t) do
      if type(field) == "table" then
        inner[#inner + 1] = name
      end
    end
    if #inner == 0 or chance(30) then
      break
    end
    t = rawget(t, #inner == 1 and inner[1] or inner[random(#inner)])
  end
  local what = random(4)
  for name in pairs(t) do
    if what <= 2 or chance(30) then
      rawset(t, name, nil)
    end
  end
  if what == 2 then
    for i = 1, 40 do
      rawset(t, i, i)
    end
  end
end

local ACTS = {
  function() step() end,
  function()
    local given = #current > 0 and pick(current)
    if given then
      change(given[random(math.max(given.n, 1))] or given)
    end
  end,
  function() -- closes what a running call has been given
    local given = #current > 0 and pick(current)
    local made = given and given[random(math.max(given.n, 1))]
    local metatable = type(made) == "userdata" and metatable_of(made)
    if metatable and metatable.__gc then
      metatable.__gc(made)
    end
  end,
  function() collectgarbage() end,
  function()
    objects[pick(classes)] = {}
  end,
}
ACTS[6], ACTS[7], ACTS[8] = ACTS[2], ACTS[2], ACTS[3]

local acting = false

function act()
  if live and not acting and chance(40) then
    acting = true
    pcall(pick(ACTS))
    acting = false
  end
end

local function arm()
  local function finalized()
    if live then
      act()
      arm()
    end
  end
  if proxy then
    metatable_of(proxy(true)).__gc = finalized
  else
    setmetatable({}, { __gc = finalized })
  end
end

local WAYS = {
  step, step, step, step, step, step,
  function() coroutine.wrap(step)() end,
  function() collectgarbage("step", random(100)) end,
  function() debug.sethook(act, "", random(200)) end,
  function() debug.sethook() end,
  function()
    local thread = objects.thread and pick(objects.thread)
    if thread and coroutine.status(thread) == "suspended" then
      coroutine.resume(thread)
    end
  end,
  function() keep("thread", a_coroutine()) end,
  function() keep("table", a_table(1)) end,
}

learn(modules.core.operations())
learn(catalog)
find_functions()
keep("table", {})
for _ = 1, FINALIZERS do
  arm()
end
-- Where each allocation collects all, a step takes long.
local eager = chance(50)
collectgarbage("setpause", eager and 0 or 100)
collectgarbage("setstepmul", eager and 1000000 or 200)
for i = 1, steps do
  if os.clock() > seconds then
    break
  end
  if i % 100 == 0 then
    find_functions() -- a class is made where it is first needed
  end
  pick(WAYS)()
end
debug.sethook()
live = false
