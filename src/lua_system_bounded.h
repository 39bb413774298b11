/*
 * lua_system_bounded.h - a Lua function within bounds of memory, instructions and time
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_LUA_SYSTEM_BOUNDED_H
#define SAS_LUA_SYSTEM_BOUNDED_H

#include "compat.h"

SAS_HIDDEN_BEGIN

/*
 * bounded(limits, f, ...): calls f as pcall does, and stops it where it goes beyond a
 * limit: `memory` (bytes more than the Lua state has at the start), `instructions` (of
 * the virtual machine), `seconds` (of the processor). Answers true and the results, or
 * false, the error, and which of the limits it was, by its name, if it was one.
 *
 * The allocator and the hook of before are back when it returns. Under LuaJIT compiled
 * code calls no hook: switch the compiler off for what f runs. Other coroutines keep
 * their own hooks, so that f must not be able to resume any.
 */
int sas_lua_bounded(lua_State *L);

SAS_HIDDEN_END

#endif
