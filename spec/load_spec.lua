-- load_spec.lua - chatbots files: what they may say, what is wrong with them, and where it stands
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local load = require "aliyun.sas.load"
local places = require "aliyun.sas.load.places"
local sas = require "aliyun.sas"
local scratch = require "spec.support.scratch"
local webhook = require "aliyun.sas.load.webhook"

describe("sas.load", function()
  local files, folder

  setup(function()
    files = scratch.new()
    folder = files.folder
  end)

  teardown(function()
    files:remove()
  end)

  local function write(text, name)
    return files:write(name or "chatbots.lua", text)
  end

  local function loaded(text, name)
    local declared, problems = load.read(write(text, name))
    assert.same({}, problems)
    return declared
  end

  -- The problems as texts, without the folder.
  local function problems_of(text, name)
    local declared, err = sas.load(write(text, name))
    assert.is_nil(declared)
    assert.equal("argument", err.kind)
    assert.equal("INVALID_ARGUMENT", err.code)
    assert.is_false(err.sent)
    local list = {}
    for i, problem in ipairs(err.problems) do
      list[i] = problem.path:gsub("^" .. folder:gsub("%p", "%%%0") .. "/", "") .. ": " .. problem.message
        .. (problem.hint and " (" .. problem.hint .. ")" or "")
    end
    return list
  end

  local function at(declared, index, path)
    return (places.at(declared.origin, index, path):gsub("^.*/", ""))
  end

  local SEES = "such a file sees env, file, group, ipairs and pairs, and nothing else"

  local VALUE = "a text stands in quotes, and a name is given its value first: local name = ..."
  local DASH = 'a name with - in it stands in brackets and quotes: ["ak-leakage"]'
  local COLON = "a field is given by =, and not by :"
  local WIDE = "a full-width or typographic sign stands there: Lua knows the ASCII ones alone"

  -- a text, the name of its file, and the hint
  local HINTS = {
    { 'return { { SendUrl = os.getenv "HOOK" } }', "a.lua", 'for an environment variable write env "NAME"' },
    { 'return { { SendUrl = io.open "hook" } }', "a.lua", 'for a webhook that stands in a file write file "path"' },
    { 'return { { SendUrl = Env "HOOK" } }', "a.lua", "did you mean env? a text stands in quotes" },
    { "return { { SendUrl = env.HOOK } }", "a.lua", 'write env "..."' },
    { 'require "x" return {}', "a.lua", SEES },
    { "string.rep('x', 3) return {}", "a.lua", SEES },
    { '[ { "RuleActionName": "ab" } ]', "a.lua", "if it is JSON, let its name end in .json" },
    { '\n { "RuleActionName": "ab" }', "a.txt", "if it is JSON, let its name end in .json" },
    { 'return { {\nak-leakage = "all" } }', "a.lua", DASH }, { 'return { { ak-leakage = "all" } }', "a.lua", DASH },
    { 'return { { RuleActionName: "on call" } }', "a.lua", COLON },
    { 'return { { RuleActionName = “on call” } }', "a.lua", WIDE },
    { 'return { { RuleActionName = "on call"， Id = 1 } }', "a.lua", WIDE },
    { "return { { SendUrl = env HOOK } }", "a.lua", 'write env "..."' },
    { "[ {}, ]", "a.json", "there is a comma too many before it" },
    { '[ { "IntervalTime": 1, } ]', "a.json", "there is a comma too many before it" },
    { "[ { 'IntervalTime': 1 } ]", "a.json", 'names and texts stand in double quotes' },
    { "[ { IntervalTime: 1 } ]", "a.json", 'names and texts stand in double quotes' },
    { '[ { "IntervalTime": 1 } // often\n]', "a.json", "JSON has no comments" },
    { "return { {} }", "a.json", "if it is Lua, let its name end in .lua" },
  }
  for _, row in ipairs(HINTS) do
    it("gives a hint: " .. row[1], function()
      local problems = problems_of(row[1], row[2])
      assert.equal(1, #problems)
      assert.equal(row[3], problems[1]:match "%((.*)%)$" and problems[1]:match " %(([^()]*)%)$")
    end)
  end

  it("gives no hint where it knows none, and none with what stands in the file", function()
    for _, text in ipairs { "local x x.y = 1", "return {", "return 1 + nil" } do
      assert.is_nil(problems_of(text)[1]:find("(", 1, true) and problems_of(text)[1]:find("did you mean", 1, true))
    end
    local name = "c0ffee" .. ("0123456789"):rep(3)
    local problem = problems_of("return { { SendUrl = " .. name .. " } }")[1]
    assert.equal("chatbots.lua:1: a name is not defined (a text stands in quotes)", problem)
    assert.is_nil(problems_of("return {", "a.lua")[1]:find("JSON", 1, true))
  end)

  it("refuses names that nothing stands for, all at once: to Lua they are nil, and what they say is lost", function()
    assert.same({
      "chatbots.lua:3: all is not defined (a text stands in quotes: \"all\")",
      "chatbots.lua:3: off is not defined (a text stands in quotes: \"off\")",
      "chatbots.lua:4: en is not defined (a text stands in quotes: \"en\")",
      "chatbots.lua:6: Web is not defined (" .. VALUE .. ")",
      "chatbots.lua:8: dbs is not defined (did you mean dba? a text stands in quotes)",
      "chatbots.lua chatbots[1].IntervalTime: must be 0 or more",
    }, problems_of [[
local dba = {}
local oncall = { RuleActionName = "on call", SendUrl = env "HOOK",
  ConfigList = { vul = "all", hc = all }, Status = off,
  DingTalkLang = en,
  IntervalTime = -1,
  GroupIdList = { group "Database", Web },
}
return { oncall, dbs }]])
    assert.same({ "chatbots.lua:1: dbs is not defined (" .. VALUE .. ")" },
      problems_of "for i = 1, 10 do local x = dbs end return dbs")
    assert.equal(100, #problems_of(("x = a1\n"):rep(300) .. "return {}"))
    assert.same({}, loaded "x = 1 local y = x return {}".chatbots)
  end)

  it("reads a Lua file", function()
    local declared = loaded [[
local everywhere = { "1", group "prod" }
local list = {}
for i, name in ipairs { "on call", "值班" } do
  list[i] = { RuleActionName = name, SendUrl = env("HOOK_" .. i), GroupIdList = everywhere, Status = "on" }
end
for name, value in pairs { IntervalTime = 5 } do
  list[1][name] = value
end
return list]]
    assert.same({
      { RuleActionName = "on call", SendUrl = { env = "HOOK_1" }, GroupIdList = { "1", { group = "prod" } },
        Status = "on", IntervalTime = 5 },
      { RuleActionName = "值班", SendUrl = { env = "HOOK_2" }, GroupIdList = { "1", { group = "prod" } },
        Status = "on" },
    }, declared.chatbots)
    assert.are_not.equal(declared.chatbots[1].GroupIdList, declared.chatbots[2].GroupIdList)
    assert.equal(folder .. "/chatbots.lua", declared.origin.path)
    assert.equal(folder, declared.origin.folder)
  end)

  it("reads the same as JSON", function()
    local lua = loaded [[return { { RuleActionName = "aa", SendUrl = file "h", GroupIdList = { group "g", 2 } } }]]
    local json = loaded([[
[ { "RuleActionName": "aa", "SendUrl": { "file": "h" }, "GroupIdList": [ { "group": "g" }, 2 ] } ]
]], "chatbots.JSON")
    assert.same(lua.chatbots, json.chatbots)
    assert.same({}, loaded("\239\187\191 [] ", "empty.json").chatbots)
    assert.same({}, loaded("\239\187\191#!/usr/bin/lua\nreturn {}").chatbots)
    assert.same({ { Id = 5 } }, loaded("#!/usr/bin/lua\r\nreturn { { Id = 5 } }\r\n").chatbots)
  end)

  it("keeps an Id that no double holds", function()
    local long = "9007199254740993"
    assert.equal(long, tostring(loaded('[ { "Id": ' .. long .. " } ]", "long.json").chatbots[1].Id))
    if rawget(_G, "jit") then
      assert.equal(long, loaded("return { { Id = " .. long .. "LL } }").chatbots[1].Id)
      assert.same({ "chatbots.lua:1 Id: is a cdata, and a chatbot is plain data" },
        problems_of "return { { RuleActionName = 'aa', Id = 1i } }")
    end
  end)

  it("tells what cannot be read", function()
    local codes = { ["/no/such/file.lua"] = "NOT_FOUND", [folder .. "/x.json"] = "NOT_FOUND", [folder] = "IO" }
    for path, code in pairs(codes) do
      local declared, err = sas.load(path)
      assert.is_nil(declared)
      assert.equal("state", err.kind)
      assert.equal(code, err.code)
      assert.is_truthy(err.message:find(path .. ": cannot ", 1, true), err.message)
    end
    for _, path in ipairs { "", "a\0b", 5, {} } do
      local good, why = pcall(sas.load, path)
      assert.is_true(path == 5 or not good)
      assert.is_true(good or tostring(why):find("takes the path", 1, true) ~= nil)
    end
    assert.has_error(function() sas.load() end)
  end)

  it("tells mistakes of ten kinds at once, each with its place", function()
    assert.same({
      "chatbots.lua:2 SendUrl: env takes the name of an environment variable, and this cannot be one (a webhook is "
        .. "secret: set a variable to it and give the variable's name)",
      'chatbots.lua:3 Status: is neither "on" nor "off" (did you mean on?)',
      "chatbots.lua:4 SendUrl: is a table of several things (one of the words may stand here: env and file)",
      "chatbots.lua:6 SendUrl.evn: is no word that is known here (did you mean env?)",
      'chatbots.lua:8 GroupIdList[2]: group takes the name of an asset group (such as group "...")',
      "chatbots.lua:9: is no chatbot (a chatbot is a table: { RuleActionName = ..., ... })",
      "chatbots.lua:10 IntervalTime: is no finite number",
      'chatbots.lua:10 SendUrl: env takes the name of an environment variable (such as env "...")',
      "chatbots.lua:11 RuleActionName: env does not belong here (it stands for SendUrl)",
      'chatbots.lua:12 GroupIdList: is a group, and should be a list of groups (write { group "..." })',
      'chatbots.lua:13 Status: is neither "on" nor "off" (write "on")',
      "chatbots.lua:14: is a list, and should be a chatbot (one pair of braces too many?)",
      "chatbots.lua:15: has a key that is a boolean",
    }, problems_of [[
return {
  { RuleActionName = "aa", SendUrl = env "https://oapi.dingtalk.com/robot/send?access_token=abc",
    Status = "onn" },
  { RuleActionName = "bb", SendUrl = { env = "A", file = "b" } },
  { RuleActionName = "cc",
    SendUrl = { evn = "X" },
    GroupIdList = { "1",
      group "" } },
  "text",
  { RuleActionName = "dd", IntervalTime = 0/0, SendUrl = env() },
  { RuleActionName = env "X",
    GroupIdList = group "prod",
    Status = true },
  { { RuleActionName = "xx" } },
  { RuleActionName = "zz", ConfigList = { vul = "all" }, [true] = 1 },
}]])
  end)

  it("tells them in JSON too", function()
    assert.same({
      "a.json:1: is no chatbot (a chatbot is a table: { RuleActionName = ..., ... })",
      'a.json:2 Status: is neither "on" nor "off" (write "off")',
      "a.json:3 SendUrl: file takes the path of a file (such as file \"...\")",
      "a.json:4 SendUrl.group: group does not belong here, but env and file (known is env and file)",
      "a.json:5 SendUrl: is no text (write a webhook, or env \"NAME\", or file \"path\")",
      "a.json:6 SendUrl: is an empty table (one of the words may stand here: env and file)",
      "a.json:7 GroupIdList: has a hole (a value that is nil, or a position given twice?)",
    }, problems_of([=[
[ 5,
  { "Id": 1, "Status": false },
  { "Id": 2, "SendUrl": { "file": "" } },
  { "Id": 3, "SendUrl": { "group": "x" } },
  { "Id": 4, "SendUrl": 5 },
  { "Id": 5, "SendUrl": {} },
  { "Id": 6, "GroupIdList": [ null, null, 3 ] } ]
]=], "a.json"))
    assert.same({ "a.json:3: is not JSON: the same name twice in an object at column 12" },
      { (problems_of('[\n{},\n{ "a": 1,  "a": 2 } ]', "a.json")[1]:gsub(": is not JSON: .- at",
        ": is not JSON: the same name twice in an object at")) })
    assert.matches("^a.json:2: is not JSON: .* at column 2$", problems_of("[ {}\n x ]", "a.json")[1])
    assert.matches("^a.json:1: is not JSON: ", problems_of("", "a.json")[1])
    assert.matches("^a.json: is no list of chatbots", problems_of("{}", "a.json")[1])
    assert.matches("^a.json: is no list of chatbots", problems_of('"x"', "a.json")[1])
    assert.matches("^a.json: is no list of chatbots", problems_of("null", "a.json")[1])
    assert.matches("^a.json: holds a NUL byte", problems_of("[]\0", "a.json")[1])
  end)

  it("never shows what may be a token", function()
    local token = "0123456789abcdef0123456789abcdef"
    local url = "https://oapi.dingtalk.com/robot/send?access_token=" .. token
    for _, text in ipairs {
      "{ SendUrl = env '" .. url .. "' }", "{ SendUrl = { ['" .. url .. "'] = 1 } }", "{ Status = '" .. url .. "' }",
      "{ SendUrl = { " .. "T" .. token .. " = 'x' } }", "{ ['" .. url .. "'] = pairs }", "'" .. url .. "'",
      "{ SendUrl = env 'a" .. token:sub(2) .. "' }", "{ SendUrl = env 'T" .. token .. "01234567' }",
      "{ GroupIdList = { { ['" .. token .. "'] = 1 } } }", "{ ['" .. token .. "'] = env 'X' }",
    } do
      local list = problems_of("return { " .. text .. " }")
      assert.is_true(#list > 0)
      assert.is_nil(table.concat(list):find("123456789", 1, true), list[1])
    end
    for _, name in ipairs { "a" .. token:sub(2), "T" .. token .. "01234567" } do
      assert.same({ "chatbots.lua:1 SendUrl: looks like a token, and a variable's name is wanted (a webhook is secret: "
        .. "set a variable to it and give the variable's name)" },
        problems_of("return { { RuleActionName = 'aa', SendUrl = env '" .. name .. "' } }"))
    end
    for _, name in ipairs { "DEADBEEF", ("A"):rep(31), "HOOK_" .. ("A"):rep(60), ("HOOK"):rep(9) } do
      assert.same({ { SendUrl = { env = name }, RuleActionName = "aa" } },
        loaded("return { { RuleActionName = 'aa', SendUrl = env '" .. name .. "' } }").chatbots)
    end
  end)

  it("counts what it does not list", function()
    local declared, err = sas.load(write "local t = {} for i = 1, 500 do t[i] = { Id = i, Status = i } end return t")
    assert.is_nil(declared)
    assert.equal(100, #err.problems)
    assert.matches("^500 problems in ", err.message)
    assert.equal(folder .. "/chatbots.lua chatbots[1].Status", err.problems[1].path)
  end)

  it("tells of a name that stands twice, of which Lua takes the last without a word", function()
    assert.same({
      "chatbots.lua:3: onCall stands twice in one table, first in line 2 (only the last of them would count)",
      "chatbots.lua:7: Status stands twice in one table, first in line 6 (only the last of them would count)",
      "chatbots.lua:9: suspicious stands twice in one table, first in line 8 (only the last of them would count)",
    }, problems_of [[
local shared = {
  onCall = "1",
  onCall = "2" }
return {
  { RuleActionName = "aa",
    Status = "on",
    Status = "off",
    ConfigList = { suspicious = "all",
      ["suspicious"] = { item_level = { "serious" }, event_type = "all" } } },
  { RuleActionName = "bb", ConfigList = { vul = "all", hc = "all" }, GroupIdList = { shared.onCall } },
}]])
  end)

  it("tells what is wrong with the chatbots together with what is wrong with the form", function()
    local declared, err = sas.load(write [[return {
{ RuleActionName = "aa", Status = "x" },
{ ConfigList = { vul = { type = "cmss" } }, RuleActionName = "aa" } }]])
    assert.is_nil(declared)
    assert.same({ "chatbots.lua:2 Status", "chatbots.lua:3 ConfigList.vul.type", "chatbots.lua:3 RuleActionName" },
      { (err.problems[1].path:match "[^/]*$"), (err.problems[2].path:match "[^/]*$"),
        (err.problems[3].path:match "[^/]*$") })
  end)

  describe("places", function()
    it("are the lines of fields and items", function()
      local declared = loaded [=[
-- { [[ a comment
local long = [==[
return { { RuleActionName = "never" } }
]==] --[[ another
one ]]
local groups = { "1", "2" }
return {
  { RuleActionName = "a\
b", SendUrl = env "HOOK",
    ConfigList = { vul = { type = { "cms",
      "emg" }, necessity = "all" },
      ["ak-leakage"] = "all" },
    GroupIdList = groups },
  {
    RuleActionName = 'b', GroupIdList = {
      10,
      group "prod" },
    IntervalTime = (function() if long then return 5 end end)(),
    Status = "on" };
  -- the end
}]=]
      for path, line in pairs {
        [""] = 8, RuleActionName = 8, SendUrl = 9, ["ConfigList.vul"] = 10, ["ConfigList.vul.type"] = 10,
        ["ConfigList.vul.type[2]"] = 11, ["ConfigList.vul.necessity"] = 11, ["ConfigList.ak-leakage"] = 12,
        ['ConfigList["ak-leakage"]'] = 12, ["GroupIdList[2]"] = 13, ["Nothing.at.all"] = 8, ["?"] = 8,
      } do
        assert.equal("chatbots.lua:" .. line, at(declared, 1, path), path)
      end
      assert.equal("chatbots.lua:14", at(declared, 2))
      assert.equal("chatbots.lua:16", at(declared, 2, "GroupIdList[1]"))
      assert.equal("chatbots.lua:17", at(declared, 2, "GroupIdList[2].group"))
      assert.equal("chatbots.lua:18", at(declared, 2, "IntervalTime"))
      assert.equal("chatbots.lua:19", at(declared, 2, "Status"))
      assert.equal("chatbots.lua", at(declared, 3))
    end)

    it("are found in a list with a name, and in JSON", function()
      local declared = loaded("local list = {\n{ RuleActionName = 'a' },\n{ RuleActionName = 'b',\nStatus = 'on' } }\n"
        .. "return list\n")
      assert.equal("chatbots.lua:4", at(declared, 2, "Status"))
      declared = loaded('[\r\n{ "RuleActionName": "[[ -- a",\r\n"Status": "on", "Id": 5 },\r\n{}\r\n]', "a.json")
      assert.equal("a.json:3", at(declared, 1, "Status"))
    end)

    it("are none where the list does not bear them out", function()
      for _, text in ipairs {
        "local t = { { RuleActionName = 'a' }, { RuleActionName = 'b' } } t[1], t[2] = t[2], t[1] return t",
        "local n = 'a' local t = { { RuleActionName = n }, { RuleActionName = 'b' } } t[1], t[2] = t[2], t[1] return t",
        "local t = { { RuleActionName = 'a' } } local u = {} for i = 1, 2 do u[i] = { Status = 'on' } end return u",
        "local t = { { RuleActionName = 'a' } } t[2] = t[1] return t",
        "local t = { { RuleActionName = 'a' } } t = { { RuleActionName = 'b' } } return t",
        "if env then return { { RuleActionName = 'x' .. 1 } } end return { { RuleActionName = pairs and 'a' } }",
        "local function f() return { { RuleActionName = 'a' } } end return f()",
        "local function f() return {}, {} end return { f() }", "return { [1] = { RuleActionName = 'a' } }",
        "local t = { {} } return (t)", "do return { {} } end",
      } do
        local declared = loaded(text)
        assert.equal("chatbots.lua", at(declared, 1), text)
      end
    end)

    it("of entries before a call are still known", function()
      local declared = loaded "local function f() return {}, {} end\nreturn { {\n}, f() }"
      assert.equal(3, #declared.chatbots)
      assert.equal("chatbots.lua:2", at(declared, 1))
      assert.equal("chatbots.lua", at(declared, 2))
    end)

    it("are found in one long line, in a time that does not grow with its square", function()
      local item = '{"RuleActionName":"aa","Status":"on"},'
      local text = "[" .. item:rep(20000) .. "{}]"
      local before = os.clock()
      local declared = load.read(write(text, "line.json"))
      assert.is_true(os.clock() - before < 5)
      assert.equal("line.json:1", at(declared, 20001))
    end)

    it("are none without a file", function()
      assert.is_nil(places.at(nil, 1, "Status"))
      assert.equal("a.lua", places.at({ path = "a.lua" }, 1, "Status"))
      assert.equal("chatbots[2].GroupIdList[1]", places.path(nil, 2, "GroupIdList[1]"))
      assert.equal("chatbots", places.path(nil))
    end)
  end)

  describe("webhooks", function()
    local URL = "https://oapi.dingtalk.com/robot/send?access_token=c0ffee"

    local function lacking(value, where)
      local url, need = webhook.resolve(value, where or folder)
      assert.is_nil(url)
      assert.equal("SendUrl", need.path)
      assert.is_nil((need.message .. (need.hint or "")):find("c0ffee", 1, true))
      return need.message:gsub("^.*/", ""), need.hint
    end

    local function private(text, name)
      local path = write(text, name or "hook")
      os.execute("chmod 600 " .. child.quote(path))
      return path
    end

    it("are read from a private file", function()
      private(URL .. "\r\n")
      assert.equal(URL, webhook.resolve({ file = "hook" }, folder))
      assert.equal(URL, webhook.resolve({ file = folder .. "/hook" }, "elsewhere"))
      assert.equal(URL, webhook.resolve({ file = "../" .. folder:match "[^/]*$" .. "/hook" }, folder .. "/"))
      assert.equal(URL, webhook.resolve(URL))
    end)

    it("are refused from any other", function()
      assert.matches("^nothing: cannot open it", (lacking { file = "nothing" }))
      local path = private(URL)
      os.execute("chmod 640 " .. child.quote(path))
      local message, hint = lacking { file = "hook" }
      assert.equal("hook: can be read by other users", message)
      assert.equal("chmod 600 " .. path, hint)
      private ""
      assert.equal("hook is empty", (lacking { file = "hook" }))
      private(URL .. "\n" .. URL .. "\n")
      assert.equal("hook holds more than one line", (lacking { file = "hook" }))
      private(URL .. " x")
      assert.matches("^hook holds a blank", (lacking { file = "hook" }))
      private(URL .. "\0")
      assert.matches("^hook holds a blank", (lacking { file = "hook" }))
      private(URL:rep(300))
      assert.matches("^hook: is larger", (lacking { file = "hook" }))
      assert.matches("takes the path", (lacking { file = "a\0b" }))
      assert.matches("not a regular file", (lacking { file = "." }))
    end)

    it("are read from the environment", function()
      local script = write([[
        local webhook = require "aliyun.sas.load.webhook"
        for _, name in ipairs { "GOOD", "EMPTY", "SPACED", "UNSET_HERE" } do
          local url, need = webhook.resolve { env = name }
          print(url or need.message)
        end]], "script.lua")
      assert.equal(URL .. "\nthe environment variable EMPTY is not set\n"
        .. "the environment variable SPACED holds a blank or a control character, which no webhook has\n"
        .. "the environment variable UNSET_HERE is not set",
        child.run(("GOOD='%s\n' EMPTY= SPACED='%s x' %s"):format(URL, URL, child.command(script))))
      assert.matches("takes the name", (lacking { env = "A=B" }))
    end)

    it("are one of the two, or a text", function()
      local both = { env = "A", file = "b" }
      for _, value in ipairs { {}, both, { group = "c0ffee" }, 5, true, "c0ffee \n x", "c0ffee\tx" } do
        lacking(value)
      end
      lacking(nil)
    end)
  end)
end)
