/*
 * mask.h - takes secrets out of texts that leave the module
 * SPDX-License-Identifier: MIT
 *
 * Two ways at once: by value (what this call knows to be secret, raw, percent-encoded
 * once and twice, and as JSON), and by pattern (access_token=..., Signature=..., and so
 * on), since the service echoes what it was sent.
 */
#ifndef SAS_MASK_H
#define SAS_MASK_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

#define SAS_MASK "***"

/* Parameters of one URL that are learnt by value; its whole query is learnt anyway. */
#define SAS_MASK_PARAMETERS 32

/* A secret shorter than this is left to the patterns: it would hit innocent words. */
#define SAS_MASK_SHORTEST 6

/* All zero knows no secret. */
struct sas_mask {
    struct sas_buffer *secrets;
    size_t count, capacity;
};

/* Remembers a secret in all its spellings; false when out of memory. */
bool sas_mask_add(struct sas_mask *m, struct sas_view secret);

/*
 * Remembers what is secret in a webhook URL: its whole query, and the value of each
 * parameter of it.
 */
bool sas_mask_add_url(struct sas_mask *m, struct sas_view url);

/* Appends `text` without its secrets, cut after `max` bytes; what is not UTF-8 is
 * escaped. */
bool sas_mask_text(const struct sas_mask *m, struct sas_view text, size_t max,
                   struct sas_buffer *out);

void sas_mask_release(struct sas_mask *m);

SAS_HIDDEN_END

#endif
