/*
 * profile.h - a profile out of a file: what it says, and its keys
 * SPDX-License-Identifier: MIT
 *
 * Two kinds of file have profiles: ~/.aliyun/config.json, which the aliyun command writes
 * (profile_cli.c), and the ini file of the SDKs (profile_ini.c). Errors are of the kind
 * SAS_CREDENTIALS with the code BAD_FILE, or NO_PROFILE where the file has no such
 * profile; they name lines and fields, and show nothing of the file.
 */
#ifndef SAS_PROFILE_H
#define SAS_PROFILE_H

#include <stdint.h>

#include "credentials.h"

SAS_HIDDEN_BEGIN

#define SAS_BAD_FILE   "BAD_FILE"
#define SAS_NO_PROFILE "NO_PROFILE"

enum sas_profile_type { SAS_PROFILE_TEXT, SAS_PROFILE_INTEGER, SAS_PROFILE_BOOLEAN };

/* What a key of a file is called in Lua. */
struct sas_profile_field {
    const char *key;
    const char *name;
    enum sas_profile_type type;
};

struct sas_profile_value {
    const struct sas_profile_field *field;
    struct sas_buffer text;
    int64_t integer;
    bool boolean;
};

#define SAS_PROFILE_VALUES 24

/* All zero is empty. */
struct sas_profile {
    struct sas_profile_value values[SAS_PROFILE_VALUES]; /* those that the file has */
    size_t count;
    struct sas_credentials keys; /* none where the profile has none */
    struct sas_buffer access_token, oauth_access_token;
};

/*
 * The profile of that name in the text of a config.json; no name (absent or empty) means
 * the current one.
 */
bool sas_profile_cli(struct sas_view text, struct sas_view name, struct sas_profile *p,
                     struct sas_error *e);

/* The section of that name in the text of an ini file. */
bool sas_profile_ini(struct sas_view text, struct sas_view name, struct sas_profile *p,
                     struct sas_error *e);

/* The text without the byte order mark that some editors put before it. */
struct sas_view sas_profile_skip_mark(struct sas_view text);

/* The next value of the profile, to be filled. */
struct sas_profile_value *sas_profile_add(struct sas_profile *p,
                                          const struct sas_profile_field *field);

/* Takes the keys, if there are any; half a pair is an error. */
bool sas_profile_keys(struct sas_profile *p, struct sas_view key_id,
                      struct sas_view key_secret, struct sas_view token,
                      struct sas_error *e);

/*
 * Sets the error NO_PROFILE, with the name where it is a plain word, and in the hint the
 * nearest name that the file has (NULL: none), where that is one; answers false.
 */
bool sas_profile_missing(struct sas_view name, const char *nearest, struct sas_error *e);

/* Wipes and frees. Idempotent. */
void sas_profile_release(struct sas_profile *p);

SAS_HIDDEN_END

#endif
