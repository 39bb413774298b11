/*
 * retry.c - how long to wait, and how many repetitions a client may afford
 * SPDX-License-Identifier: MIT
 */
#include "retry.h"

#define BASE_TRANSIENT 0.05
#define BASE_THROTTLED 1.0
#define LONGEST        20.0

bool sas_budget_take(struct sas_budget *b, int cost)
{
    if (b->spent > SAS_BUDGET_MAX - cost)
        return false;
    b->spent += cost;
    return true;
}

void sas_budget_return(struct sas_budget *b, int cost)
{
    b->spent -= cost ? cost : 1;
    if (b->spent < 0)
        b->spent = 0;
}

double sas_retry_wait(int repetition, bool throttled, double pause, double jitter)
{
    double wait = throttled ? BASE_THROTTLED : BASE_TRANSIENT;

    for (; repetition > 1 && wait < LONGEST; repetition--)
        wait *= 2;
    if (wait > LONGEST)
        wait = LONGEST;
    if (!(jitter >= 0 && jitter <= 1)) /* NaN included */
        jitter = 1;
    wait *= jitter;
    return wait > pause ? wait : pause;
}
