/*
 * lua_core.c - aliyun.sas.core: the module table
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>

#include "lua_error.h"
#include "pin.h"

/* versions(): those of the libraries below, as they are loaded */
static int core_versions(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, OpenSSL_version(OPENSSL_VERSION));
    lua_setfield(L, -2, "openssl");
    lua_pushstring(L, cJSON_Version());
    lua_setfield(L, -2, "cjson");
    return 1;
}

SAS_EXPORT int luaopen_aliyun_sas_core(lua_State *L);

SAS_EXPORT int luaopen_aliyun_sas_core(lua_State *L)
{
    sas_pin();
    sas_lua_error_register(L);
    lua_newtable(L);
    lua_pushstring(L, SAS_VERSION);
    lua_setfield(L, -2, "_VERSION");
    lua_pushcfunction(L, core_versions);
    lua_setfield(L, -2, "versions");
    sas_lua_open_config(L);
    sas_lua_open_sign(L);
    sas_lua_open_credentials(L);
    sas_lua_open_json(L);
    sas_lua_open_operations(L);
    sas_lua_open_call(L);
    return 1;
}
