/*
 * operation.c - the check of what a caller passes to an operation
 * SPDX-License-Identifier: MIT
 *
 * Holds: what passes has every required parameter, once each, as UTF-8; what does not
 * pass has a problem; no problem shows the secret that stands in a wrong place; the class
 * is that of the operation, or an update where an Id turns a create into one.
 */
#include "../src/operation.h"

#include <cjson/cJSON.h>

#include "../src/json.h"
#include "fuzz.h"

static const struct sas_sent_parameter *find(const struct sas_request_parameters *p,
                                             const char *name)
{
    const struct sas_sent_parameter *found = NULL;
    size_t i;

    for (i = 0; i < p->count; i++) {
        if (sas_view_is(sas_buffer_as_view(&p->items[i].name), name)) {
            CHECK(!found);
            found = &p->items[i];
        }
    }
    return found;
}

static void check(const struct sas_operation *op, const struct sas_value *params)
{
    struct sas_request_parameters out = {0};
    struct sas_error error = {0}, warnings = {0};
    enum sas_class effect = op->effect;
    size_t i;

    if (sas_operation_check(op, params, &out, &effect, &error, &warnings)) {
        CHECK(error.kind == SAS_NONE);
        for (i = 0; i < op->parameter_count; i++) {
            const struct sas_parameter *p = &op->parameters[i];
            const struct sas_sent_parameter *sent = find(&out, p->name);

            CHECK(sent || !p->required);
            CHECK(!sent || sas_utf8_check(sas_buffer_as_view(&sent->value), NULL));
            CHECK(!sent || sent->secret == p->secret);
        }
        if (op->effect_with_id && find(&out, op->effect_with_id))
            CHECK(effect == SAS_UPDATE);
        else
            CHECK(effect == op->effect);
    } else {
        CHECK(error.problem_count > 0);
    }
    fuzz_check_error(&error);
    fuzz_check_error(&warnings);
    sas_request_parameters_release(&out);
    sas_error_release(&error);
    sas_error_release(&warnings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_buffer text = {0};
    struct sas_arena arena = {0};
    struct sas_value params = {0};
    const char *why;
    size_t offset;
    cJSON *tree;

    if (size == 0)
        return 0;
    tree = sas_json_read(fuzz_text(&text, data + 1, size - 1), &why, &offset);
    if (tree && sas_value_from_json(&arena, tree, &params))
        check(&sas_operations[data[0] % sas_operation_count], &params);
    cJSON_Delete(tree);
    sas_arena_release(&arena);
    sas_buffer_release(&text);
    return 0;
}
