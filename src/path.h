/*
 * path.h - where in the arguments something is wrong, and how to speak of it
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_PATH_H
#define SAS_PATH_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

/* "ConfigList[2].configItemList[1].key"; cut silently where it would be longer. */
struct sas_path {
    char text[256];
};

/* The path of a parameter, "" for the arguments as a whole. */
struct sas_path sas_path_root(const char *name);

/* parent[index], from 1 */
struct sas_path sas_path_index(const struct sas_path *parent, size_t index);

/* .name, or ["name"] where the name is no plain word; what looks secret is left out. */
struct sas_path sas_path_name(const struct sas_path *parent, struct sas_view name);

/* A text for people that needs no memory to be taken: what does not fit is cut. */
struct sas_text {
    char text[640];
    size_t length;
};
void sas_text_add(struct sas_text *t, const char *format, ...) SAS_PRINTF(2, 3);

/*
 * The word in quotes if it is short and cannot be (part of) a URL or a token, else
 * `instead`: an argument that stands in the wrong place may be a secret.
 */
struct sas_word_text {
    char text[224];
};
struct sas_word_text sas_word_quote(struct sas_view word, const char *instead);

SAS_HIDDEN_END

#endif
