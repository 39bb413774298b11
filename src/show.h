/*
 * show.h - a request for people: complete, but for its secrets
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_SHOW_H
#define SAS_SHOW_H

#include "call.h"

SAS_HIDDEN_BEGIN

/*
 * Appends the signed request of a call in lines: the request line, each parameter, each
 * header. Secret parameters, tokens and the signature are masked; of an operation that
 * the table lacks only names and sizes are shown, since nothing is known of its values.
 */
bool sas_call_show(const struct sas_call *c, struct sas_buffer *out);

/* Whether the value of this header, or of this common parameter of signature 1.0, may be
 * shown to anybody. */
bool sas_is_public(struct sas_view name);

SAS_HIDDEN_END

#endif
