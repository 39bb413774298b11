/*
 * codes.h - the error codes of service and transports, and what to do about them
 * SPDX-License-Identifier: MIT
 *
 * Sources: the error tables of the API pages, and Alibaba Cloud's common error codes.
 */
#ifndef SAS_CODES_H
#define SAS_CODES_H

#include "error.h"

SAS_HIDDEN_BEGIN

struct sas_code {
    const char *code; /* "*" at the end stands for anything */
    enum sas_kind kind;
    bool retryable;  /* the same call may be made again and may then succeed */
    bool throttling; /* too many requests: refused before execution */
    const char *hint;
};

/* The row of a code that the service answered; never NULL: the last row fits all. */
const struct sas_code *sas_code_of_service(struct sas_view code);

/* The row of a transport's code, for a request that was not sent; never NULL. */
const struct sas_code *sas_code_of_transport(struct sas_view code);

SAS_HIDDEN_END

#endif
