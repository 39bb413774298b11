--- aliyun-sas: the DingTalk chatbots of Alibaba Cloud Security Center.
--
-- Specification: Security Center (Sas), version 2018-12-03, on help.aliyun.com.

local core = require "aliyun.sas.core"
local client = require "aliyun.sas.client"
local credentials = require "aliyun.sas.credentials"
local load = require "aliyun.sas.load"
local store = require "aliyun.sas.store"

---@alias aliyun.sas.config_options {catalog?: table, unchecked?: boolean}

---@class aliyun.sas.config
---@field add fun(self, type: string, keys: table|string, options?: aliyun.sas.config_options): aliyun.sas.config
---@field remove fun(self, type: string): aliyun.sas.config
---@field table fun(self): table<string, table<string, string[]>>

--- Builds a ConfigList, in C.
--
-- `sas.config(table [, options])` takes a table by type, such as
-- `{ vul = { type = { "cms" } }, suspicious = "all" }`, or the API's own array. It answers a config:
-- `tostring(config)` is the JSON text, `config:add(type, keys)` and `config:remove(type)` change it and answer it,
-- `config:table()` is a plain table, and two configs that mean the same are equal (`==`).
-- `sas.config.parse(json)` reads the service's text back and keeps the words that the catalog lacks.
-- All of them raise the error object when something is wrong: a nil would silently drop the list from a call.
---@class aliyun.sas.config_builder
---@field parse fun(json: string): aliyun.sas.config
---@overload fun(table?: table, options?: aliyun.sas.config_options): aliyun.sas.config
local config = setmetatable({ parse = core.parse }, {
  __call = function(_, ...)
    return core.config(...)
  end,
})

---@class aliyun.sas
local sas = {
  _VERSION = core._VERSION,
  new = client.new,
  config = config,
  --- The documented types, keys and values of a ConfigList with their meanings: a list of
  --- `{ name, type, meaning, keys = { { key, meaning, values = { { value, meaning } }, spellings } } }`.
  ---@type fun(): table[]
  catalog = core.catalog,
  credentials = credentials,
  load = load.load,
  store = store,
}

return sas
