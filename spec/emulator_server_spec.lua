local emulator = require "aliyun.sas.emulator"
local shell = require "aliyun.sas.emulator.shell"

local client = require "spec.support.emulator_client"
local scratch = require "spec.support.scratch"

-- Plain Lua has no sockets, so that these specs talk through the openssl program, which verifies like a client.
local folder = debug.getinfo(1, "S").source:match("^@(.*)emulator_server_spec%.lua$")
local openssl = shell.line("command -v openssl")

local function wire(request)
  local lines = { ("%s %s?%s HTTP/1.1"):format(request.method, request.path, request.query) }
  for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
  lines[#lines + 1] = "content-length: " .. #request.body
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. request.body
end

-- Sends the bytes over one TLS connection; answers what came back until the server closed, and whether TLS was good.
local function exchange(server, bytes, seconds)
  local path = os.tmpname()
  shell.write(path, bytes)
  local command = ("timeout %s %s s_client -quiet -connect 127.0.0.1:%d -servername localhost -CAfile %s"
    .. " -verify_hostname localhost -verify_return_error <%s 2>/dev/null; echo \" $?\""):format(
    seconds or 60, openssl, server.port, server.caFile, path)
  local pipe = io.popen(command)
  local answer = pipe:read("*a")
  pipe:close()
  os.remove(path)
  local body, code = answer:match("^(.*) (%d+)\n$")
  return body, tonumber(code)
end

local function create(changes)
  return client.request("CreateOrUpdateDingTalk", client.chatbot(changes), { headers = { connection = "close" } })
end

local function send(server, changes, seconds)
  local answer, code = exchange(server, wire(create(changes)), seconds)
  return answer:match("^HTTP/1.1 (%d+)"), answer, code
end

local function gone(server, where)
  return not shell.run("[ -e " .. where .. " ]") and not shell.usedPorts()[server.port]
end

local lua = arg and arg[-1] or "lua"
local script = folder .. "../lua/aliyun/sas/emulator/main.lua"

-- Runs the emulator from a shell; answers whether it went well, and what it printed.
local function program(...)
  local words = { lua, script, ... }
  for i, word in ipairs(words) do words[i] = shell.quote(word) end
  local pipe = io.popen(table.concat(words, " ") .. " 2>&1; echo \" $?\"")
  local printed, status = pipe:read("*a"):match("^(.*) (%d+)\n$")
  pipe:close()
  return status == "0", printed
end

describe("emulator.serve", function()
  it("refuses unknown and wrong settings", function()
    for _, bad in ipairs {
      { nosuch = 1 }, { certificate = "odd" }, { port = "1" }, { options = { nosuch = 1 } },
      { options = { now = os.time } }, { nginx = "/nonexistent/nginx" },
    } do
      assert.has_error(function() emulator.serve(bad):stop() end)
    end
  end)

  -- what is given, and what the message says
  for _, row in ipairs {
    { "x", "the settings must be a table, not a string" },
    { { lifetim = 1 }, "unknown setting lifetim (did you mean lifetime?)" },
    { { idsAs = "strings" }, "unknown setting idsAs (it is an option: give options = { idsAs = ... })" },
    { { options = { idAs = "strings" } }, "unknown option idAs (did you mean idsAs?)" },
    { { certificate = "godd" }, "setting certificate: unknown kind godd (did you mean good?)" },
    { { port = 80000 }, "setting port: expected a whole number from 0 to 65535" },
    { { port = 1.5 }, "setting port: expected a whole number from 0 to 65535" },
    { { lifetime = 0 }, "setting lifetime: expected a number from 1 to 2000000" },
    { { keepalive = 0 / 0 }, "setting keepalive: expected a whole number from 0 to 2000000" },
    { { nginx = "/nonexistent" }, "setting nginx: the program /nonexistent is not found" },
    { { folder = "/nonexistent/new" },
      "setting folder: /nonexistent/new cannot be made (the folder above it must exist)" },
    { { folder = "" }, "setting folder:  cannot be made (the folder above it must exist)" },
    { { folder = "/nonexistent/a\nb" }, "the path /nonexistent/a\nb cannot stand in nginx.conf" },
  } do
    it("says: " .. row[2], function()
      local ok, why = pcall(emulator.serve, row[1])
      assert.is_false(ok)
      assert.equal("emulator.serve: " .. row[2], why)
      assert.is_false(shell.run "[ -e /nonexistent ]")
    end)
  end

  it("reports what nginx said when it does not start", function()
    local first = emulator.serve { tls = false }
    local ok, why = pcall(emulator.serve, { port = first.port })
    first:stop()
    assert.is_false(ok)
    assert.matches("bind%(%)", why)
  end)

  if not openssl then
    pending("needs the openssl program")
    return
  end

  describe("running", function()
    local server

    setup(function() server = emulator.serve { options = { statusAfterCreate = 0, nameFilter = "part" } } end)
    teardown(function() server:stop() end)
    before_each(function() server:reset() end)

    it("answers over TLS, with the options given", function()
      assert.equal("https://localhost:" .. server.port, server.endpoint)
      local status, answer = send(server)
      assert.equal("200", status)
      assert.matches('{"RequestId":"[%x%-]+"}$', answer)
      local chatbots = server:chatbots()
      assert.equal(1, #chatbots)
      assert.equal(client.webhook, chatbots[1].SendUrl)
      assert.equal(0, chatbots[1].Status)
    end)

    it("refuses what is signed badly, dated badly or seen before", function()
      local request = create()
      local authorization = request.headers.authorization
      -- another digit, whatever the last one is
      request.headers.authorization = authorization:sub(1, -2) .. (authorization:sub(-1) == "0" and "1" or "0")
      local again = create()
      local bytes = wire(again)
      assert.matches("^HTTP/1.1 400", (exchange(server, wire(request))))
      exchange(server, bytes)
      assert.matches('SignatureNonceUsed', (exchange(server, bytes)))
      server:advance(901)
      assert.matches('InvalidTimeStamp.Expired', (exchange(server, wire(create()))))
      assert.equal(1, #server:chatbots())
      assert.equal("SignatureNonceUsed", server:requests()[3].code)
    end)

    it("keeps bytes in the request line and the body as they came", function()
      local request = client.request("CreateOrUpdateDingTalk", { RuleActionName = "夜班 +&=%/~*" }, {
        body = { SendUrl = client.webhook }, headers = { connection = "close" },
      })
      assert.matches("^HTTP/1.1 200", (exchange(server, wire(request))))
      assert.equal("夜班 +&=%/~*", server:chatbots()[1].RuleActionName)
    end)

    it("takes a long request line and a long body", function()
      local long = ("x"):rep(200000)
      local request = client.request("DescribeDingTalk", { Filler = long }, { headers = { connection = "close" } })
      assert.matches("^HTTP/1.1 200", (exchange(server, wire(request))))
      request = client.request("DescribeDingTalk", {}, {
        body = { Filler = long:rep(10) }, headers = { connection = "close" },
      })
      assert.matches("^HTTP/1.1 200", (exchange(server, wire(request))))
    end)

    it("reports a wrong fault", function()
      assert.has_error(function() server:fault("nosuch") end)
      assert.has_error(function() server:fault("late", "soon") end)
      assert.has_error(function() server:fault("refused") end)
      local _, why = pcall(server.fault, server, "losst")
      assert.equal("server:fault: unknown fault losst (did you mean lost?)", why)
      for _, name in ipairs { "fault", "advance", "chatbots", "requests", "reset", "stop" } do
        _, why = pcall(server[name], "lost")
        assert.matches("^call it with a colon: server:" .. name, why)
      end
    end)

    -- name = { the answer's beginning, chatbots afterwards }
    for name, expected in pairs {
      lost = { "^$", 1 }, closed = { "^$", 0 }, reset = { "^$", 1 }, late = { "^$", 0 },
      throttled = { "^HTTP/1.1 429", 0 }, error500 = { "^HTTP/1.1 500", 0 }, error500after = { "^HTTP/1.1 500", 1 },
      unavailable = { "^HTTP/1.1 503", 0 }, html = { "^HTTP/1.1 502.*<html>", 0 },
      empty = { "^HTTP/1.1 200.*\r\n\r\n$", 1 },
      redirect = { "^HTTP/1.1 302.*ocation: https://localhost/elsewhere", 0 }, garbage = { "no HTTP", 0 },
      norequestid = { "^HTTP/1.1 200.*\r\n\r\n{}$", 1 },
      badjson = { '^HTTP/1.1 200.*\r\n\r\n{"RequestId":"[%x-]*$', 1 },
      truncated = { '^HTTP/1.1 200.*ength: 52.*\r\n\r\n{"RequestId":"[%x-]*$', 1 },
    } do
      it("does " .. name .. ", once", function()
        server:fault(name)
        local _, answer = send(server)
        assert.matches(expected[1], answer)
        assert.equal(expected[2], #server:chatbots())
        assert.equal("200", (send(server)))
      end)
    end

    it("executes a late copy later", function()
      server:fault("late", 60)
      send(server)
      assert.same({}, server:chatbots())
      server:advance(61)
      assert.equal(1, #server:chatbots())
    end)

    it("does not answer, or only half, or slowly", function()
      server:fault("silent")
      local status, answer, code = send(server, nil, 0.5)
      assert.same({ "", 124 }, { answer, code })
      assert.is_nil(status)
      server:fault("stalled")
      status, answer, code = send(server, nil, 3)
      assert.same({ "200", 124 }, { status, code })
      assert.matches('{"RequestId":"[%x-]*$', answer)
      server:fault("dripped", 0.002)
      status, answer = send(server)
      assert.equal("200", status)
      assert.matches('{"RequestId":"[%x-]*"}$', answer)
      server:fault("delayed", 0.1)
      assert.equal("200", (send(server)))
      assert.equal(3, #server:chatbots())
    end)

    it("holds up or breaks off a TLS handshake", function()
      server:fault("handshake")
      local status, _, code = send(server, nil, 0.5)
      assert.same({ nil, 124 }, { status, code })
      server:fault("handshakefailed")
      status, _, code = send(server)
      assert.is_nil(status)
      assert.equal(1, code)
      assert.same({}, server:requests())
      assert.equal("200", (send(server)))
    end)

    it("sends a huge body in chunks, and huge headers", function()
      server:fault("huge", 2)
      local _, answer = send(server)
      assert.is_true(#answer > 2 * 1048576)
      assert.matches("chunked", answer:sub(1, 1000))
      server:fault("hugeheaders", 400)
      _, answer = send(server)
      assert.is_true(answer:find("\r\n\r\n", 1, true) > 400 * 1024)
    end)

    it("closes a kept connection after reading its second request", function()
      server:fault("closedreused")
      local first = client.request("DescribeDingTalk")
      local answer = exchange(server, wire(first) .. wire(create()))
      local _, answers = answer:gsub("HTTP/1.1", "")
      assert.equal(1, answers)
      local log = server:requests()
      assert.same({ 2, "closedreused", false }, { #log, log[2].fault, log[2].executed })
      assert.equal(log[1].connection, log[2].connection)
      assert.same({}, server:chatbots())
    end)
  end)

  for kind, good in pairs { good = true, wronghost = false, expired = false, selfsigned = false, otherca = false } do
    it("shows a certificate that is " .. kind, function()
      local server = emulator.serve { certificate = kind }
      local status = send(server)
      local seen = #server:requests()
      server:stop()
      assert.equal(good and "200" or nil, status)
      assert.equal(good and 1 or 0, seen)
    end)
  end

  it("runs twice at once, and leaves nothing behind", function()
    local a, b = emulator.serve(), emulator.serve()
    assert.not_equal(a.port, b.port)
    assert.equal("200", (send(a)))
    assert.same({ 1, 0 }, { #a:chatbots(), #b:chatbots() })
    local folders = { a.folder, b.folder }
    a:stop()
    a:stop()
    assert.equal("200", (send(b)))
    b:stop()
    assert.has_error(function() b:requests() end)
    assert.is_true(gone(a, folders[1]))
    assert.is_true(gone(b, folders[2]))
  end)

  it("ends by itself when its time is over", function()
    local server = emulator.serve { lifetime = 2 }
    local where = server.folder
    assert.is_true(shell.wait(function() return gone(server, where) end, 60))
    server:stop()
  end)

  it("ends when the process that started it is gone", function()
    if not shell.self() then return pending("this system does not tell who is alive") end
    local starter = os.tmpname()
    shell.write(starter, ("package.path = %q\nlocal s = require('aliyun.sas.emulator').serve()\n"
      .. "print(s.port, s.folder)"):format(package.path))
    local port, where = shell.line(lua .. " " .. starter):match("^(%d+)%s(.*)$")
    os.remove(starter)
    assert.is_true(shell.wait(function() return gone({ port = tonumber(port) }, where) end, 60))
  end)

  it("works from a shell", function()
    local where = os.tmpname()
    os.remove(where)
    local _, printed = program("start", "--folder", where, "--port", "0")
    local server = {
      port = tonumber(printed:match("endpoint=https://localhost:(%d+)\n")),
      caFile = printed:match("caFile=(%S+)"),
    }
    assert.equal("200", (send(server)))
    assert.is_true((program("stop", "--folder", where)))
    assert.is_true(gone(server, where))
    assert.is_false((program("stop", "--folder", where)))
    assert.is_false((program("--nosuch")))
    local _, usage = program("start", "--help")
    assert.matches("^usage: ", usage)
  end)

  describe("in a folder", function()
    local top

    before_each(function() top = scratch.new() end)
    after_each(function() top:remove() end)

    local function path(name) return top.folder .. "/" .. name end

    -- Runs a shell command there; answers whether it went well.
    local function shelled(command)
      return shell.run("cd " .. top.folder .. " && { " .. command .. "; } >/dev/null 2>&1")
    end

    local function list(name)
      local pipe = io.popen("ls -A " .. path(name) .. " 2>/dev/null | tr '\\n' ' '")
      local names = pipe:read("*a")
      pipe:close()
      return names
    end

    it("that was there and empty, takes away its own files and leaves the folder", function()
      assert.is_true(shelled "mkdir mine")
      local server = emulator.serve { folder = path "mine" }
      assert.equal("200", (send(server)))
      server:stop()
      assert.equal("mine ", list "")
      assert.equal("", list "mine")
      server = emulator.serve { folder = path "mine", lifetime = 2 }
      assert.is_true(shell.wait(function() return not shell.usedPorts()[server.port] end, 60))
      assert.equal("mine ", list "")
      assert.equal("", list "mine")
      server:stop()
    end)

    it("that is new, removes it, unless something of the user has come into it", function()
      local server = emulator.serve { folder = path "new/", tls = false }
      shell.write(path "new/notes", "mine")
      server:stop()
      assert.equal("notes ", list "new")
      os.remove(path "new/notes")
      os.remove(path "new")
      server = emulator.serve { folder = path "new", tls = false }
      assert.is_true(shelled "mkdir new/own && echo x >new/own/file && rm new/command; ln -s own/file new/command")
      assert.is_true((program("stop", "--folder", path "new")))
      assert.equal("own ", list "new")
      assert.equal("file ", list "new/own")
      assert.is_false(shell.usedPorts()[server.port] or false)
      server:stop()
      assert.equal("own ", list "new")
    end)

    it("behind a link, leaves the link", function()
      assert.is_true(shelled "mkdir mine && ln -s mine link")
      assert.is_true((program("start", "--plain", "--folder", path "link")))
      assert.is_true((program("stop", "--folder", path "link")))
      assert.equal("link mine ", list "")
      assert.equal("", list "mine")
    end)

    it("whose nginx was killed, removes it", function()
      local server = emulator.serve { folder = path "new", tls = false, detached = true }
      assert.is_true(shelled "kill -KILL $(cat new/nginx.pid)")
      assert.is_true(shell.wait(function() return not shell.usedPorts()[server.port] end, 60))
      assert.is_true((program("stop", "--folder", path "new")))
      assert.equal("", list "")
    end)

    it("tells a stranger that has the number of its nginx from it", function()
      local server = emulator.serve { folder = path "new", tls = false }
      local stranger = shell.line("sleep 60 >/dev/null & echo $!")
      local own = shell.read(path "new/nginx.pid")
      shell.write(path "new/nginx.pid", stranger .. "\n")
      server:stop()
      local alive = shell.alive(stranger)
      shell.run("kill " .. stranger .. "; kill " .. own)
      assert.is_true(alive)
    end)

    -- what there is, made by a shell, and what serve says of it
    for _, row in ipairs {
      { "mkdir it && echo x >it/file", "is not empty" },
      { "mkdir it && : >it/.hidden", "is not empty" },
      { "mkdir it && : >'it/\n'", "is not empty" },
      { "mkdir it && echo mine >it/settings.json", "is not empty" },
      { "mkdir -m 777 it && chmod 777 it", "can be changed by other users" },
      { "mkdir it && chmod 770 it", "can be changed by other users" },
      { "mkdir it && chmod 1777 it", "can be changed by other users" },
      { ": >it", "cannot be made" },
      { "ln -s nowhere it", "cannot be made" },
      { "mkdir 'a b' && ln -s 'a b' it", "cannot stand in nginx.conf" },
    } do
      it("refuses to start after: " .. row[1], function()
        assert.is_true(shelled(row[1]))
        local before = list "it"
        local ok, why = pcall(emulator.serve, { folder = path "it" })
        if ok then why:stop() end
        assert.is_false(ok)
        assert.is_truthy(why:find(row[2], 1, true), why)
        assert.is_true(shelled "[ -e it ] || [ -L it ]")
        assert.equal(before, list "it")
      end)
    end

    -- what becomes of a server's folder, so that it is one no more
    for _, row in ipairs {
      { "without the mark", "rm it/emulator.mark" },
      { "with another mark", "echo mine >it/emulator.mark" },
      { "with the mark as a link", "mv it/emulator.mark there && ln -s ../there it/emulator.mark" },
      { "with a mark that others may change", "chmod 666 it/emulator.mark" },
      { "that others may change", "chmod 777 it" },
      { "without what its nginx ran by", "rm it/nginx.conf" },
      { "that is a copy", "cp -Rp other it", "other" },
      { "in another place", "mv other it", "other" },
    } do
      it("refuses to stop a folder " .. row[1], function()
        local server = emulator.serve { folder = path(row[3] or "it"), tls = false }
        local pid = shell.read(server.folder .. "/nginx.pid"):match("%d+")
        assert.is_true(shelled(row[2]))
        shell.write(path "it/settings.json", "mine")
        local before = list "it"
        local good, printed = program("stop", "--folder", path "it")
        local after = list "it"
        local alive = shell.alive(pid)
        shell.run("kill " .. pid)
        assert.is_true(shell.wait(function() return not shell.usedPorts()[server.port] end, 60))
        assert.is_false(good)
        assert.matches("^emulator: no server of this user in", printed)
        assert.equal(before, after)
        assert.is_true(alive)
      end)
    end

    it("refuses to stop a folder that only looks like one, and removes nothing", function()
      assert.is_true(shelled "mkdir it && echo '{}' >it/settings.json && : >it/nginx.conf && echo $$ >it/nginx.pid")
      for _, name in ipairs { "it", "", "none", "it/settings.json" } do
        assert.is_false((program("stop", "--folder", path(name))))
      end
      assert.equal("nginx.conf nginx.pid settings.json ", list "it")
      local server = setmetatable({ folder = path "it", timeout = 1 }, require "aliyun.sas.emulator.server")
      server:stop()
      assert.equal("nginx.conf nginx.pid settings.json ", list "it")
    end)

    it("refuses a folder that another server marks just after it was seen to be empty", function()
      assert.is_true(shelled "mkdir it bin")
      shell.write(path "bin/ls", "#!/bin/sh\nPATH=${PATH#*:}\nls \"$@\"\necho theirs >"
        .. path "it/emulator.mark" .. "\n")
      assert.is_true(shelled "chmod 755 bin/ls")
      local printed = shell.line(("(PATH=%s:$PATH %s %s --folder %s 2>&1)"):format(path "bin", shell.quote(lua),
        shell.quote(script), path "it"))
      program("stop", "--folder", path "it")
      assert.equal("emulator: setting folder: " .. path "it" .. " is not empty", printed)
      assert.equal("theirs\n", shell.read(path "it/emulator.mark"))
    end)

    it("refuses another user's folder and mark", function()
      if shell.line("id -u") ~= "0" then
        pending("only root can give a folder away")
        return
      end
      assert.is_true(shelled "mkdir it && chown 12345 it")
      local ok, why = pcall(emulator.serve, { folder = path "it" })
      assert.is_false(ok)
      assert.is_truthy(why:find("belongs to another user", 1, true))
      for _, owned in ipairs { "new", "new/emulator.mark" } do
        local server = emulator.serve { folder = path "new", tls = false }
        assert.is_true(shelled("chown 12345 " .. owned))
        assert.is_false((program("stop", "--folder", path "new")))
        assert.is_true(shelled("chown 0 " .. owned))
        server:stop()
      end
      assert.equal("it ", list "")
    end)
  end)
end)
