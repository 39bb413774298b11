/*
 * date.h - the two forms of a date that a call meets
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_DATE_H
#define SAS_DATE_H

#include <stdint.h>

#include "buffer.h"

SAS_HIDDEN_BEGIN

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7) as seconds since the epoch. */
bool sas_date_of_http(struct sas_view text, int64_t *seconds);

/* "1994-11-06T08:49:37Z", as it is signed. */
bool sas_date_of_signature(struct sas_view text, int64_t *seconds);

SAS_HIDDEN_END

#endif
