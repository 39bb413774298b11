/*
 * pin.c - keeps the C module in memory once it is loaded
 * SPDX-License-Identifier: MIT
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr on glibc */
#endif

#include "pin.h"

#include <dlfcn.h>

void sas_pin(void)
{
#if defined(RTLD_NODELETE) && defined(RTLD_NOLOAD)
    static const char anchor = 0;
    Dl_info info;

    /* The handle is dropped on purpose: its count is one more reason to stay. A second
     * call changes nothing that matters. Failing leaves an unpinned, working module. */
    if (dladdr(&anchor, &info) && info.dli_fname)
        (void)dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}
