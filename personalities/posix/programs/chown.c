/* chown: gives files to a user and a group, named by number. */
#include "programs.h"

#include <string.h>

static bool
chown_id (const char *text, int64_t *id)
{
    if (strcmp (text, "root") == 0) {
        *id = 0;
        return true;
    }
    return lib_number (text, id) && *id >= 0 && *id <= INT32_MAX;
}

int
program_chown (int argc, char **argv)
{
    struct options options;
    int64_t uid = -1, gid = -1;
    int status = 0;

    lib_options_init (&options, "chown", "", argc, argv);
    if (lib_options_next (&options) != -1 || !lib_operands_between (&options, 2, argc))
        return 1;
    char *owner = lib_operand (&options, 0);
    char *group = strchr (owner, ':');
    if (group != NULL)
        *group++ = '\0';
    if (*owner != '\0' && !chown_id (owner, &uid)) {
        lib_error ("chown", "invalid user: '%s'", owner);
        return 1;
    }
    if (group != NULL && *group != '\0' && !chown_id (group, &gid)) {
        lib_error ("chown", "invalid group: '%s'", group);
        return 1;
    }
    for (int i = 1; i < options.operands; i++) {
        const char *path = lib_operand (&options, i);
        struct file_attr attr;
        long failed = posix_stat (path, &attr);
        if (failed >= 0)
            failed = posix_chown (path, uid >= 0 ? (int)uid : (int)attr.uid,
                                  gid >= 0 ? (int)gid : (int)attr.gid);
        if (failed < 0) {
            lib_error ("chown", "changing ownership of '%s': %s", path,
                       lib_error_text (failed));
            status = 1;
        }
    }
    return status;
}
