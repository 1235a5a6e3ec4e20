/* programs: what tests want to run in a machine beside its own programs. */
#include <fcntl.h>

#include "extra.h"
#include "personalities/posix/lib/lib.h"

/* openload FILE COUNT: opens FILE for reading COUNT times, holds all of them at once, and says
 * how many that were and why it stopped. */
int
program_openload (int argc, char **argv)
{
    int64_t wanted = 0, opened = 0;
    long fd = 0;
    char byte;

    if (argc != 3 || !lib_number (argv[2], &wanted))
        return 2;
    while (opened < wanted && (fd = posix_open (argv[1], O_RDONLY, 0)) >= 0)
        opened++;
    lib_print (1, "%lld open\n", (long long)opened);
    if (fd < 0) {
        lib_error_number ("openload", argv[1], fd);
        return 1;
    }
    return fd > 0 && posix_pread ((int)fd, &byte, 1, 0) == 1 ? 0 : 1;
}

int
program_window (int argc, char **argv)
{
    struct tty_attr attr;
    long result = posix_tcgetattr (0, &attr);

    (void)argc, (void)argv;
    if (result < 0) {
        lib_error_number ("window", "standard input", result);
        return 1;
    }
    lib_print (1, "%u rows %u columns\n", attr.rows, attr.columns);
    return 0;
}
