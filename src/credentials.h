/*
 * credentials.h - an AccessKey pair and its token, held where nothing reads them back
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_CREDENTIALS_H
#define SAS_CREDENTIALS_H

#include "error.h"
#include "mask.h"

SAS_HIDDEN_BEGIN

/* All zero: none. */
struct sas_credentials {
    struct sas_buffer key_id, key_secret, security_token;
};

/*
 * Takes copies; an absent or empty token means none. False with every problem in *e when
 * a text is missing, too long, or holds what cannot stand in a header.
 */
bool sas_credentials_set(struct sas_credentials *c, struct sas_view key_id,
                         struct sas_view key_secret, struct sas_view security_token,
                         struct sas_error *e);

/*
 * The same for what was found somewhere: the first problem then is the message of an
 * error of the kind SAS_CREDENTIALS with this code.
 */
bool sas_credentials_found(struct sas_credentials *c, struct sas_view key_id,
                           struct sas_view key_secret, struct sas_view security_token,
                           const char *code, struct sas_error *e);

/* False where none were set, or where they were released. */
bool sas_credentials_present(const struct sas_credentials *c);

/* Appends "LTAI...x9": enough to tell keys apart. */
void sas_credentials_describe(const struct sas_credentials *c, struct sas_buffer *out);

/* Tells the mask what is secret of them; false when out of memory. */
bool sas_credentials_mask(const struct sas_credentials *c, struct sas_mask *mask);

/* Wipes. Idempotent. */
void sas_credentials_release(struct sas_credentials *c);

SAS_HIDDEN_END

#endif
