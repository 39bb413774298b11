-- handler.lua - lets an on-call tool set up chatbots over HTTP, inside OpenResty
-- SPDX-License-Identifier: MIT
--
--   POST /chatbots, Authorization: Bearer $CHATBOT_TOKEN, Content-Type: application/json
--   { "name": "on-call", "webhook": "https://oapi.dingtalk.com/robot/send?access_token=...", "levels": ["serious"] }
--
-- answers 200 or 201 with { "action": "created", "id": "1001", "name": "on-call", "notCompared": [] }, else
-- { "code": ..., "message": ... } and more. Two posts at once make one chatbot: all workers share a store. Every hour
-- one worker looks whether the chatbots still are as they were asked for, and logs a warning where they are not.
--
-- CHATBOT_GROUPS names the asset groups that the chatbots are about, as a comma list of ids: what the service makes of
-- a chatbot without any is not documented. CHATBOT_ENDPOINT is for another endpoint than the region's,
-- CHATBOT_DRIFT_SECONDS for another interval.

-- luacheck: globals ngx

local core = require "aliyun.sas.core"
local sas = require "aliyun.sas"

local handler = {}

local client, token_hash, groups

-- The ids of a comma list; nil where there are none.
local function ids_of(text)
  local ids = {}
  for id in (text or ""):gmatch "%d+" do
    ids[#ids + 1] = id
  end
  return #ids > 0 and ids or nil
end

-- Runs in the master, before the workers are made: what is missing stops nginx' start.
function handler.init()
  local token = os.getenv "CHATBOT_TOKEN"
  if not token or #token < 16 then
    error("CHATBOT_TOKEN must be set, and have 16 characters at least", 0)
  end
  token_hash = core.sha256(token)
  groups = ids_of(os.getenv "CHATBOT_GROUPS")
  client = sas.new {
    endpoint = os.getenv "CHATBOT_ENDPOINT",
    -- the keys are read here, so the workers need none of the variables
    accessKeyId = os.getenv "ALIBABA_CLOUD_ACCESS_KEY_ID", securityToken = os.getenv "ALIBABA_CLOUD_SECURITY_TOKEN",
    accessKeySecret = os.getenv "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    store = sas.store.dict "chatbots",
    deadline = 20,
    onWarning = function(warning)
      ngx.log(ngx.WARN, "chatbots: ", warning.path, " ", warning.message)
    end,
  }
end

-- Answers ---------------------------------------------------------------------------------------------------------

local function answer(status, fields, headers)
  ngx.status = status
  ngx.header["content-type"] = "application/json"
  for name, value in pairs(headers or {}) do
    ngx.header[name] = value
  end
  ngx.say(core.encode(fields))
end

local function refuse(status, code, message, headers)
  return answer(status, { code = code, message = message }, headers)
end

-- The service's refusals are not the fault of who asks here, but for too many requests.
local STATUS = { argument = 400, conflict = 409, state = 503, network = 502, reply = 502, service = 502, unknown = 504,
  credentials = 500 }

local function status_of(err)
  if err.kind == "service" and err.retryable then
    return 503
  end
  return err.code == "TIMEOUT" and 504 or STATUS[err.kind] or 500
end

local function seconds_until(time)
  return math.max(1, math.ceil(time - ngx.time()))
end

local function fail(err)
  local status = status_of(err)
  ngx.log(status >= 500 and ngx.ERR or ngx.WARN, "chatbots: ", tostring(err)) -- no secret is in it
  local fields = { code = err.code, message = err.message, hint = err.hint, requestId = err.requestId }
  fields.problems = err.problems
  fields.ids = err.ids
  if status == 500 then
    fields = { code = "INTERNAL", message = "the keys of this server are not accepted; its log says more" }
  end
  local wait = err.resolveAfter and seconds_until(err.resolveAfter) or status == 503 and 1 or nil
  return answer(status, fields, { ["retry-after"] = wait and tostring(wait) })
end

-- Requests --------------------------------------------------------------------------------------------------------

-- Hashes are compared: how long that takes tells nothing of the token.
local function is_allowed()
  local given = (ngx.var.http_authorization or ""):match "^[Bb]earer (%S+)$"
  return given ~= nil and core.sha256(given) == token_hash
end

local FIELDS = { name = "string", webhook = "string", levels = "table" }

-- The chatbot of a request, or nil and what is wrong with it.
local function read(body)
  local asked, err = core.json(body)
  if err or type(asked) ~= "table" then
    return nil, "the body is no JSON object"
  end
  for name in pairs(asked) do
    if not FIELDS[name] then
      return nil, "the body has an unknown field; name, webhook and levels exist"
    end
  end
  for name, kind in pairs(FIELDS) do
    if type(asked[name]) ~= kind then
      return nil, ("%s is missing, or no %s"):format(name, kind == "table" and "list" or "text")
    end
  end
  if #asked.levels == 0 then
    return nil, "levels is empty: nobody would hear anything"
  end
  return {
    RuleActionName = asked.name, SendUrl = asked.webhook,
    ConfigList = { suspicious = { item_level = asked.levels, event_type = "all" } }, GroupIdList = groups,
  }
end

local function body_of_request()
  ngx.req.read_body()
  return ngx.req.get_body_data() or ""
end

-- What was asked for, without the webhook, for the look at drift.
local function remember(chatbot)
  ngx.shared.wanted:set(chatbot.RuleActionName, tostring(sas.config(chatbot.ConfigList)))
end

function handler.post()
  if ngx.req.get_method() ~= "POST" then
    return refuse(405, "METHOD", "POST is what this takes", { allow = "POST" })
  elseif not is_allowed() then
    return refuse(401, "TOKEN", "a token is wanted", { ["www-authenticate"] = "Bearer" })
  elseif not (ngx.var.content_type or ""):lower():match "^application/json%f[; ]" and
    (ngx.var.content_type or ""):lower() ~= "application/json" then
    return refuse(415, "CONTENT_TYPE", "application/json is what this takes")
  end
  local chatbot, wrong = read(body_of_request())
  if not chatbot then
    return refuse(400, "BODY", wrong)
  end
  -- the service hides the webhook's token, so whether it is another one cannot be seen: what is posted is sent
  local result, err = client:ensure(chatbot, { resend = true })
  if not result then
    return fail(err)
  end
  remember(chatbot)
  return answer(result.action == "created" and 201 or 200, {
    action = result.action, id = tostring(result.chatbot.Id), name = result.chatbot.RuleActionName,
    notCompared = #result.notCompared > 0 and result.notCompared or nil,
  })
end

-- Drift -----------------------------------------------------------------------------------------------------------

local function drift_of(chatbot, config)
  if not chatbot then
    return "is gone"
  elseif tostring(chatbot.state.Status) == "0" then
    return "is disabled"
  elseif sas.config.parse(tostring(chatbot.ConfigList)) ~= sas.config.parse(config) then
    return "listens to something else"
  end
end

local function look()
  local iterator, err = client:chatbots()
  if not iterator then
    ngx.log(ngx.ERR, "chatbots: drift could not be looked for: ", tostring(err))
    return
  end
  local there = {}
  for chatbot in iterator do
    there[chatbot.RuleActionName] = chatbot
  end
  for _, name in ipairs(ngx.shared.wanted:get_keys(0)) do
    local wrong = drift_of(there[name], ngx.shared.wanted:get(name))
    if wrong then
      ngx.log(ngx.WARN, "chatbots: drift: ", name, " ", wrong)
    end
  end
end

-- One worker is enough. It calls in a timer, since the phase in which a worker starts cannot wait.
function handler.watch()
  if ngx.worker.id() ~= 0 then
    return
  end
  assert(ngx.timer.every(tonumber(os.getenv "CHATBOT_DRIFT_SECONDS") or 3600, function(premature)
    if not premature then
      look()
    end
  end))
end

return handler
