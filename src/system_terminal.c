/*
 * system_terminal.c - what a command line asks of its terminal and its signals
 * SPDX-License-Identifier: MIT
 *
 * A held signal waits in the kernel, blocked: no handler, and so no variable of its own.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "system_terminal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

int sas_terminal_columns(int fd)
{
#ifdef TIOCGWINSZ
    struct winsize size;

    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0)
        return size.ws_col;
#endif
    return 0;
}

static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* What asks for the end, but for what is ignored, as nohup has it. */
static void interrupts(sigset_t *set, bool alone)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    if (!alone && !is_ignored(SIGTERM))
        sigaddset(set, SIGTERM);
    if (!alone && !is_ignored(SIGHUP))
        sigaddset(set, SIGHUP);
}

void sas_interrupt_hold(bool hold, bool alone)
{
    struct sigaction action = {0};
    sigset_t set;

    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    interrupts(&set, alone);
    (void)pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

int sas_interrupt_take(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t all, pending, one;
    size_t i;
    int taken;

    interrupts(&all, false);
    if (sigpending(&pending) != 0)
        return 0;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (sigismember(&all, numbers[i]) != 1 || sigismember(&pending, numbers[i]) != 1)
            continue;
        sigemptyset(&one);
        sigaddset(&one, numbers[i]);
        return sigwait(&one, &taken) == 0 ? taken : 0;
    }
    return 0;
}
