-- texts.lua - all texts in a value, keys too, joined for a search
-- SPDX-License-Identifier: MIT

local function texts_of(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  local texts = { tostring(value) }
  for key, item in pairs(value) do
    texts[#texts + 1] = texts_of(key) .. "=" .. texts_of(item)
  end
  return table.concat(texts, "\n")
end

return texts_of
