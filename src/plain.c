/*
 * plain.c - what a text says once its encodings are undone
 * SPDX-License-Identifier: MIT
 */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

#define PASSES_MAX 6 /* nobody encodes more often; each pass takes the whole text */

static int hex(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* `count` hexadecimal digits at `at`, or -1. */
static int hex_at(const struct sas_plain *p, size_t at, int count)
{
    int value = 0, i;

    if (p->count - at < (size_t)count)
        return -1;
    for (i = 0; i < count; i++) {
        int digit = hex(p->bytes[at + (size_t)i].byte);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_at(const struct sas_plain *p, size_t at, const char *text)
{
    size_t i;

    for (i = 0; text[i]; i++) {
        if (at + i >= p->count || p->bytes[at + i].byte != (unsigned char)text[i])
            return false;
    }
    return true;
}

/* Each of these answers how many bytes at `at` say one other byte, 0 for none. */

static size_t read_percent(const struct sas_plain *p, size_t at, int *byte)
{
    if (p->bytes[at].byte != '%')
        return 0;
    *byte = hex_at(p, at + 1, 2);
    return *byte < 0 ? 0 : 3;
}

static size_t read_backslash(const struct sas_plain *p, size_t at, int *byte)
{
    unsigned char next;

    if (p->bytes[at].byte != '\\' || at + 1 == p->count)
        return 0;
    next = p->bytes[at + 1].byte;
    if (next == '/' || next == '"' || next == '\\') {
        *byte = next;
        return 2;
    }
    *byte = next == 'u' ? hex_at(p, at + 2, 4) : -1;
    return *byte >= 0 && *byte < 0x80 ? 6 : 0;
}

/* &#61; or &#x3d; */
static size_t read_number(const struct sas_plain *p, size_t at, int *byte)
{
    bool is_hex = is_at(p, at, "&#x") || is_at(p, at, "&#X");
    size_t i = at + (is_hex ? 3 : 2), digits = 0;
    int value = 0;

    for (; i < p->count && digits < 5; i++, digits++) {
        int digit = hex(p->bytes[i].byte);

        if (digit < 0 || (!is_hex && digit > 9))
            break;
        value = value * (is_hex ? 16 : 10) + digit;
    }
    if (digits == 0 || i == p->count || p->bytes[i].byte != ';' || value >= 0x80)
        return 0;
    *byte = value;
    return i + 1 - at;
}

static size_t read_entity(const struct sas_plain *p, size_t at, int *byte)
{
    static const struct {
        const char *name;
        int byte;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''},
    };
    size_t i;

    if (p->bytes[at].byte != '&')
        return 0;
    for (i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (is_at(p, at, entities[i].name)) {
            *byte = entities[i].byte;
            return strlen(entities[i].name);
        }
    }
    return is_at(p, at, "&#") ? read_number(p, at, byte) : 0;
}

/* One pass, in place: the text only gets shorter. True if anything changed. */
static bool undo(struct sas_plain *p)
{
    size_t from = 0, to = 0;
    bool changed = false;

    while (from < p->count) {
        struct sas_plain_byte out = p->bytes[from];
        int byte = 0;
        size_t taken = read_percent(p, from, &byte);

        if (!taken)
            taken = read_backslash(p, from, &byte);
        if (!taken)
            taken = read_entity(p, from, &byte);
        if (taken) {
            out.byte = (unsigned char)byte;
            out.end = p->bytes[from + taken - 1].end;
            changed = true;
        }
        p->bytes[to++] = out;
        from += taken ? taken : 1;
    }
    p->count = to;
    return changed;
}

static void fold(struct sas_plain *p)
{
    size_t i;

    for (i = 0; i < p->count; i++) {
        unsigned char c = p->bytes[i].byte;

        if (c >= 'A' && c <= 'Z')
            p->bytes[i].byte = (unsigned char)(c - 'A' + 'a');
        else if (c == '+')
            p->bytes[i].byte = ' ';
    }
}

bool sas_plain_read(struct sas_plain *p, struct sas_view text)
{
    int pass = 0;
    size_t i;

    p->count = 0;
    p->bytes = calloc(text.length + 1, sizeof *p->bytes);
    if (!p->bytes)
        return false;
    for (i = 0; i < text.length; i++) {
        p->bytes[i].byte = (unsigned char)text.data[i];
        p->bytes[i].start = (uint32_t)i;
        p->bytes[i].end = (uint32_t)i + 1;
    }
    p->count = text.length;
    while (undo(p) && ++pass < PASSES_MAX)
        ;
    fold(p);
    return true;
}

void sas_plain_release(struct sas_plain *p)
{
    sas_wipe(p->bytes, p->count * sizeof *p->bytes);
    free(p->bytes);
    p->bytes = NULL;
    p->count = 0;
}
