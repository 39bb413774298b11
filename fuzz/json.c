/*
 * json.c - the JSON reader
 * SPDX-License-Identifier: MIT
 *
 * Holds: what it accepts, cJSON accepts too; every text in the tree is UTF-8 and every
 * number keeps its own text; written anew, the tree reads back as the same text.
 */
#include "../src/json.h"

#include <cjson/cJSON.h>

#include "fuzz.h"

static void write(const cJSON *node, struct sas_buffer *out)
{
    const cJSON *child;

    if (cJSON_IsString(node)) {
        CHECK(sas_utf8_check(sas_view_text(node->valuestring), NULL));
        sas_encode_json(out, sas_view_text(node->valuestring));
    } else if (cJSON_IsNumber(node)) {
        CHECK(node->valuestring != NULL);
        CHECK(strlen(node->valuestring) <= SAS_JSON_NUMBER);
        CHECK(strtod(node->valuestring, NULL) == node->valuedouble);
        sas_buffer_text(out, node->valuestring);
    } else if (cJSON_IsArray(node) || cJSON_IsObject(node)) {
        sas_buffer_char(out, cJSON_IsArray(node) ? '[' : '{');
        for (child = node->child; child; child = child->next) {
            if (child != node->child)
                sas_buffer_char(out, ',');
            if (cJSON_IsObject(node)) {
                sas_encode_json(out, sas_view_text(child->string));
                sas_buffer_char(out, ':');
            }
            write(child, out);
        }
        sas_buffer_char(out, cJSON_IsArray(node) ? ']' : '}');
    } else {
        sas_buffer_text(out, cJSON_IsNull(node)   ? "null"
                             : cJSON_IsTrue(node) ? "true"
                                                  : "false");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_view text = {(const char *)data, size};
    const char *why = NULL;
    size_t offset = 0;
    cJSON *tree = sas_json_read(text, &why, &offset);

    if (!tree) {
        CHECK(why != NULL);
        CHECK(offset <= size);
    } else {
        cJSON *other = cJSON_ParseWithLength(text.data, size), *again;
        struct sas_buffer first = {0}, second = {0};

        CHECK(other != NULL);
        write(tree, &first);
        again = sas_json_read(sas_buffer_as_view(&first), &why, &offset);
        CHECK(again != NULL);
        write(again, &second);
        CHECK(fuzz_equal(sas_buffer_as_view(&first), sas_buffer_as_view(&second)));
        CHECK(cJSON_Compare(other, tree, true) || !cJSON_Compare(other, other, true));
        sas_buffer_release(&first);
        sas_buffer_release(&second);
        cJSON_Delete(other);
        cJSON_Delete(again);
    }
    cJSON_Delete(tree);
    return 0;
}
