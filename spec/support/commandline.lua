-- commandline.lua - runs the command line in this process, over an emulated account
-- SPDX-License-Identifier: MIT

local canary = require "spec.support.canary"
local cli = require "aliyun.sas.cli"
local emulator = require "aliyun.sas.emulator"

local commandline = {}

commandline.webhook = "https://oapi.dingtalk.com/robot/send?access_token=" .. canary.accessToken

-- An account, and what happens around the command line: `input` is what is typed, `terminal` whether somebody sits
-- there, `env` the environment, `broken` what writing answers
-- (`behind` so many that went well).
function commandline.new(options)
  local self = { service = emulator.new(options), env = { HOME = "/nonexistent" }, terminal = false, everything = {} }

  -- Runs it; answers the status, what it printed, and what it printed on the standard error.
  function self.run(...)
    local text, typed = { out = {}, err = {} }, 0
    local host = {
      settings = { transport = self.service, accessKeyId = "testid", accessKeySecret = "testsecret", regionId =
        not self.no_region and "cn-hangzhou" or nil },
      write = function(stream, piece)
        if self.broken and stream == "out" and #text.out >= (self.broken.behind or 0) then
          return nil, self.broken[1], self.broken[2]
        end
        table.insert(text[stream], piece)
        return true
      end,
      read = function()
        typed = typed + 1
        return self.input and self.input[typed]
      end,
      readall = function() return self.input and table.concat(self.input, "\n") end,
      is_terminal = function() return self.terminal end,
      columns = function() return self.terminal and (self.columns or 80) or nil end,
      getenv = function(name) return self.env[name] end,
      hold = function() end,
      interrupted = function() return 2 end,
      sleep = function() end,
    }
    local status = cli.main({ ... }, host)
    local out, err = table.concat(text.out), table.concat(text.err)
    table.insert(self.everything, out .. err)
    return status, out, err
  end

  -- All that was printed by all runs.
  function self.printed()
    return table.concat(self.everything)
  end

  return self
end

return commandline
