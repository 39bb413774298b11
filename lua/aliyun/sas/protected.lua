--- pcall across which a coroutine may yield, on every Lua.
--
-- Lua 5.2 and newer and LuaJIT have such a pcall. In Lua 5.1 a yield cannot cross it, so the function runs in a
-- coroutine of its own there, and its yields are passed on.

local has_yieldable_pcall = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil
if has_yieldable_pcall then
  return pcall
end

local create, resume, status, yield = coroutine.create, coroutine.resume, coroutine.status, coroutine.yield

local function pass_on(thread, good, ...)
  if good and status(thread) == "suspended" then
    return pass_on(thread, resume(thread, yield(...)))
  end
  return good, ...
end

return function(f, ...)
  -- Lua 5.1 makes coroutines of Lua functions only, and a transport's function may be one of C.
  local thread = create(function(...) return f(...) end)
  return pass_on(thread, resume(thread, ...))
end
