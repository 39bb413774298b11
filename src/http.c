/*
 * http.c - one HTTP exchange at a time over libcurl
 * SPDX-License-Identifier: MIT
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE /* what _POSIX_C_SOURCE hides on macOS */
#endif

#include "http_part.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Writing to a connection that the peer has closed raises SIGPIPE, which kills a host
 * that does not expect it. It is blocked around everything that may write, and taken back
 * if it came meanwhile; one that was already waiting is left alone.
 */
struct quiet {
    sigset_t old;
    bool pending, blocked;
};

static bool sigpipe_waits(void)
{
    sigset_t waiting;

    return sigpending(&waiting) == 0 && sigismember(&waiting, SIGPIPE) == 1;
}

static void quiet_begin(struct quiet *q)
{
    sigset_t pipe_only;

    q->pending = sigpipe_waits();
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    q->blocked = pthread_sigmask(SIG_BLOCK, &pipe_only, &q->old) == 0;
}

static void quiet_end(struct quiet *q)
{
    sigset_t pipe_only;

    if (!q->blocked)
        return;
    if (!q->pending && sigpipe_waits()) {
        sigemptyset(&pipe_only);
        sigaddset(&pipe_only, SIGPIPE);
#ifdef __APPLE__
        {
            int taken;

            sigwait(&pipe_only, &taken); /* macOS has no sigtimedwait */
        }
#else
        {
            static const struct timespec at_once = {0, 0};

            while (sigtimedwait(&pipe_only, NULL, &at_once) == -1 && sigpipe_waits())
                ; /* interrupted by another signal */
        }
#endif
    }
    pthread_sigmask(SIG_SETMASK, &q->old, NULL);
}

/* Callbacks of libcurl: no Lua here, and no way out but the returned value. */

static bool is_loopback_address(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof in);
        return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, address, sizeof in6);
        return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) && in6.sin6_addr.s6_addr[12] == 127);
    }
    return false;
}

static int new_socket(const struct curl_sockaddr *address)
{
    int type = address->socktype;
    int fd;

#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    fd = socket(address->family, type, address->protocol);
#ifndef SOCK_CLOEXEC
    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
#endif
    return fd;
}

static curl_socket_t on_open(void *exchange, curlsocktype purpose,
                             struct curl_sockaddr *address)
{
    struct sas_http_exchange *x = exchange;
    struct sas_http *h = x->http;
    int fd;

    (void)purpose;
    if (x->plain && !x->anywhere && !is_loopback_address(&address->addr)) {
        x->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    if (h->socket_count == SAS_HTTP_SOCKETS)
        return CURL_SOCKET_BAD;
    fd = new_socket(address);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    h->sockets[h->socket_count++] = fd;
    return fd;
}

static int on_close(void *handle, curl_socket_t fd)
{
    struct sas_http *h = handle;
    size_t i;

    for (i = 0; i < h->socket_count; i++)
        if (h->sockets[i] == fd) {
            h->sockets[i] = h->sockets[--h->socket_count];
            break;
        }
    return close(fd);
}

/*
 * Called after the connection is ready, before the request is written: the only place
 * that tells whether something can have left. libcurl sends a request again by itself
 * when a reused connection dies; the second time ends it here.
 */
static int on_request(void *exchange, char *remote, char *local, int remote_port,
                      int local_port)
{
    struct sas_http_exchange *x = exchange;

    (void)remote, (void)local, (void)remote_port, (void)local_port;
    return ++x->requests > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Each sets some options; the first failure ends the chain. */

static CURLcode set_callbacks(struct sas_http *h, struct sas_http_exchange *x)
{
    CURL *easy = h->easy;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);

    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, x);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
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
    CURL *easy = h->easy;
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

static CURLcode set_method(struct sas_http *h, struct sas_http_exchange *x)
{
    CURL *easy = h->easy;
    CURLcode rc;

    if (x->method == SAS_HTTP_GET)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    rc = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                              (curl_off_t)x->body.length);
    if (!rc) /* the caller's memory, not copied */
        rc = curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                              x->body.length ? x->body.data : "");
    if (!rc && x->method == SAS_HTTP_PUT)
        rc = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    return rc;
}

static CURLcode set_request(struct sas_http *h, struct sas_http_exchange *x)
{
    CURL *easy = h->easy;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_URL, x->origin.data);

    if (!rc) /* byte for byte: libcurl's URL parser never sees it */
        rc = curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, x->target.data);
    if (!rc)
        rc = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers);
    if (!rc)
        rc = set_method(h, x);
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

static CURLcode set_options(struct sas_http *h, struct sas_http_exchange *x)
{
    CURLcode rc = sas_http_lock(h->easy, x->plain);

    if (!rc)
        rc = set_callbacks(h, x);
    if (!rc)
        rc = set_trust_and_proxy(h, x);
    if (!rc)
        rc = set_request(h, x);
    return rc;
}

static void cleanup_easy(struct sas_http *h)
{
    CURL *easy = h->easy;

    h->easy = NULL;
    if (easy) {
        (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* was reset */
        curl_easy_cleanup(easy); /* says goodbye on each connection, through on_close */
    }
    h->socket_count = 0;
}

/*
 * After a fork the connections are the parent's: a goodbye from here would end them
 * there. /dev/null is put in the place of each socket before libcurl sees them again.
 * Where even that cannot be opened, libcurl's handle is given up unfreed.
 */
static void drop_inherited(struct sas_http *h)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool replaced = null >= 0;
    size_t i;

    for (i = 0; i < h->socket_count; i++)
        if (!replaced || dup2(null, h->sockets[i]) < 0) {
            close(h->sockets[i]);
            replaced = false;
        }
    if (null >= 0)
        close(null);
    if (!replaced)
        h->easy = NULL;
    cleanup_easy(h);
}

static void drop_easy(struct sas_http *h)
{
    struct quiet q;

    if (!h->easy)
        return;
    quiet_begin(&q);
    if (h->pid == (long)getpid())
        cleanup_easy(h);
    else
        drop_inherited(h);
    quiet_end(&q);
}

static bool need_easy(struct sas_http *h, struct sas_http_exchange *x)
{
    if (h->easy && h->pid != (long)getpid())
        drop_easy(h);
    if (h->easy)
        return true;
    /* Here and not at load: nothing of libcurl may exist before a host forks. Never
     * undone: other users of libcurl may live in the process. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return sas_http_fail(x, "UNSUPPORTED", "libcurl or its TLS library cannot start");
    h->easy = curl_easy_init();
    if (!h->easy)
        return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for libcurl");
    h->pid = (long)getpid();
    return true;
}

void sas_http_send(struct sas_http *h, struct sas_http_exchange *x)
{
    struct quiet q;
    CURLcode rc;

    if (h->closed) {
        sas_http_fail(x, "CLOSED", "the handle is closed");
        return;
    }
    x->http = h;
    if (x->code || !sas_http_finish_headers(h, x) || !need_easy(h, x))
        return;
    quiet_begin(&q);
    rc = set_options(h, x);
    if (rc && rc != CURLE_OUT_OF_MEMORY)
        sas_http_fail(x, "UNSUPPORTED", "this libcurl refuses an option (%d)", (int)rc);
    else if (rc)
        sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the request");
    else
        sas_http_judge(x, curl_easy_perform(h->easy));
    /* Forgets the request, keeps connections and TLS sessions. */
    curl_easy_reset(h->easy);
    quiet_end(&q);
    x->http = NULL;
}

static void release_headers(struct curl_slist *headers)
{
    struct curl_slist *node;

    for (node = headers; node; node = node->next)
        sas_wipe(node->data, strlen(node->data));
    curl_slist_free_all(headers);
}

void sas_http_exchange_release(struct sas_http_exchange *x)
{
    release_headers(x->headers);
    x->headers = NULL;
    sas_buffer_release(&x->origin);
    sas_buffer_release(&x->place);
    sas_buffer_release(&x->target);
    sas_buffer_release(&x->head);
    sas_buffer_release(&x->content);
    sas_buffer_release(&x->message);
    memset(x, 0, sizeof *x);
}

void sas_http_close(struct sas_http *h)
{
    h->closed = true;
    drop_easy(h);
    sas_buffer_release(&h->proxy_url);
    sas_buffer_release(&h->ca_file);
    sas_buffer_release(&h->user_agent);
}

const char *sas_http_version(void)
{
    return curl_version();
}
