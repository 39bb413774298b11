--- Whether a chatbot is enabled: as a word where it is declared and shown, as a number at the service.

local core = require "aliyun.sas.core"

local status = {}

local NUMBERS = { on = 1, off = 0 }

--- The number that modifyDingTalkStatus takes for "on" or "off"; nil for anything else.
---@param word any
---@return 0|1|nil
function status.number(word)
  return NUMBERS[word]
end

--- The word for a Status as the service shows it; nil where it does not.
---@param value any
---@return "on"|"off"|nil
function status.word(value)
  local text = value ~= nil and tostring(value):gsub("%.0$", "") or nil
  return text == "1" and "on" or text == "0" and "off" or nil
end

--- What is wrong with a declared Status; nil where nothing is, or none is declared.
---@param value any
---@return string? message, string? hint
function status.wrong(value)
  if value == nil or NUMBERS[value] then
    return nil
  end
  local hint
  if value == true or value == 1 then
    hint = 'write "on"'
  elseif value == false or value == 0 then
    hint = 'write "off"'
  elseif type(value) == "string" and #value < 16 then
    local near = core.suggest(value, { "on", "off" })
    hint = near and ("did you mean %s?"):format(near) or nil
  end
  return 'is neither "on" nor "off"', hint
end

return status
