/* touch: makes files, or gives them the present time. */
#include "programs.h"

#include <errno.h>
#include <fcntl.h>

int
program_touch (int argc, char **argv)
{
    struct options options;
    bool create = true, access = false, modified = false;
    int64_t now = POSIX_NOW;
    uint64_t given;
    int letter, status = 0;

    lib_options_init (&options, "touch", "cmad:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 'c':
            create = false;
            break;
        case 'a':
            access = true;
            break;
        case 'm':
            modified = true;
            break;
        case 'd':
            if (*options.value != '@' || !lib_size (options.value + 1, &given)) {
                lib_error ("touch", "invalid date '%s'; only @SECONDS is supported",
                           options.value);
                return 1;
            }
            now = file_time ((int64_t)given, 0);
            break;
        default:
            return 1;
        }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    if (!access && !modified)
        access = modified = true;
    for (int i = 0; i < options.operands; i++) {
        const char *path = lib_operand (&options, i);
        struct file_attr attr;
        long failed = posix_stat (path, &attr);
        if (failed == -ENOENT) {
            if (!create)
                continue;
            failed = posix_open (path, O_WRONLY | O_CREAT, 0666);
            if (failed >= 0) {
                posix_close ((int)failed);
                failed = posix_stat (path, &attr);
            }
        }
        if (failed >= 0)
            failed = posix_utime (path, access ? now : attr.atime,
                                  modified ? now : attr.mtime);
        if (failed < 0) {
            lib_error ("touch", "cannot touch '%s': %s", path, lib_error_text (failed));
            status = 1;
        }
    }
    return status;
}
