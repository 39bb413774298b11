/*
 * mask.h - takes secrets out of texts that leave the module
 * SPDX-License-Identifier: MIT
 *
 * Two ways at once: by value (what this call knows to be secret, whole or in part, in
 * the encodings that plain.h undoes), and by pattern (access_token=..., Signature: ...,
 * and so on), since services and proxies echo what they were sent.
 */
#ifndef SAS_MASK_H
#define SAS_MASK_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

#define SAS_MASK "***"

/* A secret shorter than this is left to the patterns: it would hit innocent words. */
#define SAS_MASK_SHORTEST 6

/* This many bytes in a row that are in a secret are taken for a part of it. */
#define SAS_MASK_RUN 10

/* All zero knows no secret. */
struct sas_mask {
    struct sas_buffer *secrets; /* as they are, and as sas_plain_undo says them */
    size_t count, capacity;
};

/* Remembers a secret; false when out of memory. */
bool sas_mask_add(struct sas_mask *m, struct sas_view secret);

/*
 * Remembers what may be secret in a URL: the values of its query and fragment, and the
 * long parts of its path. A text that is no URL is remembered whole.
 */
bool sas_mask_add_url(struct sas_mask *m, struct sas_view url);

/*
 * Appends `text` without its secrets, printable (what is not is escaped), cut after `max`
 * bytes. False when out of memory; what was appended then is masked all the same.
 */
bool sas_mask_text(const struct sas_mask *m, struct sas_view text, size_t max,
                   struct sas_buffer *out);

void sas_mask_release(struct sas_mask *m);

SAS_HIDDEN_END

#endif
