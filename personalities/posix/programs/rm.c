/* rm: removes files, and directories with all that is in them. */
#include "programs.h"

#include <errno.h>
#include <string.h>

static int
rm_one (const char *path, bool recursive, bool force)
{
    struct file_attr attr;
    const char *base = lib_path_base (path);
    size_t length = strcspn (base, "/");

    if ((length == 1 && base[0] == '.') || (length == 2 && strncmp (base, "..", 2) == 0)) {
        lib_error ("rm", "refusing to remove '.' or '..' directory: skipping '%s'", path);
        return 1;
    }
    long failed = posix_lstat (path, &attr);
    if (failed < 0 && force && (failed == -ENOENT || failed == -ENOTDIR))
        return 0;
    if (failed >= 0 && attr.type == FILE_TYPE_DIRECTORY) {
        if (recursive && *base == '\0') { /* only slashes */
            lib_error ("rm", "it is dangerous to operate recursively on '/'");
            return 1;
        }
        if (recursive)
            return lib_tree_remove ("rm", path);
        failed = -EISDIR;
    } else if (failed >= 0)
        failed = posix_unlink (path);
    if (failed < 0)
        lib_error ("rm", "cannot remove '%s': %s", path, lib_error_text (failed));
    return failed < 0;
}

int
program_rm (int argc, char **argv)
{
    struct options options;
    bool recursive = false, force = false;
    int letter, status = 0;

    lib_options_init (&options, "rm", "rRf", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'f')
            force = true;
        else
            recursive = true;
    }
    if (!force && !lib_operands_between (&options, 1, argc))
        return 1;
    for (int i = 0; i < options.operands; i++)
        status |= rm_one (lib_operand (&options, i), recursive, force);
    return status;
}
