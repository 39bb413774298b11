/*
 * http_answer.c - takes the answer apart while it arrives
 * SPDX-License-Identifier: MIT
 *
 * libcurl calls these. They answer less than they were given to stop the transfer, and
 * leave the reason in x->cut; libcurl closes the connection then.
 *
 * What two readers could take for two different answers is none. http1.lua keeps to the
 * same table, and spec/support/framing_cases.lua tries both:
 *
 *   end of a line      CR LF; in a head or trailer LF alone, too. No other CR
 *   status line        HTTP/1.0 or 1.1, one space, 100 to 599 but not 101, any reason
 *   field              token, colon, value; nothing folded, nothing before the colon
 *   value, reason      no control characters but tab
 *   Content-Length     once at most; digits alone; more than maxBody is TOO_LARGE
 *   Transfer-Encoding  once at most; "chunked" alone; with HTTP/1.1 and no Content-Length
 *   Content-Encoding   once at most; "identity" or empty
 *   1xx                not with HTTP/1.0
 *   1xx, 204, 304      the same in their heads, then no body whatever those say
 *   chunk              1 to 16 hex digits, below 2^32, extensions, CR LF; 1 KB in all
 *   trailer            fields as in a head, of 1 KB each, counted with it; not kept
 *   after the end      is not read; the connection is not used again
 *
 * What else there is, is BAD_RESPONSE.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "http_part.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Stops the transfer: no callback answers 0 for a line that is not empty. */
static size_t stop(struct sas_http_exchange *x, const char *code)
{
    if (!x->cut)
        x->cut = code;
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_clean(struct sas_view v)
{
    size_t i;

    for (i = 0; i < v.length; i++) {
        unsigned char c = (unsigned char)v.data[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

struct sas_view sas_http_without_end(struct sas_view line)
{
    if (line.length && line.data[line.length - 1] == '\n')
        line.length--;
    if (line.length && line.data[line.length - 1] == '\r')
        line.length--;
    return line;
}

bool sas_http_count_line(struct sas_http_exchange *x, size_t length)
{
    x->head_bytes += length;
    return x->head_bytes <= SAS_HTTP_HEAD_MAX && ++x->head_lines <= SAS_HTTP_LINES_MAX;
}

/* "HTTP/1.1 200 OK": answers 0 for anything else. */
static int read_status(struct sas_view line)
{
    const char *p = line.data;

    if (line.length < 12 || memcmp(p, "HTTP/1.", 7) != 0 ||
        (p[7] != '0' && p[7] != '1') || p[8] != ' ' || !is_digit(p[9]) ||
        !is_digit(p[10]) || !is_digit(p[11]) || (line.length > 12 && p[12] != ' ') ||
        !is_clean(line))
        return 0;
    return (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
}

static bool begin(struct sas_http_exchange *x, struct sas_view line)
{
    static const struct sas_http_framing none;

    x->status = read_status(line);
    x->in_head = true;
    x->framing = none;
    x->framing.old = x->status && line.data[7] == '0';
    sas_buffer_clear(&x->head);
    return x->status >= 100 && x->status <= 599 && x->status != 101;
}

static bool is_token(struct sas_view name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    size_t i;

    for (i = 0; i < name.length; i++) {
        char c = name.data[i];

        if (!is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c && strchr(others, c)))
            return false;
    }
    return name.length > 0;
}

bool sas_http_field(struct sas_view line, struct sas_view *name, struct sas_view *value)
{
    const char *colon = memchr(line.data, ':', line.length);

    if (!colon)
        return false;
    name->data = line.data;
    name->length = (size_t)(colon - line.data);
    value->data = colon + 1;
    value->length = line.length - name->length - 1;
    *value = sas_view_trim(*value);
    return is_token(*name) && is_clean(*value);
}

static bool is_word(struct sas_view v, const char *word)
{
    return v.length == strlen(word) && strncasecmp(v.data, word, v.length) == 0;
}

/* Digits alone; what is beyond all bodies is SIZE_MAX. */
static bool read_length(struct sas_view value, size_t *length)
{
    size_t i;

    *length = 0;
    for (i = 0; i < value.length; i++) {
        if (!is_digit(value.data[i]))
            return false;
        *length = *length > SAS_BUFFER_MAX ? SIZE_MAX
                                           : *length * 10 + (size_t)(value.data[i] - '0');
    }
    return value.length > 0;
}

/* True the first time. */
static bool once(bool *seen)
{
    bool first = !*seen;

    *seen = true;
    return first;
}

/* What frames or encodes the body is there once, and in the one form that is understood.
 */
static bool is_understood(struct sas_http_framing *f, struct sas_view name,
                          struct sas_view value)
{
    if (is_word(name, "content-length"))
        return once(&f->has_length) && read_length(value, &f->length);
    if (is_word(name, "transfer-encoding"))
        return once(&f->has_coding) && is_word(value, "chunked");
    if (is_word(name, "content-encoding"))
        return once(&f->has_encoding) && (!value.length || is_word(value, "identity"));
    return true;
}

static bool keep(struct sas_http_exchange *x, struct sas_view line)
{
    struct sas_view name, value;
    size_t i;

    if (!sas_http_field(line, &name, &value) || !is_understood(&x->framing, name, value))
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

/* libcurl looks at this when the exchange is over. */
static void forbid_reuse(struct sas_http_exchange *x)
{
    (void)curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
}

/* The empty line. After 1xx another head follows. Answers a code, or NULL. */
static const char *end(struct sas_http_exchange *x)
{
    const struct sas_http_framing *f = &x->framing;

    x->in_head = false;
    if ((f->has_coding && (f->has_length || f->old)) || (x->status < 200 && f->old))
        return "BAD_RESPONSE";
    if (x->status < 200)
        return NULL;
    x->head_done = true;
    if (x->status == 204 || x->status == 304) {
        if (f->has_coding || f->length) /* who said so may send one */
            forbid_reuse(x);
        return NULL;
    }
    x->chunked = f->has_coding;
    return f->length > x->content.max ? "TOO_LARGE" : NULL;
}

size_t sas_http_on_header(char *data, size_t size, size_t count, void *exchange)
{
    struct sas_http_exchange *x = exchange;
    struct sas_view raw = {data, size * count};
    struct sas_view line = sas_http_without_end(raw);
    const char *code;

    if (!sas_http_count_line(x, raw.length))
        return stop(x, "TOO_LARGE");
    if (x->in_head && line.length == 0)
        code = end(x);
    else if (x->in_head ? keep(x, line) : !x->head_done && begin(x, line))
        code = x->head.failed ? "OUT_OF_MEMORY" : NULL;
    else
        code = "BAD_RESPONSE";
    return code ? stop(x, code) : raw.length;
}

static const char *add(struct sas_http_exchange *x, const char *data, size_t length)
{
    const char *code = NULL;
    size_t used = length;

    if (!x->head_done)
        return "BAD_RESPONSE";
    if (x->chunked)
        code = sas_http_unchunk(x, data, length, &used);
    else if (!sas_buffer_add(&x->content, data, length))
        code = x->content.failed == SAS_BUFFER_TOO_LARGE ? "TOO_LARGE" : "OUT_OF_MEMORY";
    if (!code && used < length)
        forbid_reuse(x);
    return code;
}

size_t sas_http_on_body(char *data, size_t size, size_t count, void *exchange)
{
    const char *code = add(exchange, data, size * count);

    return code ? stop(exchange, code) : size * count;
}
