/*
 * lua_error.h - the Lua error object, one metatable for all C modules
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_LUA_ERROR_H
#define SAS_LUA_ERROR_H

#include "compat.h"
#include "error.h"

SAS_HIDDEN_BEGIN

/* The registry name of the one metatable; whichever C module loads first registers it. */
#define SAS_ERROR_METATABLE "aliyun.sas.error"

/* Registers the metatable if no other module has; leaves the stack as it was. */
void sas_lua_error_register(lua_State *L);

/*
 * Pushes the error object (a plain table with the metatable) made from *e, which stays
 * the caller's: keep it in a box, since a push may raise. Raises Lua's memory error where
 * e->no_memory is set.
 */
void sas_lua_push_error(lua_State *L, const struct sas_error *e);

/* Pushes nil and the error object; answers 2. */
int sas_lua_return_error(lua_State *L, const struct sas_error *e);

SAS_HIDDEN_END

#endif
