/*
 * http_request.c - checks a request and brings it into libcurl's form
 * SPDX-License-Identifier: MIT
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "http_part.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#define METHOD_MAX  8
#define HOST_MAX    253
#define TARGET_MAX  ((size_t)1024 * 1024)
#define NAME_MAX_   128 /* of a header; NAME_MAX is the system's */
#define VALUE_MAX   ((size_t)16 * 1024)
#define HEADERS_MAX 64
#define SECONDS_MAX 86400.0

static bool invalid(struct sas_http_exchange *x, const char *text)
{
    return sas_http_fail(x, "INVALID_REQUEST", "%s", text);
}

static bool is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ipv6(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET6, host, &address) == 1;
}

bool sas_http_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return false;
}

/* A name or an IPv4 address: labels of letters, digits, "-" and "_" between dots. */
static bool is_name(const char *host)
{
    const char *p;
    char before = '.';

    for (p = host; *p; before = *p++)
        if (*p == '.' ? before == '.'
                      : !is_alnum((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
    return before != '.';
}

/* A last label of digits makes it an address, of which only the dotted form is taken. */
static bool is_other_number(const char *host)
{
    const char *last = strrchr(host, '.');
    struct in_addr address;

    last = last ? last + 1 : host;
    if (strchr(host, ':'))
        return false;
    if (last[0] == '0' && (last[1] == 'x' || last[1] == 'X'))
        return true;
    return last[strspn(last, "0123456789")] == '\0' &&
           inet_pton(AF_INET, host, &address) != 1;
}

/* Copies the host as text, without the brackets of an IPv6 address. */
static bool check_host(struct sas_http_exchange *x, struct sas_view v,
                       char host[HOST_MAX + 1])
{
    if (!v.data)
        return invalid(x, "request.host is missing");
    if (v.length >= 2 && v.data[0] == '[' && v.data[v.length - 1] == ']') {
        v.data++;
        v.length -= 2;
    }
    if (v.length == 0 || v.length > HOST_MAX)
        return invalid(x, "request.host is empty or too long");
    memcpy(host, v.data, v.length);
    host[v.length] = '\0';
    if (strlen(host) != v.length || is_other_number(host) ||
        !(is_name(host) || is_ipv6(host)))
        return invalid(x, "request.host must be a host name or an address, alone");
    return true;
}

static bool check_method(struct sas_http_exchange *x, struct sas_view method)
{
    if (sas_view_is(method, "POST"))
        x->method = SAS_HTTP_POST;
    else if (sas_view_is(method, "GET"))
        x->method = SAS_HTTP_GET;
    else if (sas_view_is(method, "PUT"))
        x->method = SAS_HTTP_PUT;
    else
        return invalid(x, "request.method must be POST, GET or PUT");
    return true;
}

static bool check_scheme(struct sas_http_exchange *x, struct sas_view scheme,
                         const char *host)
{
    if (sas_view_is(scheme, "https"))
        return true;
    if (!sas_view_is(scheme, "http"))
        return invalid(x, "request.scheme must be https, or http to a loopback host");
    x->plain = true;
    if (!x->anywhere && !sas_http_is_loopback(host))
        return sas_http_fail(x, "FORBIDDEN_ADDRESS",
                             "plain http is for loopback hosts only, not for %s", host);
    return true;
}

static bool check_port(struct sas_http_exchange *x, const struct sas_http_request *r,
                       unsigned *port)
{
    *port = x->plain ? 80 : 443;
    if (!r->port_given)
        return true;
    if (!(r->port >= 1 && r->port <= 65535) || r->port != (double)(unsigned)r->port)
        return invalid(x, "request.port must be a whole number from 1 to 65535");
    *port = (unsigned)r->port;
    return true;
}

static bool check_seconds(struct sas_http_exchange *x, const char *name, double seconds,
                          long *ms)
{
    if (!(seconds > 0 && seconds <= SECONDS_MAX))
        return sas_http_fail(x, "INVALID_REQUEST",
                             "request.%s must be a number of seconds, above 0 and up to "
                             "86400",
                             name);
    *ms = (long)(seconds * 1000.0);
    if (*ms < 1)
        *ms = 1; /* 0 would mean for ever */
    return true;
}

static bool check_max_body(struct sas_http_exchange *x, double bytes)
{
    if (!(bytes >= 1 && bytes <= (double)SAS_BUFFER_MAX))
        return invalid(x, "request.maxBody must be a number of bytes from 1 to 67108864");
    x->content.max = (size_t)bytes;
    return true;
}

/* Printable ASCII without space and without `stop` characters. */
static bool is_target(struct sas_view v, const char *stop)
{
    size_t i;

    for (i = 0; i < v.length; i++) {
        unsigned char c = (unsigned char)v.data[i];

        if (c <= 0x20 || c >= 0x7f || strchr(stop, c))
            return false;
    }
    return true;
}

static bool check_target(struct sas_http_exchange *x, struct sas_view path,
                         struct sas_view query)
{
    if (path.data && (path.length == 0 || path.data[0] != '/' || !is_target(path, "?#")))
        return invalid(x, "request.path must begin with / and be percent-encoded");
    if (query.data && !is_target(query, "#"))
        return invalid(x, "request.query must be percent-encoded, without #");
    x->target.max = TARGET_MAX;
    if (path.data)
        sas_buffer_view(&x->target, path);
    else
        sas_buffer_char(&x->target, '/');
    if (query.length) {
        sas_buffer_char(&x->target, '?');
        sas_buffer_view(&x->target, query);
    }
    if (x->target.failed == SAS_BUFFER_TOO_LARGE)
        return invalid(x, "request.query is too long");
    return true;
}

static bool check_body(struct sas_http_exchange *x, struct sas_view body)
{
    if (x->method == SAS_HTTP_GET && body.length)
        return invalid(x, "request.body must be absent with GET");
    if (body.length > SAS_BUFFER_MAX)
        return invalid(x, "request.body is too long");
    x->body = body;
    return true;
}

bool sas_http_prepare(struct sas_http_exchange *x, const struct sas_http_request *r)
{
    char host[HOST_MAX + 1];
    const char *open, *close;
    unsigned port;

    x->anywhere = r->plain;
    if (!check_method(x, r->method) || !check_host(x, r->host, host) ||
        !check_scheme(x, r->scheme, host) || !check_port(x, r, &port) ||
        !check_seconds(x, "connectTimeout", r->connect_timeout, &x->connect_ms) ||
        !check_seconds(x, "timeout", r->timeout, &x->timeout_ms) ||
        !check_max_body(x, r->max_body) || !check_target(x, r->path, r->query) ||
        !check_body(x, r->body))
        return false;
    x->fresh = r->fresh;
    open = strchr(host, ':') ? "[" : "";
    close = *open ? "]" : "";
    sas_buffer_format(&x->place, "%s%s%s:%u", open, host, close, port);
    sas_buffer_format(&x->origin, "%s://%s/", x->plain ? "http" : "https",
                      sas_buffer_cstr(&x->place));
    if (x->place.failed || x->origin.failed || x->target.failed)
        return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the request");
    return true;
}

/* Names come in lower case, so that none can stand there twice. */
static bool is_header_name(struct sas_view name)
{
    size_t i;

    for (i = 0; i < name.length; i++) {
        char c = name.data[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return name.length > 0 && name.length <= NAME_MAX_;
}

static bool is_header_value(struct sas_view value)
{
    return !sas_view_has_control(value) &&
           (value.length == 0 ||
            (value.data[0] != ' ' && value.data[value.length - 1] != ' '));
}

/* These frame the message or the connection: that is libcurl's business and ours. */
static bool is_reserved(struct sas_view name)
{
    static const char *const reserved[] = {
        "connection", "expect",  "keep-alive",        "proxy-authorization",
        "te",         "trailer", "transfer-encoding", "upgrade",
    };
    size_t i;

    for (i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (sas_view_is(name, reserved[i]))
            return true;
    return false;
}

/* libcurl writes the length itself; one that the caller signed must be the same. */
static bool check_length(struct sas_http_exchange *x, struct sas_view value)
{
    struct sas_buffer right = {0};
    bool same;

    sas_buffer_format(&right, "%lu", (unsigned long)x->body.length);
    same = sas_view_is(value, sas_buffer_cstr(&right));
    sas_buffer_release(&right);
    if (!same)
        return invalid(x, "request.headers[\"content-length\"] is not the body's length");
    return true;
}

static bool append_header(struct sas_http_exchange *x, const char *line)
{
    struct curl_slist *longer = curl_slist_append(x->headers, line);

    if (!longer)
        return sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the headers");
    x->headers = longer;
    return true;
}

static bool add_header(struct sas_http_exchange *x, struct sas_view name,
                       struct sas_view value)
{
    struct sas_buffer line = {0};
    bool good;

    sas_buffer_view(&line, name);
    if (value.length) {
        sas_buffer_text(&line, ": ");
        sas_buffer_view(&line, value);
    } else {
        sas_buffer_char(&line, ';'); /* libcurl's way to ask for an empty header */
    }
    good = !line.failed && append_header(x, sas_buffer_cstr(&line));
    if (line.failed)
        sas_http_fail(x, "OUT_OF_MEMORY", "not enough memory for the headers");
    sas_buffer_release(&line);
    return good;
}

bool sas_http_header(struct sas_http_exchange *x, struct sas_view name,
                     struct sas_view value)
{
    if (!is_header_name(name))
        return invalid(x, "request.headers: a name may hold only a-z, 0-9, - and _");
    if (is_reserved(name))
        return sas_http_fail(x, "INVALID_REQUEST",
                             "request.headers[\"%s\"] cannot be set by the caller",
                             name.data);
    if (!is_header_value(value))
        return sas_http_fail(x, "INVALID_REQUEST",
                             "request.headers[\"%s\"] holds a control character, or "
                             "space at an end",
                             name.data);
    x->header_bytes += name.length + value.length;
    if (++x->header_count > HEADERS_MAX || value.length > VALUE_MAX ||
        x->header_bytes > SAS_HTTP_HEAD_MAX)
        return invalid(x, "request.headers are too many or too long");
    if (sas_view_is(name, "content-length"))
        return check_length(x, value);
    if (sas_view_is(name, "host") && !value.length)
        return invalid(x, "request.headers[\"host\"] is empty");
    x->has_accept = x->has_accept || sas_view_is(name, "accept");
    x->has_content_type = x->has_content_type || sas_view_is(name, "content-type");
    x->has_user_agent = x->has_user_agent || sas_view_is(name, "user-agent");
    return add_header(x, name, value);
}

/* A name without a value takes away the header that libcurl would add by itself. */
bool sas_http_finish_headers(struct sas_http *h, struct sas_http_exchange *x)
{
    struct sas_view name = sas_view_text("user-agent");

    if (!append_header(x, "expect:"))
        return false;
    if (!x->has_accept && !append_header(x, "accept:"))
        return false;
    if (!x->has_content_type && !append_header(x, "content-type:"))
        return false;
    if (!x->has_user_agent && h->user_agent.length)
        return add_header(x, name, sas_buffer_as_view(&h->user_agent));
    return true;
}
