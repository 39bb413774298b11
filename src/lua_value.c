/*
 * lua_value.c - Lua values into the core, JSON out of it
 * SPDX-License-Identifier: MIT
 */
#include "lua_value.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "lua_error.h"

#define SCRATCH_METATABLE "aliyun.sas.scratch"
#define EXACT_MAX         9007199254740992.0 /* 2^53 */

/* --- scratch --- */

void sas_scratch_release(struct sas_scratch *s)
{
    sas_arena_release(&s->arena);
    sas_error_release(&s->error);
    sas_buffer_release(&s->text);
}

static int scratch_gc(lua_State *L)
{
    sas_scratch_release(
        sas_lua_check(L, 1, sizeof(struct sas_scratch), SCRATCH_METATABLE));
    return 0;
}

struct sas_scratch *sas_lua_scratch(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", scratch_gc}, {NULL, NULL}};

    sas_lua_class(L, SCRATCH_METATABLE, metamethods, NULL);
    return sas_lua_box(L, sizeof(struct sas_scratch), SCRATCH_METATABLE);
}

/* --- in --- */

/* Entries are looked at no more often than this, though one table may stand many times.
 */
#define ENTRIES_MAX (SAS_ARENA_MAX / sizeof(struct sas_entry))
#define VISITS_MAX  (4 * ENTRIES_MAX)

static const char *const proxy_events[] = {"__index", "__pairs", "__len"};
#define PROXY_EVENTS (int)(sizeof proxy_events / sizeof proxy_events[0])

/*
 * The values that were read are views of Lua's strings, kept by the tables they stand in.
 * So nothing may be allocated from Lua while tables are read: a collection could run a
 * finalizer that empties them. What the reading needs stands on the stack before.
 */
struct reading {
    lua_State *L;
    struct sas_arena *arena;
    const void *above[SAS_VALUE_DEPTH]; /* the tables that the current one stands in */
    int depth;
    int needed; /* stack index: proxy_events, then the metatable of configs */
    size_t visits;
};

static void push_needed(struct reading *r)
{
    int i;

    luaL_checkstack(r->L, PROXY_EVENTS + 2, "too many arguments");
    r->needed = lua_gettop(r->L) + 1;
    for (i = 0; i < PROXY_EVENTS; i++)
        lua_pushstring(r->L, proxy_events[i]);
    luaL_getmetatable(r->L, SAS_CONFIG_METATABLE);
}

static void other(struct sas_value *out, const char *why)
{
    memset(out, 0, sizeof *out);
    out->type = SAS_OTHER;
    out->why = why;
}

static const char *why_other(int type)
{
    switch (type) {
    case LUA_TFUNCTION:
        return "is a function";
    case LUA_TTHREAD:
        return "is a coroutine";
    case LUA_TLIGHTUSERDATA:
        return "is a null of a JSON library: leave the field out";
    case LUA_TUSERDATA:
        return "is a userdata";
    default:
        return "is no Lua value that can be sent";
    }
}

static void read_number(lua_State *L, int index, struct sas_value *out)
{
    double number = (double)lua_tonumber(L, index);

    out->type = SAS_NUMBER;
    out->number = number;
#if SAS_LUA_INTEGERS
    if (lua_isinteger(L, index)) {
        out->type = SAS_INTEGER;
        out->integer = (int64_t)lua_tointeger(L, index);
        return;
    }
#endif
    if (number > -EXACT_MAX && number < EXACT_MAX && number == (double)(int64_t)number) {
        out->type = SAS_INTEGER;
        out->integer = (int64_t)number;
    }
}

static void read_any(struct reading *r, int index, struct sas_value *out);

/* A table whose reading runs code of its own would be seen empty by raw access. */
static bool is_proxy(const struct reading *r, int index)
{
    lua_State *L = r->L;
    bool proxy = false;
    int i;

    if (!lua_getmetatable(L, index))
        return false;
    for (i = 0; i < PROXY_EVENTS && !proxy; i++) {
        lua_pushvalue(L, r->needed + i);
        lua_rawget(L, -2);
        proxy = !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return proxy;
}

static const struct sas_config *as_config(const struct reading *r, int index)
{
    lua_State *L = r->L;
    bool same;

    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index))
        return NULL;
    same = lua_rawequal(L, -1, r->needed + PROXY_EVENTS) &&
           lua_rawlen(L, index) == sizeof(struct sas_config);
    lua_pop(L, 1);
    return same ? lua_touserdata(L, index) : NULL;
}

static const char *why_not_table(struct reading *r, int index)
{
    const void *self = lua_topointer(r->L, index);
    int i;

    for (i = 0; i < r->depth; i++) {
        if (r->above[i] == self)
            return "is a table that contains itself";
    }
    if (r->depth == SAS_VALUE_DEPTH)
        return "is nested too deeply";
    if (is_proxy(r, index))
        return "is a table with a metatable that hides its content: copy it into a plain "
               "table";
    return NULL;
}

/* More than ENTRIES_MAX where there are too many of them. */
static size_t count_entries(struct reading *r, int index)
{
    lua_State *L = r->L;
    size_t count = 0;

    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (count == ENTRIES_MAX || r->visits == 0) {
            lua_pop(L, 1);
            return ENTRIES_MAX + 1;
        }
        count++;
        r->visits--;
    }
    return count;
}

static void read_key(lua_State *L, int index, struct sas_value *out)
{
    int type = lua_type(L, index);

    memset(out, 0, sizeof *out);
    if (type == LUA_TSTRING) {
        out->type = SAS_STRING;
        out->text.data = lua_tolstring(L, index, &out->text.length);
    } else if (type == LUA_TNUMBER) {
        read_number(L, index, out);
        if (out->type != SAS_INTEGER)
            other(out, "is a number");
    } else {
        other(out, why_other(type));
    }
}

static void read_table(struct reading *r, int index, struct sas_value *out)
{
    const char *why = why_not_table(r, index);
    lua_State *L = r->L;
    size_t count, i = 0;

    if (why) {
        other(out, why);
        return;
    }
    count = count_entries(r, index);
    out->type = SAS_TABLE;
    if (count == 0)
        return;
    if (count <= ENTRIES_MAX)
        out->entries = sas_arena_take(r->arena, count * sizeof *out->entries);
    if (!out->entries) {
        other(out, "is too large");
        return;
    }
    r->above[r->depth++] = lua_topointer(L, index);
    lua_pushnil(L);
    while (i < count && lua_next(L, index)) {
        read_key(L, lua_gettop(L) - 1, &out->entries[i].key);
        read_any(r, lua_gettop(L), &out->entries[i].value);
        lua_pop(L, 1);
        i++;
    }
    if (i == count)
        lua_pop(L, 1); /* the last key */
    r->depth--;
    out->count = i;
    sas_value_arrange(out);
}

static void read_any(struct reading *r, int index, struct sas_value *out)
{
    lua_State *L = r->L;
    int type = lua_type(L, index);
    const struct sas_config *config;

    luaL_checkstack(L, 8, "arguments nested too deeply");
    memset(out, 0, sizeof *out);
    switch (type) {
    case LUA_TNONE:
    case LUA_TNIL:
        break;
    case LUA_TBOOLEAN:
        out->type = SAS_BOOLEAN;
        out->boolean = lua_toboolean(L, index) != 0;
        break;
    case LUA_TNUMBER:
        read_number(L, index, out);
        break;
    case LUA_TSTRING:
        out->type = SAS_STRING;
        out->text.data = lua_tolstring(L, index, &out->text.length);
        break;
    case LUA_TTABLE:
        read_table(r, index, out);
        break;
    default:
        config = as_config(r, index);
        if (config) {
            out->type = SAS_CONFIG_OBJECT;
            out->config = config;
        } else {
            other(out, why_other(type));
        }
    }
}

void sas_lua_read(lua_State *L, int index, struct sas_arena *a, struct sas_value *out)
{
    struct reading r;

    memset(&r, 0, sizeof r);
    r.L = L;
    r.arena = a;
    r.visits = VISITS_MAX;
    if (index < 0)
        index = lua_gettop(L) + index + 1;
    push_needed(&r);
    read_any(&r, index, out);
    lua_settop(L, r.needed - 1);
    if (a->no_memory)
        luaL_error(L, "not enough memory");
}

struct sas_view sas_lua_view(lua_State *L, int index)
{
    struct sas_view v = {NULL, 0};

    if (lua_type(L, index) == LUA_TSTRING)
        v.data = lua_tolstring(L, index, &v.length);
    return v;
}

/* --- out --- */

/* Digits that a double carries exactly, and that tostring prints without an exponent. */
#define DIGITS_EXACT 14

static void push_number(lua_State *L, const cJSON *json)
{
    struct sas_view text = sas_view_text(json->valuestring);
    int64_t value;

    if (strpbrk(json->valuestring, ".eE")) {
        lua_pushnumber(L, (lua_Number)json->valuedouble);
        return;
    }
    if (!sas_integer_read(text, &value)) {
        lua_pushlstring(L, text.data, text.length); /* over 64 bits: as it stands */
        return;
    }
#if SAS_LUA_INTEGERS
    if (value >= LUA_MININTEGER && value <= LUA_MAXINTEGER) {
        lua_pushinteger(L, (lua_Integer)value);
        return;
    }
#else
    if (text.length <= DIGITS_EXACT + (text.data[0] == '-')) {
        lua_pushnumber(L, (lua_Number)value);
        return;
    }
#endif
    lua_pushlstring(L, text.data, text.length);
}

/* The depth is bounded by SAS_JSON_DEPTH. */
void sas_lua_push_json(lua_State *L, const cJSON *json)
{
    const cJSON *child;
    int i = 1;

    luaL_checkstack(L, 4, "answer nested too deeply");
    if (cJSON_IsString(json)) {
        lua_pushstring(L, json->valuestring);
    } else if (cJSON_IsNumber(json)) {
        push_number(L, json);
    } else if (cJSON_IsBool(json)) {
        lua_pushboolean(L, cJSON_IsTrue(json));
    } else if (cJSON_IsArray(json)) {
        lua_newtable(L);
        for (child = json->child; child; child = child->next, i++) {
            sas_lua_push_json(L, child);
            lua_rawseti(L, -2, i);
        }
    } else if (cJSON_IsObject(json)) {
        lua_newtable(L);
        for (child = json->child; child; child = child->next) {
            lua_pushstring(L, child->string);
            sas_lua_push_json(L, child);
            lua_rawset(L, -3);
        }
    } else {
        lua_pushnil(L);
    }
}

void sas_lua_push_buffer(lua_State *L, const struct sas_buffer *b)
{
    lua_pushlstring(L, sas_buffer_cstr(b), b->length);
}

void sas_lua_set_text(lua_State *L, const char *name, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

int sas_lua_raise(lua_State *L, const struct sas_error *e)
{
    sas_lua_push_error(L, e);
    return lua_error(L);
}
