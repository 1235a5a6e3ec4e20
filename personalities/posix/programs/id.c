/* id: who runs this. */
#include "programs.h"

static void
id_print (const char *what, long id, const char *end)
{
    if (id == 0)
        lib_print (1, "%s=0(root)%s", what, end);
    else
        lib_print (1, "%s=%ld%s", what, id, end);
}

int
program_id (int argc, char **argv)
{
    struct options options;
    int letter, which = 0;
    bool name = false;

    lib_options_init (&options, "id", "ugn", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'n')
            name = true;
        else
            which = letter;
    }
    long uid = posix_getuid (), gid = posix_getgid ();
    if (which == 0) {
        id_print ("uid", uid, " ");
        id_print ("gid", gid, " ");
        id_print ("groups", gid, "\n");
        return 0;
    }
    long id = which == 'u' ? uid : gid;
    if (name && id == 0)
        lib_print (1, "root\n");
    else
        lib_print (1, "%ld\n", id);
    return 0;
}
