/*
 * call.c - one API call as a state machine without I/O
 * SPDX-License-Identifier: MIT
 */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "path.h"

#define MAX_BODY ((size_t)4 * 1024 * 1024) /* of an unchecked operation's answer */

/* The secrets of the parameters are known from the start: errors may echo them. */
static void learn_secrets(struct sas_call *c)
{
    size_t i;

    for (i = 0; i < c->parameters.count; i++) {
        const struct sas_sent_parameter *p = &c->parameters.items[i];

        if (!p->secret)
            continue;
        if (!sas_mask_add_url(&c->mask, sas_buffer_as_view(&p->value)) ||
            (!c->operation && !sas_mask_add(&c->mask, sas_buffer_as_view(&p->value))))
            c->error.no_memory = true;
    }
}

static bool ready(struct sas_call *c, bool good)
{
    if (good)
        learn_secrets(c);
    return good && !c->error.no_memory;
}

bool sas_call_prepare(struct sas_call *c, const struct sas_operation *op,
                      const struct sas_value *params)
{
    c->operation = op;
    c->known = op;
    if (!sas_buffer_text(&c->action, op->action))
        c->error.no_memory = true;
    return ready(c, sas_operation_check(op, params, &c->parameters, &c->effect, &c->error,
                                        &c->warnings));
}

/* An action is a name of the vendor's: anything else cannot be one. */
static bool is_action(struct sas_view action)
{
    size_t i;

    for (i = 0; i < action.length; i++) {
        char c = action.data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    return action.length > 0 && action.length <= 128;
}

/* An Id from 1: anything else that stands there is sent as none, or refused from afar. */
static bool is_id(const struct sas_value *v)
{
    int64_t id = 0;

    if (!v)
        return false;
    if (v->type == SAS_STRING)
        return sas_integer_read(v->text, &id) && id > 0;
    return v->type == SAS_INTEGER && v->integer > 0;
}

/* What a known operation does at least with these parameters. */
static enum sas_class least_effect(const struct sas_operation *op,
                                   const struct sas_value *params)
{
    if (op->effect_with_id && is_id(sas_value_get(params, op->effect_with_id)))
        return SAS_UPDATE;
    return op->effect;
}

enum sas_class sas_call_class(struct sas_view action, const struct sas_value *params)
{
    const struct sas_operation *op = sas_operation_find(action);

    return op ? least_effect(op, params) : SAS_CREATE;
}

bool sas_call_prepare_raw(struct sas_call *c, struct sas_view action,
                          const struct sas_value *params, enum sas_class effect)
{
    c->known = sas_operation_find(action);
    c->effect = effect;
    if (c->known && effect < least_effect(c->known, params))
        sas_error_problem(&c->error, "class", "is milder than what this operation does",
                          "leave it out for an operation of this module");
    if (!is_action(action))
        sas_error_problem(&c->error, "action", "is no name of an operation",
                          "give it as the API page spells it, such as \"ListGroups\"");
    else if (!sas_buffer_view(&c->action, action))
        c->error.no_memory = true;
    return ready(c, sas_operation_flatten(params, &c->parameters, &c->error));
}

/* --- the machine --- */

static double time_left(const struct sas_call *c)
{
    return c->settings.deadline - (c->now - c->start);
}

/* The deadline is over: what the last exchange came to stands, if there was one. */
static void end_at_deadline(struct sas_call *c)
{
    if (c->sends == 0) {
        sas_error_set(&c->error, SAS_NETWORK, "DEADLINE",
                      "the deadline was over before the request was sent",
                      "raise deadline");
        c->error.retryable = true;
    }
    c->state = SAS_CALL_DONE;
}

/* A pause that the deadline does not leave time for is not begun. */
static void begin_wait(struct sas_call *c)
{
    c->wait_until = c->now + c->wait;
    c->state = c->wait < time_left(c) ? SAS_CALL_WAITS : SAS_CALL_DONE;
}

enum sas_step sas_call_next(struct sas_call *c, double now)
{
    if (!c->started) {
        c->started = true;
        c->start = now;
    }
    c->now = now;
    if (c->state == SAS_CALL_REPEATS)
        begin_wait(c);
    if (c->state == SAS_CALL_WAITS && now >= c->wait_until)
        c->state = SAS_CALL_NEW;
    if (c->state != SAS_CALL_DONE && time_left(c) <= 0)
        end_at_deadline(c);
    switch (c->state) {
    case SAS_CALL_NEW:
        return SAS_STEP_CREDENTIALS;
    case SAS_CALL_SIGNED:
        return SAS_STEP_SEND;
    case SAS_CALL_WAITS:
        c->wait = c->wait_until - now;
        return SAS_STEP_WAIT;
    default:
        sas_mask_release(&c->mask); /* no text of a stranger follows */
        return SAS_STEP_DONE;
    }
}

/* A transport that did not keep to maxBody: parsed, it would be many times as large. */
static void cut_large(const struct sas_call *c, struct sas_outcome *o)
{
    if (!o->answered || o->body.length <= sas_call_max_body(c))
        return;
    o->answered = false;
    o->sent = true;
    o->code = sas_view_text("TOO_LARGE");
    o->message = sas_view_text("the answer is too large");
}

/* Where the service repeats what it signed: is it what we signed? Neither is printed. */
static void explain_signature(struct sas_call *c)
{
    static const char echo[] = "string to sign is";
    const struct sas_buffer *message = &c->reply.message;
    const struct sas_buffer *ours = &c->request.string_to_sign;
    const char *hint = NULL;

    if (!sas_view_is(sas_buffer_as_view(&c->error.code), "SignatureDoesNotMatch") ||
        !strstr(sas_buffer_cstr(message), echo) || !ours->length)
        return;
    if (strstr(message->data, ours->data))
        hint = "the service signs the very same text, so the AccessKeySecret is wrong";
    else
        hint = "the service signs another text: something between here and there changes "
               "the request";
    sas_error_hint(&c->error, hint);
}

static void explain_clock(struct sas_call *c)
{
    struct sas_text hint = {"", 0};
    int64_t behind = c->clock - c->signed_at;

    sas_text_add(&hint, "this machine's clock is %ld seconds %s the service's: set it",
                 (long)(behind < 0 ? -behind : behind),
                 behind < 0 ? "ahead of" : "behind");
    sas_error_hint(&c->error, hint.text);
}

static void learn_clock(struct sas_call *c, const struct sas_outcome *o, bool expired)
{
    /* Whatever stands before the service has a clock of its own, and no RequestId. */
    c->clock_known = c->reply.request_id.length && o->date.data &&
                     sas_date_of_http(o->date, &c->clock);
    c->expired = expired;
    if (c->clock_known && expired)
        explain_clock(c);
}

/* Exchanges that count: not those that only the clock or the token was to blame for. */
static int counted(const struct sas_call *c)
{
    return c->sends - (c->corrected ? 1 : 0) - (c->renewed ? 1 : 0);
}

/* Whether this exchange may be followed by another; charges the budget where it may. */
static bool may_repeat(struct sas_call *c, const struct sas_judgement *j,
                       struct sas_budget *budget)
{
    bool *spent = j->expired ? &c->corrected : j->stale ? &c->renewed : &c->once;
    bool repeats = j->verdict == SAS_AGAIN || j->verdict == SAS_OPEN_AGAIN;

    if (j->verdict == SAS_ONCE && (!j->expired || c->clock_known)) {
        repeats = !*spent;
        *spent = true;
    }
    if (!repeats || c->error.no_memory)
        return false;
    if (j->expired || j->stale)
        return true; /* the corrected try costs nothing */
    c->cost = j->throttled ? SAS_BUDGET_THROTTLED : SAS_BUDGET_TRANSIENT;
    return counted(c) <= c->settings.retries && sas_budget_take(budget, c->cost);
}

void sas_call_feed(struct sas_call *c, const struct sas_outcome *outcome, double jitter,
                   struct sas_budget *budget)
{
    struct sas_outcome o = *outcome;
    struct sas_judgement j;

    c->sends++;
    cut_large(c, &o);
    c->sent = o.sent;
    sas_error_release(&c->error);
    sas_reply_release(&c->reply);
    j = sas_outcome_judge(&o, c->effect, c->known, &c->mask, &c->reply, &c->error);
    learn_clock(c, &o, j.expired);
    c->state = SAS_CALL_DONE;
    if (j.good) {
        sas_budget_return(budget, c->cost);
        return;
    }
    explain_signature(c);
    c->open = c->open || j.verdict == SAS_OPEN || j.verdict == SAS_OPEN_AGAIN;
    if (c->open)
        sas_outcome_open(&c->error, c->effect, c->known);
    if (may_repeat(c, &j, budget)) {
        c->stale = j.stale;
        c->wait = j.expired || j.stale
                      ? 0
                      : sas_retry_wait(counted(c), j.throttled, j.pause, jitter);
        c->state = SAS_CALL_REPEATS;
    }
}

/* --- signing --- */

/* The Host header: what the signature covers and what goes on the wire. */
static bool host_header(const struct sas_call *c, struct sas_buffer *out)
{
    const struct sas_buffer *host = &c->settings.host;
    bool v6 = host->length && memchr(host->data, ':', host->length);

    if (v6)
        sas_buffer_char(out, '[');
    sas_buffer_view(out, sas_buffer_as_view(host));
    if (v6)
        sas_buffer_char(out, ']');
    if (c->settings.port)
        sas_buffer_format(out, ":%d", c->settings.port);
    return !out->failed;
}

/* The parameters as pairs, to be freed; NULL when out of memory. */
static struct sas_pair *list_parameters(const struct sas_call *c)
{
    struct sas_pair *items = calloc(c->parameters.count + 1, sizeof *items);
    size_t i;

    for (i = 0; items && i < c->parameters.count; i++) {
        items[i].name = sas_buffer_as_view(&c->parameters.items[i].name);
        items[i].value = sas_buffer_as_view(&c->parameters.items[i].value);
    }
    return items;
}

static void fill_input(const struct sas_call *c, struct sas_sign_input *in,
                       const struct sas_pair *items, const struct sas_buffer *host,
                       struct sas_pair further[2])
{
    struct sas_pairs *pairs = c->settings.in_body ? &in->form : &in->query;

    in->version = c->settings.signature;
    in->method = sas_view_text("POST");
    in->host = sas_buffer_as_view(host);
    in->path = sas_view_text("/");
    in->action = sas_buffer_as_view(&c->action);
    in->api_version = sas_view_text(SAS_API_VERSION);
    pairs->items = items;
    pairs->count = c->parameters.count;
    further[0].name = sas_view_text("accept");
    further[0].value = sas_view_text("application/json");
    further[1].name = sas_view_text("user-agent");
    further[1].value = sas_buffer_as_view(&c->settings.user_agent);
    in->headers.items = further;
    in->headers.count = 2;
}

/* The refused token again: what the service said stands. */
static bool is_refused_again(struct sas_call *c,
                             const struct sas_credentials *credentials)
{
    const struct sas_buffer *old = &c->token, *token = &credentials->security_token;

    if (!c->stale || old->length != token->length ||
        (old->length && memcmp(old->data, token->data, old->length) != 0))
        return false;
    c->state = SAS_CALL_DONE;
    return true;
}

static void learn_request(struct sas_call *c, const struct sas_credentials *credentials,
                          struct sas_error *e)
{
    sas_buffer_release(&c->token);
    if (!sas_buffer_view(&c->token, sas_buffer_as_view(&credentials->security_token)) ||
        !sas_credentials_mask(credentials, &c->mask) ||
        !sas_mask_add(&c->mask, sas_buffer_as_view(&c->request.signature)))
        e->no_memory = true;
}

bool sas_call_sign(struct sas_call *c, const struct sas_credentials *credentials,
                   struct sas_view date, struct sas_view nonce, struct sas_error *e)
{
    struct sas_sign_input in;
    struct sas_pair further[2], *items;
    struct sas_buffer host;
    bool good;

    if (is_refused_again(c, credentials))
        return false;
    memset(&in, 0, sizeof in);
    memset(&host, 0, sizeof host);
    items = list_parameters(c);
    if (!items || !host_header(c, &host)) {
        e->no_memory = true;
        free(items);
        sas_buffer_release(&host);
        return false;
    }
    fill_input(c, &in, items, &host, further);
    in.date = date;
    in.nonce = nonce;
    in.key_id = sas_buffer_as_view(&credentials->key_id);
    in.key_secret = sas_buffer_as_view(&credentials->key_secret);
    in.security_token = sas_buffer_as_view(&credentials->security_token);
    sas_signed_release(&c->request);
    good = sas_sign(&in, &c->request, e);
    free(items);
    sas_buffer_release(&host);
    if (!good)
        return false;
    learn_request(c, credentials, e);
    (void)sas_date_of_signature(date, &c->signed_at); /* sas_sign has checked its form */
    c->state = SAS_CALL_SIGNED;
    c->stale = false;
    return !e->no_memory;
}

/* --- how the exchange is made --- */

double sas_call_left(const struct sas_call *c, double now)
{
    return c->settings.deadline - (c->started ? now - c->start : 0);
}

double sas_call_timeout(const struct sas_call *c)
{
    double left = time_left(c);

    return c->settings.timeout < left ? c->settings.timeout : left;
}

double sas_call_connect_timeout(const struct sas_call *c)
{
    double timeout = sas_call_timeout(c);

    return c->settings.connect_timeout < timeout ? c->settings.connect_timeout : timeout;
}

bool sas_call_fresh(const struct sas_call *c)
{
    return c->effect == SAS_CREATE || c->effect == SAS_TEST;
}

size_t sas_call_max_body(const struct sas_call *c)
{
    return c->known ? c->known->max_body : MAX_BODY;
}

void sas_call_release(struct sas_call *c)
{
    sas_buffer_release(&c->settings.host);
    sas_buffer_release(&c->settings.user_agent);
    sas_buffer_release(&c->action);
    sas_request_parameters_release(&c->parameters);
    sas_signed_release(&c->request);
    sas_buffer_release(&c->token);
    sas_mask_release(&c->mask);
    sas_reply_release(&c->reply);
    sas_error_release(&c->error);
    sas_error_release(&c->warnings);
}
