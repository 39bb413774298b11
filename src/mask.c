/*
 * mask.c - takes secrets out of texts that leave the module
 * SPDX-License-Identifier: MIT
 */
#include "mask.h"

#include <string.h>

#include "encode.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct sas_buffer *next_slot(struct sas_mask *m)
{
    return m->count < SAS_MASK_MAX ? &m->secrets[m->count] : NULL;
}

/* Keeps the slot if its text is not there yet. */
static bool keep_slot(struct sas_mask *m, struct sas_buffer *slot)
{
    size_t i;

    if (slot->failed)
        return false;
    for (i = 0; i < m->count; i++) {
        if (sas_view_compare(sas_buffer_as_view(&m->secrets[i]),
                             sas_buffer_as_view(slot)) == 0) {
            sas_buffer_release(slot);
            return true;
        }
    }
    m->count++;
    return true;
}

static bool add_percent(struct sas_mask *m, struct sas_view in, struct sas_buffer **made)
{
    struct sas_buffer *slot = next_slot(m);

    if (!slot || !sas_encode_percent(slot, in))
        return false;
    *made = slot;
    return true;
}

static bool add_json(struct sas_mask *m, struct sas_view secret)
{
    struct sas_buffer *slot = next_slot(m);

    if (!slot || !sas_encode_json(slot, secret))
        return false;
    /* without the quotes around it */
    slot->length--;
    memmove(slot->data, slot->data + 1, slot->length - 1);
    slot->length--;
    slot->data[slot->length] = '\0';
    return keep_slot(m, slot);
}

bool sas_mask_add(struct sas_mask *m, struct sas_view secret)
{
    struct sas_buffer *slot = next_slot(m), *once;
    struct sas_buffer copy;
    bool good;

    if (!secret.data || secret.length < SAS_MASK_SHORTEST)
        return true;
    if (!slot || !sas_buffer_view(slot, secret) || !keep_slot(m, slot) ||
        !add_percent(m, secret, &once))
        return false;
    memset(&copy, 0, sizeof copy);
    good = sas_buffer_view(&copy, sas_buffer_as_view(once)) && keep_slot(m, once);
    if (good) {
        struct sas_buffer *twice;

        good = add_percent(m, sas_buffer_as_view(&copy), &twice) && keep_slot(m, twice);
    }
    sas_buffer_release(&copy);
    return good && add_json(m, secret);
}

bool sas_mask_add_url(struct sas_mask *m, struct sas_view url)
{
    const char *p = memchr(url.data, '?', url.length);
    const char *end = url.data + url.length;

    if (!p)
        return true;
    p++;
    if (!sas_mask_add(m, (struct sas_view){p, (size_t)(end - p)}))
        return false;
    while (p < end) {
        const char *stop = memchr(p, '&', (size_t)(end - p));
        const char *equals;

        if (!stop)
            stop = end;
        equals = memchr(p, '=', (size_t)(stop - p));
        if (equals) {
            struct sas_view value = {equals + 1, (size_t)(stop - equals - 1)};

            /* a URL with very many parameters: its whole query is known anyway */
            if (SAS_MASK_MAX - m->count < 8)
                return true;
            if (!sas_mask_add(m, value))
                return false;
        }
        p = stop < end ? stop + 1 : end;
    }
    return true;
}

/* Length of the secret that stands at `p`, the longest one; 0: none. */
static size_t match_secret(const struct sas_mask *m, const char *p, size_t left)
{
    size_t i, longest = 0;

    for (i = 0; i < m->count; i++) {
        size_t length = m->secrets[i].length;

        if (length > longest && length <= left &&
            memcmp(p, m->secrets[i].data, length) == 0)
            longest = length;
    }
    return longest;
}

/* Names whose value is always masked, as they stand before the value. */
static const char *const names[] = {
    "access_token", "accesskeysecret", "securitytoken",        "x-acs-security-token",
    "signature",    "sign",            "x-aliyun-ecs-metadata-token",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts(const char *p, size_t left, const char *word)
{
    size_t i, length = strlen(word);

    if (length > left)
        return false;
    for (i = 0; i < length; i++) {
        if (lower(p[i]) != word[i])
            return false;
    }
    return true;
}

/* Length of the joint between name and value: "=", ": ", "\":\"", "%3D", "%253D". */
static size_t joint(const char *p, size_t left)
{
    static const char *const parts[] = {"=",   ":",   "\"",    "\\",    " ",
                                        "%3d", "%3a", "%253d", "%253a", "%22", "%2522"};
    size_t at = 0, i;
    bool found = true, separator = false;

    while (found && at < left) {
        found = false;
        for (i = 0; i < COUNT(parts) && !found; i++) {
            if (starts(p + at, left - at, parts[i])) {
                at += strlen(parts[i]);
                found = true;
                separator |= strchr("=:%", parts[i][0]) != NULL;
            }
        }
    }
    return separator ? at : 0;
}

/* Length of the value: up to what ends one in a URL, in JSON or in a sentence. */
static size_t value_length(const char *p, size_t left)
{
    size_t n = 0;

    while (n < left && !strchr("& \t\r\n\"'<>,;\\", p[n]) &&
           !starts(p + n, left - n, "%26") && !starts(p + n, left - n, "%2526"))
        n++;
    return n;
}

static bool is_name_byte(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/* If a masked name starts at `p`: the length of name and joint, and that of the value. */
static size_t match_name(const char *text, const char *p, size_t left, size_t *value)
{
    size_t i;

    if (p > text && is_name_byte(p[-1]))
        return 0;
    for (i = 0; i < COUNT(names); i++) {
        size_t length, gap;

        if (!starts(p, left, names[i]))
            continue;
        length = strlen(names[i]);
        gap = joint(p + length, left - length);
        if (gap == 0)
            continue;
        *value = value_length(p + length + gap, left - length - gap);
        return *value ? length + gap : 0;
    }
    return 0;
}

static void add_escaped(struct sas_buffer *out, const char *p, size_t n)
{
    sas_encode_printable(out, (struct sas_view){p, n}, n);
}

bool sas_mask_text(const struct sas_mask *m, struct sas_view text, size_t max,
                   struct sas_buffer *out)
{
    size_t i = 0, clean = 0, start = out->length;

    while (i < text.length && out->length - start + (i - clean) < max) {
        const char *p = text.data + i;
        size_t left = text.length - i, value = 0;
        size_t secret = match_secret(m, p, left);
        size_t name = secret ? 0 : match_name(text.data, p, left, &value);

        if (!secret && !name) {
            i++;
            continue;
        }
        add_escaped(out, text.data + clean, i - clean + name);
        sas_buffer_text(out, SAS_MASK);
        i += secret ? secret : name + value;
        clean = i;
    }
    add_escaped(out, text.data + clean, i - clean);
    return i < text.length ? sas_buffer_text(out, "...") : !out->failed;
}

void sas_mask_release(struct sas_mask *m)
{
    size_t i;

    for (i = 0; i < m->count; i++)
        sas_buffer_release(&m->secrets[i]);
    /* a slot that was being filled when memory ran out */
    if (m->count < SAS_MASK_MAX)
        sas_buffer_release(&m->secrets[m->count]);
    m->count = 0;
}
