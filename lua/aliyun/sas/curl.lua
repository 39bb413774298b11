--- The blocking transport over libcurl, in the form of the transport contract.

local curl = {}

--- What this transport can honour beside the settings of every transport.
curl.settings = { caFile = true, proxy = true }

--- Makes the transport of one client; libcurl is loaded here and initialised at the first send.
---@param settings {caFile: string?, proxy: string|boolean|nil}
---@return aliyun.sas.transport
function curl.new(settings)
  local handle = require "aliyun.sas.http".new { caFile = settings.caFile, proxy = settings.proxy }
  return {
    blocking = true, -- the thread stands still meanwhile
    send = function(request)
      return handle:send(request)
    end,
    start = function(request)
      return handle:start(request)
    end,
    poll = function(seconds)
      return handle:poll(seconds)
    end,
    close = function()
      handle:close()
    end,
  }
end

return curl
