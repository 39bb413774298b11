/*
 * config_read.c - the four forms of a ConfigList that callers pass, checked
 * SPDX-License-Identifier: MIT
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "config_put.h"
#include "encode.h"
#include "json.h"

#define WORD_MAX 256

/* Of types, of keys, of values. */
#define ENTRIES_MAX 1000

struct reader {
    struct sas_config *config;
    const struct sas_config_options *options;
    struct sas_error *error;
};

/* What the catalog knows about the type or key that is being read; NULL: nothing. */
struct place {
    struct sas_path path;
    struct sas_config_type *type;
    const struct sas_catalog_type *known_type;
    struct sas_config_key *key;
    const struct sas_catalog_key *known_key;
};

static void problem(struct reader *r, const struct sas_path *path, const char *message,
                    const char *hint)
{
    sas_error_problem(r->error, path->text, message, hint);
}

static bool too_many(struct reader *r, const struct sas_path *path,
                     const struct sas_value *v)
{
    if (v->count <= ENTRIES_MAX)
        return false;
    problem(r, path, "has more than 1000 entries", NULL);
    return true;
}

static bool checked(const struct reader *r)
{
    return !r->options->unchecked && !r->options->reading;
}

/* False with the problem noted unless `v` is a text that can be a word of a ConfigList.
 */
static bool check_word(struct reader *r, const struct sas_path *path,
                       const struct sas_value *v, struct sas_view *word)
{
    const char *fault = NULL, *hint = NULL;

    *word = v->text;
    /* The service's own words are kept whatever they are; JSON keeps a number's text. */
    if (r->options->reading &&
        (v->type == SAS_STRING || v->type == SAS_INTEGER || v->type == SAS_NUMBER))
        return true;
    if (v->type != SAS_STRING) {
        fault = sas_value_type(v);
        hint = "give a string";
    } else if (v->text.length == 0) {
        fault = "is an empty string";
    } else if (v->text.length > WORD_MAX) {
        fault = "is longer than 256 bytes";
    } else if (!sas_utf8_check(v->text, NULL)) {
        fault = "is not UTF-8";
    } else if (sas_view_has_control(v->text)) {
        fault = "holds a control character";
    }
    if (fault)
        problem(r, path, fault, hint);
    return !fault;
}

/* --- values --- */

static void list_words(struct sas_text *list, const struct sas_catalog_key *key)
{
    size_t i;

    if (key->spelling_count) {
        sas_text_add(list, "sas.catalog() lists them; "
                           "sas.config(t, { unchecked = true }) takes any other");
        return;
    }
    sas_text_add(list, "the values are ");
    for (i = 0; i < key->word_count; i++)
        sas_text_add(list, "%s%s", i ? ", " : "", key->words[i].name);
}

/* The level that is called otherwise here: "high" is asap under vul, serious under
 * alerts. */
static const char *renamed(const struct sas_catalog_key *key, struct sas_view word)
{
    size_t i;

    for (i = 0; i < key->word_count; i++) {
        struct sas_suggest s = {word, NULL, 0};

        if (key->words[i].also) {
            sas_suggest_offer(&s, key->words[i].also);
            sas_suggest_offer(&s, key->words[i].meaning);
        }
        if (s.best && s.distance == 0)
            return key->words[i].name;
    }
    return NULL;
}

static void unknown_value(struct reader *r, const struct place *at,
                          const struct sas_path *path, struct sas_view word)
{
    const struct sas_catalog_key *key = at->known_key;
    struct sas_text what = {"", 0}, list = {"", 0};
    struct sas_suggest s = {word, NULL, 0};
    size_t i;

    if (r->error->problem_count == SAS_PROBLEMS_MAX) {
        sas_error_problem(r->error, path->text, "", NULL); /* is only counted */
        return;
    }
    for (i = 0; i < key->word_count; i++)
        sas_suggest_offer(&s, key->words[i].name);
    for (i = 0; i < key->spelling_count; i++)
        sas_suggest_offer(&s, key->spellings[i]);
    if (!s.best)
        s.best = renamed(key, word);
    sas_text_add(&what, "value of %s.%s", at->known_type->tail, key->name);
    list_words(&list, key);
    sas_config_unknown(r->error, path, &s, what.text, list.text);
}

static void read_value(struct reader *r, const struct place *at,
                       const struct sas_path *path, const struct sas_value *v)
{
    struct sas_view word;
    bool spelled;

    if (!check_word(r, path, v, &word))
        return;
    if (at->known_key && checked(r) &&
        sas_catalog_find_word(at->known_key, word, &spelled) < 0 && !spelled) {
        unknown_value(r, at, path, word);
        return;
    }
    if (at->key && !sas_config_put_value(at->type, at->key, word))
        r->error->no_memory = true;
}

/* `single`: a string alone stands for a list of one. */
static void read_values(struct reader *r, const struct place *at,
                        const struct sas_value *v, bool single)
{
    size_t i;

    if (v->type == SAS_STRING && (single || r->options->reading)) {
        read_value(r, at, &at->path, v);
        return;
    }
    if (v->type != SAS_TABLE || (v->count && !v->list)) {
        const char *what = v->type == SAS_TABLE ? "is no list" : sas_value_type(v);

        problem(r, &at->path, what, "give a list of strings, such as { \"all\" }");
        return;
    }
    if (v->count == 0 && !r->options->reading)
        problem(r, &at->path, "is an empty list",
                "leave the key out, or name its values, or \"all\"");
    if (too_many(r, &at->path, v))
        return;
    for (i = 0; i < v->count; i++) {
        struct sas_path path = sas_path_index(&at->path, i + 1);

        read_value(r, at, &path, &v->entries[i].value);
    }
}

/* --- keys --- */

static void unknown_key(struct reader *r, const struct place *at,
                        const struct sas_path *path, struct sas_view name)
{
    const struct sas_catalog_type *type = at->known_type;
    struct sas_text what = {"", 0}, list = {"", 0};
    struct sas_suggest s = {name, NULL, 0};
    size_t i;

    sas_text_add(&what, "key of %s", type->tail);
    sas_text_add(&list, "the keys of %s are ", type->tail);
    for (i = 0; i < type->key_count; i++) {
        sas_suggest_offer(&s, type->keys[i].name);
        sas_text_add(&list, "%s%s", i ? ", " : "", type->keys[i].name);
    }
    sas_config_unknown(r->error, path, &s, what.text, list.text);
}

/* Goes to a key: at->known_key and at->key; false where the key is a problem. */
static bool enter_key(struct reader *r, struct place *at, const struct sas_path *path,
                      struct sas_view name)
{
    at->known_key = at->known_type ? sas_catalog_find_key(at->known_type, name) : NULL;
    at->key = NULL;
    if (at->known_type && !at->known_key && checked(r)) {
        unknown_key(r, at, path, name);
        return false;
    }
    if (at->type) {
        at->key = sas_config_put_key(at->type, name);
        if (!at->key)
            r->error->no_memory = true;
    }
    return true;
}

/* Every key of the catalog with "all". */
static void read_all_keys(struct reader *r, struct place *at)
{
    size_t i;

    if (!at->known_type) {
        problem(r, &at->path, "\"all\" needs a type that the catalog knows",
                "name the keys of this type");
        return;
    }
    for (i = 0; i < at->known_type->key_count; i++) {
        struct sas_value all;

        memset(&all, 0, sizeof all);
        all.type = SAS_STRING;
        all.text = sas_view_text(SAS_ALL);
        enter_key(r, at, &at->path, sas_view_text(at->known_type->keys[i].name));
        if (at->key && !sas_config_put_value(at->type, at->key, all.text))
            r->error->no_memory = true;
    }
}

/* { key = { values }, ... } or "all" */
static void read_keys(struct reader *r, struct place *at, const struct sas_value *v)
{
    struct sas_path path = at->path;
    size_t i;

    if (v->type == SAS_STRING && sas_view_is(v->text, SAS_ALL)) {
        read_all_keys(r, at);
        return;
    }
    if (v->type != SAS_TABLE || v->list || v->count == 0) {
        const char *what = v->type != SAS_TABLE ? sas_value_type(v)
                           : v->count           ? "is a list"
                                                : "is an empty table";

        problem(r, &at->path, what,
                "give \"all\", or a table of keys such as { item_level = { \"high\" } }");
        return;
    }
    if (too_many(r, &path, v))
        return;
    for (i = 0; i < v->count; i++) {
        const struct sas_entry *entry = &v->entries[i];

        if (entry->key.type != SAS_STRING) {
            problem(r, &path, "has a key that is no string", NULL);
            continue;
        }
        at->path = sas_path_name(&path, entry->key.text);
        if (check_word(r, &at->path, &entry->key, &(struct sas_view){NULL, 0}) &&
            enter_key(r, at, &at->path, entry->key.text))
            read_values(r, at, &entry->value, true);
    }
    at->path = path;
}

/* --- types --- */

/* The name in full: a tail becomes the catalog's name, what was read stays as it is. */
static struct sas_view full_name(const struct reader *r,
                                 const struct sas_catalog_type *known,
                                 struct sas_view name)
{
    if (known && !r->options->reading && sas_view_is(name, known->tail))
        return sas_view_text(known->name);
    return name;
}

/*
 * Goes to a type: at->known_type and at->type. False where the type is a problem; then
 * the keys below are not looked at, since nothing is known of them.
 */
static bool enter_type(struct reader *r, struct place *at, const struct sas_path *path,
                       struct sas_view name, bool may_stand)
{
    at->known_type = sas_catalog_find_type(r->options->catalog, name);
    at->type = NULL;
    if (!at->known_type && checked(r)) {
        sas_config_unknown_type(r->error, path, name, r->options->catalog);
        return false;
    }
    if (!may_stand && sas_config_find_type(r->config, name)) {
        problem(r, path, "the type stands twice", "put its keys together");
        return false;
    }
    at->type = sas_config_put_type(r->config, full_name(r, at->known_type, name));
    if (!at->type)
        r->error->no_memory = true;
    return true;
}

/* { vul = ..., hc = ... } */
static void read_by_type(struct reader *r, const struct sas_path *path,
                         const struct sas_value *v)
{
    size_t i;

    if (too_many(r, path, v))
        return;
    for (i = 0; i < v->count; i++) {
        const struct sas_entry *entry = &v->entries[i];
        struct place at;

        memset(&at, 0, sizeof at);
        if (entry->key.type != SAS_STRING) {
            problem(r, path, "has a key that is no string",
                    "give a table by type, or a list of { type, configItemList }");
            continue;
        }
        at.path = sas_path_name(path, entry->key.text);
        if (check_word(r, &at.path, &entry->key, &(struct sas_view){NULL, 0}) &&
            enter_type(r, &at, &at.path, entry->key.text, false))
            read_keys(r, &at, &entry->value);
    }
}

/* --- the API's own array --- */

/* The member, or NULL with the problem noted. */
static const struct sas_value *member(struct reader *r, const struct sas_path *path,
                                      const struct sas_value *item, const char *name)
{
    const struct sas_value *v = sas_value_get(item, name);
    struct sas_path at = sas_path_name(path, sas_view_text(name));

    if (!v)
        problem(r, &at, "is missing", NULL);
    return v;
}

/* Notes every member beside the two legal ones. */
static void check_members(struct reader *r, const struct sas_path *path,
                          const struct sas_value *item, const char *first,
                          const char *second)
{
    size_t i;

    for (i = 0; i < item->count && !r->options->reading; i++) {
        const struct sas_value *key = &item->entries[i].key;
        struct sas_suggest s;
        struct sas_path at;
        char hint[128];

        if (key->type != SAS_STRING) {
            problem(r, path, "has a key that is no string", NULL);
            continue;
        }
        if (sas_view_is(key->text, first) || sas_view_is(key->text, second))
            continue;
        memset(&s, 0, sizeof s);
        s.word = key->text;
        sas_suggest_offer(&s, first);
        sas_suggest_offer(&s, second);
        at = sas_path_name(path, key->text);
        if (s.best)
            snprintf(hint, sizeof hint, "did you mean \"%s\"?", s.best);
        else
            snprintf(hint, sizeof hint, "only %s and %s stand here", first, second);
        problem(r, &at, "is no member of this table", hint);
    }
}

static bool check_item(struct reader *r, const struct sas_path *path,
                       const struct sas_value *item, const char *hint)
{
    if (item->type == SAS_TABLE && !item->list)
        return true;
    problem(r, path, item->type == SAS_TABLE ? "is a list" : sas_value_type(item), hint);
    return false;
}

static void read_item(struct reader *r, struct place *at, const struct sas_path *path,
                      const struct sas_value *item)
{
    const struct sas_value *key, *values;
    struct sas_path key_path = sas_path_name(path, sas_view_text("key"));
    struct sas_view name;

    if (!check_item(r, path, item, "give a table { key = ..., valueList = { ... } }"))
        return;
    check_members(r, path, item, "key", "valueList");
    key = member(r, path, item, "key");
    values = member(r, path, item, "valueList");
    if (!key || !check_word(r, &key_path, key, &name))
        return;
    if (at->type && !r->options->reading && sas_config_find_key(at->type, name)) {
        problem(r, &key_path, "the key stands twice", "put its values together");
        return;
    }
    if (!enter_key(r, at, &key_path, name) || !values)
        return;
    at->path = sas_path_name(path, sas_view_text("valueList"));
    read_values(r, at, values, false);
}

static void read_items(struct reader *r, struct place *at, const struct sas_path *path,
                       const struct sas_value *items)
{
    size_t i;

    if (items->type != SAS_TABLE || (items->count && !items->list)) {
        problem(r, path, items->type == SAS_TABLE ? "is no list" : sas_value_type(items),
                "give a list of { key = ..., valueList = { ... } }");
        return;
    }
    if (items->count == 0 && !r->options->reading)
        problem(r, path, "is an empty list", "name the keys, or leave the type out");
    if (too_many(r, path, items))
        return;
    for (i = 0; i < items->count; i++) {
        struct sas_path item_path = sas_path_index(path, i + 1);

        read_item(r, at, &item_path, &items->entries[i].value);
    }
}

static void read_array(struct reader *r, const struct sas_path *path,
                       const struct sas_value *v)
{
    size_t i;

    if (too_many(r, path, v))
        return;
    for (i = 0; i < v->count; i++) {
        const struct sas_value *item = &v->entries[i].value, *type, *items;
        struct sas_path item_path = sas_path_index(path, i + 1), type_path, items_path;
        struct sas_view name;
        struct place at;

        if (!check_item(r, &item_path, item,
                        "give a table { type = ..., configItemList = { ... } }"))
            continue;
        check_members(r, &item_path, item, "type", "configItemList");
        memset(&at, 0, sizeof at);
        type = member(r, &item_path, item, "type");
        items = member(r, &item_path, item, "configItemList");
        type_path = sas_path_name(&item_path, sas_view_text("type"));
        items_path = sas_path_name(&item_path, sas_view_text("configItemList"));
        if (!type || !check_word(r, &type_path, type, &name))
            continue;
        if (enter_type(r, &at, &type_path, name, r->options->reading) && items)
            read_items(r, &at, &items_path, items);
    }
}

/* --- the four forms --- */

static void read_text(struct reader *r, const struct sas_path *path, struct sas_view text)
{
    struct sas_arena arena;
    struct sas_value value;
    const char *why;
    size_t offset;
    cJSON *json;
    char message[160];

    if (text.length == 0 && r->options->reading)
        return; /* the service's way to say that nothing is set */
    if (text.length > SAS_CONFIG_MAX) {
        problem(r, path, "is longer than 256 KiB", NULL);
        return;
    }
    json = sas_json_read(text, &why, &offset);
    if (!json) {
        snprintf(message, sizeof message, "is not JSON: %s at byte %lu", why,
                 (unsigned long)offset + 1);
        problem(r, path, message, "give a table, or the text of a JSON array");
        r->error->no_memory |= why == sas_json_no_memory;
        return;
    }
    memset(&arena, 0, sizeof arena);
    if (!cJSON_IsArray(json))
        problem(r, path, "is JSON, but no array", "the short form is for Lua tables");
    else if (sas_value_from_json(&arena, json, &value))
        read_array(r, path, &value);
    else if (arena.too_large)
        problem(r, path, "is too large", NULL);
    else
        r->error->no_memory = true;
    cJSON_Delete(json);
    sas_arena_release(&arena);
}

static void read_any(struct reader *r, const struct sas_path *path,
                     const struct sas_value *v)
{
    switch (v->type) {
    case SAS_CONFIG_OBJECT:
        if (!sas_config_merge(r->config, v->config))
            r->error->no_memory = true;
        break;
    case SAS_STRING:
        read_text(r, path, v->text);
        break;
    case SAS_TABLE:
        if (v->list)
            read_array(r, path, v);
        else
            read_by_type(r, path, v);
        break;
    default:
        problem(r, path, sas_value_type(v),
                "give a table by type, a config, the API's array, or its JSON text");
    }
}

/* Starts on a copy, so that a failure leaves the config as it was. */
static bool begin(struct reader *r, struct sas_config *copy, const struct sas_config *c,
                  const struct sas_config_options *o, struct sas_error *e)
{
    memset(copy, 0, sizeof *copy);
    r->config = copy;
    r->options = o;
    r->error = e;
    if (sas_config_merge(copy, c))
        return true;
    e->no_memory = true;
    return false;
}

static bool finish(struct sas_config *copy, struct sas_config *c, size_t problems,
                   const struct sas_error *e)
{
    bool good = e->problem_total == problems && !e->no_memory;

    if (good) {
        struct sas_config old = *c;

        *c = *copy;
        *copy = old;
    }
    sas_config_release(copy);
    return good;
}

bool sas_config_read(struct sas_config *c, const struct sas_value *v,
                     const struct sas_config_options *o, const struct sas_path *path,
                     struct sas_error *e)
{
    size_t problems = e->problem_total;
    struct sas_config copy;
    struct reader r;

    if (begin(&r, &copy, c, o, e))
        read_any(&r, path, v);
    return finish(&copy, c, problems, e);
}

bool sas_config_add(struct sas_config *c, struct sas_view type,
                    const struct sas_value *keys, const struct sas_config_options *o,
                    const struct sas_path *path, struct sas_error *e)
{
    size_t problems = e->problem_total;
    struct sas_config copy;
    struct sas_value name;
    struct sas_view word;
    struct reader r;
    struct place at;

    memset(&at, 0, sizeof at);
    memset(&name, 0, sizeof name);
    name.type = SAS_STRING;
    name.text = type;
    at.path = sas_path_name(path, type);
    if (begin(&r, &copy, c, o, e) && check_word(&r, &at.path, &name, &word) &&
        enter_type(&r, &at, &at.path, type, true))
        read_keys(&r, &at, keys);
    return finish(&copy, c, problems, e);
}
