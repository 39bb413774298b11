/*
 * scarce.c - makes memory scarce on request, for spec/memory_spec.lua
 * SPDX-License-Identifier: MIT
 *
 * Preloaded, it stands before the C library's allocator, which PUC Lua uses too; opened as
 * a Lua module it is told when to fail:
 *
 *   scarce.arm(n, all)   the n-th allocation from now fails; with `all` the later ones too
 *   scarce.disarm()      answers how many allocations were asked for since
 *   scarce.live()        blocks that are in use
 *   scarce.unread()      whether OpenSSL's queue, which is the host's too, held an error; it is empty then
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);
static long asked, fail_at, live;
static int fail_all;

/* dlsym itself may call calloc before the real one is known. */
static char early[4096];
static size_t early_used;

static void find(void)
{
    static int finding;

    if (real_free || finding)
        return;
    finding = 1;
    *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&real_free = dlsym(RTLD_NEXT, "free");
    finding = 0;
}

static int is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static int fails(void)
{
    if (!fail_at)
        return 0;
    asked++;
    if (fail_all ? asked < fail_at : asked != fail_at)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    void *p;

    find();
    p = fails() ? NULL : real_malloc(size);
    live += p != NULL;
    return p;
}

void *calloc(size_t count, size_t size)
{
    void *p;

    find();
    if (!real_calloc) {
        p = early + early_used;
        early_used += (count * size + 15) / 16 * 16;
        return early_used <= sizeof early ? p : NULL;
    }
    p = fails() ? NULL : real_calloc(count, size);
    live += p != NULL;
    return p;
}

void *realloc(void *old, size_t size)
{
    void *p;

    find();
    /* Lua counts on it that a block can always be made smaller */
    if (!(old && malloc_usable_size(old) >= size) && fails())
        return NULL;
    p = real_realloc(old, size);
    live += !old && p;
    return p;
}

void free(void *p)
{
    find();
    if (!p || is_early(p))
        return;
    live--;
    real_free(p);
}

static int scarce_arm(lua_State *L)
{
    asked = 0;
    fail_all = lua_toboolean(L, 2);
    fail_at = (long)luaL_checknumber(L, 1);
    return 0;
}

static int scarce_disarm(lua_State *L)
{
    fail_at = 0;
    lua_pushnumber(L, (lua_Number)asked);
    return 1;
}

static int scarce_unread(lua_State *L)
{
    void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_NOLOAD);
    unsigned long (*get)(void) = NULL;
    int found = 0;

    if (library)
        *(void **)&get = dlsym(library, "ERR_get_error");
    if (!get)
        return luaL_error(L, "OpenSSL is not loaded");
    while (get())
        found = 1;
    lua_pushboolean(L, found);
    return 1;
}

static int scarce_live(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)live);
    return 1;
}

int luaopen_scarce(lua_State *L);

int luaopen_scarce(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, scarce_arm);
    lua_setfield(L, -2, "arm");
    lua_pushcfunction(L, scarce_disarm);
    lua_setfield(L, -2, "disarm");
    lua_pushcfunction(L, scarce_live);
    lua_setfield(L, -2, "live");
    lua_pushcfunction(L, scarce_unread);
    lua_setfield(L, -2, "unread");
    return 1;
}
