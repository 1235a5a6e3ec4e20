/* tee: copies its input to its output and to files. */
#include "programs.h"

#include <errno.h>
#include <fcntl.h>

#define TEE_BYTES 4096

int
program_tee (int argc, char **argv)
{
    struct options options;
    int flags = O_WRONLY | O_CREAT | O_TRUNC;
    int letter, status = 0;

    lib_options_init (&options, "tee", "a", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        flags = O_WRONLY | O_CREAT | O_APPEND;
    }
    int count = options.operands + 1;
    int *fds = lib_alloc ((size_t)count * sizeof *fds);
    fds[0] = 1;
    for (int i = 1; i < count; i++) {
        fds[i] = (int)posix_open (lib_operand (&options, i - 1), flags, 0666);
        if (fds[i] < 0) {
            lib_error_number ("tee", lib_operand (&options, i - 1), fds[i]);
            status = 1;
        }
    }
    char *buffer = lib_alloc (TEE_BYTES);
    long got;
    while ((got = posix_read (0, buffer, TEE_BYTES)) > 0 || got == -EINTR)
        for (int i = 0; i < count && got > 0; i++) {
            long failed = fds[i] >= 0 ? lib_write (fds[i], buffer, (size_t)got) : 0;
            if (failed < 0) {
                lib_error_number ("tee",
                                  i > 0 ? lib_operand (&options, i - 1) : "standard output",
                                  failed);
                fds[i] = -1;
                status = 1;
            }
        }
    if (got < 0) {
        lib_error ("tee", "read error: %s", lib_error_text (got));
        status = 1;
    }
    return status;
}
