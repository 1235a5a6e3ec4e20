/* dd: copies in blocks of a given size, from and to given places. */
#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct dd_run {
    const char *in, *out;
    uint64_t block, count, skip, seek;
    bool has_count, keep, sync, pad, quiet;
};

struct dd_total {
    uint64_t whole_in, part_in, whole_out, part_out, bytes;
};

static bool
dd_conversions (struct dd_run *run, char *list)
{
    for (char *word = list; word != NULL;) {
        char *comma = strchr (word, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (strcmp (word, "notrunc") == 0)
            run->keep = true;
        else if (strcmp (word, "fsync") == 0 || strcmp (word, "fdatasync") == 0)
            run->sync = true;
        else if (strcmp (word, "sync") == 0)
            run->pad = true;
        else {
            lib_error ("dd", "invalid conversion: '%s'", word);
            return false;
        }
        word = comma;
    }
    return true;
}

static bool
dd_operand (struct dd_run *run, char *text)
{
    char *value = strchr (text, '=');

    if (value == NULL) {
        lib_error ("dd", "unrecognized operand '%s'", text);
        return false;
    }
    *value++ = '\0';
    uint64_t *number = NULL;
    if (strcmp (text, "if") == 0)
        run->in = value;
    else if (strcmp (text, "of") == 0)
        run->out = value;
    else if (strcmp (text, "conv") == 0)
        return dd_conversions (run, value);
    else if (strcmp (text, "status") == 0 && (strcmp (value, "none") == 0))
        run->quiet = true;
    else if (strcmp (text, "bs") == 0)
        number = &run->block;
    else if (strcmp (text, "count") == 0) {
        number = &run->count;
        run->has_count = true;
    } else if (strcmp (text, "skip") == 0)
        number = &run->skip;
    else if (strcmp (text, "seek") == 0)
        number = &run->seek;
    else {
        lib_error ("dd", "unrecognized operand '%s=%s'", text, value);
        return false;
    }
    if (number != NULL
        && (!lib_size (value, number) || (number == &run->block && *number == 0))) {
        lib_error ("dd", "invalid number: '%s'", value);
        return false;
    }
    return true;
}

static int
dd_open (struct dd_run *run, int fds[2])
{
    fds[0] = 0;
    fds[1] = 1;
    if (run->in != NULL && (fds[0] = (int)posix_open (run->in, O_RDONLY, 0)) < 0) {
        lib_error ("dd", "failed to open '%s': %s", run->in, lib_error_text (fds[0]));
        return 1;
    }
    int flags = O_WRONLY | O_CREAT | (run->keep || run->seek > 0 ? 0 : O_TRUNC);
    if (run->out != NULL && (fds[1] = (int)posix_open (run->out, flags, 0666)) < 0) {
        lib_error ("dd", "failed to open '%s': %s", run->out, lib_error_text (fds[1]));
        return 1;
    }
    int64_t to = (int64_t)(run->seek * run->block);
    long failed = 0;
    if (run->seek > 0) {
        if (!run->keep && run->out != NULL)
            posix_ftruncate (fds[1], to);
        failed = posix_lseek (fds[1], to, SEEK_FROM_START);
        if (failed < 0)
            lib_error ("dd", "'%s': cannot seek: %s",
                       run->out != NULL ? run->out : "standard output",
                       lib_error_text (failed));
    }
    return failed < 0;
}

/* What cannot be sought over is read over. */
static int
dd_skip (struct dd_run *run, int fd, char *buffer)
{
    if (run->skip == 0
        || posix_lseek (fd, (int64_t)(run->skip * run->block), SEEK_FROM_CURRENT) >= 0)
        return 0;
    for (uint64_t left = run->skip * run->block; left > 0;) {
        long got = posix_read (fd, buffer, left < run->block ? (size_t)left : run->block);
        if (got < 0) {
            lib_error ("dd", "error reading: %s", lib_error_text (got));
            return 1;
        }
        if (got == 0)
            break;
        left -= (uint64_t)got;
    }
    return 0;
}

static int
dd_copy (struct dd_run *run, const int fds[2], char *buffer, struct dd_total *total)
{
    while (!run->has_count || total->whole_in + total->part_in < run->count) {
        long got = posix_read (fds[0], buffer, run->block);
        if (got == -EINTR)
            continue;
        if (got < 0) {
            lib_error ("dd", "error reading '%s': %s",
                       run->in != NULL ? run->in : "standard input", lib_error_text (got));
            return 1;
        }
        if (got == 0)
            return 0;
        if ((uint64_t)got == run->block)
            total->whole_in++;
        else
            total->part_in++;
        if (run->pad && (uint64_t)got < run->block) {
            memset (buffer + got, 0, run->block - (size_t)got);
            got = (long)run->block;
        }
        for (long at = 0; at < got;) {
            long done = posix_write (fds[1], buffer + at, (size_t)(got - at));
            if (done == -EINTR)
                continue;
            if (done <= 0) {
                if (at > 0)
                    total->part_out++;
                lib_error ("dd", "error writing '%s': %s",
                           run->out != NULL ? run->out : "standard output",
                           lib_error_text (done));
                return 1;
            }
            at += done;
            total->bytes += (uint64_t)done;
        }
        if ((uint64_t)got == run->block)
            total->whole_out++;
        else
            total->part_out++;
    }
    return 0;
}

int
program_dd (int argc, char **argv)
{
    struct dd_run run = { .block = 512 };
    struct dd_total total = { 0 };
    int fds[2], status;
    long failed;

    for (int i = 1; i < argc; i++)
        if (!dd_operand (&run, argv[i]))
            return 1;
    if (dd_open (&run, fds) != 0)
        return 1;
    char *buffer = lib_alloc (run.block);
    status = dd_skip (&run, fds[0], buffer);
    if (status == 0)
        status = dd_copy (&run, fds, buffer, &total);
    if (status == 0 && run.sync && (failed = posix_fsync (fds[1])) < 0) {
        lib_error ("dd", "fsync failed: %s", lib_error_text (failed));
        status = 1;
    }
    if (!run.quiet)
        lib_print (2, "%llu+%llu records in\n%llu+%llu records out\n%llu bytes copied\n",
                   (unsigned long long)total.whole_in, (unsigned long long)total.part_in,
                   (unsigned long long)total.whole_out, (unsigned long long)total.part_out,
                   (unsigned long long)total.bytes);
    return status;
}
