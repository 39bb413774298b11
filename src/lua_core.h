/*
 * lua_core.h - the parts of the module aliyun.sas.core
 * SPDX-License-Identifier: MIT
 *
 * Each opener adds its functions to the module table on top of the stack.
 */
#ifndef SAS_LUA_CORE_H
#define SAS_LUA_CORE_H

#include "lua_value.h"

SAS_HIDDEN_BEGIN

/* config, parse, catalog: lua_config.c */
void sas_lua_open_config(lua_State *L);

/* credentials, sign, nonce and the encodings: lua_sign.c */
void sas_lua_open_sign(lua_State *L);

/* cliprofile, iniprofile, issued, bearer, form: lua_credentials.c */
void sas_lua_open_credentials(lua_State *L);

/* json, encode: lua_json.c */
void sas_lua_open_json(lua_State *L);

/* operations, suggest, ispublic, error: lua_operations.c */
void sas_lua_open_operations(lua_State *L);

/* each operation by its name, call, reply, budget: lua_call.c */
void sas_lua_open_call(lua_State *L);

/* The credentials at `index`; raises where there are none. */
struct sas_credentials *sas_lua_check_credentials(lua_State *L, int index);

SAS_HIDDEN_END

#endif
