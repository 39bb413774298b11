/*
 * parameter.c - the check of what a caller passes, against the table of operations
 * SPDX-License-Identifier: MIT
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "encode.h"
#include "json.h"
#include "operation.h"
#include "suggest.h"
#include "webhook.h"

#define IDS_MAX       1000
#define TEXT_MAX      ((size_t)256 * 1024)
#define FLATTEN_DEPTH 8
#define EXACT_HINT                                                                       \
    "give an integer, or its digits as a string; a float from 2^53 on is not exact"

struct check {
    const struct sas_parameter *parameter;
    struct sas_path path;
    struct sas_buffer *out;
    struct sas_error *error, *warnings;
};

static void problem(struct check *c, const char *message, const char *hint)
{
    sas_error_problem(c->error, c->path.text, message, hint);
}

static void warn(struct check *c, const char *message, const char *hint)
{
    sas_error_problem(c->warnings, c->path.text, message, hint);
}

static void problem_at(struct check *c, const struct sas_path *path, const char *message,
                       const char *hint)
{
    sas_error_problem(c->error, path->text, message, hint);
}

/* --- texts --- */

/* Why a text cannot be sent at all, or NULL; lengths first, so that a huge one is cheap.
 */
static const char *text_fault(struct sas_view text, size_t bytes)
{
    if (text.length > bytes)
        return "is too long";
    if (memchr(text.data, '\0', text.length))
        return "holds a NUL byte";
    if (!sas_utf8_check(text, NULL))
        return "is not UTF-8";
    return NULL;
}

/* C0, DEL and C1 controls, line separators, the byte order mark: invisible in a name. */
static bool is_invisible(unsigned long code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
           code == 0x2029 || code == 0xfeff;
}

static const char *name_fault(struct sas_view text)
{
    bool blank = true;
    size_t i = 0;

    while (i < text.length) {
        unsigned long code;

        i += sas_utf8_next(text.data + i, text.length - i, &code);
        if (is_invisible(code))
            return "holds a control character, a line break or a byte order mark";
        blank &= code == ' ' || code == 0x3000;
    }
    return blank && text.length ? "holds only spaces" : NULL;
}

static void check_text(struct check *c, const struct sas_value *v)
{
    const struct sas_parameter *p = c->parameter;
    size_t points = 0;
    char message[120];
    const char *fault;

    if (v->type != SAS_STRING) {
        problem(c, sas_value_type(v), "give a string");
        return;
    }
    /* four bytes a code point is the most, so a longer text is too long whatever it is */
    if (v->text.length <= (size_t)p->max * 4) {
        fault = text_fault(v->text, (size_t)p->max * 4);
        if (!fault)
            fault = name_fault(v->text);
        if (fault) {
            problem(c, fault, NULL);
            return;
        }
        sas_utf8_check(v->text, &points);
    }
    if (v->text.length > (size_t)p->max * 4 || points < (size_t)p->min ||
        points > (size_t)p->max) {
        snprintf(message, sizeof message,
                 "must have %" PRId64 " to %" PRId64 " characters", p->min, p->max);
        problem(c, message, NULL);
        return;
    }
    sas_buffer_view(c->out, v->text);
}

static void check_word(struct check *c, const struct sas_value *v)
{
    struct sas_text message = {"", 0}, hint = {"", 0};
    size_t i;

    if (v->type != SAS_STRING) {
        problem(c, sas_value_type(v), "give a string");
        return;
    }
    for (i = 0; c->parameter->words[i]; i++) {
        if (sas_view_is(v->text, c->parameter->words[i])) {
            sas_buffer_view(c->out, v->text);
            return;
        }
        sas_text_add(&hint, "%s\"%s\"", i ? " or " : "give ", c->parameter->words[i]);
    }
    sas_text_add(&message, "%s is not legal", sas_word_quote(v->text, "the word").text);
    problem(c, message.text, hint.text);
}

/* --- numbers --- */

/* Reads an integer from a number or, for ids, from decimal digits. */
static bool read_integer(struct check *c, const struct sas_path *path,
                         const struct sas_value *v, bool digits, int64_t *out)
{
    if (v->type == SAS_INTEGER) {
        *out = v->integer;
        return true;
    }
    if (v->type == SAS_NUMBER) {
        problem_at(c, path, "is no exact integer",
                   digits ? EXACT_HINT : "give an integer");
        return false;
    }
    if (v->type != SAS_STRING || !digits) {
        problem_at(c, path, sas_value_type(v), "give an integer");
        return false;
    }
    if (!sas_integer_read(v->text, out)) {
        problem_at(c, path, "is no decimal integer of 64 bits", "give digits only");
        return false;
    }
    return true;
}

static bool in_range(struct check *c, const struct sas_path *path, int64_t value)
{
    const struct sas_parameter *p = c->parameter;
    char message[120];

    if (value >= p->min && value <= p->max)
        return true;
    if (p->max == INT64_MAX)
        snprintf(message, sizeof message, "must be %" PRId64 " or more", p->min);
    else
        snprintf(message, sizeof message, "must be from %" PRId64 " to %" PRId64, p->min,
                 p->max);
    problem_at(c, path, message, NULL);
    return false;
}

static void check_integer(struct check *c, const struct sas_value *v)
{
    bool digits = c->parameter->type == SAS_PARAM_ID;
    int64_t value;

    if (read_integer(c, &c->path, v, digits, &value) && in_range(c, &c->path, value))
        sas_buffer_format(c->out, "%" PRId64, value);
}

/* --- lists of ids --- */

struct id {
    int64_t value;
    size_t number; /* in the order in which they were given */
};

struct ids {
    struct id *items;
    size_t count;
};

static bool ids_begin(struct check *c, struct ids *ids, size_t count)
{
    ids->count = 0;
    ids->items = NULL;
    if (count > IDS_MAX) {
        problem(c, "has more than 1000 ids", "make several calls");
        return false;
    }
    ids->items = calloc(count ? count : 1, sizeof *ids->items);
    if (!ids->items)
        c->error->no_memory = true;
    return ids->items != NULL;
}

/* Adds an id; problems are noted. */
static void ids_add(struct check *c, struct ids *ids, const struct sas_path *path,
                    const struct sas_value *v)
{
    struct id id = {0, ids->count};

    if (read_integer(c, path, v, true, &id.value) && in_range(c, path, id.value))
        ids->items[ids->count++] = id;
}

static int compare_numbers(const void *left, const void *right)
{
    const struct id *a = left, *b = right;

    return (a->number > b->number) - (a->number < b->number);
}

static int compare_ids(const void *left, const void *right)
{
    const struct id *a = left, *b = right;
    int order = (a->value > b->value) - (a->value < b->value);

    return order ? order : compare_numbers(left, right);
}

/* Leaves each id where it stands first. */
static void ids_unique(struct ids *ids)
{
    size_t i, kept = 0;

    qsort(ids->items, ids->count, sizeof *ids->items, compare_ids);
    for (i = 0; i < ids->count; i++) {
        if (i == 0 || ids->items[i].value != ids->items[kept - 1].value)
            ids->items[kept++] = ids->items[i];
    }
    ids->count = kept;
    qsort(ids->items, kept, sizeof *ids->items, compare_numbers);
}

static void ids_add_list(struct check *c, struct ids *ids, const struct sas_value *list)
{
    size_t i;

    for (i = 0; i < list->count; i++) {
        struct sas_path path = sas_path_index(&c->path, i + 1);

        ids_add(c, ids, &path, &list->entries[i].value);
    }
}

static size_t count_commas(struct sas_view text)
{
    size_t i, n = 0;

    for (i = 0; i < text.length && n <= IDS_MAX; i++)
        n += text.data[i] == ',';
    return n;
}

static void ids_add_text(struct check *c, struct ids *ids, struct sas_view text)
{
    const char *p = text.data, *end = p + text.length;
    size_t index = 1;

    for (;; index++) {
        const char *stop = memchr(p, ',', (size_t)(end - p));
        struct sas_path path = sas_path_index(&c->path, index);
        struct sas_value item;

        if (!stop)
            stop = end;
        memset(&item, 0, sizeof item);
        item.type = SAS_STRING;
        item.text.data = p;
        item.text.length = (size_t)(stop - p);
        while (item.text.length && item.text.data[0] == ' ') {
            item.text.data++;
            item.text.length--;
        }
        while (item.text.length && item.text.data[item.text.length - 1] == ' ')
            item.text.length--;
        ids_add(c, ids, &path, &item);
        if (stop == end)
            return;
        p = stop + 1;
    }
}

/* Ids: a list, a number, or a comma list. */
static void check_ids(struct check *c, const struct sas_value *v)
{
    struct ids ids;
    size_t i, count = 1;

    if (v->type == SAS_TABLE && (v->list || v->count == 0))
        count = v->count;
    else if (v->type == SAS_STRING)
        count = count_commas(v->text) + 1;
    else if (v->type != SAS_INTEGER && v->type != SAS_NUMBER) {
        problem(c, v->type == SAS_TABLE ? "is no list" : sas_value_type(v),
                "give a list of ids, one id, or ids joined with commas");
        return;
    }
    if (count == 0) {
        problem(c, "is an empty list", "name at least one id");
        return;
    }
    if (!ids_begin(c, &ids, count))
        return;
    if (v->type == SAS_TABLE)
        ids_add_list(c, &ids, v);
    else if (v->type == SAS_STRING)
        ids_add_text(c, &ids, v->text);
    else
        ids_add(c, &ids, &c->path, v);
    ids_unique(&ids);
    for (i = 0; i < ids.count; i++)
        sas_buffer_format(c->out, "%s%" PRId64, i ? "," : "", ids.items[i].value);
    free(ids.items);
}

static void write_groups(struct check *c, const struct sas_value *list)
{
    struct ids ids;
    size_t i;

    if (!ids_begin(c, &ids, list->count))
        return;
    ids_add_list(c, &ids, list);
    if (list->count == 0)
        warn(c, "is empty",
             "what the service makes of it is not documented, and nobody "
             "may hear this chatbot");
    ids_unique(&ids);
    sas_buffer_char(c->out, '[');
    for (i = 0; i < ids.count; i++)
        sas_buffer_format(c->out, "%s\"%" PRId64 "\"", i ? "," : "", ids.items[i].value);
    sas_buffer_char(c->out, ']');
    free(ids.items);
}

/* GroupIdList: a list, or the text of a JSON array. */
static void check_groups(struct check *c, const struct sas_value *v)
{
    struct sas_arena arena;
    struct sas_value value;
    const char *why;
    size_t offset;
    cJSON *json;

    if (v->type == SAS_TABLE && (v->list || v->count == 0)) {
        write_groups(c, v);
        return;
    }
    if (v->type != SAS_STRING) {
        problem(c, v->type == SAS_TABLE ? "is no list" : sas_value_type(v),
                "give a list of group ids");
        return;
    }
    json = v->text.length <= TEXT_MAX ? sas_json_read(v->text, &why, &offset) : NULL;
    if (!json || !cJSON_IsArray(json)) {
        problem(c, "is no JSON array", "give a list of group ids, such as { 10417151 }");
        cJSON_Delete(json);
        return;
    }
    memset(&arena, 0, sizeof arena);
    if (sas_value_from_json(&arena, json, &value))
        write_groups(c, &value);
    else if (arena.too_large)
        problem(c, "is too large", NULL);
    else
        c->error->no_memory = true;
    cJSON_Delete(json);
    sas_arena_release(&arena);
}

/* --- the others --- */

static void check_config(struct check *c, const struct sas_value *v)
{
    struct sas_config_options options = {&sas_catalog, false, false};
    struct sas_config config;

    memset(&config, 0, sizeof config);
    if (sas_config_read(&config, v, &options, &c->path, c->error)) {
        if (config.types.count == 0)
            warn(c, "is empty",
                 "what the service makes of it is not documented, and "
                 "nobody may hear this chatbot");
        if (!sas_config_write(&config, c->out) &&
            c->out->failed == SAS_BUFFER_TOO_LARGE) {
            sas_buffer_clear(c->out);
            problem(c, "is longer than 256 KiB", NULL);
        }
    }
    sas_config_release(&config);
}

static void check_url(struct check *c, const struct sas_value *v)
{
    const char *fault;

    if (v->type != SAS_STRING) {
        problem(c, sas_value_type(v), "give the webhook URL as a string");
        return;
    }
    fault = text_fault(v->text, (size_t)c->parameter->max);
    if (fault) {
        problem(c, fault, NULL);
        return;
    }
    if (sas_webhook_check(v->text, &c->path, c->error, c->warnings))
        sas_buffer_view(c->out, v->text);
}

static void check_value(struct check *c, const struct sas_value *v)
{
    switch (c->parameter->type) {
    case SAS_PARAM_ID:
    case SAS_PARAM_INTEGER:
        check_integer(c, v);
        break;
    case SAS_PARAM_IDS:
        check_ids(c, v);
        break;
    case SAS_PARAM_TEXT:
    case SAS_PARAM_NAME:
        check_text(c, v);
        break;
    case SAS_PARAM_URL:
        check_url(c, v);
        break;
    case SAS_PARAM_WORD:
        check_word(c, v);
        break;
    case SAS_PARAM_CONFIG:
        check_config(c, v);
        break;
    case SAS_PARAM_GROUPS:
        check_groups(c, v);
        break;
    }
}

/* --- a whole call --- */

static struct sas_sent_parameter *add_parameter(struct sas_request_parameters *p)
{
    if (p->count == p->capacity) {
        size_t wanted = p->capacity ? p->capacity * 2 : 8;
        struct sas_sent_parameter *items = realloc(p->items, wanted * sizeof *items);

        if (!items)
            return NULL;
        p->items = items;
        p->capacity = wanted;
    }
    memset(&p->items[p->count], 0, sizeof *p->items);
    return &p->items[p->count++];
}

static void check_parameter(const struct sas_parameter *parameter,
                            const struct sas_value *v, struct sas_request_parameters *out,
                            struct sas_error *e, struct sas_error *warnings)
{
    struct sas_sent_parameter *sent;
    struct check c;

    memset(&c, 0, sizeof c);
    c.parameter = parameter;
    c.path = sas_path_root(parameter->name);
    c.error = e;
    c.warnings = warnings;
    if (!v) {
        if (parameter->required)
            problem(&c, "is missing", parameter->meaning);
        return;
    }
    sent = add_parameter(out);
    if (!sent || !sas_buffer_text(&sent->name, parameter->name)) {
        e->no_memory = true;
        return;
    }
    sent->secret = parameter->secret;
    c.out = &sent->value;
    check_value(&c, v);
    if (sent->value.failed)
        e->no_memory = true;
}

static bool is_known(const struct sas_operation *op, struct sas_view name,
                     const struct sas_value *v)
{
    size_t i;

    for (i = 0; i < op->parameter_count; i++) {
        if (sas_view_is(name, op->parameters[i].name))
            return true;
    }
    return op->ignored && sas_view_is(name, op->ignored) && v->type == SAS_TABLE;
}

static void unknown_parameter(const struct sas_operation *op, struct sas_view name,
                              struct sas_error *e)
{
    struct sas_path root = sas_path_root(""), path = sas_path_name(&root, name);
    struct sas_suggest s;
    char message[120], hint[120];
    size_t i;

    memset(&s, 0, sizeof s);
    s.word = name;
    for (i = 0; i < op->parameter_count; i++)
        sas_suggest_offer(&s, op->parameters[i].name);
    snprintf(message, sizeof message, "is no parameter of %s", op->action);
    if (s.best)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", s.best);
    sas_error_problem(e, path.text, message, s.best ? hint : NULL);
}

static void check_names(const struct sas_operation *op, const struct sas_value *params,
                        struct sas_error *e)
{
    size_t i;

    for (i = 0; i < params->count; i++) {
        const struct sas_entry *entry = &params->entries[i];

        if (entry->key.type != SAS_STRING)
            sas_error_problem(e, "", "has a key that is no string",
                              "parameters are named: { RuleActionName = ... }");
        else if (!is_known(op, entry->key.text, &entry->value))
            unknown_parameter(op, entry->key.text, e);
    }
}

/* A create that leaves out whom or what it is about is sent, but nobody may hear it. */
static void warn_of_silence(const struct sas_operation *op,
                            const struct sas_value *params, enum sas_class effect,
                            struct sas_error *warnings)
{
    size_t i;

    for (i = 0; i < op->parameter_count && effect == SAS_CREATE; i++) {
        const struct sas_parameter *p = &op->parameters[i];

        if (p->type == SAS_PARAM_CONFIG && !sas_value_get(params, p->name))
            sas_error_problem(
                warnings, p->name, "is missing",
                "what the service makes of it is not documented, and nobody "
                "may hear this chatbot");
    }
}

bool sas_operation_check(const struct sas_operation *op, const struct sas_value *params,
                         struct sas_request_parameters *out, enum sas_class *effect,
                         struct sas_error *e, struct sas_error *warnings)
{
    size_t i;

    *effect = op->effect;
    if (op->effect_with_id && sas_value_get(params, op->effect_with_id))
        *effect = SAS_UPDATE;
    check_names(op, params, e);
    for (i = 0; i < op->parameter_count; i++)
        check_parameter(&op->parameters[i], sas_value_get(params, op->parameters[i].name),
                        out, e, warnings);
    warn_of_silence(op, params, *effect, warnings);
    return e->kind == SAS_NONE && !e->no_memory;
}

/* --- parameters of an operation that the table lacks --- */

struct flatten {
    struct sas_request_parameters *out;
    struct sas_error *error;
};

/* A name comes from the caller: one that may be a secret is not printed. */
static void flat_problem(struct flatten *f, struct sas_view name, const char *message,
                         const char *hint)
{
    struct sas_word_text quoted = sas_word_quote(name, "");
    struct sas_path path = sas_path_root("...");

    if (quoted.text[0])
        snprintf(path.text, sizeof path.text, "%.*s", (int)name.length, name.data);
    sas_error_problem(f->error, path.text, message, hint);
}

static void flatten_value(struct flatten *f, const struct sas_path *name,
                          const struct sas_value *v, int depth);

static void flatten_table(struct flatten *f, const struct sas_path *name,
                          const struct sas_value *v, int depth)
{
    size_t i;

    if (depth == FLATTEN_DEPTH || strlen(name->text) > 120) {
        flat_problem(f, sas_view_text(name->text), "is nested too deeply", NULL);
        return;
    }
    for (i = 0; i < v->count; i++) {
        const struct sas_entry *entry = &v->entries[i];
        struct sas_path path;

        if (v->list)
            snprintf(path.text, sizeof path.text, "%.220s.%lu", name->text,
                     (unsigned long)i + 1);
        else if (entry->key.type == SAS_STRING && entry->key.text.length <= 100 &&
                 !text_fault(entry->key.text, 100))
            snprintf(path.text, sizeof path.text, "%.140s%s%.*s", name->text,
                     name->text[0] ? "." : "", (int)entry->key.text.length,
                     entry->key.text.data);
        else {
            flat_problem(f, sas_view_text(name->text), "has a key that is no name", NULL);
            continue;
        }
        flatten_value(f, &path, &entry->value, depth + 1);
    }
}

static void write_scalar(struct flatten *f, const struct sas_path *name,
                         const struct sas_value *v, struct sas_buffer *out)
{
    const char *fault = NULL;

    if (v->type == SAS_BOOLEAN)
        sas_buffer_text(out, v->boolean ? "true" : "false");
    else if (v->type == SAS_INTEGER)
        sas_buffer_format(out, "%" PRId64, v->integer);
    else if (v->type == SAS_STRING) {
        fault = text_fault(v->text, TEXT_MAX);
        if (!fault)
            sas_buffer_view(out, v->text);
    } else if (v->type == SAS_CONFIG_OBJECT) {
        if (!sas_config_write(v->config, out) && out->failed == SAS_BUFFER_TOO_LARGE)
            fault = "is too long";
    } else {
        fault = v->type == SAS_NUMBER ? "is no exact integer" : sas_value_type(v);
    }
    if (fault)
        flat_problem(f, sas_view_text(name->text), fault,
                     "give a string, an integer, a boolean, or a table of these");
}

static void flatten_value(struct flatten *f, const struct sas_path *name,
                          const struct sas_value *v, int depth)
{
    struct sas_sent_parameter *sent;

    if (v->type == SAS_TABLE) {
        flatten_table(f, name, v, depth);
        return;
    }
    if (f->out->count == SAS_PARAMETERS_MAX) {
        flat_problem(f, sas_view_text(name->text), "is one parameter too many", NULL);
        return;
    }
    sent = add_parameter(f->out);
    if (!sent || !sas_buffer_text(&sent->name, name->text)) {
        f->error->no_memory = true;
        return;
    }
    sent->secret = true; /* nothing is known of it */
    write_scalar(f, name, v, &sent->value);
    if (sent->value.failed == SAS_BUFFER_NO_MEMORY)
        f->error->no_memory = true;
}

/* The common parameters of signature 1.0: a second one would be signed beside ours. */
static bool is_reserved(struct sas_view name)
{
    static const char *const reserved[] = {
        "Action",          "Version",        "Format",        "AccessKeyId",
        "SignatureMethod", "SignatureNonce", "Timestamp",     "SignatureVersion",
        "SecurityToken",   "Signature",      "SignatureType",
    };
    size_t i;

    for (i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (sas_view_is(name, reserved[i]))
            return true;
    }
    return false;
}

struct sent_name {
    struct sas_view name;
    size_t place;
};

/* By their names, and those of one name by their places. */
static int compare_sent(const void *left, const void *right)
{
    const struct sent_name *a = left, *b = right;
    int order = sas_view_compare(a->name, b->name);

    return order ? order : (a->place > b->place) - (a->place < b->place);
}

/* Which have the name of one before them. */
static void find_twice(const struct sas_request_parameters *p, bool *twice)
{
    struct sent_name sorted[SAS_PARAMETERS_MAX] = {{{NULL, 0}, 0}};
    size_t i;

    for (i = 0; i < p->count; i++) {
        sorted[i].name = sas_buffer_as_view(&p->items[i].name);
        sorted[i].place = i;
    }
    qsort(sorted, p->count, sizeof *sorted, compare_sent);
    for (i = 1; i < p->count; i++)
        twice[sorted[i].place] =
            sas_view_compare(sorted[i].name, sorted[i - 1].name) == 0;
}

static void check_flat_names(struct flatten *f)
{
    bool twice[SAS_PARAMETERS_MAX] = {false};
    size_t i;

    find_twice(f->out, twice);
    for (i = 0; i < f->out->count; i++) {
        struct sas_view name = sas_buffer_as_view(&f->out->items[i].name);

        if (name.length == 0 || text_fault(name, 256) || name_fault(name))
            sas_error_problem(f->error, "", "has a name that cannot be sent", NULL);
        else if (is_reserved(name))
            flat_problem(f, name, "is a parameter of the signature",
                         "it is set by the client");
        else if (twice[i])
            flat_problem(f, name, "stands twice", "a list or table makes the same name");
    }
}

bool sas_operation_flatten(const struct sas_value *params,
                           struct sas_request_parameters *out, struct sas_error *e)
{
    struct sas_path root = sas_path_root("");
    struct flatten f = {out, e};

    if (params->list) {
        sas_error_problem(e, "", "is a list", "parameters are named");
        return false;
    }
    flatten_table(&f, &root, params, 0);
    check_flat_names(&f);
    return e->kind == SAS_NONE && !e->no_memory;
}

void sas_request_parameters_release(struct sas_request_parameters *p)
{
    size_t i;

    for (i = 0; i < p->count; i++) {
        sas_buffer_release(&p->items[i].name);
        sas_buffer_release(&p->items[i].value);
    }
    free(p->items);
    memset(p, 0, sizeof *p);
}
