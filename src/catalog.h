/*
 * catalog.h - the words that a ConfigList may hold
 * SPDX-License-Identifier: MIT
 *
 * The documented catalog is one constant table (catalog.c); the account's own, which
 * DescribeDataSource answers, is built in an arena in the same shape.
 */
#ifndef SAS_CATALOG_H
#define SAS_CATALOG_H

#include "value.h"

SAS_HIDDEN_BEGIN

#define SAS_TYPE_PREFIX "sas_analysis_online-sas-operation-log-sas-event-"
#define SAS_ALL         "all"

struct sas_word {
    const char *name;
    const char *meaning;
    const char *also; /* NULL, or what people write who mean it: only ever suggested */
};

struct sas_catalog_key {
    const char *name;
    const char *meaning;
    const struct sas_word *words; /* in catalog order, "all" first */
    size_t word_count;
    const char *const *spellings; /* further spellings that are accepted unchanged */
    size_t spelling_count;
    const struct sas_word
        *sorted; /* the words by name, where they may be many; or NULL */
};

struct sas_catalog_type {
    const char *name; /* in full, as it is sent */
    const char *tail; /* "vul" */
    const char *meaning;
    const struct sas_catalog_key *keys;
    size_t key_count;
};

struct sas_catalog {
    const struct sas_catalog_type *types;
    size_t type_count;
};

/* What the API page of CreateOrUpdateDingTalk documents. */
extern const struct sas_catalog sas_catalog;

/*
 * The tail of a type's name: what follows either documented prefix
 * ("sas_analysis_online-", "sas_analysis_pre-"), or the whole text.
 */
struct sas_view sas_type_tail(struct sas_view name);

/* By tail or in full, whatever the prefix; NULL where the catalog has no such type. */
const struct sas_catalog_type *sas_catalog_find_type(const struct sas_catalog *c,
                                                     struct sas_view name);

/* NULL where the type has no such key. */
const struct sas_catalog_key *sas_catalog_find_key(const struct sas_catalog_type *t,
                                                   struct sas_view name);

/*
 * Position among the words, the sorted ones where the key has them, or -1; `spelled`
 * tells that it is one of the spellings.
 */
int sas_catalog_find_word(const struct sas_catalog_key *k, struct sas_view name,
                          bool *spelled);

/*
 * Builds a catalog from the result of DescribeDataSource (MetaDatas, DataSourceName,
 * MetaDataFields, Filed, Sample) in the arena. Answers NULL with *why set where the value
 * is no such result, or where the arena failed.
 */
const struct sas_catalog *
sas_catalog_read(struct sas_arena *a, const struct sas_value *live, const char **why);

SAS_HIDDEN_END

#endif
