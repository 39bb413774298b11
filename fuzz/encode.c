/*
 * encode.c - percent, hex, base64, printable text, UTF-8, and the check of webhooks
 * SPDX-License-Identifier: MIT
 *
 * Holds: each encoding decodes to what went in and uses its own letters only; printable
 * text is UTF-8 without control bytes; a webhook that passes is one that libcurl reads as
 * https with the same host, and no problem shows its query.
 */
#include "../src/encode.h"

#include <curl/curl.h>

#include "../src/webhook.h"
#include "fuzz.h"

static int hex_digit(char c)
{
    const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;

    CHECK(at != NULL);
    return (int)(at - digits);
}

static void check_percent(struct sas_view in)
{
    static const char raw[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789-_.~";
    struct sas_buffer out = {0}, back = {0};
    size_t i;

    CHECK(sas_encode_percent(&out, in));
    for (i = 0; i < out.length; i++) {
        if (out.data[i] == '%') {
            int high, low;

            CHECK(i + 2 < out.length);
            high = hex_digit(out.data[i + 1]);
            low = hex_digit(out.data[i + 2]);
            CHECK(!strchr(raw, high * 16 + low) || high * 16 + low == 0);
            sas_buffer_char(&back, (char)(high * 16 + low));
            i += 2;
        } else {
            CHECK(strchr(raw, out.data[i]));
            sas_buffer_char(&back, out.data[i]);
        }
    }
    CHECK(fuzz_equal(in, sas_buffer_as_view(&back)));
    sas_buffer_release(&out);
    sas_buffer_release(&back);
}

static void check_base64(struct sas_view in)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct sas_buffer out = {0}, back = {0};
    unsigned long bits = 0;
    size_t i, count = 0;

    CHECK(sas_encode_base64(&out, in.data, in.length));
    CHECK(out.length % 4 == 0);
    for (i = 0; i < out.length && out.data[i] != '='; i++) {
        const char *at = strchr(letters, out.data[i]);

        CHECK(at && *at);
        bits = (bits << 6 | (unsigned long)(at - letters)) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            sas_buffer_char(&back, (char)(bits >> count & 0xff));
        }
    }
    CHECK(out.length - i <= 2);
    CHECK(fuzz_equal(in, sas_buffer_as_view(&back)));
    sas_buffer_release(&out);
    sas_buffer_release(&back);
}

static void check_texts(struct sas_view in)
{
    struct sas_buffer out = {0};
    size_t i, points;

    CHECK(sas_encode_hex(&out, in.data, in.length));
    CHECK(out.length == 2 * in.length);
    sas_buffer_clear(&out);
    CHECK(sas_encode_printable(&out, in, 200));
    CHECK(sas_utf8_check(sas_buffer_as_view(&out), NULL));
    for (i = 0; i < out.length; i++)
        CHECK((unsigned char)out.data[i] >= ' ' && out.data[i] != 0x7f);
    if (sas_utf8_check(in, &points)) {
        CHECK(points <= in.length);
        sas_buffer_clear(&out);
        CHECK(sas_encode_json(&out, in));
        CHECK(sas_utf8_check(sas_buffer_as_view(&out), NULL));
        CHECK(out.length >= in.length + 2);
    }
    sas_buffer_release(&out);
}

static void check_webhook(struct sas_view in)
{
    struct sas_path path = sas_path_root("SendUrl");
    struct sas_error error = {0}, warnings = {0};
    struct sas_buffer url = {0};

    sas_buffer_view(&url, in);
    sas_buffer_text(&url, "/robot/send?access_token=" FUZZ_SECRET);
    if (sas_webhook_check(sas_buffer_as_view(&url), &path, &error, &warnings)) {
        CURLU *curl = curl_url();
        char *scheme = NULL, *host = NULL, *user = NULL;

        CHECK(error.kind == SAS_NONE);
        CHECK(curl != NULL);
        CHECK(curl_url_set(curl, CURLUPART_URL, sas_buffer_cstr(&url), 0) == CURLUE_OK);
        CHECK(curl_url_get(curl, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK);
        CHECK(curl_url_get(curl, CURLUPART_HOST, &host, 0) == CURLUE_OK);
        CHECK(strcmp(scheme, "https") == 0);
        CHECK(*host);
        CHECK(curl_url_get(curl, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
        curl_free(scheme);
        curl_free(host);
        curl_url_cleanup(curl);
    } else {
        CHECK(error.problem_count > 0);
    }
    fuzz_check_error(&error);
    fuzz_check_error(&warnings);
    sas_error_release(&error);
    sas_error_release(&warnings);
    sas_buffer_release(&url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sas_view in = {(const char *)data, size};

    check_percent(in);
    check_base64(in);
    check_texts(in);
    check_webhook(in);
    return 0;
}
