/*
 * plain.c - what a text says once its encodings are undone
 * SPDX-License-Identifier: MIT
 */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

/* `count` hexadecimal digits at `at`, or -1. */
static int hex_at(const struct sas_plain *p, size_t at, int count)
{
    int value = 0, i;

    if (p->count - at < (size_t)count)
        return -1;
    for (i = 0; i < count; i++) {
        int digit = sas_hex_value(p->bytes[at + (size_t)i].byte);

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

/*
 * Each of these answers how many bytes at `at` are an escape, 0 for none, and of what: a
 * byte, or a code point.
 */

static size_t read_percent(const struct sas_plain *p, size_t at, long *code)
{
    if (p->bytes[at].byte != '%')
        return 0;
    *code = hex_at(p, at + 1, 2);
    return *code < 0 ? 0 : 3;
}

/* %uXXXX of the old escape() of scripts: a code point */
static size_t read_percent_u(const struct sas_plain *p, size_t at, long *code)
{
    if (!is_at(p, at, "%u"))
        return 0;
    *code = hex_at(p, at + 2, 4);
    return *code < 0 ? 0 : 6;
}

/* \uXXXX, or two of them */
static size_t read_unicode(const struct sas_plain *p, size_t at, long *code)
{
    long low;

    if (!is_at(p, at, "\\u"))
        return 0;
    *code = hex_at(p, at + 2, 4);
    if (*code < 0)
        return 0;
    if (*code < 0xd800 || *code > 0xdbff || !is_at(p, at + 6, "\\u"))
        return 6;
    low = hex_at(p, at + 8, 4);
    if (low < 0xdc00 || low > 0xdfff)
        return 6;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

/* \xXX, or three octal digits after a backslash */
static size_t read_byte(const struct sas_plain *p, size_t at, long *code)
{
    size_t i;

    if (is_at(p, at, "\\x")) {
        *code = hex_at(p, at + 2, 2);
        return *code < 0 ? 0 : 4;
    }
    if (p->bytes[at].byte != '\\' || p->count - at < 4 || p->bytes[at + 1].byte > '3')
        return 0;
    for (*code = 0, i = at + 1; i < at + 4; i++) {
        if (p->bytes[i].byte < '0' || p->bytes[i].byte > '7')
            return 0;
        *code = *code * 8 + (p->bytes[i].byte - '0');
    }
    return 4;
}

static size_t read_backslash(const struct sas_plain *p, size_t at, long *code)
{
    static const char letters[] = "/\"\\bfnrt", bytes[] = "/\"\\\b\f\n\r\t";
    const char *letter;

    if (p->bytes[at].byte != '\\' || at + 1 == p->count)
        return 0;
    letter = memchr(letters, p->bytes[at + 1].byte, sizeof letters - 1);
    if (!letter)
        return read_unicode(p, at, code);
    *code = (unsigned char)bytes[letter - letters];
    return 2;
}

/* &#61; or &#x3d;, as browsers read it: with any zeros before it, and also without its
 * end */
static size_t read_number(const struct sas_plain *p, size_t at, long *code)
{
    bool is_hex = is_at(p, at, "&#x") || is_at(p, at, "&#X");
    size_t begin = at + (is_hex ? 3 : 2), i;
    long value = 0;

    for (i = begin; i < p->count && value <= 0x10ffff; i++) {
        int digit = sas_hex_value(p->bytes[i].byte);

        if (digit < 0 || (!is_hex && digit > 9))
            break;
        value = value * (is_hex ? 16 : 10) + digit;
    }
    if (i == begin || value > 0x10ffff)
        return 0;
    *code = value;
    return i - at + (i < p->count && p->bytes[i].byte == ';');
}

static size_t read_entity(const struct sas_plain *p, size_t at, long *code)
{
    static const struct {
        const char *name;
        char byte;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''},
    };
    size_t i;

    if (p->bytes[at].byte != '&')
        return 0;
    for (i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (is_at(p, at, entities[i].name)) {
            *code = (unsigned char)entities[i].byte;
            return strlen(entities[i].name);
        }
    }
    return is_at(p, at, "&#") ? read_number(p, at, code) : 0;
}

/* A code point as UTF-8. */
static size_t write_code(unsigned char *out, long code)
{
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, i;

    for (i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (unsigned char)(0x80 | (code & 0x3f));
    out[0] = (unsigned char)(n == 1 ? code : (0xf00 >> n & 0xff) | code);
    return n;
}

/* The escape at `at`: how long it is, and the bytes it is of; 0 where there is none. */
static size_t read_escape(const struct sas_plain *p, size_t at, unsigned char *out,
                          size_t *count)
{
    long code = 0;
    size_t taken = read_percent(p, at, &code);

    if (!taken)
        taken = read_byte(p, at, &code);
    if (taken) {
        out[0] = (unsigned char)code;
        *count = 1;
        return taken;
    }
    taken = read_percent_u(p, at, &code);
    if (!taken)
        taken = read_backslash(p, at, &code);
    if (!taken)
        taken = read_entity(p, at, &code);
    if (taken)
        *count = write_code(out, code);
    return taken;
}

/* In place: an escape is never shorter than what it is of. */
bool sas_plain_undo(struct sas_plain *p)
{
    size_t from = 0, to = 0;
    bool changed = false;

    while (from < p->count) {
        struct sas_plain_byte one = p->bytes[from];
        unsigned char out[4] = {one.byte};
        size_t count = 1, i;
        size_t taken = read_escape(p, from, out, &count);

        if (taken) {
            one.end = p->bytes[from + taken - 1].end;
            changed = true;
        }
        for (i = 0; i < count; i++) {
            one.byte = out[i];
            p->bytes[to++] = one;
        }
        from += taken ? taken : 1;
    }
    p->count = to;
    return changed;
}

bool sas_plain_read(struct sas_plain *p, struct sas_view text)
{
    size_t i;

    p->count = p->capacity = 0;
    p->bytes = calloc(text.length + 1, sizeof *p->bytes);
    if (!p->bytes)
        return false;
    for (i = 0; i < text.length; i++) {
        p->bytes[i].byte = (unsigned char)text.data[i];
        p->bytes[i].start = (uint32_t)i;
        p->bytes[i].end = (uint32_t)i + 1;
    }
    p->count = p->capacity = text.length;
    return true;
}

void sas_plain_release(struct sas_plain *p)
{
    /* Not by the count: what was undone is longer than what it became. */
    sas_wipe(p->bytes, p->capacity * sizeof *p->bytes);
    free(p->bytes);
    memset(p, 0, sizeof *p);
}
