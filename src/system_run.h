/*
 * system_run.h - a program run without a shell, for what it prints
 * SPDX-License-Identifier: MIT
 */
#ifndef SAS_SYSTEM_RUN_H
#define SAS_SYSTEM_RUN_H

#include "buffer.h"
#include "error.h"

SAS_HIDDEN_BEGIN

/*
 * Runs the program argv[0] (searched in PATH where it has no slash) and appends what it
 * prints to `output`, up to output->max. Its input is empty, its error output goes
 * nowhere, and of this process's files it inherits none. What it leaves running, such as
 * an agent that keeps its output open, is waited for no longer than a moment. After
 * `timeout` seconds, or when it prints too much, it is killed with all that it has
 * started. False with NOT_FOUND, PERMISSION, IO, TIMEOUT, TOO_LARGE, or EXIT where it
 * ends with another status than 0. No message has an argument of it: those may be secret.
 */
bool sas_run(char *const argv[], double timeout, struct sas_buffer *output,
             struct sas_error *e);

SAS_HIDDEN_END

#endif
