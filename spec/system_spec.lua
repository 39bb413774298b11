-- system_spec.lua - clocks, private files, files written whole, locks
-- SPDX-License-Identifier: MIT

local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local files = require "spec.support.files"
local system = require "aliyun.sas.system"

local quote = child.quote

describe("aliyun.sas.system", function()
  local folder

  before_each(function()
    folder = child.run("mktemp -d")
    assert.is_truthy(folder:find("^/"))
  end)

  after_each(function()
    os.execute("chmod -R u+rwx " .. quote(folder) .. "; rm -rf " .. quote(folder))
  end)

  local function shell(line, ...)
    return child.run("cd " .. quote(folder) .. " && " .. line:format(...))
  end

  local function path(name)
    return folder .. "/" .. name
  end

  local function make(name, text, mode)
    files.write(path(name), text)
    shell("chmod %s %s", mode or "600", name)
    return path(name)
  end

  local function contents(name)
    return files.read(path(name))
  end

  local function is_root()
    return child.run("id -u") == "0"
  end

  -- Every failure has this form.
  local function refused(code, result, err)
    assert.is_nil(result)
    assert.equal("table", type(err))
    assert.equal("state", err.kind)
    assert.equal(code, err.code)
    assert.is_false(err.sent)
    assert.is_false(err.retryable)
    assert.is_truthy(tostring(err):find(code, 1, true))
    assert.is_truthy(err.message:find(folder, 1, true) or err.message:find("^/"))
    return err
  end

  describe("clocks", function()
    it("answer seconds with a fraction", function()
      local first, now, last = os.time(), system.now(), os.time()
      assert.is_true(now >= first and now < last + 2)
      local before = system.monotonic()
      system.sleep(0.05)
      local passed = system.monotonic() - before
      assert.is_true(passed >= 0.05 and passed < 20)
      system.sleep(0)
      assert.is_true(system.pid() > 1)
    end)

    it("tell the time since the boot, and under which name another process may compare it", function()
      local before, boot = system.boottime()
      system.sleep(0.05)
      local monotonic = system.monotonic()
      local after, same = system.boottime()
      assert.is_true(after - before >= 0.05)
      assert.is_true(after >= monotonic - 0.01) -- it counts the time asleep too
      assert.equal(boot, same)
      local here = io.open("/proc/sys/kernel/random/boot_id", "rb")
      local id = here and here:read "*l"
      assert.equal(id, boot and id and boot:sub(1, #id))
      assert.is_true(boot == nil or not boot:find "[^%w:%[%]-]", boot)
      local other = child.run(child.command("-e", [[
        local at, name = require "aliyun.sas.system".boottime()
        print(("%.3f %s"):format(at, tostring(name)))]]))
      local at, name = other:match "^(%S+) (%S+)"
      assert.equal(tostring(boot), name)
      assert.is_true(tonumber(at) >= before)
    end)

    it("tell it by a clock that has another name where it has another start", function()
      local _, boot = system.boottime()
      local text = child.run(("unshare -rT --boottime 100000 env %s 2>&1"):format(child.command("-e", [[
        local system = require "aliyun.sas.system"
        local at, name = system.boottime()
        print(("boot %.0f %s"):format(at - system.monotonic(), tostring(name)))]])))
      local ahead, name = text:match "^boot (%-?%d+) (%S+)"
      if not ahead then
        pending("there are no namespaces of times here")
        return
      end
      assert.is_true(tonumber(ahead) >= 99990)
      assert.are_not.equal(boot, name)
    end)

    it("tell the processor's time, which does not pass in a sleep", function()
      local before, clock = system.cputime(), os.clock()
      system.sleep(0.2)
      assert.is_true(system.cputime() - before < 0.1)
      while os.clock() - clock < 0.1 do end
      local used = system.cputime() - before
      assert.is_true(used > 0.05 and used < 1, used)
    end)

    it("sleep through signals", function()
      local text = child.run(child.command("-e", [[
        local system = require "aliyun.sas.system"
        local before = system.monotonic()
        system.sleep(0.6)
        print(system.monotonic() - before >= 0.6)]])
        .. " & sleep 0.3; kill -WINCH $!; kill -CONT $!; wait")
      assert.equal("true", text)
    end)

    for _, wrong in ipairs { -1, -1e-9, 0 / 0, math.huge, -math.huge, 1e300, "x", {}, true } do
      it("refuse to sleep for " .. tostring(wrong), function()
        assert.has_error(function()
          system.sleep(wrong)
        end)
      end)
    end

    it("refuse to sleep for nothing", function()
      assert.has_error(function()
        system.sleep()
      end)
    end)
  end)

  describe("readprivate", function()
    it("answers the whole text", function()
      assert.equal("", system.readprivate(make("a", "")))
      assert.equal("x\0y\n", system.readprivate(make("b", "x\0y\n")))
      assert.equal("x", system.readprivate(make("c", "x", "400")))
      local long = ("0123456789"):rep(6553) .. "012345"
      assert.equal(long, system.readprivate(make("d", long .. "")))
    end)

    it("reads behind links", function()
      make("secret", "text")
      shell("ln -s secret link && ln -s link again")
      assert.equal("text", system.readprivate(path("again")))
    end)

    local rows = {
      { "a missing file", "NOT_FOUND", "true" },
      { "a file as a folder", "NOT_FOUND", "printf x >file", "file/it" },
      { "a dangling link", "NOT_FOUND", "ln -s nowhere it" },
      { "a circle of links", "IO", "ln -s it it" },
      { "a folder", "NOT_REGULAR", "mkdir -m 700 it" },
      { "a FIFO", "NOT_REGULAR", "mkfifo -m 600 it" },
      { "a device", "NOT_REGULAR", "ln -s /dev/zero it" },
      { "a file that the group may read", "NOT_PRIVATE", "printf x >it; chmod 640 it" },
      { "a file that all may read", "NOT_PRIVATE", "printf x >it; chmod 604 it" },
      { "a file that the group may write", "NOT_PRIVATE", "printf x >it; chmod 620 it" },
      { "a file that all may write", "NOT_PRIVATE", "printf x >it; chmod 602 it" },
      { "a link to an open file", "NOT_PRIVATE", "printf x >open; chmod 644 open; ln -s open it" },
      { "a file that is too large", "TOO_LARGE", "head -c 65537 /dev/zero >it; chmod 600 it" },
      { "a file with a huge hole", "TOO_LARGE", "dd if=/dev/zero of=it bs=1 count=1 seek=1000000000; chmod 600 it" },
    }
    for _, row in ipairs(rows) do
      it("refuses " .. row[1], function()
        shell("{ %s; } >/dev/null 2>&1", row[3])
        local before = system.monotonic()
        local err = refused(row[2], system.readprivate(path(row[4] or "it")))
        assert.is_true(system.monotonic() - before < 20)
        assert.is_truthy(err.message:find(path(row[4] or "it"), 1, true))
      end)
    end

    it("says how to make the file private", function()
      local err = refused("NOT_PRIVATE", system.readprivate(make("it", "SECRET", "644")))
      assert.equal("chmod 600 " .. path("it"), err.hint)
      assert.is_nil(tostring(err):find("SECRET"))
    end)

    it("refuses another user's file", function()
      if not is_root() then
        pending("only root can give a file away")
        return
      end
      make("it", "x")
      shell("chown 12345 it")
      local err = refused("NOT_PRIVATE", system.readprivate(path("it")))
      assert.is_truthy(err.message:find("another user"))
    end)

    it("refuses a file without permission", function()
      if is_root() then
        pending("root may read everything")
        return
      end
      refused("PERMISSION", system.readprivate(make("it", "x", "000")))
    end)

    it("obeys the caller's size", function()
      make("it", "12345")
      assert.equal("12345", system.readprivate(path("it"), 5))
      refused("TOO_LARGE", system.readprivate(path("it"), 4))
    end)

    it("leaves no file open", function()
      make("good", "x")
      make("bad", "x", "666")
      local before = descriptors.settled()
      for _ = 1, 20 do
        system.readprivate(path("good"))
        system.readprivate(path("bad"))
        system.readprivate(path("none"))
        system.writefile(path("new"), "x")
        system.writefile(path("none/new"), "x")
        local lock = system.lock(path("lock"))
        system.lock(path("lock"))
        lock:unlock()
      end
      assert.is_true(descriptors.count() <= before)
    end)

    it("raises when misused", function()
      for _, arguments in ipairs { {}, { 42 }, { "" }, { "a\0b" }, { "a", 0 }, { "a", -1 }, { "a", 0 / 0 },
        { "a", 1e12 }, { "a", "x" }, { {} } } do
        assert.has_error(function()
          system.readprivate(arguments[1], arguments[2])
        end)
      end
    end)
  end)

  describe("checkfolder", function()
    it("takes a folder that its owner alone may write to, also behind links", function()
      for _, mode in ipairs { "700", "755", "750", "500" } do
        shell("mkdir it && chmod %s it", mode)
        assert.is_true(system.checkfolder(path("it")))
        shell("ln -s it link && ln -s link again")
        assert.is_true(system.checkfolder(path("again/")))
        shell("rm link again; chmod 700 it; rmdir it")
      end
    end)

    local rows = {
      { "a missing folder", "NOT_FOUND", "true" },
      { "a dangling link", "NOT_FOUND", "ln -s nowhere it" },
      { "a file", "NOT_FOUND", "printf x >it" },
      { "a FIFO", "NOT_FOUND", "mkfifo -m 600 it" },
      { "a folder that all may write to", "NOT_PRIVATE", "mkdir it; chmod 777 it" },
      { "a folder that strangers may write to", "NOT_PRIVATE", "mkdir it; chmod 702 it" },
      { "a folder that the group may write to", "NOT_PRIVATE", "mkdir it; chmod 770 it" },
      { "a folder of all, as for temporary files", "NOT_PRIVATE", "mkdir it; chmod 1777 it" },
      { "a link to an open folder", "NOT_PRIVATE", "mkdir open; chmod 777 open; ln -s open it" },
    }
    for _, row in ipairs(rows) do
      it("refuses " .. row[1], function()
        shell("{ %s; } >/dev/null 2>&1", row[3])
        local err = refused(row[2], system.checkfolder(path("it")))
        assert.is_truthy(err.message:find(path("it"), 1, true))
        assert.equal(row[2] == "NOT_PRIVATE" and "chmod 700 " .. path("it") or nil, err.hint)
      end)
    end

    it("refuses another user's folder", function()
      if not is_root() then
        pending("only root can give a folder away")
        return
      end
      shell("mkdir -m 700 it && chown 12345 it")
      local err = refused("NOT_PRIVATE", system.checkfolder(path("it")))
      assert.is_truthy(err.message:find("another user"))
      assert.is_truthy(err.hint:find("chown"))
    end)

    -- The words before a command of another user, who can read our modules; nil where this one is not root.
    local another = "setpriv --reuid 12345 --regid 12345 --clear-groups"
    if child.run(another .. " test -r \"$OUT/aliyun/sas/system.so\" && echo yes") ~= "yes" then
      another = nil
    end

    -- what is above the folder: its name, how it is made, and the path that is named, or nothing where all is well
    local OPEN = "mkdir -p open/in/it; chmod 777 open"
    for _, row in ipairs {
      { "open/in/it", OPEN, "open" }, { "open/in", OPEN, "open" },
      { "open/in/it", "mkdir -p open/in/it; chmod 702 open/in", "open/in" },
      { "it", OPEN .. "; ln -s open/in/it it", "open" }, { "it", OPEN .. "; ln -s ./open/../open/in/it it", "open" },
      { "open/it", OPEN .. "; mkdir good; ln -s ../good open/it", "open" },
      { "open/link/it", OPEN .. "; mkdir -p good/it; ln -s ../good open/link", "open" },
      { "open/../good", OPEN .. "; mkdir good", "open" },
      { "closed/../it/./", "mkdir closed it" }, { "//it///", "mkdir it" },
      { "shared/it", "mkdir -p shared/it; chmod 1777 shared" },
      { "shared/it", "mkdir shared good; ln -s ../good shared/it; chmod 1777 shared" },
      { "it", "mkdir -p a/b/good; ln -s b/good a/link; ln -s ../$(basename $PWD)/a/link it" },
    } do
      it(("%s %s after: %s"):format(row[3] and "refuses" or "takes", row[1], row[2]), function()
        shell("%s", row[2])
        local good, err = system.checkfolder(path(row[1]))
        if not row[3] then
          assert.is_true(good, err and err.message)
          return
        end
        refused("NOT_PRIVATE", good, err)
        assert.equal(path(row[3]) .. ": can be changed by other users", err.message)
        assert.equal("chmod go-w " .. path(row[3]), err.hint)
      end)
    end

    it("refuses what is below a folder of a group, unless the group is that of its owner alone", function()
      shell("mkdir -p a/it; chmod 770 a")
      local own = not is_root() and child.run "id -u" == child.run "id -g"
      assert.equal(own or nil, (system.checkfolder(path("a/it"))))
      if is_root() then
        shell("chgrp 12345 a")
        refused("NOT_PRIVATE", system.checkfolder(path("a/it")))
        if not another then
          return
        end
        shell("mkdir -p b/it; chmod 770 b; chown -R 12345:12345 a b; chgrp 54321 b; chown 12345 .")
        local text = child.run(("cd /; %s env %s"):format(another, child.command("-e", ([[
          local system = require "aliyun.sas.system"
          print(system.checkfolder %q, (system.checkfolder %q), (system.checkfolder %q))]]):format(
          path("a/it"), path("a/../a"), path("b/it")))))
        shell("chown 0 .")
        assert.equal("true\tnil\tnil", text)
      end
    end)

    it("refuses what another user can change from above", function()
      if not is_root() then
        pending("only root can give a folder away")
        return
      end
      for _, row in ipairs {
        { "theirs/it", "mkdir -p theirs/it; chown 12345 theirs", "theirs" },
        { "it", "mkdir -p theirs/it; chown 12345 theirs; ln -s theirs/it it", "theirs" },
        { "shared/it", "mkdir shared good; ln -s ../good shared/it; chown -h 12345 shared/it; chmod 1777 shared",
          "shared/it" },
        { "shared/it", "mkdir shared good; ln -s theirs shared/it; ln -s ../good shared/theirs; "
          .. "chown -h 12345 shared/theirs; chmod 1777 shared", "shared/theirs" },
        { "shared/a/it", "mkdir -p shared/a/it; chown 12345 shared/a; chmod 1777 shared", "shared/a" },
        { "shared/it", "mkdir -p shared/it; chmod 1777 shared; chown 12345 shared", "shared" },
      } do
        shell("%s", row[2])
        local err = refused("NOT_PRIVATE", system.checkfolder(path(row[1])))
        assert.equal(path(row[3]) .. ": belongs to another user", err.message)
        assert.is_truthy(err.hint:find("chown"))
        shell("rm -r *")
      end
      -- who owns a link is nothing to us where nobody else can make one
      shell("mkdir good; ln -s good it; chown -h 12345 it")
      assert.is_true(system.checkfolder(path("it")))
    end)

    it("looks above a relative path, too", function()
      shell("mkdir -p open/in/it; chmod 777 open")
      for _, name in ipairs { "it", ".", "../in/it", "./it/.." } do
        local text = child.run(("cd %s/open/in && %s"):format(quote(folder), child.command("-e", ([[
          local good, err = require "aliyun.sas.system".checkfolder %q
          print(good, err and err.message)]]):format(name))))
        assert.equal("nil\t" .. path("open") .. ": can be changed by other users", text)
      end
      shell("chmod 755 open")
      assert.equal("true", child.run(("cd %s/open/in && %s"):format(quote(folder), child.command("-e",
        [[print(require "aliyun.sas.system".checkfolder "it")]]))))
    end)

    it("refuses links without end, and paths that lead nowhere", function()
      shell("ln -s it it; ln -s b a; ln -s a b; printf x >file; mkdir -m 700 good")
      refused("IO", system.checkfolder(path("it")))
      refused("IO", system.checkfolder(path("a/c")))
      for _, name in ipairs { "none/it", "file/it", "file/../good", "good/none/.." } do
        local err = refused("NOT_FOUND", system.checkfolder(path(name)))
        assert.is_truthy(err.message:find(path(name), 1, true))
      end
      refused("IO", system.checkfolder(path(("x"):rep(300))))
    end)

    it("takes it in a container, whose root folder is nobody's", function()
      local drop = is_root() and another or ""
      if is_root() and another then
        shell("mkdir it && chown -R 12345 .")
      elseif not is_root() then
        shell("mkdir it")
      end
      local text = child.run(("cd /; %s unshare -r stat -c %%u / && %s unshare -r env %s"):format(drop, drop,
        child.command("-e", ([[print(require "aliyun.sas.system".checkfolder %q)]]):format(path("it")))))
      if not text:find "^65534\n" then
        pending("there are no containers of users here")
        return
      end
      assert.equal("65534\ntrue", text)
    end)

    it("raises when misused", function()
      for _, wrong in ipairs { 42, "", "a\0b", {} } do
        assert.has_error(function()
          system.checkfolder(wrong)
        end)
      end
    end)
  end)

  describe("writefile", function()
    it("writes, and replaces", function()
      assert.is_true(system.writefile(path("it"), "one\0two"))
      assert.equal("one\0two", contents("it"))
      assert.equal("600", shell("stat -c %%a it"))
      assert.is_true(system.writefile(path("it"), "", "640"))
      assert.equal("", contents("it"))
      assert.equal("640", shell("stat -c %%a it"))
      assert.is_true(system.writefile(path("it"), ("x"):rep(1000000), 384))
      assert.equal(1000000, #contents("it"))
      assert.equal("it", shell("ls -A"))
    end)

    it("writes what readprivate reads", function()
      system.writefile(path("it"), "text")
      assert.equal("text", system.readprivate(path("it")))
    end)

    it("takes a name without a folder", function()
      local text = child.run("cd " .. quote(folder) .. " && " .. child.command("-e",
        [[print(require "aliyun.sas.system".writefile("plain", "x"))]]))
      assert.equal("true", text)
      assert.equal("x", contents("plain"))
    end)

    -- the umask, what is there before, the mode afterwards
    for _, row in ipairs {
      { "077", nil, "600" }, { "027", nil, "640" }, { "000", nil, "666" }, { "022", "600", "600" },
      { "000", "640", "640" }, { "077", "644", "644" }, { "077", "4755", "755" },
    } do
      it(("leaves the mode to the umask %s, or to the file of %s"):format(row[1], row[2] or "none"), function()
        if row[2] then
          make("it", "old", row[2])
        end
        assert.equal("true", child.run(("cd %s && umask %s && %s"):format(quote(folder), row[1], child.command("-e",
          [[print(require "aliyun.sas.system".writefile("it", "new", "umask"))]]))))
        assert.equal("new", contents("it"))
        assert.equal(row[3], shell("stat -c %%a it"))
      end)
    end

    it("refuses what is no mode", function()
      for _, wrong in ipairs { "umas", "UMASK", "umask ", "" } do
        assert.has_error(function() system.writefile(path("new"), "x", wrong) end)
      end
    end)

    -- as /dev/stdout is one: root could rename over it
    for name, target in pairs { ["a file"] = "target", ["a pipe"] = "pipe", nothing = "nowhere", itself = "it" } do
      it("refuses a link to " .. name .. " where the user has named the file", function()
        make("target", "kept")
        shell("mkfifo pipe; ln -s " .. target .. " it")
        refused("NOT_REGULAR", system.writefile(path("it"), "x", "umask"))
        assert.equal(target, shell("readlink it"))
        assert.equal("kept", contents("target"))
        assert.equal("it pipe target", shell("echo $(ls -A)"))
      end)
    end

    it("does not write through a link", function()
      make("target", "kept")
      shell("ln -s target it")
      assert.is_true(system.writefile(path("it"), "new"))
      assert.equal("kept", contents("target"))
      assert.equal("new", contents("it"))
    end)

    it("does not put a file in the place of a pipe or a device", function()
      shell("mkfifo it")
      refused("IO", system.writefile(path("it"), "x"))
      assert.equal("fifo", shell("stat -c %%F it"))
      assert.equal("it", shell("ls -A"))
    end)

    it("keeps the old file and leaves nothing when the name is taken by a folder", function()
      shell("mkdir -p it/inside")
      refused("IO", system.writefile(path("it"), "x"))
      assert.equal("it", shell("ls -A"))
    end)

    it("keeps the old file and leaves nothing when the disk is full", function()
      make("it", "old")
      local text = child.run("cd " .. quote(folder) .. " && trap '' XFSZ && ulimit -f 1 && " .. child.command("-e", [[
        local good, err = require "aliyun.sas.system".writefile("it", ("x"):rep(100000))
        print(good, err.code)]]))
      assert.equal("nil\tIO", text)
      assert.equal("old", contents("it"))
      assert.equal("it", shell("ls -A"))
    end)

    it("refuses a folder that is missing or is none", function()
      refused("NOT_FOUND", system.writefile(path("none/it"), "x"))
      make("file", "x")
      refused("NOT_FOUND", system.writefile(path("file/it"), "x"))
      assert.equal("file", shell("ls -A"))
    end)

    it("refuses a folder without permission", function()
      if is_root() then
        pending("root may write everywhere")
        return
      end
      shell("mkdir -m 500 shut")
      refused("PERMISSION", system.writefile(path("shut/it"), "x"))
    end)

    it("raises when misused", function()
      for _, arguments in ipairs { {}, { path("it") }, { path("it"), 42 }, { 42, "x" }, { "", "x" }, { "a\0b", "x" },
        { path("it"), "x", 600 }, { path("it"), "x", "800" }, { path("it"), "x", "7777" }, { path("it"), "x", "" },
        { path("it"), "x", -1 }, { path("it"), "x", 1.5 }, { path("it"), "x", {} } } do
        assert.has_error(function()
          system.writefile(arguments[1], arguments[2], arguments[3])
        end)
      end
      assert.equal("", shell("ls -A"))
    end)
  end)

  describe("lock", function()
    it("has one holder, in this process too", function()
      local lock = assert(system.lock(path("it")))
      assert.equal("aliyun.sas.system lock (held)", tostring(lock))
      refused("LOCKED", system.lock(path("it")))
      assert(system.lock(path("other"))):unlock()
      lock:unlock()
      lock:unlock()
      assert.equal("aliyun.sas.system lock (released)", tostring(lock))
      assert(system.lock(path("it"))):unlock()
      assert.equal("600", shell("stat -c %%a it"))
    end)

    it("waits as long as it may", function()
      local lock = assert(system.lock(path("it")))
      local before = system.monotonic()
      refused("LOCKED", system.lock(path("it"), 0.2))
      local waited = system.monotonic() - before
      assert.is_true(waited >= 0.2 and waited < 20)
      lock:unlock()
    end)

    it("is given back by the collector", function()
      assert(system.lock(path("it")))
      collectgarbage()
      collectgarbage()
      assert(system.lock(path("it"))):unlock()
    end)

    it("is given back at the end of its block on Lua 5.4", function()
      if _VERSION ~= "Lua 5.4" then
        pending("needs Lua 5.4")
        return
      end
      local use = assert(load([[
        local system, path = ...
        local lock <close> = system.lock(path)
        return select(2, system.lock(path)).code]]))
      assert.equal("LOCKED", use(system, path("it")))
      assert(system.lock(path("it"))):unlock()
    end)

    it("is given back when its process is killed", function()
      local pid = child.run(child.command("-e", [[
        local system = require "aliyun.sas.system"
        lock = assert(system.lock(']] .. path("it") .. [['))
        assert(system.writefile(']] .. path("ready") .. [[', tostring(system.pid())))
        system.sleep(600)]]) .. " >/dev/null 2>&1 & echo $!")
      for _ = 1, 600 do
        if contents("ready") then
          break
        end
        system.sleep(0.1)
      end
      refused("LOCKED", system.lock(path("it")))
      os.execute("kill -9 " .. contents("ready") .. " " .. pid .. " 2>/dev/null")
      assert(system.lock(path("it"), 60)):unlock()
    end)

    it("is not given back by a forked child", function()
      local command, reason = child.luajit_command("spec/support/forked.lua", "lock", 0, path("it"))
      if not command then
        pending(reason)
        return
      end
      assert.equal("child ended\t0\nwhile held\tnil\tLOCKED\nafterwards\taliyun.sas.system lock (held)",
        child.run(command))
    end)

    it("is not fooled by a lock file that was removed", function()
      local first = assert(system.lock(path("it")))
      shell("rm it")
      local second = assert(system.lock(path("it")))
      refused("LOCKED", system.lock(path("it")))
      first:unlock()
      second:unlock()
    end)

    it("refuses what cannot be a lock file", function()
      shell("mkdir folder && ln -s elsewhere link")
      refused("NOT_FOUND", system.lock(path("none/it")))
      refused("IO", system.lock(path("folder")))
      refused("IO", system.lock(path("link")))
      shell("mkfifo fifo")
      refused("NOT_REGULAR", system.lock(path("fifo"), 5))
      refused("NOT_REGULAR", system.lock("/dev/null", 5))
      assert.is_nil(contents("elsewhere"))
    end)

    it("raises when misused", function()
      for _, arguments in ipairs { {}, { 42 }, { "" }, { "a\0b" }, { path("it"), -1 }, { path("it"), 0 / 0 },
        { path("it"), math.huge }, { path("it"), "soon" } } do
        assert.has_error(function()
          system.lock(arguments[1], arguments[2])
        end)
      end
      local lock = assert(system.lock(path("it")))
      for _, wrong in ipairs { {}, "x", 42, io.stdout } do
        assert.has_error(function()
          lock.unlock(wrong)
        end)
      end
      lock:unlock()
    end)
  end)

  describe("yieldable", function()
    -- Lua 5.1 and 5.2 cannot tell; LuaJIT and the newer ones can
    local tells = rawget(_G, "jit") ~= nil or _VERSION >= "Lua 5.3"
    local function expected(value)
      if tells then
        return value
      end
      return nil
    end

    it("is true in a coroutine", function()
      local seen
      coroutine.wrap(function() seen = { system.yieldable() } end)()
      assert.equal(expected(true), seen[1])
      coroutine.wrap(function() pcall(function() seen = { system.yieldable() } end) end)()
      assert.equal(expected(true), seen[1])
    end)

    it("is false in a coroutine below a function of C", function()
      local seen
      coroutine.wrap(function()
        table.sort({ 2, 1 }, function(a, b)
          seen = { system.yieldable() }
          return a < b
        end)
      end)()
      assert.equal(expected(false), seen[1])
      coroutine.wrap(function()
        return (("x"):gsub("x", function() seen = { system.yieldable() } end))
      end)()
      assert.equal(expected(false), seen[1])
    end)
  end)

  it("exports what is documented and nothing else", function()
    local names = {}
    for name in pairs(system) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.equal("_VERSION boottime bounded checkfolder columns cputime holdinterrupts interrupted isatty lock "
      .. "makefolder monotonic now pid readprivate readsecret run sleep writefile yieldable",
      table.concat(names, " "))
  end)
end)
