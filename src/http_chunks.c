/*
 * http_chunks.c - the chunked transfer coding, undone while it arrives (RFC 9112, 7.1)
 * SPDX-License-Identifier: MIT
 *
 * libcurl looks for the end of the body by itself, but reads over what stands behind a
 * chunk's size, so that "0x5" is an end to it. It hands the bytes on as they are, and
 * what is believed is decided here; http1.lua is the same for cosockets.
 */
#include "http_part.h"

#define LINE_MAX_       ((size_t)1024) /* bytes of a chunk's line, or of a trailer's */
#define DIGITS_MAX      16             /* of a chunk's size, zeros before it included */
#define CHUNK_SIZE_MAX_ 0xffffffffULL

static const char bad[] = "BAD_RESPONSE", large[] = "TOO_LARGE";

static const char *go(struct sas_http_chunks *k, enum sas_http_chunk_state next)
{
    k->state = next;
    return NULL;
}

static const char *in_size(struct sas_http_chunks *k, char c)
{
    int value = sas_hex_value(c);

    if (value >= 0) {
        k->left = k->left * 16 + (unsigned)value;
        return ++k->digits > DIGITS_MAX || k->left > CHUNK_SIZE_MAX_ ? bad : NULL;
    }
    if (!k->digits)
        return bad;
    if (c == '\r')
        return go(k, SAS_CHUNK_SIZE_LF);
    if (c == ';')
        return go(k, SAS_CHUNK_EXTENSION);
    return c == ' ' || c == '\t' ? go(k, SAS_CHUNK_BLANK) : bad;
}

static const char *in_blank(struct sas_http_chunks *k, char c)
{
    if (c == ';')
        return go(k, SAS_CHUNK_EXTENSION);
    return c == ' ' || c == '\t' ? NULL : bad;
}

static const char *in_extension(struct sas_http_chunks *k, char c)
{
    struct sas_view one = {&c, 1};

    if (c == '\r')
        return go(k, SAS_CHUNK_SIZE_LF);
    return c != '\t' && sas_view_has_control(one) ? bad : NULL;
}

static const char *after_size(struct sas_http_exchange *x, char c)
{
    struct sas_http_chunks *k = &x->chunks;

    if (c != '\n')
        return bad;
    if (k->left > x->content.max - x->content.length)
        return large;
    return go(k, k->left ? SAS_CHUNK_DATA : SAS_CHUNK_TRAILER);
}

static const char *after_data(struct sas_http_chunks *k, char c)
{
    if (c != '\n')
        return bad;
    k->digits = 0;
    k->line = 0;
    return go(k, SAS_CHUNK_SIZE);
}

static char last_of(const struct sas_buffer *b)
{
    return b->length ? b->data[b->length - 1] : '\0';
}

/* Nobody asked for a trailer: it is looked at, and left. */
static const char *in_trailer(struct sas_http_exchange *x, char c)
{
    struct sas_http_chunks *k = &x->chunks;
    struct sas_view line, name, value;

    if (c != '\n' && last_of(&k->trailer) == '\r')
        return bad;
    k->trailer.max = LINE_MAX_;
    if (!sas_buffer_char(&k->trailer, c))
        return k->trailer.failed == SAS_BUFFER_TOO_LARGE ? large : "OUT_OF_MEMORY";
    if (c != '\n')
        return NULL;
    if (!sas_http_count_line(x, k->trailer.length))
        return large;
    line = sas_http_without_end(sas_buffer_as_view(&k->trailer));
    if (line.length == 0)
        return go(k, SAS_CHUNK_DONE);
    if (!sas_http_field(line, &name, &value))
        return bad;
    sas_buffer_clear(&k->trailer);
    return NULL;
}

static const char *one(struct sas_http_exchange *x, char c)
{
    struct sas_http_chunks *k = &x->chunks;

    if (k->state <= SAS_CHUNK_SIZE_LF && ++k->line > LINE_MAX_)
        return bad;
    switch (k->state) {
    case SAS_CHUNK_SIZE:
        return in_size(k, c);
    case SAS_CHUNK_BLANK:
        return in_blank(k, c);
    case SAS_CHUNK_EXTENSION:
        return in_extension(k, c);
    case SAS_CHUNK_SIZE_LF:
        return after_size(x, c);
    case SAS_CHUNK_DATA_CR:
        return c == '\r' ? go(k, SAS_CHUNK_DATA_LF) : bad;
    case SAS_CHUNK_DATA_LF:
        return after_data(k, c);
    default:
        return in_trailer(x, c);
    }
}

/* Takes what there is of a chunk's bytes, and answers how many those are. */
static size_t take(struct sas_http_exchange *x, const char *data, size_t length)
{
    struct sas_http_chunks *k = &x->chunks;

    if (length > k->left)
        length = (size_t)k->left;
    sas_buffer_add(&x->content, data, length);
    k->left -= length;
    if (!k->left)
        k->state = SAS_CHUNK_DATA_CR;
    return length;
}

const char *sas_http_unchunk(struct sas_http_exchange *x, const char *data, size_t length,
                             size_t *used)
{
    size_t at = 0;

    while (at < length && x->chunks.state != SAS_CHUNK_DONE) {
        if (x->chunks.state == SAS_CHUNK_DATA) {
            at += take(x, data + at, length - at);
        } else {
            const char *code = one(x, data[at++]);

            if (code)
                return code;
        }
    }
    *used = at;
    return x->content.failed ? "OUT_OF_MEMORY" : NULL;
}
