/*
 * mask.c - takes secrets out of texts that leave the module
 * SPDX-License-Identifier: MIT
 */
#include "mask.h"

#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "plain.h"

/* What is looked at of a text: messages are cut long before. */
#define TEXT_MAX ((size_t)8192)

/* A part of a URL's path that is longer than words are. */
#define PATH_PART 12

/* --- learning --- */

static struct sas_buffer *new_secret(struct sas_mask *m)
{
    if (m->count == m->capacity) {
        size_t wanted = m->capacity ? m->capacity * 2 : 8;
        struct sas_buffer *secrets = realloc(m->secrets, wanted * sizeof *secrets);

        if (!secrets)
            return NULL;
        m->secrets = secrets;
        m->capacity = wanted;
    }
    memset(&m->secrets[m->count], 0, sizeof *m->secrets);
    return &m->secrets[m->count++];
}

static bool is_known(const struct sas_mask *m, struct sas_view secret)
{
    size_t i;

    for (i = 0; i < m->count; i++) {
        if (sas_view_compare(sas_buffer_as_view(&m->secrets[i]), secret) == 0)
            return true;
    }
    return false;
}

static bool add_plain(struct sas_mask *m, const struct sas_plain *p)
{
    struct sas_buffer text, *slot;
    size_t i;
    bool good = true;

    memset(&text, 0, sizeof text);
    for (i = 0; i < p->count; i++)
        good = sas_buffer_char(&text, (char)p->bytes[i].byte);
    if (good && p->count >= SAS_MASK_SHORTEST &&
        !is_known(m, sas_buffer_as_view(&text))) {
        slot = new_secret(m);
        good = slot != NULL;
        if (good) {
            *slot = text;
            return true;
        }
    }
    sas_buffer_release(&text);
    return good;
}

bool sas_mask_add(struct sas_mask *m, struct sas_view secret)
{
    struct sas_plain plain;
    bool good;

    if (!secret.data || secret.length < SAS_MASK_SHORTEST)
        return true;
    good = sas_plain_read(&plain, secret) && add_plain(m, &plain);
    sas_plain_release(&plain);
    return good;
}

/* Adds each part between separators that has `shortest` bytes. */
static bool add_parts(struct sas_mask *m, struct sas_view text, const char *separators,
                      size_t shortest)
{
    const char *p = text.data, *end = p + text.length;

    while (p < end) {
        const char *stop = p;

        while (stop < end && !strchr(separators, *stop))
            stop++;
        if ((size_t)(stop - p) >= shortest &&
            !sas_mask_add(m, (struct sas_view){p, (size_t)(stop - p)}))
            return false;
        p = stop + 1;
    }
    return true;
}

/* The values of a query: what stands behind an "=", and parts without one. */
static bool add_values(struct sas_mask *m, struct sas_view query)
{
    const char *p = query.data, *end = p + query.length;

    while (p < end) {
        const char *stop = p, *equals;

        while (stop < end && !strchr("&;#", *stop))
            stop++;
        equals = memchr(p, '=', (size_t)(stop - p));
        if (equals)
            p = equals + 1;
        if (!sas_mask_add(m, (struct sas_view){p, (size_t)(stop - p)}) ||
            !add_parts(m, (struct sas_view){p, (size_t)(stop - p)}, "=",
                       SAS_MASK_SHORTEST))
            return false;
        p = stop + 1;
    }
    return true;
}

bool sas_mask_add_url(struct sas_mask *m, struct sas_view url)
{
    const char *end = url.data + url.length, *p = url.data, *query;
    size_t i;

    for (i = 0; i + 3 <= url.length && memcmp(p + i, "://", 3) != 0; i++)
        ;
    if (i + 3 > url.length)
        return sas_mask_add(m, url);
    p += i + 3;
    while (p < end && !strchr("/?#", *p))
        p++;
    for (query = p; query < end && *query != '?' && *query != '#'; query++)
        ;
    if (!add_parts(m, (struct sas_view){p, (size_t)(query - p)}, "/", PATH_PART))
        return false;
    return query == end ||
           add_values(m, (struct sas_view){query + 1, (size_t)(end - query - 1)});
}

/* --- finding --- */

/* A text while it is masked. */
struct masking {
    struct sas_plain plain;
    bool *hidden; /* for each plain byte */
};

static void hide(struct masking *x, size_t at, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        x->hidden[at + i] = true;
}

/* How many bytes from `at` are those of the secret from `from`. */
static size_t common(const struct masking *x, size_t at, const struct sas_buffer *secret,
                     size_t from)
{
    size_t n = 0;

    while (at + n < x->plain.count && from + n < secret->length &&
           x->plain.bytes[at + n].byte == (unsigned char)secret->data[from + n])
        n++;
    return n;
}

/* The longest run from `at` that stands in the secret, 0 if it is too short to tell. */
static size_t run_at(const struct masking *x, size_t at, const struct sas_buffer *secret)
{
    size_t from, longest = 0;
    size_t enough = secret->length < SAS_MASK_RUN ? secret->length : SAS_MASK_RUN;

    for (from = 0; from + enough <= secret->length; from++) {
        size_t n = common(x, at, secret, from);

        if (n > longest)
            longest = n;
    }
    return longest >= enough ? longest : 0;
}

static void hide_secret(struct masking *x, const struct sas_buffer *secret)
{
    size_t at = 0;

    while (at < x->plain.count) {
        size_t run = run_at(x, at, secret);

        hide(x, at, run);
        at += run ? run : 1;
    }
}

/* Names whose value is hidden, without their joints. */
static const char *const names[] = {
    "accesstoken", "accesskeysecret",         "securitytoken", "signature",
    "sign",        "xaliyunecsmetadatatoken",
};

static unsigned char byte_at(const struct masking *x, size_t at)
{
    return at < x->plain.count ? x->plain.bytes[at].byte : 0;
}

/* Length of the name at `at`, joints within it included; 0: it is another. */
static size_t name_at(const struct masking *x, size_t at, const char *name)
{
    size_t i = at;

    for (; *name; name++, i++) {
        while (i > at && (byte_at(x, i) == '_' || byte_at(x, i) == '-'))
            i++;
        if (byte_at(x, i) != (unsigned char)*name)
            return 0;
    }
    return i - at;
}

static bool is_word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Length of what stands between a name and its value; 0 if that joins nothing. */
static size_t joint_at(const struct masking *x, size_t at)
{
    bool joins = false;
    size_t i = at;

    for (; byte_at(x, i) && strchr("=:>\"'<[({\\ \t", byte_at(x, i)); i++)
        joins = joins || strchr("=:>", byte_at(x, i));
    return joins ? i - at : 0;
}

static size_t value_at(const struct masking *x, size_t at)
{
    size_t i = at;

    while (byte_at(x, i) && !strchr("&;,\"'<>)]}\\ \t\r\n", byte_at(x, i)))
        i++;
    return i - at;
}

static void hide_values(struct masking *x)
{
    size_t at, i;

    for (at = 0; at < x->plain.count; at++) {
        if (at > 0 && is_word_byte(byte_at(x, at - 1)))
            continue;
        for (i = 0; i < sizeof names / sizeof *names; i++) {
            size_t name = name_at(x, at, names[i]);
            size_t joint = name ? joint_at(x, at + name) : 0;

            if (joint)
                hide(x, at + name + joint, value_at(x, at + name + joint));
        }
    }
}

/* --- writing --- */

/* The original between two places, printable; false when the text is full. */
static bool write_part(struct sas_view text, size_t start, size_t end, size_t full,
                       struct sas_buffer *out)
{
    struct sas_view part = {text.data + start, end - start};
    size_t room = full > out->length ? full - out->length : 0;

    sas_encode_printable(out, part, room);
    return part.length <= room;
}

static bool write_masked(const struct masking *x, struct sas_view text, size_t max,
                         struct sas_buffer *out)
{
    size_t full = out->length + max, clean = 0, i = 0;

    while (i < x->plain.count) {
        size_t first = i;

        while (i < x->plain.count && x->hidden[i] == x->hidden[first])
            i++;
        if (!x->hidden[first])
            continue;
        if (!write_part(text, clean, x->plain.bytes[first].start, full, out))
            return true;
        sas_buffer_text(out, SAS_MASK);
        clean = x->plain.bytes[i - 1].end;
    }
    write_part(text, clean, text.length, full, out);
    return !out->failed;
}

bool sas_mask_text(const struct sas_mask *m, struct sas_view text, size_t max,
                   struct sas_buffer *out)
{
    struct masking x;
    bool good = false;
    size_t i;

    memset(&x, 0, sizeof x);
    if (text.length > TEXT_MAX)
        text.length = TEXT_MAX;
    x.hidden = calloc(text.length + 1, sizeof *x.hidden);
    if (x.hidden && sas_plain_read(&x.plain, text)) {
        for (i = 0; i < m->count; i++)
            hide_secret(&x, &m->secrets[i]);
        hide_values(&x);
        good = write_masked(&x, text, max, out) && !out->failed;
    }
    sas_plain_release(&x.plain);
    free(x.hidden);
    return good;
}

void sas_mask_release(struct sas_mask *m)
{
    size_t i;

    for (i = 0; i < m->count; i++)
        sas_buffer_release(&m->secrets[i]);
    free(m->secrets);
    memset(m, 0, sizeof *m);
}
