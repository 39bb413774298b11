/*
 * compat.h - what Lua 5.1, 5.2 and LuaJIT lack, hidden
 * SPDX-License-Identifier: MIT
 *
 * The code is written for 5.4 and LuaJIT 2.1, which share luaL_newlib, luaL_setfuncs,
 * luaL_setmetatable and luaL_testudata. PUC 5.1 lacks them.
 */
#ifndef SAS_COMPAT_H
#define SAS_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

#include "sas.h"

#if LUA_VERSION_NUM == 501
#define lua_rawlen(L, i) lua_objlen(L, i)
#define lua_absindex(L, i)                                                               \
    ((i) > 0 || (i) <= LUA_REGISTRYINDEX ? (i) : lua_gettop(L) + (i) + 1)
#endif

#if LUA_VERSION_NUM == 501 && !defined(LUAJIT_VERSION_NUM) && !defined(LUA_LJDIR)
#include <string.h>

static inline void sas_compat_setfuncs(lua_State *L, const luaL_Reg *l, int nup)
{
    luaL_checkstack(L, nup + 1, "too many upvalues");
    for (; l->name; l++) {
        int i;

        for (i = 0; i < nup; i++)
            lua_pushvalue(L, -nup);
        lua_pushcclosure(L, l->func, nup);
        lua_setfield(L, -(nup + 2), l->name);
    }
    lua_pop(L, nup);
}

static inline void *sas_compat_testudata(lua_State *L, int index, const char *name)
{
    void *p = lua_touserdata(L, index);
    int same;

    if (!p || !lua_getmetatable(L, index))
        return NULL;
    luaL_getmetatable(L, name);
    same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? p : NULL;
}

#define luaL_setfuncs(L, l, n)     sas_compat_setfuncs(L, l, n)
#define luaL_testudata(L, i, name) sas_compat_testudata(L, i, name)
#define luaL_setmetatable(L, name) (luaL_getmetatable(L, name), lua_setmetatable(L, -2))
#define luaL_newlib(L, l)          (lua_newtable(L), luaL_setfuncs(L, l, 0))
#endif

/* 5.3 and newer have integers of their own; elsewhere a number is a double. */
#if LUA_VERSION_NUM >= 503
#define SAS_LUA_INTEGERS 1
#else
#define SAS_LUA_INTEGERS 0
#endif

/* False where Lua has no integers. */
static inline int sas_lua_isinteger(lua_State *L, int index)
{
#if SAS_LUA_INTEGERS
    return lua_isinteger(L, index);
#else
    (void)L, (void)index;
    return 0;
#endif
}

/*
 * LuaJIT 2.1 has this beyond Lua 5.1, and may load what was compiled for Lua 5.1. Weak:
 * it is asked for when the module is loaded, and may be missing then.
 */
#if LUA_VERSION_NUM >= 503
#define SAS_LUA_ISYIELDABLE(L) lua_isyieldable(L)
#elif defined(__GNUC__) && defined(__ELF__)
extern int lua_isyieldable(lua_State *L) __attribute__((weak));
#define SAS_LUA_ISYIELDABLE(L) (lua_isyieldable ? lua_isyieldable(L) : -1)
#else
#define SAS_LUA_ISYIELDABLE(L) -1
#endif

#endif
