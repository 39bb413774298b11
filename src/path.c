/*
 * path.c - where in the arguments something is wrong, and how to speak of it
 * SPDX-License-Identifier: MIT
 */
#include "path.h"

#include <stdarg.h>
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

void sas_text_add(struct sas_text *t, const char *format, ...)
{
    size_t room = sizeof t->text - t->length;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(t->text + t->length, room, format, arguments);
    va_end(arguments);
    if (n > 0)
        t->length += (size_t)n < room ? (size_t)n : room - 1;
}

static size_t write_printable(char *out, size_t room, struct sas_view word)
{
    size_t i = 0, n = 0;

    while (i < word.length && n + 5 < room) {
        struct sas_view shown;

        i += sas_printable_next(word.data + i, word.length - i, &shown);
        memcpy(out + n, shown.data, shown.length);
        n += shown.length;
    }
    return n;
}

struct sas_word_text sas_word_quote(struct sas_view word, const char *instead)
{
    struct sas_word_text out;
    size_t n = 1;

    if (looks_secret(word)) {
        snprintf(out.text, sizeof out.text, "%s", instead);
        return out;
    }
    out.text[0] = '"';
    n += write_printable(out.text + 1, sizeof out.text - 2, word);
    out.text[n] = '"';
    out.text[n + 1] = '\0';
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

        snprintf(path.text, sizeof path.text, "%.100s[%.150s]", parent->text, word.text);
    }
    return path;
}
