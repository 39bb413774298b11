/*
 * retry.h - how long to wait, and how many repetitions a client may afford
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_RETRY_H
#define SAS_RETRY_H

#include <stdbool.h>

#include "sas.h"

SAS_HIDDEN_BEGIN

/*
 * Repetitions cost, successes pay back: a client whose service is down stops adding to
 * the load. The numbers are those of botocore's standard mode, so that users can compare.
 */
#define SAS_BUDGET_MAX       500
#define SAS_BUDGET_TRANSIENT 14
#define SAS_BUDGET_THROTTLED 5

/* All zero is a full budget: what was spent is counted. */
struct sas_budget {
    int spent;
};

/* True and charged if the budget has that much left. */
bool sas_budget_take(struct sas_budget *b, int cost);

/* A call succeeded: gives back what its last repetition cost, or 1. */
void sas_budget_return(struct sas_budget *b, int cost);

/*
 * Seconds before the n-th repetition (from 1): full jitter over min(base * 2^(n-1), 20
 * s), base 0.05 s, or 1 s where the service throttles; at least `pause`, which it asked
 * for. `jitter` is a random number from 0 to 1.
 */
double sas_retry_wait(int repetition, bool throttled, double pause, double jitter);

SAS_HIDDEN_END

#endif
