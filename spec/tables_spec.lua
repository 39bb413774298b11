-- The tables of the C core against those of the emulator, which were written from the documentation by themselves.

local core = require "aliyun.sas.core"
local tables = require "aliyun.sas.emulator.tables"

-- What a word of the emulator's tables is called in the core's.
local CHECKS = { url = "url", config = "config", groups = "groups", ids = "ids" }

local function by_name(list, field)
  local named = {}
  for _, item in ipairs(list) do
    named[item[field]] = item
  end
  return named
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

describe("the operations", function()
  local ours = by_name(core.operations(), "action")

  it("are the same", function()
    assert.same(sorted_keys(tables.operations), sorted_keys(ours))
  end)

  for action, theirs in pairs(tables.operations) do
    describe(action, function()
      local parameters = by_name(ours[action].parameters, "name")

      it("has the same RAM action", function()
        assert.equal(theirs.ram, ours[action].ramAction)
      end)

      it("has the same class (a test message is a create of its own kind)", function()
        local class = ours[action].class
        assert.equal(theirs.class, class == "test" and "create" or class)
      end)

      it("is called by its name with the first letter lowered", function()
        assert.equal(action:sub(1, 1):lower() .. action:sub(2), ours[action].method)
        assert.equal("function", type(core[ours[action].method]))
      end)

      it("has the same parameters", function()
        assert.same(sorted_keys(by_name(theirs.parameters, "name")), sorted_keys(parameters))
      end)

      for _, parameter in ipairs(theirs.parameters) do
        it("agrees about " .. parameter.name, function()
          local mine = parameters[parameter.name]
          assert.equal(parameter.required or false, mine.required)
          if parameter.check then
            assert.equal(CHECKS[parameter.check], mine.type)
          end
          if parameter.shortest then
            assert.equal(parameter.shortest, mine.min)
            assert.equal(parameter.longest, mine.max)
          end
          if parameter.minimum then
            assert.equal(tonumber(parameter.minimum), mine.min)
          end
          if parameter.values and mine.words then
            assert.same(parameter.values, mine.words)
          elseif parameter.values then -- numbers
            assert.equal(tonumber(parameter.values[1]), mine.min)
            assert.equal(tonumber(parameter.values[#parameter.values]), mine.max)
          end
        end)
      end
    end)
  end
end)

describe("the catalog", function()
  local ours = core.catalog()

  it("has the same types in the same order", function()
    for i, theirs in ipairs(tables.catalog) do
      assert.equal(theirs.tail, ours[i].name)
      assert.equal(tables.prefixes.online .. tables.stem .. theirs.tail, ours[i].type)
    end
    assert.equal(#tables.catalog, #ours)
  end)

  it("has the same keys and values in the same order", function()
    for i, theirs in ipairs(tables.catalog) do
      assert.equal(#theirs.keys, #ours[i].keys)
      for j, key in ipairs(theirs.keys) do
        local values = {}
        for k, value in ipairs(ours[i].keys[j].values) do
          values[k] = value.value
        end
        assert.equal(key.key, ours[i].keys[j].key)
        if not key.free then
          assert.same(key.values, values)
        end
      end
    end
  end)

  it("knows every spelling of the event types", function()
    local key = ours[3].keys[2]
    local known = {}
    for _, value in ipairs(key.values) do
      known[value.value] = true
    end
    for _, spelling in ipairs(key.spellings) do
      known[spelling] = true
    end
    for i, names in ipairs(tables.eventTypes) do
      assert.equal(names[1], key.values[i + 1].value)
      for _, name in ipairs(names) do
        assert.is_true(known[name], name)
      end
    end
  end)

  it("gives every word a meaning", function()
    for _, type in ipairs(ours) do
      for _, key in ipairs(type.keys) do
        assert.is_true(#key.meaning > 0)
        for _, value in ipairs(key.values) do
          assert.is_true(#value.meaning > 0, value.value)
        end
      end
    end
  end)
end)
