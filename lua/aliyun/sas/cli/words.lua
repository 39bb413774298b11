--- What the library says to a Lua program, in the words of the command line: a setting is an option there.

local words = {}

local AGAIN = "run the command again then"

-- What the library says, and what is said here in its place; what holds another one stands before it.
local SENTENCES = {
  { "resendWebhooks = true sends it again", "--resend-webhooks sends it again" },
  { "allowEmpty = true does that", "--allow-empty does that" },
  { "set endpoint for a host of your own", "--endpoint is for a host of your own" },
  { "endpoint names a host whatever", "--endpoint names a host whatever" },
  { "check regionId or endpoint, and", "check --region or --endpoint, and" },
  { "check regionId and endpoint", "check --region and --endpoint" },
  { "the setting proxy, or https_proxy", "https_proxy" },
  { "raise connectTimeout or timeout", "raise --timeout" },
  { "raise deadline", "raise --deadline" },
  { "give more time with the setting deadline", "give more time with --deadline" },
  { "give its certificate as caFile", "give its certificate by --ca-file" },
  { "check that caFile names a readable", "check that --ca-file names a readable" },
  { "set the variables, or give accessKeyId and accessKeySecret", "set the variables, or give --profile" },
  { "give accessKeyId and accessKeySecret, or set up one of these",
    "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, give --profile, or set up another of these" },
  { "sas.catalog() lists them; sas.config(t, { unchecked = true }) takes any other",
    "sas-dingtalk catalog lists them; ConfigList as JSON text, in the vendor's form, takes any other" },
  { "client:groups() and sas-dingtalk groups list them", "sas-dingtalk groups lists them" },
  { "client:chatbots() and sas-dingtalk list show them", "sas-dingtalk list shows them" },
  { "give it, or its unit: the setting intervalUnit, --interval-unit", "give it, or its unit by --interval-unit" },
  { "resolve with the handle lets the name be created again",
    "client:resolve of the library, with the handle that --output json prints, lets the name be created again" },
  { "call ensure again then, or resolve with the handle", AGAIN },
  { "call ensure again then", AGAIN },
}

-- Of `put`, where the whole wish is in options.
local OF_PUT = {
  { "give SendUrl as the DingTalk group shows it",
    "give the webhook, as the DingTalk group shows it, by --send-url-env, --send-url-file or --send-url-stdin" },
  { "ConfigList as JSON text, in the vendor's form, takes any other",
    "a file for apply takes any other, with ConfigList as JSON text in the vendor's form" },
  { "call ensure again with resend = true", "put it again with --resend" },
  { "call ensure again", "put it again" },
}

-- Of the commands with a file.
local OF_FILE = {
  { "call ensure again with resend = true", "apply the file again with --resend-webhooks" },
  { "call ensure again", "apply the file again" },
}

words.put, words.file = OF_PUT, OF_FILE
words.sentences = { SENTENCES, OF_PUT, OF_FILE } -- for the spec that looks whether the library still says them

--- The options that stand for settings of the client.
words.settings = {
  regionId = "--region", endpoint = "--endpoint", caFile = "--ca-file", timeout = "--timeout",
  deadline = "--deadline", fence = "--fence", intervalUnit = "--interval-unit",
}

--- The options of `put` that stand for fields of a chatbot.
words.fields = {
  Id = "--id", RuleActionName = "--name", SendUrl = "--send-url-env", IntervalTime = "--interval",
  ConfigList = "--config", GroupIdList = "--groups", DingTalkLang = "--lang",
}

local function replaced(text, list)
  for _, pair in ipairs(list) do
    local from, to = text:find(pair[1], 1, true)
    if from then
      text = text:sub(1, from - 1) .. pair[2] .. text:sub(to + 1)
    end
  end
  return text
end

--- A text in the words of the command line; anything else as it is.
---@param text any
---@param more? table sentences of one command: words.put or words.file
function words.text(text, more)
  if type(text) ~= "string" then
    return text
  end
  text = replaced(text, SENTENCES)
  return more and replaced(text, more) or text
end

-- A copy of an error, a problem or a warning.
local function translated(value, more)
  local copy = setmetatable({}, getmetatable(value))
  for name, field in next, value do
    copy[name] = field
  end
  copy.message, copy.hint = words.text(copy.message, more), words.text(copy.hint, more)
  return copy
end

--- Problems or warnings in the words of the command line, in a new list.
---@param list {path: string, message: string, hint: string?}[]
function words.list(list, more)
  local made = {}
  for i, problem in ipairs(list) do
    made[i] = type(problem) == "table" and translated(problem, more) or problem
  end
  return made
end

--- An error in the words of the command line, as a copy.
---@param err aliyun.sas.error
---@param more? table as of words.text
---@return aliyun.sas.error
function words.error(err, more)
  local copy = translated(err, more)
  if type(copy.problems) == "table" then
    copy.problems = words.list(copy.problems, more)
  end
  return copy
end

--- A plan in the words of the command line; it is changed in place.
---@param plan aliyun.sas.plan
---@return aliyun.sas.plan
function words.plan(plan)
  for _, entry in ipairs(plan.entries) do
    entry.warnings, entry.needs = words.list(entry.warnings, OF_FILE), words.list(entry.needs, OF_FILE)
    entry.conflict = entry.conflict and translated(entry.conflict, OF_FILE)
  end
  return plan
end

-- The path "ConfigList.vul.type[2]" as the option, and what stands behind the field.
local function option_path(path, words_given)
  local field, rest = tostring(path):match "^(%a+)(.*)$"
  local option = field == "ConfigList" and words_given and "--config-type" or words.fields[field]
  rest = (rest or ""):gsub("^%.", "")
  return option and (rest == "" and option or option .. " " .. rest) or path
end

--- Whether an error has a problem with a field that a wish has, but for one.
---@param err aliyun.sas.error
---@param wish table
---@param but string
function words.blames(err, wish, but)
  for _, problem in ipairs(err.problems or {}) do
    local field = tostring(problem.path):match "^%a+"
    if field and field ~= but and wish[field] ~= nil then
      return true
    end
  end
  return false
end

--- An error of `put`, whose problems are with its options.
---@param err aliyun.sas.error
---@param words_given boolean ConfigList was given by --config-type
---@return aliyun.sas.error
function words.put_error(err, words_given)
  local copy = words.error(err, OF_PUT)
  for _, problem in ipairs(type(copy.problems) == "table" and copy.problems or {}) do
    problem.path = option_path(problem.path, words_given)
  end
  return copy
end

return words
