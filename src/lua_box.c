/*
 * lua_box.c - userdata that own what C acquires
 * SPDX-License-Identifier: MIT
 */
#include "lua_box.h"

#include <string.h>

void sas_lua_class(lua_State *L, const char *name, const luaL_Reg *metamethods,
                   const luaL_Reg *methods)
{
    if (luaL_newmetatable(L, name)) {
        luaL_setfuncs(L, metamethods, 0);
        lua_pushstring(L, name);
        lua_setfield(L, -2, "__name");
        lua_pushstring(L, name);
        lua_setfield(L, -2, "__metatable");
        if (methods) {
            lua_newtable(L);
            luaL_setfuncs(L, methods, 0);
            lua_setfield(L, -2, "__index");
        }
    }
    lua_pop(L, 1);
}

void *sas_lua_box(lua_State *L, size_t size, const char *name)
{
    void *box = lua_newuserdata(L, size);

    memset(box, 0, size);
    luaL_setmetatable(L, name);
    return box;
}

void *sas_lua_test(lua_State *L, int index, size_t size, const char *name)
{
    void *box = luaL_testudata(L, index, name);

    return box && lua_rawlen(L, index) == size ? box : NULL;
}

void *sas_lua_check(lua_State *L, int index, size_t size, const char *name)
{
    void *box = luaL_checkudata(L, index, name);

    if (lua_rawlen(L, index) != size)
        luaL_argerror(L, index, name);
    return box;
}
