/*
 * http.h - one HTTP exchange at a time over libcurl, and what is certain about it
 * SPDX-License-Identifier: MIT
 *
 * Sends what it is given and knows nothing of Alibaba Cloud. A handle (struct sas_http)
 * owns the libcurl handle with its connections; an exchange owns one request and its
 * answer. Both are all zero at birth and live in a box of the caller. Order of use:
 *
 *   sas_http_prepare, sas_http_header for each header, sas_http_send, then read
 *   x->code (NULL: there is a whole answer), then sas_http_exchange_release.
 *
 * No function here calls Lua, and none returns with a secret in x->message.
 */
#ifndef SAS_HTTP_H
#define SAS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "sas.h"

SAS_HIDDEN_BEGIN

#define SAS_HTTP_CONNECT_TIMEOUT 5.0
#define SAS_HTTP_TIMEOUT         10.0
#define SAS_HTTP_MAX_BODY        (4.0 * 1024 * 1024)

#define SAS_HTTP_HEAD_MAX  ((size_t)64 * 1024) /* bytes of an answer's headers */
#define SAS_HTTP_LINES_MAX 128                 /* lines of them */
#define SAS_HTTP_SOCKETS   32                  /* open at once in one handle */

struct curl_slist;

enum sas_http_proxy { SAS_PROXY_ENV, SAS_PROXY_NONE, SAS_PROXY_URL };

struct sas_http {
    void *easy; /* libcurl's handle; NULL until the first send, and after a fork */
    long pid;   /* of the process that made it */
    bool closed;
    int sockets[SAS_HTTP_SOCKETS]; /* the ones that libcurl holds open */
    size_t socket_count;
    /* settings */
    enum sas_http_proxy proxy;
    struct sas_buffer proxy_url;  /* may hold a password */
    struct sas_buffer ca_file;    /* empty: the system's authorities */
    struct sas_buffer user_agent; /* for requests that bring none */
};

enum sas_http_method { SAS_HTTP_GET, SAS_HTTP_POST, SAS_HTTP_PUT };

/* What the caller asks for; checked by sas_http_prepare. Times are in seconds. */
struct sas_http_request {
    struct sas_view method, scheme, host, path, query, body; /* NULL data: absent */
    bool port_given;
    double port, connect_timeout, timeout, max_body;
    bool fresh; /* not on a connection that was used before */
    bool plain; /* plain http may go to any host, since it was asked for by name */
};

struct sas_http_exchange {
    struct sas_http *http; /* during sas_http_send */
    /* the request */
    enum sas_http_method method;
    bool plain;    /* http, so the address must be a loopback one */
    bool anywhere; /* unless this is set; no proxy either way */
    bool fresh;
    long connect_ms, timeout_ms;
    struct sas_buffer origin;   /* scheme://host:port/ */
    struct sas_buffer place;    /* host:port, for messages */
    struct sas_buffer target;   /* path?query, secret */
    struct curl_slist *headers; /* secret; wiped on release */
    size_t header_count, header_bytes;
    bool has_accept, has_content_type, has_user_agent;
    struct sas_view body; /* the caller's memory */
    /* what happened */
    unsigned requests; /* times that libcurl was about to write the request */
    bool forbidden;    /* an address was refused */
    const char *cut;   /* code of our own reason to stop; NULL: none */
    size_t head_bytes, head_lines;
    bool head_done;         /* the empty line after the final headers was seen */
    int status;             /* of the last status line */
    struct sas_buffer head; /* "name:value\n" for each header, names in lower case */
    struct sas_buffer content;
    const char *code; /* NULL: head and content are whole */
    struct sas_buffer message;
};

/*
 * Checks the request and makes it ready. False: x->code and x->message tell why, naming
 * the field and never its value. `r->body` must stay where it is until the end of
 * sas_http_send.
 */
bool sas_http_prepare(struct sas_http_exchange *x, const struct sas_http_request *r);
bool sas_http_header(struct sas_http_exchange *x, struct sas_view name,
                     struct sas_view value);

/* Sets code and message; the first failure stays. Always answers false. */
bool sas_http_fail(struct sas_http_exchange *x, const char *code, const char *format, ...)
    SAS_PRINTF(3, 4);

/* Sends and waits for the whole answer. Blocks for at most about x->timeout_ms. */
void sas_http_send(struct sas_http *h, struct sas_http_exchange *x);

/* False only if certainly no byte of the request has left. */
bool sas_http_sent(const struct sas_http_exchange *x);

/* Wipes and frees; idempotent. */
void sas_http_exchange_release(struct sas_http_exchange *x);
void sas_http_close(struct sas_http *h);

/* The library's name and version. */
const char *sas_http_version(void);

SAS_HIDDEN_END

#endif
