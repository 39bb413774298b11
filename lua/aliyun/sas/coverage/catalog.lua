--- The catalog as coverage counts it: for each type of alert the values of its keys, and every combination of them.
--
-- An alert has one value for each key of its type, so what somebody must hear are combinations. "all" is a way to
-- write values, no value; it is kept only for a key that documents nothing else.

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local catalog = {}

-- Far above the documented catalog, which has 42 for its largest type.
local MAX_COMBINATIONS = 5000

---@class aliyun.sas.coverage.key
---@field key string
---@field meaning string
---@field values {value: string, meaning: string}[] without "all"
---@field words table<string, integer> the places of values by how they may be written
---@field lowered table<string, integer> the same in small letters
---@field spellings table<string, true> known words that are tied to no value

---@class aliyun.sas.coverage.type
---@field name string the tail, "vul"
---@field meaning string
---@field keys aliyun.sas.coverage.key[]
---@field combinations integer[][] for each key the place of a value

--- The name of a type without either of its documented prefixes.
---@param name string
---@return string
function catalog.tail(name)
  local prefix, tail = name:match "^sas_analysis_(%a+)%-sas%-operation%-log%-sas%-event%-(.+)$"
  return (prefix == "online" or prefix == "pre") and tail or name
end

-- The places of values by each of their words. The documented catalog gives a kind of alert its Chinese name as its
-- meaning; other spellings it ties to no value, so they are not taken for one.
local function words_of(values, spellings)
  local known, words, lowered = {}, {}, {}
  for _, word in ipairs(spellings or {}) do
    known[word] = true
  end
  for place, row in ipairs(values) do
    words[row.value], lowered[row.value:lower()] = place, place
    if known[row.meaning] then
      words[row.meaning] = place
    end
  end
  return words, lowered, known
end

local function read_key(row)
  local values = {}
  for _, value in ipairs(row.values) do
    if value.value ~= "all" then
      values[#values + 1] = { value = value.value, meaning = value.meaning or "" }
    end
  end
  if #values == 0 then
    values[1] = { value = "all", meaning = row.values[1] and row.values[1].meaning or "" }
  end
  local words, lowered, spellings = words_of(values, row.spellings)
  return {
    key = row.key, meaning = row.meaning or "", values = values, words = words, lowered = lowered,
    spellings = spellings,
  }
end

-- Answers nil where there are too many.
local function combinations_of(keys)
  local list = { {} }
  for k, key in ipairs(keys) do
    if #list * #key.values > MAX_COMBINATIONS then
      return nil
    end
    local longer = {}
    for _, start in ipairs(list) do
      for place = 1, #key.values do
        local combination = { unpack(start) }
        combination[k] = place
        longer[#longer + 1] = combination
      end
    end
    list = longer
  end
  return list
end

-- The result of DescribeDataSource in the form of sas.catalog().
local function from_live(live)
  local list = {}
  for i, data in ipairs(live.MetaDatas) do
    local keys = {}
    for k, field in ipairs(data.MetaDataFields) do
      local values = {}
      for sample in field.Sample:gmatch "[^;]+" do
        local value, label = sample:match "^([^:]*):?(.*)$"
        values[#values + 1] = { value = value, meaning = label }
      end
      keys[k] = { key = field.Filed, meaning = field.FiledName, values = values }
    end
    list[i] = { name = catalog.tail(data.DataSourceName), meaning = data.Description, keys = keys }
  end
  return list
end

local function read_type(row)
  local keys = {}
  for k, key in ipairs(row.keys) do
    keys[k] = read_key(key)
  end
  local combinations = combinations_of(keys)
  if not combinations then
    error("the type " .. row.name .. " has more than " .. MAX_COMBINATIONS .. " combinations of values", 0)
  end
  return { name = row.name, meaning = row.meaning or "", keys = keys, combinations = combinations }
end

--- Reads `sas.catalog()` or the result of `client:describeDataSource()`. Nil and what is wrong where it is neither.
---@param given table
---@return aliyun.sas.coverage.type[]? types, string? wrong
function catalog.read(given)
  local good, result = pcall(function()
    local types = {}
    for i, row in ipairs(given.MetaDatas and from_live(given) or given) do
      types[i] = read_type(row)
    end
    return types
  end)
  if not good then
    local too_many = tostring(result):match "^the type .*"
    return nil, too_many or "is neither sas.catalog() nor the result of describeDataSource"
  elseif #result == 0 then
    return nil, "has no types"
  end
  return result
end

return catalog
