/*
 * http_part.h - what the files of the http module share among themselves
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_HTTP_PART_H
#define SAS_HTTP_PART_H

#include <curl/curl.h>

#include "http.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or newer is needed (CURLOPT_PREREQFUNCTION)"
#endif

SAS_HIDDEN_BEGIN

/* http_locked.c: sets every option that no caller may change. */
CURLcode sas_http_lock(CURL *easy, bool plain);

/* http_code.c: sets x->code and x->message from what libcurl and the callbacks say. */
void sas_http_judge(struct sas_http_exchange *x, CURLcode rc);

/* http_answer.c: libcurl's callbacks for the answer; `x` is the exchange. */
size_t sas_http_on_header(char *data, size_t size, size_t count, void *x);
size_t sas_http_on_body(char *data, size_t size, size_t count, void *x);

/* http_request.c */
bool sas_http_finish_headers(struct sas_http *h, struct sas_http_exchange *x);
bool sas_http_is_loopback(const char *host);

SAS_HIDDEN_END

#endif
