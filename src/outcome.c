/*
 * outcome.c - what came back of one exchange, and what that means for the call
 * SPDX-License-Identifier: MIT
 */
#include "outcome.h"

#include <stdio.h>
#include <string.h>

#include "codes.h"
#include "json.h"

#define MESSAGE_MAX 500
#define CODE_MAX    100

static const char bad_reply_hint[] =
    "check that nothing between here and the service changes answers";

/* Where the outcome of a write is not known: what to do next. */
static const char *unknown_hint(enum sas_class effect, const struct sas_operation *op)
{
    if (!op && effect != SAS_UPDATE)
        return "it may have been executed: look before making the call again";
    switch (effect) {
    case SAS_CREATE:
        return "the chatbot may exist: look for its name with describeDingTalk before "
               "creating it again";
    case SAS_TEST:
        return "the message may have been posted: look into the DingTalk group";
    default:
        return "it may have been executed; the same call may be made again";
    }
}

/* The texts of a stranger: masked, printable, short. */
static void set_text(struct sas_buffer *to, struct sas_view text, size_t max,
                     const struct sas_mask *mask, struct sas_error *e)
{
    sas_buffer_clear(to);
    if (!sas_mask_text(mask, text, max, to))
        e->no_memory = true;
}

static bool is(struct sas_view code, const char *text)
{
    return sas_view_is(code, text);
}

static bool begins(struct sas_view code, const char *text)
{
    size_t length = strlen(text);

    return code.length >= length && memcmp(code.data, text, length) == 0;
}

/* The service repeats the string to sign, which holds every parameter: it is left out. */
static struct sas_view without_echo(struct sas_view message)
{
    static const char echo[] = "string to sign is";
    size_t i, length = sizeof echo - 1, whole = message.length;

    for (i = 0; i + length <= message.length; i++) {
        if (memcmp(message.data + i, echo, length) == 0) {
            message.length = i;
            break;
        }
    }
    /* nor is the sentence that announces it begun */
    while (message.length < whole && message.length > 0 &&
           message.data[message.length - 1] != '.')
        message.length--;
    return message;
}

static void set_unknown(struct sas_error *e, enum sas_class effect,
                        const struct sas_operation *op, const char *code,
                        const char *message)
{
    sas_error_set(e, SAS_UNKNOWN, code, message, unknown_hint(effect, op));
    e->retryable = effect == SAS_UPDATE;
    e->sent = true;
}

/* --- no answer --- */

static void judge_silence(const struct sas_outcome *o, enum sas_class effect,
                          const struct sas_operation *op, const struct sas_mask *mask,
                          struct sas_error *e)
{
    const struct sas_code *row = sas_code_of_transport(o->code);
    struct sas_view code = o->code.length ? o->code : sas_view_text("TRANSPORT");

    if (!o->sent) {
        sas_error_set(e, row->kind, NULL, NULL, row->hint);
        e->retryable = row->retryable;
    } else if (effect == SAS_READ) {
        /* there was an answer, but none that can be used */
        bool cut = is(o->code, "TRUNCATED");
        bool bad = is(o->code, "TOO_LARGE") || is(o->code, "BAD_RESPONSE");

        sas_error_set(e, bad || cut ? SAS_REPLY : SAS_NETWORK, NULL, NULL,
                      bad ? bad_reply_hint : "a read may be repeated");
        e->retryable = !bad;
        e->sent = true;
    } else {
        set_unknown(e, effect, op, NULL, NULL);
    }
    set_text(&e->code, code, CODE_MAX, mask, e);
    set_text(&e->message,
             o->message.length ? o->message : sas_view_text("the transport failed"),
             MESSAGE_MAX, mask, e);
}

/* --- an answer that cannot be trusted --- */

static void judge_broken(const struct sas_outcome *o, enum sas_class effect,
                         const struct sas_operation *op, const struct sas_reply *reply,
                         const struct sas_mask *mask, struct sas_error *e)
{
    char message[200];

    snprintf(message, sizeof message, "the answer (HTTP status %d) cannot be used: %s",
             o->status, reply->why);
    if (effect == SAS_READ) {
        sas_error_set(e, SAS_REPLY, "BAD_REPLY", message, bad_reply_hint);
        e->retryable = o->status >= 500;
        e->sent = true;
    } else {
        set_unknown(e, effect, op, "BAD_REPLY", message);
    }
    set_text(&e->request_id, sas_buffer_as_view(&reply->request_id), CODE_MAX, mask, e);
}

/* --- the service's own error --- */

/*
 * Whether the call may have been executed although the service answered an error: any 5xx
 * of a write but throttling, which is refused before. SignatureNonceUsed tells that a
 * copy arrived before, whatever became of it.
 */
static bool is_open(const struct sas_outcome *o, enum sas_class effect,
                    struct sas_view code, const struct sas_code *row)
{
    if (effect == SAS_READ)
        return false;
    if (begins(code, "SignatureNonceUsed"))
        return effect != SAS_UPDATE || o->status >= 500;
    return o->status >= 500 && !row->throttling;
}

static void set_permission_hint(const struct sas_operation *op,
                                const struct sas_code *row, struct sas_error *e)
{
    char hint[300];

    if (!op || (strcmp(row->code, "NoPermission*") && strcmp(row->code, "Forbidden*")))
        return;
    snprintf(hint, sizeof hint,
             "grant the RAM action %s to this user or role; chatbots need the Enterprise "
             "or Ultimate edition of Security Center",
             op->ram_action);
    sas_buffer_clear(&e->hint);
    if (!sas_buffer_text(&e->hint, hint))
        e->no_memory = true;
}

static void judge_refused(const struct sas_outcome *o, enum sas_class effect,
                          const struct sas_operation *op, const struct sas_reply *reply,
                          const struct sas_mask *mask, struct sas_error *e)
{
    struct sas_view code = sas_buffer_as_view(&reply->code);
    struct sas_view message = without_echo(sas_buffer_as_view(&reply->message));
    const struct sas_code *row;

    if (code.length == 0) /* a 429, from whatever stands before the service */
        code = sas_view_text("Throttling");
    row = sas_code_of_service(o->status == 429 && !begins(code, "SignatureNonceUsed")
                                  ? sas_view_text("Throttling")
                                  : code);
    if (is_open(o, effect, code, row)) {
        set_unknown(e, effect, op, NULL, NULL);
    } else {
        sas_error_set(e, row->kind, NULL, NULL, row->hint);
        e->retryable = row->retryable || (effect == SAS_READ && o->status >= 500);
        e->sent = true;
        set_permission_hint(op, row, e);
    }
    set_text(&e->code, code, CODE_MAX, mask, e);
    set_text(&e->message, message.length ? message : sas_view_text("no message"),
             MESSAGE_MAX, mask, e);
    set_text(&e->request_id, sas_buffer_as_view(&reply->request_id), CODE_MAX, mask, e);
}

bool sas_outcome_judge(const struct sas_outcome *o, enum sas_class effect,
                       const struct sas_operation *op, const struct sas_mask *mask,
                       struct sas_reply *reply, struct sas_error *e)
{
    if (!o->answered) {
        judge_silence(o, effect, op, mask, e);
        return false;
    }
    sas_reply_read(reply, o->status, o->body);
    /* An answer that memory does not suffice for is one that cannot be used. */
    if (reply->no_memory) {
        reply->state = SAS_REPLY_BROKEN;
        reply->why = sas_json_no_memory;
    }
    if (reply->state == SAS_REPLY_GOOD)
        return true;
    e->status = o->status;
    /* A refusal without RequestId comes from something before the service, which may
     * have passed the request on. */
    if (reply->state == SAS_REPLY_REFUSED && reply->request_id.length == 0 &&
        effect != SAS_READ) {
        reply->state = SAS_REPLY_BROKEN;
        reply->why = "the answer has an error code, but no RequestId";
    }
    if (reply->state == SAS_REPLY_REFUSED || o->status == 429)
        judge_refused(o, effect, op, reply, mask, e);
    else
        judge_broken(o, effect, op, reply, mask, e);
    return false;
}
