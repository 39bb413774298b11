/*
 * http_options.c - an exchange as options of libcurl
 * SPDX-License-Identifier: MIT
 */
#include "http_part.h"

static bool is_reused(struct sas_http_exchange *x)
{
    long made = 1;

    return !curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &made) && made == 0;
}

/*
 * Called after the connection is ready, before the request is written: the only place
 * that tells whether something can have left. libcurl sends a request again by itself
 * when a reused connection dies; the second time ends it here.
 *
 * What came on a connection while it waited belongs to no request. libcurl before 8.0
 * would take it for the answer to this one.
 */
static int on_request(void *exchange, char *remote, char *local, int remote_port,
                      int local_port)
{
    struct sas_http_exchange *x = exchange;

    (void)remote, (void)local, (void)remote_port;
    if (!x->requests && is_reused(x) && sas_http_has_unread(x->http, local_port)) {
        x->stale = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return ++x->requests > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Each sets some options; the first failure ends the chain. */

static CURLcode set_callbacks(struct sas_http *h, struct sas_http_exchange *x)
{
    CURL *easy = x->easy;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);

    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, sas_http_on_open);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, x);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, sas_http_on_close);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, h);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, sas_http_on_header);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, sas_http_on_body);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    return rc;
}

static CURLcode set_trust_and_proxy(struct sas_http *h, struct sas_http_exchange *x)
{
    CURL *easy = x->easy;
    CURLcode rc = CURLE_OK;

    if (h->ca_file.length) { /* this file alone, not the system's folder beside it */
        rc = curl_easy_setopt(easy, CURLOPT_CAINFO, h->ca_file.data);
        if (!rc)
            rc = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (rc)
        return rc;
    if (x->plain || h->proxy == SAS_PROXY_NONE)
        return curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (h->proxy == SAS_PROXY_ENV)
        return CURLE_OK;
    rc = curl_easy_setopt(easy, CURLOPT_PROXY, h->proxy_url.data);
    if (!rc) /* one that was asked for by name is not switched off by NO_PROXY */
        rc = curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    return rc;
}

static CURLcode set_method(struct sas_http_exchange *x)
{
    CURL *easy = x->easy;
    CURLcode rc;

    if (x->method == SAS_HTTP_GET)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    rc = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                              (curl_off_t)x->body.length);
    if (!rc) /* not copied: it stays until the exchange is over */
        rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                              x->body.length ? x->body.data : "");
    if (!rc && x->method == SAS_HTTP_PUT)
        rc = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    return rc;
}

static CURLcode set_request(struct sas_http_exchange *x)
{
    CURL *easy = x->easy;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_URL, x->origin.data);

    if (!rc) /* byte for byte: libcurl's URL parser never sees it */
        rc = curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, x->target.data);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers);
    if (!rc)
        rc = set_method(x);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, x->connect_ms);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, x->timeout_ms);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, x->fresh ? 1L : 0L);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, x->fresh ? 1L : 0L);
    return rc;
}

CURLcode sas_http_set_options(struct sas_http *h, struct sas_http_exchange *x)
{
    CURLcode rc = sas_http_lock(x->easy, x->plain);

    if (!rc)
        rc = curl_easy_setopt(x->easy, CURLOPT_SHARE, x->sessions);
    if (!rc)
        rc = set_callbacks(h, x);
    if (!rc)
        rc = set_trust_and_proxy(h, x);
    if (!rc)
        rc = set_request(x);
    return rc;
}
