/*
 * mask.c - what a text has of a secret, in whatever encoding
 * SPDX-License-Identifier: MIT
 *
 * The first byte picks the encoding, the second the secret's length; then come the secret
 * and what is around its echo. Holds: undone by a decoder of its own here, the masked
 * text has no secret of six bytes or more; it is printable. The bytes that masking and
 * printing write, of the mask and of U+FFFD, are left out of secrets.
 */
#include "../src/mask.h"

#include "fuzz.h"

enum encoding { RAW, PERCENT, TWICE, FORM, JSON, XML, ENCODINGS };

static void encode_byte(struct sas_buffer *out, unsigned char c, enum encoding encoding)
{
    bool word =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

    if (encoding == RAW || word)
        sas_buffer_char(out, (char)c);
    else if (encoding == FORM && c == ' ')
        sas_buffer_char(out, '+');
    else if (encoding == PERCENT || encoding == FORM)
        sas_buffer_format(out, c & 1 ? "%%%02X" : "%%%02x", c);
    else if (encoding == TWICE)
        sas_buffer_format(out, "%%25%02X", c);
    else if (encoding == JSON && strchr("/\"\\", c) && c)
        sas_buffer_format(out, "\\%c", c);
    else if (encoding == JSON && c < 0x80)
        sas_buffer_format(out, "\\u%04x", c);
    else if (encoding == XML && c < 0x80)
        sas_buffer_format(out, c & 1 ? "&#%d;" : "&#x%x;", c);
    else
        sas_buffer_char(out, (char)c); /* UTF-8, as it is */
}

/* The number of this base at `at`, and where it ends; -1 for none. */
static long number_at(struct sas_view in, size_t *at, int base, size_t digits)
{
    char text[8] = "", *end;
    size_t n = 0;
    long value;

    while (n < digits && *at + n < in.length) {
        text[n] = in.data[*at + n];
        n++;
    }
    if (text[0] == '\0' || strchr(" +-\t\n\v\f\r", text[0]) || (text[1] | 0x20) == 'x')
        return -1;
    value = strtol(text, &end, base);
    *at += (size_t)(end - text);
    return end == text ? -1 : value;
}

static bool follows(struct sas_view in, size_t at, const char *text)
{
    size_t length = strlen(text);

    return at + length <= in.length && !memcmp(in.data + at, text, length);
}

/* Undoes one encoding, knowing no other. */
static void decode(struct sas_buffer *out, struct sas_view in, enum encoding encoding)
{
    size_t i = 0;

    while (i < in.length) {
        size_t next = i + 1;
        long code = (unsigned char)in.data[i];

        if ((encoding == PERCENT || encoding == FORM) && follows(in, i, "%")) {
            code = number_at(in, &next, 16, 2);
            code = next == i + 3 ? code : -1;
        } else if (encoding == FORM && follows(in, i, "+")) {
            code = ' ';
        } else if (encoding == JSON && follows(in, i, "\\u")) {
            next = i + 2;
            code = number_at(in, &next, 16, 4);
            code = next == i + 6 ? code : -1;
        } else if (encoding == JSON && follows(in, i, "\\") && i + 1 < in.length &&
                   in.data[i + 1] && strchr("/\"\\", in.data[i + 1])) {
            code = in.data[i + 1];
            next = i + 2;
        } else if (encoding == XML && follows(in, i, "&#x")) {
            next = i + 3;
            code = number_at(in, &next, 16, 2);
            code = follows(in, next++, ";") ? code : -1;
        } else if (encoding == XML && follows(in, i, "&#")) {
            next = i + 2;
            code = number_at(in, &next, 10, 3);
            code = follows(in, next++, ";") ? code : -1;
        }
        if (code < 0 || code > 0xff) {
            code = (unsigned char)in.data[i];
            next = i + 1;
        }
        sas_buffer_char(out, (char)code);
        i = next;
    }
}

static bool has(struct sas_view text, struct sas_view secret)
{
    size_t i;

    for (i = 0; i + secret.length <= text.length; i++)
        if (!memcmp(text.data + i, secret.data, secret.length))
            return true;
    return false;
}

static void check_hidden(struct sas_view text, struct sas_view secret,
                         enum encoding encoding)
{
    struct sas_buffer once = {0}, twice = {0};

    CHECK(!has(text, secret));
    decode(&once, text, encoding == TWICE ? PERCENT : encoding);
    CHECK(!has(sas_buffer_as_view(&once), secret));
    if (encoding == TWICE) {
        decode(&twice, sas_buffer_as_view(&once), PERCENT);
        CHECK(!has(sas_buffer_as_view(&twice), secret));
    }
    sas_buffer_release(&once);
    sas_buffer_release(&twice);
}

static void check(struct sas_view secret, enum encoding encoding, struct sas_view left,
                  struct sas_view right)
{
    struct sas_mask mask = {0};
    struct sas_buffer text = {0}, out = {0};
    size_t i;

    CHECK(sas_mask_add(&mask, secret));
    sas_buffer_view(&text, left);
    sas_buffer_char(&text, ' ');
    for (i = 0; i < secret.length; i++)
        encode_byte(&text, (unsigned char)secret.data[i], encoding);
    sas_buffer_char(&text, ' ');
    sas_buffer_view(&text, right);
    CHECK(sas_mask_text(&mask, sas_buffer_as_view(&text), 8192, &out));
    CHECK(sas_utf8_check(sas_buffer_as_view(&out), NULL));
    CHECK(!sas_view_has_control(sas_buffer_as_view(&out)));
    CHECK(fuzz_contains(sas_buffer_as_view(&out), SAS_MASK));
    check_hidden(sas_buffer_as_view(&out), secret, encoding);
    sas_buffer_release(&text);
    sas_buffer_release(&out);
    sas_mask_release(&mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_view secret, left, right;
    size_t i;

    if (size < 2 + SAS_MASK_SHORTEST)
        return 0;
    secret.data = (const char *)data + 2;
    secret.length = SAS_MASK_SHORTEST + data[1] % 64;
    if (secret.length > size - 2)
        secret.length = size - 2;
    for (i = 0; i < secret.length; i++)
        if (strchr("*\xEF\xBF\xBD", secret.data[i]) && secret.data[i])
            return 0;
    left.data = secret.data + secret.length;
    left.length = (size - 2 - secret.length) / 2;
    right.data = left.data + left.length;
    right.length = size - 2 - secret.length - left.length;
    check(secret, (enum encoding)(data[0] % ENCODINGS), left, right);
    return 0;
}
