-- in_lanes.lua - what lanes_nginx_spec.lua has a worker do
-- SPDX-License-Identifier: MIT
-- luacheck: globals ngx

local account = require "spec.support.account"
local lanes = require "aliyun.sas.lanes"
local sas = require "aliyun.sas"
local system = require "aliyun.sas.system"

local M = {}

--- An apply of so many chatbots: how many results of each action, and the seconds that it took.
function M.apply(endpoint, count, options)
  local client = sas.new {
    endpoint = endpoint, accessKeyId = "testid", accessKeySecret = "testsecret", store = sas.store.memory(),
  }
  local list = {}
  for i = 1, count do
    list[i] = account.chatbot { RuleActionName = ("watch %03d"):format(i), Status = "on" }
  end
  local plan = assert(client:plan(list))
  local start = system.monotonic()
  local report = assert(client:apply(plan, options))
  client:close()
  return report.summary, system.monotonic() - start
end

local function state()
  return { transport = {}, monotonic = system.monotonic, sleep = ngx.sleep }
end

--- Jobs that sleep: how they ended, the most at a time, and what was raised where `done` raises behind the first.
function M.jobs(count, concurrency, is_raising)
  local ended, busy, most = {}, 0, 0
  local function all()
    local jobs = {}
    for i = 1, count do
      jobs[i] = i
    end
    lanes.run(state(), { concurrency = concurrency }, jobs, function(own, job)
      busy = busy + 1
      most = math.max(most, busy)
      own.sleep(0.1)
      busy = busy - 1
      assert(job ~= 3, "job 3 raises")
      return job
    end, function(job, good)
      ended[#ended + 1] = job .. (good and "" or "!")
      assert(not is_raising, "done raises")
    end)
  end
  local good, why = pcall(all)
  table.sort(ended)
  return table.concat(ended, " "), most, not good and tostring(why) or nil
end

--- The same below a function of C, where nothing can wait.
function M.below()
  local texts = {}
  table.sort({ 2, 1 }, function(a, b)
    if not texts[1] then
      local told = {}
      lanes.run(state(), { concurrency = 4 }, { 1, 2 }, function(own) own.sleep(0.01) end, function(_, good)
        told[#told + 1] = tostring(good)
      end)
      texts[1] = table.concat(told, " ")
    end
    return a < b
  end)
  return texts[1]
end

return M
