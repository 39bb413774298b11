/*
 * outcome.h - what came back of one exchange, and what that means for the call
 * SPDX-License-Identifier: MIT
 *
 * The judgement rests on two facts: whether a byte of the request may have left (`sent`),
 * and what a second execution would do (the class). One table (outcome.c) has every
 * failure point against every class.
 */
#ifndef SAS_OUTCOME_H
#define SAS_OUTCOME_H

#include "error.h"
#include "mask.h"
#include "operation.h"
#include "reply.h"

SAS_HIDDEN_BEGIN

/* What a transport hands back; views belong to the caller. */
struct sas_outcome {
    bool answered; /* there is a status and a body */
    bool sent;     /* false only if certainly no byte of the request has left */
    int status;
    struct sas_view body;
    struct sas_view code, message; /* where there was no answer */
    struct sas_view hint;          /* what the transport advises instead of the table */
    struct sas_view date;          /* the headers that matter, absent where they are */
    struct sas_view retry_after;   /* x-acs-retry-after: milliseconds */
    struct sas_view limits[2];     /* x-ratelimit-user-api and x-ratelimit-user */
};

enum sas_verdict {
    SAS_END,       /* the error stands as it is */
    SAS_AGAIN,     /* not executed, or a read: may be sent again, newly signed */
    SAS_ONCE,      /* the same, but one more time at most */
    SAS_OPEN,      /* may have been executed, and must not be executed twice: unknown */
    SAS_OPEN_AGAIN /* may have been executed and may be repeated: else unknown */
};

struct sas_judgement {
    bool good; /* the reply is good; the rest does not matter */
    enum sas_verdict verdict;
    bool throttled; /* by the service: a longer pause, at least `pause` */
    double pause;   /* seconds that the service asked for, 0 to 60 */
    bool expired;   /* refused since the clocks differ: see the Date header */
    bool stale;     /* refused since the security token has ended: new ones are needed */
};

/*
 * Judges one exchange. Where it is good its tree is in *reply, else *e says what
 * happened, without the secrets that `mask` knows, as it would stand if nothing followed.
 * `op` may be NULL.
 */
struct sas_judgement sas_outcome_judge(const struct sas_outcome *o, enum sas_class effect,
                                       const struct sas_operation *op,
                                       const struct sas_mask *mask,
                                       struct sas_reply *reply, struct sas_error *e);

/* Turns an error into the unknown outcome that it is where an earlier copy is open. */
void sas_outcome_open(struct sas_error *e, enum sas_class effect,
                      const struct sas_operation *op);

SAS_HIDDEN_END

#endif
