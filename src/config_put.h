/*
 * config_put.h - how a config is filled, for config_read.c
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_CONFIG_PUT_H
#define SAS_CONFIG_PUT_H

#include "config.h"
#include "suggest.h"

SAS_HIDDEN_BEGIN

/* The entry of a type, whatever prefix it was named with, or NULL. */
struct sas_config_type *sas_config_find_type(const struct sas_config *c,
                                             struct sas_view name);

/* The key of a name, or NULL. */
struct sas_config_key *sas_config_find_key(const struct sas_config_type *t,
                                           struct sas_view name);

/* Find or insert in order; NULL or false when out of memory. */
struct sas_config_type *sas_config_put_type(struct sas_config *c, struct sas_view name);
struct sas_config_key *sas_config_put_key(struct sas_config_type *t,
                                          struct sas_view name);
bool sas_config_put_value(const struct sas_config_type *t, struct sas_config_key *k,
                          struct sas_view value);

/* Adds all of `from`; false when out of memory. */
bool sas_config_merge(struct sas_config *c, const struct sas_config *from);

/*
 * Notes the problem of a word (s->word) that is no `what`; `list` tells the legal ones.
 */
void sas_config_unknown(struct sas_error *e, const struct sas_path *path,
                        const struct sas_suggest *s, const char *what, const char *list);

/* Notes the problem of a type that the catalog does not know. */
void sas_config_unknown_type(struct sas_error *e, const struct sas_path *path,
                             struct sas_view name, const struct sas_catalog *catalog);

SAS_HIDDEN_END

#endif
