/*
 * lua_json.c - JSON texts for Lua, and Lua values as JSON
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include <cjson/cJSON.h>

#include "json.h"
#include "lua_error.h"
#include "print.h"

#define JSON_METATABLE "aliyun.sas.json"

/* Holds a tree while it is turned into Lua values, which may raise. */
struct sas_json {
    cJSON *root;
};

static int json_gc(lua_State *L)
{
    struct sas_json *box = sas_lua_check(L, 1, sizeof *box, JSON_METATABLE);

    cJSON_Delete(box->root);
    box->root = NULL;
    return 0;
}

/* json(text): a JSON text read strictly, or nil and the error object */
static int core_json(lua_State *L)
{
    struct sas_scratch *s;
    struct sas_json *box;
    const char *why;
    size_t offset;

    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    s = sas_lua_scratch(L);
    box = sas_lua_box(L, sizeof *box, JSON_METATABLE);
    box->root = sas_json_read(sas_lua_view(L, 1), &why, &offset);
    if (!box->root) {
        struct sas_text message = {"", 0};

        sas_text_add(&message, "is not JSON: %s at byte %lu", why,
                     (unsigned long)offset + 1);
        sas_error_problem(&s->error, "text", message.text, NULL);
        s->error.no_memory |= why == sas_json_no_memory;
        return sas_lua_return_error(L, &s->error);
    }
    sas_lua_push_json(L, box->root);
    return 1;
}

/* encode(value): the value as JSON text, as sas_value_print has it; raises otherwise */
static int core_encode(lua_State *L)
{
    struct sas_scratch *s;
    struct sas_value value;
    const char *why = NULL;
    bool good;

    luaL_checkany(L, 1);
    lua_settop(L, 1);
    s = sas_lua_scratch(L);
    sas_lua_read(L, 1, &s->arena, &value);
    good = sas_value_print(&value, &s->text, &why);
    if (s->text.failed)
        why = "not enough memory";
    if (!good || s->text.failed)
        return luaL_error(L, "no JSON: %s", why);
    sas_lua_push_buffer(L, &s->text);
    sas_scratch_release(s);
    return 1;
}

static const luaL_Reg json_metamethods[] = {
    {"__gc", json_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"json", core_json},     /* strict */
    {"encode", core_encode}, /* back into a text */
    {NULL, NULL},
};

void sas_lua_open_json(lua_State *L)
{
    sas_lua_class(L, JSON_METATABLE, json_metamethods, NULL);
    luaL_setfuncs(L, functions, 0);
}
