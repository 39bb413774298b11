--- "Did you mean": the nearest of many words, for the first hundred that are looked for. Each costs a comparison with
--- all of the many, and more than that are no slips.

local core = require "aliyun.sas.core"

local MOST = 100

--- Makes a function that answers the nearest of the words, or nil.
---@param words string[]
---@return fun(word: string): string?
return function(words)
  local sought = 0
  return function(word)
    sought = sought + 1
    return sought <= MOST and core.suggest(word, words) or nil
  end
end
