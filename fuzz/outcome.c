/*
 * outcome.c - what an answer of the service means for a call
 * SPDX-License-Identifier: MIT
 *
 * Holds: an answer is good only with a 2xx status; a create or test message that may have
 * been executed is never called safe to repeat, nor is its outcome called known; a read
 * is never "unknown"; no field shows a secret that the answer repeats; a pause that is
 * asked for is 0 to 60 seconds, whatever the headers say; a date is a time since 1970 or
 * none.
 */
#include "../src/date.h"
#include "../src/outcome.h"

#include "fuzz.h"

static void check(const struct sas_outcome *o, enum sas_class effect, bool good,
                  const struct sas_reply *reply, const struct sas_error *e)
{
    bool write = effect != SAS_READ;
    bool once = effect == SAS_CREATE || effect == SAS_TEST;

    if (good) {
        CHECK(o->answered && o->status >= 200 && o->status < 300);
        CHECK(reply->state == SAS_REPLY_GOOD && reply->json != NULL);
        CHECK(reply->request_id.length > 0);
        CHECK(e->kind == SAS_NONE);
        return;
    }
    CHECK(e->kind != SAS_NONE);
    CHECK(e->code.length > 0 && e->message.length > 0);
    CHECK(!(e->kind == SAS_UNKNOWN && !write));
    CHECK(!(e->kind == SAS_UNKNOWN && once && e->retryable));
    CHECK(!(e->kind == SAS_UNKNOWN && !e->sent));
    if (!o->answered && !o->sent)
        CHECK(e->kind != SAS_UNKNOWN && !e->sent);
    if (!o->answered && o->sent && write)
        CHECK(e->kind == SAS_UNKNOWN);
    if (o->answered && write && reply->state != SAS_REPLY_REFUSED && o->status != 429)
        CHECK(e->kind == SAS_UNKNOWN);
    if (o->answered && once && o->status >= 500 && reply->state == SAS_REPLY_REFUSED)
        CHECK(e->kind == SAS_UNKNOWN ||
              fuzz_contains(sas_buffer_as_view(&reply->code), "Throttling"));
}

/* What may be sent again was not executed, may be executed twice, or is a read. */
static void check_verdict(const struct sas_outcome *o, enum sas_class effect,
                          const struct sas_judgement *j, const struct sas_error *e)
{
    bool once = effect == SAS_CREATE || effect == SAS_TEST;
    bool again =
        j->verdict == SAS_AGAIN || j->verdict == SAS_ONCE || j->verdict == SAS_OPEN_AGAIN;

    CHECK(j->pause >= 0 && j->pause <= 60);
    CHECK(!(once && j->verdict == SAS_OPEN_AGAIN));
    CHECK(!(once && again && o->sent) || j->throttled || j->expired);
    CHECK(!(effect == SAS_TEST && again && o->sent));
    CHECK((j->verdict == SAS_OPEN || j->verdict == SAS_OPEN_AGAIN) ==
          (e->kind == SAS_UNKNOWN));
}

static void check_dates(struct sas_view text)
{
    int64_t seconds = -1;

    if (sas_date_of_http(text, &seconds))
        CHECK(seconds >= 0 && seconds < INT64_C(253402300861));
    if (sas_date_of_signature(text, &seconds))
        CHECK(seconds >= 0 && seconds < INT64_C(253402300861));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 204, 302, 400, 403, 404, 429, 500, 503, 0};
    struct sas_outcome outcome = {0};
    struct sas_mask mask = {0};
    struct sas_reply reply = {0};
    struct sas_error error = {0};
    struct sas_buffer text = {0};
    struct sas_judgement judgement;
    enum sas_class effect;

    if (size < 2)
        return 0;
    effect = (enum sas_class)(data[0] & 3);
    outcome.answered = data[0] & 4;
    outcome.sent = outcome.answered || (data[0] & 8);
    outcome.status = outcome.answered ? statuses[data[1] % 10] : 0;
    if (outcome.answered) {
        outcome.body = fuzz_text(&text, data + 2, size - 2);
    } else {
        outcome.message = fuzz_text(&text, data + 2, size - 2);
        outcome.code = sas_view_text(data[1] & 1 ? "TIMEOUT" : "COULDNT_CONNECT");
    }
    outcome.date.data = outcome.retry_after.data = (const char *)data + 2;
    outcome.date.length = outcome.retry_after.length = size - 2;
    outcome.limits[0] = outcome.limits[1] = outcome.date;
    check_dates(outcome.date);
    CHECK(sas_mask_add(&mask, sas_view_text(FUZZ_SECRET)));
    judgement = sas_outcome_judge(&outcome, effect, NULL, &mask, &reply, &error);
    check(&outcome, effect, judgement.good, &reply, &error);
    if (!judgement.good)
        check_verdict(&outcome, effect, &judgement, &error);
    fuzz_check_error(&error);
    sas_reply_release(&reply);
    sas_error_release(&error);
    sas_mask_release(&mask);
    sas_buffer_release(&text);
    return 0;
}
