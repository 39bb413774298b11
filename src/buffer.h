/*
 * buffer.h - bytes that grow up to a maximum and wipe themselves
 * SPDX-License-Identifier: MIT
 *
 * A buffer that is all zero is empty, without a maximum of its own (then
 * SAS_BUFFER_MAX holds). The first failure (no memory, over the maximum) is remembered in
 * `failed`: later appends do nothing, so a sequence of appends needs one check at its
 * end. Nothing here calls Lua, so a buffer may live in any box and is freed by the box.
 */
#ifndef SAS_BUFFER_H
#define SAS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sas.h"

SAS_HIDDEN_BEGIN

#define SAS_BUFFER_MAX ((size_t)64 * 1024 * 1024)

enum sas_buffer_failure { SAS_BUFFER_OK, SAS_BUFFER_NO_MEMORY, SAS_BUFFER_TOO_LARGE };

struct sas_buffer {
    char *data;      /* always followed by a NUL once anything was appended */
    size_t length;   /* bytes in use, the NUL not counted */
    size_t capacity; /* bytes allocated */
    size_t max;      /* 0: SAS_BUFFER_MAX */
    enum sas_buffer_failure failed;
};

/* A piece of memory that belongs to somebody else. */
struct sas_view {
    const char *data; /* NULL: absent */
    size_t length;
};

/* Empties without freeing; the old bytes are wiped, the failure is forgotten. */
void sas_buffer_clear(struct sas_buffer *b);

/* Wipes, frees, and leaves the buffer empty with its maximum. Idempotent. */
void sas_buffer_release(struct sas_buffer *b);

/* Append; answer true if the buffer is still good. */
bool sas_buffer_add(struct sas_buffer *b, const void *data, size_t length);
bool sas_buffer_text(struct sas_buffer *b, const char *text);
bool sas_buffer_char(struct sas_buffer *b, char c);
bool sas_buffer_view(struct sas_buffer *b, struct sas_view v);
bool sas_buffer_format(struct sas_buffer *b, const char *format, ...) SAS_PRINTF(2, 3);

/* The text, "" when empty. Valid until the next append. */
const char *sas_buffer_cstr(const struct sas_buffer *b);
struct sas_view sas_buffer_as_view(const struct sas_buffer *b);

/* Overwrites memory in a way that the compiler cannot leave out. */
void sas_wipe(void *memory, size_t length);

/* A view of a NUL-terminated text; of NULL the absent view. */
struct sas_view sas_view_text(const char *text);

/* True if the view holds exactly this text. */
bool sas_view_is(struct sas_view v, const char *text);

/* Without the spaces and tabs at both ends. */
struct sas_view sas_view_trim(struct sas_view v);

/* Without any white space or other control bytes at both ends, as a file may have them.
 */
struct sas_view sas_view_strip(struct sas_view v);

/* True if a byte is below space or DEL: it would break a header line or a message. */
bool sas_view_has_control(struct sas_view v);

/* Order by bytes, shorter first: the order that signing wants. */
int sas_view_compare(struct sas_view a, struct sas_view b);

/* Of a hexadecimal digit, in upper or lower case; -1 for any other byte. */
int sas_hex_value(int c);

SAS_HIDDEN_END

#endif
