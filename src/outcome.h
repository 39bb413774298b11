/*
 * outcome.h - what came back of one exchange, and what that means for the call
 * SPDX-License-Identifier: MIT
 *
 * The judgement rests on two facts: whether a byte of the request may have left (`sent`),
 * and what a second execution would do (the class).
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
};

/*
 * True: the reply is good, its tree is in *reply. False: *e says what happened, without
 * the secrets that `mask` knows. `op` may be NULL.
 */
bool sas_outcome_judge(const struct sas_outcome *o, enum sas_class effect,
                       const struct sas_operation *op, const struct sas_mask *mask,
                       struct sas_reply *reply, struct sas_error *e);

SAS_HIDDEN_END

#endif
