/*
 * credentials.c - an AccessKey pair and its token
 * SPDX-License-Identifier: MIT
 */
#include "credentials.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX   ((size_t)256)
#define TOKEN_MAX ((size_t)8192)

/* Nobody puts a space or a line break into a key, but copying and pasting does. */
static bool is_key_char(char c)
{
    return c > ' ' && c <= '~';
}

static const char *name_of_char(char c)
{
    unsigned char byte = (unsigned char)c;

    switch (c) {
    case ' ':
        return "a space";
    case '\t':
        return "a tab";
    case '\n':
        return "a line break";
    case '\r':
        return "a carriage return";
    default:
        return byte < ' ' || byte == 0x7f ? "a control character"
                                          : "a byte outside ASCII";
    }
}

static const char *place_of_char(struct sas_view v, size_t at)
{
    size_t i = at;

    if (at == 0)
        return "at its start";
    while (i < v.length && !is_key_char(v.data[i]))
        i++;
    return i == v.length ? "at its end" : "inside";
}

/* Says what the first character is that no key has, and where; true where there is none.
 */
static bool check_text(const char *name, struct sas_view v, struct sas_error *e)
{
    char message[64];
    size_t at = 0;

    while (at < v.length && is_key_char(v.data[at]))
        at++;
    if (at == v.length)
        return true;
    snprintf(message, sizeof message, "holds %s %s", name_of_char(v.data[at]),
             place_of_char(v, at));
    sas_error_problem(e, name, message, "look for what was copied with it");
    return false;
}

static void take(struct sas_buffer *to, const char *name, struct sas_view v, size_t max,
                 bool required, struct sas_error *e)
{
    if (!v.data || v.length == 0) {
        if (required)
            sas_error_problem(e, name, "is missing", NULL);
        return;
    }
    if (v.length > max)
        sas_error_problem(e, name, "is too long", NULL);
    else if (check_text(name, v, e) && !sas_buffer_view(to, v))
        e->no_memory = true;
}

bool sas_credentials_set(struct sas_credentials *c, struct sas_view key_id,
                         struct sas_view key_secret, struct sas_view security_token,
                         struct sas_error *e)
{
    take(&c->key_id, "accessKeyId", key_id, KEY_MAX, true, e);
    take(&c->key_secret, "accessKeySecret", key_secret, KEY_MAX, true, e);
    take(&c->security_token, "securityToken", security_token, TOKEN_MAX, false, e);
    if (e->kind == SAS_NONE && !e->no_memory)
        return true;
    sas_credentials_release(c);
    return false;
}

bool sas_credentials_found(struct sas_credentials *c, struct sas_view key_id,
                           struct sas_view key_secret, struct sas_view security_token,
                           const char *code, struct sas_error *e)
{
    struct sas_error found;
    struct sas_buffer message = {0};

    memset(&found, 0, sizeof found);
    if (sas_credentials_set(c, key_id, key_secret, security_token, &found))
        return true;
    e->no_memory = e->no_memory || found.no_memory;
    if (found.problem_count) {
        sas_buffer_text(&message, "its ");
        sas_buffer_view(&message, sas_buffer_as_view(&found.problems[0].path));
        sas_buffer_char(&message, ' ');
        sas_buffer_view(&message, sas_buffer_as_view(&found.problems[0].message));
        sas_error_set(e, SAS_CREDENTIALS, code, sas_buffer_cstr(&message),
                      found.problems[0].hint.data);
    }
    sas_buffer_release(&message);
    sas_error_release(&found);
    return false;
}

bool sas_credentials_present(const struct sas_credentials *c)
{
    return c->key_id.length && c->key_secret.length;
}

void sas_credentials_describe(const struct sas_credentials *c, struct sas_buffer *out)
{
    const struct sas_buffer *id = &c->key_id;

    if (id->length >= 10) {
        sas_buffer_add(out, id->data, 4);
        sas_buffer_text(out, "\xE2\x80\xA6"); /* U+2026 */
        sas_buffer_add(out, id->data + id->length - 2, 2);
    } else {
        sas_buffer_text(out, id->length ? "***" : "closed");
    }
}

bool sas_credentials_mask(const struct sas_credentials *c, struct sas_mask *mask)
{
    return sas_mask_add(mask, sas_buffer_as_view(&c->key_secret)) &&
           sas_mask_add(mask, sas_buffer_as_view(&c->security_token));
}

void sas_credentials_release(struct sas_credentials *c)
{
    sas_buffer_release(&c->key_id);
    sas_buffer_release(&c->key_secret);
    sas_buffer_release(&c->security_token);
}
