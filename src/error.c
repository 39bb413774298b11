/*
 * error.c - what can go wrong
 * SPDX-License-Identifier: MIT
 */
#include "error.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    "none",    "argument", "state", "credentials", "network",
    "unknown", "service",  "reply", "conflict",
};

const char *sas_kind_name(enum sas_kind kind)
{
    return kind_names[kind];
}

static void replace(struct sas_error *e, struct sas_buffer *b, const char *text)
{
    sas_buffer_clear(b);
    if (text && !sas_buffer_text(b, text))
        e->no_memory = true;
}

void sas_error_set(struct sas_error *e, enum sas_kind kind, const char *code,
                   const char *message, const char *hint)
{
    e->kind = kind;
    replace(e, &e->code, code);
    replace(e, &e->message, message);
    replace(e, &e->hint, hint);
}

static void set_problem_message(struct sas_error *e)
{
    sas_buffer_clear(&e->message);
    if (!sas_buffer_format(&e->message, "%lu problem%s in the arguments",
                           (unsigned long)e->problem_total,
                           e->problem_total == 1 ? "" : "s"))
        e->no_memory = true;
}

void sas_error_hint(struct sas_error *e, const char *hint)
{
    replace(e, &e->hint, hint);
}

void sas_error_problem(struct sas_error *e, const char *path, const char *message,
                       const char *hint)
{
    struct sas_problem *p;

    if (!e->problems) {
        e->problems = calloc(SAS_PROBLEMS_MAX, sizeof *e->problems);
        if (!e->problems) {
            e->no_memory = true;
            return;
        }
    }
    e->kind = SAS_ARGUMENT;
    if (!e->code.length)
        replace(e, &e->code, "INVALID_ARGUMENT");
    e->problem_total++;
    set_problem_message(e);
    if (e->problem_count == SAS_PROBLEMS_MAX)
        return;
    p = &e->problems[e->problem_count++];
    replace(e, &p->path, path);
    replace(e, &p->message, message);
    replace(e, &p->hint, hint);
}

static const char *text_or_null(const struct sas_buffer *b)
{
    return b->length ? sas_buffer_cstr(b) : NULL;
}

void sas_error_copy(struct sas_error *to, const struct sas_error *from)
{
    size_t i;

    for (i = 0; i < from->problem_count; i++) {
        const struct sas_problem *p = &from->problems[i];

        sas_error_problem(to, sas_buffer_cstr(&p->path), sas_buffer_cstr(&p->message),
                          text_or_null(&p->hint));
    }
    sas_error_set(to, from->kind, text_or_null(&from->code), text_or_null(&from->message),
                  text_or_null(&from->hint));
    replace(to, &to->request_id, text_or_null(&from->request_id));
    to->no_memory = to->no_memory || from->no_memory;
    to->retryable = from->retryable;
    to->sent = from->sent;
    to->status = from->status;
    to->problem_total = from->problem_total;
}

void sas_error_release(struct sas_error *e)
{
    size_t i;

    for (i = 0; i < e->problem_count; i++) {
        sas_buffer_release(&e->problems[i].path);
        sas_buffer_release(&e->problems[i].message);
        sas_buffer_release(&e->problems[i].hint);
    }
    free(e->problems);
    sas_buffer_release(&e->code);
    sas_buffer_release(&e->message);
    sas_buffer_release(&e->hint);
    sas_buffer_release(&e->request_id);
    memset(e, 0, sizeof *e);
}
