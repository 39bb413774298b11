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

static void interrupts(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
}

void sas_interrupt_hold(bool hold)
{
    struct sigaction action = {0};
    sigset_t set;

    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    interrupts(&set);
    (void)pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

bool sas_interrupt_take(void)
{
    sigset_t set;
    int number;

    if (sigpending(&set) != 0 || sigismember(&set, SIGINT) != 1)
        return false;
    interrupts(&set);
    return sigwait(&set, &number) == 0;
}
