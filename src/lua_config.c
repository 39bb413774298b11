/*
 * lua_config.c - the ConfigList and its catalog for Lua
 * SPDX-License-Identifier: MIT
 */
#include "lua_core.h"

#include <string.h>

#include "config_put.h"
#include "lua_error.h"

static struct sas_config *check_config(lua_State *L, int index)
{
    return sas_lua_check(L, index, sizeof(struct sas_config), SAS_CONFIG_METATABLE);
}

static int config_gc(lua_State *L)
{
    sas_config_release(check_config(L, 1));
    return 0;
}

/* --- options --- */

static void check_option_names(lua_State *L, const struct sas_value *options)
{
    size_t i;

    for (i = 0; i < options->count; i++) {
        const struct sas_value *key = &options->entries[i].key;

        if (key->type != SAS_STRING ||
            (!sas_view_is(key->text, "catalog") && !sas_view_is(key->text, "unchecked")))
            luaL_error(L, "unknown option of a config: catalog and unchecked exist");
    }
}

/* { catalog = result of describeDataSource, unchecked = boolean } */
static void read_options(lua_State *L, int index, struct sas_scratch *s,
                         struct sas_config_options *o)
{
    const struct sas_value *live, *unchecked;
    struct sas_value options;
    const char *why = NULL;

    memset(o, 0, sizeof *o);
    o->catalog = &sas_catalog;
    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    sas_lua_read(L, index, &s->arena, &options);
    if (options.type != SAS_TABLE)
        luaL_error(L, "the options of a config cannot be read");
    check_option_names(L, &options);
    unchecked = sas_value_get(&options, "unchecked");
    if (unchecked && unchecked->type != SAS_BOOLEAN)
        luaL_error(L, "the option unchecked of a config must be a boolean");
    o->unchecked = unchecked && unchecked->boolean;
    live = sas_value_get(&options, "catalog");
    if (!live)
        return;
    o->catalog = sas_catalog_read(&s->arena, live, &why);
    if (!o->catalog) {
        sas_error_problem(&s->error, "catalog", why,
                          "give what client:describeDataSource() answered");
        s->error.no_memory |= s->arena.no_memory;
        sas_lua_raise(L, &s->error);
    }
}

/* --- functions --- */

static int push_new(lua_State *L, int value, int options, bool empty, bool reading)
{
    struct sas_scratch *s = sas_lua_scratch(L);
    struct sas_path path = sas_path_root("ConfigList");
    struct sas_config_options o;
    struct sas_config *config;
    struct sas_value v;

    config = sas_lua_box(L, sizeof *config, SAS_CONFIG_METATABLE);
    read_options(L, options, s, &o);
    o.reading = reading;
    sas_lua_read(L, value, &s->arena, &v);
    if (!empty && !sas_config_read(config, &v, &o, &path, &s->error))
        return sas_lua_raise(L, &s->error);
    sas_scratch_release(s);
    return 1;
}

/* config([table [, options]]); config(nil) is a mistake, not an empty config */
static int core_config(lua_State *L)
{
    bool empty = lua_gettop(L) == 0;

    lua_settop(L, 2);
    if (lua_type(L, 1) == LUA_TSTRING) {
        struct sas_scratch *s = sas_lua_scratch(L);

        sas_error_problem(&s->error, "ConfigList", "is a string",
                          "give a table; JSON text goes to sas.config.parse");
        return sas_lua_raise(L, &s->error);
    }
    return push_new(L, 1, 2, empty, false);
}

/* parse(json): the service's form, every word kept */
static int core_parse(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    lua_settop(L, 1);
    lua_pushnil(L); /* no options */
    return push_new(L, 1, 2, false, true);
}

/* config:add(type, keys [, options]) */
static int config_add(lua_State *L)
{
    struct sas_config *config = check_config(L, 1);
    struct sas_path path = sas_path_root("ConfigList");
    struct sas_config_options o;
    struct sas_scratch *s;
    struct sas_value keys;

    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 4);
    s = sas_lua_scratch(L);
    read_options(L, 4, s, &o);
    sas_lua_read(L, 3, &s->arena, &keys);
    if (!sas_config_add(config, sas_lua_view(L, 2), &keys, &o, &path, &s->error))
        return sas_lua_raise(L, &s->error);
    sas_scratch_release(s);
    lua_settop(L, 1);
    return 1;
}

/* config:remove(type) */
static int config_remove(lua_State *L)
{
    struct sas_config *config = check_config(L, 1);
    struct sas_scratch *s;

    luaL_checktype(L, 2, LUA_TSTRING);
    lua_settop(L, 2);
    s = sas_lua_scratch(L);
    if (!sas_config_remove(config, sas_lua_view(L, 2), &sas_catalog, &s->error))
        return sas_lua_raise(L, &s->error);
    lua_settop(L, 1);
    return 1;
}

static int config_tostring(lua_State *L)
{
    struct sas_config *config = check_config(L, 1);
    struct sas_scratch *s = sas_lua_scratch(L);

    if (!sas_config_write(config, &s->text)) {
        if (s->text.failed == SAS_BUFFER_NO_MEMORY)
            return luaL_error(L, "not enough memory");
        sas_error_problem(&s->error, "ConfigList", "is longer than 256 KiB", NULL);
        return sas_lua_raise(L, &s->error);
    }
    sas_lua_push_buffer(L, &s->text);
    sas_scratch_release(s);
    return 1;
}

static int config_eq(lua_State *L)
{
    const struct sas_config *a = sas_lua_test(L, 1, sizeof *a, SAS_CONFIG_METATABLE);
    const struct sas_config *b = sas_lua_test(L, 2, sizeof *b, SAS_CONFIG_METATABLE);

    lua_pushboolean(L, a && b && sas_config_equal(a, b));
    return 1;
}

static void push_values(lua_State *L, const struct sas_config_key *key)
{
    size_t i;

    lua_createtable(L, (int)key->values.count, 0);
    for (i = 0; i < key->values.count; i++) {
        const struct sas_config_item *value = key->values.items[i];

        sas_lua_push_buffer(L, &value->text);
        lua_rawseti(L, -2, (int)i + 1);
    }
}

/* The tail where it says it all, the full name where the prefix is another. */
static void push_type_name(lua_State *L, const struct sas_config_type *type)
{
    struct sas_view name = sas_buffer_as_view(&type->name);
    size_t prefix = strlen(SAS_TYPE_PREFIX);

    if (type->item.rank < (int)sas_catalog.type_count && name.length > prefix &&
        memcmp(name.data, SAS_TYPE_PREFIX, prefix) == 0)
        lua_pushlstring(L, name.data + prefix, name.length - prefix);
    else
        lua_pushlstring(L, name.data, name.length);
}

/* config:table(): { vul = { type = { "cms" } } } */
static int config_table(lua_State *L)
{
    struct sas_config *config = check_config(L, 1);
    struct sas_config *copy = sas_lua_box(L, sizeof *copy, SAS_CONFIG_METATABLE);
    size_t i, j;

    /* A copy that nobody else has: a finalizer may change the config while we push. */
    if (!sas_config_merge(copy, config))
        return luaL_error(L, "not enough memory");
    config = copy;
    lua_newtable(L);
    for (i = 0; i < config->types.count; i++) {
        const struct sas_config_type *type = config->types.items[i];

        push_type_name(L, type);
        lua_createtable(L, 0, (int)type->keys.count);
        for (j = 0; j < type->keys.count; j++) {
            const struct sas_config_key *key = type->keys.items[j];

            sas_lua_push_buffer(L, &key->item.text);
            push_values(L, key);
            lua_rawset(L, -3);
        }
        lua_rawset(L, -3);
    }
    return 1;
}

/* --- the catalog --- */

static void push_key(lua_State *L, const struct sas_catalog_key *key)
{
    size_t i;

    lua_createtable(L, 0, 4);
    sas_lua_set_text(L, "key", key->name);
    sas_lua_set_text(L, "meaning", key->meaning);
    lua_createtable(L, (int)key->word_count, 0);
    for (i = 0; i < key->word_count; i++) {
        lua_createtable(L, 0, 2);
        sas_lua_set_text(L, "value", key->words[i].name);
        sas_lua_set_text(L, "meaning", key->words[i].meaning);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "values");
    if (key->spelling_count == 0)
        return;
    lua_createtable(L, (int)key->spelling_count, 0);
    for (i = 0; i < key->spelling_count; i++) {
        lua_pushstring(L, key->spellings[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    lua_setfield(L, -2, "spellings");
}

/* catalog(): a list, in catalog order */
static int core_catalog(lua_State *L)
{
    size_t i, j;

    lua_createtable(L, (int)sas_catalog.type_count, 0);
    for (i = 0; i < sas_catalog.type_count; i++) {
        const struct sas_catalog_type *type = &sas_catalog.types[i];

        lua_createtable(L, 0, 4);
        sas_lua_set_text(L, "name", type->tail);
        sas_lua_set_text(L, "type", type->name);
        sas_lua_set_text(L, "meaning", type->meaning);
        lua_createtable(L, (int)type->key_count, 0);
        for (j = 0; j < type->key_count; j++) {
            push_key(L, &type->keys[j]);
            lua_rawseti(L, -2, (int)j + 1);
        }
        lua_setfield(L, -2, "keys");
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

static const luaL_Reg metamethods[] = {
    {"__gc", config_gc},
    {"__tostring", config_tostring},
    {"__eq", config_eq},
    {NULL, NULL},
};

static const luaL_Reg methods[] = {
    {"add", config_add},
    {"remove", config_remove},
    {"table", config_table},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"config", core_config},
    {"parse", core_parse},
    {"catalog", core_catalog},
    {NULL, NULL},
};

void sas_lua_open_config(lua_State *L)
{
    sas_lua_class(L, SAS_CONFIG_METATABLE, metamethods, methods);
    luaL_setfuncs(L, functions, 0);
}
