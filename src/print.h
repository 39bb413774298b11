/*
 * print.h - a tree of values as JSON text
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_PRINT_H
#define SAS_PRINT_H

#include "value.h"

SAS_HIDDEN_BEGIN

/*
 * Appends the value as compact JSON (RFC 8259), byte for byte stable: names in byte
 * order. Texts, whole numbers, booleans and tables of these; an empty table is {}. False
 * with *why set to a short reason (a constant) for anything else, or when out of memory
 * (`out` has failed then).
 */
bool sas_value_print(const struct sas_value *v, struct sas_buffer *out, const char **why);

SAS_HIDDEN_END

#endif
