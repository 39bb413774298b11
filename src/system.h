/*
 * system.h - what a careful program needs from the system and Lua lacks
 * SPDX-License-Identifier: MIT
 *
 * Failures are errors of kind SAS_STATE with one of the codes NOT_FOUND, PERMISSION,
 * NOT_REGULAR, NOT_PRIVATE, TOO_LARGE, LOCKED and IO; the message names the path and the
 * system's reason. Nothing here calls Lua or changes the process (no umask, no chdir).
 */
#ifndef SAS_SYSTEM_H
#define SAS_SYSTEM_H

#include <stdbool.h>

#include "buffer.h"
#include "error.h"
#include "sas.h"

SAS_HIDDEN_BEGIN

/* Seconds since 1970, and seconds since some moment that no clock change moves. */
double sas_system_now(void);
double sas_system_monotonic(void);

/*
 * Seconds of a clock that no clock change moves, and that runs on while the machine
 * sleeps where the system has such a clock (elsewhere it stops then: what is waited by it
 * takes longer). It counts from some moment of this boot, which sas_system_boot names.
 */
double sas_system_boottime(void);

/*
 * Appends the name of this boot. What is read from sas_system_boottime under one name may
 * be compared, in other processes too. Empty where the system names none.
 */
void sas_system_boot(struct sas_buffer *name);

/* Seconds of the processor that this thread has used. */
double sas_system_cputime(void);

/* Longer waits than this are mistakes. */
#define SAS_SLEEP_MAX (366.0 * 86400.0)

/* Sleeps the whole time, whatever signals come; `seconds` from 0 to SAS_SLEEP_MAX. */
void sas_system_sleep(double seconds);

/*
 * Appends the text of a file that only its owner, who is this user or root, may read or
 * write. The checks are made on the open file, behind any symbolic links, so that the
 * file cannot be exchanged in between; nothing that is no regular file is waited for.
 * `text->max` is the largest size that is accepted.
 */
bool sas_read_private(const char *path, struct sas_buffer *text, struct sas_error *e);

/*
 * The same for a file that may hold secrets and that others may have left readable: then
 * *readable is set, for a warning. That others can change it stays an error.
 */
bool sas_read_guarded(const char *path, struct sas_buffer *text, bool *readable,
                      struct sas_error *e);

/*
 * True where this is a folder, maybe behind symbolic links, that belongs to this user or
 * root and that nobody else may write to: who can put files there could forge them. The
 * folders above it, and those of the links, must be such that nobody else can put another
 * in its place: owned by this user, root or the owner of "/", and written to by others
 * only with the sticky bit, or by the user's own group.
 */
bool sas_check_folder(const char *path, struct sas_error *e);

/* The mode of a file that is replaced; else what the umask leaves of 666. A link is
 * refused. */
#define SAS_MODE_UMASK (~0U)

/*
 * Writes a file whole: readers see the old text or the new one, and after a power failure
 * one of them is there. On failure the old file stays and nothing else is left behind.
 */
bool sas_write_file(const char *path, struct sas_view text, unsigned mode,
                    struct sas_error *e);

/* Makes a folder that only its owner may enter; one that is there already is left as it
 * is. */
bool sas_make_folder(const char *path, struct sas_error *e);

/* A lock that one holder has at a time, within a process too, until it ends or dies. */
struct sas_lock {
    bool held;
    int fd;
    long pid; /* of the process that took it: a forked child must not give it back */
};

/*
 * Waits for at most `timeout` seconds (0: not at all); the file is created, and stays.
 * What is no regular file is no lock.
 */
bool sas_lock_take(struct sas_lock *lock, const char *path, double timeout,
                   struct sas_error *e);
void sas_lock_release(struct sas_lock *lock); /* idempotent */

SAS_HIDDEN_END

#endif
