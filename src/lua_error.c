/*
 * lua_error.c - the Lua error object, one metatable for all C modules
 * SPDX-License-Identifier: MIT
 */
#include "lua_error.h"

#include <string.h>

#include "encode.h"

static void push_field(lua_State *L, const char *name, const struct sas_buffer *text)
{
    if (!text->length)
        return;
    lua_pushlstring(L, text->data, text->length);
    lua_setfield(L, -2, name);
}

/* What was sent is told also where memory did not suffice for the texts. */
static void push_required(lua_State *L, const char *name, const struct sas_error *e,
                          const struct sas_buffer *text, const char *instead)
{
    if (text->length || !e->no_memory) {
        push_field(L, name, text);
        return;
    }
    lua_pushstring(L, instead);
    lua_setfield(L, -2, name);
}

static void push_flag(lua_State *L, const char *name, bool flag)
{
    lua_pushboolean(L, flag);
    lua_setfield(L, -2, name);
}

/* Never absent: "" is the argument as a whole. */
static void push_path(lua_State *L, const struct sas_buffer *path)
{
    lua_pushlstring(L, sas_buffer_cstr(path), path->length);
    lua_setfield(L, -2, "path");
}

static void push_problems(lua_State *L, const struct sas_error *e)
{
    size_t i;

    lua_createtable(L, (int)e->problem_count, 0);
    for (i = 0; i < e->problem_count; i++) {
        lua_createtable(L, 0, 3);
        push_path(L, &e->problems[i].path);
        push_field(L, "message", &e->problems[i].message);
        push_field(L, "hint", &e->problems[i].hint);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "problems");
}

void sas_lua_push_error(lua_State *L, const struct sas_error *e)
{
    luaL_checkstack(L, 6, "error object");
    if (e->no_memory && !e->sent) /* what was sent must be told, with or without texts */
        luaL_error(L, "not enough memory");
    lua_createtable(L, 0, 8);
    lua_pushstring(L, sas_kind_name(e->kind));
    lua_setfield(L, -2, "kind");
    push_required(L, "code", e, &e->code, "OUT_OF_MEMORY");
    push_required(L, "message", e, &e->message, "not enough memory");
    push_field(L, "hint", &e->hint);
    push_field(L, "requestId", &e->request_id);
    push_flag(L, "retryable", e->retryable);
    push_flag(L, "sent", e->sent);
    if (e->status) {
        lua_pushinteger(L, e->status);
        lua_setfield(L, -2, "status");
    }
    if (e->problem_count)
        push_problems(L, e);
    sas_lua_error_register(L);
    luaL_setmetatable(L, SAS_ERROR_METATABLE);
}

int sas_lua_return_error(lua_State *L, const struct sas_error *e)
{
    lua_pushnil(L);
    sas_lua_push_error(L, e);
    return 2;
}

/* Puts what is printable of the text at `index`, the top of the stack, in its place. */
static void make_printable(lua_State *L, int index)
{
    struct sas_view text, shown;
    luaL_Buffer b;
    size_t i;

    text.data = lua_tolstring(L, index, &text.length);
    luaL_buffinit(L, &b);
    for (i = 0; i < text.length;) {
        i += sas_printable_next(text.data + i, text.length - i, &shown);
        luaL_addlstring(&b, shown.data, shown.length);
    }
    luaL_pushresult(&b);
    lua_replace(L, index);
}

/*
 * The field's text, or NULL; read raw, so that a broken object still prints. It stays on
 * the stack: a finalizer may empty the table.
 */
static const char *push_text(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
    if (lua_type(L, -1) != LUA_TSTRING)
        return NULL;
    make_printable(L, lua_gettop(L)); /* whoever made the error */
    return lua_tolstring(L, -1, NULL);
}

/* Puts the text of the problem at `index`, the top of the stack, in its place. */
static void print_problem(lua_State *L, int index)
{
    const char *path = push_text(L, index, "path");
    const char *message = push_text(L, index, "message");
    const char *hint = push_text(L, index, "hint");
    luaL_Buffer b;

    luaL_buffinit(L, &b);
    luaL_addstring(&b, "\n  ");
    luaL_addstring(&b, path && *path ? path : "(arguments)");
    luaL_addstring(&b, ": ");
    luaL_addstring(&b, message ? message : "?");
    if (hint) {
        luaL_addstring(&b, " (");
        luaL_addstring(&b, hint);
        luaL_addstring(&b, ")");
    }
    luaL_pushresult(&b);
    lua_replace(L, index);
    lua_settop(L, index);
}

/* One string per problem, so that their buffers never share the stack. */
static int push_problem_texts(lua_State *L)
{
    int list, n;

    lua_pushstring(L, "problems");
    lua_rawget(L, 1);
    list = lua_gettop(L);
    if (lua_type(L, list) != LUA_TTABLE)
        return 0;
    for (n = 0;; n++) {
        luaL_checkstack(L, LUA_MINSTACK, "error problems");
        lua_rawgeti(L, list, n + 1);
        if (lua_type(L, -1) != LUA_TTABLE) {
            lua_pop(L, 1);
            return n;
        }
        print_problem(L, lua_gettop(L));
    }
}

static void push_headline(lua_State *L)
{
    const char *kind = push_text(L, 1, "kind");
    const char *code = push_text(L, 1, "code");
    const char *message = push_text(L, 1, "message");
    const char *hint = push_text(L, 1, "hint");

    lua_pushfstring(L, "%s error%s%s%s: %s%s%s%s", kind ? kind : "?", code ? " [" : "",
                    code ? code : "", code ? "]" : "", message ? message : "no message",
                    hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
    lua_replace(L, 2);
    lua_settop(L, 2);
}

static int error_tostring(lua_State *L)
{
    int problems;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_headline(L);
    problems = push_problem_texts(L);
    if (problems > 0) {
        lua_remove(L, 3); /* the list */
        lua_concat(L, problems + 1);
        return 1;
    }
    lua_settop(L, 2);
    return 1;
}

/* "failed: " .. err */
static int error_concat(lua_State *L)
{
    int i;

    lua_settop(L, 2);
    for (i = 1; i <= 2; i++) {
        if (lua_type(L, i) == LUA_TTABLE) {
            lua_pushcfunction(L, error_tostring);
            lua_pushvalue(L, i);
            lua_call(L, 1, 1);
            lua_replace(L, i);
        }
    }
    lua_concat(L, 2);
    return 1;
}

void sas_lua_error_register(lua_State *L)
{
    if (luaL_newmetatable(L, SAS_ERROR_METATABLE)) {
        lua_pushcfunction(L, error_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushcfunction(L, error_concat);
        lua_setfield(L, -2, "__concat");
        lua_pushstring(L, SAS_ERROR_METATABLE);
        lua_setfield(L, -2, "__name");
    }
    lua_pop(L, 1);
}
