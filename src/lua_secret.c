/*
 * lua_secret.c - secret bytes for Lua, one class for the modules that make and take them
 * SPDX-License-Identifier: MIT
 */
#include "lua_secret.h"

#include "lua_box.h"

static struct sas_buffer *check_secret(lua_State *L)
{
    return sas_lua_check(L, 1, sizeof(struct sas_buffer), SAS_SECRET_METATABLE);
}

static int secret_gc(lua_State *L)
{
    sas_buffer_release(check_secret(L));
    return 0;
}

static int secret_tostring(lua_State *L)
{
    const struct sas_buffer *b = check_secret(L);

    /* %d of Lua takes an int, and lua_Integer is none everywhere */
    lua_pushfstring(L, "<secret %d bytes>", (int)b->length);
    return 1;
}

void sas_lua_secret_register(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        {"__gc", secret_gc},
        {"__close", secret_gc},
        {"__tostring", secret_tostring},
        {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"close", secret_gc},
        {NULL, NULL},
    };

    sas_lua_class(L, SAS_SECRET_METATABLE, metamethods, methods);
}

struct sas_buffer *sas_lua_secret(lua_State *L)
{
    return sas_lua_box(L, sizeof(struct sas_buffer), SAS_SECRET_METATABLE);
}

struct sas_buffer *sas_lua_test_secret(lua_State *L, int index)
{
    return sas_lua_test(L, index, sizeof(struct sas_buffer), SAS_SECRET_METATABLE);
}
