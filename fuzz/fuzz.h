/*
 * fuzz.h - what the fuzz targets share
 * SPDX-License-Identifier: MIT
 *
 * A target reads bytes and checks what must hold whatever they are. The sanitizers watch
 * the memory; CHECK states the rest.
 */
#ifndef SAS_FUZZ_H
#define SAS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/buffer.h"
#include "../src/encode.h"
#include "../src/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__,             \
                    #condition);                                                         \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* A secret that no message may show; inputs get it where they hold the byte 0xff. */
#define FUZZ_SECRET "c4nary5ecret0doNotShow7890abcdef"

static inline bool fuzz_contains(struct sas_view text, const char *needle)
{
    size_t i, length = strlen(needle);

    for (i = 0; i + length <= text.length; i++)
        if (memcmp(text.data + i, needle, length) == 0)
            return true;
    return false;
}

static inline bool fuzz_equal(struct sas_view a, struct sas_view b)
{
    return a.length == b.length && (a.length == 0 || !memcmp(a.data, b.data, a.length));
}

static inline void fuzz_check_text(const struct sas_buffer *b)
{
    struct sas_view v = sas_buffer_as_view(b);

    CHECK(sas_utf8_check(v, NULL));
    CHECK(!fuzz_contains(v, FUZZ_SECRET));
}

/* Every text of an error is UTF-8 and shows no secret. */
static inline void fuzz_check_error(const struct sas_error *e)
{
    size_t i;

    fuzz_check_text(&e->code);
    fuzz_check_text(&e->message);
    fuzz_check_text(&e->hint);
    fuzz_check_text(&e->request_id);
    CHECK(e->problem_count <= e->problem_total);
    for (i = 0; i < e->problem_count; i++) {
        CHECK(e->problems[i].message.length > 0);
        fuzz_check_text(&e->problems[i].path);
        fuzz_check_text(&e->problems[i].message);
        fuzz_check_text(&e->problems[i].hint);
    }
}

/* The bytes with the secret in the place of each 0xff; the caller releases the buffer. */
static inline struct sas_view fuzz_text(struct sas_buffer *b, const uint8_t *data,
                                        size_t size)
{
    size_t i;

    for (i = 0; i < size; i++) {
        if (data[i] == 0xff)
            sas_buffer_text(b, FUZZ_SECRET);
        else
            sas_buffer_char(b, (char)data[i]);
    }
    return sas_buffer_as_view(b);
}

#endif
