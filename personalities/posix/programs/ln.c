/* ln: makes links, hard ones and symbolic ones. */
#include "programs.h"

#include <errno.h>

static int
ln_one (const char *from, const char *to, bool symbolic, bool force)
{
    struct file_attr attr;

    if (!symbolic && posix_lstat (from, &attr) >= 0 && attr.type == FILE_TYPE_DIRECTORY) {
        lib_error ("ln", "%s: hard link not allowed for directory", from);
        return 1;
    }
    long failed = symbolic ? posix_symlink (from, to) : posix_link (from, to);
    if (failed == -EEXIST && force) {
        struct file_attr old;
        bool same = !symbolic && posix_lstat (to, &old) >= 0 && old.node == attr.node
                    && old.filesystem == attr.filesystem;
        if (same) {
            lib_error ("ln", "'%s' and '%s' are the same file", from, to);
            return 1;
        }
        failed = posix_unlink (to);
        if (failed >= 0)
            failed = symbolic ? posix_symlink (from, to) : posix_link (from, to);
    }
    if (failed < 0)
        lib_error ("ln", "failed to create %s link '%s': %s",
                   symbolic ? "symbolic" : "hard", to, lib_error_text (failed));
    return failed < 0;
}

int
program_ln (int argc, char **argv)
{
    struct options options;
    bool symbolic = false, force = false, plain = false;
    int letter, status = 0;

    lib_options_init (&options, "ln", "sfn", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        symbolic = symbolic || letter == 's';
        force = force || letter == 'f';
        plain = plain || letter == 'n';
    }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    int count = options.operands > 1 ? options.operands - 1 : 1;
    const char *to = options.operands > 1 ? lib_operand (&options, count) : ".";
    if (count > 1 && !lib_is_directory (to)) {
        lib_error ("ln", "target '%s' is not a directory", to);
        return 1;
    }
    for (int i = 0; i < count; i++) {
        struct file_attr attr;
        bool is_link = plain && posix_lstat (to, &attr) >= 0 && attr.type == FILE_TYPE_LINK;
        char *target
            = is_link ? lib_copy (to) : lib_path_into (to, lib_operand (&options, i));
        status |= ln_one (lib_operand (&options, i), target, symbolic, force);
        program_free (target);
    }
    return status;
}
