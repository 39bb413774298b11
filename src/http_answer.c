/*
 * http_answer.c - takes the answer apart while it arrives
 * SPDX-License-Identifier: MIT
 *
 * libcurl calls these. They answer less than they were given to stop the transfer, and
 * leave the reason in x->cut.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "http_part.h"

#include <string.h>
#include <strings.h>

/* Stops the transfer: no callback answers 0 for a line that is not empty. */
static size_t stop(struct sas_http_exchange *x, const char *code)
{
    if (!x->cut)
        x->cut = code;
    return 0;
}

static struct sas_view trim(struct sas_view v)
{
    while (v.length && strchr(" \t\r\n", v.data[v.length - 1]))
        v.length--;
    while (v.length && (*v.data == ' ' || *v.data == '\t')) {
        v.data++;
        v.length--;
    }
    return v;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK": answers 0 for anything else. */
static int read_status(struct sas_view line)
{
    const char *p = line.data;

    if (line.length < 12 || memcmp(p, "HTTP/1.", 7) != 0 || !is_digit(p[7]) ||
        p[8] != ' ' || !is_digit(p[9]) || !is_digit(p[10]) || !is_digit(p[11]) ||
        (line.length > 12 && p[12] != ' '))
        return 0;
    return (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
}

static bool begin(struct sas_http_exchange *x, struct sas_view line)
{
    x->status = read_status(trim(line));
    sas_buffer_clear(&x->head);
    return x->status >= 100 && x->status <= 599;
}

/* Only one coding is understood, and none is undone: see the locked options. */
static bool is_plain_coding(struct sas_view name, struct sas_view value)
{
    if (name.length == 16 && strncasecmp(name.data, "content-encoding", 16) == 0)
        return value.length == 0 ||
               (value.length == 8 && strncasecmp(value.data, "identity", 8) == 0);
    if (name.length == 17 && strncasecmp(name.data, "transfer-encoding", 17) == 0)
        return value.length == 7 && strncasecmp(value.data, "chunked", 7) == 0;
    return true;
}

static bool is_name(struct sas_view name)
{
    size_t i;

    for (i = 0; i < name.length; i++) {
        unsigned char c = (unsigned char)name.data[i];

        if (c <= 0x20 || c >= 0x7f)
            return false;
    }
    return name.length > 0;
}

static bool keep(struct sas_http_exchange *x, struct sas_view line)
{
    const char *colon = memchr(line.data, ':', line.length);
    struct sas_view name, value;
    size_t i;

    if (!colon)
        return false;
    name.data = line.data;
    name.length = (size_t)(colon - line.data);
    value.data = colon + 1;
    value.length = line.length - name.length - 1;
    value = trim(value);
    if (!is_name(name) || !is_plain_coding(name, value))
        return false;
    for (i = 0; i < name.length; i++) {
        char c = name.data[i];

        sas_buffer_char(&x->head, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
    }
    sas_buffer_char(&x->head, ':');
    sas_buffer_view(&x->head, value);
    sas_buffer_char(&x->head, '\n');
    return true;
}

/* The empty line: after 1xx another head follows, but not after a switch of protocols. */
static bool end(struct sas_http_exchange *x)
{
    if (x->status == 101)
        return false;
    if (x->status >= 200)
        x->head_done = true;
    return true;
}

size_t sas_http_on_header(char *data, size_t size, size_t count, void *exchange)
{
    struct sas_http_exchange *x = exchange;
    struct sas_view line;
    bool good;

    line.data = data;
    line.length = size * count;
    x->head_bytes += line.length;
    if (x->head_bytes > SAS_HTTP_HEAD_MAX || ++x->head_lines > SAS_HTTP_LINES_MAX)
        return stop(x, "TOO_LARGE");
    if (x->head_done)
        return line.length; /* trailers after a chunked body: nobody asked for them */
    if (line.length >= 5 && memcmp(line.data, "HTTP/", 5) == 0)
        good = begin(x, line);
    else if (!x->status)
        good = false;
    else if (trim(line).length == 0)
        good = end(x);
    else
        good = keep(x, line);
    if (x->head.failed)
        return stop(x, "OUT_OF_MEMORY");
    return good ? line.length : stop(x, "BAD_RESPONSE");
}

size_t sas_http_on_body(char *data, size_t size, size_t count, void *exchange)
{
    struct sas_http_exchange *x = exchange;

    if (!x->head_done)
        return stop(x, "BAD_RESPONSE");
    if (sas_buffer_add(&x->content, data, size * count))
        return size * count;
    return stop(x, x->content.failed == SAS_BUFFER_TOO_LARGE ? "TOO_LARGE"
                                                             : "OUT_OF_MEMORY");
}
