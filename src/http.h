/*
 * http.h - HTTP exchanges over libcurl, one or several at a time, and what is certain
 * about them SPDX-License-Identifier: MIT
 *
 * Sends what it is given and knows nothing of Alibaba Cloud. A handle (struct sas_http)
 * owns libcurl's part with its connections; an exchange owns one request and its answer.
 * Both are all zero at birth and live in a box of the caller. Order of use:
 *
 *   sas_http_prepare, sas_http_header for each header, sas_http_send, then read
 *   x->code (NULL: there is a whole answer), then sas_http_exchange_release.
 *
 * For several at a time: sas_http_start in the place of sas_http_send, then sas_http_wait
 * and sas_http_take until all that were started are back. No threads: what is under way
 * goes on only while sas_http_send or sas_http_wait run.
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
#define SAS_HTTP_FLIGHTS   64                  /* exchanges at once in one handle */
/* Open at once: each may try two addresses, and as many may be idle. */
#define SAS_HTTP_SOCKETS ((size_t)3 * SAS_HTTP_FLIGHTS)

struct curl_slist;

enum sas_http_proxy { SAS_PROXY_ENV, SAS_PROXY_NONE, SAS_PROXY_URL };

struct sas_http {
    void *multi; /* libcurl's handle; NULL until the first send, and after a fork */
    void *idle[SAS_HTTP_FLIGHTS]; /* stores of TLS sessions to be resumed */
    size_t idle_count;
    long pid; /* of the process that made them */
    bool closed;
    struct sas_http_exchange *first; /* begun, in this order, and not yet taken */
    size_t count;
    unsigned long last_token;
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

/* What the last head says of its body; see http_answer.c. */
struct sas_http_framing {
    bool old; /* HTTP/1.0 */
    bool has_length, has_coding, has_encoding;
    size_t length; /* SIZE_MAX: that, or more */
};

enum sas_http_chunk_state {
    SAS_CHUNK_SIZE,
    SAS_CHUNK_BLANK,
    SAS_CHUNK_EXTENSION,
    SAS_CHUNK_SIZE_LF,
    SAS_CHUNK_DATA,
    SAS_CHUNK_DATA_CR,
    SAS_CHUNK_DATA_LF,
    SAS_CHUNK_TRAILER,
    SAS_CHUNK_DONE
};

/* Where in a chunked body we are; all zero at its begin. */
struct sas_http_chunks {
    enum sas_http_chunk_state state;
    unsigned long long left; /* of the chunk */
    unsigned digits;         /* of its size */
    size_t line;             /* bytes of the line that says its size */
    struct sas_buffer trailer;
};

struct sas_http_exchange {
    struct sas_http *http; /* while it is under way */
    void *easy;            /* libcurl's part, while it is under way */
    void *sessions;        /* the store of TLS sessions, while it is under way */
    struct sas_http_exchange *next;
    unsigned long token; /* 0: of sas_http_send */
    bool over;
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
    struct sas_view body; /* the caller's memory, or that of `kept` */
    struct sas_buffer kept;
    /* what happened */
    unsigned requests; /* times that libcurl was about to write the request */
    bool forbidden;    /* an address was refused */
    bool stale;        /* the connection held bytes that nobody had asked for */
    const char *cut;   /* code of our own reason to stop; NULL: none */
    size_t head_bytes, head_lines;
    bool in_head;   /* after a status line, before the empty line */
    bool head_done; /* the empty line after the final headers was seen */
    int status;     /* of the last status line */
    struct sas_http_framing framing;
    bool chunked; /* the body comes in chunks */
    struct sas_http_chunks chunks;
    struct sas_buffer head; /* "name:value\n" for each header, names in lower case */
    struct sas_buffer content;
    const char *code; /* NULL: head and content are whole */
    struct sas_buffer message;
};

/*
 * Checks the request and makes it ready. False: x->code and x->message tell why, naming
 * the field and never its value. `r->body` must stay where it is until the end of
 * sas_http_send or sas_http_start.
 */
bool sas_http_prepare(struct sas_http_exchange *x, const struct sas_http_request *r);
bool sas_http_header(struct sas_http_exchange *x, struct sas_view name,
                     struct sas_view value);

/* Sets code and message; the first failure stays. Always answers false. */
bool sas_http_fail(struct sas_http_exchange *x, const char *code, const char *format, ...)
    SAS_PRINTF(3, 4);

/*
 * Sends and waits for the whole answer. Blocks for at most about x->timeout_ms. Others
 * that are under way go on meanwhile.
 */
void sas_http_send(struct sas_http *h, struct sas_http_exchange *x);

/*
 * Begins, moves the exchange to the handle and answers its token; x is empty then.
 * Answers 0 where it has ended at once: x->code tells why, and nothing was sent.
 */
unsigned long sas_http_start(struct sas_http *h, struct sas_http_exchange *x);

/*
 * Goes on with what was started until something is over, or for so many seconds. Answers
 * at once where nothing is under way.
 */
void sas_http_wait(struct sas_http *h, double seconds);

/* Moves one that is over to x, which is empty, and answers its token; 0: there is none.
 */
unsigned long sas_http_take(struct sas_http *h, struct sas_http_exchange *x);

/* False only if certainly no byte of the request has left. */
bool sas_http_sent(const struct sas_http_exchange *x);

/* Wipes and frees; idempotent. */
void sas_http_exchange_release(struct sas_http_exchange *x);

/* What is under way ends as CLOSED, and can still be taken. Idempotent. */
void sas_http_close(struct sas_http *h);

/* Closes, and forgets what nobody has taken. */
void sas_http_release(struct sas_http *h);

/* The library's name and version. */
const char *sas_http_version(void);

SAS_HIDDEN_END

#endif
