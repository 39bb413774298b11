--- A webhook that stands outside of the file: in the environment, or in a file of its own.

local compare = require "aliyun.sas.compare"
local core = require "aliyun.sas.core"
local printable = require "aliyun.sas.printable"
local system = require "aliyun.sas.system"

local webhook = {}

--- Bytes of a file with a webhook at most.
webhook.LONGEST = 8192

---@class aliyun.sas.need what is missing
---@field path string
---@field message string
---@field hint? string

--- True for what may be the token itself in the place of a variable's name, so that it is not to be shown.
---@param name string
---@return boolean
function webhook.may_be_token(name)
  return #name >= 32 and not name:find "%X" or #name >= 40 and not name:find("_", 1, true)
end

--- What is said of it.
webhook.IS_TOKEN = "looks like a token, and a variable's name is wanted"

local function need(message, hint)
  return nil, { path = "SendUrl", message = message, hint = hint }
end

-- What the check of a call takes for a client: nothing is sent anywhere.
local NOWHERE = { scheme = "https", host = "localhost" }

-- What the check of a call says of a text; the name beside it is any that is legal.
local function wrong(text)
  local _, err = core.createOrUpdateDingTalk(NOWHERE, { RuleActionName = "any", SendUrl = text })
  return err and err.problems[1]
end

--- The webhook that a text holds, if it can be one; it is never shown.
---@param text string
---@param what string where it stands, for the message
---@return string? url, aliyun.sas.need? why
function webhook.of_text(text, what)
  text = text:gsub("^\239\187\191", ""):gsub("[ \t\r\n]+$", "")
  if text == "" then
    return need(what .. " is empty", "it holds the webhook")
  elseif text:find "[\r\n]" then
    return need(what .. " holds more than one line", "it holds the webhook alone, in one line")
  elseif text:find "[%c%s]" then
    return need(what .. " holds a blank or a control character, which no webhook has")
  end
  local problem = wrong(text)
  if problem then
    return need(what .. " " .. problem.message, problem.hint)
  end
  return text
end

-- A webhook without its token is as the service shows it: nobody can wish for that.
local function with_token(text, what)
  local url, why = webhook.of_text(text, what)
  if compare.lacks_token(url) then
    return need(what .. " holds a webhook without its token", "give it as the DingTalk group shows it")
  end
  return url, why
end

local function from_environment(name)
  if type(name) ~= "string" or not name:find "^[%a_][%w_]*$" then
    return need("env takes the name of an environment variable")
  elseif webhook.may_be_token(name) then
    return need(webhook.IS_TOKEN)
  end
  local value = os.getenv(name)
  if not value or value == "" then
    return need(("the environment variable %s is not set"):format(name), "set it to the webhook")
  end
  return with_token(value, "the environment variable " .. name)
end

local function from_file(path, folder)
  if type(path) ~= "string" or path == "" or path:find "%z" then
    return need("file takes the path of a file")
  end
  if path:sub(1, 1) ~= "/" and folder and folder ~= "." then
    path = folder:gsub("/*$", "") .. "/" .. path
  end
  local text, err = system.readprivate(path, webhook.LONGEST)
  if not text then
    return need(printable.line(err.message), err.hint and printable.line(err.hint)
      or err.code == "NOT_FOUND" and "the path is relative to the chatbots file" or nil)
  end
  return with_token(text, printable.line(path))
end

--- The webhook for which `env "NAME"` or `file "path"` stands; a text stands for itself.
---@param value string|{env: string?, file: string?}
---@param folder? string of the chatbots file, to which paths are relative
---@return string? url, aliyun.sas.need? why
function webhook.resolve(value, folder)
  if type(value) == "string" then
    return webhook.of_text(value, "the webhook")
  elseif type(value) == "table" and rawget(value, "env") ~= nil and rawget(value, "file") == nil then
    return from_environment(rawget(value, "env"))
  elseif type(value) == "table" and rawget(value, "file") ~= nil and rawget(value, "env") == nil then
    return from_file(rawget(value, "file"), folder)
  end
  return need('is neither a text nor one of env "NAME" and file "path"')
end

return webhook
