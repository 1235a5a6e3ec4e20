/* chmod: changes permission bits. */
#include "programs.h"

static int
chmod_one (const char *path, const struct file_attr *attr, const char *text, uint32_t mask)
{
    uint32_t mode;

    if (!lib_mode (text, attr->mode, attr->type == FILE_TYPE_DIRECTORY, mask, &mode)) {
        lib_error ("chmod", "invalid mode: '%s'", text);
        return 1;
    }
    if (attr->type == FILE_TYPE_DIRECTORY && *text >= '0' && *text <= '7')
        mode |= attr->mode & 06000; /* an octal mode leaves those of a directory */
    long failed = posix_chmod (path, (int)mode);
    if (failed < 0)
        lib_error ("chmod", "changing permissions of '%s': %s", path,
                   lib_error_text (failed));
    return failed < 0;
}

static int
chmod_tree (const char *path, const char *text, uint32_t mask)
{
    struct walk walk;
    enum walk_event event;
    int status = 0;

    lib_walk_init (&walk, path);
    while ((event = lib_walk_next (&walk)) != WALK_END) {
        if (event == WALK_ERROR) {
            lib_error ("chmod", "cannot access '%s': %s", walk.path,
                       lib_error_text (walk.error));
            status = 1;
        } else if (event != WALK_LEAVE && walk.attr.type != FILE_TYPE_LINK)
            status |= chmod_one (walk.path, &walk.attr, text, mask);
    }
    lib_walk_free (&walk);
    return status;
}

int
program_chmod (int argc, char **argv)
{
    bool recursive = false;
    int at = 1, status = 0;
    struct file_attr attr;

    /* Not the common option parser: -w is a mode. */
    for (; at < argc && argv[at][0] == '-' && argv[at][1] == 'R' && argv[at][2] == '\0';
         at++)
        recursive = true;
    if (argc - at < 2) {
        lib_error ("chmod", "missing operand");
        return 1;
    }
    const char *text = argv[at++];
    uint32_t mask = (uint32_t)posix_umask (0);
    posix_umask ((int)mask);
    for (; at < argc; at++) {
        long failed = posix_stat (argv[at], &attr);
        if (failed < 0) {
            lib_error ("chmod", "cannot access '%s': %s", argv[at],
                       lib_error_text (failed));
            status = 1;
        } else if (recursive)
            status |= chmod_tree (argv[at], text, mask);
        else
            status |= chmod_one (argv[at], &attr, text, mask);
    }
    return status;
}
