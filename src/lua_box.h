/*
 * lua_box.h - userdata that own what C acquires
 * SPDX-License-Identifier: MIT
 *
 * A box is zeroed and has its metatable before anything is put into it, so that an error
 * raised by Lua at any moment loses nothing: __gc releases what is there.
 */
#ifndef SAS_LUA_BOX_H
#define SAS_LUA_BOX_H

#include <stddef.h>

#include "compat.h"

SAS_HIDDEN_BEGIN

/*
 * Registers a class of boxes unless it is there: its metatable with `metamethods` (__gc
 * among them), and `methods` under __index (NULL for none). getmetatable answers the
 * name.
 */
void sas_lua_class(lua_State *L, const char *name, const luaL_Reg *metamethods,
                   const luaL_Reg *methods);

/* Pushes a zeroed box of the class. */
void *sas_lua_box(lua_State *L, size_t size, const char *name);

/*
 * The box at `index`; sas_lua_check raises where there is none, sas_lua_test answers
 * NULL. The size is looked at too: debug.setmetatable can give the metatable to anything.
 */
void *sas_lua_check(lua_State *L, int index, size_t size, const char *name);
void *sas_lua_test(lua_State *L, int index, size_t size, const char *name);

SAS_HIDDEN_END

#endif
