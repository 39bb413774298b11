/*
 * error.h - what can go wrong; the README lists the kinds
 * SPDX-License-Identifier: MIT
 *
 * The pure half: lua_error.c turns it into the Lua error object.
 */
#ifndef SAS_ERROR_H
#define SAS_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "sas.h"

SAS_HIDDEN_BEGIN

enum sas_kind {
    SAS_NONE,
    SAS_ARGUMENT,
    SAS_STATE,
    SAS_CREDENTIALS,
    SAS_NETWORK,
    SAS_UNKNOWN,
    SAS_SERVICE,
    SAS_REPLY,
    SAS_CONFLICT
};

/* More problems than this are counted, not kept: nobody reads the thousandth. */
#define SAS_PROBLEMS_MAX 100

struct sas_problem {
    struct sas_buffer path, message, hint;
};

struct sas_error {
    enum sas_kind kind; /* SAS_NONE: no error */
    bool no_memory;     /* raised as Lua's own memory error, whatever else is set */
    bool retryable;
    bool sent;
    int status; /* HTTP status, 0 where there was no answer */
    struct sas_buffer code, message, hint, request_id;
    struct sas_problem *problems; /* SAS_PROBLEMS_MAX at most */
    size_t problem_count;         /* kept */
    size_t problem_total;         /* found */
};

/* The kind's public name, "argument" and so on. */
const char *sas_kind_name(enum sas_kind kind);

/* Sets kind, code, message and hint (NULL for none); earlier texts are replaced. */
void sas_error_set(struct sas_error *e, enum sas_kind kind, const char *code,
                   const char *message, const char *hint);

/* Puts another hint in the place of the error's, NULL for none. */
void sas_error_hint(struct sas_error *e, const char *hint);

/*
 * Notes one more wrong argument; the kind becomes SAS_ARGUMENT. All three are printed
 * text without secrets; `hint` may be NULL.
 */
void sas_error_problem(struct sas_error *e, const char *path, const char *message,
                       const char *hint);

/* Makes `to`, which is SAS_NONE, the same; without memory it says so. */
void sas_error_copy(struct sas_error *to, const struct sas_error *from);

/* Frees all; the error is SAS_NONE afterwards. Idempotent. */
void sas_error_release(struct sas_error *e);

SAS_HIDDEN_END

#endif
