/*
 * mask.c - takes secrets out of texts that leave the module
 * SPDX-License-Identifier: MIT
 */
#include "mask.h"

#include <stdlib.h>
#include <string.h>

#include "encode.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Raw, percent-encoded once and twice, JSON, JSON with escaped slashes. */
#define SPELLINGS 5

static bool make_room(struct sas_mask *m)
{
    size_t wanted = m->capacity ? m->capacity * 2 : 16;
    struct sas_buffer *secrets;

    if (m->capacity - m->count >= SPELLINGS)
        return true;
    secrets = realloc(m->secrets, wanted * sizeof *secrets);
    if (!secrets)
        return false;
    m->secrets = secrets;
    m->capacity = wanted;
    return true;
}

/* Takes the text over, unless it is known already. */
static bool keep(struct sas_mask *m, struct sas_buffer *text)
{
    bool good = !text->failed;
    size_t i;

    for (i = 0; i < m->count && good; i++) {
        if (sas_view_compare(sas_buffer_as_view(&m->secrets[i]),
                             sas_buffer_as_view(text)) == 0)
            break;
    }
    if (good && i == m->count)
        m->secrets[m->count++] = *text;
    else
        sas_buffer_release(text);
    return good;
}

/* As JSON writes it, without the quotes; some writers escape slashes as well. */
static bool add_json(struct sas_mask *m, struct sas_view secret, bool slashes)
{
    struct sas_buffer quoted, text;
    size_t i;

    memset(&quoted, 0, sizeof quoted);
    memset(&text, 0, sizeof text);
    sas_encode_json(&quoted, secret);
    text.failed = quoted.failed;
    for (i = 1; i + 1 < quoted.length; i++) {
        if (slashes && quoted.data[i] == '/')
            sas_buffer_char(&text, '\\');
        sas_buffer_char(&text, quoted.data[i]);
    }
    sas_buffer_release(&quoted);
    return keep(m, &text);
}

bool sas_mask_add(struct sas_mask *m, struct sas_view secret)
{
    struct sas_buffer raw, once, twice;
    bool good;

    if (!secret.data || secret.length < SAS_MASK_SHORTEST)
        return true;
    if (!make_room(m))
        return false;
    memset(&raw, 0, sizeof raw);
    memset(&once, 0, sizeof once);
    memset(&twice, 0, sizeof twice);
    sas_buffer_view(&raw, secret);
    if (sas_encode_percent(&once, secret))
        sas_encode_percent(&twice, sas_buffer_as_view(&once));
    else
        twice.failed = once.failed;
    good = keep(m, &raw);
    good = keep(m, &once) && good; /* each is kept or released, whatever the others did */
    good = keep(m, &twice) && good;
    return good && add_json(m, secret, false) && add_json(m, secret, true);
}

bool sas_mask_add_url(struct sas_mask *m, struct sas_view url)
{
    const char *p = memchr(url.data, '?', url.length);
    const char *end = url.data + url.length;
    int i;

    if (!p)
        return true;
    p++;
    if (!sas_mask_add(m, (struct sas_view){p, (size_t)(end - p)}))
        return false;
    for (i = 0; p < end && i < SAS_MASK_PARAMETERS; i++) {
        const char *stop = memchr(p, '&', (size_t)(end - p));
        const char *equals;

        if (!stop)
            stop = end;
        equals = memchr(p, '=', (size_t)(stop - p));
        if (equals &&
            !sas_mask_add(m, (struct sas_view){equals + 1, (size_t)(stop - equals - 1)}))
            return false;
        p = stop < end ? stop + 1 : end;
    }
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Case makes no difference: %2B is %2b elsewhere. */
static bool same(const char *a, const char *b, size_t length)
{
    size_t i = 0;

    while (i < length && lower(a[i]) == lower(b[i]))
        i++;
    return i == length;
}

/* Length of the secret that stands at `p`, the longest one; 0: none. */
static size_t match_secret(const struct sas_mask *m, const char *p, size_t left)
{
    size_t i, longest = 0;

    for (i = 0; i < m->count; i++) {
        size_t length = m->secrets[i].length;

        if (length > longest && length <= left && same(p, m->secrets[i].data, length))
            longest = length;
    }
    return longest;
}

/* Names whose value is always masked, as they stand before the value. */
static const char *const names[] = {
    "access_token",
    "accesskeysecret",
    "securitytoken",
    "x-acs-security-token",
    "signature",
    "sign",
    "x-aliyun-ecs-metadata-token",
};

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
    static const char *const parts[] = {"=",   ":",     "\"",    "\\",  " ",    "%3d",
                                        "%3a", "%253d", "%253a", "%22", "%2522"};
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
    free(m->secrets);
    memset(m, 0, sizeof *m);
}
