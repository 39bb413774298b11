/*
 * http_locked.c - the options of libcurl that no caller may change
 * SPDX-License-Identifier: MIT
 *
 * Every option is set even where it is libcurl's default, since defaults differ between
 * builds. One that fails fails the exchange: better no request than an unchecked one.
 */
#include "http_part.h"

#include <stdbool.h>

struct locked {
    CURLoption option;
    long value;
};

static const struct locked numbers[] = {
    /* certificates are always checked; there is no switch */
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_OPTIONS, 0},
    /* nothing is followed, guessed or decoded */
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_MAXREDIRS, 0},
    {CURLOPT_UNRESTRICTED_AUTH, 0},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_HTTP_CONTENT_DECODING, 0},
    {CURLOPT_HTTP_TRANSFER_DECODING, 0}, /* http_chunks.c is stricter */
    {CURLOPT_TRANSFER_ENCODING, 0},
    {CURLOPT_PATH_AS_IS, 1},
    {CURLOPT_FAILONERROR, 0},
    /* no credentials from elsewhere */
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    /* libcurl keeps quiet: it would print headers */
    {CURLOPT_VERBOSE, 0},
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_HEADER, 0},
    /* no signals: hosts have threads. SIGPIPE is blocked by the caller */
    {CURLOPT_NOSIGNAL, 1},
    /* connections that were idle for long are likely dead */
    {CURLOPT_MAXAGE_CONN, 30},
    {CURLOPT_MAXLIFETIME_CONN, 600},
};

/* A libcurl without proxies knows none of these, and needs none. */
static const struct locked proxy_numbers[] = {
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
    {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_PROXY_SSL_OPTIONS, 0},
    {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE}, /* the proxy does not see our headers */
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC},
};

/* The ones of before 7.85 by their numbers: their names are deprecated in newer headers.
 */
#define OLD_PROTOCOLS       ((CURLoption)(CURLOPTTYPE_LONG + 181))
#define OLD_REDIR_PROTOCOLS ((CURLoption)(CURLOPTTYPE_LONG + 182))

static CURLcode lock_old_protocols(CURL *easy, bool plain)
{
    CURLcode rc = curl_easy_setopt(easy, OLD_PROTOCOLS,
                                   plain ? (long)CURLPROTO_HTTP : (long)CURLPROTO_HTTPS);

    if (!rc)
        rc = curl_easy_setopt(easy, OLD_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
    return rc;
}

static CURLcode lock_protocols(CURL *easy, bool plain)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");

    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    if (rc != CURLE_UNKNOWN_OPTION) /* an older library at run time */
        return rc;
#endif
    return lock_old_protocols(easy, plain);
}

/* Without this a resolver that gets no answer is waited for, whatever the timeout. */
static CURLcode lock_resolver(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075700
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);

    return rc == CURLE_UNKNOWN_OPTION ? CURLE_OK : rc; /* an older library at run time */
#else
    (void)easy;
    return CURLE_OK;
#endif
}

CURLcode sas_http_lock(CURL *easy, bool plain)
{
    CURLcode rc = lock_protocols(easy, plain);
    size_t i;

    for (i = 0; !rc && i < sizeof numbers / sizeof *numbers; i++)
        rc = curl_easy_setopt(easy, numbers[i].option, numbers[i].value);
    for (i = 0; !rc && i < sizeof proxy_numbers / sizeof *proxy_numbers; i++) {
        rc = curl_easy_setopt(easy, proxy_numbers[i].option, proxy_numbers[i].value);
        if (rc == CURLE_UNKNOWN_OPTION || rc == CURLE_NOT_BUILT_IN)
            rc = CURLE_OK;
    }
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, NULL);
    if (!rc)
        rc = lock_resolver(easy);
    return rc;
}
