/*
 * credentials.c - the readers of profiles and of answers with credentials
 * SPDX-License-Identifier: MIT
 *
 * The first byte picks the reader. Holds: an error has a code and shows nothing of what
 * was read; reading twice gives the same; where it is good there are whole keys.
 */
#include "../src/credentials_answer.h"
#include "../src/profile.h"

#include "fuzz.h"

static const char *const forms[] = {"sts", "ecs", "uri", "cloudsso", "oauth", "external"};

static void check_error(const struct sas_error *e)
{
    CHECK(e->kind == SAS_CREDENTIALS && e->code.length > 0 && e->message.length > 0);
    CHECK(!sas_view_has_control(sas_buffer_as_view(&e->message)));
    fuzz_check_error(e);
}

static bool read_profile(int which, struct sas_view text, struct sas_profile *p,
                         struct sas_error *e)
{
    struct sas_view name = sas_view_text("a");

    return which == 0 ? sas_profile_cli(text, name, p, e)
                      : sas_profile_ini(text, name, p, e);
}

static void fuzz_profile(int which, struct sas_view text)
{
    struct sas_profile first = {0}, second = {0};
    struct sas_error error = {0}, again = {0};
    bool good = read_profile(which, text, &first, &error);
    size_t i;

    CHECK(good == read_profile(which, text, &second, &again));
    CHECK(good == (error.kind == SAS_NONE));
    CHECK(first.count <= SAS_PROFILE_VALUES && first.count == second.count);
    for (i = 0; i < first.count; i++)
        CHECK(first.values[i].field == second.values[i].field);
    CHECK(first.keys.key_id.length == 0 || sas_credentials_present(&first.keys));
    if (!good)
        check_error(&error);
    sas_profile_release(&first);
    sas_profile_release(&second);
    sas_error_release(&error);
    sas_error_release(&again);
}

static void fuzz_answer(const char *form, struct sas_view text)
{
    struct sas_issued issued = {0};
    struct sas_error error = {0};

    if (sas_credentials_answer(sas_view_text(form), text, &issued, &error))
        CHECK(sas_credentials_present(&issued.keys) && error.kind == SAS_NONE);
    else
        check_error(&error);
    sas_credentials_release(&issued.keys);
    sas_error_release(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_buffer made = {0};
    struct sas_view text;
    unsigned which;

    if (size == 0)
        return 0;
    which = data[0] % 8;
    text = fuzz_text(&made, data + 1, size - 1);
    if (which < 2)
        fuzz_profile((int)which, text);
    else
        fuzz_answer(forms[which - 2], text);
    sas_buffer_release(&made);
    return 0;
}
