--- The webhooks of a plan, kept beside it and never in it: a plan is printed, written down and sent around.
--
-- Kept for as long as the plan is. One that was read back from JSON has none; the webhooks that stand in the
-- environment or in files are found again then.

local webhook = require "aliyun.sas.webhook"

local literals = {}

local kept = setmetatable({}, { __mode = "k" })

--- Keeps the webhooks of declared items, by their index.
---@param made aliyun.sas.plan
---@param items aliyun.sas.declaredItem[]
function literals.keep(made, items)
  local urls = {}
  for _, item in ipairs(items) do
    urls[item.index] = { url = item.wish.SendUrl, text = webhook.text(item.declared) }
  end
  kept[made] = urls
end

--- The webhook of an entry, where this process planned it, and the entry still has the one that was planned.
---@return string?
function literals.of(made, entry)
  local found = kept[made] and kept[made][entry.index]
  return found and found.text == webhook.text(entry.wish.SendUrl) and found.url or nil
end

return literals
