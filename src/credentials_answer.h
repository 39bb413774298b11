/*
 * credentials_answer.h - temporary credentials out of the answers of those who issue them
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_CREDENTIALS_ANSWER_H
#define SAS_CREDENTIALS_ANSWER_H

#include <stdint.h>

#include "credentials.h"

SAS_HIDDEN_BEGIN

struct sas_issued {
    struct sas_credentials keys;
    bool expires;
    int64_t expiry; /* seconds since the epoch */
};

/* True if answers of this form are known: "sts", "ecs", and so on. */
bool sas_credentials_form(struct sas_view form);

/*
 * Reads an answer of that form. False with an error of the kind SAS_CREDENTIALS and the
 * code BAD_REPLY, which says what is wrong with the answer and shows nothing of it.
 */
bool sas_credentials_answer(struct sas_view form, struct sas_view text,
                            struct sas_issued *out, struct sas_error *e);

SAS_HIDDEN_END

#endif
