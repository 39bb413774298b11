/*
 * system_run.c - a program run without a shell, for what it prints
 * SPDX-License-Identifier: MIT
 */
#undef _GNU_SOURCE /* the strerror_r of POSIX, not the other one */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE
#endif

#include "system_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system.h"

#define FILES_MAX 65536 /* where the open files cannot be listed */

#define LOOK_EVERY 50 /* milliseconds: the end of the child does not wake poll */

/* Seconds for the output of what the program leaves running, such as an agent. */
#define GRACE 0.2

struct run {
    pid_t pid;
    int output, report; /* what the child prints; errno, where it cannot be started */
    double ends;        /* monotonic */
    bool ended;         /* the child, before its output */
    int highest;        /* open file of this process */
};

static bool fail(struct sas_error *e, const char *code, const char *message,
                 const char *hint)
{
    sas_error_set(e, SAS_STATE, code, message, hint);
    return false;
}

static bool fail_errno(struct sas_error *e, int number, const char *doing)
{
    char reason[128], message[192];
    const char *code = "IO";

    if (strerror_r(number, reason, sizeof reason))
        snprintf(reason, sizeof reason, "error %d", number);
    snprintf(message, sizeof message, "cannot %s: %s", doing, reason);
    if (number == ENOENT || number == ENOTDIR)
        code = "NOT_FOUND";
    else if (number == EACCES || number == EPERM)
        code = "PERMISSION";
    return fail(e, code, message, NULL);
}

/* --- the child --- */

/* Listed before the fork, since the child may call little. */
static int highest_file(void)
{
    DIR *folder = opendir("/dev/fd");
    const struct dirent *entry;
    long highest = 2;

    if (!folder)
        return FILES_MAX;
    while ((entry = readdir(folder))) { /* NOLINT(concurrency-mt-unsafe): our own DIR */
        long number = strtol(entry->d_name, NULL, 10);

        if (number > highest)
            highest = number;
    }
    closedir(folder);
    return (int)highest;
}

static void become_default(void)
{
    sigset_t none;
    struct sigaction standard;

    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    sigemptyset(&standard.sa_mask);
    (void)sigaction(SIGPIPE, &standard, NULL);
    (void)sigaction(SIGCHLD, &standard, NULL);
    sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* Never returns. Calls only what may be called between fork and exec. */
static void start_program(const struct run *r, char *const argv[], int out, int report)
{
    int number, fd, null = open("/dev/null", O_RDWR);

    (void)setpgid(0, 0); /* a group of its own, to be killed whole */
    become_default();
    if (null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(null, 2) == 2) {
        for (fd = 3; fd <= r->highest; fd++)
            if (fd != report) /* closed by the start of the program */
                close(fd);
        execvp(argv[0], argv);
    }
    number = errno;
    if (write(report, &number, sizeof number) == -1)
        _exit(126);
    _exit(127);
}

/* --- the parent --- */

static bool open_pipe(int ends[2], struct sas_error *e)
{
    if (pipe(ends) == -1)
        return fail_errno(e, errno, "make a pipe");
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
}

static void close_pipe(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

/*
 * A descriptor below 3 would be in the way of the child's own three: a host may have
 * closed those.
 */
static bool is_above_standard(const int a[2], const int b[2])
{
    return a[0] > 2 && a[1] > 2 && b[0] > 2 && b[1] > 2;
}

static bool start(struct run *r, char *const argv[], struct sas_error *e)
{
    int out[2], report[2];

    if (!open_pipe(out, e))
        return false;
    if (!open_pipe(report, e)) {
        close_pipe(out);
        return false;
    }
    r->highest = highest_file();
    errno = EBADF;
    r->pid = is_above_standard(out, report) ? fork() : -1;
    if (r->pid == 0)
        start_program(r, argv, out[1], report[1]);
    close(out[1]);
    close(report[1]);
    r->output = out[0];
    r->report = report[0];
    if (r->pid != -1)
        return true;
    close(r->output);
    close(r->report);
    return fail_errno(e, errno, "start a program");
}

/* 0 where the program has been started; errno otherwise. */
static int start_failure(const struct run *r)
{
    int number = 0;
    ssize_t n;

    do
        n = read(r->report, &number, sizeof number);
    while (n == -1 && errno == EINTR);
    return n == (ssize_t)sizeof number ? number : 0;
}

/* Leaves the status to be fetched, so that the number stays the child's. */
static bool has_ended(const struct run *r)
{
    siginfo_t info;

    memset(&info, 0, sizeof info);
    if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
        return errno == ECHILD;
    return info.si_pid == r->pid;
}

/* Once the program has ended, what it printed is there: only its children print more. */
static void look_for_end(struct run *r)
{
    double late = sas_system_monotonic() + GRACE;

    if (r->ended || !has_ended(r))
        return;
    r->ended = true;
    if (late < r->ends)
        r->ends = late;
}

/* Waits for something to read; false where there is none in time. */
static bool wait_for_output(struct run *r)
{
    struct pollfd p = {0};
    double left;

    p.fd = r->output;
    p.events = POLLIN;
    for (;;) {
        look_for_end(r);
        left = (r->ends - sas_system_monotonic()) * 1000;
        if (left <= 0) /* what an ended program printed is read however late it is */
            return r->ended && poll(&p, 1, 0) > 0;
        if (poll(&p, 1, left > LOOK_EVERY ? LOOK_EVERY : (int)left + 1) > 0)
            return true;
    }
}

static bool read_output(struct run *r, struct sas_buffer *output, struct sas_error *e)
{
    char chunk[4096];
    ssize_t n;
    int number;

    do {
        if (!wait_for_output(r))
            return r->ended ||
                   fail(e, "TIMEOUT", "the program took too long, and was ended", NULL);
        n = read(r->output, chunk, sizeof chunk);
        number = errno;
        if (n > 0)
            sas_buffer_add(output, chunk, (size_t)n);
        sas_wipe(chunk, sizeof chunk);
    } while ((n > 0 && !output->failed) || (n == -1 && number == EINTR));
    if (output->failed == SAS_BUFFER_TOO_LARGE)
        return fail(e, "TOO_LARGE", "the program prints too much, and was ended", NULL);
    e->no_memory = e->no_memory || output->failed;
    return !output->failed && (n == 0 || fail_errno(e, number, "read from the program"));
}

/*
 * Waits for the end. `status` is 0 too where another part of the host has taken it: what
 * was printed then has to speak for itself. False at the timeout.
 */
static bool wait_for_end(const struct run *r, int *status)
{
    for (;;) {
        pid_t pid = waitpid(r->pid, status, WNOHANG);

        if (pid == r->pid)
            return true;
        if (pid == -1 && errno != EINTR) {
            *status = 0;
            return true;
        }
        if (sas_system_monotonic() >= r->ends)
            return false;
        sas_system_sleep(0.002);
    }
}

static bool judge_end(int status, struct sas_error *e)
{
    char message[80];

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        snprintf(message, sizeof message, "the program ended with status %d",
                 WEXITSTATUS(status));
    else
        snprintf(message, sizeof message, "the program was ended by signal %d",
                 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return fail(e, "EXIT", message, "run it by hand to see what it says");
}

static bool follow(struct run *r, struct sas_buffer *output, struct sas_error *e)
{
    int status = 0, number = start_failure(r);
    bool good =
        !number ? read_output(r, output, e) : fail_errno(e, number, "start the program");

    if (good && wait_for_end(r, &status))
        return judge_end(status, e);
    if (good)
        fail(e, "TIMEOUT", "the program took too long, and was ended", NULL);
    if (!number) {
        (void)kill(-r->pid, SIGKILL);
        (void)kill(r->pid, SIGKILL); /* before it has made its group */
    }
    while (waitpid(r->pid, &status, 0) == -1 && errno == EINTR)
        ;
    return false;
}

bool sas_run(char *const argv[], double timeout, struct sas_buffer *output,
             struct sas_error *e)
{
    struct run r;
    sigset_t child, old;
    bool good, blocked;

    memset(&r, 0, sizeof r);
    r.ends = sas_system_monotonic() + timeout;
    /* A host that waits for every child in its handler, as nginx does, would take ours.
     */
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    blocked = pthread_sigmask(SIG_BLOCK, &child, &old) == 0;
    good = start(&r, argv, e);
    if (good) {
        good = follow(&r, output, e);
        close(r.output);
        close(r.report);
    }
    if (blocked)
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    return good && !e->no_memory;
}
