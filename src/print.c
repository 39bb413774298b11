/*
 * print.c - a tree of values as JSON text
 * SPDX-License-Identifier: MIT
 */
#include "print.h"

#include "encode.h"

static bool print_text(struct sas_view text, struct sas_buffer *out, const char **why)
{
    if (!sas_utf8_check(text, NULL)) {
        *why = "a text that is not UTF-8";
        return false;
    }
    *why = "not enough memory";
    return sas_encode_json_printable(out, text);
}

static bool print_table(const struct sas_value *v, struct sas_buffer *out,
                        const char **why)
{
    bool list = v->list && v->count > 0;
    size_t i;

    sas_buffer_char(out, list ? '[' : '{');
    for (i = 0; i < v->count; i++) {
        const struct sas_entry *entry = &v->entries[i];

        if (i > 0)
            sas_buffer_char(out, ',');
        if (!list) {
            if (entry->key.type != SAS_STRING) {
                *why = "a table with keys that are neither 1 to n nor texts";
                return false;
            }
            if (!print_text(entry->key.text, out, why))
                return false;
            sas_buffer_char(out, ':');
        }
        if (!sas_value_print(&entry->value, out, why)) /* no deeper than it was read */
            return false;
    }
    return sas_buffer_char(out, list ? ']' : '}');
}

bool sas_value_print(const struct sas_value *v, struct sas_buffer *out, const char **why)
{
    *why = "not enough memory";
    switch (v->type) {
    case SAS_BOOLEAN:
        return sas_buffer_text(out, v->boolean ? "true" : "false");
    case SAS_INTEGER:
        return sas_buffer_format(out, "%lld", (long long)v->integer);
    case SAS_STRING:
        return print_text(v->text, out, why);
    case SAS_TABLE:
        return print_table(v, out, why);
    case SAS_NUMBER:
        *why = "a number that is not whole";
        return false;
    case SAS_OTHER:
        *why = v->why;
        return false;
    default:
        *why = "a value that JSON has no form for";
        return false;
    }
}
