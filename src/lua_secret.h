/*
 * lua_secret.h - secret bytes for Lua, one class for the modules that make and take them
 * SPDX-License-Identifier: MIT
 *
 * A secret is a userdata without getters: what stood in a file or came from a program
 * gets to the module that parses it and never becomes a Lua string. It is a box of one
 * buffer, which wipes itself.
 */
#ifndef SAS_LUA_SECRET_H
#define SAS_LUA_SECRET_H

#include "buffer.h"
#include "compat.h"

SAS_HIDDEN_BEGIN

#define SAS_SECRET_METATABLE "aliyun.sas.secret"

/* Registers the class if no other module has; leaves the stack as it was. */
void sas_lua_secret_register(lua_State *L);

/* Pushes a new secret, empty. */
struct sas_buffer *sas_lua_secret(lua_State *L);

/* The secret at `index`, or NULL. */
struct sas_buffer *sas_lua_test_secret(lua_State *L, int index);

SAS_HIDDEN_END

#endif
