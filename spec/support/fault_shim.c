/*
 * fault_shim.c - makes the C library and OpenSSL fail, for faults_process_spec.lua and http_spec.lua
 * SPDX-License-Identifier: MIT
 *
 * Preloaded, it stands before them, and reads from the environment
 *
 *   FAULT_DNS=A,B,...  what getaddrinfo answers, one step after the other, the last for
 *                      ever: again, noname, or a:ADDRESS+ADDRESS...
 *   FAULT_STORM=N      SIGALRM every N microseconds and SIGCHLD every N/2, to handlers
 *                      that do nothing
 *   FAULT_COUNT=PATH   at the end, "signals N epipe N" goes there: signals that came, and
 *                      writes that failed with EPIPE, for each of which SIGPIPE came
 *
 * Compiled with -DFAULT_RAND, there are no random numbers; with -DFAULT_CURL, libcurl knows
 * the options of 7.84 and no newer ones.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t signals, broken_pipes;

/* --- the name service --- */

typedef int resolver(const char *, const char *, const struct addrinfo *,
                     struct addrinfo **);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *next_step;

/* The step that is due, into `step`; false where none is asked for. */
static int take_step(char *step, size_t size)
{
    const char *all = getenv("FAULT_DNS"), *end;
    size_t length;

    if (!all)
        return 0;
    pthread_mutex_lock(&lock);
    if (!next_step)
        next_step = all;
    end = strchr(next_step, ',');
    length = end ? (size_t)(end - next_step) : strlen(next_step);
    snprintf(step, size, "%.*s", (int)length, next_step);
    if (end)
        next_step = end + 1;
    pthread_mutex_unlock(&lock);
    return 1;
}

static void append(struct addrinfo **list, struct addrinfo *more)
{
    while (*list)
        list = &(*list)->ai_next;
    *list = more;
}

/* "ADDRESS+ADDRESS" as one list */
static int resolve_all(resolver *real, char *addresses, const char *service,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    char *rest = NULL, *one;

    *list = NULL;
    for (one = strtok_r(addresses, "+", &rest); one; one = strtok_r(NULL, "+", &rest)) {
        struct addrinfo *more = NULL;

        if (real(one, service, hints, &more) == 0)
            append(list, more);
    }
    return *list ? 0 : EAI_NONAME;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **list)
{
    resolver *real;
    char step[200];

    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!node || !take_step(step, sizeof step))
        return real(node, service, hints, list);
    if (strcmp(step, "again") == 0)
        return EAI_AGAIN;
    if (strncmp(step, "a:", 2) == 0)
        return resolve_all(real, step + 2, service, hints, list);
    return EAI_NONAME;
}

/* --- random numbers --- */

#ifdef FAULT_RAND
int RAND_bytes(unsigned char *bytes, int count);

int RAND_bytes(unsigned char *bytes, int count)
{
    (void)bytes, (void)count;
    return 0;
}
#endif

/* --- libcurl --- */

#ifdef FAULT_CURL
int curl_easy_setopt(void *easy, int option, ...);

int curl_easy_setopt(void *easy, int option, ...)
{
    int (*real)(void *, int, ...);
    va_list arguments;
    void *value; /* a long or a pointer, which are of one size where this runs */

    va_start(arguments, option);
    value = va_arg(arguments, void *);
    va_end(arguments);
    if (option == 10318 || option == 10319 || option == 322)
        return 48; /* PROTOCOLS_STR, REDIR_PROTOCOLS_STR, QUICK_EXIT: CURLE_UNKNOWN_OPTION */
    *(void **)&real = dlsym(dlopen("libcurl.so.4", RTLD_NOW), "curl_easy_setopt");
    return real(easy, option, value);
}
#endif

/* --- writes --- */

ssize_t write(int fd, const void *bytes, size_t count)
{
    ssize_t (*real)(int, const void *, size_t);
    ssize_t written;

    *(void **)&real = dlsym(RTLD_NEXT, "write");
    written = real(fd, bytes, count);
    if (written < 0 && errno == EPIPE)
        broken_pipes++;
    return written;
}

/* As where there is no MSG_NOSIGNAL, and in libraries that do without it. */
ssize_t send(int fd, const void *bytes, size_t count, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int);
    ssize_t sent;

    *(void **)&real = dlsym(RTLD_NEXT, "send");
    sent = real(fd, bytes, count, flags & ~MSG_NOSIGNAL);
    if (sent < 0 && errno == EPIPE)
        broken_pipes++;
    return sent;
}

/* --- signals --- */

static void on_signal(int number)
{
    (void)number;
    signals++;
}

static void storm(long microseconds)
{
    struct itimerval each = {{0, microseconds}, {0, microseconds}};
    struct itimerspec also = {{0, microseconds * 1000}, {0, microseconds * 1000 / 2}};
    struct sigevent event;
    struct sigaction action;
    timer_t timer;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* without SA_RESTART */
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    setitimer(ITIMER_REAL, &each, NULL);
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGCHLD;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        timer_settime(timer, 0, &also, NULL);
}

__attribute__((constructor)) static void begin(void)
{
    const char *every = getenv("FAULT_STORM");

    if (every)
        storm(atol(every));
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;

    if (!file)
        return;
    fprintf(file, "signals %d epipe %d\n", (int)signals, (int)broken_pipes);
    fclose(file);
}
