/*
 * unpreload.c - keeps LD_PRELOAD from the children of a sanitized Lua
 * SPDX-License-Identifier: MIT
 *
 * Loaded last through LD_PRELOAD, it takes the variable away as soon as everything is
 * loaded, so that the shell, openssl and nginx, which specs start, run as they are.
 */
#include <stdlib.h>

int unsetenv(const char *name);

__attribute__((constructor)) static void unpreload(void)
{
    unsetenv("LD_PRELOAD");
}
