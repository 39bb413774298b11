-- The ConfigList: built, checked, written, read back, compared.

local core = require "aliyun.sas.core"
local sas = require "aliyun.sas"

local ONLINE = "sas_analysis_online-sas-operation-log-sas-event-"
local PRE = "sas_analysis_pre-sas-operation-log-sas-event-"

-- What the API page of CreateOrUpdateDingTalk documents, written down here once more.
local DOCUMENTED = {
  { "vul", { { "type", "all", "cms", "oval", "sys", "emg" }, { "necessity", "all", "asap", "later", "nntf" } } },
  { "hc", { { "item_level", "all", "high", "medium", "low" } } },
  { "suspicious", {
    { "item_level", "all", "serious", "suspicious", "remind" },
    { "event_type", "all", "Suspicious process", "Webshell", "Unusual logon", "Exception", "Sensitive file tampering",
      "Malicious process (cloud threat detection)", "Unusual network connection", "Others", "Abnormal account",
      "Application intrusion event", "Cloud threat detection", "Precision defense", "Application whitelist",
      "Persistent webshell" },
  } },
  { "ak-leakage", { { "type", "all" } } },
  { "honeypot", { { "item_level", "all", "high", "medium", "low" } } },
  { "rasp", { { "item_level", "all", "high", "medium", "low" } } },
}

-- Every other spelling of an event type that some page of the vendor has.
local SPELLINGS = {
  "进程异常行为", "网站后门", "异常登录", "异常事件", "敏感文件篡改", "恶意进程（云查杀）", "异常网络连接", "其他", "异常账号",
  "应用入侵事件", "云产品威胁检测", "精准防御", "应用白名单", "持久化后门",
  "Suspicious Process", "Unusual Logon", "Malicious Software", "Sensitive File Tampering",
  "Unusual Network Connection", "Other", "Suspicious Account", "Application Whitelist", "Persistence",
  "Web Application Threat Detection", "Malicious scripts", "Malicious Network Activity", "K8s Abnormal Behavior",
  "Website backdoor (local engine)", "Exploit", "Image Scan",
  "Suspicious network connection", "Suspicious account", "Precise defense",
  "Web application threat detection", "Web应用威胁检测", "Malicious script", "恶意脚本", "Threat intelligence", "威胁情报",
  "Malicious network activity", "恶意网络行为", "Cluster exception", "容器集群异常", "Webshell (on-premises)",
  "网站后门（本地查杀）", "Vulnerability exploitation", "漏洞利用", "Malicious process (on-premises)",
  "恶意进程（本地查杀）", "Trusted exception", "可信异常",
}

local function json_list(values)
  return '["' .. table.concat(values, '","') .. '"]'
end

-- The text of one type with one key, as the service wants it.
local function one(kind, key, values, prefix)
  return ('[{"type":"%s%s","configItemList":[{"key":"%s","valueList":%s}]}]'):format(prefix or ONLINE, kind, key,
    json_list(values))
end

local function each(visit)
  for _, entry in ipairs(DOCUMENTED) do
    for _, key in ipairs(entry[2]) do
      for i = 2, #key do
        visit(entry[1], key[1], key[i])
      end
    end
  end
end

local function raised(f, ...)
  local good, err = pcall(f, ...)
  assert.is_false(good, "nothing was raised")
  return err
end

-- The one problem of an argument error.
local function problem_of(f, ...)
  local err = raised(f, ...)
  assert.equal("table", type(err), tostring(err))
  assert.equal("argument", err.kind)
  assert.is_false(err.sent)
  assert.is_false(err.retryable)
  assert.equal(1, #err.problems, tostring(err))
  assert.is_true(#err.problems[1].message <= 200)
  return err.problems[1], err
end

describe("sas.config builds", function()
  it("every documented value, byte for byte", function()
    each(function(kind, key, value)
      local text = one(kind, key, { value })
      assert.equal(text, tostring(sas.config { [kind] = { [key] = { value } } }))
      assert.equal(text, tostring(sas.config { [ONLINE .. kind] = { [key] = { value } } }))
      assert.equal(text, tostring(sas.config():add(kind, { [key] = { value } })))
    end)
  end)

  it("every spelling of event_type unchanged", function()
    for _, spelling in ipairs(SPELLINGS) do
      assert.equal(one("suspicious", "event_type", { spelling }),
        tostring(sas.config { suspicious = { event_type = { spelling } } }))
    end
  end)

  it("the example of the design", function()
    local config = sas.config {
      vul = { type = { "cms", "emg" }, necessity = "asap" }, suspicious = "all", ["ak-leakage"] = "all",
    }
    assert.equal('[{"type":"' .. ONLINE .. 'vul","configItemList":[{"key":"type","valueList":["cms","emg"]},'
      .. '{"key":"necessity","valueList":["asap"]}]},'
      .. '{"type":"' .. ONLINE .. 'suspicious","configItemList":[{"key":"item_level","valueList":["all"]},'
      .. '{"key":"event_type","valueList":["all"]}]},'
      .. '{"type":"' .. ONLINE .. 'ak-leakage","configItemList":[{"key":"type","valueList":["all"]}]}]',
      tostring(config))
  end)

  local rows = {
    { "nothing", {}, "[]" },
    { "catalog order of values", { hc = { item_level = { "low", "high" } } },
      one("hc", "item_level", { "high", "low" }) },
    { "no duplicates", { hc = { item_level = { "low", "low", "low" } } }, one("hc", "item_level", { "low" }) },
    { "all alone, first", { hc = { item_level = { "all", "low" } } }, one("hc", "item_level", { "all" }) },
    { "all alone, last", { hc = { item_level = { "high", "low", "all" } } }, one("hc", "item_level", { "all" }) },
    { "a string for a list of one", { hc = { item_level = "low" } }, one("hc", "item_level", { "low" }) },
    { "all keys of a type", { hc = "all" }, one("hc", "item_level", { "all" }) },
    { "a spelling behind the documented words", { suspicious = { event_type = { "其他", "Webshell", "Other" } } },
      one("suspicious", "event_type", { "Webshell", "Other", "其他" }) },
    { "the other prefix as it is", { [PRE .. "hc"] = "all" }, one("hc", "item_level", { "all" }, PRE) },
    { "the API's array", { { type = ONLINE .. "hc",
      configItemList = { { key = "item_level", valueList = { "low" } } } } },
      one("hc", "item_level", { "low" }) },
    { "the API's array with a tail", { { type = "hc",
      configItemList = { { key = "item_level", valueList = { "low" } } } } },
      one("hc", "item_level", { "low" }) },
  }
  for _, row in ipairs(rows) do
    it(row[1], function()
      assert.equal(row[3], tostring(sas.config(row[2])))
    end)
  end

  it("the same bytes whatever the order of insertion", function()
    local names = { "rasp", "vul", "honeypot", "hc", "ak-leakage", "suspicious" }
    local first
    for shift = 1, #names do
      local config = sas.config()
      for i = 1, #names do
        config:add(names[(i + shift) % #names + 1], "all")
      end
      first = first or tostring(config)
      assert.equal(first, tostring(config))
      assert.equal(first, tostring(config))
    end
    local last = 0
    for _, entry in ipairs(DOCUMENTED) do
      local at = first:find(ONLINE .. entry[1] .. '"', 1, true)
      assert.is_true(at > last)
      last = at
    end
  end)

  it("a config from a config, as a copy", function()
    local config = sas.config { hc = "all" }
    local copy = sas.config(config)
    copy:remove "hc"
    assert.equal(one("hc", "item_level", { "all" }), tostring(config))
    assert.equal("[]", tostring(copy))
  end)

  it("step by step: add answers the config and joins values", function()
    local config = sas.config()
    assert.equal(config, config:add("hc", { item_level = { "low" } }):add("hc", { item_level = { "high" } }))
    assert.equal(one("hc", "item_level", { "high", "low" }), tostring(config))
    assert.equal("[]", tostring(config:remove "hc"))
  end)

  it("and removes by either name, also what is not there", function()
    assert.equal("[]", tostring(sas.config { hc = "all" }:remove(ONLINE .. "hc")))
    assert.equal("[]", tostring(sas.config { hc = "all" }:remove(PRE .. "hc")))
    assert.equal("[]", tostring(sas.config():remove "vul"))
  end)

  it("table() answers the short form, which builds the same again", function()
    local given = { vul = { type = { "cms", "emg" }, necessity = { "asap" } }, hc = { item_level = { "all" } } }
    local config = sas.config(given)
    assert.same(given, config:table())
    assert.is_true(sas.config(config:table()) == config)
    assert.same({}, sas.config():table())
    assert.same({ [PRE .. "hc"] = { item_level = { "all" } } }, sas.config { [PRE .. "hc"] = "all" }:table())
  end)

  it("and leaves the tables that it was given alone", function()
    local values = { "low", "high", "low" }
    tostring(sas.config { hc = { item_level = values } })
    assert.same({ "low", "high", "low" }, values)
  end)
end)

describe("sas.catalog", function()
  it("lists what the API page documents, and the spellings", function()
    local seen = {}
    for i, entry in ipairs(sas.catalog()) do
      assert.equal(DOCUMENTED[i][1], entry.name)
      assert.equal(ONLINE .. entry.name, entry.type)
      assert.equal(#DOCUMENTED[i][2], #entry.keys)
      for j, key in ipairs(entry.keys) do
        local words = { key.key }
        for _, word in ipairs(key.values) do
          words[#words + 1] = word.value
          assert.is_true(#word.meaning > 0)
        end
        assert.same(DOCUMENTED[i][2][j], words)
        for _, spelling in ipairs(key.spellings or {}) do
          seen[spelling] = entry.name .. "." .. key.key
        end
      end
    end
    for _, spelling in ipairs(SPELLINGS) do
      assert.equal("suspicious.event_type", seen[spelling], spelling)
    end
  end)

  it("is a fresh table each time", function()
    sas.catalog()[1].keys[1].values[1].value = "spoilt"
    assert.equal("all", sas.catalog()[1].keys[1].values[1].value)
  end)
end)

describe("two configs", function()
  local api = { { type = PRE .. "hc", configItemList = { { key = "item_level", valueList = { "low", "high" } } } } }
  local rows = {
    { "in another order", { hc = { item_level = { "low", "high" } } }, { hc = { item_level = { "high", "low" } } },
      true },
    { "with duplicates", { hc = { item_level = { "low", "low" } } }, { hc = { item_level = "low" } }, true },
    { "with the other prefix", { [PRE .. "hc"] = "all" }, { hc = "all" }, true },
    { "from both forms", api, { hc = { item_level = { "high", "low" } } }, true },
    { "both empty", {}, {}, true },
    { "with all and all besides", { hc = { item_level = { "all", "low" } } }, { hc = "all" }, true },
    { "with another value", { hc = { item_level = "low" } }, { hc = { item_level = "high" } }, false },
    { "with a value more", { hc = { item_level = { "low", "high" } } }, { hc = { item_level = "low" } }, false },
    { "with a key more", { vul = { type = "all", necessity = "all" } }, { vul = { type = "all" } }, false },
    { "with another key", { vul = { necessity = "all" } }, { vul = { type = "all" } }, false },
    { "with a type more", { hc = "all", rasp = "all" }, { hc = "all" }, false },
    { "with another type", { hc = "all" }, { rasp = "all" }, false },
    { "all and every value", { hc = { item_level = { "high", "medium", "low" } } }, { hc = "all" }, false },
    { "one empty", { hc = "all" }, {}, false },
    { "with two spellings", { suspicious = { event_type = "Other" } }, { suspicious = { event_type = "Others" } },
      false },
  }
  for _, row in ipairs(rows) do
    it(row[1] .. (row[4] and " are equal" or " differ"), function()
      local a, b = sas.config(row[2]), sas.config(row[3])
      assert.equal(row[4], a == b)
      assert.equal(row[4], b == a)
      assert.equal(row[4], sas.config.parse(tostring(a)) == b)
      assert.is_true(a == sas.config.parse(tostring(a)))
    end)
  end

  it("of unknown types are equal across prefixes, in any order", function()
    local function config(prefix, first, second)
      return sas.config({ [prefix .. first] = { k = "v" }, [prefix .. second] = { k = "v" } }, { unchecked = true })
    end
    assert.is_true(config(ONLINE, "zzz", "aaa") == config(PRE, "aaa", "zzz"))
    assert.is_false(config(ONLINE, "zzz", "aaa") == config(PRE, "aaa", "zzy"))
  end)

  it("and something else differ", function()
    for _, other in ipairs { 1, "x", {}, io.stdout } do
      assert.is_false(sas.config() == other)
    end
  end)
end)

describe("sas.config.parse", function()
  local kept = {
    { "an empty array", "[]" },
    { "the other prefix", one("hc", "item_level", { "high", "low" }, PRE) },
    { "an unknown type", one("k8s", "item_level", { "high" }) },
    { "an unknown type without a prefix", '[{"type":"x","configItemList":[{"key":"k","valueList":["v"]}]}]' },
    { "an unknown key", one("hc", "level_item", { "high" }) },
    { "an unknown value", one("hc", "item_level", { "extreme" }) },
    { "an unknown event type", one("suspicious", "event_type", { "新的告警类型" }) },
    { "a quote and a backslash", one("hc", "item_level", { 'a\\"b\\\\c' }) },
    { "a slash, unescaped", one("hc", "item_level", { "a/b" }) },
    { "an empty list of values", one("hc", "item_level", {}):gsub('%[""%]', "[]") },
    { "an empty list of keys", '[{"type":"' .. ONLINE .. 'hc","configItemList":[]}]' },
  }
  for _, row in ipairs(kept) do
    it("keeps " .. row[1], function()
      assert.equal(row[2], tostring(sas.config.parse(row[2])))
      -- and what was read goes into a call as it is
      local config = sas.config.parse(row[2])
      local call, err = core.createOrUpdateDingTalk({ host = "h" }, {
        RuleActionName = "ab", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX", ConfigList = config,
      })
      assert.is_truthy(call, tostring(err))
    end)
  end

  local read = {
    { "nothing", "", "[]" },
    { "white space", ' \t\r\n[ ] ', "[]" },
    { "escapes", one("hc", "item_level", { "\\u006cow" }), one("hc", "item_level", { "low" }) },
    { "an escaped slash", one("hc", "item_level", { "a\\/b" }), one("hc", "item_level", { "a/b" }) },
    { "a surrogate pair", one("hc", "item_level", { "\\ud83d\\ude00" }),
      one("hc", "item_level", { "\240\159\152\128" }) },
    { "a plain string for a list", '[{"type":"vul","configItemList":[{"key":"key","valueList":"123"}]}]',
      '[{"type":"vul","configItemList":[{"key":"key","valueList":["123"]}]}]' },
    { "a word of 300 bytes and one with a line break",
      '[{"type":"x","configItemList":[{"key":"k\\n","valueList":["' .. ("v"):rep(300) .. '"]}]}]',
      '[{"type":"x","configItemList":[{"key":"k\\u000a","valueList":["' .. ("v"):rep(300) .. '"]}]}]' },
    { "numbers as words", '[{"type":"x","configItemList":[{"key":"k","valueList":[1,9007199254740993]}]}]',
      '[{"type":"x","configItemList":[{"key":"k","valueList":["1","9007199254740993"]}]}]' },
    { "further members", '[{"type":"x","new":1,"configItemList":[{"key":"k","valueList":["v"],"new":[{}]}]}]',
      '[{"type":"x","configItemList":[{"key":"k","valueList":["v"]}]}]' },
    { "a type that stands twice", one("hc", "item_level", { "low" }):sub(1, -2) .. ","
      .. one("hc", "item_level", { "high" }):sub(2), one("hc", "item_level", { "high", "low" }) },
  }
  for _, row in ipairs(read) do
    it("reads " .. row[1], function()
      assert.equal(row[3], tostring(sas.config.parse(row[2])))
    end)
  end

  local refused = {
    { "an object", "{}", "no array" },
    { "null", "null", "no array" },
    { "a string", '"[]"', "no array" },
    { "half an array", "[", "not JSON" },
    { "garbage behind", "[]x", "not JSON" },
    { "a byte order mark", "\239\187\191[]", "not JSON" },
    { "NUL", "[]\0", "not JSON" },
    { "an escaped NUL", one("hc", "item_level", { "\\u0000" }), "not JSON" },
    { "half a surrogate pair", one("hc", "item_level", { "\\ud800" }), "not JSON" },
    { "bytes that are not UTF-8", one("hc", "item_level", { "\255" }), "not JSON" },
    { "a single quote", "['a']", "not JSON" },
    { "a trailing comma", "[1,]", "not JSON" },
    { "a duplicate name", '[{"type":"hc","type":"hc","configItemList":[]}]', "not JSON" },
    { "33 levels", ("["):rep(33) .. ("]"):rep(33), "not JSON" },
    { "a hundred thousand levels", ("["):rep(100000), "not JSON" },
    { "a million levels", ("["):rep(1000000), "256 KiB" },
    { "257 KiB", "[" .. (" "):rep(257 * 1024) .. "]", "256 KiB" },
  }
  for _, row in ipairs(refused) do
    it("refuses " .. row[1], function()
      local problem = problem_of(sas.config.parse, row[2])
      assert.equal("ConfigList", problem.path)
      assert.is_truthy(problem.message:find(row[3], 1, true), problem.message)
    end)
  end

  local shapes = {
    { "an array of numbers", "[1]", "ConfigList[1]" },
    { "an array of arrays", "[[]]", "ConfigList[1]" },
    { "an item without a type", '[{"configItemList":[]}]', "ConfigList[1].type" },
    { "an item without a list", '[{"type":"hc"}]', "ConfigList[1].configItemList" },
    { "a null type", '[{"type":null,"configItemList":[]}]', "ConfigList[1].type" },
    { "a list that is none", '[{"type":"hc","configItemList":{"a":1}}]', "ConfigList[1].configItemList" },
    { "a key that is none", '[{"type":"hc","configItemList":[7]}]', "ConfigList[1].configItemList[1]" },
    { "values that are none", '[{"type":"hc","configItemList":[{"key":"k","valueList":{"a":1}}]}]',
      "ConfigList[1].configItemList[1].valueList" },
    { "a value that is none", '[{"type":"hc","configItemList":[{"key":"k","valueList":["a",null]}]}]',
      "ConfigList[1].configItemList[1].valueList[2]" },
  }
  for _, row in ipairs(shapes) do
    it("refuses " .. row[1] .. " and says where", function()
      assert.equal(row[3], problem_of(sas.config.parse, row[2]).path)
    end)
  end

  it("is the same text in whatever order a type comes under both prefixes", function()
    local online = '{"type":"sas_analysis_online-sas-operation-log-sas-event-x","configItemList":[]}'
    local pre = '{"type":"sas_analysis_pre-sas-operation-log-sas-event-x","configItemList":[]}'
    local hc = '{"type":"sas_analysis_pre-sas-operation-log-sas-event-hc","configItemList":[]}'
    local first = sas.config.parse("[" .. online .. "," .. pre .. "," .. hc .. "]")
    local other = sas.config.parse("[" .. hc .. "," .. pre .. "," .. online .. "]")
    assert.is_true(first == other)
    assert.equal(tostring(first), tostring(other))
  end)

  it("takes a string only", function()
    for _, other in ipairs { 1, {}, true, print } do
      assert.is_false(pcall(sas.config.parse, other))
    end
    assert.is_false(pcall(sas.config.parse))
  end)
end)

-- { what, table, path, part of the message, suggestion }
local REFUSED = {
  { "a misspelt type", { suspicous = "all" }, "ConfigList.suspicous", "no type", "suspicious" },
  { "a type in another case", { VUL = "all" }, "ConfigList.VUL", "no type", "vul" },
  { "a type with an underscore", { ak_leakage = "all" }, "ConfigList.ak_leakage", "no type", "ak-leakage" },
  { "a misspelt full type", { [ONLINE .. "vull"] = "all" }, false, "no type", ONLINE .. "vul" },
  { "a tail and the full name", { vul = "all", [ONLINE .. "vul"] = "all" }, "ConfigList.vul", "twice", false },
  { "a misspelt key", { hc = { item_lvel = "all" } }, "ConfigList.hc.item_lvel", "no key of hc", "item_level" },
  { "a key in another case", { hc = { ItemLevel = "all" } }, "ConfigList.hc.ItemLevel", "no key of hc", "item_level" },
  { "a key of another type", { hc = { necessity = "all" } }, "ConfigList.hc.necessity", "no key of hc", false },
  { "event_type under vul", { vul = { event_type = "all" } }, "ConfigList.vul.event_type", "no key of vul", false },
  { "a misspelt value", { hc = { item_level = { "high", "hgih" } } }, "ConfigList.hc.item_level[2]",
    "no value of hc.item_level", "high" },
  { "a value alone, misspelt", { hc = { item_level = "hgih" } }, "ConfigList.hc.item_level",
    "no value of hc.item_level", "high" },
  { "a value in another case", { vul = { necessity = { "ASAP" } } }, "ConfigList.vul.necessity[1]", "no value",
    "asap" },
  { "a value of another type", { hc = { item_level = { "serious" } } }, "ConfigList.hc.item_level[1]", "no value",
    false },
  { "a value of another key", { vul = { type = { "asap" } } }, "ConfigList.vul.type[1]", "no value", false },
  { "an event type with wrong case", { suspicious = { event_type = { "webshell" } } },
    "ConfigList.suspicious.event_type[1]", "no value", "Webshell" },
  { "an unknown event type", { suspicious = { event_type = { "Tea time" } } },
    "ConfigList.suspicious.event_type[1]", "no value", false },
  { "half of all", { ["ak-leakage"] = { type = { "high" } } }, "ConfigList.ak-leakage.type[1]", "no value", false },
  { "an empty list of values", { hc = { item_level = {} } }, "ConfigList.hc.item_level", "empty list", false },
  { "an empty table of keys", { hc = {} }, "ConfigList.hc", "empty table", false },
  { "a list of keys", { hc = { "item_level" } }, "ConfigList.hc", "is a list", false },
  { "a list that is none", { hc = { item_level = { first = "high" } } }, "ConfigList.hc.item_level", "no list", false },
  { "a list with a hole", { hc = { item_level = { [1] = "high", [3] = "low" } } }, "ConfigList.hc.item_level",
    "no list",
    false },
  { "a list from 0", { hc = { item_level = { [0] = "high" } } }, "ConfigList.hc.item_level", "no list", false },
  { "a list with a name", { hc = { item_level = { "high", n = 1 } } }, "ConfigList.hc.item_level", "no list", false },
  { "a boolean for keys", { hc = true }, "ConfigList.hc", "boolean", false },
  { "a number for keys", { hc = 1 }, "ConfigList.hc", "number", false },
  { "another string for keys", { hc = "high" }, "ConfigList.hc", "string", false },
  { "a number for values", { hc = { item_level = 1 } }, "ConfigList.hc.item_level", "number", false },
  { "a number as a value", { hc = { item_level = { 1 } } }, "ConfigList.hc.item_level[1]", "number", false },
  { "a list in a list", { hc = { item_level = { { "high" } } } }, "ConfigList.hc.item_level[1]", "table", false },
  { "an empty value", { hc = { item_level = { "" } } }, "ConfigList.hc.item_level[1]", "empty string", false },
  { "a value of 257 bytes", { hc = { item_level = { ("x"):rep(257) } } }, "ConfigList.hc.item_level[1]", "longer",
    false },
  { "a value that is not UTF-8", { hc = { item_level = { "hi\255gh" } } }, "ConfigList.hc.item_level[1]", "UTF-8",
    false },
  { "a value with a line break", { hc = { item_level = { "high\n" } } }, "ConfigList.hc.item_level[1]", "control",
    false },
  { "a value with a NUL", { hc = { item_level = { "high\0" } } }, "ConfigList.hc.item_level[1]", "control", false },
  { "a numeric key", { [1] = "all", hc = "all" }, "ConfigList", "no string", false },
  { "a boolean key", { [true] = "all" }, "ConfigList", "no string", false },
  { "a numeric key of a type", { hc = { [7] = "all" } }, "ConfigList.hc", "no string", false },
  { "an item that is a string", { "all" }, "ConfigList[1]", "string", false },
  { "an item that is a list", { { "hc" } }, "ConfigList[1]", "list", false },
  { "an item without configItemList", { { type = "hc" } }, "ConfigList[1].configItemList", "missing", false },
  { "an item with an empty list", { { type = "hc", configItemList = {} } }, "ConfigList[1].configItemList", "empty",
    false },
  { "an item without keys", { { type = "hc", configItemList = "all" } }, "ConfigList[1].configItemList", "string",
    false },
  { "a type that is a number", { { type = 1, configItemList = { { key = "item_level", valueList = { "low" } } } } },
    "ConfigList[1].type", "number", false },
  { "a misspelt type in an item",
    { { type = "honeypod", configItemList = { { key = "item_level", valueList = { "low" } } } } },
    "ConfigList[1].type", "no type", "honeypot" },
  { "a type that stands twice",
    { { type = "hc", configItemList = { { key = "item_level", valueList = { "low" } } } },
      { type = PRE .. "hc", configItemList = { { key = "item_level", valueList = { "low" } } } } },
    "ConfigList[2].type", "twice", false },
  { "a key that stands twice",
    { { type = "hc", configItemList = { { key = "item_level", valueList = { "low" } },
      { key = "item_level", valueList = { "high" } } } } },
    "ConfigList[1].configItemList[2].key", "twice", false },
  { "a misspelt key in an item", { { type = "hc", configItemList = { { key = "item_levl", valueList = { "low" } } } } },
    "ConfigList[1].configItemList[1].key", "no key", "item_level" },
  { "a missing valueList", { { type = "hc", configItemList = { { key = "item_level" } } } },
    "ConfigList[1].configItemList[1].valueList", "missing", false },
  { "a valueList that is a string", { { type = "hc", configItemList = { { key = "item_level", valueList = "low" } } } },
    "ConfigList[1].configItemList[1].valueList", "string", false },
  { "an empty valueList", { { type = "hc", configItemList = { { key = "item_level", valueList = {} } } } },
    "ConfigList[1].configItemList[1].valueList", "empty list", false },
  { "a misspelt value in an item", { { type = "hc",
    configItemList = { { key = "item_level", valueList = { "lwo" } } } } },
    "ConfigList[1].configItemList[1].valueList[1]", "no value", "low" },
  { "a member too many",
    { { type = "hc", typ = 1, configItemList = { { key = "item_level", valueList = { "low" } } } } },
    "ConfigList[1].typ", "no member", "type" },
  { "a member too many in a key",
    { { type = "hc", configItemList = { { key = "item_level", valueList = { "low" }, values = {} } } } },
    "ConfigList[1].configItemList[1].values", "no member", false },
}

describe("sas.config refuses", function()
  for _, row in ipairs(REFUSED) do
    it(row[1], function()
      local problem, err = problem_of(sas.config, row[2])
      if row[3] then
        assert.equal(row[3], problem.path)
      end
      assert.is_truthy(problem.message:find(row[4], 1, true), problem.message)
      local suggestion = problem.hint and problem.hint:match 'did you mean "([^"]*)"'
      assert.equal(row[5] or nil, suggestion)
      assert.is_truthy(tostring(err):find(problem.path, 1, true))
    end)
  end

  it("the same things as the parameter ConfigList, with the same words", function()
    for _, row in ipairs(REFUSED) do
      local call, err = core.createOrUpdateDingTalk({ host = "h" }, {
        RuleActionName = "ab", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX", ConfigList = row[2],
      })
      assert.is_nil(call, row[1])
      assert.same(problem_of(sas.config, row[2]), err.problems[1])
    end
  end)

  it("nil, which would be a forgotten variable", function()
    assert.equal("ConfigList", problem_of(sas.config, nil).path)
  end)

  it("other values", function()
    for _, other in ipairs { 1, true, "all", "[]", print, io.stdout } do
      assert.is_false(pcall(sas.config, other))
    end
  end)

  it("all mistakes at once", function()
    local err = raised(sas.config, { vull = "all", hc = { item_level = { "hgih", "lwo" }, x = "all" }, rasp = {} })
    local paths = {}
    for _, problem in ipairs(err.problems) do
      paths[#paths + 1] = problem.path
    end
    table.sort(paths)
    assert.same({ "ConfigList.hc.item_level[1]", "ConfigList.hc.item_level[2]", "ConfigList.hc.x", "ConfigList.rasp",
      "ConfigList.vull" }, paths)
  end)

  it("a word that looks like a secret without repeating it", function()
    local token = ("0123456789abcdef"):rep(4)
    local url = "https://oapi.dingtalk.com/robot/send?access_token=" .. token
    for _, config in ipairs { { [url] = "all" }, { [token] = "all" }, { hc = { [token] = "all" } },
      { hc = { item_level = { token } } }, { hc = { item_level = url } } } do
      local err = raised(sas.config, config)
      assert.is_nil(tostring(err):find(token, 1, true))
      assert.is_nil(tostring(err):find("access_token", 1, true))
    end
  end)

  it("unknown options, and an unchecked that is no boolean", function()
    assert.is_false(pcall(sas.config, {}, { uncheckd = true }))
    assert.is_false(pcall(sas.config, {}, { unchecked = "yes" }))
    assert.is_false(pcall(sas.config, {}, { unchecked = 1 }))
    assert.is_false(pcall(sas.config, {}, "unchecked"))
    assert.is_false(pcall(sas.config, {}, { [1] = true }))
    assert.is_false(pcall(sas.config, {}, setmetatable({}, { __index = { unchecked = true } })))
  end)

  it("methods on something else", function()
    local config = sas.config()
    for _, self in ipairs { {}, "x", 1, io.stdout } do
      for _, name in ipairs { "add", "remove", "table" } do
        assert.is_false(pcall(config[name], self, "hc", "all"))
      end
    end
    assert.is_false(pcall(config.add, config))
    assert.is_false(pcall(config.add, config, 1, "all"))
    assert.is_false(pcall(config.remove, config))
  end)
end)

describe("config:add and config:remove", function()
  it("leave the config as it was when they fail", function()
    local config = sas.config { hc = { item_level = { "low" } } }
    local before = tostring(config)
    for _, keys in ipairs { { item_level = { "high", "hgih" } }, { item_level = { "all" }, x = "all" }, {}, 1, "none",
      { item_level = {} } } do
      raised(config.add, config, "hc", keys)
      assert.equal(before, tostring(config))
    end
    raised(config.add, config, "vull", "all")
    raised(config.remove, config, "vull")
    assert.equal(before, tostring(config))
  end)

  local rows = {
    { "add", "vull", "all", "ConfigList.vull", "vul" },
    { "add", "hc", { item_lvel = "all" }, "ConfigList.hc.item_lvel", "item_level" },
    { "add", "hc", { item_level = { "hgih" } }, "ConfigList.hc.item_level[1]", "high" },
    { "add", "hc", nil, "ConfigList.hc", nil },
    { "add", "", "all", "ConfigList", nil },
    { "remove", "vull", nil, "ConfigList.vull", "vul" },
    { "remove", "RASP", nil, "ConfigList.RASP", "rasp" },
  }
  for _, row in ipairs(rows) do
    it(("%s %q says where and what"):format(row[1], row[2]), function()
      local config = sas.config()
      local problem = problem_of(config[row[1]], config, row[2], row[3])
      assert.equal(row[4], problem.path:sub(1, #row[4]))
      assert.equal(row[5], problem.hint and problem.hint:match 'did you mean "([^"]*)"' or nil)
    end)
  end

  it("take options", function()
    local config = sas.config():add("suspicious", { event_type = "Tea time" }, { unchecked = true })
    assert.equal(one("suspicious", "event_type", { "Tea time" }), tostring(config))
    assert.equal("[]", tostring(config:remove "suspicious"))
  end)

  it("remove an unknown type that stands there", function()
    local config = sas.config({ new = { k = "v" } }, { unchecked = true })
    assert.equal("[]", tostring(config:remove "new"))
    raised(config.remove, config, "new")
  end)
end)

describe("unchecked = true", function()
  it("takes any word, for any type", function()
    local config = sas.config({ new = { k = { "b", "a" } }, hc = { x = "y" } }, { unchecked = true })
    assert.equal('[{"type":"' .. ONLINE .. 'hc","configItemList":[{"key":"x","valueList":["y"]}]},'
      .. '{"type":"new","configItemList":[{"key":"k","valueList":["a","b"]}]}]', tostring(config))
  end)

  it("is what the refusal of an event type names", function()
    local problem = problem_of(sas.config, { suspicious = { event_type = "Tea time" } })
    assert.is_truthy(problem.hint:find("unchecked = true", 1, true))
  end)

  local shapes = {
    { "an empty list", { new = { k = {} } }, "ConfigList.new.k" },
    { "all of an unknown type", { new = "all" }, "ConfigList.new" },
    { "a number as a value", { new = { k = { 1 } } }, "ConfigList.new.k[1]" },
    { "bytes that are not UTF-8", { new = { k = { "\255" } } }, "ConfigList.new.k[1]" },
    { "a control character", { new = { k = { "a\1" } } }, "ConfigList.new.k[1]" },
  }
  for _, row in ipairs(shapes) do
    it("still refuses " .. row[1], function()
      assert.equal(row[3], problem_of(sas.config, row[2], { unchecked = true }).path)
    end)
  end

  it("still refuses what does not fit into 256 KiB", function()
    local config = sas.config()
    for i = 1, 200 do
      local values = {}
      for j = 1, 10 do
        values[j] = ("x"):rep(200) .. j
      end
      config:add("t" .. i, { k = values }, { unchecked = true })
    end
    assert.equal("ConfigList", problem_of(tostring, config).path)
    local call, err = core.createOrUpdateDingTalk({ host = "h" }, {
      RuleActionName = "ab", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX", ConfigList = config,
    })
    assert.is_nil(call)
    assert.equal("ConfigList", err.problems[1].path)
  end)
end)

describe("a catalog of the account's own", function()
  local function live()
    return {
      RequestId = "X",
      MetaDatas = {
        { DataSourceName = PRE .. "vul", Description = "dingtalk_vul", MetaDataFields = {
          { Filed = "type", FiledName = "dingtalk_vul_type", Sample = "all:dingtalk_all;cms:cms;new:brand new" } } },
        { DataSourceName = PRE .. "k8s", MetaDataFields = { { Filed = "level", Sample = "all;hot" } } },
      },
    }
  end

  it("is what words are checked against", function()
    local options = { catalog = live() }
    assert.equal(one("vul", "type", { "new" }, PRE), tostring(sas.config({ vul = { type = "new" } }, options)))
    assert.equal(one("k8s", "level", { "hot" }, PRE), tostring(sas.config({ k8s = { level = { "hot" } } }, options)))
    assert.equal(one("k8s", "level", { "all" }, PRE), tostring(sas.config({ k8s = "all" }, options)))
    assert.equal(one("vul", "type", { "cms" }), tostring(sas.config({ [ONLINE .. "vul"] = { type = "cms" } }, options)))
    assert.equal(one("k8s", "level", { "hot" }, PRE), tostring(sas.config():add("k8s", { level = "hot" }, options)))
  end)

  local rows = {
    { "a documented type that it lacks", { hc = "all" }, "ConfigList.hc", nil },
    { "a documented value that it lacks", { vul = { type = { "oval" } } }, "ConfigList.vul.type[1]", nil },
    { "a documented key that it lacks", { vul = { necessity = "all" } }, "ConfigList.vul.necessity", nil },
    { "a misspelt type", { k8 = "all" }, "ConfigList.k8", "k8s" },
    { "a misspelt key", { k8s = { lvel = "all" } }, "ConfigList.k8s.lvel", "level" },
    { "a misspelt value", { vul = { type = "nwe" } }, "ConfigList.vul.type", "new" },
  }
  for _, row in ipairs(rows) do
    it("refuses " .. row[1], function()
      local problem = problem_of(sas.config, row[2], { catalog = live() })
      assert.equal(row[3], problem.path)
      assert.equal(row[4], problem.hint and problem.hint:match 'did you mean "([^"]*)"' or nil)
    end)
  end

  local bad = {
    { "an empty table", {} },
    { "another result", { RequestId = "X", ActionList = {} } },
    { "a list", { {} } },
    { "no list", { MetaDatas = { a = 1 } } },
    { "an empty list", { MetaDatas = {} } },
    { "entries without a name", { MetaDatas = { { MetaDataFields = {} } } } },
    { "entries without fields", { MetaDatas = { { DataSourceName = "x" } } } },
    { "fields without a key", { MetaDatas = { { DataSourceName = "x", MetaDataFields = { {} } } } } },
    { "a name with NUL", { MetaDatas = { { DataSourceName = "a\0b", MetaDataFields = {} } } } },
    { "a number", 1 },
    { "a string", "DingTalk" },
    { "a proxy", setmetatable({}, { __index = live() }) },
  }
  for _, row in ipairs(bad) do
    it("is refused as such: " .. row[1], function()
      assert.equal("catalog", problem_of(sas.config, {}, { catalog = row[2] }).path)
    end)
  end
end)

describe("the parameter ConfigList", function()
  local settings = { host = "h", parameters = "body" }
  local credentials = core.credentials { accessKeyId = "testid", accessKeySecret = "testsecret" }

  -- The text that is sent for it, or nil and the error.
  local function sent(value)
    local call, err = core.createOrUpdateDingTalk(settings, {
      RuleActionName = "ab", SendUrl = "https://oapi.dingtalk.com/robot/send?access_token=XXX", ConfigList = value,
    })
    if not call then
      return nil, err
    end
    call:next(0)
    local body = call:sign(credentials, "2026-01-01T00:00:00Z", "nonce").body
    local text = body:match "ConfigList=([^&]*)"
    return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
  end

  it("takes all four forms to the same bytes", function()
    local array = { { type = ONLINE .. "hc",
      configItemList = { { key = "item_level", valueList = { "low", "high" } } } } }
    local want = one("hc", "item_level", { "high", "low" })
    local short = { hc = { item_level = { "low", "high" } } }
    assert.equal(want, sent(sas.config(short)))
    assert.equal(want, sent(short))
    assert.equal(want, sent(array))
    assert.equal(want, sent(one("hc", "item_level", { "low", "high", "low" })))
  end)

  local rows = {
    { "JSON of an object", '{"hc":"all"}', "ConfigList" },
    { "no JSON", "hc", "ConfigList" },
    { "an empty string", "", "ConfigList" },
    { "JSON with a misspelt type", one("hcc", "item_level", { "low" }), "ConfigList[1].type" },
    { "JSON with a misspelt key", one("hc", "level", { "low" }), "ConfigList[1].configItemList[1].key" },
    { "JSON with a misspelt value", one("hc", "item_level", { "lwo" }),
      "ConfigList[1].configItemList[1].valueList[1]" },
    { "JSON with a string for a list", '[{"type":"hc","configItemList":[{"key":"item_level","valueList":"low"}]}]',
      "ConfigList[1].configItemList[1].valueList" },
    { "JSON with a type twice", '[' .. one("hc", "item_level", { "low" }):sub(2, -2) .. ","
      .. one("hc", "item_level", { "low" }):sub(2), "ConfigList[2].type" },
    { "a number", 1, "ConfigList" },
    { "a boolean", true, "ConfigList" },
    { "a function", print, "ConfigList" },
  }
  for _, row in ipairs(rows) do
    it("refuses " .. row[1], function()
      local text, err = sent(row[2])
      assert.is_nil(text)
      assert.equal("argument", err.kind)
      assert.equal(1, #err.problems, tostring(err))
      assert.equal(row[3], err.problems[1].path)
    end)
  end
end)
