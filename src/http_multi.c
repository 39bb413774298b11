/*
 * http_multi.c - several exchanges under way at once, over libcurl's multi interface
 * SPDX-License-Identifier: MIT
 *
 * One multi handle holds the connections, and each exchange has an easy handle of its own
 * while it is under way, and a store of TLS sessions for fresh connections to resume.
 * Stores are used again, the last one first, and never by two at once: of TLS 1.3 a
 * session is good for one resumption, so that those who begin at once need one each.
 *
 * Easy handles are not used again: libcurl 7.83 to 8.0 keeps a pointer to the last header
 * of the answer before, and writes through it where the next answer begins with a folded
 * line.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "http_part.h"

#include <time.h>
#include <unistd.h>

/* libcurl wakes up earlier for its own timeouts. */
#define STEP_MS 1000

static double monotonic(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now))
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool sas_http_is_inherited(const struct sas_http *h)
{
    return h->multi && h->pid != (long)getpid();
}

/* Making and unmaking ---------------------------------------------------------------- */

static bool set_up(struct sas_http *h)
{
    return h->multi &&
           !curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) &&
           !curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)SAS_HTTP_FLIGHTS);
}

static void forget_all(struct sas_http *h)
{
    h->multi = NULL;
    h->idle_count = 0;
    h->socket_count = 0;
}

/* Goodbyes are said on each connection, through sas_http_on_close. */
static void tear_down(struct sas_http *h)
{
    size_t i;

    if (h->multi)
        curl_multi_cleanup(h->multi);
    for (i = 0; i < h->idle_count; i++)
        curl_share_cleanup(h->idle[i]);
    forget_all(h);
}

static bool need_multi(struct sas_http *h, struct sas_http_exchange *x)
{
    if (sas_http_is_inherited(h))
        sas_http_drop(h);
    if (h->multi)
        return true;
    /* Here and not at load: nothing of libcurl may exist before a host forks. Never
     * undone: other users of libcurl may live in the process. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return sas_http_fail(x, "UNSUPPORTED", "libcurl or its TLS library cannot start");
    h->multi = curl_multi_init();
    h->pid = (long)getpid();
    if (set_up(h))
        return true;
    tear_down(h);
    return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for libcurl");
}

/* One exchange ----------------------------------------------------------------------- */

/* There are never more of them than exchanges were under way at once. */
static void put_back(struct sas_http *h, struct sas_http_exchange *x)
{
    (void)curl_multi_remove_handle(h->multi, x->easy);
    curl_easy_cleanup(x->easy);
    h->idle[h->idle_count++] = x->sessions;
}

/* Takes the exchange out of libcurl's hands, and wipes what it was to send. */
static void leave(struct sas_http_exchange *x)
{
    if (x->easy)
        put_back(x->http, x);
    x->easy = NULL;
    x->sessions = NULL;
    x->http = NULL;
    x->over = true;
    sas_http_request_release(x);
}

static void *new_sessions(void)
{
    CURLSH *sessions = curl_share_init();

    if (sessions) /* a libcurl without TLS has none to keep */
        (void)curl_share_setopt(sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return sessions;
}

static bool need_easy(struct sas_http *h, struct sas_http_exchange *x)
{
    void *sessions = h->idle_count ? h->idle[--h->idle_count] : new_sessions();

    x->easy = sessions ? curl_easy_init() : NULL;
    if (!x->easy) {
        if (sessions)
            h->idle[h->idle_count++] = sessions;
        return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for libcurl");
    }
    x->sessions = sessions;
    x->http = h;
    return true;
}

static CURLcode hand_over(struct sas_http *h, struct sas_http_exchange *x)
{
    CURLcode rc = sas_http_set_options(h, x);

    if (!rc && curl_multi_add_handle(h->multi, x->easy))
        rc = CURLE_OUT_OF_MEMORY;
    return rc;
}

bool sas_http_begin(struct sas_http *h, struct sas_http_exchange *x)
{
    CURLcode rc;

    if (!sas_http_finish_headers(h, x) || !need_multi(h, x) || !need_easy(h, x))
        return false;
    rc = hand_over(h, x);
    if (!rc)
        return true;
    leave(x);
    if (rc == CURLE_OUT_OF_MEMORY)
        return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the request");
    return sas_http_fail(x, "UNSUPPORTED", "this libcurl refuses an option (%d)",
                         (int)rc);
}

/* Nothing has left yet, so that it may go out on a new connection. */
static bool begin_again(struct sas_http *h, struct sas_http_exchange *x)
{
    x->stale = false;
    return !curl_multi_remove_handle(h->multi, x->easy) &&
           !curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, 1L) &&
           !curl_multi_add_handle(h->multi, x->easy);
}

/* All of them ------------------------------------------------------------------------ */

static void collect(struct sas_http *h)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(h->multi, &left))) {
        CURL *easy = message->easy_handle; /* leaving frees the message */
        CURLcode rc = message->data.result;
        struct sas_http_exchange *x = h->first;

        while (x && x->easy != easy)
            x = x->next;
        if (!x || message->msg != CURLMSG_DONE || (x->stale && begin_again(h, x)))
            continue;
        sas_http_judge(x, rc);
        leave(x);
    }
}

/* Nothing goes on any more where libcurl itself fails. */
static void give_up(struct sas_http *h, CURLMcode mc)
{
    struct sas_http_exchange *x;

    for (x = h->first; x; x = x->next) {
        if (x->over)
            continue;
        if (mc == CURLM_OUT_OF_MEMORY)
            sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for libcurl");
        else
            sas_http_fail(x, "UNSUPPORTED", "libcurl itself fails (%d)", (int)mc);
        leave(x);
    }
}

/* True where the wait is over: the wanted one is, or any one, or nothing is under way. */
static bool has_ended(const struct sas_http *h, const struct sas_http_exchange *wanted)
{
    const struct sas_http_exchange *x;
    bool under_way = false;

    if (wanted)
        return wanted->over;
    for (x = h->first; x; x = x->next) {
        if (x->over)
            return true;
        under_way = true;
    }
    return !under_way;
}

static int milliseconds(double seconds)
{
    return seconds >= STEP_MS / 1000.0 ? STEP_MS : (int)(seconds * 1000.0) + 1;
}

void sas_http_go_on(struct sas_http *h, const struct sas_http_exchange *wanted,
                    double seconds)
{
    double end = monotonic() + seconds;

    for (;;) {
        int running;
        CURLMcode mc = curl_multi_perform(h->multi, &running);
        double left;

        collect(h);
        left = end - monotonic();
        if (!mc && !has_ended(h, wanted) && left > 0)
            mc = curl_multi_poll(h->multi, NULL, 0, milliseconds(left), NULL);
        if (mc)
            give_up(h, mc);
        if (has_ended(h, wanted) || left <= 0)
            return;
    }
}

/*
 * After a fork the connections, and threads that look up names, are the parent's. With
 * nothing under way libcurl can give back its memory, over sockets that lead nowhere;
 * otherwise it is given up unfreed.
 */
static void drop_inherited(struct sas_http *h)
{
    bool abandoned = !sas_http_replace_sockets(h);
    struct sas_http_exchange *x;

    for (x = h->first; x; x = x->next)
        if (!x->over) {
            abandoned = true;
            x->easy = NULL;
            sas_http_fail(x, "CLOSED", "the exchange is the parent process's");
            leave(x);
        }
    if (abandoned) {
        sas_http_close_sockets(h);
        forget_all(h);
    }
}

void sas_http_drop(struct sas_http *h)
{
    struct sas_http_exchange *x;
    struct sas_quiet q;

    if (!h->multi)
        return;
    sas_http_quiet_begin(&q);
    if (sas_http_is_inherited(h))
        drop_inherited(h);
    for (x = h->first; x; x = x->next)
        if (!x->over) {
            sas_http_fail(x, "CLOSED", "the handle was closed meanwhile");
            leave(x);
        }
    tear_down(h);
    sas_http_quiet_end(&q);
}
