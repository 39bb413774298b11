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

/* Bytes that are the same for a secret: letters in capitals, and what a form or a printer
 * puts in the place of a space or gets one in its place. */
static unsigned char fold(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A' + 'a');
    return c && strchr("+\t\r\n", c) ? ' ' : c;
}

static bool add_plain(struct sas_mask *m, const struct sas_plain *p)
{
    struct sas_buffer *slot;
    size_t i;

    if (p->count < SAS_MASK_SHORTEST)
        return true;
    slot = new_secret(m);
    for (i = 0; slot && i < p->count; i++)
        sas_buffer_char(slot, (char)fold(p->bytes[i].byte));
    return slot && !slot->failed;
}

/* As it is, and as what it says: a URL's token may be spelt %41, and echoed as A. */
bool sas_mask_add(struct sas_mask *m, struct sas_view secret)
{
    struct sas_plain plain;
    bool good, changed = false;
    int i;

    if (!secret.data || secret.length < SAS_MASK_SHORTEST)
        return true;
    good = sas_plain_read(&plain, secret) && add_plain(m, &plain);
    for (i = 0; good && i < SAS_PLAIN_STEPS && sas_plain_undo(&plain); i++)
        changed = true;
    if (good && changed)
        good = add_plain(m, &plain);
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

/* The values of a query: what follows an "=", and parts without one. */
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

#define SLOTS 16384 /* a power of two */

/*
 * The runs of one length in a text, each once, in a hash table: each run of a secret is
 * looked up there, so that the work grows with the text plus the secrets, not with one
 * times the other. Places are counted from 1: 0 is none.
 */
struct runs {
    unsigned char text[TEXT_MAX];
    uint16_t heads[SLOTS];
    uint16_t next[TEXT_MAX + 1];  /* of the same slot */
    uint16_t first[TEXT_MAX + 1]; /* where the same run is for the first time */
    bool found[TEXT_MAX + 1];
};

/* A text while it is masked. */
struct masking {
    struct sas_plain plain;
    struct runs *runs;
    bool *hidden; /* for each byte of the text */
};

static void hide(struct masking *x, size_t at, size_t length)
{
    size_t i, j;

    for (i = at; i < at + length; i++) {
        for (j = x->plain.bytes[i].start; j < x->plain.bytes[i].end; j++)
            x->hidden[j] = true;
    }
}

/* FNV-1a. Whoever writes the text does not know the address that it begins with. */
static uint16_t *slot_of(struct runs *r, const void *run, size_t length)
{
    const unsigned char *bytes = run;
    uint32_t hash = (uint32_t)((uintptr_t)r >> 4) ^ 2166136261U;
    size_t i;

    for (i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 16777619U;
    return &r->heads[(hash ^ hash >> 15) % SLOTS];
}

static size_t find_run(const struct runs *r, size_t at, const void *run, size_t length)
{
    while (at && memcmp(r->text + at - 1, run, length) != 0)
        at = r->next[at];
    return at;
}

static void list_runs(struct runs *r, size_t count, size_t length)
{
    size_t at;

    memset(r->heads, 0, sizeof r->heads);
    memset(r->found, 0, sizeof r->found);
    for (at = 1; at + length <= count + 1; at++) {
        uint16_t *slot = slot_of(r, r->text + at - 1, length);

        r->first[at] = (uint16_t)find_run(r, *slot, r->text + at - 1, length);
        if (r->first[at])
            continue;
        r->first[at] = (uint16_t)at;
        r->next[at] = *slot;
        *slot = (uint16_t)at;
    }
}

/* So many bytes in a row of a secret are hidden: all of a short one. */
static size_t run_of(const struct sas_buffer *secret)
{
    return secret->length < SAS_MASK_RUN ? secret->length : SAS_MASK_RUN;
}

static void find_secret(struct runs *r, const struct sas_buffer *secret, size_t length)
{
    size_t i;

    for (i = 0; i + length <= secret->length; i++) {
        const char *run = secret->data + i;

        r->found[find_run(r, *slot_of(r, run, length), run, length)] = true;
    }
}

/* The secrets of which runs of this length are hidden. */
static void hide_runs(struct masking *x, const struct sas_mask *m, size_t length)
{
    struct runs *r = x->runs;
    bool listed = false;
    size_t i;

    for (i = 0; i < m->count; i++) {
        if (run_of(&m->secrets[i]) != length)
            continue;
        if (!listed)
            list_runs(r, x->plain.count, length);
        listed = true;
        find_secret(r, &m->secrets[i], length);
    }
    for (i = 1; listed && i + length <= x->plain.count + 1; i++) {
        if (r->found[r->first[i]])
            hide(x, i - 1, length);
    }
}

static void hide_secrets(struct masking *x, const struct sas_mask *m)
{
    size_t i;

    for (i = 0; i < x->plain.count; i++)
        x->runs->text[i] = fold(x->plain.bytes[i].byte);
    for (i = SAS_MASK_SHORTEST; i <= SAS_MASK_RUN; i++)
        hide_runs(x, m, i);
}

/* Names whose value is hidden, without their joints. */
static const char *const names[] = {
    "accesstoken", "accesskeysecret",         "securitytoken", "signature",
    "sign",        "xaliyunecsmetadatatoken",
};

/* The byte, a letter as a small one; 0 after the end. */
static unsigned char byte_at(const struct masking *x, size_t at)
{
    unsigned char c = at < x->plain.count ? x->plain.bytes[at].byte : 0;

    return c == '+' ? c : fold(c);
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

/* Length of what is between a name and its value; 0 if that joins nothing. */
static size_t joint_at(const struct masking *x, size_t at)
{
    bool joins = false;
    size_t i;

    for (i = at; byte_at(x, i); i++) {
        unsigned char c = byte_at(x, i);

        if (c == '+' ? joins : !strchr("=:>\"'<[({\\ ", c))
            break; /* a "+" after the joint begins the value */
        joins = joins || strchr("=:>", c);
    }
    return joins ? i - at : 0;
}

static size_t value_at(const struct masking *x, size_t at)
{
    size_t i = at;

    while (byte_at(x, i) && !strchr("&;,\"'<>)]}\\ ", byte_at(x, i)))
        i++;
    return i - at;
}

static void hide_values(struct masking *x)
{
    size_t at, i, end = 0; /* of the last value */

    for (at = 0; at < x->plain.count; at++) {
        if (at > 0 && is_word_byte(byte_at(x, at - 1)))
            continue;
        for (i = 0; i < sizeof names / sizeof *names; i++) {
            size_t name = name_at(x, at, names[i]);
            size_t joint = name ? joint_at(x, at + name) : 0;
            size_t value = at + name + joint;

            if (!joint || value < end) /* a name within a value: they end alike */
                continue;
            end = value + value_at(x, value);
            hide(x, value, end - value);
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

    while (i < text.length) {
        size_t first = i;

        while (i < text.length && x->hidden[i] == x->hidden[first])
            i++;
        if (!x->hidden[first])
            continue;
        if (!write_part(text, clean, first, full, out))
            return true;
        sas_buffer_text(out, SAS_MASK);
        clean = i;
    }
    write_part(text, clean, text.length, full, out);
    return !out->failed;
}

bool sas_mask_text(const struct sas_mask *m, struct sas_view text, size_t max,
                   struct sas_buffer *out)
{
    struct masking x;
    bool good = false;
    int i = 0;

    memset(&x, 0, sizeof x);
    if (text.length > TEXT_MAX)
        text.length = TEXT_MAX;
    x.hidden = calloc(text.length + 1, sizeof *x.hidden);
    x.runs = malloc(sizeof *x.runs);
    if (x.hidden && x.runs && sas_plain_read(&x.plain, text)) {
        do
            hide_secrets(&x, m);
        while (i++ < SAS_PLAIN_STEPS && sas_plain_undo(&x.plain));
        hide_values(&x);
        good = write_masked(&x, text, max, out) && !out->failed;
    }
    sas_plain_release(&x.plain);
    sas_wipe(x.runs, sizeof *x.runs);
    free(x.runs);
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
