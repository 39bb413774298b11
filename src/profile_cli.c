/*
 * profile_cli.c - profiles of the aliyun command: ~/.aliyun/config.json
 * SPDX-License-Identifier: MIT
 *
 * Source: config/profile.go of aliyun/aliyun-cli.
 */
#include "profile.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "json.h"
#include "path.h"
#include "suggest.h"
#include "value.h"

static const struct sas_profile_field fields[] = {
    {"name", "name", SAS_PROFILE_TEXT},
    {"mode", "mode", SAS_PROFILE_TEXT},
    {"region_id", "regionId", SAS_PROFILE_TEXT},
    {"ram_role_arn", "roleArn", SAS_PROFILE_TEXT},
    {"ram_session_name", "roleSessionName", SAS_PROFILE_TEXT},
    {"expired_seconds", "roleSessionExpiration", SAS_PROFILE_INTEGER},
    {"sts_region", "stsRegionId", SAS_PROFILE_TEXT},
    {"enable_vpc", "enableVpc", SAS_PROFILE_BOOLEAN},
    {"policy", "policy", SAS_PROFILE_TEXT},
    {"external_id", "externalId", SAS_PROFILE_TEXT},
    {"source_profile", "sourceProfile", SAS_PROFILE_TEXT},
    {"ram_role_name", "roleName", SAS_PROFILE_TEXT},
    {"oidc_provider_arn", "oidcProviderArn", SAS_PROFILE_TEXT},
    {"oidc_token_file", "oidcTokenFilePath", SAS_PROFILE_TEXT},
    {"process_command", "processCommand", SAS_PROFILE_TEXT},
    {"credentials_uri", "credentialsURI", SAS_PROFILE_TEXT},
    {"cloud_sso_sign_in_url", "signInUrl", SAS_PROFILE_TEXT},
    {"cloud_sso_account_id", "accountId", SAS_PROFILE_TEXT},
    {"cloud_sso_access_config", "accessConfig", SAS_PROFILE_TEXT},
    {"cloud_sso_access_token_expire", "accessTokenExpire", SAS_PROFILE_INTEGER},
    {"oauth_site_type", "siteType", SAS_PROFILE_TEXT},
    {"oauth_access_token_expire", "oauthAccessTokenExpire", SAS_PROFILE_INTEGER},
};

static bool refuse(struct sas_error *e, const char *message)
{
    sas_error_set(e, SAS_CREDENTIALS, SAS_BAD_FILE, message, NULL);
    return false;
}

static bool refuse_field(struct sas_error *e, const char *key, const char *what)
{
    struct sas_text message = {"", 0};

    sas_text_add(&message, "%s of the profile %s", key, what);
    return refuse(e, message.text);
}

static bool take_text(const cJSON *object, const char *key, struct sas_view *out,
                      struct sas_error *e)
{
    return sas_json_text(object, key, out) || refuse_field(e, key, "is no text");
}

static bool take_field(const cJSON *object, const struct sas_profile_field *f,
                       struct sas_profile *p, struct sas_error *e)
{
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(object, f->key);
    struct sas_profile_value *value;
    struct sas_view text = {NULL, 0};

    if (!json || cJSON_IsNull(json))
        return true;
    if (f->type == SAS_PROFILE_TEXT && !take_text(object, f->key, &text, e))
        return false;
    if (f->type == SAS_PROFILE_TEXT && !text.length)
        return true;
    if (f->type == SAS_PROFILE_BOOLEAN && !cJSON_IsBool(json))
        return refuse_field(e, f->key, "is neither true nor false");
    value = sas_profile_add(p, f);
    value->boolean = cJSON_IsTrue(json);
    if (f->type == SAS_PROFILE_INTEGER &&
        (!cJSON_IsNumber(json) ||
         !sas_integer_read(sas_view_text(json->valuestring), &value->integer)))
        return refuse_field(e, f->key, "is no whole number");
    if (text.length && !sas_buffer_view(&value->text, text))
        e->no_memory = true;
    return !e->no_memory;
}

static bool take_token(const cJSON *object, const char *key, struct sas_buffer *out,
                       struct sas_error *e)
{
    struct sas_view text = {NULL, 0};

    if (!take_text(object, key, &text, e))
        return false;
    if (text.length && !sas_buffer_view(out, text))
        e->no_memory = true;
    return !e->no_memory;
}

static bool take_profile(const cJSON *object, struct sas_profile *p, struct sas_error *e)
{
    struct sas_view key_id = {NULL, 0}, key_secret = {NULL, 0}, token = {NULL, 0};
    struct sas_view mode = {NULL, 0}, none = {NULL, 0};
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!take_field(object, &fields[i], p, e))
            return false;
    return take_text(object, "access_key_id", &key_id, e) &&
           take_text(object, "access_key_secret", &key_secret, e) &&
           take_text(object, "sts_token", &token, e) &&
           take_text(object, "mode", &mode, e) &&
           take_token(object, "access_token", &p->access_token, e) &&
           take_token(object, "oauth_access_token", &p->oauth_access_token, e) &&
           /* other modes ignore what the command has left there of an earlier one */
           sas_profile_keys(p, key_id, key_secret,
                            sas_view_is(mode, "StsToken") ? token : none, e);
}

/* The one profile of that name. */
static bool find_profile(const cJSON *root, struct sas_view name, const cJSON **out,
                         struct sas_error *e)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "profiles"), *item;
    struct sas_suggest suggest = {name, NULL, 0};

    if (!cJSON_IsArray(list))
        return refuse(e, "it has no list of profiles");
    for (item = list->child; item; item = item->next) {
        struct sas_view its_name = {NULL, 0};

        if (!cJSON_IsObject(item))
            return refuse(e, "it has a profile that is no object");
        if (!take_text(item, "name", &its_name, e))
            return false;
        if (!its_name.data)
            continue;
        if (sas_view_compare(its_name, name) != 0) {
            sas_suggest_offer(&suggest, its_name.data);
            continue;
        }
        if (*out)
            return refuse(e, "it has the profile twice");
        *out = item;
    }
    return *out || sas_profile_missing(name, suggest.best, e);
}

static bool read_root(const cJSON *root, struct sas_view name, struct sas_profile *p,
                      struct sas_error *e)
{
    const cJSON *profile = NULL;

    if (!cJSON_IsObject(root))
        return refuse(e, "it is no JSON object");
    if (!name.length && !take_text(root, "current", &name, e))
        return false;
    if (!name.length)
        return refuse(e, "it names no current profile");
    return find_profile(root, name, &profile, e) && take_profile(profile, p, e);
}

bool sas_profile_cli(struct sas_view text, struct sas_view name, struct sas_profile *p,
                     struct sas_error *e)
{
    struct sas_view inner = sas_profile_skip_mark(text);
    const char *why;
    size_t offset;
    cJSON *root = sas_json_read(inner, &why, &offset);
    struct sas_text message = {"", 0};
    bool good;

    if (!root && why == sas_json_no_memory) {
        e->no_memory = true;
        return false;
    }
    if (!root) {
        sas_text_add(&message, "line %lu: no JSON: %s", sas_json_line(inner, offset),
                     why);
        return refuse(e, message.text);
    }
    good = read_root(root, name, p, e);
    sas_json_release(root);
    return good && !e->no_memory;
}
