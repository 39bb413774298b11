/*
 * lua_http.c - the Lua module aliyun.sas.http
 * SPDX-License-Identifier: MIT
 *
 * Translates between Lua and http.h and decides nothing. No Lua runs between the reading
 * of a request and the pushing of its outcome.
 */
#include "lua_http.h"

#include <stdbool.h>
#include <string.h>

#include "lua_box.h"
#include "pin.h"

#define HANDLE   "aliyun.sas.http.handle"
#define EXCHANGE "aliyun.sas.http.exchange"

static struct sas_http *to_handle(lua_State *L, int index)
{
    return sas_lua_check(L, index, sizeof(struct sas_http), HANDLE);
}

/* Settings. What is wrong with them is a mistake in the program: it raises. */

static void text_setting(lua_State *L, const char *name, struct sas_buffer *b)
{
    const char *text;
    size_t length, i;

    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "http.new: %s must be a string", name);
    text = lua_tolstring(L, -1, &length);
    if (length == 0 || length > 4096)
        luaL_error(L, "http.new: %s must have from 1 to 4096 bytes", name);
    for (i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            luaL_error(L, "http.new: %s holds a control character", name);
    if (!sas_buffer_add(b, text, length))
        luaL_error(L, "not enough memory");
}

static bool begins(struct sas_view v, const char *text)
{
    size_t length = strlen(text);

    return v.length >= length && memcmp(v.data, text, length) == 0;
}

static void proxy_setting(lua_State *L, struct sas_http *h)
{
    struct sas_view v = {"", 0};

    if (lua_type(L, -1) == LUA_TBOOLEAN && !lua_toboolean(L, -1)) {
        h->proxy = SAS_PROXY_NONE;
        return;
    }
    if (lua_type(L, -1) == LUA_TSTRING)
        v.data = lua_tolstring(L, -1, &v.length);
    if (sas_view_is(v, "env"))
        return;
    if (!begins(v, "http://") && !begins(v, "https://"))
        luaL_error(L, "http.new: proxy must be \"env\", false, or a URL with http:// or "
                      "https://");
    text_setting(L, "proxy", &h->proxy_url);
    h->proxy = SAS_PROXY_URL;
}

static void one_setting(lua_State *L, struct sas_http *h)
{
    struct sas_view name = {NULL, 0};

    if (lua_type(L, -2) == LUA_TSTRING)
        name.data = lua_tolstring(L, -2, &name.length);
    if (!name.data)
        luaL_error(L, "http.new: the names of settings are strings");
    else if (sas_view_is(name, "caFile"))
        text_setting(L, "caFile", &h->ca_file);
    else if (sas_view_is(name, "userAgent"))
        text_setting(L, "userAgent", &h->user_agent);
    else if (sas_view_is(name, "proxy"))
        proxy_setting(L, h);
    else
        luaL_error(L, "http.new: unknown setting (caFile, proxy and userAgent exist)");
}

static int http_new(lua_State *L)
{
    struct sas_http *h;

    if (!lua_isnoneornil(L, 1))
        luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    h = sas_lua_box(L, sizeof *h, HANDLE);
    if (lua_istable(L, 1)) {
        lua_pushnil(L);
        while (lua_next(L, 1)) {
            one_setting(L, h);
            lua_pop(L, 1);
        }
    }
    return 1;
}

/* Reads the request into a box that is pushed first. */
static struct sas_http_exchange *new_exchange(lua_State *L, struct sas_http *h)
{
    struct sas_http_exchange *x;

    lua_settop(L, 2);
    luaL_checkstack(L, LUA_MINSTACK, "request");
    x = sas_lua_box(L, sizeof *x, EXCHANGE);
    if (!h->closed)
        (void)sas_lua_http_request(L, x);
    return x;
}

static int handle_send(lua_State *L)
{
    struct sas_http *h = to_handle(L, 1);
    struct sas_http_exchange *x = new_exchange(L, h);

    sas_http_send(h, x);
    sas_lua_http_outcome(L, x);
    sas_http_exchange_release(x);
    return 1;
}

/* A token; or nil and the outcome of one that ended at once. */
static int handle_start(lua_State *L)
{
    struct sas_http *h = to_handle(L, 1);
    struct sas_http_exchange *x = new_exchange(L, h);
    unsigned long token = sas_http_start(h, x);

    if (token) {
        lua_pushinteger(L, (lua_Integer)token);
        return 1;
    }
    lua_pushnil(L);
    sas_lua_http_outcome(L, x);
    sas_http_exchange_release(x);
    return 2;
}

static double seconds_argument(lua_State *L, int index)
{
    double seconds = luaL_optnumber(L, index, 0);

    luaL_argcheck(L, seconds >= 0, index, "seconds from 0");
    return seconds;
}

/*
 * What has ended, each moved to a box before anything is pushed: a finalizer that runs
 * meanwhile may use the handle, too.
 */
static int handle_poll(lua_State *L)
{
    struct sas_http *h = to_handle(L, 1);
    double seconds = seconds_argument(L, 2);
    int count = 0;

    lua_settop(L, 1);
    lua_newtable(L);
    sas_http_wait(h, seconds);
    for (;;) {
        struct sas_http_exchange *x = sas_lua_box(L, sizeof *x, EXCHANGE);
        unsigned long token = sas_http_take(h, x);

        if (!token)
            break;
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, (lua_Integer)token);
        lua_setfield(L, -2, "token");
        sas_lua_http_outcome(L, x);
        lua_setfield(L, -2, "outcome");
        lua_rawseti(L, 2, ++count);
        sas_http_exchange_release(x);
        lua_settop(L, 2);
    }
    lua_settop(L, 2);
    return 1;
}

static int exchange_gc(lua_State *L)
{
    sas_http_exchange_release(
        sas_lua_check(L, 1, sizeof(struct sas_http_exchange), EXCHANGE));
    return 0;
}

static int handle_close(lua_State *L)
{
    sas_http_close(to_handle(L, 1));
    return 0;
}

static int handle_gc(lua_State *L)
{
    sas_http_release(to_handle(L, 1));
    return 0;
}

static int handle_tostring(lua_State *L)
{
    const struct sas_http *h = to_handle(L, 1);

    lua_pushfstring(L, "aliyun.sas.http handle (%s)", h->closed ? "closed" : "open");
    return 1;
}

static int http_version(lua_State *L)
{
    lua_pushstring(L, sas_http_version());
    return 1;
}

static const luaL_Reg handle_methods[] = {
    {"send", handle_send}, {"start", handle_start},
    {"poll", handle_poll}, {"close", handle_close},
    {NULL, NULL},
};

static const luaL_Reg handle_meta[] = {
    {"__gc", handle_gc},
    {"__close", handle_close},
    {"__tostring", handle_tostring},
    {NULL, NULL},
};

static const luaL_Reg exchange_meta[] = {
    {"__gc", exchange_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"new", http_new},
    {"version", http_version},
    {NULL, NULL},
};

SAS_EXPORT int luaopen_aliyun_sas_http(lua_State *L);

SAS_EXPORT int luaopen_aliyun_sas_http(lua_State *L)
{
    sas_pin();
    sas_lua_class(L, EXCHANGE, exchange_meta, NULL);
    sas_lua_class(L, HANDLE, handle_meta, handle_methods);
    luaL_newlib(L, functions);
    lua_pushliteral(L, SAS_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
