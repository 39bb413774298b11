/*
 * lua_credentials.c - for Lua: credentials out of files and answers, and into requests
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include <string.h>

#include "credentials_answer.h"
#include "encode.h"
#include "lua_error.h"
#include "lua_secret.h"
#include "profile.h"

#define PROFILE_METATABLE "aliyun.sas.profile"
#define ISSUED_METATABLE  "aliyun.sas.issued"
#define BEARER_MAX        ((size_t)8192)

static int profile_gc(lua_State *L)
{
    sas_profile_release(
        sas_lua_check(L, 1, sizeof(struct sas_profile), PROFILE_METATABLE));
    return 0;
}

static int issued_gc(lua_State *L)
{
    struct sas_issued *issued =
        sas_lua_check(L, 1, sizeof(struct sas_issued), ISSUED_METATABLE);

    sas_credentials_release(&issued->keys);
    return 0;
}

/* The bytes of the secret or the string at `index`; raises where it is neither. */
static struct sas_view check_text(lua_State *L, int index)
{
    const struct sas_buffer *secret = sas_lua_test_secret(L, index);
    struct sas_view v;

    if (secret) {
        v.data = sas_buffer_cstr(secret);
        v.length = secret->length;
        return v;
    }
    luaL_checktype(L, index, LUA_TSTRING);
    return sas_lua_view(L, index);
}

/* Exact where Lua has integers of 64 bits. */
static void push_integer(lua_State *L, int64_t integer)
{
#if SAS_LUA_INTEGERS
    lua_pushinteger(L, (lua_Integer)integer);
#else
    lua_pushnumber(L, (lua_Number)integer);
#endif
}

/* Moves the keys into a userdata of their own, on top of the stack. */
static void push_keys(lua_State *L, struct sas_credentials *keys)
{
    struct sas_credentials *box = sas_lua_box(L, sizeof *box, SAS_CREDENTIALS_METATABLE);

    *box = *keys;
    memset(keys, 0, sizeof *keys);
}

/* --- profiles --- */

static void set_value(lua_State *L, const struct sas_profile_value *value)
{
    if (value->field->type == SAS_PROFILE_BOOLEAN)
        lua_pushboolean(L, value->boolean);
    else if (value->field->type == SAS_PROFILE_INTEGER)
        push_integer(L, value->integer);
    else
        sas_lua_push_buffer(L, &value->text);
    lua_setfield(L, -2, value->field->name);
}

static void set_token(lua_State *L, const char *name, struct sas_buffer *token)
{
    struct sas_buffer *box;

    if (!token->length)
        return;
    box = sas_lua_secret(L);
    *box = *token;
    memset(token, 0, sizeof *token);
    lua_setfield(L, -2, name);
}

static void push_profile(lua_State *L, struct sas_profile *p)
{
    size_t i;

    lua_createtable(L, 0, (int)p->count + 2);
    for (i = 0; i < p->count; i++)
        set_value(L, &p->values[i]);
    set_token(L, "accessToken", &p->access_token);
    set_token(L, "oauthAccessToken", &p->oauth_access_token);
    if (sas_credentials_present(&p->keys)) {
        push_keys(L, &p->keys);
        lua_setfield(L, -2, "credentials");
    }
}

static int read_profile(lua_State *L,
                        bool (*read)(struct sas_view, struct sas_view,
                                     struct sas_profile *, struct sas_error *))
{
    struct sas_scratch *s;
    struct sas_profile *p;

    lua_settop(L, 2);
    check_text(L, 1);
    if (!lua_isnil(L, 2))
        luaL_checktype(L, 2, LUA_TSTRING);
    s = sas_lua_scratch(L);
    p = sas_lua_box(L, sizeof *p, PROFILE_METATABLE);
    if (!read(check_text(L, 1), sas_lua_view(L, 2), p, &s->error))
        return sas_lua_return_error(L, &s->error);
    push_profile(L, p);
    return 1;
}

/*
 * cliprofile(text [, name]): the profile of a config.json, the current one without a name
 */
static int core_cliprofile(lua_State *L)
{
    return read_profile(L, sas_profile_cli);
}

/* iniprofile(text, section) */
static int core_iniprofile(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TSTRING);
    return read_profile(L, sas_profile_ini);
}

/* --- answers --- */

/* issued(text, form): credentials and, where they end, when; or nil and the error */
static int core_issued(lua_State *L)
{
    struct sas_scratch *s;
    struct sas_issued *issued;

    check_text(L, 1);
    luaL_checktype(L, 2, LUA_TSTRING);
    luaL_argcheck(L, sas_credentials_form(sas_lua_view(L, 2)), 2, "no form of an answer");
    lua_settop(L, 2);
    s = sas_lua_scratch(L);
    issued = sas_lua_box(L, sizeof *issued, ISSUED_METATABLE);
    if (!sas_credentials_answer(sas_lua_view(L, 2), check_text(L, 1), issued, &s->error))
        return sas_lua_return_error(L, &s->error);
    push_keys(L, &issued->keys);
    if (!issued->expires)
        return 1;
    push_integer(L, issued->expiry);
    return 2;
}

/* --- secrets into requests: a request is made of strings --- */

static int refuse(lua_State *L, struct sas_scratch *s, const char *message)
{
    sas_error_set(&s->error, SAS_CREDENTIALS, SAS_BAD_FILE, message, NULL);
    return sas_lua_return_error(L, &s->error);
}

/* bearer(secret): the value of an Authorization header */
static int core_bearer(lua_State *L)
{
    struct sas_scratch *s;
    struct sas_view token;
    size_t i;

    check_text(L, 1);
    lua_settop(L, 1);
    s = sas_lua_scratch(L);
    token = sas_view_strip(check_text(L, 1));
    for (i = 0; i < token.length; i++)
        if (token.data[i] <= ' ' || token.data[i] > '~')
            return refuse(L, s, "the access token holds what no header may hold");
    if (!token.length || token.length > BEARER_MAX)
        return refuse(L, s, "the access token is empty or too long");
    sas_buffer_text(&s->text, "Bearer ");
    if (!sas_buffer_view(&s->text, token))
        return luaL_error(L, "not enough memory");
    sas_lua_push_buffer(L, &s->text);
    sas_scratch_release(s);
    return 1;
}

/* A value of the form at index 1; of a secret, the white space around it is left out. */
static struct sas_view form_value(lua_State *L, int index)
{
    bool secret = sas_lua_test_secret(L, index) != NULL; /* before the view of it */
    struct sas_view v = check_text(L, index);

    return secret ? sas_view_strip(v) : v;
}

/*
 * form(list): a form body of { name, value } in this order; values are strings or
 * secrets, and an empty secret is an error
 */
static int core_form(lua_State *L)
{
    struct sas_scratch *s;
    int i;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    s = sas_lua_scratch(L);
    for (i = 1;; i++) {
        struct sas_view value;

        lua_settop(L, 2);
        lua_rawgeti(L, 1, i);
        if (lua_isnil(L, 3))
            break;
        luaL_checktype(L, 3, LUA_TTABLE);
        lua_rawgeti(L, 3, 1);
        lua_rawgeti(L, 3, 2);
        luaL_checktype(L, 4, LUA_TSTRING);
        value = form_value(L, 5);
        if (!value.length && sas_lua_test_secret(L, 5))
            return refuse(L, s, "it is empty");
        if (i > 1)
            sas_buffer_char(&s->text, '&');
        sas_encode_percent(&s->text, sas_lua_view(L, 4));
        sas_buffer_char(&s->text, '=');
        sas_encode_percent(&s->text, value);
    }
    if (s->text.failed)
        return luaL_error(L, "not enough memory");
    sas_lua_push_buffer(L, &s->text);
    sas_scratch_release(s);
    return 1;
}

static const luaL_Reg profile_metamethods[] = {
    {"__gc", profile_gc},
    {NULL, NULL},
};

static const luaL_Reg issued_metamethods[] = {
    {"__gc", issued_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"cliprofile", core_cliprofile},
    {"iniprofile", core_iniprofile},
    {"issued", core_issued},
    {"bearer", core_bearer},
    {"form", core_form},
    {NULL, NULL},
};

void sas_lua_open_credentials(lua_State *L)
{
    sas_lua_secret_register(L);
    sas_lua_class(L, PROFILE_METATABLE, profile_metamethods, NULL);
    sas_lua_class(L, ISSUED_METATABLE, issued_metamethods, NULL);
    luaL_setfuncs(L, functions, 0);
}
