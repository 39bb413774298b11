/*
 * reply.c - what the service answered
 * SPDX-License-Identifier: MIT
 */
#include "reply.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "json.h"

#define REQUEST_ID_MAX 100

/* The text under either spelling (the gateway writes both), "" where there is none. */
static const char *text_of(const cJSON *object, const char *name, const char *other)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!item)
        item = cJSON_GetObjectItemCaseSensitive(object, other);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static void keep(struct sas_reply *r, struct sas_buffer *to, const char *text)
{
    if (!sas_buffer_text(to, text))
        r->no_memory = true;
}

/* What the service calls a request: a UUID so far. Anything else is not from there. */
static bool is_request_id(const char *text)
{
    size_t i;

    for (i = 0; text[i]; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return i <= REQUEST_ID_MAX;
}

static void keep_texts(struct sas_reply *r, const cJSON *json)
{
    const char *id = text_of(json, "RequestId", "requestId");

    keep(r, &r->request_id, is_request_id(id) ? id : "");
    keep(r, &r->code, text_of(json, "Code", "code"));
    keep(r, &r->message, text_of(json, "Message", "message"));
}

static void broken(struct sas_reply *r, const char *why)
{
    r->state = SAS_REPLY_BROKEN;
    r->why = why;
}

static void judge(struct sas_reply *r, int status)
{
    if (status >= 400 && status <= 599 && r->code.length)
        r->state = SAS_REPLY_REFUSED;
    else if (status < 200 || status > 299)
        broken(r, status >= 300 && status <= 399 ? "the answer is a redirect"
                                                 : "the answer has no error code");
    else if (r->code.length)
        broken(r, "the answer says success and has an error code");
    else if (r->request_id.length == 0)
        broken(r, "the answer has no RequestId");
    else
        r->state = SAS_REPLY_GOOD;
}

void sas_reply_read(struct sas_reply *r, int status, struct sas_view body)
{
    const char *why;
    size_t offset;

    if (body.length == 0) {
        broken(r, "the answer is empty");
        return;
    }
    r->json = sas_json_read(body, &why, &offset);
    if (!r->json) {
        r->no_memory = why == sas_json_no_memory;
        broken(r, why);
        return;
    }
    if (!cJSON_IsObject(r->json)) {
        broken(r, "the answer is no JSON object");
        return;
    }
    keep_texts(r, r->json);
    judge(r, status);
}

void sas_reply_release(struct sas_reply *r)
{
    cJSON_Delete(r->json);
    sas_buffer_release(&r->request_id);
    sas_buffer_release(&r->code);
    sas_buffer_release(&r->message);
    memset(r, 0, sizeof *r);
}
