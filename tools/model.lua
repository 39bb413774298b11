-- model.lua - the schedules of one process, for tools/model
-- SPDX-License-Identifier: MIT
--
-- usage: lua tools/model.lua FIRST_SEED COUNT

local model = require "spec.support.model"

local endings, violations = model.many(tonumber(arg[1]), tonumber(arg[2]))
for ending, count in pairs(endings) do
  print(("ending %s %d"):format(ending, count))
end
for _, text in ipairs(violations) do
  print(text)
end
