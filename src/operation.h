/*
 * operation.h - the operations, their parameters, and the check of what a caller passes
 * SPDX-License-Identifier: MIT
 *
 * One table (operation.c) is the only place where an operation is described: the checks,
 * the client's methods and the specs of the documentation read it.
 *
 * Specification: the API pages of Security Center (Sas, 2018-12-03).
 */
#ifndef SAS_OPERATION_H
#define SAS_OPERATION_H

#include "error.h"
#include "mask.h"
#include "value.h"

SAS_HIDDEN_BEGIN

/* What a second execution would do. */
enum sas_class {
    SAS_READ,   /* nothing */
    SAS_UPDATE, /* the same once more */
    SAS_CREATE, /* make a second chatbot */
    SAS_TEST    /* post a second message to people */
};

enum sas_parameter_type {
    SAS_PARAM_ID,      /* 1 .. 2^63-1 */
    SAS_PARAM_IDS,     /* ids, sent as a comma list */
    SAS_PARAM_TEXT,    /* min .. max code points */
    SAS_PARAM_NAME,    /* a text for people: no control characters, not only spaces */
    SAS_PARAM_URL,     /* https */
    SAS_PARAM_INTEGER, /* min .. max */
    SAS_PARAM_WORD,    /* one of `words` */
    SAS_PARAM_CONFIG,  /* a ConfigList */
    SAS_PARAM_GROUPS   /* a list of ids, sent as a JSON array of strings */
};

struct sas_parameter {
    const char *name; /* as the API page spells it */
    enum sas_parameter_type type;
    bool required;
    bool secret; /* masked wherever a request is shown */
    int64_t min, max;
    const char *const *words; /* NULL-terminated */
    const char *meaning;
};

struct sas_operation {
    const char *action; /* CreateOrUpdateDingTalk */
    const char *method; /* createOrUpdateDingTalk */
    enum sas_class effect;
    const char
        *effect_with_id; /* NULL, or the parameter that turns a create into an update */
    const char *ram_action;
    const char *meaning;
    const struct sas_parameter *parameters;
    size_t parameter_count;
    const char
        *ignored;    /* NULL, or a table that may stand beside them: what a read added */
    size_t max_body; /* bytes of an answer that are read at most */
};

extern const struct sas_operation sas_operations[];
extern const size_t sas_operation_count;

/* By its action, or NULL. */
const struct sas_operation *sas_operation_find(struct sas_view action);

/* "read", "update", "create" or "test". */
const char *sas_class_name(enum sas_class effect);

#define SAS_PARAMETERS_MAX 256

/* A request's parameters as they are sent. */
struct sas_sent_parameter {
    struct sas_buffer name, value;
    bool secret;
};
struct sas_request_parameters {
    struct sas_sent_parameter *items;
    size_t count, capacity;
};

/*
 * Checks `params` (a table, or absent for none) against the operation. On success fills
 * *out and the class of this very call. False: every problem is in *e. Warnings (a create
 * that nobody may hear, a webhook that is none of DingTalk's) are added to *warnings in
 * the same form, whether the check passes or not.
 */
bool sas_operation_check(const struct sas_operation *op, const struct sas_value *params,
                         struct sas_request_parameters *out, enum sas_class *effect,
                         struct sas_error *e, struct sas_error *warnings);

/*
 * The parameters of an operation that the table lacks: texts, numbers and booleans as
 * they are, lists as Name.1, Name.2, tables as Name.key. Only what cannot be sent is a
 * problem.
 */
bool sas_operation_flatten(const struct sas_value *params,
                           struct sas_request_parameters *out, struct sas_error *e);

void sas_request_parameters_release(struct sas_request_parameters *p);

SAS_HIDDEN_END

#endif
