/*
 * lua_system_bounded.c - a Lua function within bounds of memory, instructions and time
 * SPDX-License-Identifier: MIT
 *
 * A hook alone cannot hold memory: one instruction may join 200 long texts. So the
 * state's allocator is exchanged for one that counts and refuses, which Lua answers with
 * its memory error. The hook finds its bounds through the allocator: no registry, no
 * static.
 */
#include "lua_system_bounded.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "system.h"

/* Time is the processor's, as a busy machine has it: what runs here waits for nothing. */

/* Instructions between two looks: some of them copy megabytes. */
#define HOOK_EVERY 100

/* Smaller blocks than this are made without a look at the clock. */
#define LARGE_BLOCK 65536

#define UNBOUNDED 1e18

struct bounds {
    double memory, instructions, deadline; /* the limits */
    double used, executed;                 /* so far */
    bool refused;                          /* a block, for the memory limit */
    bool passed_on;                        /* the memory error, by a call within */
    const char *stopped; /* the limit that the hook or a large block met */
    lua_Alloc allocate;  /* of before, with its context */
    void *context;
    lua_Hook hook; /* of before */
    int hook_mask, hook_count;
};

static bool is_late(const struct bounds *b)
{
    return b->deadline < UNBOUNDED && sas_system_cputime() > b->deadline;
}

/* A lua_Alloc. A block may always shrink: Lua takes it for granted. */
static void *allocate(void *context, void *block, size_t old_size, size_t new_size)
{
    struct bounds *b = context;
    double before = block ? (double)old_size : 0; /* else it is the kind of the object */
    double more = (double)new_size - before;
    void *made;

    if (more > 0 && b->used + more > b->memory) {
        b->refused = true;
        return NULL;
    }
    if (more >= LARGE_BLOCK && is_late(b)) {
        b->stopped = "seconds";
        return NULL;
    }
    made = b->allocate(b->context, block, old_size, new_size);
    if (made || new_size == 0)
        b->used += more;
    if (b->used < 0) /* a block of before has gone: its room is not the function's */
        b->used = 0;
    return made;
}

/* The bounds within which L runs; NULL if somebody exchanged the allocator meanwhile. */
static struct bounds *bounds_of(lua_State *L)
{
    void *context;

    return lua_getallocf(L, &context) == allocate ? context : NULL;
}

/* The bounds around these, of a call within which this one was made. */
static struct bounds *outer(const struct bounds *b)
{
    return b->allocate == allocate ? b->context : NULL;
}

/* Counts for these bounds and those around them; true once one of them has met a limit.
 */
static bool spend(struct bounds *b)
{
    bool over = false;

    for (; b; b = outer(b)) {
        b->executed += HOOK_EVERY;
        if (b->executed > b->instructions)
            b->stopped = "instructions";
        else if (is_late(b))
            b->stopped = "seconds";
        over = over || b->stopped;
    }
    return over;
}

/* Raises once a limit is met, and from then on at each instruction. */
static void count(lua_State *L, lua_Debug *ar)
{
    if (!spend(bounds_of(L)))
        return;
    lua_sethook(L, count, LUA_MASKCOUNT, 1); /* what catches this is stopped at once */
    if (lua_getinfo(L, "Sl", ar) && ar->currentline > 0)
        lua_pushfstring(L, "%s:%d: ", ar->short_src, ar->currentline);
    else
        lua_pushliteral(L, "");
    lua_pushliteral(L, "runs too long");
    lua_concat(L, 2);
    lua_error(L);
}

/* A limit of the table at index 1: a number above 0; absent, there is none. */
static double limit(lua_State *L, const char *name)
{
    double value = UNBOUNDED;

    lua_getfield(L, 1, name);
    if (!lua_isnil(L, -1)) {
        luaL_argcheck(L, lua_type(L, -1) == LUA_TNUMBER, 1, "a limit is no number");
        value = (double)lua_tonumber(L, -1);
        luaL_argcheck(L, value > 0 && value <= UNBOUNDED, 1, "a limit is out of range");
    }
    lua_pop(L, 1);
    return value;
}

static void enter(lua_State *L, struct bounds *b)
{
    /* What is garbage by now would be freed on the way, and make room beyond the limit.
     */
    (void)lua_gc(L, LUA_GCCOLLECT, 0);
    if (b->deadline < UNBOUNDED)
        b->deadline += sas_system_cputime();
    b->allocate = lua_getallocf(L, &b->context);
    b->hook = lua_gethook(L);
    b->hook_mask = lua_gethookmask(L);
    b->hook_count = lua_gethookcount(L);
    lua_setallocf(L, allocate, b);
    lua_sethook(L, count, LUA_MASKCOUNT, HOOK_EVERY);
}

static void leave(lua_State *L, const struct bounds *b)
{
    lua_setallocf(L, b->allocate, b->context);
    lua_sethook(L, b->hook, b->hook_mask, b->hook_count);
}

/* Whether a block was refused, for these bounds or those around them. */
static bool is_refused(const struct bounds *b)
{
    for (; b; b = outer(b))
        if (b->refused)
            return true;
    return false;
}

/* The buffers of Lua 5.3 make an ordinary error of it, with this at the end. */
static bool is_buffer_error(lua_State *L, int index)
{
    static const char text[] = "not enough memory for buffer allocation";
    size_t length = 0, end = sizeof text - 1;
    const char *error = NULL;

    if (lua_type(L, index) == LUA_TSTRING)
        error = lua_tolstring(L, index, &length);
    return error && length >= end && memcmp(error + length - end, text, end) == 0;
}

/* Whether the call failed for want of memory; what it raised is at `index`. */
static bool is_short(lua_State *L, const struct bounds *b, int status, int index)
{
    return status == LUA_ERRMEM || (is_refused(b) && is_buffer_error(L, index));
}

/* The name of the limit that ended the call, which failed; NULL for its own mistake. */
static const char *exceeded(const struct bounds *b, bool is_memory)
{
    if (b->stopped)
        return b->stopped;
    return (is_memory || b->passed_on) && b->refused ? "memory" : NULL;
}

/*
 * Not this function's share, but that of a call around it, or the machine's memory. Most
 * Luas make an ordinary error of it when it is raised anew.
 */
static int pass_on(lua_State *L, const struct bounds *b)
{
    struct bounds *around;

    for (around = outer(b); around; around = outer(around))
        around->passed_on = true;
    return lua_error(L);
}

int sas_lua_bounded(lua_State *L)
{
    struct bounds b = {0};
    const char *which;
    bool is_memory;
    int status;

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    luaL_checkstack(L, 4, "bounded");
    b.memory = limit(L, "memory");
    b.instructions = limit(L, "instructions");
    b.deadline = limit(L, "seconds");
    enter(L, &b);
    status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    leave(L, &b);
    if (spend(outer(&b))) /* their hook, set anew, begins to count anew */
        return luaL_error(L, "runs too long");
    lua_pushboolean(L, status == 0);
    lua_replace(L, 1); /* in the place of the limits: the results stand behind it */
    if (status == 0)
        return lua_gettop(L);
    is_memory = is_short(L, &b, status, 2);
    which = exceeded(&b, is_memory);
    if (is_memory && !which)
        return pass_on(L, &b);
    lua_pushstring(L, which); /* nil for NULL */
    return 3;
}
