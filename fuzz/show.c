/*
 * show.c - a signed request, and how it is printed
 * SPDX-License-Identifier: MIT
 *
 * The first byte picks the operation (one more is unchecked), the second the signature
 * and where parameters travel. Holds: signing twice gives the same; the AccessKeySecret
 * is in no part of a request; the printed call is UTF-8 and has no secret: no key, no
 * token, no signature, and of a webhook nothing past its host.
 */
#include "../src/show.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "../src/json.h"
#include "fuzz.h"

#define SECRET "keyOfNobodyInParticular0123"
#define TOKEN  "CAISfuzzed+Token/0123456789=="

static void sign(struct sas_call *c, const struct sas_credentials *keys)
{
    struct sas_error error = {0};
    struct sas_view date = sas_view_text("2024-02-20T08:00:00Z");

    CHECK(sas_call_next(c, 0) == SAS_STEP_CREDENTIALS);
    CHECK(sas_call_sign(c, keys, date, sas_view_text("nonce"), &error));
    CHECK(error.kind == SAS_NONE && c->request.signature.length > 0);
    sas_error_release(&error);
}

static void check_request(const struct sas_call *c, const struct sas_call *again)
{
    const struct sas_signed *r = &c->request;
    size_t i;

    CHECK(fuzz_equal(sas_buffer_as_view(&r->signature),
                     sas_buffer_as_view(&again->request.signature)));
    CHECK(fuzz_equal(sas_buffer_as_view(&r->query),
                     sas_buffer_as_view(&again->request.query)));
    CHECK(!fuzz_contains(sas_buffer_as_view(&r->query), SECRET));
    CHECK(!fuzz_contains(sas_buffer_as_view(&r->body), SECRET));
    CHECK(!fuzz_contains(sas_buffer_as_view(&r->authorization), SECRET));
    for (i = 0; i < r->header_count; i++)
        CHECK(!fuzz_contains(sas_buffer_as_view(&r->headers[i].value), SECRET));
}

/* What follows the host, which is shown: of another text all. */
static const char *past_host(const char *value)
{
    static const char scheme[] = "https://";
    size_t length = sizeof scheme - 1;

    if (strncmp(value, scheme, length) != 0)
        return value;
    return value + length + strcspn(value + length, "/?#");
}

static void check_shown(const struct sas_call *c)
{
    struct sas_buffer out = {0};
    struct sas_view text;
    size_t i;

    CHECK(sas_call_show(c, &out));
    text = sas_buffer_as_view(&out);
    CHECK(sas_utf8_check(text, NULL));
    CHECK(!fuzz_contains(text, SECRET));
    CHECK(!fuzz_contains(text, TOKEN));
    CHECK(!fuzz_contains(text, sas_buffer_cstr(&c->request.signature)));
    for (i = 0; i < c->parameters.count; i++) {
        const struct sas_sent_parameter *p = &c->parameters.items[i];

        const char *rest = past_host(sas_buffer_cstr(&p->value));

        if (p->secret && strlen(rest) >= 40) /* which no word of ours is */
            CHECK(!fuzz_contains(text, rest));
    }
    sas_buffer_release(&out);
}

static void prepare(struct sas_call *c, const uint8_t *data,
                    const struct sas_value *params)
{
    size_t which = data[0] % (sas_operation_count + 1);

    c->settings.signature = data[1] & 1 ? SAS_SIGNATURE_V1 : SAS_SIGNATURE_V3;
    c->settings.in_body = data[1] & 2;
    c->settings.https = true;
    c->settings.timeout = c->settings.connect_timeout = c->settings.deadline = 9;
    sas_buffer_text(&c->settings.host, "tds.cn-shanghai.aliyuncs.com");
    sas_buffer_text(&c->settings.user_agent, "aliyun-sas");
    if (which < sas_operation_count)
        sas_call_prepare(c, &sas_operations[which], params);
    else
        sas_call_prepare_raw(c, sas_view_text("ListGroups"), params, SAS_CREATE);
}

static void check(const uint8_t *data, const struct sas_value *params)
{
    struct sas_credentials keys = {0};
    struct sas_call first = {0}, second = {0};
    struct sas_error error = {0};

    CHECK(sas_credentials_set(&keys, sas_view_text("LTAIid"), sas_view_text(SECRET),
                              sas_view_text(TOKEN), &error));
    prepare(&first, data, params);
    prepare(&second, data, params);
    CHECK(first.error.kind == second.error.kind);
    fuzz_check_error(&first.warnings);
    if (first.error.kind == SAS_NONE) {
        sign(&first, &keys);
        sign(&second, &keys);
        check_request(&first, &second);
        check_shown(&first);
    } else {
        fuzz_check_error(&first.error);
    }
    sas_call_release(&first);
    sas_call_release(&second);
    sas_credentials_release(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_arena arena = {0};
    struct sas_value params = {0};
    struct sas_view text = {(const char *)data + 2, size - 2};
    const char *why;
    size_t offset;
    cJSON *tree;

    /* what the caller writes into a name is the caller's */
    if (size < 2 || fuzz_contains(text, SECRET) || fuzz_contains(text, TOKEN))
        return 0;
    tree = sas_json_read(text, &why, &offset);
    if (tree && sas_value_from_json(&arena, tree, &params))
        check(data, &params);
    cJSON_Delete(tree);
    sas_arena_release(&arena);
    return 0;
}
