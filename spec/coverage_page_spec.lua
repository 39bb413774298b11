-- coverage_page_spec.lua - the coverage page in a real browser: it says what it should, and asks nobody for anything
-- SPDX-License-Identifier: MIT
--
-- The browser opens two pages: the coverage, and one that does all that the coverage must not, to show that it would be
-- seen. The browser's log of the network tells every request and who asked: the browser itself asks for updates.

local child = require "spec.support.child"
local coverage = require "aliyun.sas.coverage"
local files = require "spec.support.files"
local sas = require "aliyun.sas"
local watched = require "spec.support.watched"

local HOSTILE = "<script>console.error('owned')</script><img src=http://hole.example/x.png onerror=console.error(2)>"
local RIGHT_TO_LEFT = "\226\128\174"
local NAME = HOSTILE .. "\"'&" .. RIGHT_TO_LEFT .. "x"

local function page()
  local chatbots = watched.chatbots()
  for i = 51, 60 do
    chatbots[i] = watched.chatbot(i, "夜间值班 " .. i, { hc = "all" }, { 101 })
  end
  chatbots[60].RuleActionName = NAME
  watched.of(chatbots, "suspicious", 3).state.Status = 0
  local groups = watched.groups()
  groups[5].name = NAME
  return coverage.html(assert(coverage.of(chatbots, groups, sas.catalog())), {
    title = "Coverage " .. NAME, account = NAME, site = "cn-hangzhou", generated = "2026-11-24T12:00:00Z",
  })
end

-- What pages asked for.
local function requests_in(log)
  local found = {}
  for line in log:gmatch "[^\n]+" do
    local initiator, url = line:match '"initiator":"([^"]*)".-"url":"([^"]*)"'
    if initiator and initiator ~= "not an origin" then
      found[#found + 1] = url
    end
  end
  return table.concat(found, " ")
end

-- Opens a page in a browser of its own: its DOM, what the browser wrote, and its log of the network.
local function open(folder, name, text)
  local base = folder .. "/" .. name
  files.write(base .. ".html", text)
  child.run(("HOME=%s timeout -k 2 300 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage"
    .. " --no-first-run --user-data-dir=%s.profile --host-resolver-rules='MAP * ~NOTFOUND'"
    .. " --enable-logging=stderr --v=0 --log-net-log=%s.net --dump-dom file://%s.html >%s.dom 2>%s.err"):format(
    folder, base, base, base, base, base))
  return { dom = files.read(base .. ".dom"), messages = files.read(base .. ".err"), log = files.read(base .. ".net") }
end

describe("the coverage page", function()
  local folder, text, opened, control

  setup(function()
    folder = child.run 'mktemp -d "${TMPDIR:-/tmp}/aliyun-sas-spec.XXXXXXXX"'
    assert(folder:find "^/[%w/._-]+$")
    text = page()
    opened = open(folder, "coverage", text)
    control = open(folder, "control", "<!DOCTYPE html><title>control</title>" .. HOSTILE)
  end)

  teardown(function()
    os.execute("rm -rf " .. child.quote(folder))
  end)

  it("shows its holes first", function()
    local dom = opened.dom
    local hole = dom:find("suspicious: all of it", 1, true)
    assert.is_not_nil(hole)
    assert.is_true(hole < dom:find("<h2>Groups and types</h2>", 1, true))
    assert.is_not_nil(dom:find("1 hole: alerts that no enabled chatbot hears.", 1, true))
    assert.is_not_nil(dom:find("夜间值班 51", 1, true))
    assert.is_not_nil(dom:find("生产", 1, true))
    assert.is_not_nil(dom:find("</html>", 1, true))
  end)

  it("is no place where a name can act", function()
    for _, form in ipairs { text, opened.dom } do
      assert.is_nil(form:find "<script")
      assert.is_nil(form:find "<img")
      assert.is_nil(form:find(RIGHT_TO_LEFT, 1, true))
      assert.is_not_nil(form:match("<body>.*"):find("&lt;script&gt;", 1, true))
    end
  end)

  it("opens without an error", function()
    assert.is_nil(opened.messages:find("CONSOLE", 1, true))
    assert.is_not_nil(control.messages:find('CONSOLE.*"owned"'))
  end)

  it("makes no request to anywhere", function()
    assert.is_not_nil(opened.log:find("constants", 1, true))
    assert.equal("", requests_in(opened.log))
    assert.equal("http://hole.example/x.png", requests_in(control.log))
  end)

  it("is whole: nothing in it points elsewhere, and its policy would not let it", function()
    local own = text:gsub("&lt;.-&gt;", "")
    for _, word in ipairs { "url%(", "<link", "@import", " style=", " src=", " href=" } do
      assert.is_nil(own:find(word), word)
    end
    assert.is_not_nil(text:find("default-src 'none'; style-src 'unsafe-inline'", 1, true))
  end)
end)
