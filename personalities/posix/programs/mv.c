/* mv: renames files, or copies and removes them where that crosses file systems. */
#include "programs.h"

#include <errno.h>

static int
mv_one (const char *from, const char *to)
{
    struct file_attr old, new;
    long failed = posix_lstat (from, &old);

    if (failed < 0) {
        lib_error ("mv", "cannot stat '%s': %s", from, lib_error_text (failed));
        return 1;
    }
    if (posix_lstat (to, &new) >= 0) {
        if (old.node == new.node && old.filesystem == new.filesystem) {
            lib_error ("mv", "'%s' and '%s' are the same file", from, to);
            return 1;
        }
        if (new.type == FILE_TYPE_DIRECTORY && old.type != FILE_TYPE_DIRECTORY) {
            lib_error ("mv", "cannot overwrite directory '%s' with non-directory", to);
            return 1;
        }
        if (new.type != FILE_TYPE_DIRECTORY && old.type == FILE_TYPE_DIRECTORY) {
            lib_error ("mv", "cannot overwrite non-directory '%s' with directory '%s'", to,
                       from);
            return 1;
        }
    }
    failed = posix_rename (from, to);
    if (failed == -EXDEV) {
        if (lib_tree_copy ("mv", from, to, COPY_TREES | COPY_ATTRIBUTES | COPY_FORCE) != 0)
            return 1;
        return lib_tree_remove ("mv", from);
    }
    if (failed == -EINVAL)
        lib_error ("mv", "cannot move '%s' to a subdirectory of itself, '%s'", from, to);
    else if (failed < 0)
        lib_error ("mv", "cannot move '%s' to '%s': %s", from, to, lib_error_text (failed));
    return failed < 0;
}

int
program_mv (int argc, char **argv)
{
    struct options options;
    int letter, status = 0;
    bool keep = false;

    lib_options_init (&options, "mv", "fn", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        keep = letter == 'n';
    }
    const char *to = lib_destination (&options);
    if (to == NULL)
        return 1;
    for (int i = 0; i < options.operands - 1; i++) {
        struct file_attr attr;
        char *target = lib_path_into (to, lib_operand (&options, i));
        if (!keep || posix_lstat (target, &attr) < 0)
            status |= mv_one (lib_operand (&options, i), target);
        program_free (target);
    }
    return status;
}
