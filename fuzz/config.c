/*
 * config.c - the ConfigList reader, from JSON text and from tables
 * SPDX-License-Identifier: MIT
 *
 * Holds: what it accepts is written as a text that reads back as an equal config and is
 * written the same again; what it refuses leaves at least one problem and the config as
 * it was; no problem shows a secret that stands in the wrong place.
 */
#include "../src/config.h"

#include <cjson/cJSON.h>

#include "../src/json.h"
#include "fuzz.h"

static void check(const struct sas_value *v, const struct sas_config_options *o)
{
    static const struct sas_config_options reading = {&sas_catalog, false, true};
    struct sas_path path = sas_path_root("ConfigList");
    struct sas_config config = {0}, again = {0};
    struct sas_error error = {0};
    struct sas_buffer first = {0}, second = {0};

    if (!sas_config_read(&config, v, o, &path, &error)) {
        CHECK(error.problem_count > 0);
        CHECK(config.types.count == 0);
        fuzz_check_error(&error);
    } else if (sas_config_write(&config, &first)) {
        struct sas_value written = {.type = SAS_STRING};

        CHECK(error.kind == SAS_NONE);
        written.text = sas_buffer_as_view(&first);
        CHECK(sas_config_read(&again, &written, &reading, &path, &error));
        CHECK(sas_config_equal(&config, &again));
        CHECK(sas_config_write(&again, &second));
        CHECK(fuzz_equal(written.text, sas_buffer_as_view(&second)));
    }
    sas_buffer_release(&first);
    sas_buffer_release(&second);
    sas_error_release(&error);
    sas_config_release(&config);
    sas_config_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_config_options options = {.catalog = &sas_catalog};
    struct sas_value value = {.type = SAS_STRING};
    struct sas_buffer text = {0};
    struct sas_arena arena = {0};
    const char *why;
    size_t offset;
    cJSON *tree;

    if (size == 0)
        return 0;
    options.unchecked = data[0] & 1;
    options.reading = data[0] & 2;
    value.text = fuzz_text(&text, data + 1, size - 1);
    check(&value, &options);
    tree = sas_json_read(value.text, &why, &offset);
    if (tree && sas_value_from_json(&arena, tree, &value))
        check(&value, &options);
    cJSON_Delete(tree);
    sas_arena_release(&arena);
    sas_buffer_release(&text);
    return 0;
}
