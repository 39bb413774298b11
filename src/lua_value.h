/*
 * lua_value.h - Lua values into the core, JSON out of it
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_LUA_VALUE_H
#define SAS_LUA_VALUE_H

#include "compat.h"
#include "config.h"
#include "credentials.h"
#include "error.h"
#include "lua_box.h"
#include "value.h"

SAS_HIDDEN_BEGIN

#define SAS_CONFIG_METATABLE      "aliyun.sas.config"
#define SAS_CREDENTIALS_METATABLE "aliyun.sas.credentials"

struct cJSON;

/* What every binding needs for a while; released early by hand, else by __gc. */
struct sas_scratch {
    struct sas_arena arena;
    struct sas_error error;
    struct sas_buffer text;
};
struct sas_scratch *sas_lua_scratch(lua_State *L);
void sas_scratch_release(struct sas_scratch *s);

/*
 * Reads the value at `index`, raw: no metamethod and no finalizer runs. Texts are views
 * of Lua's strings, so the value must stay on the stack, and nothing may be allocated
 * from Lua until the views are done with: a finalizer could empty the tables. What cannot
 * be read (functions, tables that contain themselves, proxies) becomes SAS_OTHER with its
 * reason. Raises when out of memory.
 */
void sas_lua_read(lua_State *L, int index, struct sas_arena *a, struct sas_value *out);

/* The string at `index` as a view, absent where it is no string. */
struct sas_view sas_lua_view(lua_State *L, int index);

/* Pushes a JSON tree: integers exact, null absent. See "Results" in the README. */
void sas_lua_push_json(lua_State *L, const struct cJSON *json);

/* Pushes what the buffer holds, as a string. */
void sas_lua_push_buffer(lua_State *L, const struct sas_buffer *b);

/* Sets the field of the table on top of the stack to a text; NULL is nil. */
void sas_lua_set_text(lua_State *L, const char *name, const char *text);

/* Raises the error object. */
int sas_lua_raise(lua_State *L, const struct sas_error *e);

SAS_HIDDEN_END

#endif
