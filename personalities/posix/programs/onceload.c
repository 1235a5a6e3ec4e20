/* onceload: does things that must happen exactly once, and counts whether they did.
 *
 *     onceload [-s SEED] [-n ROUNDS] DIRECTORY...
 *
 * Whatever may be refused for want of something, or because a server is gone, may be refused
 * here: it is counted, and what had been acknowledged before must still be there. After a
 * refusal, one look tells whether the operation was done all the same; it must not be done
 * twice, nor by half. The exit status is 0 if nothing was refused, 3 if something was, and 1 if
 * anything was wrong. Every tenth round says so on standard output, once; the end tells what was
 * refused with which error.
 *
 * The directories are made if they are not there.
 *
 * With -x STATUS it is a child that ends at once.
 */
#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define ONCELOAD_DIRECTORIES 4

static const int onceload_errors[]
    = { EIO, ENOMEM, ENFILE, ENOSPC, ESTALE, EBADF, EAGAIN, EROFS };

#define ONCELOAD_ERRORS (sizeof onceload_errors / sizeof *onceload_errors)

/* What ought to be in a directory. */
struct place {
    const char *path;
    uint64_t records; /* of 8 bytes in the file `tally` */
    uint32_t name;    /* number of the file that is there beside it; 0: none */
    uint32_t names;   /* ever given */
    bool unknown;     /* after a refusal nobody could say what is there */
};

struct onceload {
    struct load load;
    uint64_t seed, rounds;
    uint32_t refused;
    uint32_t refusals[ONCELOAD_ERRORS]; /* with each of these errors */
    bool wrong;
    uint64_t clock;
    int count;
    struct place places[ONCELOAD_DIRECTORIES];
    char path[128], other[128];
};

/* ---- what an answer means ---- */

static void
onceload_wrong (struct onceload *run, const char *what, const char *where, long result)
{
    if (!run->wrong)
        lib_error ("onceload", "seed %llu: %s %s: %ld (%s)", (unsigned long long)run->seed, what,
                   where, result, result < 0 ? lib_error_text (result) : "done");
    run->wrong = true;
}

/* Counts it, if it is something that a component may say when it lacks what it needs, or is not
 * there. */
static bool
onceload_may_refuse (struct onceload *run, long result)
{
    for (size_t i = 0; i < ONCELOAD_ERRORS; i++)
        if (onceload_errors[i] == -result) {
            run->refusals[i]++;
            return true;
        }
    return false;
}

/* True: it was done. Else it was refused, as it may be. */
static bool
onceload_done (struct onceload *run, const char *what, const char *where, long result)
{
    if (result >= 0)
        return true;
    if (!onceload_may_refuse (run, result))
        onceload_wrong (run, what, where, result);
    run->refused++;
    return false;
}

/* ---- a file that only grows ---- */

static uint64_t
onceload_record (const struct onceload *run, const struct place *place, uint64_t number)
{
    return (run->seed * 31 + (uint64_t)(place - run->places)) * 0x9e3779b97f4a7c15u + number;
}

static void
onceload_tally_path (struct onceload *run, const struct place *place)
{
    snprintf (run->path, sizeof run->path, "%s/tally", place->path);
}

/* After a refusal: was it done? Anything but once or not at all is wrong. */
static void
onceload_tally_look (struct onceload *run, struct place *place)
{
    struct file_attr attr;
    long result = posix_stat (run->path, &attr);

    if (result == -ENOENT && place->records == 0)
        return;
    if (result < 0) {
        place->unknown = true;
        onceload_done (run, "stat", run->path, result);
    } else if (attr.size == (place->records + 1) * 8) {
        place->records++;
    } else if (attr.size != place->records * 8) {
        onceload_wrong (run, "size of", run->path, (long)attr.size);
    }
}

static void
onceload_append (struct onceload *run, struct place *place)
{
    uint64_t record = onceload_record (run, place, place->records);
    long fd, result;

    onceload_tally_path (run, place);
    fd = posix_open (run->path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (!onceload_done (run, "open", run->path, fd)) {
        onceload_tally_look (run, place);
        return;
    }
    result = posix_write ((int)fd, &record, sizeof record);
    if (result == sizeof record)
        place->records++;
    else if (onceload_done (run, "append to", run->path, result))
        onceload_wrong (run, "append to", run->path, result);
    else
        onceload_tally_look (run, place);
    onceload_done (run, "close", run->path, posix_close ((int)fd));
    lib_load_add (&run->load, place->records);
}

static void
onceload_reread (struct onceload *run, struct place *place)
{
    uint64_t record = 0;
    uint32_t number;
    long fd, result;

    if (place->records == 0)
        return;
    number = lib_load_below (&run->load, (uint32_t)place->records);
    onceload_tally_path (run, place);
    fd = posix_open (run->path, O_RDONLY, 0);
    if (!onceload_done (run, "open", run->path, fd))
        return;
    result = posix_pread ((int)fd, &record, sizeof record, (int64_t)number * 8);
    if (onceload_done (run, "read", run->path, result)
        && (result != sizeof record || record != onceload_record (run, place, number)))
        onceload_wrong (run, "record in", run->path, number);
    onceload_done (run, "close", run->path, posix_close ((int)fd));
}

/* All that was acknowledged is there, in order, once. */
static void
onceload_verify (struct onceload *run, struct place *place)
{
    uint64_t records[64];
    uint64_t seen = 0;
    long fd, got = 0;

    if (place->unknown || place->records == 0)
        return;
    onceload_tally_path (run, place);
    fd = posix_open (run->path, O_RDONLY, 0);
    if (!onceload_done (run, "open", run->path, fd))
        return;
    while ((got = posix_read ((int)fd, records, sizeof records)) > 0)
        for (long i = 0; i < got / 8; i++, seen++)
            if (records[i] != onceload_record (run, place, seen))
                onceload_wrong (run, "record in", run->path, (long)seen);
    if (onceload_done (run, "read", run->path, got) && seen != place->records)
        onceload_wrong (run, "records in", run->path, (long)seen);
    posix_close ((int)fd);
}

/* ---- names, which come and go once ---- */

static void
onceload_name (char *path, const struct place *place, uint32_t number)
{
    snprintf (path, 128, "%s/n%u", place->path, (unsigned)number);
}

/* Is there a file of that name? After a refusal, which is why that may be refused as well. */
static bool
onceload_exists (struct onceload *run, struct place *place, const char *path)
{
    struct file_attr attr;
    long result = posix_lstat (path, &attr);

    if (result < 0 && result != -ENOENT) {
        place->unknown = true;
        onceload_done (run, "lstat", path, result);
    }
    return result >= 0;
}

static void
onceload_make (struct onceload *run, struct place *place)
{
    long fd;

    onceload_name (run->path, place, ++place->names);
    fd = posix_open (run->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (onceload_done (run, "create", run->path, fd)) {
        posix_close ((int)fd);
        place->name = place->names;
    } else if (onceload_exists (run, place, run->path)) {
        place->name = place->names;
    }
}

static void
onceload_rename (struct onceload *run, struct place *place)
{
    long result;

    onceload_name (run->path, place, place->name);
    onceload_name (run->other, place, ++place->names);
    result = posix_rename (run->path, run->other);
    if (onceload_done (run, "rename", run->path, result)
        || onceload_exists (run, place, run->other))
        place->name = place->names;
}

static void
onceload_unlink (struct onceload *run, struct place *place)
{
    onceload_name (run->path, place, place->name);
    if (onceload_done (run, "unlink", run->path, posix_unlink (run->path))
        || !onceload_exists (run, place, run->path))
        place->name = 0;
}

static void
onceload_names (struct onceload *run, struct place *place)
{
    if (place->name == 0)
        onceload_make (run, place);
    else if (lib_load_below (&run->load, 3) == 0)
        onceload_unlink (run, place);
    else
        onceload_rename (run, place);
    lib_load_add (&run->load, place->name);
}

/* ---- other servers ---- */

static void
onceload_pipe (struct onceload *run)
{
    uint64_t sent = lib_load_next (&run->load), got = 0;
    int fds[2];
    long result;

    if (!onceload_done (run, "pipe", "", posix_pipe (fds, 0)))
        return;
    result = posix_write (fds[1], &sent, sizeof sent);
    if (onceload_done (run, "write", "pipe", result)) {
        result = posix_read (fds[0], &got, sizeof got);
        if (onceload_done (run, "read", "pipe", result)
            && (result != sizeof got || got != sent))
            onceload_wrong (run, "read", "pipe", result);
    }
    posix_close (fds[0]);
    posix_close (fds[1]);
}

static void
onceload_child (struct onceload *run)
{
    int wanted = (int)lib_load_below (&run->load, 100), status = 0;
    char number[16];
    char *arguments[] = { (char *)"onceload", (char *)"-x", number, NULL };
    long child, waited;

    snprintf (number, sizeof number, "%d", wanted);
    child = lib_spawn (NULL, arguments, program_environment (), NULL, 0);
    if (!onceload_done (run, "spawn", "", child))
        return;
    waited = posix_wait ((int)child, &status, 0);
    if (onceload_done (run, "wait", "", waited)
        && (waited != child || lib_wait_status ((uint32_t)status) != wanted))
        onceload_wrong (run, "wait", "", status);
}

static void
onceload_devices (struct onceload *run)
{
    uint64_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    long fd = posix_open ("/dev/zero", O_RDWR, 0), result;

    if (!onceload_done (run, "open", "/dev/zero", fd))
        return;
    result = posix_read ((int)fd, bytes, sizeof bytes);
    if (onceload_done (run, "read", "/dev/zero", result)
        && (result != sizeof bytes || (bytes[0] | bytes[7]) != 0))
        onceload_wrong (run, "read", "/dev/zero", result);
    posix_close ((int)fd);
}

static void
onceload_tell (struct onceload *run)
{
    char text[256];
    uint64_t cursor = 0;
    long fd         = posix_open ("/proc/mounts", O_RDONLY, 0);

    if (onceload_done (run, "open", "/proc/mounts", fd)) {
        onceload_done (run, "read", "/proc/mounts", posix_read ((int)fd, text, sizeof text));
        posix_close ((int)fd);
    }
    onceload_done (run, "dmesg", "", posix_dmesg (&cursor, text, sizeof text));
}

static void
onceload_clock (struct onceload *run)
{
    uint64_t uptime, now;

    onceload_done (run, "sleep", "", posix_nanosleep (20000));
    if (!onceload_done (run, "clock", "", posix_clock (&uptime, &now)))
        return;
    if (uptime < run->clock)
        onceload_wrong (run, "clock", "ran backwards", (long)(run->clock - uptime));
    run->clock = uptime;
}

/* ---- all together ---- */

static void
onceload_place (struct onceload *run, struct place *place)
{
    long result = posix_mkdir (place->path, 0755);

    for (int tries = 0; tries < 3 && result < 0 && result != -EEXIST; tries++) {
        onceload_done (run, "mkdir", place->path, result);
        result = posix_mkdir (place->path, 0755);
    }
    place->unknown = result < 0 && result != -EEXIST;
}


static void
onceload_round (struct onceload *run, struct place *place)
{
    uint32_t choice = lib_load_below (&run->load, 12);

    if (choice < 6 && place->unknown)
        return;
    switch (choice) {
    case 0:
    case 1:
        onceload_append (run, place);
        break;
    case 2:
        onceload_reread (run, place);
        break;
    case 3:
    case 4:
        onceload_names (run, place);
        break;
    case 5:
        if (lib_load_below (&run->load, 4) == 0)
            onceload_done (run, "sync", "", posix_sync ());
        break;
    case 6:
    case 7:
        onceload_pipe (run);
        break;
    case 8:
        onceload_child (run);
        break;
    case 9:
        onceload_devices (run);
        break;
    case 10:
        onceload_tell (run);
        break;
    default:
        onceload_clock (run);
    }
}

static void
onceload_refusals_tell (const struct onceload *run)
{
    for (size_t i = 0; i < ONCELOAD_ERRORS; i++)
        if (run->refusals[i] != 0)
            lib_print (1, "onceload: refused: %s: %u\n", lib_error_text (-onceload_errors[i]),
                       (unsigned)run->refusals[i]);
}

static int
onceload_run (struct onceload *run)
{
    for (uint64_t i = 1; i <= run->rounds && !run->wrong; i++) {
        char line[32];
        int bytes;

        onceload_round (run, &run->places[lib_load_below (&run->load, (uint32_t)run->count)]);
        if (i % 10 != 0)
            continue;
        bytes = snprintf (line, sizeof line, "round %llu\n", (unsigned long long)i);
        onceload_done (run, "write", "output", posix_write (1, line, (size_t)bytes));
    }
    for (int i = 0; i < run->count && !run->wrong; i++)
        onceload_verify (run, &run->places[i]);
    onceload_refusals_tell (run);
    lib_print (1, "onceload: seed %llu: %llu rounds, %u refused, checksum %016llx\n",
               (unsigned long long)run->seed, (unsigned long long)run->rounds,
               (unsigned)run->refused, (unsigned long long)run->load.sum);
    return run->wrong ? 1 : run->refused != 0 ? 3 : 0;
}

int
program_onceload (int argc, char **argv)
{
    struct onceload run = { .seed = 1, .rounds = 100 };
    struct options options;
    uint64_t status = 0;
    bool child      = false;
    int letter;

    lib_options_init (&options, "onceload", "s:n:x:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        child |= letter == 'x';
        if (letter == '?'
            || !lib_load_option ("onceload", options.value, 1ull << 62,
                                 letter == 's'   ? &run.seed
                                 : letter == 'n' ? &run.rounds
                                                 : &status))
            return 2;
    }
    if (child)
        return (int)status;
    if (!lib_operands_between (&options, 1, ONCELOAD_DIRECTORIES))
        return 2;
    lib_load_init (&run.load, "onceload", run.seed);
    for (run.count = 0; run.count < options.operands; run.count++) {
        run.places[run.count].path = lib_operand (&options, run.count);
        onceload_place (&run, &run.places[run.count]);
    }
    return onceload_run (&run);
}
