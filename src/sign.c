/*
 * sign.c - ACS3-HMAC-SHA256 and RPC signature 1.0, stage by stage
 * SPDX-License-Identifier: MIT
 */
#include "sign.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"

#define COUNT(a)     (sizeof(a) / sizeof(a)[0])
#define V3_ALGORITHM "ACS3-HMAC-SHA256"
#define FORM         "application/x-www-form-urlencoded"
#define VALUE_MAX    ((size_t)16 * 1024) /* of a header */
#define COMMON_MAX   12                  /* common parameters of V1 */
#define DATE_LENGTH  20

/* --- input --- */

static void problem(struct sas_error *e, const char *path, const char *message)
{
    sas_error_problem(e, path, message, NULL);
}

static bool is_header_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

static bool is_header_name(struct sas_view name)
{
    size_t i;

    for (i = 0; i < name.length; i++) {
        if (!is_header_byte((unsigned char)name.data[i]))
            return false;
    }
    return name.length > 0 && name.length <= 128;
}

/* No control bytes: neither a header nor a log line can be broken with it. */
static bool is_header_value(struct sas_view value)
{
    return value.length <= VALUE_MAX && !sas_view_has_control(value);
}

static void check_text(struct sas_error *e, const char *path, struct sas_view v,
                       bool required)
{
    if (!v.data || v.length == 0) {
        if (required)
            problem(e, path, "is missing");
    } else if (!is_header_value(v)) {
        problem(e, path, "holds a control character or is too long");
    }
}

/* yyyy-MM-ddTHH:mm:ssZ */
static bool is_date(struct sas_view v)
{
    static const char shape[DATE_LENGTH + 1] = "0000-00-00T00:00:00Z";
    size_t i;

    if (v.length != DATE_LENGTH)
        return false;
    for (i = 0; i < DATE_LENGTH; i++) {
        if (shape[i] == '0' ? v.data[i] < '0' || v.data[i] > '9' : v.data[i] != shape[i])
            return false;
    }
    return true;
}

static void check_headers(const struct sas_sign_input *in, struct sas_error *e)
{
    size_t i;

    if (in->headers.count > SAS_HEADERS_MAX - 16)
        problem(e, "headers", "are too many");
    for (i = 0; i < in->headers.count; i++) {
        if (!is_header_name(in->headers.items[i].name))
            problem(e, "headers", "a header's name is not legal");
        else if (!is_header_value(in->headers.items[i].value))
            problem(e, "headers", "a value holds a control character or is too long");
    }
}

static bool has_form(const struct sas_sign_input *in)
{
    return in->form.count || (in->common_in_form && in->version == SAS_SIGNATURE_V1);
}

static bool check_input(const struct sas_sign_input *in, struct sas_error *e)
{
    bool made = !(in->exact && in->version == SAS_SIGNATURE_V3);

    check_text(e, "method", in->method, true);
    check_text(e, "path", in->path, false);
    check_text(e, "host", in->host, made && in->version == SAS_SIGNATURE_V3);
    check_text(e, "action", in->action, made);
    check_text(e, "apiVersion", in->api_version, made);
    check_text(e, "nonce", in->nonce, made);
    check_text(e, "contentType", in->content_type, false);
    check_text(e, "format", in->format, false);
    check_text(e, "accessKeyId", in->key_id, true);
    check_text(e, "securityToken", in->security_token, false);
    if (!in->key_secret.data || in->key_secret.length == 0)
        problem(e, "accessKeySecret", "is missing");
    if (in->key_secret.length > VALUE_MAX)
        problem(e, "accessKeySecret", "is too long");
    if (made && !is_date(in->date))
        problem(e, "date", "is not of the form yyyy-MM-ddTHH:mm:ssZ");
    if (has_form(in) && in->body.data)
        problem(e, "body", "stands beside a form");
    check_headers(in, e);
    return e->kind == SAS_NONE;
}

/* --- hashes --- */

/* OpenSSL's queue of errors is shared with the host (nginx reads it): it is left as it
 * was found, here and below. */
bool sas_sha256_hex(struct sas_buffer *out, struct sas_view in)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    bool good;

    ERR_set_mark();
    good = EVP_Digest(in.data ? in.data : "", in.length, hash, &length, EVP_sha256(),
                      NULL) == 1;
    ERR_pop_to_mark();
    return good && sas_encode_hex(out, hash, length);
}

struct mac {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length;
};

static bool hmac(struct mac *mac, const EVP_MD *hash, struct sas_view key,
                 struct sas_view text)
{
    mac->length = 0;
    if (key.length > INT_MAX)
        return false;
    return HMAC(hash, key.data, (int)key.length, (const unsigned char *)text.data,
                text.length, mac->bytes, &mac->length) != NULL;
}

/* --- canonical query and form --- */

static int compare_pairs(const void *left, const void *right)
{
    const struct sas_pair *a = left, *b = right;
    int order = sas_view_compare(a->name, b->name);

    /* names first: "a=3" stands before "a-b=6" */
    return order ? order : sas_view_compare(a->value, b->value);
}

static void write_pairs(struct sas_buffer *out, const struct sas_pair *pairs,
                        size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (i)
            sas_buffer_char(out, '&');
        sas_encode_percent(out, pairs[i].name);
        sas_buffer_char(out, '=');
        sas_encode_percent(out, pairs[i].value);
    }
}

/* Writes the pairs of up to three sets, sorted together. */
static bool write_sorted(struct sas_buffer *out, const struct sas_pairs *sets, size_t n)
{
    struct sas_pair *all;
    size_t i, count = 0;

    for (i = 0; i < n; i++)
        count += sets[i].count;
    if (count == 0)
        return true;
    all = malloc(count * sizeof *all);
    if (!all)
        return false;
    for (i = 0, count = 0; i < n; i++) {
        if (sets[i].count)
            memcpy(all + count, sets[i].items, sets[i].count * sizeof *all);
        count += sets[i].count;
    }
    qsort(all, count, sizeof *all, compare_pairs);
    write_pairs(out, all, count);
    free(all);
    return !out->failed;
}

/* --- headers --- */

static void lower(struct sas_buffer *out, struct sas_view in)
{
    size_t i;

    for (i = 0; i < in.length; i++) {
        char c = in.data[i];

        sas_buffer_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static bool add_header(struct sas_signed *out, struct sas_view name,
                       struct sas_view value)
{
    struct sas_header *h;

    if (!value.data)
        return true;
    if (out->header_count == SAS_HEADERS_MAX)
        return false;
    h = &out->headers[out->header_count++];
    lower(&h->name, name);
    return sas_buffer_view(&h->value, sas_view_trim(value)) && !h->name.failed;
}

static bool add_text(struct sas_signed *out, const char *name, struct sas_view value)
{
    return add_header(out, sas_view_text(name), value);
}

static int compare_headers(const void *left, const void *right)
{
    const struct sas_header *a = left, *b = right;
    int order =
        sas_view_compare(sas_buffer_as_view(&a->name), sas_buffer_as_view(&b->name));

    /* a name that occurs twice has its values sorted */
    return order ? order
                 : sas_view_compare(sas_buffer_as_view(&a->value),
                                    sas_buffer_as_view(&b->value));
}

/* Sorts, and joins the values of equal names with a comma. */
static bool arrange_headers(struct sas_signed *out)
{
    size_t i, kept = 0;

    qsort(out->headers, out->header_count, sizeof *out->headers, compare_headers);
    for (i = 0; i < out->header_count; i++) {
        struct sas_header *h = &out->headers[i];
        struct sas_header *last = kept ? &out->headers[kept - 1] : NULL;

        if (last && sas_view_compare(sas_buffer_as_view(&h->name),
                                     sas_buffer_as_view(&last->name)) == 0) {
            sas_buffer_char(&last->value, ',');
            if (!sas_buffer_view(&last->value, sas_buffer_as_view(&h->value)))
                return false;
            sas_buffer_release(&h->name);
            sas_buffer_release(&h->value);
            continue;
        }
        if (i != kept) {
            out->headers[kept] = *h;
            memset(h, 0, sizeof *h);
        }
        kept++;
    }
    out->header_count = kept;
    return true;
}

static bool is_signed(const struct sas_sign_input *in, const struct sas_buffer *name)
{
    struct sas_view v = sas_buffer_as_view(name);

    return in->exact || sas_view_is(v, "host") || sas_view_is(v, "content-type") ||
           (v.length > 6 && memcmp(v.data, "x-acs-", 6) == 0);
}

static void write_canonical_headers(const struct sas_sign_input *in,
                                    struct sas_signed *out)
{
    size_t i;

    for (i = 0; i < out->header_count; i++) {
        const struct sas_header *h = &out->headers[i];

        if (!is_signed(in, &h->name))
            continue;
        sas_buffer_view(&out->canonical_headers, sas_buffer_as_view(&h->name));
        sas_buffer_char(&out->canonical_headers, ':');
        sas_buffer_view(&out->canonical_headers, sas_buffer_as_view(&h->value));
        sas_buffer_char(&out->canonical_headers, '\n');
        if (out->signed_headers.length)
            sas_buffer_char(&out->signed_headers, ';');
        sas_buffer_view(&out->signed_headers, sas_buffer_as_view(&h->name));
    }
}

/* --- body --- */

static struct sas_view body_type(const struct sas_sign_input *in,
                                 const struct sas_signed *out)
{
    struct sas_view none = {NULL, 0};

    if (in->content_type.data && in->content_type.length)
        return in->content_type;
    if (has_form(in))
        return sas_view_text(FORM);
    return out->body.length ? sas_view_text("application/octet-stream") : none;
}

/* --- V3 --- */

static bool make_v3_headers(const struct sas_sign_input *in, struct sas_signed *out)
{
    struct sas_view hash = sas_buffer_as_view(&out->content_sha256);
    struct sas_view token = in->security_token;

    if (token.length == 0)
        token.data = NULL;
    return add_text(out, "host", in->host) && add_text(out, "x-acs-action", in->action) &&
           add_text(out, "x-acs-version", in->api_version) &&
           add_text(out, "x-acs-date", in->date) &&
           add_text(out, "x-acs-signature-nonce", in->nonce) &&
           add_text(out, "x-acs-content-sha256", hash) &&
           add_text(out, "content-type", body_type(in, out)) &&
           add_text(out, "x-acs-security-token", token) &&
           (!token.data || add_text(out, "x-acs-accesskey-id", in->key_id));
}

static bool add_given_headers(const struct sas_sign_input *in, struct sas_signed *out)
{
    size_t i;

    for (i = 0; i < in->headers.count; i++) {
        if (!add_header(out, in->headers.items[i].name, in->headers.items[i].value))
            return false;
    }
    return true;
}

static void write_canonical_request(const struct sas_sign_input *in,
                                    struct sas_signed *out)
{
    struct sas_buffer *b = &out->canonical_request;

    sas_buffer_view(b, in->method);
    sas_buffer_char(b, '\n');
    if (in->path.data && in->path.length)
        sas_buffer_view(b, in->path);
    else
        sas_buffer_char(b, '/');
    sas_buffer_char(b, '\n');
    sas_buffer_view(b, sas_buffer_as_view(&out->canonical_query));
    sas_buffer_char(b, '\n');
    sas_buffer_view(b, sas_buffer_as_view(&out->canonical_headers));
    sas_buffer_char(b, '\n');
    sas_buffer_view(b, sas_buffer_as_view(&out->signed_headers));
    sas_buffer_char(b, '\n');
    sas_buffer_view(b, sas_buffer_as_view(&out->content_sha256));
}

static bool sign_v3(const struct sas_sign_input *in, struct sas_signed *out)
{
    struct mac mac;
    bool good;

    if (!write_sorted(&out->canonical_query, &in->query, 1) ||
        !write_sorted(&out->body, &in->form, 1) ||
        !sas_buffer_view(&out->query, sas_buffer_as_view(&out->canonical_query)) ||
        !sas_sha256_hex(&out->content_sha256, sas_buffer_as_view(&out->body)))
        return false;
    if ((!in->exact && !make_v3_headers(in, out)) || !add_given_headers(in, out) ||
        !arrange_headers(out))
        return false;
    write_canonical_headers(in, out);
    write_canonical_request(in, out);
    if (!sas_sha256_hex(&out->canonical_request_hash,
                        sas_buffer_as_view(&out->canonical_request)))
        return false;
    sas_buffer_text(&out->string_to_sign, V3_ALGORITHM "\n");
    sas_buffer_view(&out->string_to_sign,
                    sas_buffer_as_view(&out->canonical_request_hash));
    good = hmac(&mac, EVP_sha256(), in->key_secret,
                sas_buffer_as_view(&out->string_to_sign));
    sas_encode_hex(&out->signature, mac.bytes, mac.length);
    OPENSSL_cleanse(&mac, sizeof mac);
    sas_buffer_text(&out->authorization, V3_ALGORITHM " Credential=");
    sas_buffer_view(&out->authorization, in->key_id);
    sas_buffer_text(&out->authorization, ",SignedHeaders=");
    sas_buffer_view(&out->authorization, sas_buffer_as_view(&out->signed_headers));
    sas_buffer_text(&out->authorization, ",Signature=");
    sas_buffer_view(&out->authorization, sas_buffer_as_view(&out->signature));
    return good &&
           add_text(out, "authorization", sas_buffer_as_view(&out->authorization));
}

/* --- V1 --- */

static size_t common_parameters(const struct sas_sign_input *in, struct sas_pair *common)
{
    struct sas_view format = in->format;
    size_t n = 0, i, kept = 0;

    if (!format.data || format.length == 0)
        format = sas_view_text("JSON");
#define COMMON(text, v)                                                                  \
    do {                                                                                 \
        common[n].name = sas_view_text(text);                                            \
        common[n++].value = (v);                                                         \
    } while (0)
    COMMON("Action", in->action);
    COMMON("Version", in->api_version);
    COMMON("Format", format);
    COMMON("AccessKeyId", in->key_id);
    COMMON("SignatureMethod", sas_view_text("HMAC-SHA1"));
    COMMON("SignatureVersion", sas_view_text("1.0"));
    COMMON("SignatureNonce", in->nonce);
    COMMON("Timestamp", in->date);
    COMMON("SecurityToken", in->security_token);
#undef COMMON
    for (i = 0; i < n; i++) {
        if (common[i].value.data && common[i].value.length)
            common[kept++] = common[i];
    }
    return kept;
}

static void write_v1_string(const struct sas_sign_input *in, struct sas_signed *out)
{
    sas_buffer_view(&out->string_to_sign, in->method);
    sas_buffer_text(&out->string_to_sign, "&%2F&");
    sas_encode_percent(&out->string_to_sign, sas_buffer_as_view(&out->canonical_query));
}

static bool sign_v1_string(const struct sas_sign_input *in, struct sas_signed *out)
{
    struct sas_buffer key;
    struct mac mac;
    bool good;

    memset(&key, 0, sizeof key);
    sas_buffer_view(&key, in->key_secret);
    good = sas_buffer_char(&key, '&') && hmac(&mac, EVP_sha1(), sas_buffer_as_view(&key),
                                              sas_buffer_as_view(&out->string_to_sign));
    if (good)
        sas_encode_base64(&out->signature, mac.bytes, mac.length);
    OPENSSL_cleanse(&mac, sizeof mac);
    sas_buffer_release(&key);
    return good;
}

static void append_signature(struct sas_buffer *to, const struct sas_signed *out)
{
    sas_buffer_text(to, to->length ? "&Signature=" : "Signature=");
    sas_encode_percent(to, sas_buffer_as_view(&out->signature));
}

static bool sign_v1(const struct sas_sign_input *in, struct sas_signed *out)
{
    struct sas_pair items[COMMON_MAX];
    struct sas_pairs sets[3], in_query[2], in_body[2];
    struct sas_pairs none = {NULL, 0};

    sets[0] = in->query;
    sets[1] = in->form;
    sets[2].items = items;
    sets[2].count = common_parameters(in, items);
    in_query[0] = in->query;
    in_query[1] = in->common_in_form ? none : sets[2];
    in_body[0] = in->form;
    in_body[1] = in->common_in_form ? sets[2] : none;
    if (!write_sorted(&out->canonical_query, sets, COUNT(sets)) ||
        !write_sorted(&out->query, in_query, 2) ||
        !write_sorted(&out->body, in_body, 2) ||
        !sas_buffer_view(&out->canonical_request,
                         sas_buffer_as_view(&out->canonical_query)))
        return false;
    write_v1_string(in, out);
    if (!sign_v1_string(in, out))
        return false;
    append_signature(in->common_in_form ? &out->body : &out->query, out);
    return add_text(out, "host", in->host) &&
           add_text(out, "content-type", body_type(in, out)) &&
           add_given_headers(in, out) && arrange_headers(out);
}

/* --- both --- */

static bool any_failed(const struct sas_signed *s)
{
    const struct sas_buffer *const stages[] = {
        &s->canonical_query,
        &s->canonical_headers,
        &s->signed_headers,
        &s->content_sha256,
        &s->canonical_request,
        &s->canonical_request_hash,
        &s->string_to_sign,
        &s->signature,
        &s->authorization,
        &s->query,
        &s->body,
    };
    size_t i;

    for (i = 0; i < COUNT(stages); i++) {
        if (stages[i]->failed)
            return true;
    }
    return false;
}

bool sas_sign(const struct sas_sign_input *in, struct sas_signed *out,
              struct sas_error *e)
{
    bool good;

    if (!check_input(in, e))
        return false;
    ERR_set_mark();
    good = (!in->body.data || sas_buffer_view(&out->body, in->body));
    if (good)
        good = in->version == SAS_SIGNATURE_V3 ? sign_v3(in, out) : sign_v1(in, out);
    ERR_pop_to_mark();
    if (good && !any_failed(out))
        return true;
    sas_signed_release(out);
    sas_error_set(e, SAS_STATE, "SIGNING_FAILED", "the request could not be signed",
                  "OpenSSL refused, or memory ran out");
    return false;
}

void sas_signed_release(struct sas_signed *s)
{
    size_t i;

    sas_buffer_release(&s->canonical_query);
    sas_buffer_release(&s->canonical_headers);
    sas_buffer_release(&s->signed_headers);
    sas_buffer_release(&s->content_sha256);
    sas_buffer_release(&s->canonical_request);
    sas_buffer_release(&s->canonical_request_hash);
    sas_buffer_release(&s->string_to_sign);
    sas_buffer_release(&s->signature);
    sas_buffer_release(&s->authorization);
    sas_buffer_release(&s->query);
    sas_buffer_release(&s->body);
    for (i = 0; i < s->header_count; i++) {
        sas_buffer_release(&s->headers[i].name);
        sas_buffer_release(&s->headers[i].value);
    }
    s->header_count = 0;
}
