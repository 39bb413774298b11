/*
 * encode.h - percent, hex, base64, JSON text and UTF-8
 * SPDX-License-Identifier: MIT
 *
 * All of it works by bytes and tables, never by the locale.
 */
#ifndef SAS_ENCODE_H
#define SAS_ENCODE_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

/* RFC 3986: A-Z a-z 0-9 - _ . ~ stay, every other byte becomes %XX in upper case. */
bool sas_encode_percent(struct sas_buffer *out, struct sas_view in);

/* Lower-case hexadecimal digits. */
bool sas_encode_hex(struct sas_buffer *out, const void *bytes, size_t length);

/* RFC 4648 section 4, with padding. */
bool sas_encode_base64(struct sas_buffer *out, const void *bytes, size_t length);

/* A JSON string with its quotes; `in` must be UTF-8. Escapes only what RFC 8259 demands.
 */
bool sas_encode_json(struct sas_buffer *out, struct sas_view in);

/*
 * A text from outside for use in a message: control bytes and bytes that are not UTF-8 as
 * \xNN, cut after `max` bytes with "..." behind.
 */
bool sas_encode_printable(struct sas_buffer *out, struct sas_view in, size_t max);

/*
 * Length in bytes of the well-formed UTF-8 sequence at `p` (RFC 3629: no surrogates, no
 * overlong forms, nothing above U+10FFFF), or 0. `code` may be NULL.
 */
size_t sas_utf8_next(const char *p, size_t length, unsigned long *code);

/* True if all of it is UTF-8; `points` (may be NULL) gets the number of code points. */
bool sas_utf8_check(struct sas_view in, size_t *points);

SAS_HIDDEN_END

#endif
