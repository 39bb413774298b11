/*
 * http_socket.c - the sockets that libcurl opens, and what becomes of them in a forked
 * child SPDX-License-Identifier: MIT
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
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

curl_socket_t sas_http_on_open(void *exchange, curlsocktype purpose,
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

int sas_http_on_close(void *handle, curl_socket_t fd)
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

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (getsockname(fd, (struct sockaddr *)&address, &length))
        return -1;
    if (address.ss_family == AF_INET) {
        memcpy(&in, &address, sizeof in);
        return ntohs(in.sin_port);
    }
    memcpy(&in6, &address, sizeof in6);
    return address.ss_family == AF_INET6 ? ntohs(in6.sin6_port) : -1;
}

bool sas_http_has_unread(const struct sas_http *h, int local_port)
{
    size_t i;

    for (i = 0; i < h->socket_count; i++) {
        char byte;

        if (port_of(h->sockets[i]) == local_port &&
            recv(h->sockets[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
            return true;
    }
    return false;
}

/*
 * A goodbye from a child would end the parent's connections: /dev/null is put in the
 * place of each socket before libcurl sees them again.
 */
bool sas_http_replace_sockets(struct sas_http *h)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    size_t i = 0;

    if (null < 0)
        return false;
    while (i < h->socket_count && dup2(null, h->sockets[i]) >= 0)
        i++;
    close(null);
    return i == h->socket_count;
}

void sas_http_close_sockets(struct sas_http *h)
{
    while (h->socket_count)
        close(h->sockets[--h->socket_count]);
}
