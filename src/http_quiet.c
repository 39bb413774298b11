/*
 * http_quiet.c - keeps SIGPIPE away from the host while libcurl may write
 * SPDX-License-Identifier: MIT
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE /* what _POSIX_C_SOURCE hides on macOS */
#endif

#include "http_part.h"

#include <signal.h>
#include <time.h>

static bool sigpipe_waits(void)
{
    sigset_t waiting;

    return sigpending(&waiting) == 0 && sigismember(&waiting, SIGPIPE) == 1;
}

void sas_http_quiet_begin(struct sas_quiet *q)
{
    sigset_t pipe_only;

    q->pending = sigpipe_waits();
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    q->blocked = pthread_sigmask(SIG_BLOCK, &pipe_only, &q->old) == 0;
}

void sas_http_quiet_end(struct sas_quiet *q)
{
    sigset_t pipe_only;

    if (!q->blocked)
        return;
    if (!q->pending && sigpipe_waits()) {
        sigemptyset(&pipe_only);
        sigaddset(&pipe_only, SIGPIPE);
#ifdef __APPLE__
        {
            int taken;

            sigwait(&pipe_only, &taken); /* macOS has no sigtimedwait */
        }
#else
        {
            static const struct timespec at_once = {0, 0};

            while (sigtimedwait(&pipe_only, NULL, &at_once) == -1 && sigpipe_waits())
                ; /* interrupted by another signal */
        }
#endif
    }
    pthread_sigmask(SIG_SETMASK, &q->old, NULL);
}
