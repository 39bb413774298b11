/*
 * lua_system.c - the Lua module aliyun.sas.system
 * SPDX-License-Identifier: MIT
 *
 * Wrong arguments raise; what the system refuses is nil and the error object.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include "compat.h"

#include <string.h>
#include <unistd.h>

#include "lua_box.h"
#include "lua_error.h"
#include "lua_secret.h"
#include "lua_system_bounded.h"
#include "pin.h"
#include "system.h"
#include "system_run.h"
#include "system_terminal.h"

#define LOCK "aliyun.sas.system.lock"
#define BOX  "aliyun.sas.system.box"

#define WORDS_MAX 256 /* of a command */

/* What a call holds while Lua may raise. */
struct box {
    struct sas_buffer text;
    struct sas_error error;
};

static void release_box(struct box *box)
{
    sas_buffer_release(&box->text);
    sas_error_release(&box->error);
}

static int box_gc(lua_State *L)
{
    release_box(sas_lua_check(L, 1, sizeof(struct box), BOX));
    return 0;
}

static struct box *new_box(lua_State *L)
{
    struct box *box = sas_lua_box(L, sizeof *box, BOX);

    return box;
}

static int return_error(lua_State *L, struct box *box)
{
    int n = sas_lua_return_error(L, &box->error);

    release_box(box);
    return n;
}

/* A path that the system sees as Lua does: a string, without NUL. */
static const char *check_path(lua_State *L, int index)
{
    const char *path;
    size_t length;

    luaL_checktype(L, index, LUA_TSTRING);
    path = lua_tolstring(L, index, &length);
    luaL_argcheck(L, length > 0 && strlen(path) == length, index,
                  "a path is not empty and holds no NUL");
    return path;
}

/* A number from `least` to `most`, which NaN is not; `otherwise` where it is absent. */
static double opt_between(lua_State *L, int index, double otherwise, double least,
                          double most)
{
    double number = (double)luaL_optnumber(L, index, (lua_Number)otherwise);

    luaL_argcheck(L, number >= least && number <= most, index, "number out of range");
    return number;
}

static int system_now(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)sas_system_now());
    return 1;
}

static int system_monotonic(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)sas_system_monotonic());
    return 1;
}

/*
 * boottime(): seconds of a clock that runs on through sleep, and the name of the boot
 * that they belong to, or nil
 */
static int system_boottime(lua_State *L)
{
    struct box *box = new_box(L);

    lua_pushnumber(L, (lua_Number)sas_system_boottime());
    sas_system_boot(&box->text);
    if (box->text.length && !box->text.failed)
        lua_pushlstring(L, sas_buffer_cstr(&box->text), box->text.length);
    else
        lua_pushnil(L);
    release_box(box);
    return 2;
}

/* cputime(): seconds of the processor that this thread has used */
static int system_cputime(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)sas_system_cputime());
    return 1;
}

static int system_sleep(lua_State *L)
{
    luaL_checknumber(L, 1);
    sas_system_sleep(opt_between(L, 1, 0, 0, SAS_SLEEP_MAX));
    return 0;
}

static int system_pid(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)getpid());
    return 1;
}

static int system_readprivate(lua_State *L)
{
    const char *path = check_path(L, 1);
    double max = opt_between(L, 2, 65536, 1, (double)SAS_BUFFER_MAX);
    struct box *box = new_box(L);

    box->text.max = (size_t)max;
    if (!sas_read_private(path, &box->text, &box->error))
        return return_error(L, box);
    lua_pushlstring(L, sas_buffer_cstr(&box->text), box->text.length);
    release_box(box);
    return 1;
}

/*
 * readsecret(path [, max]): the text of the file as a secret, and whether others can read
 * the file
 */
static int system_readsecret(lua_State *L)
{
    const char *path = check_path(L, 1);
    double max = opt_between(L, 2, 65536, 1, (double)SAS_BUFFER_MAX);
    struct box *box = new_box(L);
    struct sas_buffer *secret = sas_lua_secret(L);
    bool readable;

    secret->max = (size_t)max;
    if (!sas_read_guarded(path, secret, &readable, &box->error))
        return return_error(L, box);
    lua_pushboolean(L, readable);
    return 2;
}

/*
 * Reads the words of the list at index 1 into `words`, with a NULL behind them. They are
 * the list's own: nothing may be allocated from Lua until they are done with.
 */
static void check_words(lua_State *L, const char **words)
{
    size_t i, count = lua_rawlen(L, 1);

    luaL_argcheck(L, count > 0 && count <= WORDS_MAX, 1, "no list of words");
    for (i = 0; i < count; i++) {
        size_t length;

        lua_rawgeti(L, 1, (int)i + 1);
        luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "a word is no string");
        words[i] = lua_tolstring(L, -1, &length);
        luaL_argcheck(L, strlen(words[i]) == length, 1, "a word holds NUL");
        luaL_argcheck(L, i > 0 || length > 0, 1, "the program has no name");
        lua_pop(L, 1);
    }
    words[count] = NULL;
}

/* run(words [, timeout [, max]]): what the program prints, as a secret */
static int system_run(lua_State *L)
{
    double timeout = opt_between(L, 2, 60, 0.001, SAS_SLEEP_MAX);
    double max = opt_between(L, 3, 65536, 1, (double)SAS_BUFFER_MAX);
    const char *words[WORDS_MAX + 1];
    struct box *box;
    struct sas_buffer *secret;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    box = new_box(L);
    secret = sas_lua_secret(L);
    secret->max = (size_t)max;
    check_words(L, words);
    /* execvp is declared with char *const, and changes nothing */
    if (!sas_run((char *const *)(uintptr_t)words, timeout, secret, &box->error))
        return return_error(L, box);
    return 1;
}

/* Lua has no octal numbers, so a mode may be octal text: "640"; or "umask". */
static unsigned opt_mode(lua_State *L, int index)
{
    struct sas_view text;
    unsigned mode = 0;
    size_t i;

    if (lua_type(L, index) != LUA_TSTRING) {
        double number = opt_between(L, index, 0600, 0, 0777);

        luaL_argcheck(L, number == (double)(unsigned)number, index, "not a whole number");
        return (unsigned)number;
    }
    text.data = lua_tolstring(L, index, &text.length);
    if (sas_view_is(text, "umask"))
        return SAS_MODE_UMASK;
    for (i = 0; i < text.length && text.data[i] >= '0' && text.data[i] <= '7' && i < 4;
         i++)
        mode = mode * 8 + (unsigned)(text.data[i] - '0');
    luaL_argcheck(L, i > 0 && i == text.length && mode <= 0777, index, "not a file mode");
    return mode;
}

static int system_writefile(lua_State *L)
{
    const char *path = check_path(L, 1);
    unsigned mode = opt_mode(L, 3);
    struct sas_view text;
    struct box *box;

    luaL_checktype(L, 2, LUA_TSTRING);
    text.data = lua_tolstring(L, 2, &text.length);
    box = new_box(L);
    if (!sas_write_file(path, text, mode, &box->error))
        return return_error(L, box);
    lua_pushboolean(L, 1);
    return 1;
}

static int system_lock(lua_State *L)
{
    const char *path = check_path(L, 1);
    double timeout = opt_between(L, 2, 0, 0, SAS_SLEEP_MAX);
    struct box *box = new_box(L);
    struct sas_lock *lock = sas_lua_box(L, sizeof *lock, LOCK);

    if (!sas_lock_take(lock, path, timeout, &box->error))
        return return_error(L, box);
    return 1;
}

static int lock_unlock(lua_State *L)
{
    sas_lock_release(sas_lua_check(L, 1, sizeof(struct sas_lock), LOCK));
    return 0;
}

static int lock_tostring(lua_State *L)
{
    const struct sas_lock *lock = sas_lua_check(L, 1, sizeof *lock, LOCK);

    lua_pushfstring(L, "aliyun.sas.system lock (%s)", lock->held ? "held" : "released");
    return 1;
}

/* makefolder(path): makes it, for its owner alone, where it is not there */
static int system_makefolder(lua_State *L)
{
    const char *path = check_path(L, 1);
    struct box *box = new_box(L);

    if (!sas_make_folder(path, &box->error))
        return return_error(L, box);
    lua_pushboolean(L, 1);
    return 1;
}

/* checkfolder(path): true where nobody else may write to it */
static int system_checkfolder(lua_State *L)
{
    const char *path = check_path(L, 1);
    struct box *box = new_box(L);

    if (!sas_check_folder(path, &box->error))
        return return_error(L, box);
    lua_pushboolean(L, 1);
    return 1;
}

static int check_descriptor(lua_State *L)
{
    return (int)opt_between(L, 1, 1, 0, 1048576);
}

/* isatty([fd]): whether it is a terminal; without one, the standard output */
static int system_isatty(lua_State *L)
{
    lua_pushboolean(L, isatty(check_descriptor(L)) == 1);
    return 1;
}

/* columns([fd]): the width of the terminal, or nil where there is none */
static int system_columns(lua_State *L)
{
    int columns = sas_terminal_columns(check_descriptor(L));

    if (columns > 0)
        lua_pushinteger(L, columns);
    else
        lua_pushnil(L);
    return 1;
}

/*
 * holdinterrupts(hold [, alone]): holds Ctrl-C, SIGTERM and SIGHUP back from now on, or
 * lets them end the process; `alone`: Ctrl-C only
 */
static int system_holdinterrupts(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TBOOLEAN);
    sas_interrupt_hold(lua_toboolean(L, 1), lua_toboolean(L, 2));
    return 0;
}

/* interrupted(): the number of a held signal that has come since the last call, or false
 */
static int system_interrupted(lua_State *L)
{
    int number = sas_interrupt_take();

    if (number)
        lua_pushinteger(L, number);
    else
        lua_pushboolean(L, 0);
    return 1;
}

/* Whether a coroutine may yield here; nil where Lua does not tell. */
static int system_yieldable(lua_State *L)
{
    int yieldable = SAS_LUA_ISYIELDABLE(L);

    if (yieldable < 0)
        lua_pushnil(L);
    else
        lua_pushboolean(L, yieldable);
    return 1;
}

static const luaL_Reg lock_methods[] = {
    {"unlock", lock_unlock},
    {NULL, NULL},
};

static const luaL_Reg lock_meta[] = {
    {"__gc", lock_unlock},
    {"__close", lock_unlock},
    {"__tostring", lock_tostring},
    {NULL, NULL},
};

static const luaL_Reg box_meta[] = {
    {"__gc", box_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"now", system_now},
    {"monotonic", system_monotonic},
    {"boottime", system_boottime},
    {"cputime", system_cputime},
    {"sleep", system_sleep},
    {"pid", system_pid},
    {"readprivate", system_readprivate},
    {"readsecret", system_readsecret},
    {"run", system_run},
    {"writefile", system_writefile},
    {"lock", system_lock},
    {"makefolder", system_makefolder},
    {"checkfolder", system_checkfolder},
    {"isatty", system_isatty},
    {"columns", system_columns},
    {"holdinterrupts", system_holdinterrupts},
    {"interrupted", system_interrupted},
    {"yieldable", system_yieldable},
    {"bounded", sas_lua_bounded},
    {NULL, NULL},
};

SAS_EXPORT int luaopen_aliyun_sas_system(lua_State *L);

SAS_EXPORT int luaopen_aliyun_sas_system(lua_State *L)
{
    sas_pin();
    sas_lua_error_register(L);
    sas_lua_secret_register(L);
    sas_lua_class(L, BOX, box_meta, NULL);
    sas_lua_class(L, LOCK, lock_meta, lock_methods);
    luaL_newlib(L, functions);
    lua_pushliteral(L, SAS_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
