/*
 * lua_http.c - the Lua module aliyun.sas.http
 * SPDX-License-Identifier: MIT
 *
 * Translates between Lua and http.h and decides nothing. No Lua runs between the reading
 * of a request and the pushing of its outcome.
 */
#include "compat.h"

#include <stdbool.h>
#include <string.h>

#include "http.h"
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

/*
 * The request. What is wrong with it is an outcome and never raises, since it may come
 * from outside. Fields are read raw; their values stay on the stack, which keeps their
 * memory alive.
 */

static bool wrong_type(struct sas_http_exchange *x, const char *name, const char *type)
{
    return sas_http_fail(x, "INVALID_REQUEST", "request.%s must be a %s", name, type);
}

static int push_field(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, 2);
    return lua_type(L, -1);
}

static bool read_text(lua_State *L, struct sas_http_exchange *x, const char *name,
                      struct sas_view *v)
{
    int type = push_field(L, name);

    if (type == LUA_TNIL)
        return true;
    if (type != LUA_TSTRING)
        return wrong_type(x, name, "string");
    v->data = lua_tolstring(L, -1, &v->length);
    return true;
}

static bool read_number(lua_State *L, struct sas_http_exchange *x, const char *name,
                        double *number)
{
    int type = push_field(L, name);

    if (type == LUA_TNUMBER)
        *number = (double)lua_tonumber(L, -1);
    lua_pop(L, 1);
    return type == LUA_TNIL || type == LUA_TNUMBER || wrong_type(x, name, "number");
}

static bool read_flag(lua_State *L, struct sas_http_exchange *x, const char *name,
                      bool *flag)
{
    int type = push_field(L, name);

    *flag = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return type == LUA_TNIL || type == LUA_TBOOLEAN || wrong_type(x, name, "boolean");
}

static bool read_port(lua_State *L, struct sas_http_exchange *x,
                      struct sas_http_request *r)
{
    r->port_given = push_field(L, "port") != LUA_TNIL;
    lua_pop(L, 1);
    return read_number(L, x, "port", &r->port);
}

static bool read_headers(lua_State *L, struct sas_http_exchange *x)
{
    int type = push_field(L, "headers");

    if (type == LUA_TNIL)
        return true;
    if (type != LUA_TTABLE)
        return wrong_type(x, "headers", "table");
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        struct sas_view name, value;

        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
            return sas_http_fail(x, "INVALID_REQUEST",
                                 "request.headers: names and values must be strings");
        name.data = lua_tolstring(L, -2, &name.length);
        value.data = lua_tolstring(L, -1, &value.length);
        if (!sas_http_header(x, name, value))
            return false;
        lua_pop(L, 1);
    }
    return true;
}

static bool read_request(lua_State *L, struct sas_http_exchange *x)
{
    struct sas_http_request r;

    if (lua_type(L, 2) != LUA_TTABLE)
        return sas_http_fail(x, "INVALID_REQUEST", "the request must be a table");
    memset(&r, 0, sizeof r);
    r.connect_timeout = SAS_HTTP_CONNECT_TIMEOUT;
    r.timeout = SAS_HTTP_TIMEOUT;
    r.max_body = SAS_HTTP_MAX_BODY;
    return read_text(L, x, "method", &r.method) && read_text(L, x, "scheme", &r.scheme) &&
           read_text(L, x, "host", &r.host) && read_text(L, x, "path", &r.path) &&
           read_text(L, x, "query", &r.query) && read_text(L, x, "body", &r.body) &&
           read_port(L, x, &r) &&
           read_number(L, x, "connectTimeout", &r.connect_timeout) &&
           read_number(L, x, "timeout", &r.timeout) &&
           read_number(L, x, "maxBody", &r.max_body) &&
           read_flag(L, x, "fresh", &r.fresh) && read_flag(L, x, "plain", &r.plain) &&
           sas_http_prepare(x, &r) && read_headers(L, x);
}

/* The outcome. */

static void push_text(lua_State *L, const char *name, const struct sas_buffer *b)
{
    lua_pushlstring(L, sas_buffer_cstr(b), b->length);
    lua_setfield(L, -2, name);
}

/* Adds "name:value" to the table on top; a name that is there already is continued. */
static void push_header(lua_State *L, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    size_t name_length;

    if (!colon)
        return;
    name_length = (size_t)(colon - line);
    lua_pushlstring(L, line, name_length);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, colon + 1, length - name_length - 1);
    } else {
        lua_pushliteral(L, ", ");
        lua_pushlstring(L, colon + 1, length - name_length - 1);
        lua_concat(L, 3);
    }
    lua_rawset(L, -3);
}

static void push_headers(lua_State *L, const struct sas_buffer *head)
{
    const char *p = sas_buffer_cstr(head);
    const char *end = p + head->length;

    lua_newtable(L);
    while (p < end) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));

        if (!line_end)
            line_end = end;
        push_header(L, p, (size_t)(line_end - p));
        p = line_end < end ? line_end + 1 : end;
    }
    lua_setfield(L, -2, "headers");
}

static void push_outcome(lua_State *L, const struct sas_http_exchange *x)
{
    lua_createtable(L, 0, 4);
    lua_pushboolean(L, sas_http_sent(x));
    lua_setfield(L, -2, "sent");
    if (x->code) {
        lua_pushstring(L, x->code);
        lua_setfield(L, -2, "code");
        push_text(L, "message", &x->message);
        return;
    }
    lua_pushinteger(L, x->status);
    lua_setfield(L, -2, "status");
    push_headers(L, &x->head);
    push_text(L, "body", &x->content);
}

static int handle_send(lua_State *L)
{
    struct sas_http *h = to_handle(L, 1);
    struct sas_http_exchange *x;

    lua_settop(L, 2);
    luaL_checkstack(L, LUA_MINSTACK, "request");
    x = sas_lua_box(L, sizeof *x, EXCHANGE);
    if (h->closed || read_request(L, x))
        sas_http_send(h, x);
    push_outcome(L, x);
    sas_http_exchange_release(x);
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
    {"send", handle_send},
    {"close", handle_close},
    {NULL, NULL},
};

static const luaL_Reg handle_meta[] = {
    {"__gc", handle_close},
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
