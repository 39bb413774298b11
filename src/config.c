/*
 * config.c - the ConfigList as a value: kept in order, written, compared
 * SPDX-License-Identifier: MIT
 *
 * What callers and the service pass is read in config_read.c.
 */
#include "config_put.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"

#define UNRANKED INT_MAX

/* --- keeping order --- */

static struct sas_view text_of(const struct sas_config_item *item)
{
    return sas_buffer_as_view(&item->text);
}

/* By rank, then by the bytes. */
static int compare(const struct sas_config_item *item, struct sas_view text, int rank)
{
    if (item->rank != rank)
        return item->rank < rank ? -1 : 1;
    return sas_view_compare(text_of(item), text);
}

/* Where an item stands, or would. */
static size_t place_of(const struct sas_config_list *list, struct sas_view text, int rank,
                       bool *found)
{
    size_t low = 0, high = list->count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(list->items[middle], text, rank);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct sas_config_list *list)
{
    size_t wanted = list->capacity ? list->capacity * 2 : 4;
    void **items;

    if (list->count < list->capacity)
        return true;
    items = realloc(list->items, wanted * sizeof *items);
    if (!items)
        return false;
    list->items = items;
    list->capacity = wanted;
    return true;
}

/* A new item of so many bytes, its rest zero; NULL when out of memory. */
static void *insert(struct sas_config_list *list, size_t at, size_t size,
                    struct sas_view text, int rank)
{
    struct sas_config_item *item = make_room(list) ? calloc(1, size) : NULL;

    if (!item)
        return NULL;
    item->rank = rank;
    if (!sas_buffer_view(&item->text, text)) {
        sas_buffer_release(&item->text);
        free(item);
        return NULL;
    }
    memmove(list->items + at + 1, list->items + at,
            (list->count - at) * sizeof *list->items);
    list->items[at] = item;
    list->count++;
    return item;
}

/* Finds or inserts. */
static void *put(struct sas_config_list *list, size_t size, struct sas_view text,
                 int rank)
{
    bool found;
    size_t at = place_of(list, text, rank, &found);

    return found ? list->items[at] : insert(list, at, size, text, rank);
}

static void *find(const struct sas_config_list *list, struct sas_view text, int rank)
{
    bool found;
    size_t at = place_of(list, text, rank, &found);

    return found ? list->items[at] : NULL;
}

static int rank_of_type(struct sas_view name)
{
    const struct sas_catalog_type *type = sas_catalog_find_type(&sas_catalog, name);

    return type ? (int)(type - sas_catalog.types) : UNRANKED;
}

struct sas_config_type *sas_config_find_type(const struct sas_config *c,
                                             struct sas_view name)
{
    return find(&c->types, sas_type_tail(name), rank_of_type(name));
}

/* Of the names of one type the first by its bytes stays, in whatever order they come. */
static bool take_name(struct sas_config_type *t, struct sas_view name)
{
    if (t->name.length && sas_view_compare(name, sas_buffer_as_view(&t->name)) >= 0)
        return true;
    sas_buffer_clear(&t->name);
    return sas_buffer_view(&t->name, name);
}

struct sas_config_type *sas_config_put_type(struct sas_config *c, struct sas_view name)
{
    struct sas_config_type *t =
        put(&c->types, sizeof *t, sas_type_tail(name), rank_of_type(name));

    return t && take_name(t, name) ? t : NULL;
}

static const struct sas_catalog_key *known_key(const struct sas_config_type *t,
                                               struct sas_view name)
{
    return t->item.rank == UNRANKED
               ? NULL
               : sas_catalog_find_key(&sas_catalog.types[t->item.rank], name);
}

static int rank_of_key(const struct sas_config_type *t, struct sas_view name)
{
    const struct sas_catalog_key *known = known_key(t, name);

    return known ? (int)(known - sas_catalog.types[t->item.rank].keys) : UNRANKED;
}

struct sas_config_key *sas_config_find_key(const struct sas_config_type *t,
                                           struct sas_view name)
{
    return find(&t->keys, name, rank_of_key(t, name));
}

struct sas_config_key *sas_config_put_key(struct sas_config_type *t, struct sas_view name)
{
    return put(&t->keys, sizeof(struct sas_config_key), name, rank_of_key(t, name));
}

static void drop_values(struct sas_config_key *k)
{
    size_t i;

    for (i = 0; i < k->values.count; i++) {
        struct sas_config_item *value = k->values.items[i];

        sas_buffer_release(&value->text);
        free(value);
    }
    k->values.count = 0;
}

bool sas_config_put_value(const struct sas_config_type *t, struct sas_config_key *k,
                          struct sas_view value)
{
    const struct sas_catalog_key *known = known_key(t, text_of(&k->item));
    bool spelled;
    int rank = known ? sas_catalog_find_word(known, value, &spelled) : -1;

    if (k->values.count == 1 && sas_view_is(text_of(k->values.items[0]), SAS_ALL))
        return true; /* everything is in already */
    if (sas_view_is(value, SAS_ALL))
        drop_values(k);
    return put(&k->values, sizeof(struct sas_config_item), value,
               rank < 0 ? UNRANKED : rank) != NULL;
}

static bool merge_keys(struct sas_config_type *t, const struct sas_config_type *from)
{
    size_t i, j;

    for (i = 0; i < from->keys.count; i++) {
        const struct sas_config_key *key = from->keys.items[i];
        struct sas_config_key *to = sas_config_put_key(t, text_of(&key->item));

        if (!to)
            return false;
        for (j = 0; j < key->values.count; j++) {
            if (!sas_config_put_value(t, to, text_of(key->values.items[j])))
                return false;
        }
    }
    return true;
}

bool sas_config_merge(struct sas_config *c, const struct sas_config *from)
{
    size_t i;

    for (i = 0; i < from->types.count; i++) {
        const struct sas_config_type *type = from->types.items[i];
        struct sas_config_type *t =
            sas_config_put_type(c, sas_buffer_as_view(&type->name));

        if (!t || !merge_keys(t, type))
            return false;
    }
    return true;
}

/* --- releasing --- */

static void release_type(struct sas_config_type *t)
{
    size_t i;

    for (i = 0; i < t->keys.count; i++) {
        struct sas_config_key *k = t->keys.items[i];

        drop_values(k);
        free(k->values.items);
        sas_buffer_release(&k->item.text);
        free(k);
    }
    free(t->keys.items);
    sas_buffer_release(&t->item.text);
    sas_buffer_release(&t->name);
    free(t);
}

void sas_config_release(struct sas_config *c)
{
    size_t i;

    for (i = 0; i < c->types.count; i++)
        release_type(c->types.items[i]);
    free(c->types.items);
    memset(c, 0, sizeof *c);
}

static void offer_types(struct sas_suggest *s, const struct sas_catalog *catalog)
{
    size_t i;

    for (i = 0; i < catalog->type_count; i++) {
        sas_suggest_offer(s, catalog->types[i].tail);
        sas_suggest_offer(s, catalog->types[i].name);
    }
}

void sas_config_unknown(struct sas_error *e, const struct sas_path *path,
                        const struct sas_suggest *s, const char *what, const char *list)
{
    struct sas_word_text quoted = sas_word_quote(s->word, "the word");
    struct sas_text message = {"", 0}, hint = {"", 0};

    sas_text_add(&message, "%s is no %s", quoted.text, what);
    if (s->best)
        sas_text_add(&hint, "did you mean \"%s\"? ", s->best);
    sas_text_add(&hint, "%s", list);
    sas_error_problem(e, path->text, message.text, hint.text);
}

void sas_config_unknown_type(struct sas_error *e, const struct sas_path *path,
                             struct sas_view name, const struct sas_catalog *catalog)
{
    struct sas_text list = {"", 0};
    struct sas_suggest s = {name, NULL, 0};
    size_t i;

    offer_types(&s, catalog);
    sas_text_add(&list, "the types are ");
    for (i = 0; i < catalog->type_count; i++)
        sas_text_add(&list, "%s%s", i ? ", " : "", catalog->types[i].tail);
    sas_config_unknown(e, path, &s, "type of notification", list.text);
}

bool sas_config_remove(struct sas_config *c, struct sas_view type,
                       const struct sas_catalog *catalog, struct sas_error *e)
{
    void **items = c->types.items;
    bool found;
    size_t at = place_of(&c->types, sas_type_tail(type), rank_of_type(type), &found);

    if (found) {
        release_type(items[at]);
        memmove(items + at, items + at + 1, (c->types.count - at - 1) * sizeof *items);
        c->types.count--;
        return true;
    }
    if (!sas_catalog_find_type(catalog, type)) {
        struct sas_path root = sas_path_root("ConfigList");
        struct sas_path path = sas_path_name(&root, type);

        sas_config_unknown_type(e, &path, type, catalog);
        return false;
    }
    return true;
}

/* --- writing and comparing --- */

static void write_key(const struct sas_config_key *k, struct sas_buffer *out)
{
    size_t i;

    sas_buffer_text(out, "{\"key\":");
    sas_encode_json(out, text_of(&k->item));
    sas_buffer_text(out, ",\"valueList\":[");
    for (i = 0; i < k->values.count; i++) {
        if (i)
            sas_buffer_char(out, ',');
        sas_encode_json(out, text_of(k->values.items[i]));
    }
    sas_buffer_text(out, "]}");
}

bool sas_config_write(const struct sas_config *c, struct sas_buffer *out)
{
    size_t i, j;

    out->max = SAS_CONFIG_MAX;
    sas_buffer_char(out, '[');
    for (i = 0; i < c->types.count; i++) {
        const struct sas_config_type *t = c->types.items[i];

        sas_buffer_text(out, i ? ",{\"type\":" : "{\"type\":");
        sas_encode_json(out, sas_buffer_as_view(&t->name));
        sas_buffer_text(out, ",\"configItemList\":[");
        for (j = 0; j < t->keys.count; j++) {
            if (j)
                sas_buffer_char(out, ',');
            write_key(t->keys.items[j], out);
        }
        sas_buffer_text(out, "]}");
    }
    return sas_buffer_char(out, ']');
}

static bool same_item(const struct sas_config_item *a, const struct sas_config_item *b)
{
    return compare(a, text_of(b), b->rank) == 0;
}

static bool same_key(const struct sas_config_key *a, const struct sas_config_key *b)
{
    size_t i;

    if (a->values.count != b->values.count || !same_item(&a->item, &b->item))
        return false;
    for (i = 0; i < a->values.count; i++) {
        if (!same_item(a->values.items[i], b->values.items[i]))
            return false;
    }
    return true;
}

static bool same_type(const struct sas_config_type *a, const struct sas_config_type *b)
{
    size_t i;

    if (a->keys.count != b->keys.count || !same_item(&a->item, &b->item))
        return false;
    for (i = 0; i < a->keys.count; i++) {
        if (!same_key(a->keys.items[i], b->keys.items[i]))
            return false;
    }
    return true;
}

bool sas_config_equal(const struct sas_config *a, const struct sas_config *b)
{
    size_t i;

    if (a->types.count != b->types.count)
        return false;
    for (i = 0; i < a->types.count; i++) {
        if (!same_type(a->types.items[i], b->types.items[i]))
            return false;
    }
    return true;
}
