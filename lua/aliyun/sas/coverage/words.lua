--- How the terminal and the page say what they both show.

local words = {}

local NOTES = {
  type = "unknown type", key = "unknown key of %s", value = "unknown value of %s",
  spelling = "spelling of %s that is tied to no value", group = "no such group in this account",
}

--- What a word of a chatbot is that is not counted.
---@param word {kind: string, path: string}
function words.note(word)
  local place = word.path:gsub("^ConfigList%.", "") -- one of two answers
  return NOTES[word.kind]:format(place)
end

--- What "unclear" means, since it is not the chatbots' fault.
words.unclear = "Unclear is what the documentation leaves open: a key that a chatbot leaves out of a type, "
  .. "no ConfigList or GroupIdList, and the groups below a group that is listed. It is not counted as heard."

--- What a hole is about: "suspicious: item_level serious".
---@param hole aliyun.sas.coverage.hole
function words.what(hole)
  if not hole.type then
    return "every alert"
  end
  local parts = {}
  for i, condition in ipairs(hole.conditions) do
    parts[i] = condition.key .. " " .. table.concat(condition.values, ", ")
  end
  return #parts == 0 and hole.type .. ": all of it" or hole.type .. ": " .. table.concat(parts, " with ")
end

--- The names of a list, so many of them, and how many more there are.
---@param list {name: string}[]
---@param most integer
function words.names(list, most)
  local names = {}
  for i, row in ipairs(list) do
    if i > most then
      return table.concat(names, ", ") .. (" and %d more"):format(#list - most)
    end
    names[i] = row.name
  end
  return table.concat(names, ", ")
end

--- The groups of a hole or a value; two words where they are all.
---@param data aliyun.sas.coverage.data
function words.groups(data, list, most)
  return #list == #data.groups and "every group" or words.names(list, most)
end

--- The groups in which not all is heard, and how many others there are.
---@param data aliyun.sas.coverage.data
---@return aliyun.sas.coverage.group_row[] lacking, integer complete
function words.lacking(data)
  local lacking = {}
  for _, group in ipairs(data.groups) do
    lacking[#lacking + 1] = group.state ~= "covered" and group or nil
  end
  return lacking, #data.groups - #lacking
end

return words
