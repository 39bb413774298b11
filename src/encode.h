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

/* The same for people to read: what is not printable is escaped too. */
bool sas_encode_json_printable(struct sas_buffer *out, struct sas_view in);

/*
 * The one place that says what is printable. `shown` gets what to print for the character
 * at `p`, of which at least one byte is there: itself; a space for a tab, a CR or an LF;
 * U+FFFD for any other control character, a mark of direction, an invisible character, a
 * separator of lines or paragraphs, and a byte that is not UTF-8. Answers its length.
 */
size_t sas_printable_next(const char *p, size_t length, struct sas_view *shown);

/* A text from outside on one line, printable, cut after `max` of its bytes with "...". */
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
