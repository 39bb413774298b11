/*
 * plain.h - what a text says once its encodings are undone
 * SPDX-License-Identifier: MIT
 *
 * A service echoes a secret in whatever encoding its answer has: percent-encoded once or
 * more, in JSON, in XML. So texts are compared by what they say, byte by byte, each byte
 * with the place in the original that it came from.
 */
#ifndef SAS_PLAIN_H
#define SAS_PLAIN_H

#include <stdint.h>

#include "buffer.h"

SAS_HIDDEN_BEGIN

struct sas_plain_byte {
    unsigned char byte;
    uint32_t start, end; /* of the original */
};

/* All zero is empty. */
struct sas_plain {
    struct sas_plain_byte *bytes;
    size_t count;
};

/*
 * Undoes %XX, \uXXXX, \/, \", &#NN; and the named entities of XML, again and again until
 * nothing changes; ASCII letters become small and "+" a space. False when out of memory.
 */
bool sas_plain_read(struct sas_plain *p, struct sas_view text);

void sas_plain_release(struct sas_plain *p);

SAS_HIDDEN_END

#endif
