/* mkdir: makes directories. */
#include "programs.h"

#include <errno.h>
#include <string.h>

/* Every directory on the way to `path` that is not there yet, and `path` itself. */
static long
mkdir_parents (char *path, int mode)
{
    size_t length = strlen (path);
    long failed = 0;

    while (length > 1 && path[length - 1] == '/')
        path[--length] = '\0';
    for (size_t at = 1; at <= length && failed >= 0; at++) {
        if (path[at] != '/' && path[at] != '\0')
            continue;
        char end = path[at];
        path[at] = '\0';
        failed = posix_mkdir (path, end == '\0' ? mode : 0777);
        if (failed == -EEXIST && lib_is_directory (path))
            failed = 0;
        path[at] = end;
    }
    return failed;
}

int
program_mkdir (int argc, char **argv)
{
    struct options options;
    const char *mode_text = NULL;
    uint32_t mode = 0777;
    bool parents = false;
    int letter, status = 0;

    lib_options_init (&options, "mkdir", "pm:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'p')
            parents = true;
        else
            mode_text = options.value;
    }
    if (mode_text != NULL && !lib_mode (mode_text, 0777, true, 0, &mode)) {
        lib_error ("mkdir", "invalid mode '%s'", mode_text);
        return 1;
    }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    for (int i = 0; i < options.operands; i++) {
        char *path = lib_operand (&options, i);
        bool before = mode_text != NULL && parents && lib_is_directory (path);
        long failed = parents && *path != '\0' ? mkdir_parents (path, (int)mode)
                                               : posix_mkdir (path, (int)mode);
        if (failed >= 0 && mode_text != NULL && !before)
            failed = posix_chmod (path, (int)mode); /* -m is not subject to the umask */
        if (failed < 0) {
            lib_error ("mkdir", "cannot create directory '%s': %s", path,
                       lib_error_text (failed));
            status = 1;
        }
    }
    return status;
}
