/*
 * sign.c - both signatures
 * SPDX-License-Identifier: MIT
 *
 * The input is lines: flags, then one field each (empty: a good default, "-": none), then
 * pairs, "qname=value" for the query, "f" for the form, "h" for a header. 0xfe is a line
 * feed within a value, 0xff as a secret the one that nothing may show.
 *
 * Holds: what is refused has a problem and leaves nothing; the canonical query, the body
 * and the string to sign, decoded here, are what went in, so two inputs never share one;
 * what is signed is what is sent; hashes and signatures are those of OpenSSL; the order
 * of parameters changes nothing; nothing shows the secret.
 */
#include "../src/sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "fuzz.h"

#define PAIRS_MAX 80

enum {
    METHOD,
    HOST,
    PATH,
    ACTION,
    VERSION,
    DATE,
    NONCE,
    KEY_ID,
    SECRET,
    TOKEN,
    TYPE,
    FORMAT,
    BODY
};
#define FIELDS (BODY + 1)

static const char *const defaults[FIELDS] = {
    "POST", "h",  NULL, "A",  "2018-12-03", "2024-02-20T08:00:00Z", "n", "id",
    "s",    NULL, NULL, NULL, NULL};

struct pairs {
    struct sas_pair items[PAIRS_MAX];
    size_t count;
};

struct input {
    struct sas_sign_input in;
    struct pairs query, form, headers;
};

static struct sas_view next_line(struct sas_view *rest)
{
    const char *end = rest->length ? memchr(rest->data, '\n', rest->length) : NULL;
    struct sas_view line = *rest;

    if (end)
        line.length = (size_t)(end - line.data);
    rest->data += line.length + (end ? 1 : 0);
    rest->length -= line.length + (end ? 1 : 0);
    return line;
}

static void add_pair(struct input *input, struct sas_view line)
{
    struct pairs *to = NULL;
    const char *equals;

    if (line.length == 0)
        return;
    if (line.data[0] == 'q')
        to = &input->query;
    else if (line.data[0] == 'f')
        to = &input->form;
    else if (line.data[0] == 'h')
        to = &input->headers;
    if (!to || to->count == PAIRS_MAX)
        return;
    line.data++;
    line.length--;
    equals = line.length ? memchr(line.data, '=', line.length) : NULL;
    to->items[to->count].name.data = line.data;
    to->items[to->count].name.length =
        equals ? (size_t)(equals - line.data) : line.length;
    to->items[to->count].value.data = equals ? equals + 1 : "";
    to->items[to->count].value.length =
        equals ? line.length - (size_t)(equals + 1 - line.data) : 0;
    to->count++;
}

static void read_input(struct input *input, struct sas_view text)
{
    struct sas_view flags = next_line(&text), fields[FIELDS];
    struct sas_sign_input *in = &input->in;
    int i;

    memset(input, 0, sizeof *input);
    for (i = 0; i < FIELDS; i++) {
        fields[i] = next_line(&text);
        if (fields[i].length == 0 && defaults[i])
            fields[i] = sas_view_text(defaults[i]);
        else if (fields[i].length == 0 || sas_view_is(fields[i], "-"))
            memset(&fields[i], 0, sizeof fields[i]);
    }
    if (sas_view_is(fields[SECRET], "\xff"))
        fields[SECRET] = sas_view_text(FUZZ_SECRET);
    while (text.length)
        add_pair(input, next_line(&text));
    in->version = fuzz_contains(flags, "1") ? SAS_SIGNATURE_V1 : SAS_SIGNATURE_V3;
    in->exact = fuzz_contains(flags, "e");
    in->common_in_form = fuzz_contains(flags, "f");
    in->method = fields[METHOD];
    in->host = fields[HOST];
    in->path = fields[PATH];
    in->action = fields[ACTION];
    in->api_version = fields[VERSION];
    in->date = fields[DATE];
    in->nonce = fields[NONCE];
    in->key_id = fields[KEY_ID];
    in->key_secret = fields[SECRET];
    in->security_token = fields[TOKEN];
    in->content_type = fields[TYPE];
    in->format = fields[FORMAT];
    in->body = fields[BODY];
    in->query.items = input->query.items;
    in->query.count = input->query.count;
    in->form.items = input->form.items;
    in->form.count = input->form.count;
    in->headers.items = input->headers.items;
    in->headers.count = input->headers.count;
}

/* --- decoding, by no function of the library --- */

static int hex_value(char c)
{
    CHECK((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Appends what the percent-encoded text means; the letters are those of RFC 3986. */
static struct sas_view decode(struct sas_buffer *to, const char *text, size_t length)
{
    static const char raw[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "0123456789-_.~";
    size_t i, before = to->length;
    struct sas_view decoded;

    for (i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%') {
            CHECK(i + 2 < length);
            c = (char)(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            CHECK(!c || !strchr(raw, c));
            i += 2;
        } else {
            CHECK(c && strchr(raw, c));
        }
        sas_buffer_char(to, c);
    }
    decoded.data = sas_buffer_cstr(to) + before;
    decoded.length = to->length - before;
    return decoded;
}

static bool same_pair(const struct sas_pair *a, const struct sas_pair *b)
{
    return fuzz_equal(a->name, b->name) && fuzz_equal(a->value, b->value);
}

static void add_expected(struct pairs *to, const struct pairs *from)
{
    size_t i;

    for (i = 0; i < from->count && to->count < PAIRS_MAX; i++)
        to->items[to->count++] = from->items[i];
}

static void take(struct pairs *from, const struct sas_pair *pair)
{
    size_t i;

    for (i = 0; i < from->count && !same_pair(&from->items[i], pair); i++)
        continue;
    CHECK(i < from->count);
    from->items[i] = from->items[--from->count];
}

/* The text holds the expected pairs, each once, in the order of names, then values. */
static void check_pairs(struct sas_view text, struct pairs expected)
{
    struct sas_pair last = {{NULL, 0}, {NULL, 0}};
    struct sas_buffer names[PAIRS_MAX], values[PAIRS_MAX];
    size_t i, n, at = 0;

    memset(names, 0, sizeof names);
    memset(values, 0, sizeof values);
    for (n = 0; at < text.length; n++) {
        const char *begin = text.data + at;
        const char *end = memchr(begin, '&', text.length - at), *equals;
        struct sas_pair pair;

        CHECK(n < PAIRS_MAX);
        if (!end)
            end = text.data + text.length;
        else
            CHECK(end + 1 < text.data + text.length);
        equals = memchr(begin, '=', (size_t)(end - begin));
        CHECK(equals);
        pair.name = decode(&names[n], begin, (size_t)(equals - begin));
        pair.value = decode(&values[n], equals + 1, (size_t)(end - equals - 1));
        if (n) {
            int order = sas_view_compare(last.name, pair.name);

            CHECK(order < 0 ||
                  (order == 0 && sas_view_compare(last.value, pair.value) <= 0));
        }
        take(&expected, &pair);
        last = pair;
        at = (size_t)(end - text.data) + 1;
    }
    CHECK(expected.count == 0);
    for (i = 0; i < n; i++) {
        sas_buffer_release(&names[i]);
        sas_buffer_release(&values[i]);
    }
}

static bool is_hash(struct sas_view hex, struct sas_view of)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0, i;
    char text[3];

    CHECK(
        EVP_Digest(of.data ? of.data : "", of.length, hash, &length, EVP_sha256(), NULL));
    if (hex.length != (size_t)length * 2)
        return false;
    for (i = 0; i < length; i++) {
        snprintf(text, sizeof text, "%02x", hash[i]);
        if (memcmp(hex.data + (size_t)i * 2, text, 2) != 0)
            return false;
    }
    return true;
}

/* --- V3 --- */

static bool find_signed(const struct sas_signed *s, struct sas_view name)
{
    struct sas_view list = sas_buffer_as_view(&s->signed_headers);
    size_t at = 0;

    while (at < list.length) {
        const char *end = memchr(list.data + at, ';', list.length - at);
        struct sas_view one = {list.data + at, list.length - at};

        if (end)
            one.length = (size_t)(end - one.data);
        if (fuzz_equal(one, name))
            return true;
        at += one.length + 1;
    }
    return false;
}

static void check_v3_headers(const struct sas_sign_input *in, const struct sas_signed *s)
{
    static const char *const made[] = {
        "host",       "x-acs-action",          "x-acs-version",
        "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"};
    struct sas_buffer lines = {0};
    size_t i;

    for (i = 0; i < s->header_count; i++) {
        struct sas_view name = sas_buffer_as_view(&s->headers[i].name);

        if (!find_signed(s, name))
            continue;
        sas_buffer_view(&lines, name);
        sas_buffer_char(&lines, ':');
        sas_buffer_view(&lines, sas_buffer_as_view(&s->headers[i].value));
        sas_buffer_char(&lines, '\n');
    }
    CHECK(fuzz_equal(sas_buffer_as_view(&lines),
                     sas_buffer_as_view(&s->canonical_headers)));
    sas_buffer_release(&lines);
    for (i = 0; !in->exact && i < sizeof made / sizeof made[0]; i++)
        CHECK(find_signed(s, sas_view_text(made[i])));
    CHECK(!in->exact || !in->headers.count || s->signed_headers.length > 0);
}

static void check_v3_request(const struct sas_sign_input *in, const struct sas_signed *s)
{
    struct sas_view text = sas_buffer_as_view(&s->canonical_request), line;
    struct sas_view last = {NULL, 0};

    CHECK(fuzz_equal(next_line(&text), in->method));
    line = next_line(&text);
    CHECK(in->path.length ? fuzz_equal(line, in->path) : sas_view_is(line, "/"));
    CHECK(fuzz_equal(next_line(&text), sas_buffer_as_view(&s->canonical_query)));
    for (line = next_line(&text); line.length; line = next_line(&text)) {
        const char *colon = memchr(line.data, ':', line.length);
        struct sas_view name = {line.data, 0};

        CHECK(colon);
        name.length = (size_t)(colon - line.data);
        CHECK(last.data == NULL || sas_view_compare(last, name) < 0);
        CHECK(find_signed(s, name));
        last = name;
    }
    CHECK(fuzz_equal(next_line(&text), sas_buffer_as_view(&s->signed_headers)));
    CHECK(fuzz_equal(text, sas_buffer_as_view(&s->content_sha256)));
}

static void check_v3_signature(const struct sas_sign_input *in,
                               const struct sas_signed *s)
{
    static const char algorithm[] = "ACS3-HMAC-SHA256";
    struct sas_buffer text = {0};
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    CHECK(is_hash(sas_buffer_as_view(&s->canonical_request_hash),
                  sas_buffer_as_view(&s->canonical_request)));
    sas_buffer_text(&text, algorithm);
    sas_buffer_char(&text, '\n');
    sas_buffer_view(&text, sas_buffer_as_view(&s->canonical_request_hash));
    CHECK(fuzz_equal(sas_buffer_as_view(&text), sas_buffer_as_view(&s->string_to_sign)));
    CHECK(HMAC(EVP_sha256(), in->key_secret.data, (int)in->key_secret.length,
               (const unsigned char *)text.data, text.length, mac, &length));
    sas_buffer_clear(&text);
    while (text.length < (size_t)length * 2) {
        char digits[3];

        snprintf(digits, sizeof digits, "%02x", mac[text.length / 2]);
        sas_buffer_text(&text, digits);
    }
    CHECK(fuzz_equal(sas_buffer_as_view(&text), sas_buffer_as_view(&s->signature)));
    sas_buffer_clear(&text);
    sas_buffer_text(&text, algorithm);
    sas_buffer_text(&text, " Credential=");
    sas_buffer_view(&text, in->key_id);
    sas_buffer_text(&text, ",SignedHeaders=");
    sas_buffer_view(&text, sas_buffer_as_view(&s->signed_headers));
    sas_buffer_text(&text, ",Signature=");
    sas_buffer_view(&text, sas_buffer_as_view(&s->signature));
    CHECK(fuzz_equal(sas_buffer_as_view(&text), sas_buffer_as_view(&s->authorization)));
    sas_buffer_release(&text);
}

static void check_v3(const struct input *input, const struct sas_signed *s)
{
    check_pairs(sas_buffer_as_view(&s->canonical_query), input->query);
    CHECK(fuzz_equal(sas_buffer_as_view(&s->query),
                     sas_buffer_as_view(&s->canonical_query)));
    if (input->form.count)
        check_pairs(sas_buffer_as_view(&s->body), input->form);
    else
        CHECK(fuzz_equal(sas_buffer_as_view(&s->body), input->in.body));
    CHECK(is_hash(sas_buffer_as_view(&s->content_sha256), sas_buffer_as_view(&s->body)));
    check_v3_headers(&input->in, s);
    check_v3_request(&input->in, s);
    check_v3_signature(&input->in, s);
}

/* --- V1 --- */

static void expect(struct pairs *to, const char *name, struct sas_view value)
{
    if (!value.length)
        return;
    CHECK(to->count < PAIRS_MAX);
    to->items[to->count].name = sas_view_text(name);
    to->items[to->count++].value = value;
}

static void check_v1_signature(const struct sas_sign_input *in,
                               const struct sas_signed *s)
{
    unsigned char mac[EVP_MAX_MD_SIZE], text[EVP_MAX_MD_SIZE * 2];
    struct sas_view sign = sas_buffer_as_view(&s->string_to_sign), encoded;
    struct sas_buffer key = {0}, back = {0};
    unsigned length = 0;
    int count;

    CHECK(sign.length >= in->method.length + 5);
    CHECK(!memcmp(sign.data, in->method.data, in->method.length));
    CHECK(!memcmp(sign.data + in->method.length, "&%2F&", 5));
    encoded.data = sign.data + in->method.length + 5;
    encoded.length = sign.length - in->method.length - 5;
    CHECK(fuzz_equal(decode(&back, encoded.data, encoded.length),
                     sas_buffer_as_view(&s->canonical_query)));
    sas_buffer_view(&key, in->key_secret);
    sas_buffer_char(&key, '&');
    CHECK(HMAC(EVP_sha1(), key.data, (int)key.length, (const unsigned char *)sign.data,
               sign.length, mac, &length));
    count = EVP_EncodeBlock(text, mac, (int)length);
    CHECK(count > 0 && s->signature.length == (size_t)count);
    CHECK(!memcmp(s->signature.data, text, (size_t)count));
    sas_buffer_release(&key);
    sas_buffer_release(&back);
}

/* The pairs, and the signature behind them where it travels here. */
static void check_sent(struct sas_view text, const struct pairs *expected,
                       const struct sas_buffer *signature)
{
    static const char name[] = "Signature=";
    struct sas_buffer back = {0};
    size_t at = text.length, length = sizeof name - 1;

    if (signature) {
        while (at > 0 && text.data[at - 1] != '&')
            at--;
        CHECK(text.length - at > length && !memcmp(text.data + at, name, length));
        CHECK(
            fuzz_equal(decode(&back, text.data + at + length, text.length - at - length),
                       sas_buffer_as_view(signature)));
        text.length = at ? at - 1 : 0;
    }
    check_pairs(text, *expected);
    sas_buffer_release(&back);
}

static void check_v1(const struct input *input, const struct sas_signed *s)
{
    const struct sas_sign_input *in = &input->in;
    struct pairs all = {.count = 0}, query = input->query, form = input->form;
    struct pairs *with = in->common_in_form ? &form : &query;
    size_t before = with->count;

    expect(with, "Action", in->action);
    expect(with, "Version", in->api_version);
    expect(with, "Format", in->format.length ? in->format : sas_view_text("JSON"));
    expect(with, "AccessKeyId", in->key_id);
    expect(with, "SignatureMethod", sas_view_text("HMAC-SHA1"));
    expect(with, "SignatureVersion", sas_view_text("1.0"));
    expect(with, "SignatureNonce", in->nonce);
    expect(with, "Timestamp", in->date);
    expect(with, "SecurityToken", in->security_token);
    CHECK(with->count > before);
    add_expected(&all, &query);
    add_expected(&all, &form);
    check_pairs(sas_buffer_as_view(&s->canonical_query), all);
    check_sent(sas_buffer_as_view(&s->query), &query,
               in->common_in_form ? NULL : &s->signature);
    if (in->form.count || in->common_in_form)
        check_sent(sas_buffer_as_view(&s->body), &form,
                   in->common_in_form ? &s->signature : NULL);
    check_v1_signature(in, s);
}

/* --- both --- */

static void reverse(struct pairs *p)
{
    size_t i;

    for (i = 0; i < p->count / 2; i++) {
        struct sas_pair other = p->items[i];

        p->items[i] = p->items[p->count - 1 - i];
        p->items[p->count - 1 - i] = other;
    }
}

static void check_order(struct input *input, const struct sas_signed *first)
{
    struct sas_signed second;
    struct sas_error e = {0};
    size_t i;

    memset(&second, 0, sizeof second);
    reverse(&input->query);
    reverse(&input->form);
    reverse(&input->headers);
    CHECK(sas_sign(&input->in, &second, &e));
    CHECK(fuzz_equal(sas_buffer_as_view(&first->string_to_sign),
                     sas_buffer_as_view(&second.string_to_sign)));
    CHECK(fuzz_equal(sas_buffer_as_view(&first->signature),
                     sas_buffer_as_view(&second.signature)));
    CHECK(
        fuzz_equal(sas_buffer_as_view(&first->query), sas_buffer_as_view(&second.query)));
    CHECK(fuzz_equal(sas_buffer_as_view(&first->body), sas_buffer_as_view(&second.body)));
    CHECK(first->header_count == second.header_count);
    for (i = 0; i < first->header_count; i++)
        CHECK(fuzz_equal(sas_buffer_as_view(&first->headers[i].value),
                         sas_buffer_as_view(&second.headers[i].value)));
    sas_signed_release(&second);
}

static void check_secret(const struct sas_signed *s)
{
    size_t i;

    CHECK(!fuzz_contains(sas_buffer_as_view(&s->canonical_request), FUZZ_SECRET));
    CHECK(!fuzz_contains(sas_buffer_as_view(&s->string_to_sign), FUZZ_SECRET));
    CHECK(!fuzz_contains(sas_buffer_as_view(&s->query), FUZZ_SECRET));
    CHECK(!fuzz_contains(sas_buffer_as_view(&s->body), FUZZ_SECRET));
    for (i = 0; i < s->header_count; i++)
        CHECK(!fuzz_contains(sas_buffer_as_view(&s->headers[i].value), FUZZ_SECRET));
}

static void check_left(const struct sas_signed *s)
{
    CHECK(s->header_count == 0 && s->signature.length == 0);
    CHECK(s->string_to_sign.length == 0 && s->body.length == 0 && s->query.length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    struct sas_view text = {copy, size};
    struct input input;
    struct sas_signed s;
    struct sas_error e = {0};
    size_t i;

    CHECK(copy != NULL);
    memcpy(copy, data, size);
    read_input(&input, text);
    for (i = 0; i < size; i++) {
        if (data[i] == 0xfe)
            copy[i] = '\n';
    }
    memset(&s, 0, sizeof s);
    if (sas_sign(&input.in, &s, &e)) {
        CHECK(e.kind == SAS_NONE);
        if (input.in.version == SAS_SIGNATURE_V3)
            check_v3(&input, &s);
        else
            check_v1(&input, &s);
        if (!fuzz_contains(text, FUZZ_SECRET)) /* the fuzzer learns to write it */
            check_secret(&s);
        check_order(&input, &s);
    } else {
        CHECK(e.kind != SAS_NONE);
        check_left(&s);
    }
    fuzz_check_error(&e);
    sas_signed_release(&s);
    sas_error_release(&e);
    free(copy);
    return 0;
}
