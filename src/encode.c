/*
 * encode.c - percent, hex, base64, JSON text and UTF-8
 * SPDX-License-Identifier: MIT
 */
#include "encode.h"

#include <string.h>

static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.' || c == '~';
}

bool sas_encode_percent(struct sas_buffer *out, struct sas_view in)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t i;

    for (i = 0; i < in.length; i++) {
        unsigned char c = (unsigned char)in.data[i];
        char escaped[3];

        if (is_unreserved(c)) {
            sas_buffer_char(out, (char)c);
            continue;
        }
        escaped[0] = '%';
        escaped[1] = digits[c >> 4];
        escaped[2] = digits[c & 15];
        sas_buffer_add(out, escaped, sizeof escaped);
    }
    return !out->failed;
}

bool sas_encode_hex(struct sas_buffer *out, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    size_t i;

    for (i = 0; i < length; i++) {
        sas_buffer_char(out, digits[p[i] >> 4]);
        sas_buffer_char(out, digits[p[i] & 15]);
    }
    return !out->failed;
}

bool sas_encode_base64(struct sas_buffer *out, const void *bytes, size_t length)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    size_t i;

    for (i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned long group = (unsigned long)p[i] << 16;
        char text[4];

        if (left > 1)
            group |= (unsigned long)p[i + 1] << 8;
        if (left > 2)
            group |= p[i + 2];
        text[0] = digits[group >> 18 & 63];
        text[1] = digits[group >> 12 & 63];
        text[2] = left > 1 ? digits[group >> 6 & 63] : '=';
        text[3] = left > 2 ? digits[group & 63] : '=';
        sas_buffer_add(out, text, sizeof text);
    }
    return !out->failed;
}

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static unsigned long tail(char c)
{
    return (unsigned char)c & 0x3f;
}

static size_t finish(size_t length, unsigned long value, unsigned long *code)
{
    if (code)
        *code = value;
    return length;
}

size_t sas_utf8_next(const char *p, size_t length, unsigned long *code)
{
    unsigned char c;
    unsigned long value;

    if (length == 0)
        return 0;
    c = (unsigned char)p[0];
    if (c < 0x80)
        return finish(1, c, code);
    if (c >= 0xc2 && c < 0xe0 && length >= 2 && is_tail(p[1]))
        return finish(2, (c & 0x1fUL) << 6 | tail(p[1]), code);
    if (c >= 0xe0 && c < 0xf0 && length >= 3 && is_tail(p[1]) && is_tail(p[2])) {
        value = (c & 0x0fUL) << 12 | tail(p[1]) << 6 | tail(p[2]);
        if (value < 0x800 || (value >= 0xd800 && value < 0xe000))
            return 0;
        return finish(3, value, code);
    }
    if (c >= 0xf0 && c < 0xf5 && length >= 4 && is_tail(p[1]) && is_tail(p[2]) &&
        is_tail(p[3])) {
        value = (c & 0x07UL) << 18 | tail(p[1]) << 12 | tail(p[2]) << 6 | tail(p[3]);
        if (value < 0x10000 || value > 0x10ffff)
            return 0;
        return finish(4, value, code);
    }
    return 0;
}

bool sas_utf8_check(struct sas_view in, size_t *points)
{
    size_t i = 0, count = 0;

    while (i < in.length) {
        size_t n = sas_utf8_next(in.data + i, in.length - i, NULL);

        if (n == 0)
            return false;
        i += n;
        count++;
    }
    if (points)
        *points = count;
    return true;
}

/*
 * What moves a cursor or recolours a terminal (C0, DEL, C1), ends a line, turns the
 * direction of what follows, or is not seen, so that two names look alike.
 */
static bool is_harmful(unsigned long code)
{
    static const struct {
        unsigned long first, last;
    } ranges[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x061c, 0x061c},
        {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    size_t i;

    for (i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

/* \uXXXX, or two of them for what is above U+FFFF. */
static void escape_json(struct sas_buffer *out, unsigned long code)
{
    if (code >= 0x10000) {
        sas_buffer_format(out, "\\u%04lx", 0xd800 + ((code - 0x10000) >> 10));
        code = 0xdc00 + (code & 0x3ff);
    }
    sas_buffer_format(out, "\\u%04lx", code);
}

static bool write_json(struct sas_buffer *out, struct sas_view in, bool printable)
{
    size_t i = 0;

    sas_buffer_char(out, '"');
    while (i < in.length) {
        unsigned char c = (unsigned char)in.data[i];
        unsigned long code = c;
        size_t n = sas_utf8_next(in.data + i, in.length - i, &code);

        if (n == 0)
            n = 1;
        if (c == '"' || c == '\\')
            sas_buffer_char(out, '\\');
        if (c < 0x20 || (printable && is_harmful(code)))
            escape_json(out, code);
        else
            sas_buffer_add(out, in.data + i, n);
        i += n;
    }
    return sas_buffer_char(out, '"');
}

bool sas_encode_json(struct sas_buffer *out, struct sas_view in)
{
    return write_json(out, in, false);
}

bool sas_encode_json_printable(struct sas_buffer *out, struct sas_view in)
{
    return write_json(out, in, true);
}

size_t sas_printable_next(const char *p, size_t length, struct sas_view *shown)
{
    unsigned long code = 0;
    size_t n = sas_utf8_next(p, length, &code);

    shown->data = p;
    shown->length = n;
    if (n && (code == '\t' || code == '\n' || code == '\r'))
        *shown = sas_view_text(" ");
    else if (n == 0 || is_harmful(code))
        *shown = sas_view_text("\xEF\xBF\xBD"); /* U+FFFD */
    return n ? n : 1;
}

bool sas_encode_printable(struct sas_buffer *out, struct sas_view in, size_t max)
{
    size_t i = 0;

    while (i < in.length && i < max) {
        struct sas_view shown;

        i += sas_printable_next(in.data + i, in.length - i, &shown);
        sas_buffer_view(out, shown);
    }
    return i < in.length ? sas_buffer_text(out, "...") : !out->failed;
}
