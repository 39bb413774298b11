/*
 * lua_http.h - what the files of the Lua module aliyun.sas.http share
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_LUA_HTTP_H
#define SAS_LUA_HTTP_H

#include <stdbool.h>

#include "compat.h"
#include "http.h"

SAS_HIDDEN_BEGIN

/*
 * Reads the request, the argument 2; false: x->code tells what is wrong with it. Its
 * texts stay on the stack.
 */
bool sas_lua_http_request(lua_State *L, struct sas_http_exchange *x);

/* Pushes the outcome. */
void sas_lua_http_outcome(lua_State *L, const struct sas_http_exchange *x);

SAS_HIDDEN_END

#endif
