/*
 * http.c - exchanges and the handle that they belong to
 * SPDX-License-Identifier: MIT
 */
#include "http_part.h"

#include <stdlib.h>
#include <string.h>

static void append(struct sas_http *h, struct sas_http_exchange *x)
{
    struct sas_http_exchange **end = &h->first;

    while (*end)
        end = &(*end)->next;
    *end = x;
    h->count++;
}

static void unlink_exchange(struct sas_http *h, struct sas_http_exchange *x)
{
    struct sas_http_exchange **place = &h->first;

    while (*place != x)
        place = &(*place)->next;
    *place = x->next;
    x->next = NULL;
    h->count--;
}

/* Whether the exchange may begin: false with x->code. */
static bool is_ready(struct sas_http *h, struct sas_http_exchange *x)
{
    if (h->closed)
        return sas_http_fail(x, "CLOSED", "the handle is closed");
    if (x->code)
        return false;
    if (h->count >= SAS_HTTP_FLIGHTS)
        return sas_http_fail(x, "TOO_MANY", "%d exchanges are under way already",
                             SAS_HTTP_FLIGHTS);
    return true;
}

void sas_http_send(struct sas_http *h, struct sas_http_exchange *x)
{
    struct sas_quiet q;

    if (!is_ready(h, x))
        return;
    sas_http_quiet_begin(&q);
    if (sas_http_begin(h, x)) {
        append(h, x);
        while (!x->over)
            sas_http_go_on(h, x, 3600);
        unlink_exchange(h, x);
    }
    sas_http_quiet_end(&q);
}

/* The caller's memory may be gone before the request is written. */
static bool keep_body(struct sas_http_exchange *x)
{
    if (!x->body.length)
        return true;
    if (!sas_buffer_view(&x->kept, x->body))
        return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the request");
    x->body = sas_buffer_as_view(&x->kept);
    return true;
}

unsigned long sas_http_start(struct sas_http *h, struct sas_http_exchange *x)
{
    struct sas_http_exchange *own;
    struct sas_quiet q;
    bool begun;

    if (!is_ready(h, x) || !keep_body(x))
        return 0;
    own = malloc(sizeof *own);
    if (!own) {
        sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the request");
        return 0;
    }
    *own = *x;
    sas_http_quiet_begin(&q);
    begun = sas_http_begin(h, own);
    sas_http_quiet_end(&q);
    if (!begun) { /* what it owns goes back */
        *x = *own;
        free(own);
        return 0;
    }
    memset(x, 0, sizeof *x);
    append(h, own);
    own->token = ++h->last_token;
    return own->token;
}

void sas_http_wait(struct sas_http *h, double seconds)
{
    struct sas_quiet q;

    if (!h->multi)
        return;
    if (sas_http_is_inherited(h)) {
        sas_http_drop(h);
        return;
    }
    sas_http_quiet_begin(&q);
    sas_http_go_on(h, NULL, seconds);
    sas_http_quiet_end(&q);
}

static struct sas_http_exchange *first_that_is_over(struct sas_http *h)
{
    struct sas_http_exchange *x = h->first;

    while (x && !(x->over && x->token))
        x = x->next;
    return x;
}

unsigned long sas_http_take(struct sas_http *h, struct sas_http_exchange *x)
{
    struct sas_http_exchange *own = first_that_is_over(h);

    if (!own)
        return 0;
    unlink_exchange(h, own);
    *x = *own;
    free(own);
    return x->token;
}

static void release_headers(struct curl_slist *headers)
{
    struct curl_slist *node;

    for (node = headers; node; node = node->next)
        sas_wipe(node->data, strlen(node->data));
    curl_slist_free_all(headers);
}

void sas_http_request_release(struct sas_http_exchange *x)
{
    release_headers(x->headers);
    x->headers = NULL;
    memset(&x->body, 0, sizeof x->body);
    sas_buffer_release(&x->kept);
    sas_buffer_release(&x->origin);
    sas_buffer_release(&x->target);
}

void sas_http_exchange_release(struct sas_http_exchange *x)
{
    sas_http_request_release(x);
    sas_buffer_release(&x->place);
    sas_buffer_release(&x->head);
    sas_buffer_release(&x->content);
    sas_buffer_release(&x->chunks.trailer);
    sas_buffer_release(&x->message);
    memset(x, 0, sizeof *x);
}

void sas_http_close(struct sas_http *h)
{
    h->closed = true;
    sas_http_drop(h);
    sas_buffer_release(&h->proxy_url);
    sas_buffer_release(&h->ca_file);
    sas_buffer_release(&h->user_agent);
}

void sas_http_release(struct sas_http *h)
{
    struct sas_http_exchange left = {0};

    sas_http_close(h);
    while (sas_http_take(h, &left))
        sas_http_exchange_release(&left);
}

const char *sas_http_version(void)
{
    return curl_version();
}
