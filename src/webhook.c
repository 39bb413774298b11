/*
 * webhook.c - the URL of a DingTalk robot
 * SPDX-License-Identifier: MIT
 */
#include "webhook.h"

#include <stdio.h>
#include <string.h>

#define SCHEME "https://"

struct url {
    struct sas_view host, port, path, query, fragment;
    bool has_user, has_port, has_fragment;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_with(struct sas_view v, const char *lower_text)
{
    size_t i, length = strlen(lower_text);

    if (v.length < length)
        return false;
    for (i = 0; i < length; i++) {
        if (lower(v.data[i]) != lower_text[i])
            return false;
    }
    return true;
}

static struct sas_view cut(const char *from, const char *to)
{
    struct sas_view v;

    v.data = from;
    v.length = (size_t)(to - from);
    return v;
}

static const char *find(const char *p, const char *end, const char *stops)
{
    while (p < end && !strchr(stops, *p))
        p++;
    return p;
}

/* Takes an https URL apart; its text is already known to be printable ASCII. */
static void split(struct sas_view text, struct url *u)
{
    const char *p = text.data + strlen(SCHEME), *end = text.data + text.length;
    const char *stop = find(p, end, "/?#"), *at, *colon;

    memset(u, 0, sizeof *u);
    at = memchr(p, '@', (size_t)(stop - p));
    u->has_user = at != NULL;
    if (at)
        p = at + 1;
    colon = memchr(p, ':', (size_t)(stop - p));
    u->has_port = colon != NULL;
    u->host = cut(p, colon ? colon : stop);
    if (colon)
        u->port = cut(colon + 1, stop);
    p = stop;
    stop = find(p, end, "?#");
    u->path = cut(p, stop);
    u->query = cut(stop, stop);
    if (stop < end && *stop == '?') {
        p = stop + 1;
        stop = find(p, end, "#");
        u->query = cut(p, stop);
    }
    u->has_fragment = stop < end;
}

static bool is_host_byte(char c)
{
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool is_host(struct sas_view host)
{
    size_t i;

    if (host.length == 0 || host.length > 253 || host.data[0] == '.' ||
        host.data[0] == '-')
        return false;
    for (i = 0; i < host.length; i++) {
        if (!is_host_byte(host.data[i]))
            return false;
        if (host.data[i] == '.' && i + 1 < host.length && host.data[i + 1] == '.')
            return false;
    }
    return true;
}

static bool is_port(struct sas_view port)
{
    unsigned long value = 0;
    size_t i;

    for (i = 0; i < port.length; i++) {
        if (port.data[i] < '0' || port.data[i] > '9')
            return false;
        value = value * 10 + (unsigned long)(port.data[i] - '0');
        if (value > 65535)
            return false;
    }
    return value > 0;
}

/* The domain itself, or something under it; compared on the dot. */
static bool is_under(struct sas_view host, const char *domain)
{
    size_t length = strlen(domain);
    struct sas_view tail = host;

    if (host.length < length)
        return false;
    tail.data += host.length - length;
    tail.length = length;
    return starts_with(tail, domain) && (host.length == length || tail.data[-1] == '.');
}

/* How often a parameter stands in the query; *value is that of the first. */
static int count_parameter(struct sas_view query, const char *name,
                           struct sas_view *value)
{
    const char *p = query.data, *end = p + query.length;
    size_t length = strlen(name);
    int n = 0;

    value->data = NULL;
    value->length = 0;
    while (p && p < end) {
        const char *stop = find(p, end, "&");

        if ((size_t)(stop - p) > length && memcmp(p, name, length) == 0 &&
            p[length] == '=') {
            if (n++ == 0)
                *value = cut(p + length + 1, stop);
        }
        p = stop < end ? stop + 1 : end;
    }
    return n;
}

static void warn(struct sas_error *w, const struct sas_path *path, const char *message,
                 const char *hint)
{
    sas_error_problem(w, path->text, message, hint);
}

static void check_robot(const struct url *u, const struct sas_path *path,
                        struct sas_error *w)
{
    struct sas_view value;
    int tokens;

    if (!is_under(u->host, "dingtalk.com") && !is_under(u->host, "dingtalk.io"))
        warn(w, path, "the host is none of DingTalk's",
             "robots have https://oapi.dingtalk.com/robot/send?access_token=...");
    else if (!sas_view_is(u->path, "/robot/send"))
        warn(w, path, "the path is not /robot/send", "check that the URL is a robot's");
    tokens = count_parameter(u->query, "access_token", &value);
    if (tokens == 0 || value.length == 0)
        warn(w, path, "has no access_token", "copy the whole webhook URL of the robot");
    if (tokens > 1)
        warn(w, path, "has more than one access_token", NULL);
    if (count_parameter(u->query, "sign", &value) ||
        count_parameter(u->query, "timestamp", &value))
        warn(w, path, "is a signed URL, which is good for an hour only",
             "Security Center cannot sign: protect the robot with a keyword instead, and "
             "leave timestamp and sign out");
    if (u->has_fragment)
        warn(w, path, "has a fragment (#), which is never sent", NULL);
}

static bool is_printable(struct sas_view url)
{
    size_t i;

    for (i = 0; i < url.length; i++) {
        if (url.data[i] <= ' ' || url.data[i] > '~' || url.data[i] == '\\')
            return false;
    }
    return true;
}

bool sas_webhook_check(struct sas_view url, const struct sas_path *path,
                       struct sas_error *e, struct sas_error *warnings)
{
    size_t before = e->problem_total;
    struct url u;

    if (url.length == 0) {
        sas_error_problem(e, path->text, "is an empty string", NULL);
        return false;
    }
    if (!is_printable(url))
        sas_error_problem(e, path->text,
                          "holds a space, a backslash, a control character or bytes "
                          "outside ASCII",
                          "percent-encode what is special");
    if (!starts_with(url, SCHEME)) {
        sas_error_problem(e, path->text, "does not start with https://", NULL);
        return false;
    }
    split(url, &u);
    if (u.has_user)
        sas_error_problem(e, path->text, "holds a user name or password", NULL);
    if (!is_host(u.host))
        sas_error_problem(e, path->text, "has no host name that is legal", NULL);
    if (u.has_port && !is_port(u.port))
        sas_error_problem(e, path->text, "has a port that is not from 1 to 65535", NULL);
    if (e->problem_total > before)
        return false;
    check_robot(&u, path, warnings);
    return true;
}
