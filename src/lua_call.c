/*
 * lua_call.c - operations and calls for Lua
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include <string.h>

#include "call.h"
#include "json.h"
#include "lua_error.h"
#include "lua_secret.h"
#include "show.h"

#define CALL_METATABLE    "aliyun.sas.call"
#define BUDGET_METATABLE  "aliyun.sas.budget"
#define REQUEST_METATABLE "aliyun.sas.request"
#define RETRIES_MAX       10
#define SECONDS_MAX       86400.0

static struct sas_call *check_call(lua_State *L)
{
    return sas_lua_check(L, 1, sizeof(struct sas_call), CALL_METATABLE);
}

static int call_gc(lua_State *L)
{
    sas_call_release(check_call(L));
    return 0;
}

/* --- settings --- */

/* A field of the settings table at index 1, on top of the stack. */
static int push_setting(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, 1);
    return lua_type(L, -1);
}

static void bad_setting(lua_State *L, const char *name)
{
    luaL_error(L, "bad setting '%s'", name);
}

/* One of two words; the first is the default. True: the second. */
static bool word_setting(lua_State *L, const char *name, const char *first,
                         const char *second)
{
    int type = push_setting(L, name);
    struct sas_view v = sas_lua_view(L, -1);
    bool is_second = sas_view_is(v, second);

    if (type != LUA_TNIL && !is_second && !sas_view_is(v, first))
        bad_setting(L, name);
    lua_pop(L, 1);
    return is_second;
}

static double seconds_setting(lua_State *L, const char *name, double standard)
{
    int type = push_setting(L, name);
    double value = standard;

    if (type == LUA_TNUMBER)
        value = (double)lua_tonumber(L, -1);
    else if (type != LUA_TNIL)
        bad_setting(L, name);
    if (!(value > 0 && value <= SECONDS_MAX)) /* NaN included */
        bad_setting(L, name);
    lua_pop(L, 1);
    return value;
}

static void text_setting(lua_State *L, const char *name, struct sas_buffer *out,
                         bool required)
{
    int type = push_setting(L, name);

    if (type == LUA_TSTRING ? lua_rawlen(L, -1) == 0 : type != LUA_TNIL || required)
        bad_setting(L, name);
    if (!sas_buffer_view(out, sas_lua_view(L, -1)))
        luaL_error(L, "not enough memory");
    lua_pop(L, 1);
}

static int integer_setting(lua_State *L, const char *name, int standard, int min, int max)
{
    int type = push_setting(L, name);
    double value = type == LUA_TNUMBER ? (double)lua_tonumber(L, -1) : standard;

    if (type != LUA_TNIL && type != LUA_TNUMBER)
        bad_setting(L, name);
    if (type == LUA_TNUMBER &&
        !(value >= min && value <= max && value == (double)(int)value))
        bad_setting(L, name);
    lua_pop(L, 1);
    return (int)value;
}

static void read_settings(lua_State *L, struct sas_call_settings *s)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    s->signature =
        word_setting(L, "signature", "v3", "v1") ? SAS_SIGNATURE_V1 : SAS_SIGNATURE_V3;
    s->in_body = word_setting(L, "parameters", "query", "body");
    s->https = !word_setting(L, "scheme", "https", "http");
    text_setting(L, "host", &s->host, true);
    text_setting(L, "userAgent", &s->user_agent, false);
    if (!s->user_agent.length &&
        !sas_buffer_text(&s->user_agent, "aliyun-sas/" SAS_VERSION))
        luaL_error(L, "not enough memory");
    s->port = integer_setting(L, "port", 0, 1, 65535);
    s->retries = integer_setting(L, "retries", 2, 0, RETRIES_MAX);
    s->connect_timeout = seconds_setting(L, "connectTimeout", 5);
    s->timeout = seconds_setting(L, "timeout", 10);
    s->deadline = seconds_setting(L, "deadline", 60);
}

/* A URL that no error of the call may show, though the call itself does not send it. */
static void read_secret(lua_State *L, struct sas_call *c)
{
    push_setting(L, "secretUrl");
    if (lua_type(L, -1) == LUA_TSTRING &&
        !sas_mask_add_url(&c->mask, sas_lua_view(L, -1)))
        luaL_error(L, "not enough memory");
    lua_pop(L, 1);
}

/* --- making a call --- */

static struct sas_call *new_call(lua_State *L)
{
    struct sas_call *c = sas_lua_box(L, sizeof *c, CALL_METATABLE);

    read_settings(L, &c->settings);
    read_secret(L, c);
    return c;
}

/* The parameters at `index`: a table, or nil for none; anything else is a misuse. */
static struct sas_scratch *read_params(lua_State *L, int index, struct sas_value *params)
{
    struct sas_scratch *s;

    if (!lua_isnoneornil(L, index))
        luaL_checktype(L, index, LUA_TTABLE);
    s = sas_lua_scratch(L);
    sas_lua_read(L, index, &s->arena, params);
    if (params->type == SAS_OTHER)
        sas_error_problem(&s->error, "", params->why, "give a plain table of parameters");
    return s;
}

/* Answers the call that stands at `index`, or nil and what is wrong with it. */
static int finish_call(lua_State *L, int index, struct sas_scratch *s, bool good)
{
    const struct sas_call *c = lua_touserdata(L, index);

    if (s->error.kind != SAS_NONE)
        return sas_lua_return_error(L, &s->error);
    if (!good)
        return sas_lua_return_error(L, &c->error);
    sas_scratch_release(s);
    lua_pushvalue(L, index);
    return 1;
}

/* core.<operation>(settings, params); the operation's place is the upvalue */
static int core_operation(lua_State *L)
{
    const struct sas_operation *op;
    struct sas_value params;
    struct sas_scratch *s;
    struct sas_call *c;

    op = &sas_operations[(size_t)lua_tointeger(L, lua_upvalueindex(1))];
    lua_settop(L, 2);
    c = new_call(L);
    s = read_params(L, 2, &params);
    return finish_call(L, 3, s,
                       s->error.kind == SAS_NONE && sas_call_prepare(c, op, &params));
}

/* Leaves *effect as it is where none is given. */
static bool read_class(lua_State *L, int index, enum sas_class *effect)
{
    struct sas_view name = sas_lua_view(L, index);
    int i;

    if (lua_isnoneornil(L, index))
        return true;
    for (i = SAS_READ; i <= SAS_TEST; i++) {
        if (name.data && sas_view_is(name, sas_class_name((enum sas_class)i))) {
            *effect = (enum sas_class)i;
            return true;
        }
    }
    return false;
}

/* call(settings, action, params [, class]) */
static int core_call(lua_State *L)
{
    struct sas_view action;
    enum sas_class effect = SAS_CREATE;
    struct sas_value params;
    struct sas_scratch *s;
    struct sas_call *c;
    bool good;

    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 4);
    if (!read_class(L, 4, &effect))
        return luaL_error(L, "unknown class: read, update, create and test exist");
    c = new_call(L);
    s = read_params(L, 3, &params);
    action = sas_lua_view(L, 2);
    if (lua_isnil(L, 4))
        effect = sas_call_class(action, &params);
    good = s->error.kind == SAS_NONE && sas_call_prepare_raw(c, action, &params, effect);
    return finish_call(L, 5, s, good);
}

/* --- the machine --- */

static void set_buffer(lua_State *L, const char *name, const struct sas_buffer *b)
{
    sas_lua_push_buffer(L, b);
    lua_setfield(L, -2, name);
}

static int push_result(lua_State *L, const struct sas_call *c)
{
    if (c->error.kind != SAS_NONE || c->error.no_memory)
        return sas_lua_return_error(L, &c->error);
    sas_lua_push_json(L, c->reply.json);
    set_buffer(L, "RequestId", &c->reply.request_id); /* whichever its spelling was */
    return 1;
}

/*
 * call:next(now): a step; behind "send" the seconds that the exchange and its connection
 * may take, behind "wait" the seconds, behind "done" the result, or nil and the error
 * object
 */
static int call_next(lua_State *L)
{
    static const char *const steps[] = {"credentials", "send", "wait", "done"};
    struct sas_call *c = check_call(L);
    enum sas_step step = sas_call_next(c, (double)luaL_checknumber(L, 2));

    lua_pushstring(L, steps[step]);
    if (step == SAS_STEP_WAIT) {
        lua_pushnumber(L, (lua_Number)c->wait);
        return 2;
    }
    if (step == SAS_STEP_SEND) {
        lua_pushnumber(L, (lua_Number)sas_call_timeout(c));
        lua_pushnumber(L, (lua_Number)sas_call_connect_timeout(c));
        return 3;
    }
    return step == SAS_STEP_DONE ? 1 + push_result(L, c) : 1;
}

static void set_number(lua_State *L, const char *name, double number)
{
    lua_pushnumber(L, (lua_Number)number);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, size_t number)
{
    lua_pushinteger(L, (lua_Integer)number);
    lua_setfield(L, -2, name);
}

static void push_headers(lua_State *L, const struct sas_signed *request)
{
    size_t i;

    lua_createtable(L, 0, (int)request->header_count);
    for (i = 0; i < request->header_count; i++) {
        sas_lua_push_buffer(L, &request->headers[i].name);
        sas_lua_push_buffer(L, &request->headers[i].value);
        lua_rawset(L, -3);
    }
}

static size_t port_of(const struct sas_call_settings *s)
{
    if (s->port)
        return (size_t)s->port;
    return s->https ? 443 : 80;
}

static void push_request(lua_State *L, const struct sas_call *c,
                         const struct sas_signed *request)
{
    lua_createtable(L, 0, 12);
    sas_lua_set_text(L, "method", "POST");
    sas_lua_set_text(L, "scheme", c->settings.https ? "https" : "http");
    set_buffer(L, "host", &c->settings.host);
    set_integer(L, "port", port_of(&c->settings));
    sas_lua_set_text(L, "path", "/");
    set_buffer(L, "query", &request->query);
    set_buffer(L, "body", &request->body);
    set_number(L, "connectTimeout", sas_call_connect_timeout(c));
    set_number(L, "timeout", sas_call_timeout(c));
    set_integer(L, "maxBody", sas_call_max_body(c));
    lua_pushboolean(L, sas_call_fresh(c));
    lua_setfield(L, -2, "fresh");
    push_headers(L, request);
    lua_setfield(L, -2, "headers");
}

static int request_gc(lua_State *L)
{
    sas_signed_release(sas_lua_check(L, 1, sizeof(struct sas_signed), REQUEST_METATABLE));
    return 0;
}

/* The request is out of the call meanwhile: a finalizer may sign it anew. */
static void push_apart(lua_State *L, struct sas_call *c, struct sas_signed *apart)
{
    *apart = c->request;
    memset(&c->request, 0, sizeof c->request);
    push_request(L, c, apart);
    if (c->request.header_count == 0) {
        c->request = *apart;
        memset(apart, 0, sizeof *apart);
    }
    sas_signed_release(apart);
}

/* call:sign(credentials, date, nonce): the request, or nil and the error object */
static int call_sign(lua_State *L)
{
    struct sas_call *c = check_call(L);
    struct sas_credentials *credentials = sas_lua_check_credentials(L, 2);
    struct sas_signed *apart;
    struct sas_scratch *s;

    luaL_checktype(L, 3, LUA_TSTRING);
    luaL_checktype(L, 4, LUA_TSTRING);
    lua_settop(L, 4);
    s = sas_lua_scratch(L);
    apart = sas_lua_box(L, sizeof *apart, REQUEST_METATABLE);
    /* Looked at behind the last allocation: a finalizer may have signed the call. */
    if (c->state != SAS_CALL_NEW)
        return luaL_error(L, "this call does not wait for credentials");
    if (!sas_credentials_present(credentials)) {
        sas_error_set(&s->error, SAS_CREDENTIALS, "CLOSED", "the credentials are closed",
                      "make new ones");
        return sas_lua_return_error(L, &s->error);
    }
    if (!sas_call_sign(c, credentials, sas_lua_view(L, 3), sas_lua_view(L, 4), &s->error))
        return sas_lua_return_error(
            L, s->error.kind == SAS_NONE && !s->error.no_memory ? &c->error : &s->error);
    push_apart(L, c, apart);
    return 1;
}

/* The field of the outcome at index 2, on top of the stack. */
static int push_field(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, 2);
    return lua_type(L, -1);
}

/* A header of the outcome whose headers are at `index`, on top of the stack. */
static struct sas_view push_header(lua_State *L, int index, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
    return sas_lua_view(L, -1);
}

static void read_headers(lua_State *L, struct sas_outcome *o)
{
    int index = lua_gettop(L) + 1;

    if (push_field(L, "headers") != LUA_TTABLE)
        return;
    o->date = push_header(L, index, "date");
    o->retry_after = push_header(L, index, "x-acs-retry-after");
    o->limits[0] = push_header(L, index, "x-ratelimit-user-api");
    o->limits[1] = push_header(L, index, "x-ratelimit-user");
}

/*
 * Reads an outcome; what keeps to no form of the contract counts as sent. What the views
 * are of stays on the stack: a finalizer may empty the table at index 2.
 */
static void read_outcome(lua_State *L, struct sas_outcome *o)
{
    bool is_status, is_false;
    double status;

    luaL_checkstack(L, LUA_MINSTACK, "outcome");
    memset(o, 0, sizeof *o);
    o->sent = true;
    o->message = sas_view_text("the transport answered something that is no outcome");
    if (lua_type(L, 2) != LUA_TTABLE)
        return;
    is_status = push_field(L, "status") == LUA_TNUMBER;
    status = is_status ? (double)lua_tonumber(L, -1) : 0;
    if (status >= 100 && status <= 999 && status == (double)(int)status)
        o->status = (int)status;
    push_field(L, "body");
    o->body = sas_lua_view(L, -1);
    is_false = push_field(L, "sent") == LUA_TBOOLEAN && !lua_toboolean(L, -1);
    if (is_status && o->body.data && !is_false && o->status) {
        o->answered = true;
        read_headers(L, o);
    } else if (!is_status) {
        push_field(L, "code");
        o->code = sas_lua_view(L, -1);
        push_field(L, "message");
        push_field(L, "hint");
        if (o->code.data) {
            o->message = sas_lua_view(L, -2);
            o->hint = sas_lua_view(L, -1);
            o->sent = !is_false;
        }
    }
}

/* call:feed(outcome [, jitter [, budget]]): jitter from 0 to 1, core.budget() of a client
 */
static int call_feed(lua_State *L)
{
    struct sas_call *c = check_call(L);
    struct sas_budget full = {0}, *budget = &full;
    struct sas_outcome outcome;
    double jitter;

    lua_settop(L, 4);
    jitter = lua_type(L, 3) == LUA_TNUMBER ? (double)lua_tonumber(L, 3) : 1;
    if (!lua_isnil(L, 4))
        budget = sas_lua_check(L, 4, sizeof *budget, BUDGET_METATABLE);
    read_outcome(L, &outcome);
    /* Looked at behind the last allocation: a finalizer may have fed the call. */
    if (c->state != SAS_CALL_SIGNED)
        return luaL_error(L, "this call does not wait for an outcome");
    sas_call_feed(c, &outcome, jitter, budget);
    return 0;
}

/* call:error(): what the last exchange came to, as the call would end now; nil for none
 */
static int call_error(lua_State *L)
{
    const struct sas_call *c = check_call(L);
    struct sas_scratch *s = sas_lua_scratch(L);

    if (c->error.kind == SAS_NONE)
        return 0;
    /* A copy that nobody else has: a finalizer may feed the call while we push. */
    sas_error_copy(&s->error, &c->error);
    sas_lua_push_error(L, &s->error);
    sas_scratch_release(s);
    return 1;
}

/*
 * call:clock(): the service's clock by the Date of the last answer, in seconds since the
 * epoch, and whether that answer refused ours; nothing where there was none
 */
static int call_clock(lua_State *L)
{
    const struct sas_call *c = check_call(L);

    if (!c->clock_known)
        return 0;
    lua_pushnumber(L, (lua_Number)c->clock);
    lua_pushboolean(L, c->expired);
    return 2;
}

/* call:sent(): false if certainly no byte of the last exchange has left */
static int call_sent(lua_State *L)
{
    lua_pushboolean(L, check_call(L)->sent);
    return 1;
}

/* call:signed(): the date of the last signature, in seconds since the epoch */
static int call_signed(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)check_call(L)->signed_at);
    return 1;
}

/* call:stale(): whether the service refused the last token, so that a new one is needed
 */
static int call_stale(lua_State *L)
{
    lua_pushboolean(L, check_call(L)->stale);
    return 1;
}

/* call:left(now): seconds of the deadline that are left */
static int call_left(lua_State *L)
{
    const struct sas_call *c = check_call(L);

    lua_pushnumber(L, (lua_Number)sas_call_left(c, (double)luaL_checknumber(L, 2)));
    return 1;
}

/* budget(): what a client's calls may spend on repetitions, together */
static int core_budget(lua_State *L)
{
    sas_lua_box(L, sizeof(struct sas_budget), BUDGET_METATABLE);
    return 1;
}

/* call:warnings(): a list of { path, message, hint } */
static int call_warnings(lua_State *L)
{
    const struct sas_call *c = check_call(L);
    const struct sas_error *w = &c->warnings;
    size_t i;

    lua_createtable(L, (int)w->problem_count, 0);
    for (i = 0; i < w->problem_count; i++) {
        lua_createtable(L, 0, 3);
        set_buffer(L, "path", &w->problems[i].path);
        set_buffer(L, "message", &w->problems[i].message);
        if (w->problems[i].hint.length)
            set_buffer(L, "hint", &w->problems[i].hint);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* call:class() */
static int call_class(lua_State *L)
{
    lua_pushstring(L, sas_class_name(check_call(L)->effect));
    return 1;
}

/* tostring(call): the signed request without its secrets */
static int call_tostring(lua_State *L)
{
    struct sas_call *c = check_call(L);
    struct sas_scratch *s = sas_lua_scratch(L);

    if (!sas_call_show(c, &s->text))
        return luaL_error(L, "not enough memory");
    sas_lua_push_buffer(L, &s->text);
    sas_scratch_release(s);
    return 1;
}

/* --- the reply by itself --- */

/* The secret on top of the stack: credentials, secret bytes, a string; false: none. */
static bool learn_secret(lua_State *L, struct sas_call *c)
{
    int index = lua_gettop(L);
    const struct sas_credentials *credentials =
        sas_lua_test(L, index, sizeof *credentials, SAS_CREDENTIALS_METATABLE);
    const struct sas_buffer *secret = sas_lua_test_secret(L, index);
    struct sas_view v = secret ? sas_buffer_as_view(secret) : sas_lua_view(L, index);

    if (!credentials && !v.data)
        return false;
    if (credentials ? !sas_credentials_mask(credentials, &c->mask)
                    : !sas_mask_add(&c->mask, sas_view_strip(v)))
        c->error.no_memory = true;
    return true;
}

static void learn_given(lua_State *L, struct sas_call *c)
{
    bool more;
    int i;

    push_field(L, "secrets");
    for (i = 1, more = lua_type(L, -1) == LUA_TTABLE; more; i++) {
        lua_rawgeti(L, -1, i);
        more = learn_secret(L, c);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/*
 * reply { status =, body =, [sent =, code =, message =,] [class =, action =, secrets =]
 * }: what a transport's outcome means: the result, or nil and the error object. `secrets`
 * is a list of strings, secrets and credentials, which are masked where the answer
 * repeats them.
 */
static int core_reply(lua_State *L)
{
    struct sas_budget spent = {SAS_BUDGET_MAX}; /* nothing follows */
    struct sas_outcome outcome;
    struct sas_call *c;
    enum sas_class effect = SAS_CREATE;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    push_field(L, "class");
    if (!read_class(L, -1, &effect))
        return luaL_error(L, "unknown class: read, update, create and test exist");
    push_field(L, "action");
    c = sas_lua_box(L, sizeof *c, CALL_METATABLE);
    c->effect = effect;
    if (lua_type(L, 4) == LUA_TSTRING)
        c->known = sas_operation_find(sas_lua_view(L, 4));
    learn_given(L, c);
    if (c->error.no_memory)
        return luaL_error(L, "not enough memory");
    read_outcome(L, &outcome);
    sas_call_feed(c, &outcome, 1, &spent);
    sas_mask_release(&c->mask);
    return push_result(L, c);
}

static const luaL_Reg no_metamethods[] = {
    {NULL, NULL},
};

static const luaL_Reg request_metamethods[] = {
    {"__gc", request_gc},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", call_gc},
    {"__tostring", call_tostring},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"next", call_next},         /* the machine: next, sign, feed */
    {"sign", call_sign},         /* after "credentials" */
    {"feed", call_feed},         /* after "send" */
    {"error", call_error},       /* of the last exchange */
    {"clock", call_clock},       /* of the service */
    {"signed", call_signed},     /* when, by our clock */
    {"sent", call_sent},         /* in the last exchange */
    {"stale", call_stale},       /* the last token was refused */
    {"left", call_left},         /* of the deadline */
    {"warnings", call_warnings}, /* of the parameters */
    {"class", call_class},       /* read, update, create or test */
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"call", core_call},     /* any other operation */
    {"reply", core_reply},   /* the stages behind a call, one by one */
    {"budget", core_budget}, /* of a client */
    {NULL, NULL},
};

void sas_lua_open_call(lua_State *L)
{
    size_t i;

    sas_lua_class(L, CALL_METATABLE, metamethods, methods);
    sas_lua_class(L, BUDGET_METATABLE, no_metamethods, NULL);
    sas_lua_class(L, REQUEST_METATABLE, request_metamethods, NULL);
    luaL_setfuncs(L, functions, 0);
    for (i = 0; i < sas_operation_count; i++) {
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, core_operation, 1);
        lua_setfield(L, -2, sas_operations[i].method);
    }
}
