/*
 * http_code.c - what went wrong, in our words
 * SPDX-License-Identifier: MIT
 *
 * libcurl's own texts are not passed on: they change, and some quote the URL.
 */
#include "http_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CURLE_TOO_LARGE, since 8.6: by its number, since the headers may be older. */
#define OVER_ITS_LIMIT ((CURLcode)100)

struct failure {
    CURLcode rc;
    const char *code;
    const char *text; /* followed by the place */
};

static const struct failure failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "COULDNT_RESOLVE_HOST", "the host name has no address"},
    {CURLE_COULDNT_RESOLVE_PROXY, "COULDNT_RESOLVE_PROXY",
     "the name of the proxy has no address"},
    {CURLE_COULDNT_CONNECT, "COULDNT_CONNECT", "could not connect"},
    {CURLE_INTERFACE_FAILED, "COULDNT_CONNECT", "could not connect"},
    {CURLE_PROXY, "PROXY", "the proxy made no connection"},
    {CURLE_OPERATION_TIMEDOUT, "TIMEOUT", "out of time"},
    {CURLE_SSL_CONNECT_ERROR, "TLS_HANDSHAKE", "the TLS handshake failed"},
    {CURLE_SSL_CIPHER, "TLS_HANDSHAKE", "the TLS handshake failed: no common cipher"},
    {CURLE_USE_SSL_FAILED, "TLS_HANDSHAKE", "the TLS handshake failed"},
    {CURLE_PEER_FAILED_VERIFICATION, "TLS_CERTIFICATE",
     "the certificate is not valid for this host"},
    {CURLE_SSL_ISSUER_ERROR, "TLS_CERTIFICATE", "the certificate's issuer is wrong"},
    {CURLE_SSL_INVALIDCERTSTATUS, "TLS_CERTIFICATE", "the certificate's status is bad"},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, "TLS_CERTIFICATE", "the certificate's key is wrong"},
    {CURLE_SSL_CACERT_BADFILE, "CA_FILE",
     "the file with certificate authorities cannot be used"},
    {CURLE_SSL_CRL_BADFILE, "CA_FILE", "the file with revoked certificates is bad"},
    {CURLE_GOT_NOTHING, "CONNECTION_LOST", "the connection was closed without an answer"},
    {CURLE_SEND_ERROR, "CONNECTION_LOST", "the connection was lost while sending"},
    {CURLE_RECV_ERROR, "CONNECTION_LOST", "the connection was lost"},
    {CURLE_PARTIAL_FILE, "TRUNCATED", "the answer was cut"},
    {CURLE_UNSUPPORTED_PROTOCOL, "BAD_RESPONSE", "the answer is not HTTP/1.1"},
    {CURLE_WEIRD_SERVER_REPLY, "BAD_RESPONSE", "the answer is not HTTP/1.1"},
    {CURLE_HTTP2, "BAD_RESPONSE", "the answer is not HTTP/1.1"},
    {CURLE_BAD_CONTENT_ENCODING, "BAD_RESPONSE", "the answer is encoded"},
    {CURLE_FILESIZE_EXCEEDED, "TOO_LARGE", "the answer is too large"},
    {OVER_ITS_LIMIT, "INVALID_REQUEST", "the request is too large for libcurl"},
    {CURLE_OUT_OF_MEMORY, "OUT_OF_MEMORY", "not enough memory"},
    {CURLE_URL_MALFORMAT, "INVALID_REQUEST", "request.host or the proxy is malformed"},
    {CURLE_UNKNOWN_OPTION, "UNSUPPORTED", "this libcurl lacks something needed"},
    {CURLE_NOT_BUILT_IN, "UNSUPPORTED", "this libcurl lacks something needed"},
    {CURLE_BAD_FUNCTION_ARGUMENT, "UNSUPPORTED", "this libcurl refuses an option"},
    {CURLE_FAILED_INIT, "UNSUPPORTED", "libcurl or its TLS library cannot start"},
    {CURLE_SSL_ENGINE_INITFAILED, "UNSUPPORTED", "the TLS library cannot start"},
};

bool sas_http_fail(struct sas_http_exchange *x, const char *code, const char *format, ...)
{
    char text[384];
    va_list arguments;

    if (x->code)
        return false;
    x->code = code;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) >= 0)
        sas_buffer_text(&x->message, text); /* without memory: no message */
    va_end(arguments);
    return false;
}

bool sas_http_sent(const struct sas_http_exchange *x)
{
    return x->requests > 0;
}

static void fail_at(struct sas_http_exchange *x, const char *code, const char *text)
{
    sas_http_fail(x, code, "%s (%s)", text, sas_buffer_cstr(&x->place));
}

/* OpenSSL's reasons that people can act on; the numbers are X509_V_ERR_*. */
static const char *certificate_text(struct sas_http_exchange *x)
{
    const curl_version_info_data *library = curl_version_info(CURLVERSION_NOW);
    long reason = -1;

    if (!library->ssl_version || strncmp(library->ssl_version, "OpenSSL", 7) != 0 ||
        curl_easy_getinfo(x->easy, CURLINFO_SSL_VERIFYRESULT, &reason))
        reason = -1;
    switch (reason) {
    case 9:
        return "the certificate is not valid yet; is the clock right?";
    case 10:
        return "the certificate has expired; is the clock right?";
    case 18:
    case 19:
    case 20:
    case 21:
        return "the certificate comes from an unknown authority";
    default:
        return "the certificate is not valid for this host";
    }
}

/* What the callbacks know is more exact than the CURLcode that their stop leads to. */
static bool judge_ours(struct sas_http_exchange *x, CURLcode rc)
{
    if (x->requests > 1)
        /* libcurl was about to send the request again by itself */
        fail_at(x, "CONNECTION_LOST", "the connection was lost before an answer");
    else if (x->cut && strcmp(x->cut, "TOO_LARGE") == 0)
        fail_at(x, x->cut, "the answer is too large");
    else if (x->cut && strcmp(x->cut, "OUT_OF_MEMORY") == 0)
        fail_at(x, x->cut, "not enough memory for the answer");
    else if (x->cut)
        fail_at(x, x->cut, "the answer is not plain HTTP/1.1, or is encoded");
    else if (x->forbidden && rc && !x->requests)
        fail_at(x, "FORBIDDEN_ADDRESS",
                "plain http is for loopback hosts only, and this is none");
    return x->code != NULL;
}

/* An answer that libcurl calls complete. */
static void judge_answer(struct sas_http_exchange *x)
{
    if (!x->requests)
        fail_at(x, "UNSUPPORTED", "libcurl reports an answer to no request");
    else if (!x->head_done)
        fail_at(x, "TRUNCATED", "the answer was cut within its headers");
    else if (x->chunked && x->chunks.state != SAS_CHUNK_DONE)
        fail_at(x, "TRUNCATED", "the answer was cut");
}

/* What the proxy answered to CONNECT, or 0. */
static long proxy_status(struct sas_http_exchange *x)
{
    long status = 0;

    if (curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &status))
        return 0;
    return status;
}

/* Whether a proxy stood in the way; `rc` came before the request was sent. */
static bool is_proxy_failure(struct sas_http_exchange *x, CURLcode rc)
{
    long status = proxy_status(x);

    if (x->plain || x->http->proxy == SAS_PROXY_NONE)
        return false;
    if (status >= 300 || (status > 0 && status < 200))
        return true;
    return rc == CURLE_RECV_ERROR || rc == CURLE_SEND_ERROR || rc == CURLE_GOT_NOTHING ||
           rc == CURLE_WEIRD_SERVER_REPLY || rc == CURLE_UNSUPPORTED_PROTOCOL;
}

/* A refusal (407: no password, 403) stays one, whereas another answer may be another the
 * next time. */
static void judge_proxy(struct sas_http_exchange *x)
{
    long status = proxy_status(x);

    if (status == 403 || status == 407)
        sas_http_fail(x, "PROXY_REFUSED", "the proxy refused with status %ld (%s)",
                      status, sas_buffer_cstr(&x->place));
    else
        fail_at(x, "PROXY", "the proxy made no connection");
}

/* libcurl tells only since 8.7 whether it used a proxy of the environment. */
static bool may_have_proxy(const struct sas_http_exchange *x)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    size_t i;

    if (x->plain || x->http->proxy == SAS_PROXY_NONE)
        return false;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): libcurl reads them in the same way */
        const char *value = getenv(names[i]);

        if (value && *value)
            return true;
    }
    return x->http->proxy == SAS_PROXY_URL;
}

static const struct failure *find(CURLcode rc)
{
    size_t i;

    for (i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].rc == rc)
            return &failures[i];
    return NULL;
}

/* A header line that is too long for libcurl; older ones call that a lack of memory. */
static bool is_long_header(struct sas_http_exchange *x, CURLcode rc)
{
    curl_off_t first_byte = 0;

    return (rc == OVER_ITS_LIMIT || rc == CURLE_OUT_OF_MEMORY) && x->requests &&
           !x->head_done &&
           !curl_easy_getinfo(x->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte) &&
           first_byte > 0;
}

/* An end within the answer cuts it, be it an orderly one, a reset, or one that leaves TLS
 * open, which only some versions of libcurl and OpenSSL let pass. */
static bool is_cut(const struct sas_http_exchange *x, CURLcode rc)
{
    return x->status >= 200 && rc == CURLE_RECV_ERROR;
}

static void judge_timeout(struct sas_http_exchange *x)
{
    if (x->requests)
        sas_http_fail(x, "TIMEOUT", "no complete answer within %.1f s (%s)",
                      (double)x->timeout_ms / 1000.0, sas_buffer_cstr(&x->place));
    else
        sas_http_fail(
            x, "TIMEOUT", "no connection within %.1f s (%s)",
            (double)(x->connect_ms < x->timeout_ms ? x->connect_ms : x->timeout_ms) /
                1000.0,
            sas_buffer_cstr(&x->place));
}

void sas_http_judge(struct sas_http_exchange *x, CURLcode rc)
{
    const struct failure *f = find(rc);

    if (x->code || judge_ours(x, rc))
        return;
    if (rc == CURLE_OK)
        judge_answer(x);
    else if (!x->requests && is_proxy_failure(x, rc))
        judge_proxy(x);
    else if (rc == CURLE_OPERATION_TIMEDOUT)
        judge_timeout(x);
    else if (rc == CURLE_PEER_FAILED_VERIFICATION)
        fail_at(x, "TLS_CERTIFICATE", certificate_text(x));
    else if (is_long_header(x, rc))
        fail_at(x, "TOO_LARGE", "the answer's headers are too large");
    else if (is_cut(x, rc))
        fail_at(x, "TRUNCATED", "the answer was cut");
    else if (rc == CURLE_BAD_FUNCTION_ARGUMENT && x->requests)
        fail_at(x, "BAD_RESPONSE", "the answer has a header that is none");
    else if (rc == CURLE_UNSUPPORTED_PROTOCOL && !x->requests)
        fail_at(x, "UNSUPPORTED", "this libcurl lacks http or https");
    else if (rc == CURLE_COULDNT_CONNECT && may_have_proxy(x))
        fail_at(x, "COULDNT_CONNECT", "could not connect to the proxy, or through it");
    else if (f)
        fail_at(x, f->code, f->text);
    else
        sas_http_fail(x, x->requests ? "BAD_RESPONSE" : "COULDNT_CONNECT",
                      "libcurl reports failure %d (%s)", (int)rc,
                      sas_buffer_cstr(&x->place));
}
