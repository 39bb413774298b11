/*
 * http_part.h - what the files of the http module share among themselves
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_HTTP_PART_H
#define SAS_HTTP_PART_H

#include <curl/curl.h>
#include <signal.h>

#include "http.h"

#if LIBCURL_VERSION_NUM < 0x075000
#error "libcurl 7.80 or newer is needed (CURLOPT_PREREQFUNCTION)"
#endif

SAS_HIDDEN_BEGIN

/*
 * http_quiet.c. Writing to a connection that the peer has closed raises SIGPIPE, which
 * kills a host that does not expect it. It is blocked around everything that may write,
 * and taken back if it came meanwhile; one that was already waiting is left alone.
 */
struct sas_quiet {
    sigset_t old;
    bool pending, blocked;
};

/* Blocks it; `q` keeps what was before. */
void sas_http_quiet_begin(struct sas_quiet *q);
/* Takes one that came meanwhile, and puts back what was before. */
void sas_http_quiet_end(struct sas_quiet *q);

/* http_socket.c: libcurl's callbacks, for the exchange and for the handle. */
curl_socket_t sas_http_on_open(void *exchange, curlsocktype purpose,
                               struct curl_sockaddr *address);
int sas_http_on_close(void *handle, curl_socket_t fd);

/* True if something, or the end, has come on the connection from this port. */
bool sas_http_has_unread(const struct sas_http *h, int local_port);

/* In a forked child. False: libcurl must not see any of the sockets again. */
bool sas_http_replace_sockets(struct sas_http *h);
void sas_http_close_sockets(struct sas_http *h);

/* http_multi.c */

/*
 * Hands the exchange to libcurl; it stays in its place in memory until it is over. False:
 * x->code tells why, and libcurl knows nothing of it.
 */
bool sas_http_begin(struct sas_http *h, struct sas_http_exchange *x);

/* Goes on with all for at most so long, until one is over: `wanted`, or any one for NULL.
 */
void sas_http_go_on(struct sas_http *h, const struct sas_http_exchange *wanted,
                    double seconds);

/* Ends what is under way as CLOSED, and gives back all that libcurl holds. */
void sas_http_drop(struct sas_http *h);

/* True in a forked child of the process that the connections belong to. */
bool sas_http_is_inherited(const struct sas_http *h);

/* http_options.c: all options of an exchange. */
CURLcode sas_http_set_options(struct sas_http *h, struct sas_http_exchange *x);

/* http_locked.c: sets every option that no caller may change. */
CURLcode sas_http_lock(CURL *easy, bool plain);

/* http_code.c: sets x->code and x->message from what libcurl and the callbacks say. */
void sas_http_judge(struct sas_http_exchange *x, CURLcode rc);

/* http_answer.c: libcurl's callbacks for the answer; `x` is the exchange. */
size_t sas_http_on_header(char *data, size_t size, size_t count, void *x);
size_t sas_http_on_body(char *data, size_t size, size_t count, void *x);

/* A line of a head or trailer, without its end: "name: value". False: it is none. */
bool sas_http_field(struct sas_view line, struct sas_view *name, struct sas_view *value);
/* Without the end of the line, CR LF or LF. */
struct sas_view sas_http_without_end(struct sas_view line);
/* Counts the bytes of a line of a head or trailer; false: those are too large. */
bool sas_http_count_line(struct sas_http_exchange *x, size_t length);

/*
 * http_chunks.c: undoes the chunked coding; the chunks' bytes go to x->content. Answers
 * the code of what is wrong, or NULL. Stops reading at the end: x->chunks.state is
 * SAS_CHUNK_DONE then, and `*used` less than `length` where more follows.
 */
const char *sas_http_unchunk(struct sas_http_exchange *x, const char *data, size_t length,
                             size_t *used);

/* http.c: wipes and frees what was to be sent. */
void sas_http_request_release(struct sas_http_exchange *x);

/* http_request.c */
bool sas_http_finish_headers(struct sas_http *h, struct sas_http_exchange *x);
bool sas_http_is_loopback(const char *host);

SAS_HIDDEN_END

#endif
