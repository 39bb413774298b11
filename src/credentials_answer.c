/*
 * credentials_answer.c - temporary credentials out of the answers of those who issue them
 * SPDX-License-Identifier: MIT
 *
 * Sources: the API pages of STS and of the ECS metadata service, and the official
 * libraries (credentials-go, credentials-nodejs) for the others.
 */
#include "credentials_answer.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "date.h"
#include "json.h"
#include "path.h"

#define CODE "BAD_REPLY"

struct form {
    const char *name;
    const char *within; /* the object that holds the fields; NULL: the answer itself */
    const char *key_id, *key_secret, *token, *expiration;
    bool temporary; /* has to have a token and an end */
    bool success;   /* has to say Code: Success; others may leave it out */
};

static const struct form forms[] = {
    {"sts", "Credentials", "AccessKeyId", "AccessKeySecret", "SecurityToken",
     "Expiration", true, false},
    {"ecs", NULL, "AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration", true,
     true},
    {"uri", NULL, "AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration", true,
     false},
    {"cloudsso", "CloudCredential", "AccessKeyId", "AccessKeySecret", "SecurityToken",
     "Expiration", true, false},
    {"oauth", NULL, "accessKeyId", "accessKeySecret", "securityToken", "expiration", true,
     false},
    {"external", NULL, "access_key_id", "access_key_secret", "sts_token", "expiration",
     false, false},
};

static const struct form *find_form(struct sas_view name)
{
    size_t i;

    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        if (sas_view_is(name, forms[i].name))
            return &forms[i];
    return NULL;
}

bool sas_credentials_form(struct sas_view form)
{
    return find_form(form) != NULL;
}

static bool refuse(struct sas_error *e, const char *message)
{
    sas_error_set(e, SAS_CREDENTIALS, CODE, message, NULL);
    return false;
}

static bool refuse_field(struct sas_error *e, const char *name, const char *what)
{
    struct sas_text message = {"", 0};

    sas_text_add(&message, "its %s %s", name, what);
    return refuse(e, message.text);
}

static bool take_text(const cJSON *object, const char *name, struct sas_view *out,
                      struct sas_error *e)
{
    return sas_json_text(object, name, out) || refuse_field(e, name, "is no text");
}

static bool check_success(const struct form *f, const cJSON *object, struct sas_error *e)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(object, "Code");

    if (!code && !f->success)
        return true;
    if (code && cJSON_IsString(code) && strcmp(code->valuestring, "Success") == 0)
        return true;
    return refuse(e, "it does not say Code: Success");
}

/* What a program prints says of what kind it is. */
static bool check_mode(const cJSON *object, struct sas_error *e)
{
    const cJSON *mode = cJSON_GetObjectItemCaseSensitive(object, "mode");

    if (mode && cJSON_IsString(mode) &&
        (strcmp(mode->valuestring, "AK") == 0 ||
         strcmp(mode->valuestring, "StsToken") == 0))
        return true;
    return refuse(e, "its mode is neither AK nor StsToken");
}

static bool read_expiry(const struct form *f, struct sas_view text,
                        struct sas_issued *out, struct sas_error *e)
{
    if (!text.length)
        return !f->temporary || refuse_field(e, f->expiration, "is missing");
    out->expires = true;
    return sas_date_of_signature(text, &out->expiry) ||
           refuse_field(e, f->expiration, "is no date such as 2026-01-31T12:00:00Z");
}

static bool read_fields(const struct form *f, const cJSON *object, struct sas_issued *out,
                        struct sas_error *e)
{
    struct sas_view key_id = {NULL, 0}, key_secret = {NULL, 0}, token = {NULL, 0};
    struct sas_view expiration = {NULL, 0};
    bool external = strcmp(f->name, "external") == 0;

    if ((external && !check_mode(object, e)) ||
        !take_text(object, f->key_id, &key_id, e) ||
        !take_text(object, f->key_secret, &key_secret, e) ||
        !take_text(object, f->token, &token, e) ||
        !take_text(object, f->expiration, &expiration, e))
        return false;
    if (f->temporary && !token.length)
        return refuse_field(e, f->token, "is missing");
    return read_expiry(f, expiration, out, e) &&
           sas_credentials_found(&out->keys, key_id, key_secret, token, CODE, e);
}

static bool refuse_json(struct sas_view text, const char *why, size_t offset,
                        struct sas_error *e)
{
    struct sas_text message = {"", 0};

    if (why == sas_json_no_memory) {
        e->no_memory = true;
        return false;
    }
    sas_text_add(&message, "it is not JSON: %s in line %lu", why,
                 sas_json_line(text, offset));
    return refuse(e, message.text);
}

bool sas_credentials_answer(struct sas_view form, struct sas_view text,
                            struct sas_issued *out, struct sas_error *e)
{
    const struct form *f = find_form(form);
    const cJSON *object;
    const char *why;
    size_t offset;
    cJSON *root;
    bool good;

    if (!f)
        return refuse(e, "it is of no form that is known");
    root = sas_json_read(text, &why, &offset);
    if (!root)
        return refuse_json(text, why, offset, e);
    object = f->within ? cJSON_GetObjectItemCaseSensitive(root, f->within) : root;
    if (cJSON_IsObject(object))
        good = check_success(f, object, e) && read_fields(f, object, out, e);
    else if (f->within)
        good = refuse_field(e, f->within, "is missing");
    else
        good = refuse(e, "it is no JSON object");
    sas_json_release(root);
    return good;
}
