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

/* --- the table --- */

enum point {
    UNSENT,       /* certainly nothing left; another try may reach the service */
    UNSENT_FINAL, /* nothing left, and another try would end alike: a certificate, say */
    LOST,         /* something left, no answer came */
    UNUSABLE,     /* something left, an answer came that cannot be used */
    THROTTLED,    /* refused before execution: too many requests */
    EXPIRED,      /* refused before execution: the clocks differ */
    STALE,        /* refused before execution: the security token has ended */
    NONCE_USED,   /* a copy arrived before, whatever became of it */
    REFUSED,      /* the service did not execute it, and would not */
    FAILED,       /* 5xx: executed or not */
    POINTS
};

/* Every failure point against every class: read, update, create, test message. */
static const enum sas_verdict verdicts[POINTS][SAS_TEST + 1] = {
    /* UNSENT       */ {SAS_AGAIN, SAS_AGAIN, SAS_AGAIN, SAS_AGAIN},
    /* UNSENT_FINAL */ {SAS_END, SAS_END, SAS_END, SAS_END},
    /* LOST         */ {SAS_AGAIN, SAS_OPEN_AGAIN, SAS_OPEN, SAS_OPEN},
    /* UNUSABLE     */ {SAS_ONCE, SAS_OPEN_AGAIN, SAS_OPEN, SAS_OPEN},
    /* THROTTLED    */ {SAS_AGAIN, SAS_AGAIN, SAS_AGAIN, SAS_END},
    /* EXPIRED      */ {SAS_ONCE, SAS_ONCE, SAS_ONCE, SAS_END},
    /* STALE        */ {SAS_ONCE, SAS_ONCE, SAS_ONCE, SAS_END},
    /* NONCE_USED   */ {SAS_AGAIN, SAS_END, SAS_OPEN, SAS_OPEN},
    /* REFUSED      */ {SAS_END, SAS_END, SAS_END, SAS_END},
    /* FAILED       */ {SAS_AGAIN, SAS_OPEN_AGAIN, SAS_OPEN, SAS_OPEN},
};

static bool is_open(enum sas_verdict verdict)
{
    return verdict == SAS_OPEN || verdict == SAS_OPEN_AGAIN;
}

/* --- finding the point --- */

static enum point point_of_silence(const struct sas_outcome *o)
{
    const struct sas_code *row = sas_code_of_transport(o->code);

    if (o->sent)
        return is(o->code, "TRUNCATED") || is(o->code, "TOO_LARGE") ||
                       is(o->code, "BAD_RESPONSE")
                   ? UNUSABLE
                   : LOST;
    /* a state of this machine, such as no memory, is not repeated against at once */
    return row->retryable && row->kind == SAS_NETWORK ? UNSENT : UNSENT_FINAL;
}

static enum point point_of_refusal(int status, struct sas_view code)
{
    if (begins(code, "SignatureNonceUsed"))
        return status >= 500 ? FAILED : NONCE_USED;
    if (status == 429 || sas_code_of_service(code)->throttling)
        return THROTTLED; /* whatever the status is */
    if (status >= 500)
        return FAILED;
    if (begins(code, "InvalidSecurityToken.Expired") || is(code, "SecurityTokenExpired"))
        return STALE;
    return is(code, "InvalidTimeStamp.Expired") ? EXPIRED : REFUSED;
}

/* --- what the service asks for --- */

#define PAUSE_MAX 60000 /* milliseconds */

/* Digits at the start of a text, 0 for anything else, at most PAUSE_MAX. */
static long milliseconds(struct sas_view text)
{
    long value = 0;
    size_t i;

    for (i = 0; i < text.length && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        value = value * 10 + (text.data[i] - '0');
        if (value > PAUSE_MAX)
            return PAUSE_MAX;
    }
    return value;
}

/* "Limit:1,Remain:0,TimeLeft:2000,Reset:1234" */
static long time_left(struct sas_view limit)
{
    static const char name[] = "TimeLeft:";
    size_t i, length = sizeof name - 1;

    for (i = 0; limit.data && i + length <= limit.length; i++) {
        if (memcmp(limit.data + i, name, length) == 0) {
            struct sas_view rest = {limit.data + i + length, limit.length - i - length};

            return milliseconds(rest);
        }
    }
    return 0;
}

static double pause_of(const struct sas_outcome *o)
{
    long longest = milliseconds(o->retry_after), i;

    for (i = 0; i < 2; i++) {
        long left = time_left(o->limits[i]);

        if (left > longest)
            longest = left;
    }
    return (double)longest / 1000.0;
}

/* --- the error for people --- */

void sas_outcome_open(struct sas_error *e, enum sas_class effect,
                      const struct sas_operation *op)
{
    e->kind = SAS_UNKNOWN;
    e->retryable = effect == SAS_UPDATE;
    e->sent = true;
    sas_error_hint(e, unknown_hint(effect, op));
}

static void explain_silence(const struct sas_outcome *o, enum point point,
                            const struct sas_mask *mask, struct sas_error *e)
{
    const struct sas_code *row = sas_code_of_transport(o->code);
    struct sas_view code = o->code.length ? o->code : sas_view_text("TRANSPORT");
    bool cut = is(o->code, "TRUNCATED");

    if (!o->sent)
        sas_error_set(e, row->kind, NULL, NULL, row->hint);
    else if (point == UNUSABLE)
        sas_error_set(e, SAS_REPLY, NULL, NULL,
                      cut ? "a read may be repeated" : bad_reply_hint);
    else
        sas_error_set(e, SAS_NETWORK, NULL, NULL, "a read may be repeated");
    e->retryable = o->sent ? point == LOST || cut : row->retryable;
    set_text(&e->code, code, CODE_MAX, mask, e);
    set_text(&e->message,
             o->message.length ? o->message : sas_view_text("the transport failed"),
             MESSAGE_MAX, mask, e);
    if (o->hint.length)
        set_text(&e->hint, o->hint, MESSAGE_MAX, mask, e);
}

static void explain_unusable(const struct sas_outcome *o, const struct sas_reply *reply,
                             const struct sas_mask *mask, struct sas_error *e)
{
    char message[200];

    snprintf(message, sizeof message, "the answer (HTTP status %d) cannot be used: %s",
             o->status, reply->why);
    sas_error_set(e, SAS_REPLY, "BAD_REPLY", message, bad_reply_hint);
    e->retryable = o->status >= 500;
    set_text(&e->request_id, sas_buffer_as_view(&reply->request_id), CODE_MAX, mask, e);
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
    sas_error_hint(e, hint);
}

static void explain_refusal(const struct sas_outcome *o, enum point point,
                            struct sas_view code, const struct sas_operation *op,
                            const struct sas_reply *reply, const struct sas_mask *mask,
                            struct sas_error *e)
{
    const struct sas_code *row =
        sas_code_of_service(point == THROTTLED ? sas_view_text("Throttling") : code);
    struct sas_view message = without_echo(sas_buffer_as_view(&reply->message));

    sas_error_set(e, row->kind, NULL, NULL, row->hint);
    e->retryable = row->retryable || o->status >= 500;
    set_permission_hint(op, row, e);
    set_text(&e->code, code, CODE_MAX, mask, e);
    set_text(&e->message, message.length ? message : sas_view_text("no message"),
             MESSAGE_MAX, mask, e);
    set_text(&e->request_id, sas_buffer_as_view(&reply->request_id), CODE_MAX, mask, e);
}

/* --- the judgement --- */

static void distrust(struct sas_reply *reply, enum sas_class effect)
{
    /* An answer that memory does not suffice for is one that cannot be used. */
    if (reply->no_memory) {
        reply->state = SAS_REPLY_BROKEN;
        reply->why = sas_json_no_memory;
    }
    /* A refusal without RequestId comes from something before the service, which may have
     * passed the request on. */
    if (reply->state == SAS_REPLY_REFUSED && reply->request_id.length == 0 &&
        effect != SAS_READ) {
        reply->state = SAS_REPLY_BROKEN;
        reply->why = "the answer has an error code, but no RequestId";
    }
}

static struct sas_judgement judge_point(const struct sas_outcome *o, enum point point,
                                        enum sas_class effect,
                                        const struct sas_operation *op,
                                        struct sas_error *e)
{
    struct sas_judgement j;

    memset(&j, 0, sizeof j);
    j.verdict = verdicts[point][effect];
    j.throttled = point == THROTTLED;
    j.expired = point == EXPIRED;
    j.stale = point == STALE;
    j.pause = pause_of(o);
    e->sent = o->sent;
    if (is_open(j.verdict))
        sas_outcome_open(e, effect, op);
    return j;
}

struct sas_judgement sas_outcome_judge(const struct sas_outcome *o, enum sas_class effect,
                                       const struct sas_operation *op,
                                       const struct sas_mask *mask,
                                       struct sas_reply *reply, struct sas_error *e)
{
    enum point point = UNUSABLE;

    if (!o->answered) {
        point = point_of_silence(o);
        explain_silence(o, point, mask, e);
        return judge_point(o, point, effect, op, e);
    }
    sas_reply_read(reply, o->status, o->body);
    distrust(reply, effect);
    if (reply->state == SAS_REPLY_GOOD) {
        struct sas_judgement good;

        memset(&good, 0, sizeof good);
        good.good = true;
        return good;
    }
    e->status = o->status;
    if (reply->state == SAS_REPLY_REFUSED || o->status == 429) {
        struct sas_view code = sas_buffer_as_view(&reply->code);

        if (code.length == 0) /* a 429, from whatever stands before the service */
            code = sas_view_text("Throttling");
        point = point_of_refusal(o->status, code);
        explain_refusal(o, point, code, op, reply, mask, e);
    } else {
        point = o->status >= 500 ? FAILED : UNUSABLE;
        explain_unusable(o, reply, mask, e);
    }
    return judge_point(o, point, effect, op, e);
}
