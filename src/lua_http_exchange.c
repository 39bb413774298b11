/*
 * lua_http_exchange.c - a request as a Lua table, and what became of it
 * SPDX-License-Identifier: MIT
 */
#include "lua_http.h"

#include <string.h>

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

bool sas_lua_http_request(lua_State *L, struct sas_http_exchange *x)
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

void sas_lua_http_outcome(lua_State *L, const struct sas_http_exchange *x)
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
