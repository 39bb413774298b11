/*
 * sign.h - ACS3-HMAC-SHA256 and RPC signature 1.0, stage by stage
 * SPDX-License-Identifier: MIT
 *
 * Signing is a function of its inputs: date and nonce come in, no clock is read, and each
 * stage leaves its text in the output. It knows neither JSON nor Lua.
 *
 * Specifications: "V3 request structure and signature" and "RPC mechanism" (the page
 * calls the signature 1.0 "V2 RPC") of Alibaba Cloud's SDK documentation.
 */
#ifndef SAS_SIGN_H
#define SAS_SIGN_H

#include "error.h"

SAS_HIDDEN_BEGIN

enum sas_signature { SAS_SIGNATURE_V3, SAS_SIGNATURE_V1 };

/* Names and values, borrowed; the order does not matter. */
struct sas_pair {
    struct sas_view name, value;
};
struct sas_pairs {
    const struct sas_pair *items;
    size_t count;
};

/* What is signed; absent views are left out. */
struct sas_sign_input {
    enum sas_signature version;
    struct sas_view method; /* "POST" */
    struct sas_view host;   /* with ":port" if it has one: what the Host header says */
    struct sas_view path;   /* "/" */
    struct sas_view action, api_version;
    struct sas_view date;  /* yyyy-MM-ddTHH:mm:ssZ, UTC */
    struct sas_view nonce; /* new for each attempt */
    struct sas_pairs query;
    struct sas_pairs form;    /* becomes the body */
    struct sas_pairs headers; /* further ones */
    bool exact;               /* V3: `headers` are all that is signed, none is made */
    struct sas_view body;     /* where there is no form */
    struct sas_view content_type;
    struct sas_view format; /* V1: "JSON" by default */
    bool common_in_form;    /* V1: common parameters and signature travel in the form */
    struct sas_view key_id, key_secret, security_token;
};

#define SAS_HEADERS_MAX 64

struct sas_header {
    struct sas_buffer name; /* lower case */
    struct sas_buffer value;
};

/* Every stage. All zero before; release wipes. */
struct sas_signed {
    struct sas_buffer canonical_query;
    struct sas_buffer canonical_headers;      /* V3 */
    struct sas_buffer signed_headers;         /* V3 */
    struct sas_buffer content_sha256;         /* V3 */
    struct sas_buffer canonical_request;      /* V1: the canonical query */
    struct sas_buffer canonical_request_hash; /* V3 */
    struct sas_buffer string_to_sign;
    struct sas_buffer signature;
    struct sas_buffer authorization; /* V3 */
    struct sas_buffer query;         /* to send behind the "?" */
    struct sas_buffer body;          /* to send */
    struct sas_header headers[SAS_HEADERS_MAX];
    size_t header_count;
};

/* Signs; false with *e set (argument, or no memory) when an input cannot be signed. */
bool sas_sign(const struct sas_sign_input *in, struct sas_signed *out,
              struct sas_error *e);

void sas_signed_release(struct sas_signed *s);

/* SHA-256 of bytes, appended as lower-case hex; false when libcrypto refuses. */
bool sas_sha256_hex(struct sas_buffer *out, struct sas_view in);

SAS_HIDDEN_END

#endif
