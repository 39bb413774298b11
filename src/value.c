/*
 * value.c - what a caller passed, whatever it came from
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096
#define ALIGN 16

struct sas_arena_block {
    struct sas_arena_block *next;
    size_t size, used;
    /* the memory follows, aligned */
};

#define HEADER ((sizeof(struct sas_arena_block) + ALIGN - 1) / ALIGN * ALIGN)

void *sas_arena_take(struct sas_arena *a, size_t size)
{
    struct sas_arena_block *block = a->blocks;
    void *memory;

    if (size > SAS_ARENA_MAX || a->total > SAS_ARENA_MAX - size) {
        a->too_large = true;
        return NULL;
    }
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK ? size : BLOCK;

        block = calloc(1, HEADER + room);
        if (!block) {
            a->no_memory = true;
            return NULL;
        }
        block->next = a->blocks;
        block->size = room;
        a->blocks = block;
    }
    memory = (char *)block + HEADER + block->used;
    block->used += size;
    a->total += size;
    return memory;
}

void sas_arena_release(struct sas_arena *a)
{
    while (a->blocks) {
        struct sas_arena_block *block = a->blocks;

        a->blocks = block->next;
        sas_wipe((char *)block + HEADER, block->used);
        free(block);
    }
    a->total = 0;
    a->no_memory = false;
    a->too_large = false;
}

const struct sas_value *sas_value_get(const struct sas_value *table, const char *name)
{
    size_t i;

    for (i = 0; i < table->count; i++) {
        const struct sas_value *key = &table->entries[i].key;

        if (key->type == SAS_STRING && sas_view_is(key->text, name))
            return &table->entries[i].value;
    }
    return NULL;
}

/* Numbers first, then names by their bytes, then what is neither. */
static int rank_of(const struct sas_value *key)
{
    if (key->type == SAS_INTEGER)
        return 0;
    return key->type == SAS_STRING ? 1 : 2;
}

static int compare_keys(const void *left, const void *right)
{
    const struct sas_value *a = &((const struct sas_entry *)left)->key;
    const struct sas_value *b = &((const struct sas_entry *)right)->key;
    int ra = rank_of(a), rb = rank_of(b);

    if (ra != rb)
        return ra - rb;
    if (a->type == SAS_INTEGER)
        return a->integer < b->integer ? -1 : a->integer > b->integer;
    if (a->type == SAS_STRING)
        return sas_view_compare(a->text, b->text);
    return 0;
}

void sas_value_arrange(struct sas_value *table)
{
    size_t i;

    if (table->count == 0)
        return;
    qsort(table->entries, table->count, sizeof *table->entries, compare_keys);
    table->list = true;
    for (i = 0; i < table->count && table->list; i++) {
        const struct sas_value *key = &table->entries[i].key;

        table->list = key->type == SAS_INTEGER && key->integer == (int64_t)i + 1;
    }
}

const char *sas_value_type(const struct sas_value *v)
{
    switch (v->type) {
    case SAS_BOOLEAN:
        return "is a boolean";
    case SAS_INTEGER:
    case SAS_NUMBER:
        return "is a number";
    case SAS_STRING:
        return "is a string";
    case SAS_TABLE:
        return "is a table";
    case SAS_CONFIG_OBJECT:
        return "is a config";
    case SAS_OTHER:
        return v->why;
    default:
        return "is missing";
    }
}

bool sas_integer_read(struct sas_view text, int64_t *out)
{
    bool negative = text.length > 0 && text.data[0] == '-';
    size_t i = negative ? 1 : 0;
    uint64_t value = 0, limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);

    if (i == text.length || (text.data[i] == '0' && text.length > i + 1))
        return false;
    for (; i < text.length; i++) {
        unsigned digit = (unsigned)((unsigned char)text.data[i] - '0');

        if (digit > 9 || value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (negative)
        *out = value == limit ? INT64_MIN : -(int64_t)value;
    else
        *out = (int64_t)value;
    return true;
}

static bool copy_text(struct sas_arena *a, const char *text, struct sas_view *out)
{
    size_t length = strlen(text); /* sas_json_read lets no NUL pass */
    char *copy = sas_arena_take(a, length + 1);

    if (!copy)
        return false;
    memcpy(copy, text, length);
    out->data = copy;
    out->length = length;
    return true;
}

static bool number_from_json(struct sas_arena *a, const cJSON *json,
                             struct sas_value *out)
{
    /* sas_json_read keeps the number's own text here */
    if (!copy_text(a, json->valuestring, &out->text))
        return false;
    out->number = json->valuedouble;
    out->type = sas_integer_read(out->text, &out->integer) ? SAS_INTEGER : SAS_NUMBER;
    return true;
}

static bool table_from_json(struct sas_arena *a, const cJSON *json, struct sas_value *out)
{
    const cJSON *child;
    size_t i = 0, count = 0;

    out->type = SAS_TABLE;
    for (child = json->child; child; child = child->next)
        count++;
    if (count == 0) {
        out->list = cJSON_IsArray(json);
        return true;
    }
    out->entries = sas_arena_take(a, count * sizeof *out->entries);
    if (!out->entries)
        return false;
    out->count = count;
    for (child = json->child; child; child = child->next, i++) {
        struct sas_value *key = &out->entries[i].key;

        if (cJSON_IsArray(json)) {
            key->type = SAS_INTEGER;
            key->integer = (int64_t)i + 1;
        } else {
            key->type = SAS_STRING;
            if (!copy_text(a, child->string, &key->text))
                return false;
        }
        if (!sas_value_from_json(a, child, &out->entries[i].value))
            return false;
    }
    sas_value_arrange(out);
    return true;
}

/* The depth is bounded by sas_json_read. */
bool sas_value_from_json(struct sas_arena *a, const cJSON *json, struct sas_value *out)
{
    memset(out, 0, sizeof *out);
    if (cJSON_IsNumber(json))
        return number_from_json(a, json, out);
    if (cJSON_IsString(json)) {
        out->type = SAS_STRING;
        return copy_text(a, json->valuestring, &out->text);
    }
    if (cJSON_IsArray(json) || cJSON_IsObject(json))
        return table_from_json(a, json, out);
    if (cJSON_IsBool(json)) {
        out->type = SAS_BOOLEAN;
        out->boolean = cJSON_IsTrue(json);
        return true;
    }
    out->type = SAS_OTHER;
    out->why = "is null";
    return true;
}
