/* pipeload: a child writes a seeded stream into a pipe, in pieces of all sizes; its parent
 * reads it, in other pieces, and checks every byte.
 *
 *     pipeload [-s SEED] [-n PIECES] [-b BYTES]
 *
 * BYTES is the size of the largest piece. With -w it is the child.
 */
#include "programs.h"

#include <errno.h>
#include <stdio.h>

struct pipeload {
    uint64_t seed, pieces, bytes;
    struct load sizes; /* of the pieces: the child's and the parent's differ */
    struct load stream;
    uint64_t word; /* of the stream, and how many bytes of it are left */
    int left;
};

static void
pipeload_start (struct pipeload *run, uint64_t sizes_seed)
{
    lib_load_init (&run->sizes, "pipeload", sizes_seed);
    lib_load_init (&run->stream, "pipeload", run->seed);
    run->left = 0;
}

static unsigned char
pipeload_byte (struct pipeload *run)
{
    if (run->left == 0) {
        run->word = lib_load_next (&run->stream);
        run->left = 8;
        lib_load_add (&run->stream, run->word);
    }
    return (unsigned char)(run->word >> (8 * --run->left));
}

/* How long the child's next piece is. The parent asks as well, to know how much will come.
 */
static size_t
pipeload_size (struct pipeload *run)
{
    return 1 + lib_load_below (&run->sizes, (uint32_t)run->bytes);
}

static int
pipeload_write (struct pipeload *run)
{
    unsigned char *buffer = lib_alloc (run->bytes);

    pipeload_start (run, run->seed + 1);
    for (uint64_t i = 0; i < run->pieces; i++) {
        size_t size = pipeload_size (run);
        for (size_t b = 0; b < size; b++)
            buffer[b] = pipeload_byte (run);
        long failed = lib_write (1, buffer, size);
        if (failed < 0) {
            lib_error_number ("pipeload", "write", failed);
            return 1;
        }
    }
    return 0;
}

static long
pipeload_spawn (struct pipeload *run, int fds[2])
{
    char seed[24], pieces[24], bytes[24];
    char *arguments[]
        = { (char *)"pipeload", (char *)"-w", (char *)"-s", seed, (char *)"-n", pieces,
            (char *)"-b",       bytes,        NULL };
    struct actions actions;

    snprintf (seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    snprintf (pieces, sizeof pieces, "%llu", (unsigned long long)run->pieces);
    snprintf (bytes, sizeof bytes, "%llu", (unsigned long long)run->bytes);
    lib_actions_init (&actions);
    lib_actions_dup (&actions, fds[1], 1);
    lib_actions_close (&actions, fds[0]);
    lib_actions_close (&actions, fds[1]);
    return lib_spawn (NULL, arguments, program_environment (), &actions, 0);
}

/* Reads to the end. 0, or 1 and said so. */
static int
pipeload_read (struct pipeload *run, int fd, uint64_t wanted)
{
    unsigned char *buffer = lib_alloc (run->bytes);
    struct load pieces;
    uint64_t total = 0;

    lib_load_init (&pieces, "pipeload", run->seed + 2);
    for (;;) {
        size_t size = 1 + lib_load_below (&pieces, (uint32_t)run->bytes);
        long got = posix_read (fd, buffer, size);
        if (got == -EINTR)
            continue;
        if (got < 0) {
            lib_error_number ("pipeload", "read", got);
            return 1;
        }
        if (got == 0)
            break;
        for (long b = 0; b < got; b++) {
            unsigned char byte = pipeload_byte (run);
            if (buffer[b] != byte) {
                lib_error ("pipeload", "seed %llu: byte %llu is %02x, not %02x",
                           (unsigned long long)run->seed,
                           (unsigned long long)(total + (uint64_t)b), buffer[b], byte);
                return 1;
            }
        }
        total += (uint64_t)got;
    }
    if (total != wanted) {
        lib_error ("pipeload", "seed %llu: %llu bytes came, not %llu",
                   (unsigned long long)run->seed, (unsigned long long)total,
                   (unsigned long long)wanted);
        return 1;
    }
    return 0;
}

static int
pipeload_run (struct pipeload *run)
{
    uint64_t wanted = 0;
    int fds[2], status = 0;
    long failed = posix_pipe (fds, 0);
    long child = failed < 0 ? failed : pipeload_spawn (run, fds);

    if (child < 0) {
        lib_error_number ("pipeload", failed < 0 ? "pipe" : "spawn", child);
        return 1;
    }
    posix_close (fds[1]);
    pipeload_start (run, run->seed + 1);
    for (uint64_t i = 0; i < run->pieces; i++)
        wanted += pipeload_size (run);
    int result = pipeload_read (run, fds[0], wanted);
    posix_close (fds[0]);
    failed = posix_wait ((int)child, &status, 0);
    if (result == 0 && (failed < 0 || status != 0)) {
        lib_error ("pipeload", "the writer ended with status %d",
                   lib_wait_status ((uint32_t)status));
        return 1;
    }
    if (result == 0)
        lib_print (1, "pipeload: seed %llu: %llu pieces, %llu bytes, checksum %016llx\n",
                   (unsigned long long)run->seed, (unsigned long long)run->pieces,
                   (unsigned long long)wanted, (unsigned long long)run->stream.sum);
    return result;
}

int
program_pipeload (int argc, char **argv)
{
    struct pipeload run = { .seed = 1, .pieces = 1000, .bytes = 4096 };
    struct options options;
    bool writer = false;
    int letter;

    lib_options_init (&options, "pipeload", "ws:n:b:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        uint64_t *value = letter == 's'   ? &run.seed
                          : letter == 'n' ? &run.pieces
                                          : &run.bytes;
        if (letter == 'w')
            writer = true;
        else if (letter == '?'
                 || !lib_load_option ("pipeload", options.value,
                                      letter == 'b' ? 1u << 20 : 1ull << 62, value))
            return 2;
    }
    if (!lib_operands_between (&options, 0, 0) || run.bytes == 0)
        return 2;
    return writer ? pipeload_write (&run) : pipeload_run (&run);
}
