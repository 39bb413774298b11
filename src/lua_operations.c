/*
 * lua_operations.c - what the core knows, for Lua: the table of operations, words, names
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include "lua_error.h"
#include "operation.h"
#include "show.h"
#include "suggest.h"

static const char *parameter_type(enum sas_parameter_type type)
{
    static const char *const type_names[] = {"id",      "ids",  "text",   "name",  "url",
                                             "integer", "word", "config", "groups"};

    return type_names[type];
}

/* Exact where Lua has integers of 64 bits. */
static void set_limit(lua_State *L, const char *name, int64_t limit)
{
#if SAS_LUA_INTEGERS
    lua_pushinteger(L, (lua_Integer)limit);
#else
    lua_pushnumber(L, (lua_Number)limit);
#endif
    lua_setfield(L, -2, name);
}

static void push_parameter(lua_State *L, const struct sas_parameter *p)
{
    int i;

    lua_createtable(L, 0, 8);
    sas_lua_set_text(L, "name", p->name);
    sas_lua_set_text(L, "type", parameter_type(p->type));
    sas_lua_set_text(L, "meaning", p->meaning);
    lua_pushboolean(L, p->required);
    lua_setfield(L, -2, "required");
    lua_pushboolean(L, p->secret);
    lua_setfield(L, -2, "secret");
    set_limit(L, "min", p->min);
    set_limit(L, "max", p->max);
    if (!p->words)
        return;
    lua_newtable(L);
    for (i = 0; p->words[i]; i++) {
        lua_pushstring(L, p->words[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "words");
}

/* operations(): a list of { action, method, class, ramAction, meaning, parameters } */
static int core_operations(lua_State *L)
{
    size_t i, j;

    lua_createtable(L, (int)sas_operation_count, 0);
    for (i = 0; i < sas_operation_count; i++) {
        const struct sas_operation *op = &sas_operations[i];

        lua_createtable(L, 0, 6);
        sas_lua_set_text(L, "action", op->action);
        sas_lua_set_text(L, "method", op->method);
        sas_lua_set_text(L, "class", sas_class_name(op->effect));
        sas_lua_set_text(L, "ramAction", op->ram_action);
        sas_lua_set_text(L, "meaning", op->meaning);
        lua_createtable(L, (int)op->parameter_count, 0);
        for (j = 0; j < op->parameter_count; j++) {
            push_parameter(L, &op->parameters[j]);
            lua_rawseti(L, -2, (int)j + 1);
        }
        lua_setfield(L, -2, "parameters");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* suggest(word, words): the nearest of a list of words, or nil */
static int core_suggest(lua_State *L)
{
    struct sas_suggest s = {{NULL, 0}, NULL, 0};
    const char *word;
    int i;

    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushnil(L); /* the third is the best one: a finalizer may empty the table */
    s.word = sas_lua_view(L, 1);
    for (i = 1;; i++) {
        lua_rawgeti(L, 2, i);
        if (lua_type(L, -1) != LUA_TSTRING)
            break;
        word = lua_tolstring(L, -1, NULL);
        sas_suggest_offer(&s, word);
        if (s.best == word)
            lua_replace(L, 3);
        lua_settop(L, 3);
    }
    lua_settop(L, 3);
    return 1;
}

/* ispublic(name): whether what a request has under this name may be shown */
static int core_ispublic(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_pushboolean(L, sas_is_public(sas_lua_view(L, 1)));
    return 1;
}

/* error(table): gives the table the one metatable of error objects */
static int core_error(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    sas_lua_error_register(L);
    luaL_setmetatable(L, SAS_ERROR_METATABLE);
    return 1;
}

static const luaL_Reg functions[] = {
    {"operations", core_operations}, /* the table */
    {"suggest", core_suggest},       /* "did you mean" */
    {"ispublic", core_ispublic},     /* what is masked */
    {"error", core_error},           /* for errors made in Lua */
    {NULL, NULL},
};

void sas_lua_open_operations(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
