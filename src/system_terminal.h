/*
 * system_terminal.h - what a command line asks of its terminal and its signals
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_SYSTEM_TERMINAL_H
#define SAS_SYSTEM_TERMINAL_H

#include <stdbool.h>

#include "sas.h"

SAS_HIDDEN_BEGIN

/* The width of the terminal behind the descriptor; 0 where there is none, or it has none.
 */
int sas_terminal_columns(int fd);

/*
 * Has Ctrl-C end the process again, as where no one catches it, and holds it back or not,
 * with SIGTERM and SIGHUP where they are not ignored: while they are held nothing of the
 * process is broken off, and they wait to be asked for. What still waits when it is let
 * go ends the process. `alone`: Ctrl-C only, since what is started meanwhile would hold
 * the others too, and could not be ended.
 */
void sas_interrupt_hold(bool hold, bool alone);

/* The number of a held signal that has come, or 0. Takes it: the next call answers for
 * the next one. */
int sas_interrupt_take(void);

SAS_HIDDEN_END

#endif
