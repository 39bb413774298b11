/*
 * path.c - where in the arguments something is wrong, and how to speak of it
 * SPDX-License-Identifier: MIT
 */
#include "path.h"

#include <stdio.h>
#include <string.h>

#include "encode.h"

#define WORD_MAX 48

struct sas_path sas_path_root(const char *name)
{
    struct sas_path path;

    snprintf(path.text, sizeof path.text, "%s", name);
    return path;
}

struct sas_path sas_path_index(const struct sas_path *parent, size_t index)
{
    struct sas_path path;

    snprintf(path.text, sizeof path.text, "%.220s[%lu]", parent->text,
             (unsigned long)index);
    return path;
}

static bool is_word_byte(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

static bool is_plain(struct sas_view name)
{
    size_t i;

    for (i = 0; i < name.length; i++) {
        if (!is_word_byte((unsigned char)name.data[i]))
            return false;
    }
    return name.length > 0 && name.length <= WORD_MAX + 16;
}

/* Words of people have spaces, brackets and CJK; tokens and URLs have these. */
static bool looks_secret(struct sas_view word)
{
    size_t i, run = 0;

    if (word.length > WORD_MAX)
        return true;
    for (i = 0; i < word.length; i++) {
        unsigned char c = (unsigned char)word.data[i];

        if (c == '=' || c == '/' || c == '%' || c == '?' || c == '&')
            return true;
        /* a long run of letters and digits is no word: access keys have 24 to 30 */
        run = c != '-' && c != '_' && is_word_byte(c) ? run + 1 : 0;
        if (run > 23)
            return true;
    }
    return false;
}

struct sas_word_text sas_word_quote(struct sas_view word, const char *instead)
{
    struct sas_word_text out;
    struct sas_buffer text;

    memset(&text, 0, sizeof text);
    text.max = sizeof out.text - 3;
    if (!looks_secret(word) && sas_encode_printable(&text, word, WORD_MAX))
        snprintf(out.text, sizeof out.text, "\"%s\"", sas_buffer_cstr(&text));
    else
        snprintf(out.text, sizeof out.text, "%s", instead);
    sas_buffer_release(&text);
    return out;
}

struct sas_path sas_path_name(const struct sas_path *parent, struct sas_view name)
{
    struct sas_path path;
    const char *dot = parent->text[0] ? "." : "";

    if (is_plain(name) && !looks_secret(name)) {
        snprintf(path.text, sizeof path.text, "%.180s%s%.*s", parent->text, dot,
                 (int)name.length, name.data);
    } else {
        struct sas_word_text word = sas_word_quote(name, "...");

        snprintf(path.text, sizeof path.text, "%.140s[%s]", parent->text, word.text);
    }
    return path;
}
