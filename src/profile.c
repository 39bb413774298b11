/*
 * profile.c - what the two kinds of profiles share
 * SPDX-License-Identifier: MIT
 */
#include "profile.h"

#include <string.h>

#include "path.h"

struct sas_view sas_profile_skip_mark(struct sas_view text)
{
    if (text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
        text.data += 3;
        text.length -= 3;
    }
    return text;
}

struct sas_profile_value *sas_profile_add(struct sas_profile *p,
                                          const struct sas_profile_field *field)
{
    /* no file has more kinds of values, and none has one twice */
    struct sas_profile_value *value = &p->values[p->count++];

    value->field = field;
    return value;
}

bool sas_profile_keys(struct sas_profile *p, struct sas_view key_id,
                      struct sas_view key_secret, struct sas_view token,
                      struct sas_error *e)
{
    if (!key_id.length && !key_secret.length)
        return true;
    return sas_credentials_found(&p->keys, key_id, key_secret, token, SAS_BAD_FILE, e);
}

bool sas_profile_missing(struct sas_view name, const char *nearest, struct sas_error *e)
{
    struct sas_text message = {"", 0}, hint = {"", 0};
    struct sas_word_text word = sas_word_quote(sas_view_text(nearest), "");

    if (nearest && word.text[0])
        sas_text_add(&hint, "did you mean %s?", word.text);

    sas_text_add(&message, "it has no profile %s",
                 sas_word_quote(name, "of this name").text);
    sas_error_set(e, SAS_CREDENTIALS, SAS_NO_PROFILE, message.text,
                  hint.length ? hint.text : NULL);
    return false;
}

void sas_profile_release(struct sas_profile *p)
{
    size_t i;

    for (i = 0; i < p->count; i++)
        sas_buffer_release(&p->values[i].text);
    p->count = 0;
    sas_credentials_release(&p->keys);
    sas_buffer_release(&p->access_token);
    sas_buffer_release(&p->oauth_access_token);
}
