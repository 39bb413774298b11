-- src/error.c and lua_error.c: one error object for all modules.

local child = require "spec.support.child"
local core = require "aliyun.sas.core"
local system = require "aliyun.sas.system"

local function of_core()
  local _, err = core.describeDingTalk({ host = "localhost" }, { PageSize = 0, CurrentPage = 0, Name = "x" })
  return err
end

local function of_system()
  local _, err = system.readprivate "/nonexistent/file"
  return err
end

local function of_lua()
  return core.error { kind = "state", code = "MINE", message = "a message", hint = "a hint" }
end

describe("the error object", function()
  it("has one metatable, whichever module made it", function()
    assert.equal(getmetatable(of_core()), getmetatable(of_system()))
    assert.equal(getmetatable(of_core()), getmetatable(of_lua()))
    assert.equal("aliyun.sas.error", getmetatable(of_core()).__name)
  end)

  it("is a plain table of plain values", function()
    local kinds = {
      kind = "string", code = "string", message = "string", hint = "string", problems = "table", status = "number",
      requestId = "string", retryable = "boolean", sent = "boolean",
    }
    for _, err in ipairs { of_core(), of_system() } do
      for name, value in pairs(err) do
        assert.equal(kinds[name], type(value), name)
      end
      assert.is_false(err.sent)
    end
  end)

  it("lists all problems, each with path and message", function()
    local err = of_core()
    assert.equal("argument", err.kind)
    assert.equal(3, #err.problems)
    local paths = {}
    for _, problem in ipairs(err.problems) do
      paths[problem.path] = true
      assert.is_true(#problem.message > 0 and #problem.message <= 200)
    end
    assert.same({ PageSize = true, CurrentPage = true, Name = true }, paths)
  end)

  it("has an empty path for the argument as a whole, and never none", function()
    for _, params in ipairs { { [1] = "a" }, { [{}] = 1 }, { [true] = 1 }, setmetatable({}, { __index = {} }) } do
      local _, err = core.describeDingTalk({ host = "localhost" }, params)
      assert.equal("argument", err.kind)
      for _, problem in ipairs(err.problems) do
        assert.equal("", problem.path)
      end
      assert.is_truthy(tostring(err):find("\n  (arguments): ", 1, true))
    end
    local _, err = core.call({ host = "localhost" }, "ListGroups", { "a" })
    assert.equal("", err.problems[1].path)
  end)

  it("prints as a headline and a line for each problem", function()
    local lines = {}
    for line in tostring(of_core()):gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.equal("argument error [INVALID_ARGUMENT]: 3 problems in the arguments", lines[1])
    assert.equal(4, #lines)
    assert.is_truthy(tostring(of_core()):find("\n  PageSize: must be from 1 to 2000", 1, true))
  end)

  it("prints code, message and hint", function()
    assert.equal("state error [MINE]: a message (a hint)", tostring(of_lua()))
  end)

  it("can be joined with texts", function()
    assert.equal("failed: state error [MINE]: a message (a hint)", "failed: " .. of_lua())
    assert.equal("state error [MINE]: a message (a hint)!", of_lua() .. "!")
    assert.equal(tostring(of_lua()) .. tostring(of_lua()), of_lua() .. of_lua())
    assert.has_error(function() return of_lua() .. nil end)
  end)

  it("keeps a hundred problems and counts the others", function()
    local params = {}
    for i = 1, 250 do
      params["Unknown" .. i] = true
    end
    local _, err = core.describeDingTalk({ host = "localhost" }, params)
    assert.equal(100, #err.problems)
    assert.is_truthy(err.message:find("250 problems", 1, true))
  end)

  local broken = {
    ["nothing"] = {}, ["numbers"] = { kind = 1, code = 2, message = 3, hint = 4, problems = 5 },
    ["tables"] = { kind = {}, message = {}, problems = { {}, { path = {} } } }, ["holes"] = { problems = { nil, {} } },
    ["a field that raises"] = setmetatable({}, { __index = function() error "no" end }),
  }
  for name, fields in pairs(broken) do
    it("prints even when somebody filled it with " .. name, function()
      assert.equal("string", type(tostring(core.error(fields))))
    end)
  end

  it("prints a very long list of problems", function()
    local problems = {}
    for i = 1, 5000 do
      problems[i] = { path = "p" .. i, message = "m" }
    end
    local text = tostring(core.error { kind = "argument", message = "x", problems = problems })
    assert.is_truthy(text:find("p5000: m", 1, true))
  end)

  -- Also the other functions that read a table of the caller's, or a call, piece by piece.
  it("is printed of what was there, whatever a finalizer does to it meanwhile", function()
    assert.equal("ok", child.run("MALLOC_PERTURB_=85 " .. child.command("spec/support/finalized.lua")))
  end)

  it("is not made of anything but a table", function()
    for _, value in ipairs { "x", 1, true } do
      assert.has_error(function() core.error(value) end)
    end
    assert.has_error(function() getmetatable(of_lua()).__tostring("x") end)
    assert.has_error(function() getmetatable(of_lua()).__tostring() end)
  end)
end)
