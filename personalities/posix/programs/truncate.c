/* truncate: makes files as long as they are told to be. */
#include "programs.h"

#include <fcntl.h>

int
program_truncate (int argc, char **argv)
{
    struct options options;
    const char *size_text = NULL;
    bool create = true;
    uint64_t size = 0;
    int letter, status = 0;

    lib_options_init (&options, "truncate", "cs:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'c')
            create = false;
        else
            size_text = options.value;
    }
    if (size_text == NULL) {
        lib_error ("truncate", "you must specify '-s'");
        return 1;
    }
    bool grow = *size_text == '+', shrink = *size_text == '-';
    if (!lib_size (size_text + (grow || shrink), &size) || size > INT64_MAX) {
        lib_error ("truncate", "Invalid number: '%s'", size_text);
        return 1;
    }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    for (int i = 0; i < options.operands; i++) {
        const char *path = lib_operand (&options, i);
        struct file_attr attr;
        if (!create && posix_stat (path, &attr) < 0)
            continue;
        long fd = posix_open (path, O_WRONLY | O_CREAT, 0666);
        long failed = fd < 0 ? fd : posix_fstat ((int)fd, &attr);
        if (failed >= 0) {
            uint64_t wanted = size;
            if (grow)
                wanted = attr.size + size;
            else if (shrink)
                wanted = attr.size > size ? attr.size - size : 0;
            failed = posix_ftruncate ((int)fd, (int64_t)wanted);
        }
        if (fd >= 0)
            posix_close ((int)fd);
        if (failed < 0) {
            lib_error ("truncate", "failed to truncate '%s': %s", path,
                       lib_error_text (failed));
            status = 1;
        }
    }
    return status;
}
