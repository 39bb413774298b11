--- The Security Center side, for tests and demos: answers the chatbot operations as the service is documented to,
-- keeps chatbots, checks signatures and parameters, and fails on request.
--
--     local service = require "aliyun.sas.emulator".new()
--     local client = sas.new { ..., accessKeyId = "testid", accessKeySecret = "testsecret", transport = service }
--     service:fault("lost")                 -- the next answer gets lost after the service has done its work
--     print(#service:chatbots())
--
-- As a transport it also is the client's clock: waiting moves the emulator's time and takes none.
-- `serve` runs the same inside nginx, over TLS.

-- A rock of its own: that it is missing must not read like a fault of this one.
local found, why = pcall(require, "openssl.rand")
if not found then
  error("aliyun.sas.emulator needs luaossl (LuaRocks: luaossl; Debian: lua-luaossl): "
    .. tostring(why):match("^[^\n]*"), 0)
end

local options = require "aliyun.sas.emulator.options"
local service = require "aliyun.sas.emulator.service"

local M = {}

---@class aliyun.sas.emulator.Key
---@field accessKeyId string
---@field accessKeySecret string
---@field securityToken? string
---@field expires? number   seconds since 1970, by the service's clock: the security token is good before
---@field inactive? boolean
---@field deny? string[]    operations that this key may not call, by the vendor's names

---@class aliyun.sas.emulator.Group
---@field id string|integer
---@field name string
---@field flag? 0|1         0 for the default group, otherwise 1
---@field machines? integer
---@field groups? aliyun.sas.emulator.Group[]

---@class aliyun.sas.emulator.Options
---@field accessKeys? aliyun.sas.emulator.Key[]
---@field now? fun(): number
---@field groups? aliyun.sas.emulator.Group[]
---@field aliUid? string
---@field firstId? number
---@field edition? "enterprise"|"ultimate"|"pro"|"antivirus"|"free"
---@field editionLimits? "status"|"all"
---@field editionError? "NoPermission"|"ServerError"
---@field omitted? "keep"|"clear"
---@field nameFilter? "exact"|"part"
---@field token? "hidden"|"shown"
---@field typePrefix? "online"|"pre"
---@field groupsAs? "strings"|"objects"
---@field idsAs? "numbers"|"strings"
---@field intervalUnit? "seconds"|"minutes"
---@field groupIdListAs? "json"|"comma"
---@field maxPageSize? number
---@field overPageSize? "clamp"|"error"
---@field maxChatbots? number
---@field missingDelete? "ok"|"error"
---@field missingUpdate? "error"|"ok"
---@field missingCode? "InvalidParameter"|"ServerError"
---@field statusAfterCreate? 1|0
---@field eventTypes? "any"|"documented"
---@field uniqueNames? boolean
---@field nameLength? "characters"|"bytes"
---@field sendUrlCheck? "url"|"none"|"dingtalk"
---@field emptyConfigList? "ok"|"error"
---@field emptyGroupIdList? "ok"|"error"
---@field unknownGroup? "ok"|"error"
---@field emptyNumber? "absent"|"error"
---@field unknownParameters? "ignored"|"refused"
---@field parameterCodes? "general"|"named"
---@field order? "oldest"|"newest"
---@field nonce? "required"|"optional"
---@field nonceBurnt? "signed"|"seen"
---@field nonceMemory? number
---@field readLag? number
---@field dateWindow? number
---@field rpcWindow? number

---@class aliyun.sas.emulator.FaultArgument
---@field value? number|string
---@field action? string    the only operation that is hit, by the vendor's name
---@field skip? integer     so many requests pass first
---@field commit? boolean   whether the service does the work
---@field status? integer   of an error that the service answers; also `code` and `message`
---@field code? string
---@field message? string

---@alias aliyun.sas.emulator.Argument number|string|aliyun.sas.emulator.FaultArgument

---@class aliyun.sas.emulator.Service
---@field send fun(request: table): table
---@field now fun(): number
---@field monotonic fun(): number
---@field boottime fun(): number, string
---@field sleep fun(seconds: number)
---@field handle fun(self, request: table): integer, table<string, string>, string
---@field fault fun(self, name: string, argument?: aliyun.sas.emulator.Argument, count?: integer)
---@field advance fun(self, seconds: number)
---@field chatbots fun(self): table[]
---@field requests fun(self): table[]
---@field reset fun(self)

--- Every setting for which the service's documentation shows an example, set as the example shows it.
---@type aliyun.sas.emulator.Options
M.documented = options.documented

local function made(name, ok, result)
  if not ok then error(("emulator.%s: %s"):format(name, tostring(result)), 3) end
  return result
end

--- An emulated account. Raises for an unknown or wrong option.
---@param settings? aliyun.sas.emulator.Options
---@return aliyun.sas.emulator.Service
function M.new(settings)
  return (made("new", pcall(service.new, settings)))
end

---@class aliyun.sas.emulator.ServeOptions
---@field options? aliyun.sas.emulator.Options  all but `now`, which cannot leave the process
---@field certificate? "good"|"wronghost"|"expired"|"selfsigned"|"otherca"
---@field tls? boolean        false: plain http
---@field port? integer       default: a free one
---@field folder? string      new, and removed at the end, or empty, and left (default: a temporary one)
---@field lifetime? number    seconds after which the server ends by itself (900)
---@field keepalive? number   seconds that an idle connection stays open (65)
---@field timeout? number     seconds to wait for the start and for each control answer (10)
---@field detached? boolean   the server outlives the process that started it, up to its lifetime
---@field nginx? string       path of the program

---@class aliyun.sas.emulator.Server
---@field endpoint string     "https://localhost:PORT"
---@field port integer
---@field caFile? string      the CA to trust; nil without TLS
---@field folder string
---@field stop fun(self)
---@field fault fun(self, name: string, argument?: aliyun.sas.emulator.Argument, count?: integer)
---@field advance fun(self, seconds: number)
---@field chatbots fun(self): table[]
---@field requests fun(self): table[]
---@field reset fun(self)

--- Starts nginx with an emulated account in it, on the loopback interface. Raises for an unknown or wrong setting,
-- where nginx or its Lua module is missing, and with nginx' own words where it does not start.
---@param settings? aliyun.sas.emulator.ServeOptions
---@return aliyun.sas.emulator.Server
function M.serve(settings)
  -- loaded here, since nobody who runs in process needs keys, certificates and a shell
  local server = require "aliyun.sas.emulator.server"
  return (made("serve", pcall(server.start, settings)))
end

return M
