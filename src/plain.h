/*
 * plain.h - what a text says once its encodings are undone
 * SPDX-License-Identifier: MIT
 *
 * A service echoes a secret in whatever encoding its answer has: percent-encoded once or
 * more, in JSON, in XML. So texts are compared by what they say, byte by byte, each byte
 * with the place in the original that it came from. A secret may itself look encoded: so
 * encodings are undone step by step, and each step is looked at.
 */
#ifndef SAS_PLAIN_H
#define SAS_PLAIN_H

#include <stdint.h>

#include "buffer.h"

SAS_HIDDEN_BEGIN

/* Nobody encodes more often; each step takes the whole text. */
#define SAS_PLAIN_STEPS 6

struct sas_plain_byte {
    unsigned char byte;
    uint32_t start, end; /* of the original */
};

/* All zero is empty. */
struct sas_plain {
    struct sas_plain_byte *bytes;
    size_t count, capacity;
};

/* Takes the text as it is. False when out of memory. */
bool sas_plain_read(struct sas_plain *p, struct sas_view text);

/*
 * Undoes one encoding everywhere: %XX, the escapes of JSON, and of XML &#NN; and the
 * named entities. False if there was none.
 */
bool sas_plain_undo(struct sas_plain *p);

void sas_plain_release(struct sas_plain *p);

SAS_HIDDEN_END

#endif
