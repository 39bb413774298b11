-- src/encode.c through aliyun.sas.core: percent, hex, base64, UTF-8.

local core = require "aliyun.sas.core"

local function all_bytes()
  local bytes = {}
  for i = 0, 255 do
    bytes[i + 1] = string.char(i)
  end
  return table.concat(bytes)
end

describe("percent", function()
  it("leaves the unreserved characters and no other byte", function()
    local raw = core.percent(all_bytes()):gsub("%%%x%x", "")
    assert.equal("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~", raw)
  end)

  local rows = {
    { " ", "%20" }, { "+", "%2B" }, { "*", "%2A" }, { "~", "~" }, { "/", "%2F" }, { "%", "%25" }, { "", "" },
    { "\0", "%00" }, { "中", "%E4%B8%AD" }, { "\255", "%FF" }, { "a=b&c", "a%3Db%26c" },
  }
  for _, row in ipairs(rows) do
    it(("writes %q"):format(row[1]), function()
      assert.equal(row[2], core.percent(row[1]))
    end)
  end

  it("can be read back", function()
    local decoded = core.percent(all_bytes()):gsub("%%(%x%x)", function(hex)
      return string.char(tonumber(hex, 16))
    end)
    assert.equal(all_bytes(), decoded)
  end)

  it("does not depend on the locale", function()
    local before = os.setlocale()
    os.setlocale ""
    assert.equal("%C3%A9", core.percent "é")
    os.setlocale(before)
  end)

  it("refuses what is no string", function()
    for _, value in ipairs { 1, true, {} } do
      assert.has_error(function() core.percent(value) end)
    end
    assert.has_error(function() core.percent(nil) end)
  end)

  it("refuses a text that would grow over its maximum", function()
    assert.has_error(function() core.percent((" "):rep(32 * 1024 * 1024)) end)
  end)
end)

describe("hex and base64", function()
  local rows = {
    { "", "", "" }, { "f", "66", "Zg==" }, { "fo", "666f", "Zm8=" }, { "foo", "666f6f", "Zm9v" },
    { "foob", "666f6f62", "Zm9vYg==" }, { "fooba", "666f6f6261", "Zm9vYmE=" }, { "foobar", "666f6f626172", "Zm9vYmFy" },
    { "\0\255\0", "00ff00", "AP8A" }, { "\251\255\254", "fbfffe", "+//+" },
  }
  for _, row in ipairs(rows) do
    it(("write %q"):format(row[1]), function()
      assert.equal(row[2], core.hex(row[1]))
      assert.equal(row[3], core.base64(row[1]))
    end)
  end
end)

describe("sha256", function()
  it("is that of FIPS 180-4", function()
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", core.sha256 "")
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", core.sha256 "abc")
    assert.equal("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", core.sha256(("a"):rep(1000000)))
  end)
end)

describe("utf8", function()
  local counted = {
    { "", 0 }, { "abc", 3 }, { "é", 1 }, { "中文", 2 }, { "\240\159\152\128", 1 }, { "a\0b", 3 },
    { "\239\187\191", 1 }, { "\244\143\191\191", 1 }, { "\237\159\191", 1 }, { "\238\128\128", 1 },
  }
  for _, row in ipairs(counted) do
    it(("counts %q"):format(row[1]), function()
      assert.equal(row[2], core.utf8(row[1]))
    end)
  end

  local refused = {
    ["a lone tail"] = "\128", ["a lone lead"] = "\195", ["a bad tail"] = "\195\40", ["an overlong slash"] = "\192\175",
    ["an overlong NUL"] = "\192\128", ["three bytes overlong"] = "\224\128\175", ["a surrogate"] = "\237\160\128",
    ["four bytes overlong"] = "\240\128\128\175", ["above U+10FFFF"] = "\244\144\128\128",
    ["five bytes"] = "\248\136\128\128\128",
    ["a cut tail"] = "abc\228\184", ["0xFE"] = "\254", ["0xFF"] = "\255", ["a good start"] = "good\128",
  }
  for name, text in pairs(refused) do
    it("refuses " .. name, function()
      assert.is_nil(core.utf8(text))
    end)
  end
end)

describe("nonce", function()
  it("is 16 random bytes in hex, and never the same", function()
    local seen = {}
    for _ = 1, 2000 do
      local nonce = core.nonce()
      assert.is_truthy(nonce:match("^" .. ("%x"):rep(32) .. "$"))
      assert.is_nil(seen[nonce])
      seen[nonce] = true
    end
  end)
end)

describe("encode", function()
  local function deep(levels)
    return levels > 0 and { deep(levels - 1) } or 1
  end

  local good = {
    { "a text", '"a text"' }, { 'a"b\\c\n', [["a\"b\\c\u000a"]] }, { "中", '"中"' }, { true, "true" },
    { false, "false" }, { 0, "0" }, { -7, "-7" }, { 1708416000, "1708416000" }, { 99999999999999, "99999999999999" },
    { {}, "{}" }, { { 1, "b", { true } }, '[1,"b",[true]]' }, { { b = 1, a = { c = {} } }, '{"a":{"c":{}},"b":1}' },
    { { ["\1"] = "x" }, [[{"\u0001":"x"}]] },
  }
  for _, row in ipairs(good) do
    it("writes " .. row[2], function()
      assert.equal(row[2], core.encode(row[1]))
      assert.same(row[1], core.json("[" .. row[2] .. "]")[1])
    end)
  end

  local shared = { 1 }
  it("writes a table that stands in two places, and no deeper than it can be read", function()
    assert.equal('{"a":[1],"b":[1]}', core.encode { a = shared, b = shared })
    assert.has_error(function() core.encode(deep(40)) end)
  end)

  local cycle = {}
  cycle.cycle = cycle
  local bad = {
    ["a fraction"] = 1.5, ["NaN"] = 0 / 0, ["infinity"] = 1 / 0, ["2^60 as a float"] = 2 ^ 60,
    ["a function"] = print, ["a list with a hole"] = { 1, nil, 3 }, ["numeric and text keys"] = { 1, a = 2 },
    ["a boolean key"] = { [true] = 1 }, ["a text that is not UTF-8"] = "\255",
    ["a key that is not UTF-8"] = { ["\255"] = 1 },
    ["a cycle"] = cycle, ["a proxy"] = setmetatable({}, { __index = {} }), ["a userdata"] = io.stdout,
    ["a bad value inside"] = { a = { b = { 1.5 } } },
  }
  for name, value in pairs(bad) do
    it("refuses " .. name, function()
      local good_value, message = pcall(core.encode, value)
      assert.is_false(good_value)
      assert.matches("no JSON: ", message)
    end)
  end

  it("refuses nothing, and nil", function()
    assert.has_error(function() core.encode() end)
    assert.has_error(function() core.encode(nil) end)
  end)
end)

describe("a number that no Lua can hold", function()
  for text, place in pairs {
    ["1e999"] = 1, ["[-1e999]"] = 2, ['{"a":"1e999",\n"b":[0, 1.5, 1e999],\n"c":1e999}'] = 28, ["[1e308,1e309]"] = 8,
  } do
    it("is refused with its place: " .. text, function()
      local value, err = core.json(text)
      assert.is_nil(value)
      assert.equal("is not JSON: a number out of range at byte " .. place, err.problems[1].message)
    end)
  end
end)
