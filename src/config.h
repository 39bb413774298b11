/*
 * config.h - the ConfigList: built, checked, written, read back, compared
 * SPDX-License-Identifier: MIT
 *
 * A config is kept in the order in which it is written: types, keys and values as the
 * documented catalog has them, words that the catalog lacks behind them by their bytes.
 * Duplicates cannot be put in, and "all" stands alone. So two configs that mean the same
 * hold the same, whatever they were built from.
 *
 * Specification: CreateOrUpdateDingTalk (Sas, 2018-12-03), parameter ConfigList.
 */
#ifndef SAS_CONFIG_H
#define SAS_CONFIG_H

#include "catalog.h"
#include "error.h"
#include "path.h"
#include "value.h"

SAS_HIDDEN_BEGIN

/* More bytes of JSON than this are neither written nor read. */
#define SAS_CONFIG_MAX ((size_t)256 * 1024)

/* What a level holds, in order. Each item begins with a struct sas_config_item. */
struct sas_config_list {
    void **items;
    size_t count, capacity;
};

/* All zero is the empty config. */
struct sas_config {
    struct sas_config_list types; /* of struct sas_config_type */
};

struct sas_config_options {
    const struct sas_catalog *catalog; /* words are checked against it */
    bool unchecked;                    /* any word is taken; the shape is checked */
    bool reading;                      /* the service's text: as unchecked, and lenient */
};

/*
 * Adds what `v` says: a config, a table by type, the API's own array, or JSON text of
 * that array. False when something is wrong: every problem is in *e, and *c is as it was.
 */
bool sas_config_read(struct sas_config *c, const struct sas_value *v,
                     const struct sas_config_options *o, const struct sas_path *path,
                     struct sas_error *e);

/* Adds one type (by tail or in full) with its keys, or "all". As sas_config_read. */
bool sas_config_add(struct sas_config *c, struct sas_view type,
                    const struct sas_value *keys, const struct sas_config_options *o,
                    const struct sas_path *path, struct sas_error *e);

/* Removes a type. A word that neither the catalog nor the config knows is an error. */
bool sas_config_remove(struct sas_config *c, struct sas_view type,
                       const struct sas_catalog *catalog, struct sas_error *e);

/* Writes the JSON array, byte for byte stable. False: no memory or over SAS_CONFIG_MAX.
 */
bool sas_config_write(const struct sas_config *c, struct sas_buffer *out);

/* True if both mean the same; the two documented prefixes of a type are no difference. */
bool sas_config_equal(const struct sas_config *a, const struct sas_config *b);

void sas_config_release(struct sas_config *c);

/* --- for whoever walks a config (lua_config.c) --- */

/* The tail of a type, a key, or a value, which is nothing more. */
struct sas_config_item {
    struct sas_buffer text;
    int rank;
};

struct sas_config_key {
    struct sas_config_item item;
    struct sas_config_list values; /* of struct sas_config_item */
};

struct sas_config_type {
    struct sas_config_item item;
    struct sas_buffer name;      /* in full */
    struct sas_config_list keys; /* of struct sas_config_key */
};

SAS_HIDDEN_END

#endif
