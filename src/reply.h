/*
 * reply.h - what the service answered
 * SPDX-License-Identifier: MIT
 *
 * "200" alone is no success: it takes a whole JSON object with a RequestId and no Code.
 */
#ifndef SAS_REPLY_H
#define SAS_REPLY_H

#include "buffer.h"

SAS_HIDDEN_BEGIN

struct cJSON;

enum sas_reply_state {
    SAS_REPLY_GOOD,    /* 2xx, an object, RequestId, no Code */
    SAS_REPLY_REFUSED, /* 4xx or 5xx, an object with a Code */
    SAS_REPLY_BROKEN   /* anything else: see `why` */
};

struct sas_reply {
    enum sas_reply_state state;
    struct cJSON *json;           /* SAS_REPLY_GOOD: the tree of sas_json_read */
    struct sas_buffer request_id; /* printable ASCII, 100 bytes at most, or empty */
    struct sas_buffer code, message;
    const char *why;
    bool no_memory;
};

/* Reads an answer; the reply must be zero or released. */
void sas_reply_read(struct sas_reply *r, int status, struct sas_view body);

void sas_reply_release(struct sas_reply *r);

SAS_HIDDEN_END

#endif
