/*
 * suggest.h - "did you mean"
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_SUGGEST_H
#define SAS_SUGGEST_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

/* Collects the nearest of the legal words: zero it, set `word`, offer each, read `best`.
 */
struct sas_suggest {
    struct sas_view word;
    const char *best; /* NULL: nothing is near */
    int distance;
};

/*
 * Offers one legal word (NUL-terminated, kept by address). Near means: equal but for
 * ASCII case, spaces, '-' and '_', or at most two edits away and not more than half the
 * word.
 */
void sas_suggest_offer(struct sas_suggest *s, const char *candidate);

SAS_HIDDEN_END

#endif
