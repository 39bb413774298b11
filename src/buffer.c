/*
 * buffer.c - bytes that grow up to a maximum and wipe themselves
 * SPDX-License-Identifier: MIT
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST 64

void sas_wipe(void *memory, size_t length)
{
    /* A volatile pointer to memset: the call cannot be proved to be without effect. This
     * stands here since http, which does not link libcrypto, wipes as well. */
    static void *(*const volatile wipe)(void *, int, size_t) = memset;

    if (memory && length)
        wipe(memory, 0, length);
}

void sas_buffer_clear(struct sas_buffer *b)
{
    sas_wipe(b->data, b->length);
    b->length = 0;
    b->failed = SAS_BUFFER_OK;
}

void sas_buffer_release(struct sas_buffer *b)
{
    sas_wipe(b->data, b->capacity);
    free(b->data);
    b->data = NULL;
    b->length = 0;
    b->capacity = 0;
    b->failed = SAS_BUFFER_OK;
}

static size_t limit_of(const struct sas_buffer *b)
{
    return b->max && b->max < SAS_BUFFER_MAX ? b->max : SAS_BUFFER_MAX;
}

/* Moves to a larger block by hand: realloc would leave the old bytes unwiped. */
static bool grow(struct sas_buffer *b, size_t needed)
{
    size_t capacity = b->capacity ? b->capacity : SMALLEST;
    char *data;

    while (capacity < needed)
        capacity *= 2; /* cannot overflow: needed is at most SAS_BUFFER_MAX + 1 */
    data = malloc(capacity);
    if (!data) {
        b->failed = SAS_BUFFER_NO_MEMORY;
        return false;
    }
    if (b->data) {
        memcpy(data, b->data, b->length + 1);
        sas_wipe(b->data, b->capacity);
        free(b->data);
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool sas_buffer_add(struct sas_buffer *b, const void *data, size_t length)
{
    size_t limit = limit_of(b);

    if (b->failed)
        return false;
    if (length > limit || b->length > limit - length) {
        b->failed = SAS_BUFFER_TOO_LARGE;
        return false;
    }
    if (b->length + length + 1 > b->capacity && !grow(b, b->length + length + 1))
        return false;
    if (length)
        memcpy(b->data + b->length, data, length);
    b->length += length;
    b->data[b->length] = '\0';
    return true;
}

bool sas_buffer_text(struct sas_buffer *b, const char *text)
{
    return sas_buffer_add(b, text, strlen(text));
}

bool sas_buffer_char(struct sas_buffer *b, char c)
{
    return sas_buffer_add(b, &c, 1);
}

bool sas_buffer_view(struct sas_buffer *b, struct sas_view v)
{
    return sas_buffer_add(b, v.data, v.length);
}

bool sas_buffer_format(struct sas_buffer *b, const char *format, ...)
{
    char text[512];
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (n < 0)
        n = 0;
    /* Formatted texts are messages; one that is longer is cut, never overrun. */
    return sas_buffer_add(b, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

const char *sas_buffer_cstr(const struct sas_buffer *b)
{
    return b->data ? b->data : "";
}

struct sas_view sas_buffer_as_view(const struct sas_buffer *b)
{
    struct sas_view v;

    v.data = sas_buffer_cstr(b);
    v.length = b->length;
    return v;
}

struct sas_view sas_view_text(const char *text)
{
    struct sas_view v;

    v.data = text;
    v.length = text ? strlen(text) : 0;
    return v;
}

bool sas_view_is(struct sas_view v, const char *text)
{
    size_t length = strlen(text);

    return v.data && v.length == length && memcmp(v.data, text, length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct sas_view sas_view_trim(struct sas_view v)
{
    while (v.length && is_blank(v.data[0])) {
        v.data++;
        v.length--;
    }
    while (v.length && is_blank(v.data[v.length - 1]))
        v.length--;
    return v;
}

struct sas_view sas_view_strip(struct sas_view v)
{
    while (v.length && (unsigned char)v.data[0] <= ' ') {
        v.data++;
        v.length--;
    }
    while (v.length && (unsigned char)v.data[v.length - 1] <= ' ')
        v.length--;
    return v;
}

bool sas_view_has_control(struct sas_view v)
{
    size_t i;

    for (i = 0; i < v.length; i++) {
        unsigned char c = (unsigned char)v.data[i];

        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

int sas_view_compare(struct sas_view a, struct sas_view b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

    if (order)
        return order;
    return a.length < b.length ? -1 : a.length > b.length;
}

int sas_hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}
