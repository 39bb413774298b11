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
 * Has Ctrl-C end the process again, as where no one catches it, and holds it back or not:
 * while it is held nothing of the process is broken off, and it waits to be asked for.
 * What still waits when it is let go ends the process.
 */
void sas_interrupt_hold(bool hold);

/* Whether a held Ctrl-C has come. Takes it: the next call answers for the next one. */
bool sas_interrupt_take(void);

SAS_HIDDEN_END

#endif
