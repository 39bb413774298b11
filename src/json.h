/*
 * json.h - strict JSON reading over cJSON
 * SPDX-License-Identifier: MIT
 *
 * cJSON builds the tree, but it rounds integers, cuts strings at \u0000, and accepts
 * garbage behind the value, 01, 1., raw control bytes, invalid UTF-8 and duplicate names.
 * So the text is scanned first, by RFC 8259 to the letter.
 */
#ifndef SAS_JSON_H
#define SAS_JSON_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

#define SAS_JSON_DEPTH   32     /* arrays and objects within each other */
#define SAS_JSON_NUMBER  40     /* characters of a number */
#define SAS_JSON_MEMBERS 256    /* of one object */
#define SAS_JSON_VALUES  200000 /* in all: cJSON takes a hundred bytes for each */

struct cJSON;

/*
 * Reads one JSON text. Answers the tree, which the caller frees with cJSON_Delete, or
 * NULL with *why set to a short reason (a constant; "not enough memory" included) and
 * *offset to the byte where the text went wrong (the second of two equal names included).
 * In the tree the node of a number holds the number's own text in `valuestring`, so that
 * integers stay exact; `valuedouble` of a number that is no integer is finite.
 */
struct cJSON *sas_json_read(struct sas_view text, const char **why, size_t *offset);

/* Frees a tree whose texts may be secret: they are wiped first. NULL is no tree. */
void sas_json_release(struct cJSON *tree);

/* The line, from 1, in which an offset of a text lies. */
unsigned long sas_json_line(struct sas_view text, size_t offset);

/*
 * A text of an object; absent where it is missing, null or empty. False where something
 * else stands there.
 */
bool sas_json_text(const struct cJSON *object, const char *name, struct sas_view *out);

/* The reason that sas_json_read gives when memory ran out; compare by address. */
extern const char *const sas_json_no_memory;

SAS_HIDDEN_END

#endif
