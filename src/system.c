/*
 * system.c - clocks, private files, files written whole, locks
 * SPDX-License-Identifier: MIT
 */
#undef _GNU_SOURCE /* the strerror_r of POSIX, not the other one */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* POSIX 2008, and S_ISVTX */
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE /* flock on macOS */
#endif

#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#ifdef __APPLE__
#include <sys/sysctl.h>
#endif
#include <time.h>
#include <unistd.h>

/* Errors ---------------------------------------------------------------------------- */

static bool fail(struct sas_error *e, const char *code, const char *path,
                 const char *what, const char *hint)
{
    struct sas_buffer message = {0};

    sas_buffer_text(&message, path);
    sas_buffer_text(&message, ": ");
    sas_buffer_text(&message, what);
    sas_error_set(e, SAS_STATE, code, sas_buffer_cstr(&message), hint);
    if (message.failed)
        e->no_memory = true;
    sas_buffer_release(&message);
    return false;
}

static const char *code_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return "NOT_FOUND";
    case EACCES:
    case EPERM:
    case EROFS:
        return "PERMISSION";
    default:
        return "IO";
    }
}

/* `number` is errno, saved before anything else could change it. */
static bool fail_errno(struct sas_error *e, int number, const char *path,
                       const char *doing)
{
    char reason[128], what[192];

    if (strerror_r(number, reason, sizeof reason))
        snprintf(reason, sizeof reason, "error %d", number);
    snprintf(what, sizeof what, "cannot %s: %s", doing, reason);
    return fail(e, code_of(number), path, what, NULL);
}

/* Clocks ---------------------------------------------------------------------------- */

static double read_clock(clockid_t which)
{
    struct timespec t = {0, 0};

    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double sas_system_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

double sas_system_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double sas_system_boottime(void)
{
#ifdef CLOCK_BOOTTIME
    struct timespec t;

    if (clock_gettime(CLOCK_BOOTTIME, &t) == 0)
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
#endif
    return sas_system_monotonic(); /* runs on through sleep on macOS, not on the BSDs */
}

#ifdef __APPLE__

void sas_system_boot(struct sas_buffer *name)
{
    char text[64];
    size_t size = sizeof text;

    if (sysctlbyname("kern.bootsessionuuid", text, &size, NULL, 0) == 0)
        sas_buffer_text(name, text);
}

#else

/* A time namespace has a clock of its own under the same boot_id. */
void sas_system_boot(struct sas_buffer *name)
{
    char text[64];
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
    struct sas_view view = {text, 0};

    if (fd >= 0)
        close(fd);
    while ((ssize_t)view.length < length && text[view.length] > ' ')
        view.length++;
    if (!view.length)
        return;
    sas_buffer_view(name, view);
    length = readlink("/proc/self/ns/time", text, sizeof text);
    view.length = length > 0 ? (size_t)length : 0;
    sas_buffer_view(name, view);
}

#endif

double sas_system_cputime(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void sas_system_sleep(double seconds)
{
    struct timespec left;

    left.tv_sec = (time_t)seconds;
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ; /* `left` is what remains */
}

/* Private files --------------------------------------------------------------------- */

static bool advise_chmod(struct sas_error *e, const char *mode, const char *path,
                         const char *what)
{
    struct sas_buffer hint = {0};

    sas_buffer_format(&hint, "chmod %s ", mode);
    sas_buffer_text(&hint, path);
    fail(e, "NOT_PRIVATE", path, what, sas_buffer_cstr(&hint));
    sas_buffer_release(&hint);
    return false;
}

static bool is_ours(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

/* `readable` is set where others can read the file; NULL: that is an error. */
static bool check_private(int fd, const char *path, bool *readable, struct sas_error *e)
{
    struct stat st;

    if (fstat(fd, &st) == -1)
        return fail_errno(e, errno, path, "look at it");
    if (!S_ISREG(st.st_mode))
        return fail(e, "NOT_REGULAR", path, "is not a regular file", NULL);
    if (!is_ours(&st))
        return fail(e, "NOT_PRIVATE", path, "belongs to another user", NULL);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return advise_chmod(e, "600", path, "can be changed by other users");
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) && !readable)
        return advise_chmod(e, "600", path, "can be read by other users");
    if (readable)
        *readable = (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
    return true;
}

static bool read_all(int fd, const char *path, struct sas_buffer *text,
                     struct sas_error *e)
{
    char chunk[4096];
    ssize_t n;
    int number;

    do {
        n = read(fd, chunk, sizeof chunk);
        number = errno;
        if (n > 0)
            sas_buffer_add(text, chunk, (size_t)n);
    } while ((n > 0 && !text->failed) || (n == -1 && number == EINTR));
    sas_wipe(chunk, sizeof chunk);
    if (text->failed == SAS_BUFFER_TOO_LARGE)
        return fail(e, "TOO_LARGE", path, "is larger than such a file can be", NULL);
    if (text->failed) {
        e->no_memory = true;
        return false;
    }
    return n == 0 || fail_errno(e, number, path, "read it");
}

static bool read_checked(const char *path, struct sas_buffer *text, bool *readable,
                         struct sas_error *e)
{
    /* O_NONBLOCK: the opening of a FIFO would wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool good;

    if (fd == -1)
        return fail_errno(e, errno, path, "open it");
    good = check_private(fd, path, readable, e) && read_all(fd, path, text, e);
    close(fd);
    return good;
}

bool sas_read_private(const char *path, struct sas_buffer *text, struct sas_error *e)
{
    return read_checked(path, text, NULL, e);
}

bool sas_read_guarded(const char *path, struct sas_buffer *text, bool *readable,
                      struct sas_error *e)
{
    *readable = false;
    return read_checked(path, text, readable, e);
}

/* Files written whole --------------------------------------------------------------- */

/* Creates a file beside `path`; its name is left in `name`. Answers -1 with errno. */
static int open_beside(const char *path, unsigned mode, struct sas_buffer *name)
{
    int attempt, fd;

    for (attempt = 0; attempt < 16; attempt++) {
        struct timespec t = {0, 0};

        clock_gettime(CLOCK_REALTIME, &t);
        sas_buffer_clear(name);
        sas_buffer_text(name, path);
        sas_buffer_format(name, ".%ld.%ld.%d.tmp", (long)getpid(), t.tv_nsec, attempt);
        if (name->failed) {
            errno = ENOMEM;
            return -1;
        }
        fd = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
                  mode == SAS_MODE_UMASK ? 0666 : 0600);
        if (fd != -1 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Each of these answers 0 or errno. */

static int write_all(int fd, struct sas_view text)
{
    while (text.length) {
        ssize_t n = write(fd, text.data, text.length);

        if (n == -1 && errno != EINTR)
            return errno;
        if (n > 0) {
            text.data += n;
            text.length -= (size_t)n;
        }
    }
    return 0;
}

static int fill(int fd, struct sas_view text, unsigned mode)
{
    int number = 0;

    if (mode != SAS_MODE_UMASK && fchmod(fd, (mode_t)mode) == -1)
        number = errno;
    if (!number)
        number = write_all(fd, text);
    if (!number && fsync(fd) == -1)
        number = errno;
    if (close(fd) == -1 && !number)
        number = errno;
    return number;
}

/* The new name is safe only when the folder is. */
static int sync_folder(const char *path)
{
    struct sas_buffer folder = {0};
    const char *slash = strrchr(path, '/');
    int fd, number = 0;

    if (!slash)
        sas_buffer_char(&folder, '.');
    else
        sas_buffer_add(&folder, path, slash == path ? 1 : (size_t)(slash - path));
    if (folder.failed)
        return ENOMEM;
    fd = open(folder.data, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd == -1)
        number = errno;
    else if (fsync(fd) == -1 && errno != EINVAL) /* some file systems cannot */
        number = errno;
    if (fd != -1)
        close(fd);
    sas_buffer_release(&folder);
    return number;
}

/* Root may rename over a device, or over a link such as /dev/stdout, which the whole
 * system would miss. With the umask's mode the user names the file: a link is then not
 * replaced, and not followed, since it may be another's. A file that is there keeps its
 * mode where that is the user's. */
static bool check_place(const char *path, unsigned *mode, struct sas_error *e)
{
    struct stat there;
    bool named = *mode == SAS_MODE_UMASK;

    if (lstat(path, &there) == -1)
        return true;
    if (S_ISLNK(there.st_mode))
        return !named || fail(e, "NOT_REGULAR", path, "is a link",
                              "name the file that it leads to");
    if (!S_ISREG(there.st_mode))
        return fail_errno(e, S_ISDIR(there.st_mode) ? EISDIR : EINVAL, path, "write it");
    if (named)
        *mode = there.st_mode & 0777;
    return true;
}

bool sas_write_file(const char *path, struct sas_view text, unsigned mode,
                    struct sas_error *e)
{
    struct sas_buffer name = {0};
    int fd, number;

    if (!check_place(path, &mode, e))
        return false;
    fd = open_beside(path, mode, &name);
    number = fd == -1 ? errno : fill(fd, text, mode);
    if (!number && rename(name.data, path) == -1)
        number = errno;
    if (number && fd != -1)
        unlink(name.data);
    sas_buffer_release(&name);
    if (!number)
        number = sync_folder(path);
    if (number == ENOMEM)
        e->no_memory = true;
    return number == 0 || fail_errno(e, number, path, "write it");
}

/* Folders --------------------------------------------------------------------------- */

#define LINKS_MAX 40 /* as Linux has it */
#define PATH_MOST 4096

/* A path that is looked at from the root on, since who can change a folder can exchange
 * what is in it. What has been looked at can be changed by nobody any more. */
struct walk {
    struct sas_buffer at;   /* looked at, without links */
    struct sas_buffer rest; /* to come, from `next` on */
    size_t next;
    int links;
    bool shared; /* everybody can make files in `at`, and remove their own */
    uid_t top;   /* who owns "/": in a container neither root nor this user */
};

static bool fail_owner(struct sas_error *e, const char *path)
{
    return fail(e, "NOT_PRIVATE", path, "belongs to another user",
                "name a folder of your own, or chown this one");
}

/* A user's own group has the number of the user: then the umask is 002 by default. */
static bool is_own_group(const struct stat *st)
{
    return st->st_uid == geteuid() && st->st_uid != 0 && st->st_gid == st->st_uid;
}

/* Whether nobody else can exchange what is in the folder `w->at`; `path` is the whole,
 * for messages. */
static bool check_above(struct walk *w, const char *path, struct sas_error *e)
{
    const char *at = sas_buffer_cstr(&w->at);
    struct stat st;

    if (lstat(at, &st) == -1)
        return fail_errno(e, errno, path, "look at it");
    if (!S_ISDIR(st.st_mode))
        return fail_errno(e, ENOTDIR, path, "look at it");
    if (w->at.length == 1)
        w->top = st.st_uid;
    w->shared = false;
    if (!is_ours(&st) && st.st_uid != w->top)
        return fail_owner(e, at);
    if (!(st.st_mode & S_IWOTH) && (!(st.st_mode & S_IWGRP) || is_own_group(&st)))
        return true;
    w->shared = (st.st_mode & S_ISVTX) != 0;
    return w->shared || advise_chmod(e, "go-w", at, "can be changed by other users");
}

static void cut(struct sas_buffer *path, size_t length)
{
    path->length = length;
    path->data[length] = '\0';
}

/* Puts what the link `w->at` says before the rest. Answers 0 or errno. */
static int follow(struct walk *w, size_t parent)
{
    struct sas_buffer rest = {0};
    char target[PATH_MOST];
    ssize_t n = readlink(w->at.data, target, sizeof target);

    if (n == -1)
        return errno;
    if (n == (ssize_t)sizeof target)
        return ENAMETOOLONG;
    if (++w->links > LINKS_MAX)
        return ELOOP;
    cut(&w->at, n > 0 && target[0] == '/' ? 1 : parent);
    sas_buffer_add(&rest, target, (size_t)n);
    sas_buffer_char(&rest, '/');
    sas_buffer_text(&rest, sas_buffer_cstr(&w->rest) + w->next);
    sas_buffer_release(&w->rest);
    w->rest = rest;
    w->next = 0;
    return 0;
}

/* "/a/b" to "/a", and "/a" to "/". */
static void step_back(struct walk *w)
{
    size_t length = w->at.length;

    while (length > 1 && w->at.data[length - 1] != '/')
        length--;
    cut(&w->at, length > 1 ? length - 1 : 1);
}

/* Goes to `part`. */
static bool step(struct walk *w, const char *path, struct sas_view part,
                 struct sas_error *e)
{
    size_t parent = w->at.length;
    struct stat st;
    int number;

    if (parent > 1)
        sas_buffer_char(&w->at, '/');
    sas_buffer_view(&w->at, part);
    if (w->at.failed)
        return true;
    if (lstat(w->at.data, &st) == -1)
        return fail_errno(e, errno, path, "look at it");
    if (w->shared && !is_ours(&st))
        return fail_owner(e, w->at.data);
    number = S_ISLNK(st.st_mode) ? follow(w, parent) : 0;
    return number == 0 || fail_errno(e, number, path, "look at it");
}

/* The next part of the rest, or an empty one. */
static struct sas_view next_part(struct walk *w)
{
    const char *rest = sas_buffer_cstr(&w->rest) + w->next;
    size_t slashes = strspn(rest, "/");
    struct sas_view part;

    part.data = rest + slashes;
    part.length = strcspn(part.data, "/");
    w->next += slashes + part.length;
    return part;
}

/* A buffer without memory is empty, and would pass for the root. */
static bool has_memory(const struct walk *w, struct sas_error *e)
{
    e->no_memory = w->at.failed || w->rest.failed;
    return !e->no_memory;
}

static bool begin(struct walk *w, const char *path, struct sas_error *e)
{
    char current[PATH_MOST];

    if (*path != '/') {
        if (!getcwd(current, sizeof current))
            return fail_errno(e, errno, path, "look at it");
        sas_buffer_text(&w->rest, current);
        sas_buffer_char(&w->rest, '/');
    }
    sas_buffer_text(&w->rest, path);
    sas_buffer_char(&w->at, '/');
    return has_memory(w, e);
}

static bool walk(struct walk *w, const char *path, struct sas_error *e)
{
    struct sas_view part;

    if (!begin(w, path, e))
        return false;
    for (part = next_part(w); part.length; part = next_part(w)) {
        if (!check_above(w, path, e))
            return false;
        if (sas_view_is(part, ".."))
            step_back(w);
        else if (!sas_view_is(part, ".") && !step(w, path, part, e))
            return false;
        if (!has_memory(w, e))
            return false;
    }
    return true;
}

/* The last folder: nobody else makes files in it at all. */
static bool check_last(const char *at, const char *path, struct sas_error *e)
{
    struct stat st;

    if (lstat(at, &st) == -1)
        return fail_errno(e, errno, path, "look at it");
    if (!S_ISDIR(st.st_mode))
        return fail(e, "NOT_FOUND", path, "is no folder", NULL);
    if (!is_ours(&st))
        return fail_owner(e, path);
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return advise_chmod(e, "700", path, "can be changed by other users");
    return true;
}

bool sas_check_folder(const char *path, struct sas_error *e)
{
    struct walk w = {0};
    bool good = walk(&w, path, e) && check_last(sas_buffer_cstr(&w.at), path, e);

    sas_buffer_release(&w.at);
    sas_buffer_release(&w.rest);
    return good;
}

bool sas_make_folder(const char *path, struct sas_error *e)
{
    struct stat there;
    int number = mkdir(path, 0700) == 0 ? 0 : errno;

    if (number == EEXIST && stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return true;
    return number == 0 || fail_errno(e, number, path, "make this folder");
}

/* Locks ----------------------------------------------------------------------------- */

#define NOT_REGULAR (-1) /* no errno */

/* Whether `path` still names the file that was locked: it may have been removed. */
static bool is_there(int fd, const char *path)
{
    struct stat ours, theirs;

    return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static bool is_regular(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* One attempt. Answers 0, EWOULDBLOCK, another errno, or NOT_REGULAR. */
static int try_lock(struct sas_lock *lock, const char *path)
{
    /* flock belongs to the open file, so a second lock by this process is refused too. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                  0600);
    int number = 0;

    if (fd == -1)
        return errno;
    if (!is_regular(fd))
        number = NOT_REGULAR;
    else if (flock(fd, LOCK_EX | LOCK_NB) == -1)
        number = errno == EINTR ? EWOULDBLOCK : errno;
    else if (!is_there(fd, path))
        number = EWOULDBLOCK;
    if (number) {
        close(fd);
        return number;
    }
    lock->held = true;
    lock->fd = fd;
    lock->pid = (long)getpid();
    return 0;
}

bool sas_lock_take(struct sas_lock *lock, const char *path, double timeout,
                   struct sas_error *e)
{
    double end = sas_system_monotonic() + timeout;

    for (;;) {
        int number = try_lock(lock, path);
        double left = end - sas_system_monotonic();

        if (!number)
            return true;
        if (number == NOT_REGULAR)
            return fail(e, "NOT_REGULAR", path, "is not a regular file", NULL);
        if (number != EWOULDBLOCK)
            return fail_errno(e, number, path, "lock it");
        if (left <= 0)
            return fail(e, "LOCKED", path, "is busy: another holds the lock", NULL);
        sas_system_sleep(left < 0.05 ? left : 0.05);
    }
}

void sas_lock_release(struct sas_lock *lock)
{
    if (!lock->held)
        return;
    lock->held = false;
    if (lock->pid == (long)getpid()) /* also from children that inherited it */
        (void)flock(lock->fd, LOCK_UN);
    close(lock->fd);
}
