/*
 * lua_core.c - aliyun.sas.core: the module table
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include "lua_error.h"
#include "pin.h"

SAS_EXPORT int luaopen_aliyun_sas_core(lua_State *L);

SAS_EXPORT int luaopen_aliyun_sas_core(lua_State *L)
{
    sas_pin();
    sas_lua_error_register(L);
    lua_newtable(L);
    lua_pushstring(L, SAS_VERSION);
    lua_setfield(L, -2, "_VERSION");
    sas_lua_open_config(L);
    sas_lua_open_sign(L);
    sas_lua_open_credentials(L);
    sas_lua_open_call(L);
    return 1;
}
