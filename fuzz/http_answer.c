/*
 * http_answer.c - the callbacks that libcurl hands an answer's head and body to
 * SPDX-License-Identifier: MIT
 *
 * The first byte says how the body is cut, the rest are an answer's bytes, which are
 * handed over as libcurl does: the head by lines, then what follows in pieces. Holds: a
 * name is a token in lower case, a value has no control character but tab; the body is no
 * longer than was asked for; after a refusal nothing is taken any more; whatever the
 * pieces, the verdict and the body are those of a reader that has all bytes at once and
 * is written in another way.
 */
#include "../src/http_part.h"

#include "fuzz.h"

#include <strings.h>

#define MOST 64

/* The second reader: of a whole text, by looking back and forth in it ---------------- */

struct verdict {
    bool good, done; /* accepted so far; the end of chunks was seen */
    size_t length;   /* of the body, for chunks */
};

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static bool is_token_char(char c)
{
    return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

/* The last field of this name in lines[]; `count` of how many there are. */
static const char *only(char **lines, size_t lines_count, const char *name, size_t *count)
{
    size_t i, length = strlen(name);
    const char *found = NULL;

    *count = 0;
    for (i = 1; i < lines_count; i++)
        if (strncasecmp(lines[i], name, length) == 0 && lines[i][length] == ':') {
            found = lines[i] + length + 1;
            (*count)++;
        }
    return found;
}

static bool same(const char *value, const char *word)
{
    size_t length;

    value += strspn(value, " \t");
    length = strlen(value);
    while (length && strchr(" \t", value[length - 1]))
        length--;
    return length == strlen(word) && strncasecmp(value, word, length) == 0;
}

static bool is_number(const char *value)
{
    size_t digits;

    value += strspn(value, " \t");
    digits = strspn(value, "0123456789");
    return digits && !value[digits + strspn(value + digits, " \t")];
}

static bool line_is_clean(const char *line, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if (is_control(line[i]))
            return false;
    return true;
}

static bool field_is_good(const char *line)
{
    size_t i = 0;

    while (is_token_char(line[i]))
        i++;
    return i && line[i] == ':';
}

/* A whole head, its lines without their ends. */
static bool head_is_good(char **lines, size_t count)
{
    size_t i, lengths, codings, encodings, status;
    const char *length = only(lines, count, "content-length", &lengths);
    const char *coding = only(lines, count, "transfer-encoding", &codings);
    const char *encoding = only(lines, count, "content-encoding", &encodings);
    bool old = strncmp(lines[0], "HTTP/1.0 ", 9) == 0;

    if (!old && strncmp(lines[0], "HTTP/1.1 ", 9) != 0)
        return false;
    if (strspn(lines[0] + 9, "0123456789") != 3 ||
        (lines[0][12] != '\0' && lines[0][12] != ' '))
        return false;
    status = (size_t)atoi(lines[0] + 9);
    if (status < 100 || status > 599 || status == 101 || (old && status < 200))
        return false;
    for (i = 1; i < count; i++)
        if (!field_is_good(lines[i]))
            return false;
    if (lengths > 1 || codings > 1 || encodings > 1 || (lengths && codings) ||
        (codings && old))
        return false;
    return (!length || is_number(length)) && (!coding || same(coding, "chunked")) &&
           (!encoding || same(encoding, "identity") || same(encoding, ""));
}

/* The chunks of a text that has a NUL after its end. */
static struct verdict read_chunks(const char *p, size_t length)
{
    struct verdict v = {true, false, 0};
    const char *end = p + length;

    for (;;) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *q = p;
        unsigned long long size = 0;

        if (!lf) /* what is no line yet may be judged early or late */
            return v;
        v.good = false;
        while (q < lf && strchr("0123456789abcdefABCDEF", *q) && *q)
            q++;
        if (q == p || q - p > 16 || lf - p + 1 > 1024 || lf[-1] != '\r' ||
            !line_is_clean(p, (size_t)(lf - 1 - p)))
            return v;
        size = strtoull(p, NULL, 16);
        if (size > 0xffffffffULL)
            return v;
        while (q < lf && (*q == ' ' || *q == '\t'))
            q++;
        if (*q != ';' && (q != lf - 1 || strchr(" \t", q[-1])))
            return v;
        if (size > MOST - v.length)
            return v;
        p = lf + 1;
        v.good = true;
        if (!size)
            break;
        if ((size_t)(end - p) < size + 2) {
            v.good = (size_t)(end - p) <= size || p[size] == '\r';
            v.length += (size_t)(end - p) < size ? (size_t)(end - p) : (size_t)size;
            return v;
        }
        v.length += (size_t)size;
        v.good = p[size] == '\r' && p[size + 1] == '\n';
        if (!v.good)
            return v;
        p += size + 2;
    }
    for (;;) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        size_t n;

        if (!lf)
            return v;
        n = (size_t)(lf - p);
        if (n && p[n - 1] == '\r')
            n--;
        if (!n) {
            v.done = true;
            return v;
        }
        if (lf - p + 1 > 1024 || !line_is_clean(p, n) || !field_is_good(p)) {
            v.good = false;
            return v;
        }
        p = lf + 1;
    }
}

/* The callbacks ---------------------------------------------------------------------- */

static void check_head(const struct sas_buffer *head)
{
    const char *p = sas_buffer_cstr(head), *end = p + head->length;

    CHECK(head->length <= SAS_HTTP_HEAD_MAX);
    while (p < end) {
        const char *colon = strchr(p, ':'), *lf = strchr(p, '\n');

        CHECK(colon && lf && colon > p && colon < lf);
        for (; p < colon; p++)
            CHECK(is_token_char(*p) && !(*p >= 'A' && *p <= 'Z'));
        for (; p < lf; p++)
            CHECK(!is_control(*p));
        p = lf + 1;
    }
}

#define LINES 256

/* Hands a head over; answers the bytes used, 0 where it is refused or has no end. */
static size_t feed_head(struct sas_http_exchange *x, const char *text, size_t length)
{
    static char *lines[LINES];
    size_t at = 0, count = 0, taken = 0, i;
    bool whole = false, expected, clean = true;

    while (!whole && at < length && count < LINES) {
        const char *lf = memchr(text + at, '\n', length - at);
        size_t n, raw;

        if (!lf)
            break;
        raw = n = (size_t)(lf - text) - at + 1;
        if (!x->cut) {
            char *copy = malloc(n); /* so that one byte too far is seen */

            memcpy(copy, text + at, n);
            taken = sas_http_on_header(copy, 1, n, x);
            CHECK(taken == (x->cut ? 0 : n));
            free(copy);
        }
        n--;
        if (n && text[at + n - 1] == '\r')
            n--;
        whole = n == 0 && count;
        if (!whole) {
            lines[count] = malloc(n + 1);
            memcpy(lines[count], text + at, n);
            lines[count][n] = '\0';
            clean = clean && line_is_clean(lines[count], n);
            count++;
        }
        at += raw;
    }
    if (whole && x->head_bytes <= SAS_HTTP_HEAD_MAX &&
        x->head_lines <= SAS_HTTP_LINES_MAX) {
        expected = clean && head_is_good(lines, count);
        if (x->cut && strcmp(x->cut, "TOO_LARGE") == 0)
            CHECK(expected);
        else
            CHECK(expected == !x->cut);
    }
    for (i = 0; i < count; i++)
        free(lines[i]);
    check_head(&x->head);
    return whole && !x->cut ? at : 0;
}

static void feed_body(struct sas_http_exchange *x, const char *text, size_t length,
                      size_t piece)
{
    size_t at = 0;

    while (at < length && !x->cut) {
        size_t n = length - at < piece ? length - at : piece;
        char *copy = malloc(n);

        memcpy(copy, text + at, n);
        CHECK(sas_http_on_body(copy, 1, n, x) == (x->cut ? 0 : n));
        free(copy);
        at += n;
    }
    CHECK(x->content.length <= MOST);
}

static void check_body(const struct sas_http_exchange *x, const char *text, size_t length)
{
    struct verdict v;

    if (!x->chunked) {
        CHECK(!x->cut == (length <= MOST));
        return;
    }
    v = read_chunks(text, length);
    if (!v.good)
        CHECK(x->cut);
    if (v.done) {
        if (!x->cut)
            CHECK(x->chunks.state == SAS_CHUNK_DONE && x->content.length == v.length);
        else
            CHECK(strcmp(x->cut, "TOO_LARGE") == 0);
    } else {
        CHECK(x->cut || x->chunks.state != SAS_CHUNK_DONE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_http_exchange x = {0};
    struct sas_buffer text = {0};
    const char *p;
    size_t at = 0, used;

    if (size == 0)
        return 0;
    x.content.max = MOST;
    sas_buffer_add(&text, data + 1, size - 1);
    p = sas_buffer_cstr(&text);
    do {
        used = feed_head(&x, p + at, text.length - at);
        at += used;
    } while (used && !x.head_done);
    CHECK(!x.cut || !used);
    if (used && x.status != 204 && x.status != 304) {
        feed_body(&x, p + at, text.length - at, (size_t)data[0] % 32 + 1);
        check_body(&x, p + at, text.length - at);
    }
    sas_buffer_release(&text);
    sas_http_exchange_release(&x);
    return 0;
}
