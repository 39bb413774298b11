/*
 * value.h - what a caller passed, whatever it came from: Lua values or JSON text
 * SPDX-License-Identifier: MIT
 *
 * A tree of values in an arena. Texts are views: of Lua strings that stay on the stack,
 * or of copies in the arena. The checks (operation.c, config.c) read this tree and never
 * see Lua or cJSON.
 */
#ifndef SAS_VALUE_H
#define SAS_VALUE_H

#include <stdint.h>

#include "buffer.h"

SAS_HIDDEN_BEGIN

/* An argument tree larger than this is refused, however it is nested or shared. */
#define SAS_ARENA_MAX ((size_t)16 * 1024 * 1024)

/* Deeper than anything legal; also what bounds recursion. */
#define SAS_VALUE_DEPTH 16

struct sas_arena_block;

/* All zero is an empty arena. */
struct sas_arena {
    struct sas_arena_block *blocks;
    size_t total;
    bool no_memory; /* malloc failed */
    bool too_large; /* SAS_ARENA_MAX reached */
};

/* Zeroed memory, aligned for anything; NULL on failure. */
void *sas_arena_take(struct sas_arena *a, size_t size);

/* Wipes and frees all. Idempotent. */
void sas_arena_release(struct sas_arena *a);

enum sas_type {
    SAS_ABSENT,
    SAS_BOOLEAN,
    SAS_INTEGER,
    SAS_NUMBER, /* a double that is not a whole number below 2^53 */
    SAS_STRING,
    SAS_TABLE,
    SAS_CONFIG_OBJECT,
    SAS_OTHER /* a function, a userdata, a table that cannot be read: see `why` */
};

struct sas_entry;
struct sas_config;

struct sas_value {
    enum sas_type type;
    bool boolean;
    bool list;       /* table: its keys are 1..count, entries are in that order */
    int64_t integer; /* also set from doubles that are whole and below 2^53 */
    double number;
    struct sas_view text;
    const char *why; /* SAS_OTHER: "is a function", ... */
    const struct sas_config *config;
    struct sas_entry *entries; /* table: sorted by name where it is no list */
    size_t count;
};

struct sas_entry {
    struct sas_value key; /* SAS_STRING, SAS_INTEGER or SAS_OTHER */
    struct sas_value value;
};

/* The value under a name, or NULL. */
const struct sas_value *sas_value_get(const struct sas_value *table, const char *name);

/*
 * Brings a table's entries in order: 1..n for a list (and sets `list`), by key otherwise.
 * Called once by whoever fills `entries`.
 */
void sas_value_arrange(struct sas_value *table);

/* "a string", "a boolean": for messages. */
const char *sas_value_type(const struct sas_value *v);

struct cJSON;

/* Copies a JSON tree (from sas_json_read) into the arena; false when that failed. */
bool sas_value_from_json(struct sas_arena *a, const struct cJSON *json,
                         struct sas_value *out);

/* Reads a whole decimal text as a 64-bit integer: no sign but '-', no leading zero. */
bool sas_integer_read(struct sas_view text, int64_t *out);

SAS_HIDDEN_END

#endif
