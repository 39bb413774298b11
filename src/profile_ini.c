/*
 * profile_ini.c - profiles of the SDKs: ~/.alibabacloud/credentials
 * SPDX-License-Identifier: MIT
 *
 * The SDKs read it with the ini parsers of their languages, which differ. Here: lines of
 * "[section]", "key = value" or "key: value"; a comment begins with # or ; at the start
 * of a line or behind white space, so that a value may hold either; quotes around a whole
 * value are taken off. What a parser of an SDK would read otherwise is refused with its
 * line, not guessed at.
 */
#include "profile.h"

#include <string.h>

#include "path.h"
#include "suggest.h"

static const struct sas_profile_field fields[] = {
    {"type", "type", SAS_PROFILE_TEXT},
    {"enable", "enable", SAS_PROFILE_TEXT},
    {"role_name", "roleName", SAS_PROFILE_TEXT},
    {"role_arn", "roleArn", SAS_PROFILE_TEXT},
    {"role_session_name", "roleSessionName", SAS_PROFILE_TEXT},
    {"policy", "policy", SAS_PROFILE_TEXT},
    {"oidc_provider_arn", "oidcProviderArn", SAS_PROFILE_TEXT},
    {"oidc_token_file_path", "oidcTokenFilePath", SAS_PROFILE_TEXT},
};

struct reading {
    struct sas_view text;
    size_t at;
    unsigned long line;
    struct sas_view section; /* the wanted one */
    bool in_section, wanted, found;
    struct sas_suggest suggest; /* another section that may be meant */
    char nearest[65];           /* its name, since those of the text have no end */
    struct sas_view key_id, key_secret;
    struct sas_profile *profile;
    struct sas_error *error;
};

static bool refuse(struct reading *r, const char *what)
{
    struct sas_text message = {"", 0};

    sas_text_add(&message, "line %lu: %s", r->line, what);
    sas_error_set(r->error, SAS_CREDENTIALS, SAS_BAD_FILE, message.text, NULL);
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_comment(struct sas_view v)
{
    return v.length && (v.data[0] == '#' || v.data[0] == ';');
}

/* The next line without its end; false behind the last. */
static bool next_line(struct reading *r, struct sas_view *line)
{
    const char *start = r->text.data + r->at, *end;

    if (r->at >= r->text.length)
        return false;
    end = memchr(start, '\n', r->text.length - r->at);
    line->data = start;
    line->length = end ? (size_t)(end - start) : r->text.length - r->at;
    r->at += line->length + 1;
    r->line++;
    if (line->length && line->data[line->length - 1] == '\r')
        line->length--;
    *line = sas_view_trim(*line);
    return true;
}

static bool has_control(struct sas_view v)
{
    size_t i;

    for (i = 0; i < v.length; i++)
        if (((unsigned char)v.data[i] < ' ' && v.data[i] != '\t') || v.data[i] == 0x7f)
            return true;
    return false;
}

/* Remembers the name of another section if none before was nearer. */
static void offer_section(struct reading *r, struct sas_view name)
{
    char text[sizeof r->nearest];

    if (name.length >= sizeof text)
        return;
    memcpy(text, name.data, name.length);
    text[name.length] = '\0';
    sas_suggest_offer(&r->suggest, text);
    if (r->suggest.best != text)
        return;
    memcpy(r->nearest, text, name.length + 1);
    r->suggest.best = r->nearest;
}

static bool read_section(struct reading *r, struct sas_view line)
{
    const char *close = memchr(line.data, ']', line.length);
    struct sas_view name, rest;

    if (!close)
        return refuse(r, "a section without ]");
    name.data = line.data + 1;
    name.length = (size_t)(close - name.data);
    rest.data = close + 1;
    rest.length = line.length - name.length - 2;
    rest = sas_view_trim(rest);
    if (rest.length && !is_comment(rest))
        return refuse(r, "something stands behind a section");
    name = sas_view_trim(name);
    r->in_section = true;
    r->wanted = sas_view_compare(name, r->section) == 0;
    if (!r->wanted)
        offer_section(r, name);
    if (r->wanted && r->found)
        return refuse(r, "the section is there twice");
    r->found = r->found || r->wanted;
    return true;
}

/* A value without the comment behind it and the quotes around it. */
static struct sas_view read_value(struct sas_view v)
{
    size_t i;

    v = sas_view_trim(v);
    if (v.length >= 2 && (v.data[0] == '"' || v.data[0] == '\'') &&
        v.data[v.length - 1] == v.data[0]) {
        v.data++;
        v.length -= 2;
        return v;
    }
    for (i = 0; i < v.length; i++)
        if ((v.data[i] == '#' || v.data[i] == ';') && (i == 0 || is_space(v.data[i - 1])))
            v.length = i;
    return sas_view_trim(v);
}

static bool take_key(struct reading *r, struct sas_view *to, struct sas_view value)
{
    if (to->data)
        return refuse(r, "the key is there twice");
    *to = value;
    return true;
}

static bool take_value(struct reading *r, struct sas_view key, struct sas_view value)
{
    struct sas_profile *p = r->profile;
    size_t i, j;

    if (sas_view_is(key, "access_key_id"))
        return take_key(r, &r->key_id, value);
    if (sas_view_is(key, "access_key_secret"))
        return take_key(r, &r->key_secret, value);
    for (i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!sas_view_is(key, fields[i].key))
            continue;
        for (j = 0; j < p->count; j++)
            if (p->values[j].field == &fields[i])
                return refuse(r, "the key is there twice");
        if (!sas_buffer_view(&sas_profile_add(p, &fields[i])->text, value))
            r->error->no_memory = true;
        return !r->error->no_memory;
    }
    return true; /* a key that is not ours */
}

static bool read_line(struct reading *r, struct sas_view line)
{
    struct sas_view key = line, value;
    size_t i;

    if (has_control(line))
        return refuse(r, "a control character");
    if (line.length == 0 || is_comment(line))
        return true;
    if (line.data[0] == '[')
        return read_section(r, line);
    for (i = 0; i < line.length && line.data[i] != '=' && line.data[i] != ':'; i++)
        ;
    key.length = i;
    key = sas_view_trim(key);
    if (i == line.length || !key.length)
        return refuse(r, "neither a section nor a key with a value");
    if (!r->in_section)
        return refuse(r, "a key before the first section");
    value.data = line.data + i + 1;
    value.length = line.length - i - 1;
    return !r->wanted || take_value(r, key, read_value(value));
}

bool sas_profile_ini(struct sas_view text, struct sas_view name, struct sas_profile *p,
                     struct sas_error *e)
{
    struct sas_view none = {NULL, 0}, line;
    struct reading r;

    memset(&r, 0, sizeof r);
    r.text = sas_profile_skip_mark(text);
    r.section = name;
    r.suggest.word = name;
    r.profile = p;
    r.error = e;
    while (next_line(&r, &line))
        if (!read_line(&r, line))
            return false;
    if (!r.found)
        return sas_profile_missing(name, r.suggest.best, e);
    return sas_profile_keys(p, r.key_id, r.key_secret, none, e) && !e->no_memory;
}
