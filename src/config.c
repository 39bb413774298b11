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

/* Every item of the three levels starts with its text and has its rank. */
static int compare_item(struct sas_view a, int rank_a, struct sas_view b, int rank_b)
{
    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    return sas_view_compare(a, b);
}

/* Makes room for one item at `at`, zeroed; false when out of memory. */
static bool open_gap(void **items, size_t size, size_t *count, size_t *capacity,
                     size_t at)
{
    char *base = *items;

    if (*count == *capacity) {
        size_t wanted = *capacity ? *capacity * 2 : 4;

        base = realloc(base, wanted * size);
        if (!base)
            return false;
        *items = base;
        *capacity = wanted;
    }
    memmove(base + (at + 1) * size, base + at * size, (*count - at) * size);
    memset(base + at * size, 0, size);
    ++*count;
    return true;
}

static int rank_of_type(struct sas_view name, const struct sas_catalog_type **type)
{
    *type = sas_catalog_find_type(&sas_catalog, name);
    return *type ? (int)(*type - sas_catalog.types) : UNRANKED;
}

struct sas_config_type *sas_config_find_type(const struct sas_config *c,
                                             struct sas_view name)
{
    struct sas_view tail = sas_type_tail(name);
    size_t i;

    for (i = 0; i < c->count; i++) {
        struct sas_view other = sas_type_tail(sas_buffer_as_view(&c->types[i].name));

        if (sas_view_compare(tail, other) == 0)
            return &c->types[i];
    }
    return NULL;
}

/* Of the names of one type the first by its bytes stays, in whatever order they come. */
static bool take_name(struct sas_config_type *t, struct sas_view name)
{
    if (sas_view_compare(name, sas_buffer_as_view(&t->name)) >= 0)
        return true;
    sas_buffer_clear(&t->name);
    return sas_buffer_view(&t->name, name);
}

struct sas_config_type *sas_config_put_type(struct sas_config *c, struct sas_view name)
{
    struct sas_config_type *found = sas_config_find_type(c, name);
    const struct sas_catalog_type *known;
    int rank = rank_of_type(name, &known);
    void *items = c->types;
    size_t at = 0;

    if (found)
        return take_name(found, name) ? found : NULL;
    while (at < c->count &&
           compare_item(sas_type_tail(sas_buffer_as_view(&c->types[at].name)),
                        c->types[at].rank, sas_type_tail(name), rank) < 0)
        at++;
    if (!open_gap(&items, sizeof *c->types, &c->count, &c->capacity, at))
        return NULL;
    c->types = items;
    c->types[at].rank = rank;
    return sas_buffer_view(&c->types[at].name, name) ? &c->types[at] : NULL;
}

static const struct sas_catalog_key *known_key(const struct sas_config_type *t,
                                               struct sas_view name)
{
    return t->rank == UNRANKED ? NULL
                               : sas_catalog_find_key(&sas_catalog.types[t->rank], name);
}

struct sas_config_key *sas_config_put_key(struct sas_config_type *t, struct sas_view name)
{
    const struct sas_catalog_key *known = known_key(t, name);
    int rank = known ? (int)(known - sas_catalog.types[t->rank].keys) : UNRANKED;
    void *items = t->keys;
    size_t at;

    for (at = 0; at < t->count; at++) {
        int order = compare_item(sas_buffer_as_view(&t->keys[at].name), t->keys[at].rank,
                                 name, rank);

        if (order == 0)
            return &t->keys[at];
        if (order > 0)
            break;
    }
    if (!open_gap(&items, sizeof *t->keys, &t->count, &t->capacity, at))
        return NULL;
    t->keys = items;
    t->keys[at].rank = rank;
    return sas_buffer_view(&t->keys[at].name, name) ? &t->keys[at] : NULL;
}

static void drop_values(struct sas_config_key *k)
{
    size_t i;

    for (i = 0; i < k->count; i++)
        sas_buffer_release(&k->values[i].text);
    k->count = 0;
}

bool sas_config_put_value(const struct sas_config_type *t, struct sas_config_key *k,
                          struct sas_view value)
{
    const struct sas_catalog_key *known = known_key(t, sas_buffer_as_view(&k->name));
    void *items = k->values;
    bool spelled;
    size_t at;
    int rank = known ? sas_catalog_find_word(known, value, &spelled) : -1;

    if (k->count == 1 && sas_view_is(sas_buffer_as_view(&k->values[0].text), SAS_ALL))
        return true; /* everything is in already */
    if (sas_view_is(value, SAS_ALL))
        drop_values(k);
    if (rank < 0)
        rank = UNRANKED;
    for (at = 0; at < k->count; at++) {
        int order = compare_item(sas_buffer_as_view(&k->values[at].text),
                                 k->values[at].rank, value, rank);

        if (order == 0)
            return true;
        if (order > 0)
            break;
    }
    if (!open_gap(&items, sizeof *k->values, &k->count, &k->capacity, at))
        return false;
    k->values = items;
    k->values[at].rank = rank;
    return sas_buffer_view(&k->values[at].text, value);
}

bool sas_config_merge(struct sas_config *c, const struct sas_config *from)
{
    size_t i, j, k;

    for (i = 0; i < from->count; i++) {
        const struct sas_config_type *type = &from->types[i];
        struct sas_config_type *t;

        t = sas_config_put_type(c, sas_buffer_as_view(&type->name));
        if (!t)
            return false;
        for (j = 0; j < type->count; j++) {
            const struct sas_config_key *key = &type->keys[j];
            struct sas_config_key *to;

            to = sas_config_put_key(t, sas_buffer_as_view(&key->name));
            if (!to)
                return false;
            for (k = 0; k < key->count; k++) {
                if (!sas_config_put_value(t, to,
                                          sas_buffer_as_view(&key->values[k].text)))
                    return false;
            }
        }
    }
    return true;
}

/* --- releasing --- */

static void release_type(struct sas_config_type *t)
{
    size_t i;

    for (i = 0; i < t->count; i++) {
        drop_values(&t->keys[i]);
        free(t->keys[i].values);
        sas_buffer_release(&t->keys[i].name);
    }
    free(t->keys);
    sas_buffer_release(&t->name);
}

void sas_config_release(struct sas_config *c)
{
    size_t i;

    for (i = 0; i < c->count; i++)
        release_type(&c->types[i]);
    free(c->types);
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
    struct sas_config_type *found = sas_config_find_type(c, type);
    size_t at;

    if (found) {
        at = (size_t)(found - c->types);
        release_type(found);
        memmove(found, found + 1, (c->count - at - 1) * sizeof *found);
        c->count--;
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
    sas_encode_json(out, sas_buffer_as_view(&k->name));
    sas_buffer_text(out, ",\"valueList\":[");
    for (i = 0; i < k->count; i++) {
        if (i)
            sas_buffer_char(out, ',');
        sas_encode_json(out, sas_buffer_as_view(&k->values[i].text));
    }
    sas_buffer_text(out, "]}");
}

bool sas_config_write(const struct sas_config *c, struct sas_buffer *out)
{
    size_t i, j;

    out->max = SAS_CONFIG_MAX;
    sas_buffer_char(out, '[');
    for (i = 0; i < c->count; i++) {
        const struct sas_config_type *t = &c->types[i];

        sas_buffer_text(out, i ? ",{\"type\":" : "{\"type\":");
        sas_encode_json(out, sas_buffer_as_view(&t->name));
        sas_buffer_text(out, ",\"configItemList\":[");
        for (j = 0; j < t->count; j++) {
            if (j)
                sas_buffer_char(out, ',');
            write_key(&t->keys[j], out);
        }
        sas_buffer_text(out, "]}");
    }
    return sas_buffer_char(out, ']');
}

static bool same_text(const struct sas_buffer *a, const struct sas_buffer *b)
{
    return sas_view_compare(sas_buffer_as_view(a), sas_buffer_as_view(b)) == 0;
}

static bool same_key(const struct sas_config_key *a, const struct sas_config_key *b)
{
    size_t i;

    if (a->count != b->count || !same_text(&a->name, &b->name))
        return false;
    for (i = 0; i < a->count; i++) {
        if (!same_text(&a->values[i].text, &b->values[i].text))
            return false;
    }
    return true;
}

static bool same_keys(const struct sas_config_type *a, const struct sas_config_type *b)
{
    size_t i;

    if (a->count != b->count)
        return false;
    for (i = 0; i < a->count; i++) {
        if (!same_key(&a->keys[i], &b->keys[i]))
            return false;
    }
    return true;
}

bool sas_config_equal(const struct sas_config *a, const struct sas_config *b)
{
    size_t i;

    if (a->count != b->count)
        return false;
    /* By name, not by place: unranked types of either prefix sort by their full names. */
    for (i = 0; i < a->count; i++) {
        const struct sas_config_type *other;

        other = sas_config_find_type(b, sas_buffer_as_view(&a->types[i].name));
        if (!other || !same_keys(&a->types[i], other))
            return false;
    }
    return true;
}
